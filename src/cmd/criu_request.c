/* criu_request: flags, record and plan -> what criu is asked. Pure. */
#include "apply/criu_mounts.h"
#include "base/str.h"
#include "cmd/criu.h"
#include "libocispec-lite/ocispec.h"
#include <linux/sched.h>
#include <string.h>

/* Names for namespaces that are not the container's own: other runtimes call them so too. */
#define NET_KEY "extRootNetNS"
#define PID_KEY "extRootPidNS"

const char *const criu_mode_words[] = { "soft", "full", "strict", "ignore", NULL };
const char *const criu_empty_words[] = { "network", NULL };

int criu_server_parse(const char *text, struct criu_server *out, struct arena *a, struct err *e)
{
	const char *colon = strrchr(text, ':');
	uint64_t port = 0;

	if (!colon || colon == text || str_u64(colon + 1, UINT16_MAX, &port) < 0 || !port) {
		err_set(e, ERR_USAGE, "flag --page-server is \"%s\", expected ADDRESS:PORT", text);
		return err_hint(e, "write it as in \"--page-server 192.0.2.1:27\"");
	}
	out->address = arena_str(a, text, (size_t)(colon - text));
	out->port = (struct oci_u64){ port, true };
	return 0;
}

const char *criu_joined(const struct oci_config *c, const char *type)
{
	const struct oci_linux *l = c->linux_;

	for (size_t i = 0; l && i < l->namespaces.n; i++)
		if (STR_EQ(l->namespaces.v[i].type, type) && !str_empty(l->namespaces.v[i].path))
			return l->namespaces.v[i].path;
	return NULL;
}

static void set_flags(struct criu_request *q, const struct criu_flags *f)
{
	q->leave_running = (struct oci_bool){ f->leave_running, f->leave_running };
	q->ext_unix_sk = (struct oci_bool){ f->ext_unix_sk, f->ext_unix_sk };
	q->tcp_established = (struct oci_bool){ f->tcp_established, f->tcp_established };
	q->tcp_close = (struct oci_bool){ f->tcp_close, f->tcp_close };
	q->tcp_skip_in_flight = (struct oci_bool){ f->tcp_skip_in_flight, f->tcp_skip_in_flight };
	q->link_remap = (struct oci_bool){ f->link_remap, f->link_remap };
	q->shell_job = (struct oci_bool){ f->shell_job, f->shell_job };
	q->lazy_pages = (struct oci_bool){ f->lazy_pages, f->lazy_pages };
	q->file_locks = (struct oci_bool){ f->file_locks, f->file_locks };
	q->auto_dedup = (struct oci_bool){ f->auto_dedup, f->auto_dedup };
	q->parent = (char *)(uintptr_t)f->parent_path;
	q->network_lock = (char *)(uintptr_t)f->network_lock;
	q->lsm_profile = (char *)(uintptr_t)f->lsm_profile;
	q->lsm_mount_context = (char *)(uintptr_t)f->lsm_mount_context;
	q->cgroups_mode = (char *)(uintptr_t)(f->cgroups_mode ? f->cgroups_mode : "soft");
	if (f->empty_ns.n) /* "network" is the only word */
		q->empty_ns = (struct oci_u64){ CLONE_NEWNET, true };
}

/* A mount whose contents are the host's: criu knows it by its place when it dumps, and binds source when it restores. */
static void add_mount(struct criu_request *q, const struct criu_in *in, const char *place,
                      const char *source, struct arena *a)
{
	q->external.v[q->external.n++] = in->verb == CRIU_RESTORE
	                                         ? arena_fmt(a, "mnt[%s]:%s", place, source)
	                                         : arena_fmt(a, "mnt[%s]:%s", place, place);
}

static int add_mounts(struct criu_request *q, const struct criu_in *in, struct arena *a,
                      struct err *e)
{
	const struct step *s;

	if (in->plan->host_mounts) {
		err_set(e, ERR_CONFIG,
		        "criu cannot dump or restore a container in the host's mount namespace");
		return err_hint(
			e, "add {\"type\": \"mount\"} to linux.namespaces, and create it again");
	}
	for (uint32_t n = 0; (s = plan_at(in->plan, n, NULL)); n++) {
		if (criu_foreign(in->plan, s)) {
			const char *source = s->mount.instead ? s->mount.instead : s->mount.source;

			if (s->mount.how & MOUNT_IDMAP) {
				err_set(e, ERR_CONFIG,
				        "criu cannot restore the id-mapped mount on %s",
				        s->mount.target);
				return err_hint(e, "leave out its uidMappings and gidMappings");
			}
			add_mount(q, in, s->mount.target, source, a);
		} else if (s->kind == STEP_NODE && s->node.bind) {
			add_mount(q, in, s->node.path, s->node.path, a);
		} else if (s->kind == STEP_COVER && s->cover.how == COVER_MASK &&
		           (in->verb == CRIU_RESTORE || in->is_file(in->ctx, s->cover.path))) {
			/* A masked directory is a tmpfs, which criu dumps. */
			add_mount(q, in, s->cover.path, "/dev/null", a);
		}
	}
	return 0;
}

