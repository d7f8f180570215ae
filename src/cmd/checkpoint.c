/* checkpoint: has criu write the processes of a container to images, from which restore makes them again. */
#include "base/engine_texts.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/path.h"
#include "base/procfs.h"
#include "base/str.h"
#include "cmd/bundle.h"
#include "cmd/criu.h"
#include "cmd/found.h"
#include "cmd/log.h"
#include "cmd/remove.h"
#include "host/probe.h"
#include "host/systemd.h"
#include "libocispec-lite/ocispec.h"
#include "store/store.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#define LOCK_WAIT 10000 /* ms for another command to finish with the container */
#define END_WAIT  60000 /* ms for the processes that criu has killed to be gone */

static struct criu_flags opts;

/* A running container that is looked at to be dumped. */
struct dump {
	struct found found;
	struct facts facts;
	struct plan plan;
	struct criu_dirs dirs;
	const char *criu, *config_file;
	char *stdio[3]; /* for criu_in */
	int root;       /* the container's, or -1 */
	int pidfd;
	uint64_t net_ns, pid_ns;
	bool paused; /* before us */
};

static int verify_flags(struct arena *a, struct err *e)
{
	struct criu_server server;

	if (opts.parent_path && *opts.parent_path == '/') {
		err_set(e, ERR_USAGE, "--parent-path is \"%s\", expected a relative path",
		        opts.parent_path);
		return err_hint(e, "give it as seen from the directory of --image-path");
	}
	return opts.page_server ? criu_server_parse(opts.page_server, &server, a, e) : 0;
}

static int verify_status(struct dump *d, struct err *e)
{
	const char *id = d->found.record.id;
	enum status status = found_status(&d->found);

	d->paused = status == STATUS_PAUSED;
	if (status == STATUS_RUNNING || status == STATUS_PAUSED)
		return 0;
	err_set(e, ERR_STATE, "container %s cannot be checkpointed: it is %s", id,
	        status_names[status]);
	return status == STATUS_CREATED ? err_hint(e, "run \"nsrun start %s\" first", id)
	                                : err_hint(e, "run \"nsrun state %s\" to see it", id);
}

/* The plan of the container as it was made: what of it is the host's. */
static int replan(struct dump *d, struct err *e)
{
	const struct record *r = &d->found.record;
	struct arena *a = &d->found.arena;
	struct plan_opts o = {
		.id = r->id, .bundle = r->bundle, .detach = true, .console_socket = true
	};
	struct bundle b;

	if (bundle_saved(&b, d->found.dir, r->id, a, e) < 0)
		return -1;
	const struct oci_config *c = b.config;
	if (STR_EQ(r->manager, "systemd"))
		o.manager = CGROUP_MANAGER_SYSTEMD;
	else if (STR_EQ(r->manager, "disabled"))
		o.manager = CGROUP_MANAGER_DISABLED;
	if (facts_probe(&d->facts, c, d->found.proc, a, e) < 0 ||
	    (o.manager == CGROUP_MANAGER_SYSTEMD &&
	     systemd_probe(&d->facts, d->found.proc, a, e) < 0))
		return -1;
	return plan_create(&d->plan, c, &d->facts, &o, a, e);
}

/* "mnt_id: 27" of descriptor n of init, 0 when there is none. */
static unsigned mount_of(const struct dump *d, int n)
{
	char path[64], text[4096];
	unsigned id;

	snprintf(path, sizeof path, "%d/fdinfo/%d", (int)d->found.record.pid.v, n);
	autofd fd = procfs_openat(d->found.proc, path, O_RDONLY);
	if (fd < 0 || io_read_small(fd, "", text, sizeof text) < 0)
		return 0;
	const char *line = strstr(text, "mnt_id:");
	return line && sscanf(line, "mnt_id: %u", &id) == 1 ? id : 0;
}

/* Is that mount one of the container's? */
static bool has_mount(const char *mountinfo, unsigned id)
{
	char want[16];
	size_t n = (size_t)snprintf(want, sizeof want, "%u ", id);

	for (const char *line = mountinfo; *line; line += *line == '\n') {
		if (strncmp(line, want, n) == 0)
			return true;
		line += strcspn(line, "\n");
	}
	return false;
}

