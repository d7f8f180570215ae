/* events: a container's statistics as lines of JSON, and a line for each process that the OOM killer takes. */
#include "apply/oom.h"
#include "base/engine_texts.h"
#include "base/fd.h"
#include "base/io.h"
#include "cmd/found.h"
#include "cmd/interval.h"
#include "libocispec-lite/ocispec.h"
#include "stats/stats.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>

/* v1 tells of the lack before it kills: the counter is looked at again, so often and so long. */
#define LOOK_AGAIN (20 * NS_PER_MS)
#define LOOK_UNTIL (1000 * NS_PER_MS)

static struct {
	const char *interval;
	bool once;
} opts = { .interval = "5s" };

static const struct flag flags[] = {
	{ "interval", 0, FLAG_STRING, "TIME", "between two lines of statistics (default: 5s)",
	  .s = &opts.interval },
	{ "stats", 0, FLAG_BOOL, NULL, "print one line of statistics and end", .b = &opts.once },
	{ 0 },
};

/* A container that is watched. */
struct watch {
	struct found f;
	struct cgroup_ref refs[RECORD_CGROUPS];
	size_t n;
	int pidfd;      /* of init */
	uint64_t kills; /* that were told of */
};

static int print(const struct watch *w, char *type, struct oci_stats *data, struct arena *a,
                 struct err *e)
{
	const struct oci_event event = { .type = type, .id = w->f.record.id, .data = data };

	puts(oci_encode(&oci_event_schema, &event, OCI_COMPACT, a, NULL));
	return stdout_done(e);
}

static bool ended(const struct watch *w)
{
	return poll(&(struct pollfd){ .fd = w->pidfd, .events = POLLIN }, 1, 0) == 1;
}

static int no_stats(const struct watch *w, int num, struct err *e)
{
	const char *id = w->f.record.id;

	if (num != ENOENT)
		return err_sys(e, ERR_HOST, num, "open the cgroups of %s", id);
	return found_no_cgroup(id, e);
}

/* Nothing when init has ended: what was read then may be another's. A pid is given again, and so is a cgroup's name. */
static int print_stats(const struct watch *w, struct err *e)
{
	struct arena a = { 0 };
	struct oci_stats *all = NULL;
	struct stats s;
	int rc = stats_open(&s, w->refs, w->n, &a);

	if (rc == 0) {
		all = stats_all(&s, w->f.proc, (pid_t)w->f.record.pid.v);
		stats_done(&s);
	}
	if (ended(w))
		rc = 0;
	else
		rc = all ? print(w, "stats", all, &a, e) : no_stats(w, -rc, e);
	arena_done(&a);
	return rc;
}

static uint64_t count_kills(const struct watch *w)
{
	struct oom oom;

	return oom_read(w->refs, w->n, &oom) == 0 ? oom.kills : w->kills;
}

static int print_kills(struct watch *w, struct err *e)
{
	uint64_t kills = count_kills(w);
	struct arena a = { 0 };
	int rc = 0;

	for (; rc == 0 && w->kills < kills; w->kills++)
		rc = print(w, "oom", NULL, &a, e);
	w->kills = kills; /* v1: it shrinks when a cgroup below is removed */
	arena_done(&a);
	return rc;
}

/* An eventfd that counts how often the cgroup ran out of memory, cgroup-v1/memory.rst "OOM Control". */
static int watch_v1(int cgroup)
{
	autofd oom = openat(cgroup, "memory.oom_control", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	autofd event = oom < 0 ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	char text[32];
	int n = snprintf(text, sizeof text, "%d %d", event, oom);

	if (event < 0 || io_write_kernel(cgroup, "cgroup.event_control", text, (size_t)n) < 0)
		return -1;
	return fd_take(&event);
}

/* A descriptor that wakes poll(2) with the events asked for, or -1. */
static int watch_memory(const struct watch *w, short *events)
{
	for (size_t i = 0; i < w->n; i++) {
		autofd cgroup = cgroup_open(&w->refs[i]);
		int fd = cgroup < 0      ? -1
		         : w->refs[i].v2 ? openat(cgroup, "memory.events",
		                                  O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
		                         : watch_v1(cgroup);

		*events = w->refs[i].v2 ? POLLPRI : POLLIN;
		if (fd >= 0)
			return fd;
	}
	return -1;
}

/* Takes note, so that the next poll(2) waits for the next event: both kinds of descriptor want to be read. */
static void rearm(int fd)
{
	char text[512];

	lseek(fd, 0, SEEK_SET);
	io_read_small(fd, "", text, sizeof text);
}

static int follow(struct watch *w, uint64_t interval, struct err *e)
{
	enum { OUT, INIT, OOM, N };
	struct pollfd p[N] = {
		[OUT] = { .fd = STDOUT_FILENO },
		[INIT] = { .fd = w->pidfd, .events = POLLIN },
	};
	autofd oom = watch_memory(w, &p[OOM].events);
	uint64_t next = interval_now(), look_until = 0;
	int rc = 0;

	p[OOM].fd = oom;
	w->kills = count_kills(w);
	while (rc == 0 && !p[INIT].revents) {
		uint64_t t = interval_now(), until;

		if (t >= next) {
			rc = print_stats(w, e);
			next = t + interval;
		}
		until = t < look_until && t + LOOK_AGAIN < next ? t + LOOK_AGAIN : next;
		if (rc == 0)
			rc = interval_wait(p, N, until, e);
		if (p[OOM].revents) {
			rearm(oom);
			look_until = interval_now() + LOOK_UNTIL;
		}
		if (rc == 0)
			rc = print_kills(w, e);
	}
	return rc;
}

static int watch_open(struct watch *w, const struct globals *g, const char *id, struct err *e)
{
	if (found_load(&w->f, g, id, FOUND_UNLOCKED, e) < 0)
		return -1;
	w->n = found_cgroups(&w->f.record, w->refs);
	w->pidfd = record_pidfd(&w->f.record, w->f.proc);
	if (w->pidfd == -ESRCH) {
		err_set(e, ERR_STATE, TEXT_NOT_RUNNING ": %s", id);
		return err_hint(e, "run \"nsrun list\" to see those that are");
	}
	return w->pidfd < 0 ? err_sys(e, ERR_HOST, -w->pidfd, "open init of %s", id) : 0;
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	struct watch w = { .pidfd = -1 };
	uint64_t interval = 0;

	if (interval_flag(opts.interval, &interval, e) < 0)
		return -1;
	int rc = watch_open(&w, g, in->operand[0], e);
	if (rc == 0)
		rc = opts.once ? print_stats(&w, e) : follow(&w, interval, e);
	fd_close(&w.pidfd);
	found_done(&w.f);
	return rc;
}

const struct command cmd_events = {
	.name = "events",
	.summary = "print statistics and OOM kills of a container as JSON",
	.usage = "ID",
	.flags = flags,
	.min = 1,
	.max = 1,
	.id = true,
	.run = run,
};