/* Where the controllers are, for criu: "name=systemd", "cpu,cpuacct", "" for v2. */
static void add_roots(struct criu_request *q, const struct criu_in *in, struct arena *a)
{
	const struct plan *p = in->plan;

	q->cgroup_roots.v = NEW_N(a, struct criu_root, p->n_cgroups);
	for (uint32_t i = 0; i < p->n_cgroups; i++)
		q->cgroup_roots.v[q->cgroup_roots.n++] = (struct criu_root){
			(char *)(uintptr_t)(p->cgroups[i].v2 ? "" : p->cgroups[i].controllers),
			(char *)(uintptr_t)p->cgroups[i].path
		};
}

/* What holds the processes still while they are dumped: better than stopping them one by one. */
static void set_freezer(struct criu_request *q, const struct criu_in *in, struct arena *a)
{
	const struct plan *p = in->plan;

	for (uint32_t i = 0; i < p->n_cgroups; i++) {
		const struct cgroup_dir *d = &p->cgroups[i];
		bool v1 = !d->v2 && str_listed(d->controllers, ',', "freezer");

		if (v1 || (d->v2 && p->host->cgroup_host == CGROUP_HOST_V2))
			q->freeze_cgroup = arena_fmt(a, "%s%s", d->mount, d->path);
	}
}

/* Namespaces by path: net and pid as descriptors, which any criu can; the others are joined by name. */
static void add_namespaces(struct criu_request *q, const struct criu_in *in, struct arena *a)
{
	static const struct {
		const char *type, *name;
	} joined[] = { { "ipc", "ipc" }, { "uts", "uts" }, { "time", "time" }, { "user", "user" } };
	bool restore = in->verb == CRIU_RESTORE;

	if (!restore && in->net_ns)
		q->external.v[q->external.n++] =
			arena_fmt(a, "net[%llu]:" NET_KEY, (unsigned long long)in->net_ns);
	if (!restore && in->pid_ns)
		q->external.v[q->external.n++] =
			arena_fmt(a, "pid[%llu]:" PID_KEY, (unsigned long long)in->pid_ns);
	if (!restore)
		return;
	if (in->net_ns_fd)
		q->inherit.v[q->inherit.n++] =
			(struct criu_fd){ (char *)NET_KEY, { in->net_ns_fd, true } };
	if (in->pid_ns_fd)
		q->inherit.v[q->inherit.n++] =
			(struct criu_fd){ (char *)PID_KEY, { in->pid_ns_fd, true } };
	q->join_ns.v = NEW_N(a, struct criu_join, sizeof joined / sizeof *joined);
	for (size_t i = 0; i < sizeof joined / sizeof *joined; i++) {
		const char *path = criu_joined(in->plan->config, joined[i].type);

		if (path)
			q->join_ns.v[q->join_ns.n++] =
				(struct criu_join){ (char *)(uintptr_t)joined[i].name,
				                    (char *)(uintptr_t)path };
	}
}

/* A pipe, or a file that is not in the container, of which the caller has another one by now. */
static void add_stdio(struct criu_request *q, const struct criu_in *in)
{
	for (size_t i = 0; i < in->n_stdio; i++) {
		char *name = in->stdio[i];

		if (in->verb == CRIU_RESTORE &&
		    (str_starts(name, "pipe:") || str_starts(name, "file[")))
			q->inherit.v[q->inherit.n++] =
				(struct criu_fd){ name, { in->stdio_fd + i, true } };
		else if (in->verb != CRIU_RESTORE && str_starts(name, "file["))
			q->external.v[q->external.n++] = name;
	}
}

static int set_verb(struct criu_request *q, const struct criu_in *in, struct arena *a,
                    struct err *e)
{
	const struct criu_flags *f = in->flags;
	const struct oci_process *process = in->plan->config->process;

	if (in->verb == CRIU_RESTORE) {
		add_roots(q, in, a);
		q->orphan_pts_master = (struct oci_bool){ process && process->terminal.v, true };
		return 0;
	}
	q->pid = in->record->pid;
	q->orphan_pts_master = (struct oci_bool){ true, true };
	set_freezer(q, in, a);
	if (f->parent_path || f->pre_dump)
		q->track_mem = (struct oci_bool){ true, true };
	if (f->page_server) {
		q->page_server = NEW(a, struct criu_server);
		return criu_server_parse(f->page_server, q->page_server, a, e);
	}
	return 0;
}

struct criu_request *criu_request_make(const struct criu_in *in, struct arena *a, struct err *e)
{
	struct criu_request *q = NEW(a, struct criu_request);

	q->criu = (char *)(uintptr_t)in->criu;
	q->verb = (char *)(uintptr_t)criu_verbs[in->verb];
	q->images = (struct oci_u64){ in->images, true };
	q->work = (struct oci_u64){ in->work, true };
	q->status_fd = (struct oci_u64){ in->status_fd, in->status_fd > 0 };
	q->root = in->record->rootfs;
	q->log_file = (char *)(uintptr_t)(in->verb == CRIU_RESTORE ? "restore.log" : "dump.log");
	q->config_file = (char *)(uintptr_t)in->config_file;
	set_flags(q, in->flags);
	q->external.v = NEW_N(a, char *, in->plan->n_steps + 2 + in->n_stdio);
	q->inherit.v = NEW_N(a, struct criu_fd, 2 + in->n_stdio);
	if (set_verb(q, in, a, e) < 0 || add_mounts(q, in, a, e) < 0)
		return NULL;
	add_namespaces(q, in, a);
	add_stdio(q, in);
	return q;
}
