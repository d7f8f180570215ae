/* create: config -> check -> plan -> state directory -> init, waiting for start. The crash protocol is security.md 3.2:
 * claim, intent, resources, commit; a failure is cleaned up by what delete --force uses. */
#include "cmd/create.h"
#include "base/fd.h"
#include "base/interrupt.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include "base/sys.h"
#include "cmd/console.h"
#include "cmd/faults.h"
#include "cmd/found.h"
#include "cmd/hooks.h"
#include "cmd/intent.h"
#include "cmd/log.h"
#include "cmd/notify.h"
#include "cmd/pidfd.h"
#include "cmd/remove.h"
#include "cmd/trace.h"
#include "host/probe.h"
#include "host/systemd.h"
#include "plan/mountopt.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THAW_WAIT 1000 /* ms for who was frozen to die */
#define COMMIT_SPARE                                                                               \
	(256u << 10) /* bytes; the record of a container without annotations needs a few hundred */

uint32_t listen_fds(void)
{
	const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
	uint64_t v;

	if (!pid || str_u64(pid, INT32_MAX, &v) < 0 || v != (uint64_t)getpid())
		return 0;
	return count && str_u64(count, 1024, &v) == 0 ? (uint32_t)v : 0;
}

int verify_preserved(uint32_t n, struct err *e)
{
	for (uint32_t fd = 3; fd < 3 + n; fd++) {
		int flags = fcntl((int)fd, F_GETFD);

		if (flags >= 0 && !(flags & FD_CLOEXEC))
			continue;
		err_set(e, ERR_USAGE, "descriptor %u is to be preserved and is not open", fd);
		return err_hint(e, "open it before calling nsrun, or lower --preserve-fds");
	}
	return 0;
}

const char *create_notify(const struct globals *g, const char *id, const struct oci_config *config,
                          struct arena *a, struct err *e)
{
	char path[PATH_MAX], root[PATH_MAX];

	if (!config || !config->process || !notify_asked())
		return NULL;
	if (store_path(g->root, path, sizeof path, e) < 0)
		return NULL;
	int rc = absolute_path(path, root, sizeof root);
	if (rc < 0) {
		err_sys(e, ERR_USAGE, -rc, "--root");
		return NULL;
	}
	return arena_fmt(a, "%s/%s/" STORE_NOTIFY, root, id);
}

/* Everything that can be refused without touching anything: config, facts, plan. */
static int prepare(struct container *c, const struct globals *g, const struct create_opts *o,
                   const struct cli *in, bool has_console, bool detach, struct err *e)
{
	const char *dir = in->n > 1 ? in->operand[1] : o->bundle;
	uint32_t passed = listen_fds();
	enum cgroup_manager manager = globals_manager(g);

	if (globals_verify_manager(g, e) < 0)
		return -1;
	if (in->n > 1 && o->bundle)
		return err_set(e, ERR_USAGE, "the bundle is given twice: %s and --bundle %s",
		               in->operand[1], o->bundle);
	if (verify_preserved(o->preserve_fds + passed, e) < 0)
		return -1;
	if (pid_file_open(&c->pid_file, o->pid_file, &c->arena, e) < 0)
		return -1;
	uint64_t t = trace_begin();
	c->run.fd[SLOT_PROC] = procfs_open();
	if (c->run.fd[SLOT_PROC] < 0)
		return err_sys(e, ERR_HOST, -c->run.fd[SLOT_PROC], "open /proc");
	if (bundle_load(&c->bundle, dir, o->config, &c->arena, e) < 0 ||
	    facts_probe(&c->facts, c->bundle.config, c->run.fd[SLOT_PROC], &c->arena, e) < 0)
		return -1;
	t = trace_next(t, "config read, facts probed");
	if (manager == CGROUP_MANAGER_SYSTEMD &&
	    systemd_probe(&c->facts, c->run.fd[SLOT_PROC], &c->arena, e) < 0)
		return -1;
	const struct check_opts check = { .console_socket = o->console_socket,
		                          .detach = detach,
		                          .no_pivot = o->no_pivot,
		                          .lifecycle = true,
		                          .mount_words = mountopt_words,
		                          .systemd = manager == CGROUP_MANAGER_SYSTEMD,
		                          .cgroup_disabled = manager == CGROUP_MANAGER_DISABLED };
	bundle_check(&c->bundle, &c->facts, &check, &c->arena);
	if (bundle_verdict(&c->bundle, e) < 0)
		return -1;
	t = trace_next(t, "config checked");
	c->notify = create_notify(g, c->id, c->bundle.config, &c->arena, e);
	if (e->kind != ERR_NONE)
		return -1;
	const struct plan_opts opts = { .id = c->id,
		                        .bundle = c->bundle.path,
		                        .pid_file = c->pid_file.path,
		                        .no_pivot = o->no_pivot,
		                        .no_new_keyring = o->no_new_keyring,
		                        .detach = detach,
		                        .console_socket = has_console || o->console_socket,
		                        .rows = o->rows,
		                        .cols = o->cols,
		                        .preserve_fds = o->preserve_fds + passed,
		                        .listen_fds = passed,
		                        .notify = c->notify,
		                        .manager = manager };
	if (plan_create(&c->plan, c->bundle.config, &c->facts, &opts, &c->arena, e) < 0)
		return -1;
	int rc = plan_verify(&c->plan, e);
	trace_next(t, "plan made and verified");
	return rc;
}

