/* look: see look.h. */
#include "cmd/look.h"
#include "base/engine_texts.h"
#include "base/fd.h"
#include "base/procfs.h"
#include "base/str.h"
#include "cmd/bundle.h"
#include "libocispec-lite/rows.h"
#include "stats/stats.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
OCI_SCHEMA_LOCAL(look_namespace,
	STR (look_namespace, type,      "type",       0),
	U64 (look_namespace, inode,     "inode",      0),
	BOOL(look_namespace, host,      "host",       0),
	STRS(look_namespace, shared,    "sharedWith", 0),
	U64 (look_namespace, owner,     "owner",      0),
	U64 (look_namespace, owner_uid, "ownerUid",   0),
	U64 (look_namespace, parent,    "parent",     0));

OCI_SCHEMA_LOCAL(look_map,
	U64(look_map, inside,  "containerID", 0),
	U64(look_map, outside, "hostID",      0),
	U64(look_map, count,   "size",        0));

OCI_SCHEMA_LOCAL(look_mount,
	STR(look_mount, target,      "destination", 0),
	STR(look_mount, type,        "type",        0),
	STR(look_mount, source,      "source",      0),
	STR(look_mount, root,        "root",        0),
	STR(look_mount, options,     "options",     0),
	STR(look_mount, propagation, "propagation", 0));

OCI_SCHEMA_LOCAL(look_caps,
	STRS(look_caps, bounding,    "bounding",    OCI_REQUIRED),
	STRS(look_caps, effective,   "effective",   OCI_REQUIRED),
	STRS(look_caps, permitted,   "permitted",   OCI_REQUIRED),
	STRS(look_caps, inheritable, "inheritable", OCI_REQUIRED),
	STRS(look_caps, ambient,     "ambient",     OCI_REQUIRED));

OCI_SCHEMA_LOCAL(look_seccomp,
	STR(look_seccomp, mode,    "mode",    0),
	U64(look_seccomp, filters, "filters", 0));

OCI_SCHEMA_LOCAL(look_limit,
	STR(look_limit, name,  "name",  0),
	STR(look_limit, unit,  "unit",  0),
	U64(look_limit, used,  "used",  0),
	U64(look_limit, limit, "limit", 0));

OCI_SCHEMA_LOCAL(look_rlimit,
	STR(look_rlimit, type, "type", 0),
	STR(look_rlimit, soft, "soft", 0),
	STR(look_rlimit, hard, "hard", 0),
	STR(look_rlimit, unit, "unit", 0));

OCI_SCHEMA_LOCAL(look_fd,
	U64(look_fd, fd,     "fd",     0),
	STR(look_fd, target, "target", 0));

OCI_SCHEMA_LOCAL(look_cgroup,
	STR(look_cgroup, controllers, "controllers", 0),
	STR(look_cgroup, path,        "path",        0));

OCI_SCHEMA_LOCAL(look_hook,
	STR (look_hook, kind, "kind", 0),
	STR (look_hook, path, "path", 0),
	STRS(look_hook, args, "args", 0));

OCI_SCHEMA(look,
	STR (look, id,          "id",              0),
	STR (look, status,      "status",          0),
	U64 (look, pid,         "pid",             0),
	STR (look, bundle,      "bundle",          0),
	STR (look, rootfs,      "rootfs",          0),
	STR (look, created,     "created",         0),
	STRS(look, command,     "command",         0),
	STR (look, user,        "user",            0),
	OBJS(look, namespaces,  "namespaces",      0, look_namespace),
	OBJS(look, uids,        "uidMappings",     0, look_map),
	OBJS(look, gids,        "gidMappings",     0, look_map),
	STR (look, root,        "root",            0),
	OBJS(look, mounts,      "mounts",          0, look_mount),
	OBJ (look, caps,        "capabilities",    0, look_caps),
	BOOL(look, nnp,         "noNewPrivileges", 0),
	OBJ (look, seccomp,     "seccomp",         0, look_seccomp),
	STR (look, label,       "label",           0),
	OBJS(look, cgroups,     "cgroups",         0, look_cgroup),
	OBJS(look, limits,      "limits",          0, look_limit),
	OBJS(look, rlimits,     "rlimits",         0, look_rlimit),
	OBJS(look, fds,         "descriptors",     0, look_fd),
	OBJS(look, hooks,       "hooks",           0, look_hook),
	MAP (look, annotations, "annotations",     0));
/* clang-format on */

static void add_limit(struct look *l, const char *name, const char *unit, uint64_t used,
                      uint64_t limit)
{
	l->limits.v[l->limits.n++] = (struct look_limit){ .name = str_word(name),
		                                          .unit = str_word(unit),
		                                          .used = { used, true },
		                                          .limit = { limit, limit != UINT64_MAX } };
}

