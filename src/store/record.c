/* record: see record.h. */
#include "store/record.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include "base/sys.h"
#include "libocispec-lite/decode.h"
#include "libocispec-lite/encode.h"
#include "libocispec-lite/rows.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

const char *const status_names[] = { "creating", "created", "running", "paused", "stopped" };

/* clang-format off */
static const char *const managers[] = { "cgroupfs", "systemd", "disabled", NULL };

OCI_SCHEMA_LOCAL(record_cgroup,
	STR (record_cgroup, mount, "mount", OCI_REQUIRED),
	STR (record_cgroup, path,  "path",  OCI_REQUIRED),
	BOOL(record_cgroup, v2,    "v2",    OCI_REQUIRED),
	BOOL(record_cgroup, scope, "scope", 0),
	UPTO(record_cgroup, made,  "made",  OCI_REQUIRED, PATH_MAX));

OCI_SCHEMA_LOCAL(record_rdt,
	STR (record_rdt, group,     "group",     OCI_REQUIRED),
	BOOL(record_rdt, made,      "made",      0),
	BOOL(record_rdt, stays,     "stays",     0),
	BOOL(record_rdt, monitored, "monitored", 0));

OCI_SCHEMA_LOCAL(record,
	U32 (record, format,        "format",       OCI_REQUIRED),
	STR (record, version,       "ociVersion",   OCI_REQUIRED),
	STR (record, id,            "id",           OCI_REQUIRED),
	STR (record, bundle,        "bundle",       OCI_REQUIRED),
	STR (record, rootfs,        "rootfs",       OCI_REQUIRED),
	STR (record, created,       "created",      OCI_REQUIRED),
	U32 (record, owner,         "owner",        OCI_REQUIRED),
	UPTO(record, creator,       "creator",      OCI_REQUIRED, INT32_MAX),
	U64 (record, creator_start, "creatorStart", OCI_REQUIRED),
	UPTO(record, pid,           "pid",          OCI_REQUIRED, INT32_MAX),
	U64 (record, start,         "start",        OCI_REQUIRED),
	OBJS(record, cgroups,       "cgroups",      0, record_cgroup),
	OBJ (record, rdt,           "rdt",          0, record_rdt),
	STR (record, unit,          "unit",         0),
	BOOL(record, user_unit,     "userUnit",     0),
	WORD(record, manager,       "manager",      OCI_REQUIRED, managers),
	BOOL(record, poststart,     "poststart",    0),
	BOOL(record, poststop,      "poststop",     0),
	MAP (record, annotations,   "annotations",  0));
/* clang-format on */

const char *record_encode(const struct record *r, struct arena *a, size_t *len)
{
	return oci_encode(&record_schema, r, OCI_COMPACT, a, len);
}

static int unusable(struct err *e, const char *id, const char *why)
{
	err_set(e, ERR_STATE, "the state of %s is unusable: %s", id, why);
	err_where(e, "%s/" STORE_STATE, id);
	return err_hint(e, "run \"nsrun delete --force %s\" to clean up", id);
}

/* A cgroup path of ours is absolute and cannot climb: whoever wrote the file, nothing else is killed or removed. */
static bool cgroup_ok(const struct record_cgroup *c)
{
	return c->mount[0] == '/' && c->path[0] == '/' && c->path[1] && !str_climbs(c->path) &&
	       !strstr(c->mount, "/..");
}

/* One component, as for what is removed below resctrl; "" is its root, which is never made. */
static bool rdt_ok(const struct record_rdt *d)
{
	return !strchr(d->group, '/') && !STR_EQ(d->group, ".") && !STR_EQ(d->group, "..") &&
	       (*d->group || !d->made.v);
}

int record_decode(struct record *out, const char *text, size_t len, const char *id, struct arena *a,
                  struct err *e)
{
	struct oci_diags diags = { 0 };
	const struct record *r = oci_decode(&record_schema, text, len, a, &diags);

