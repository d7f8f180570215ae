/* pause, resume: stops all processes of a container where they are, and lets them go on. */
#include "base/engine_texts.h"
#include "base/procfs.h"
#include "base/str.h"
#include "cmd/found.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PAUSE_WAIT  10000 /* ms for another command to finish with the container */
#define FREEZE_WAIT 5000  /* ms for its processes to stop */
#define NAMED       16    /* of those that do not, this many are named */

/* The threads that did not stop: at most so many are looked at twice. */
struct stuck {
	size_t n;
	struct thread {
		pid_t pid, tid;
		char state;
	} v[1024];
};

static char thread_state(int proc, pid_t tid)
{
	uint64_t start;
	char state;

	return procfs_stat(proc, tid, &start, &state) < 0 ? 'X' : state;
}

/* The threads of pid that run, or cannot be woken: a frozen one of v1 looks like these. */
static void add_threads(struct stuck *s, int proc, pid_t pid)
{
	char path[32];

	snprintf(path, sizeof path, "%d/task", (int)pid);
	int fd = procfs_openat(proc, path, O_RDONLY | O_DIRECTORY);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	for (struct dirent *x; d && s->n < sizeof s->v / sizeof *s->v && (x = readdir(d));) {
		uint64_t tid;

		if (str_u64(x->d_name, INT32_MAX, &tid) < 0)
			continue;
		char state = thread_state(proc, (pid_t)tid);
		if (state == 'R' || state == 'D')
			s->v[s->n++] = (struct thread){ pid, (pid_t)tid, state };
	}
	if (d)
		closedir(d);
}

/* Thaws, and writes the pids that were not held to text: those that ran, and those that still cannot be woken now,
 * when what was held can. */
static void name_stuck(const struct found *f, const struct cgroup_ref *refs, size_t n, char *text,
                       size_t size)
{
	static struct stuck s;
	static pid_t pids[4096];
	ssize_t count = cgroup_procs(refs, n, pids, sizeof pids / sizeof *pids);
	size_t named = 0;
	pid_t last = 0;

	if (count > (ssize_t)(sizeof pids / sizeof *pids))
		count = sizeof pids / sizeof *pids;
	for (ssize_t i = 0; i < count; i++)
		add_threads(&s, f->proc, pids[i]);
	cgroup_thaw(refs, n);
	nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	*text = '\0';
	for (size_t i = 0; i < s.n && named < NAMED; i++) {
		const struct thread *t = &s.v[i];

		if (t->pid == last || (t->state != 'R' && thread_state(f->proc, t->tid) != 'D'))
			continue;
		last = t->pid;
		str_add(text, size, " %d", (int)last);
		named++;
	}
}

static int not_held(const struct found *f, const struct cgroup_ref *refs, size_t n, struct err *e)
{
	char pids[NAMED * 12];

	name_stuck(f, refs, n, pids, sizeof pids);
	if (!*pids)
		err_set(e, ERR_HOST,
		        "the processes of %s did not all freeze in %d seconds, and run again",
		        f->record.id, FREEZE_WAIT / 1000);
	else
		err_set(e, ERR_HOST,
		        "these processes of %s did not freeze in %d seconds, and all run again:%s",
		        f->record.id, FREEZE_WAIT / 1000, pids);
	return err_hint(e, "look for what they wait for in /proc/PID/stack, and try again");
}

static int no_freezer(const struct record *r, struct err *e)
{
	if (r->cgroups.n) {
		err_set(e, ERR_HOST, "container %s is in no cgroup that has a freezer", r->id);
		return err_hint(e, "mount the v1 freezer hierarchy or cgroup v2, and create the "
		                   "container again");
	}
	err_set(e, ERR_STATE, "container %s has no cgroup, which pausing needs", r->id);
	if (r->manager && STR_EQ(r->manager, "disabled"))
		return err_hint(e, "create it without --cgroup-manager disabled");
	return err_hint(e, "let this user write a cgroup, and create the container again");
}

static int pause_container(const struct found *f, struct err *e)
{
	struct cgroup_ref refs[RECORD_CGROUPS];
	size_t n = found_cgroups(&f->record, refs);
	enum status status = found_status(f);

	if (status != STATUS_RUNNING && status != STATUS_CREATED) {
		err_set(e, ERR_STATE, TEXT_NOT_RUNNING ": %s", f->record.id);
		return err_hint(e,
		                status == STATUS_PAUSED ? "run \"nsrun resume %s\": it is paused"
		                                        : "run \"nsrun state %s\" to see it",
		                f->record.id);
	}
	int rc = cgroup_freeze(refs, n, FREEZE_WAIT);
	if (rc == -ETIMEDOUT)
		return not_held(f, refs, n, e);
	if (rc == -ENOTSUP)
		return no_freezer(&f->record, e);
	if (rc == 0)
		return 0;
	cgroup_thaw(refs, n);
	return err_sys(e, ERR_HOST, -rc, "freeze the cgroup of %s", f->record.id);
}

static int resume_container(const struct found *f, struct err *e)
{
	struct cgroup_ref refs[RECORD_CGROUPS];
	size_t n = found_cgroups(&f->record, refs);

	if (found_status(f) != STATUS_PAUSED) {
		err_set(e, ERR_STATE, TEXT_NOT_PAUSED ": %s", f->record.id);
		return err_hint(e, "run \"nsrun state %s\" to see it", f->record.id);
	}
	int rc = cgroup_thaw(refs, n);
	if (rc < 0)
		return err_sys(e, ERR_HOST, -rc, "thaw the cgroup of %s", f->record.id);
	/* v1 tells what holds, v2 what was asked for. */
	if (cgroup_frozen(refs, n) != 1)
		return 0;
	err_set(e, ERR_HOST, "container %s stays paused: a cgroup above its own is frozen",
	        f->record.id);
	return err_hint(e, "write THAWED to the freezer.state of that one");
}

static int with_lock(const struct globals *g, const struct cli *in, struct err *e,
                     int (*act)(const struct found *f, struct err *e))
{
	struct found f;
	int rc = found_load(&f, g, in->operand[0], PAUSE_WAIT, e);

	if (rc == 0)
		rc = act(&f, e);
	found_done(&f);
	return rc;
}

static int run_pause(const struct globals *g, const struct cli *in, struct err *e)
{
	return with_lock(g, in, e, pause_container);
}

static int run_resume(const struct globals *g, const struct cli *in, struct err *e)
{
	return with_lock(g, in, e, resume_container);
}

static const struct flag flags[] = { { 0 } };

const struct command cmd_pause = {
	.name = "pause",
	.summary = "stop all processes of a container for a while",
	.usage = "ID",
	.flags = flags,
	.min = 1,
	.max = 1,
	.id = true,
	.run = run_pause,
};

const struct command cmd_resume = {
	.name = "resume",
	.summary = "let a paused container go on",
	.usage = "ID",
	.flags = flags,
	.min = 1,
	.max = 1,
	.id = true,
	.run = run_resume,
};