static void read_limits(struct look *l, const struct record *r, struct arena *a)
{
	struct cgroup_ref refs[RECORD_CGROUPS];
	size_t n = found_cgroups(r, refs);
	struct stats s;
	struct oom oom;
	uint64_t quota, period;

	l->limits.v = NEW_N(a, struct look_limit, 4);
	if (stats_open(&s, refs, n, a) < 0)
		return;
	struct oci_stats *all = oci_blank(&oci_stats_schema, a);

	stats_cpu(&s, all->cpu);
	stats_memory(&s, all->memory);
	stats_pids(&s, all->pids);
	/* The limit of v1's file is a number when there is none. */
	if (oom_read(refs, n, &oom) == 0)
		add_limit(l, "memory", "bytes", all->memory->usage->usage.v, oom.limit);
	add_limit(l, "tasks", "", all->pids->current.v,
	          all->pids->limit.v ? all->pids->limit.v : UINT64_MAX);
	add_limit(l, "cpu time", "ns", all->cpu->usage->total.v, UINT64_MAX);
	if (stats_quota(&s, &quota, &period) && period)
		add_limit(l, "cpu quota", "per cent of a cpu, and periods in which it was used up",
		          all->cpu->throttling->throttled_periods.v, quota * 100 / period);
	stats_done(&s);
}

static void add_hooks(struct look *l, const char *kind, const struct oci_hook *v, size_t n,
                      struct arena *a)
{
	l->hooks.v = arena_grow(a, l->hooks.v, l->hooks.n * sizeof *l->hooks.v,
	                        (l->hooks.n + n + 1) * sizeof *l->hooks.v);
	for (size_t i = 0; i < n; i++) {
		struct look_hook *h = &l->hooks.v[l->hooks.n++];

		*h = (struct look_hook){ .kind = str_word(kind), .path = v[i].path };
		h->args.v = v[i].args.v;
		h->args.n = v[i].args.n;
	}
}

static void read_hooks(struct look *l, const struct oci_hooks *h, struct arena *a)
{
	if (!h)
		return;
	add_hooks(l, "prestart", h->prestart.v, h->prestart.n, a);
	add_hooks(l, "createRuntime", h->create_runtime.v, h->create_runtime.n, a);
	add_hooks(l, "createContainer", h->create_container.v, h->create_container.n, a);
	add_hooks(l, "startContainer", h->start_container.v, h->start_container.n, a);
	add_hooks(l, "poststart", h->poststart.v, h->poststart.n, a);
	add_hooks(l, "poststop", h->poststop.v, h->poststop.n, a);
}

int look_container(struct look *l, struct found *f, const struct look_peers *peers, struct arena *a,
                   struct err *e)
{
	const struct record *r = &f->record;
	enum status status = found_status(f);
	struct bundle b = { 0 };
	struct err unread = { 0 };
	char path[16];

	*l = (struct look){ .id = r->id,
		            .status = str_word(status_names[status]),
		            .bundle = r->bundle,
		            .rootfs = r->rootfs,
		            .created = r->created };
	l->annotations.v = r->annotations.v;
	l->annotations.n = r->annotations.n;
	if (status == STATUS_CREATING)
		return found_creating(r->id, e);
	/* What was asked for is told of a stopped one too. */
	if (bundle_saved(&b, f->dir, r->id, a, &unread) == 0)
		read_hooks(l, b.config->hooks, a);
	if (status == STATUS_STOPPED)
		return 0;
	l->pid = r->pid;
	snprintf(path, sizeof path, "%d", (int)r->pid.v);
	autofd dir = procfs_openat(f->proc, path, O_PATH | O_DIRECTORY);
	/* The directory is init's when init lives after it was opened; from then on it is nobody else's. */
	autofd pidfd = dir < 0 ? -1 : record_pidfd(r, f->proc);
	if (pidfd < 0) {
		err_set(e, ERR_STATE, TEXT_NOT_RUNNING ": %s", r->id);
		return err_hint(e, "run \"nsrun state %s\": it has ended a moment ago", r->id);
	}
	look_process(l, dir, a);
	look_namespaces(l, dir, r->id, peers, a);
	read_limits(l, r, a);
	return 0;
}

int look_host(struct look *l, int proc, const struct look_peers *peers, struct arena *a,
              struct err *e)
{
	autofd dir = procfs_openat(proc, "self", O_PATH | O_DIRECTORY);

	if (dir < 0)
		return err_sys(e, ERR_HOST, -dir, "open /proc/self");
	*l = (struct look){ 0 };
	look_process(l, dir, a);
	/* They are those of the moment, nsrun's own. */
	l->fds.v = NULL;
	l->fds.n = 0;
	look_namespaces(l, dir, NULL, peers, a);
	return 0;
}