/* What init's stdio is: what belongs to the caller of create must be given anew at restore. */
static void name_stdio(struct dump *d, struct arena *a)
{
	char path[32], target[PATH_MAX];
	char *mounts = arena_alloc(a, 1u << 20, 1);
	pid_t pid = (pid_t)d->found.record.pid.v;

	snprintf(path, sizeof path, "%d/mountinfo", (int)pid);
	autofd info = procfs_openat(d->found.proc, path, O_RDONLY);
	ssize_t len = info < 0 ? -1 : io_read_all(info, mounts, (1u << 20) - 1);
	mounts[len < 0 ? 0 : len] = '\0';
	snprintf(path, sizeof path, "%d/fd", (int)pid);
	autofd fds = procfs_openat(d->found.proc, path, O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < 3; i++) {
		char name[2] = { (char)('0' + i), '\0' };
		ssize_t n = fds < 0 ? -1 : readlinkat(fds, name, target, sizeof target - 1);
		unsigned mount = mount_of(d, i);
		struct stat st;

		target[n < 0 ? 0 : n] = '\0';
		d->stdio[i] = (char *)"";
		if (str_starts(target, "pipe:["))
			d->stdio[i] = arena_str(a, target, (size_t)n);
		else if (*target == '/' && mount && len > 0 && !has_mount(mounts, mount) &&
		         fstatat(fds, name, &st, 0) == 0 &&
		         (!S_ISCHR(st.st_mode) || major(st.st_rdev) == 1))
			d->stdio[i] =
				arena_fmt(a, "file[%x:%llx]", mount, (unsigned long long)st.st_ino);
	}
}

/* The inode of a namespace of init that the config joins, else 0. */
static uint64_t joined_inode(const struct dump *d, const char *type, const char *file)
{
	char path[64];
	struct stat st;

	if (!criu_joined(d->plan.config, type))
		return 0;
	snprintf(path, sizeof path, "%d/ns/%s", (int)d->found.record.pid.v, file);
	return fstatat(d->found.proc, path, &st, 0) == 0 ? st.st_ino : 0;
}

