/* start: lets init of a created container run its program, and tells whether it does. */
#include "cmd/start.h"
#include "apply/ops.h"
#include "base/engine_texts.h"
#include "base/fd.h"
#include "base/interrupt.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include "cmd/bundle.h"
#include "cmd/hooks.h"
#include "cmd/kill.h"
#include "cmd/notify.h"
#include "cmd/trace.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#define START_WAIT 60 /* ms for another command's lock: of four starts at once three end at once */

static int open_fifo(int dir, const char *name, int how)
{
	int fd = openat(dir, name, how | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int not_created(const struct record *r, enum status status, struct err *e)
{
	switch (status) {
	case STATUS_STOPPED:
		err_set(e, ERR_STATE, TEXT_HAS_STOPPED);
		return err_hint(e, "run \"nsrun delete %s\", and create it again", r->id);
	case STATUS_PAUSED:
		err_set(e, ERR_STATE, "cannot start a container in the paused state");
		return err_hint(e, "run \"nsrun resume %s\" first", r->id);
	case STATUS_RUNNING:
		err_set(e, ERR_STATE, TEXT_STARTED);
		return err_hint(e, "run \"nsrun state %s\" to see it", r->id);
	case STATUS_CREATING: return found_creating(r->id, e);
	case STATUS_CREATED: break;
	}
	return 0;
}

/* Until init is gone from the fifo it holds the other end: closed by exec, or by its death after telling why. */
static int wait_exec(int fd, struct err *e)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct err told;

	while (interrupt_poll(&p, 1, -1) < 0) {
		if (errno != EINTR)
			return err_sys(e, ERR_HOST, errno, "wait for the program to start");
		if (interrupt_signal()) {
			err_set(e, ERR_STEP, "interrupted by %s before the program ran",
			        interrupt_name());
			return err_hint(
				e,
				"look what the startContainer hooks, or the program's file system, wait for");
		}
	}
	ssize_t n = io_read_all(fd, &told, sizeof told);
	if (n <= 0)
		return 0;
	if (n != (ssize_t)sizeof told || told.kind == ERR_NONE)
		return err_set(e, ERR_STEP, "init failed and did not say why");
	told.what[sizeof told.what - 1] = told.where[sizeof told.where - 1] =
		told.hint[sizeof told.hint - 1] = '\0';
	*e = told;
	return -1;
}

/* Does nobody hold the other end any more? What has been written stays to be read. */
static bool at_end(int fd)
{
	int waiting = 0;
	char byte;

	return ioctl(fd, FIONREAD, &waiting) == 0 && waiting == 0 && read(fd, &byte, 1) == 0;
}

/* Exec closes init's descriptors one after the other, and go tells "created" from "running": whoever asks for the state
 * after us must not see it open. */
static void wait_running(int dir)
{
	for (int tries = 0; tries < 1000; tries++) {
		autofd go = open_fifo(dir, STORE_GO, O_WRONLY);

		if (go < 0)
			return;
		nanosleep(&(struct timespec){ .tv_nsec = 50000 }, NULL);
	}
}

/* The fifo was closed without a word: by exec, which takes PF_FORKNOEXEC (include/linux/sched.h) away before it closes
 * anything, or by death. Nobody can tell any more once the exit status has been fetched. */
static int verify_executed(const struct record *r, int proc, struct err *e)
{
	struct oom oom;

	if (procfs_executed(proc, (pid_t)r->pid.v) != 0)
		return 0;
	if (found_oom(r, &oom))
		return oom_error(&oom, e);
	int sig = procfs_killed_by(proc, (pid_t)r->pid.v);
	if (sig != SIGSYS) {
		err_set(e, ERR_STEP, "init was killed before it could run the program");
		return err_hint(e, "look at dmesg for who killed it");
	}
	err_set(e, ERR_STEP,
	        "init was killed by signal %d (SIGSYS, the system call filter) before it could run the "
	        "program",
	        sig);
	err_where(e, "/linux/seccomp");
	return err_hint(e, "allow execve, read and close in /linux/seccomp, which init calls last");
}

static int release(const struct record *r, int dir, int proc, struct err *e)
{
	/* err first: when go has a reader, init is there and its end of err is open. */
	autofd why = open_fifo(dir, STORE_ERR, O_RDONLY);
	autofd go = why < 0 ? -1 : open_fifo(dir, STORE_GO, O_WRONLY);

	if (why < 0)
		return err_sys(e, ERR_STATE, -why, "open the fifo " STORE_ERR " of %s", r->id);
	/* Closed already, by exec or by death, while go looked open: another start was killed before it could see that. */
	if (go >= 0 && at_end(why))
		return err_set(e, ERR_STATE, TEXT_STARTED);
	if (go < 0 || write(go, "", 1) != 1) {
		err_set(e, ERR_STATE, TEXT_HAS_STOPPED);
		return err_hint(e, "run \"nsrun delete %s\": its init ended while it waited",
		                r->id);
	}
	/* A writer of our own would keep the fifo open. */
	fd_close(&go);
	if (wait_exec(why, e) < 0 || verify_executed(r, proc, e) < 0)
		return -1;
	wait_running(dir);
	return 0;
}

/* What init tells has a JSON pointer: its line and column are those of the config that create has saved. */
static void place(int dir, struct err *e)
{
	struct bundle b = { .file = STORE_CONFIG };

	if (io_load(dir, STORE_CONFIG, OCI_MAX_TEXT, &b.text, &b.len) == 0)
		bundle_locate(&b, e);
}

int start_container(const struct record *r, int dir, int proc, enum status status, struct err *e)
{
	if (not_created(r, status, e) < 0)
		return -1;
	uint64_t t = trace_begin();
	if (release(r, dir, proc, e) < 0) {
		place(dir, e);
		/* As when a startContainer hook fails. */
		if (interrupt_signal())
			kill_init(r, proc, SIGKILL, NULL);
		return -1;
	}
	trace_next(t, "init let go, program runs");
	if (!r->poststart.v)
		return 0;
	/* runtime.md#lifecycle 9: a poststart hook that fails stops the container. */
	if (hooks_run(r, dir, proc, HOOK_POSTSTART, STATUS_RUNNING, false, e) == 0)
		return 0;
	place(dir, e);
	kill_init(r, proc, SIGKILL, NULL);
	return -1;
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	struct found f;
	int rc = found_load(&f, g, in->operand[0], START_WAIT, e);
	autofd pidfd = -1, notify = -1;

	if (rc == 0) {
		pidfd = record_pidfd(&f.record, f.proc);
		notify = pidfd < 0 ? -1 : notify_listen(f.dir, e);
		rc = e->kind == ERR_NONE ? 0 : -1;
	}
	if (rc == 0) {
		interrupt_begin();
		rc = start_container(&f.record, f.dir, f.proc, found_status(&f), e);
	}
	if (rc == 0 && notify >= 0) {
		/* The container runs: others may work on it while it gets ready. */
		store_unlock(f.dir);
		interrupt_end();
		notify_wait(notify, pidfd, (pid_t)f.record.pid.v);
	}
	found_done(&f);
	return rc;
}

static const struct flag flags[] = { { 0 } };

const struct command cmd_start = {
	.name = "start",
	.summary = "run the program of a created container",
	.usage = "ID",
	.flags = flags,
	.min = 1,
	.max = 1,
	.id = true,
	.run = run,
};
