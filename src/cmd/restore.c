/* restore: makes a container anew from the images of checkpoint: what create does around init is ours, init is criu's. */
#include "apply/cgroup.h"
#include "apply/criu_mounts.h"
#include "apply/ops.h"
#include "base/fd.h"
#include "base/interrupt.h"
#include "base/io.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include "cmd/criu.h"
#include "cmd/hooks.h"
#include "cmd/log.h"
#include "cmd/remove.h"
#include "cmd/run.h"
#include "cmd/trace.h"
#include "store/store.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

static struct criu_flags opts;
static struct create_opts how;
static bool detach, no_subreaper;

/* A container on its way back. */
struct restore {
	struct container *c;
	struct criu_dirs dirs;
	struct arena arena;
	const char *criu, *config_file;
	char *stdio[3];
	int net_ns, pid_ns; /* those that it joins, or -1 */
	bool committed;
};

/* What must be there for a mount to be made on, where nothing is mounted before it: criu makes no mount points. */
static int make_mount_point(int root, const struct step *s)
{
	struct stat st;
	bool dir = !(s->mount.how & MOUNT_BIND) || stat(s->mount.source, &st) < 0 ||
	           S_ISDIR(st.st_mode);
	autofd fd = dir ? path_make_dir(root, s->mount.target, PATH_DEFAULT)
	                : path_make_file(root, s->mount.target, PATH_DEFAULT);

	return fd < 0 ? fd : 0;
}

/* Is path below what an earlier mount covers? */
static bool covered(const struct plan *p, uint32_t until, const char *path)
{
	for (uint32_t n = 0; n < until; n++) {
		const struct step *s = plan_at(p, n, NULL);
		size_t len;

		if (s->kind != STEP_MOUNT)
			continue;
		len = strlen(s->mount.target);
		if (strncmp(path, s->mount.target, len) == 0 && path[len] == '/')
			return true;
	}
	return false;
}