static bool is_file(void *ctx, const char *path)
{
	const struct dump *d = ctx;
	struct stat st;
	autofd fd = path_open(d->root, path, PATH_DEFAULT);

	return fd >= 0 && fstat(fd, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* All that can be refused, or that only the live container knows, before criu is asked. */
static int look(struct dump *d, struct err *e)
{
	struct arena *a = &d->found.arena;

	if (verify_status(d, e) < 0)
		return -1;
	d->criu = criu_find(a, e);
	if (!d->criu || criu_config_file(&d->found.record, &d->config_file, e) < 0 ||
	    replan(d, e) < 0 ||
	    criu_dirs_open(&d->dirs, &opts, opts.pre_dump ? CRIU_PRE_DUMP : CRIU_DUMP, e) < 0)
		return -1;
	d->pidfd = record_pidfd(&d->found.record, d->found.proc);
	if (d->pidfd < 0)
		return err_sys(e, ERR_STATE, -d->pidfd, TEXT_NOT_RUNNING);
	d->root = procfs_open_root(d->found.proc, (pid_t)d->found.record.pid.v);
	if (d->root < 0)
		return err_sys(e, ERR_HOST, -d->root, "open the root of %s", d->found.record.id);
	d->net_ns = joined_inode(d, "network", "net");
	d->pid_ns = joined_inode(d, "pid", "pid");
	name_stdio(d, a);
	return 0;
}

/* Nothing has to be done by us at any point of a dump. */
static int on_event(void *ctx, const char *name, pid_t pid, int fd, struct err *e)
{
	(void)ctx, (void)pid, (void)fd, (void)e;
	log_debug("criu: %s", name);
	return 0;
}

static int ask_criu(struct dump *d, struct err *e)
{
	struct criu_call q = { .fds = { d->dirs.images, d->dirs.work, (int)opts.status_fd },
		               .n_fds = opts.status_fd ? 3 : 2,
		               .for_ever = opts.lazy_pages,
		               .log = d->dirs.log,
		               .event = on_event };
	const struct criu_in in = { .verb = opts.pre_dump ? CRIU_PRE_DUMP : CRIU_DUMP,
		                    .flags = &opts,
		                    .record = &d->found.record,
		                    .plan = &d->plan,
		                    .criu = d->criu,
		                    .config_file = d->config_file,
		                    .stdio = d->stdio,
		                    .n_stdio = 3,
		                    .net_ns = d->net_ns,
		                    .pid_ns = d->pid_ns,
		                    .is_file = is_file,
		                    .ctx = d,
		                    .images = CRIU_FD,
		                    .work = CRIU_FD + 1,
		                    .status_fd = opts.status_fd ? CRIU_FD + 2 : 0 };
	int rc;

	q.request = criu_request_make(&in, &d->found.arena, e);
	if (!q.request)
		return -1;
	rc = criu_stdio_save(d->dirs.images, (const char *const *)d->stdio);
	if (rc < 0)
		return err_sys(e, ERR_HOST, -rc, "write to %s", d->dirs.image_path);
	return criu_call(&q, NULL, e);
}

/* criu has killed them; a parent that does not reap them does not matter. */
static int wait_end(struct dump *d, struct err *e)
{
	struct pollfd p = { .fd = d->pidfd, .events = POLLIN };
	int n;

	do
		n = poll(&p, 1, END_WAIT);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return 0;
	err_set(e, ERR_HOST, "criu says that %s is dumped, and it is still there",
	        d->found.record.id);
	return err_hint(e, "read %s", d->dirs.log);
}

static int checkpoint(struct dump *d, struct err *e)
{
	struct cgroup_ref refs[RECORD_CGROUPS];
	size_t n = found_cgroups(&d->found.record, refs);

	if (look(d, e) < 0)
		return -1;
	int rc = ask_criu(d, e);
	/* Who was killed in the middle leaves the container frozen. */
	if (rc < 0 && !d->paused && cgroup_frozen(refs, n) == 1)
		cgroup_thaw(refs, n);
	return rc < 0 || opts.leave_running || opts.pre_dump ? rc : wait_end(d, e);
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	struct dump d = { .root = -1, .pidfd = -1, .dirs = { .images = -1, .work = -1 } };
	struct arena a = { 0 };
	int rc = verify_flags(&a, e);

	arena_done(&a);
	if (rc < 0)
		return -1;
	rc = found_load(&d.found, g, in->operand[0], LOCK_WAIT, e);
	if (rc == 0)
		rc = checkpoint(&d, e);
	/* As with runc and crun: what is restored is made anew, and may have the same id. */
	if (rc == 0 && !opts.leave_running && !opts.pre_dump)
		rc = remove_container(&d.found.record, d.found.root, d.found.dir, d.found.proc,
		                      true, e);
	criu_dirs_done(&d.dirs);
	fd_close(&d.root);
	fd_close(&d.pidfd);
	found_done(&d.found);
	return rc;
}

static const struct flag flags[] = {
	CRIU_FLAGS(opts),
	{ "parent-path", 0, FLAG_STRING, "DIR",
	  "the images of an earlier pre-dump, relative to --image-path", .s = &opts.parent_path },
	{ "leave-running", 0, FLAG_BOOL, NULL, "let the container go on",
	  .b = &opts.leave_running },
	{ "tcp-skip-in-flight", 0, FLAG_BOOL, NULL, "leave out TCP connections that are being made",
	  .b = &opts.tcp_skip_in_flight },
	{ "link-remap", 0, FLAG_BOOL, NULL, "allow open files that were removed, by links to them",
	  .b = &opts.link_remap },
	{ "status-fd", 0, FLAG_UINT, "N", "descriptor that criu tells when it waits for lazy pages",
	  .u = &opts.status_fd, .max = INT32_MAX },
	{ "page-server", 0, FLAG_STRING, "ADDRESS:PORT", "send memory to a page server",
	  .s = &opts.page_server },
	{ "pre-dump", 0, FLAG_BOOL, NULL, "dump memory only, and let the container go on",
	  .b = &opts.pre_dump },
	{ 0 },
};

const struct command cmd_checkpoint = {
	.name = "checkpoint",
	.summary = "write a running container to images, and delete it",
	.usage = "ID",
	.flags = flags,
	.min = 1,
	.max = 1,
	.id = true,
	.run = run,
};