/* Claims the id and says what will be made: from here on delete --force knows what to look for. */
static int claim(struct container *c, const struct globals *g, struct err *e)
{
	uint64_t t = trace_begin();
	c->root = store_open(g->root, true, e);
	if (c->root < 0)
		return -1;
	c->dir = store_claim(c->root, c->id, e);
	if (c->dir < 0)
		return -1;
	int rc = record_save(&c->record, c->dir);
	if (rc == 0)
		rc = io_replace(c->dir, STORE_CONFIG, c->bundle.text, c->bundle.len, 0600);
	if (rc == 0 && c->notify)
		rc = notify_make(c->dir);
	if (rc < 0) {
		err_sys(e, ERR_HOST, -rc, "write the state of %s", c->id);
		store_remove(c->root, c->dir, c->id, NULL);
		return -1;
	}
	trace_next(t, "id claimed, intent written");
	return 0;
}

/* Init is ready. The pid file first, so that the state, which commits, is the last that can fail. */
int container_publish(struct run *run, const char *pid_file)
{
	struct container *c = run->ctx;
	char text[64], state;
	uint64_t start;
	int rc = procfs_stat(run->fd[SLOT_PROC], run->pid, &start, &state);

	if (rc == 0 && c->pidfd_socket >= 0) {
		rc = pidfd_send(c->pidfd_socket, run->pidfd);
		if (rc < 0)
			return run_sys(run, -rc, "send the pidfd of init");
	}
	if (rc < 0)
		return rc;
	rc = pid_file_write(&c->pid_file, run->pid);
	if (rc < 0)
		return run_fail(run, -rc, "write the pid file %.200s: %s", pid_file,
		                err_text(-rc, text, sizeof text));
	c->record.pid.v = (uint64_t)run->pid;
	c->record.start.v = start;
	rc = record_save(&c->record, c->dir);
	if (rc < 0)
		pid_file_remove(&c->pid_file);
	return rc;
}

static int open_slots(struct container *c, const struct create_opts *o, struct err *e)
{
	const char *receiver = o->pidfd_socket ? o->pidfd_socket : pidfd_receiver(c->bundle.config);
	struct run *r = &c->run;

	r->fd[SLOT_NULL] = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (r->fd[SLOT_NULL] < 0)
		return err_sys(e, ERR_HOST, errno, "open /dev/null");
	if (o->console_socket) {
		r->fd[SLOT_CONSOLE] = console_connect(o->console_socket, e);
		if (r->fd[SLOT_CONSOLE] < 0)
			return -1;
	}
	if (receiver) {
		c->pidfd_socket = pidfd_connect(receiver, e);
		if (c->pidfd_socket < 0)
			return -1;
	}
	return 0;
}

/* Has init ended, which was killed? The v1 freezer keeps even the killed, and is told to let go. Who waits for a device, or for
 * the server of a file system, may stay nevertheless: to remove what it is in would be one more wait in vain. */
static bool is_gone(const struct container *c)
{
	struct pollfd p = { .fd = c->run.pidfd, .events = POLLIN };
	struct cgroup_ref refs[RECORD_CGROUPS];

	if (p.fd < 0 || poll(&p, 1, 0) != 0)
		return true;
	cgroup_kill_all(refs, found_cgroups(&c->record, refs), SIGKILL);
	return poll(&p, 1, THAW_WAIT) != 0;
}