	if (!r) {
		const struct oci_diag *d = diags.first;

		while (d && d->severity != OCI_FATAL)
			d = d->next;
		return unusable(e, id, d ? d->what : "not a JSON object");
	}
	if (r->format.v != RECORD_FORMAT)
		return unusable(e, id, "it was written by another version of nsrun");
	if (!STR_EQ(r->id, id))
		return unusable(e, id, "it is another container's");
	if (r->pid.v && !r->start.v)
		return unusable(e, id, "it has a pid without a start time");
	if (r->cgroups.n > RECORD_CGROUPS)
		return unusable(e, id, "it has more cgroups than any host");
	for (size_t i = 0; i < r->cgroups.n; i++)
		if (!cgroup_ok(&r->cgroups.v[i]))
			return unusable(e, id, "it has a cgroup path that is not one of ours");
	if (r->rdt && !rdt_ok(r->rdt))
		return unusable(e, id, "it has a class of resctrl that is not one of ours");
	*out = *r;
	return 0;
}

int record_save(const struct record *r, int dir)
{
	struct arena a = { 0 };
	size_t len;
	const char *text = record_encode(r, &a, &len);
	int rc = io_replace(dir, r->pid.v ? STORE_STATE : STORE_INTENT, text, len, 0600);

	arena_done(&a);
	if (rc == 0 && r->pid.v)
		unlinkat(dir, STORE_INTENT, 0);
	return rc;
}

/* The descriptor or -errno. The commit may come between the first look at it and the one at the intent. */
static int open_record(int dir)
{
	static const char *const names[] = { STORE_STATE, STORE_INTENT, STORE_STATE };
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = -1;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		fd = openat(dir, names[i], flags);
		if (fd >= 0 || errno != ENOENT)
			break;
	}
	return fd < 0 ? -errno : fd;
}

int record_load(struct record *out, int dir, const char *id, struct arena *a, struct err *e)
{
	struct stat st;
	autofd fd = open_record(dir);

	if (fd == -ELOOP)
		return unusable(e, id, "it is a symbolic link");
	if (fd < 0 || fstat(fd, &st) < 0) {
		err_sys(e, ERR_STATE, fd < 0 ? -fd : errno, "read the state of %s", id);
		return err_hint(e, "run \"nsrun delete --force %s\" to clean up", id);
	}
	if (!S_ISREG(st.st_mode))
		return unusable(e, id, "it is not a file");
	if (st.st_uid != geteuid())
		return unusable(e, id, "it belongs to somebody else");
	if ((uint64_t)st.st_size > OCI_MAX_TEXT)
		return unusable(e, id, "it is too large");
	char *text = arena_alloc(a, (size_t)st.st_size + 1, 1);
	ssize_t len = io_read_all(fd, text, (size_t)st.st_size);
	if (len < 0)
		return err_sys(e, ERR_STATE, (int)-len, "read the state of %s", id);
	return record_decode(out, text, (size_t)len, id, a, e);
}

/* Is that process, and not a later one with its pid, still there? A zombie has ended. 1, 0, or -errno: nobody can tell,
 * for instance without a free descriptor. */
static int alive(int proc, uint64_t pid, uint64_t start)
{
	uint64_t ticks;
	char state;
	int rc = pid ? procfs_stat(proc, (pid_t)pid, &ticks, &state) : -ESRCH;

	if (rc == -ESRCH || rc == -ENOENT)
		return 0;
	return rc < 0 ? rc : ticks == start && state != 'Z' && state != 'X';
}

enum status record_status(const struct record *r, int dir, int proc)
{
	/* Who cannot be seen is not taken for gone: a plain delete would end what runs. */
	if (!r->pid.v)
		return alive(proc, r->creator.v, r->creator_start.v) != 0 ? STATUS_CREATING
		                                                          : STATUS_STOPPED;
	if (alive(proc, r->pid.v, r->start.v) == 0)
		return STATUS_STOPPED;
	/* Before start init holds the fifo open for reading. ENXIO: nobody does. */
	autofd go = openat(dir, STORE_GO, O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	return go >= 0 ? STATUS_CREATED : STATUS_RUNNING;
}

int record_pidfd(const struct record *r, int proc)
{
	if (!r->pid.v)
		return -ESRCH;
	autofd fd = sys_pidfd_open((pid_t)r->pid.v, 0);
	/* EINVAL: the pid lives on as the name of a process group or session only. */
	if (fd < 0)
		return fd == -EINVAL ? -ESRCH : fd;
	/* Checked after the open: from here on the pid cannot become another process under us. */
	int there = alive(proc, r->pid.v, r->start.v);
	return there > 0 ? fd_take(&fd) : there < 0 ? there : -ESRCH;
}