static int make_mount_points(const struct restore *x, struct err *e)
{
	const struct plan *p = &x->c->plan;
	autofd root = open(x->c->record.rootfs, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct step *s;

	if (root < 0)
		return err_sys(e, ERR_CONFIG, errno, "open the root %s", x->c->record.rootfs);
	for (uint32_t n = 0; (s = plan_at(p, n, NULL)); n++) {
		if (s->kind != STEP_MOUNT || s->mount.how & MOUNT_REMOUNT ||
		    covered(p, n, s->mount.target))
			continue;
		int rc = make_mount_point(root, s);
		if (rc < 0)
			return err_sys(e, ERR_HOST, -rc, "make the mount point %s",
			               s->mount.target);
	}
	return 0;
}

/* The steps of create that are not init's business: its cgroups with their limits, its class, the host's hooks. */
static bool is_ours(const struct step *s)
{
	switch ((int)s->kind) {
	case STEP_CGROUP:
	case STEP_SCOPE:
	case STEP_DELEGATE:
	case STEP_DEVICES:
	case STEP_RDT:
	case STEP_HOOK: return true;
	case STEP_WRITE: return s->write.to == WRITE_CGROUP;
	default: return false;
	}
}

/* Runs those that the plan has before init is made, or those after. 0, or -1 with e. */
static int run_steps(struct container *c, bool born, struct err *e)
{
	const struct phase *ph;
	const struct step *s;
	bool behind = false;

	for (uint32_t n = 0; (s = plan_at(&c->plan, n, &ph)); n++) {
		behind |= s->kind == STEP_CLONE;
		if (ph->lane != LANE_HOST || behind != born || !is_ours(s) ||
		    run_at(&c->run, n) == 0)
			continue;
		bundle_locate(&c->bundle, &c->run.err);
		*e = c->run.err;
		return -1;
	}
	return 0;
}

/* init, which is alone yet, into the container's cgroups. */
static int enter_cgroups(struct container *c, struct err *e)
{
	char pid[16];
	int n = snprintf(pid, sizeof pid, "%d", (int)c->run.pid);

	for (uint32_t i = 0; i < c->plan.n_cgroups; i++) {
		const struct cgroup_dir *d = &c->plan.cgroups[i];

		if (d->scope)
			continue;
		autofd dir = cgroup_open(&(struct cgroup_ref){ d->mount, d->path, d->v2, 0 });
		if (dir < 0 && d->optional)
			continue;
		int rc = dir < 0 ? dir : io_write_kernel(dir, "cgroup.procs", pid, (size_t)n);
		if (rc < 0 && !d->optional)
			return err_sys(e, ERR_HOST, -rc, "move init into cgroup %s%s", d->mount,
			               d->path);
	}
	return 0;
}

static int setup_namespaces(struct restore *x, pid_t pid, struct err *e)
{
	struct container *c = x->c;

	c->run.pid = pid;
	return run_steps(c, true, e) < 0 || enter_cgroups(c, e) < 0 ? -1 : 0;
}

/* The commit: init is there, and held until we agree. */
static int commit(struct restore *x, pid_t pid, struct err *e)
{
	struct container *c = x->c;
	int rc;

	c->run.pid = pid;
	c->run.pidfd = sys_pidfd_open(pid, 0);
	rc = c->run.pidfd < 0 ? c->run.pidfd : criu_deny(&c->run);
	if (rc == 0)
		rc = container_publish(&c->run, how.pid_file);
	if (rc == 0) {
		x->committed = true;
		return 0;
	}
	if (c->run.err.kind != ERR_NONE) {
		*e = c->run.err;
		return -1;
	}
	return err_sys(e, ERR_HOST, -rc, "write the state of %s", c->id);
}

static int on_event(void *ctx, const char *name, pid_t pid, int fd, struct err *e)
{
	struct restore *x = ctx;

	log_debug("criu: %s", name);
	if (STR_EQ(name, "setup-namespaces") && pid > 0)
		return setup_namespaces(x, pid, e);
	if (STR_EQ(name, "post-restore") && pid > 0)
		return commit(x, pid, e);
	if (STR_EQ(name, "orphan-pts-master") && fd >= 0) {
		int to = x->c->run.fd[SLOT_CONSOLE];

		if (to < 0) {
			err_set(e, ERR_USAGE, "the container has a terminal, and nobody takes it");
			return err_hint(e, "give --console-socket");
		}
		int rc = tty_send(to, fd, "/dev/console");
		return rc < 0 ? err_sys(e, ERR_HOST, -rc, "send the terminal") : 0;
	}
	return 0;
}

static int open_ns(const struct restore *x, const char *type, int *fd, struct err *e)
{
	const char *path = criu_joined(x->c->plan.config, type);

	*fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	return path && *fd < 0
	               ? err_sys(e, ERR_CONFIG, errno, "open the %s namespace %s", type, path)
	               : 0;
}

/* Adds a descriptor to q; what the helper has it as. */
static uint32_t give(struct criu_call *q, int fd)
{
	q->fds[q->n_fds] = fd;
	return CRIU_FD + (uint32_t)q->n_fds++;
}

static int ask_criu(struct restore *x, struct err *e)
{
	struct criu_call q = {
		.log = x->dirs.log, .event = on_event, .ctx = x, .for_ever = opts.lazy_pages
	};
	struct criu_in in = { .verb = CRIU_RESTORE,
		              .flags = &opts,
		              .record = &x->c->record,
		              .plan = &x->c->plan,
		              .criu = x->criu,
		              .config_file = x->config_file,
		              .stdio = x->stdio,
		              .n_stdio = 3 };
	pid_t pid = 0;

	in.images = give(&q, x->dirs.images);
	in.work = give(&q, x->dirs.work);
	in.stdio_fd = give(&q, STDIN_FILENO);
	give(&q, STDOUT_FILENO);
	give(&q, STDERR_FILENO);
	if (x->net_ns >= 0)
		in.net_ns_fd = give(&q, x->net_ns);
	if (x->pid_ns >= 0)
		in.pid_ns_fd = give(&q, x->pid_ns);
	q.request = criu_request_make(&in, &x->arena, e);
	uint64_t t = trace_begin();
	int rc = q.request ? criu_call(&q, &pid, e) : -1;
	trace_next(t, "criu restores the processes");
	if (rc < 0)
		return -1;
	/* A criu that does not tell of post-restore. */
	return x->committed ? 0 : commit(x, pid, e);
}

/* Before the id is claimed. */
static int look(struct restore *x, struct err *e)
{
	x->criu = criu_find(&x->arena, e);
	if (!x->criu || criu_dirs_open(&x->dirs, &opts, CRIU_RESTORE, e) < 0)
		return -1;
	return criu_stdio_load(x->dirs.images, x->stdio, &x->arena, e);
}

static int bring_back(struct restore *x, struct err *e)
{
	struct container *c = x->c;

	if (criu_config_file(&c->record, &x->config_file, e) == 0 &&
	    open_ns(x, "network", &x->net_ns, e) == 0 && open_ns(x, "pid", &x->pid_ns, e) == 0 &&
	    make_mount_points(x, e) == 0 && run_steps(c, false, e) == 0 && ask_criu(x, e) == 0)
		return 0;
	container_clean_up(c);
	if (x->committed)
		pid_file_remove(&c->pid_file);
	return -1;
}

/* The poststart hooks; runtime.md#lifecycle 9 as in start. */
static int poststart(struct container *c, struct err *e)
{
	if (!c->record.poststart.v || hooks_run(&c->record, c->dir, c->run.fd[SLOT_PROC],
	                                        HOOK_POSTSTART, STATUS_RUNNING, false, e) == 0)
		return 0;
	container_clean_up(c);
	return -1;
}

static int restore(struct restore *x, const struct globals *g, const struct cli *in, int console,
                   struct err *e)
{
	if (look(x, e) < 0) {
		fd_close(&console);
		return -1;
	}
	if (container_begin(x->c, g, &how, in, console, detach, e) < 0)
		return -1;
	/* What criu restores becomes ours when the helper ends: init must not go to somebody else. */
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	int rc = bring_back(x, e);
	if (detach || no_subreaper)
		prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
	if (rc == 0)
		rc = poststart(x->c, e);
	if (rc == 0)
		bundle_warn(&x->c->bundle);
	return rc;
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	struct attend at = { .signals = -1 };
	struct container c = {
		.root = -1, .dir = -1, .pid_file = { .dir = -1 }, .pidfd_socket = -1
	};
	struct restore x = { .c = &c, .dirs = { -1, -1, "", "" }, .net_ns = -1, .pid_ns = -1 };
	int pair[2] = { -1, -1 };

	if (!detach && !how.console_socket &&
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, ERR_HOST, errno, "socketpair for the terminal");
	autofd console = pair[0];
	if (!detach && attend_begin(&at, !no_subreaper, e) < 0)
		return -1;
	int rc = restore(&x, g, in, pair[1], e);
	interrupt_end();
	if (rc == 0 && !detach) {
		bool terminal = c.bundle.config->process && c.bundle.config->process->terminal.v;

		fd_close(&c.run.fd[SLOT_CONSOLE]);
		rc = run_attend(&c, &at, terminal ? console : -1, false, e);
	}
	fd_close(&x.net_ns);
	fd_close(&x.pid_ns);
	criu_dirs_done(&x.dirs);
	arena_done(&x.arena);
	container_done(&c);
	if (!detach)
		attend_end(&at);
	return rc;
}

static const struct flag flags[] = {
	CRIU_FLAGS(opts),
	{ "bundle", 'b', FLAG_STRING, "DIR", "the bundle (default: this directory)",
	  .s = &how.bundle },
	{ "pid-file", 0, FLAG_STRING, "FILE", "write the pid of init to FILE", .s = &how.pid_file },
	{ "console-socket", 0, FLAG_STRING, "PATH", "send the terminal's master to this socket",
	  .s = &how.console_socket },
	{ "detach", 'd', FLAG_BOOL, NULL, "return when the container runs", .b = &detach },
	{ "no-pivot", 0, FLAG_BOOL, NULL, "accepted and ignored: criu makes the root",
	  .b = &how.no_pivot },
	{ "no-subreaper", 0, FLAG_BOOL, NULL, "do not adopt orphans of the container",
	  .b = &no_subreaper },
	{ "lsm-profile", 0, FLAG_STRING, "TYPE:NAME",
	  "restore into this profile of a security module", .s = &opts.lsm_profile },
	{ "lsm-mount-context", 0, FLAG_STRING, "CONTEXT", "mount with this SELinux context",
	  .s = &opts.lsm_mount_context },
	{ 0 },
};

const struct command cmd_restore = {
	.name = "restore",
	.summary = "bring a container back from its images",
	.usage = "ID [BUNDLE]",
	.flags = flags,
	.min = 1,
	.max = 2,
	.id = true,
	.seals = true,
	.run = run,
};