/* The record may not know init yet; its pidfd does. */
void container_clean_up(struct container *c)
{
	struct run *r = &c->run;
	struct err left = { 0 };

	uint64_t t = trace_begin();
	run_end(r);
	run_undo_devices(r);
	bool gone = is_gone(c);
	/* Where descriptors were what ran out, removal needs them. */
	run_release(r);
	if (!gone)
		log_warn(
			"init (pid %d) does not die: when it has, \"nsrun delete --force %s\" removes "
			"what is left",
			(int)r->pid, c->id);
	else if (remove_container(&c->record, c->root, c->dir, r->fd[SLOT_PROC], run_hooked(r),
	                          &left) < 0)
		log_warn("%s", left.what);
	trace_next(t, "cleaned up after the failure");
}

/* The plan runs; when it fails nothing of the container is left. */
static int apply(struct container *c, struct err *e)
{
	struct run *r = &c->run;

	r->fd[SLOT_STATE] = fcntl(c->dir, F_DUPFD_CLOEXEC, 3);
	if (r->fd[SLOT_STATE] < 0)
		err_sys(&r->err, ERR_HOST, errno, "copy the descriptor of the state directory");
	/* Without the cache a filter is compiled each time. */
	if (plan_find(&c->plan, STEP_FILTER))
		r->fd[SLOT_STORE] = fcntl(c->root, F_DUPFD_CLOEXEC, 3);
	r->publish = container_publish;
	faults_read(r);
	if (r->err.kind == ERR_NONE && run_plan(r) == 0)
		return 0;
	bundle_locate(&c->bundle, &r->err);
	*e = r->err;
	container_clean_up(c);
	return -1;
}

int container_begin(struct container *c, const struct globals *g, const struct create_opts *o,
                    const struct cli *in, int console, bool detach, struct err *e)
{
	*c = (struct container){ .id = in->operand[0],
		                 .root = -1,
		                 .dir = -1,
		                 .pid_file = { .dir = -1 },
		                 .pidfd_socket = -1 };
	if (run_init(&c->run, &c->plan, c->id) < 0) {
		*e = c->run.err;
		fd_close(&console);
		return -1;
	}
	c->run.fd[SLOT_CONSOLE] = console;
	if (prepare(c, g, o, in, console >= 0, detach, e) < 0 ||
	    intent_fill(c, globals_manager(g), e) < 0)
		return -1;
	const struct oci_process *process = c->bundle.config->process;
	if (o->console && !(process && process->terminal.v)) {
		fd_close(&c->run.fd[SLOT_CONSOLE]);
		fd_close(o->console);
	}
	c->run.bundle = c->bundle.path;
	c->run.state_tail = hooks_state_tail(&c->record, &c->arena);
	c->run.ctx = c;
	arena_seal(&c->arena);
	/* From the claim on there is something to take back: the commit and the way back find memory. */
	arena_spare(COMMIT_SPARE + 4 * c->bundle.len);
	if (open_slots(c, o, e) < 0 || (o->attend && attend_begin(o->attend, o->subreaper, e) < 0))
		return -1;
	/* So far any signal could end us. */
	interrupt_begin();
	return claim(c, g, e);
}

int container_create(struct container *c, const struct globals *g, const struct create_opts *o,
                     const struct cli *in, int console, bool detach, struct err *e)
{
	if (container_begin(c, g, o, in, console, detach, e) < 0 || apply(c, e) < 0)
		return -1;
	bundle_warn(&c->bundle);
	return 0;
}

void container_done(struct container *c)
{
	if (c->dir >= 0)
		store_unlock(c->dir);
	if (trace_on)
		trace_run(&c->run);
	run_done(&c->run);
	fd_close(&c->dir);
	fd_close(&c->root);
	pid_file_close(&c->pid_file);
	fd_close(&c->pidfd_socket);
	/* Init has the plan yet to run. */
	if (!c->run.shares)
		arena_done(&c->arena);
}

static struct create_opts opts;
static const struct flag flags[] = { CREATE_FLAGS(opts), { 0 } };

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	static struct container c; /* init may read it when we are about to end */
	int rc = container_create(&c, g, &opts, in, -1, true, e);

	container_done(&c);
	return rc;
}

const struct command cmd_create = {
	.name = "create",
	.summary = "make a container that waits for start",
	.usage = "ID [BUNDLE]",
	.flags = flags,
	.min = 1,
	.max = 2,
	.id = true,
	.seals = true,
	.run = run,
};
