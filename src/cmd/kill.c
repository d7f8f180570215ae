/* kill: see kill.h; and the command. */
#include "cmd/kill.h"
#include "base/engine_texts.h"
#include "base/fd.h"
#include "base/signals.h"
#include "base/sys.h"
#include "cmd/found.h"
#include "cmd/matching.h"
#include "libocispec-lite/schema.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>

#define KILL_WAIT 100   /* ms for the lock */
#define ALL_WAIT  2000  /* the same with --all, which cannot do without */
#define DIE_WAIT  10000 /* ms for a killed process to be gone */

static int not_running(const struct record *r, struct err *e)
{
	err_set(e, ERR_STATE, TEXT_NOT_RUNNING ": %s", r->id);
	return err_hint(e, "run \"nsrun delete %s\" to remove it", r->id);
}

int kill_init(const struct record *r, int proc, int sig, struct err *e)
{
	autofd pidfd = record_pidfd(r, proc);
	int rc = pidfd < 0 ? pidfd : sys_pidfd_send_signal(pidfd, sig);

	if (rc == -ESRCH)
		return not_running(r, e);
	return rc < 0 ? err_sys(e, ERR_HOST, -rc, "send signal %d to %s", sig, r->id) : 0;
}

/* The v1 freezer keeps even the killed. */
static void thaw(const struct record *r)
{
	struct cgroup_ref refs[RECORD_CGROUPS];

	cgroup_thaw(refs, found_cgroups(r, refs));
}

int kill_init_and_wait(const struct record *r, int proc, struct err *e)
{
	autofd pidfd = record_pidfd(r, proc);
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int rc = pidfd < 0 ? pidfd : sys_pidfd_send_signal(pidfd, SIGKILL);

	if (rc == -ESRCH)
		return 0;
	if (rc < 0)
		return err_sys(e, ERR_HOST, -rc, "kill init of %s", r->id);
	thaw(r);
	do
		rc = poll(&p, 1, DIE_WAIT);
	while (rc < 0 && errno == EINTR);
	if (rc == 1)
		return 0;
	err_set(e, ERR_HOST, "init of %s (pid %d) does not die", r->id, (int)r->pid.v);
	return err_hint(e, "look for what it waits for in /proc/%d/stack", (int)r->pid.v);
}

static int kill_all(const struct record *r, int sig, struct err *e)
{
	struct cgroup_ref refs[RECORD_CGROUPS];
	int rc = cgroup_kill_all(refs, found_cgroups(r, refs), sig);

	return rc < 0 ? err_sys(e, ERR_HOST, -rc, "signal the processes of %s", r->id) : 0;
}

static int send_signal(const struct found *f, int sig, bool everyone, bool locked, struct err *e)
{
	enum status status = found_status(f);

	/* Of a container whose init is gone something may be left in its cgroup. */
	if (everyone && f->record.cgroups.n)
		return kill_all(&f->record, sig, e);
	if (status == STATUS_STOPPED || status == STATUS_CREATING)
		return not_running(&f->record, e);
	/* The kernel ends a pid namespace with its first process. Where init is not that, nobody else would end what
	 * it has started. */
	bool alone = sig == SIGKILL && locked && !found_own_pids(f);
	if (kill_init(&f->record, f->proc, sig, e) < 0)
		return -1;
	if (alone)
		return kill_all(&f->record, sig, e);
	if (sig == SIGKILL && locked)
		thaw(&f->record);
	return 0;
}

static bool all, regex;
static const struct flag flags[] = {
	{ "all", 'a', FLAG_BOOL, NULL, "signal every process of the container", .b = &all },
	{ "regex", 'r', FLAG_BOOL, NULL,
	  "ID is a regular expression: all containers that it matches", .b = &regex },
	{ 0 },
};

static int signal_number;

static int kill_one(const struct globals *g, const char *id, struct err *e)
{
	struct err busy = { 0 };
	struct found f;
	int rc = found_load(&f, g, id, all ? ALL_WAIT : KILL_WAIT, &busy);

	if (rc < 0 && busy.num == EWOULDBLOCK && !all) {
		/* A start whose hook hangs must be killable: its pidfd is verified without the lock. A cgroup's path
		 * is not: by the time it is used it may be another container's. */
		found_done(&f);
		rc = found_load(&f, g, id, FOUND_UNLOCKED, e);
	} else if (rc < 0) {
		*e = busy;
	}
	if (rc == 0)
		rc = send_signal(&f, signal_number, all, busy.kind == ERR_NONE, e);
	found_done(&f);
	return rc;
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	const char *name = in->n > 1 ? in->operand[1] : "SIGTERM";
	size_t n;

	signal_number = signal_by_name(name);
	if (signal_number < 0) {
		const char *near = oci_nearest(name, signal_words);

		err_set(e, ERR_USAGE, "unknown signal \"%s\"", name);
		return near ? err_hint(e, "did you mean \"%s\"?", near)
		            : err_hint(e, "use a name or a number from 1 to 64");
	}
	if (!regex)
		return kill_one(g, in->operand[0], e);
	int rc = matching_each(g, in->operand[0], &n, kill_one, e);
	return rc == 0 && !n ? matching_none(in->operand[0], e) : rc;
}

const struct command cmd_kill = {
	.name = "kill",
	.summary = "send a signal (default SIGTERM) to a container",
	.usage = "ID [SIGNAL]",
	.flags = flags,
	.min = 1,
	.max = 2,
	.id = true,
	.pattern = &regex,
	.run = run,
};
