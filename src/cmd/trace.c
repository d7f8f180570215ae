/* trace: see trace.h. */
#include "cmd/trace.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "cmd/log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PARTS 64 /* of one command; more are not told */

bool trace_on;
static const char *file;
static struct arena arena;
static struct {
	const char *name;
	uint64_t begun, done;
} parts[PARTS];
static size_t n_parts, n_steps;
static struct trace_event *steps;

uint64_t trace_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void trace_add(const char *name, uint64_t begun)
{
	if (n_parts == PARTS)
		return;
	parts[n_parts].name = name;
	parts[n_parts].begun = begun;
	parts[n_parts++].done = trace_now();
}

int trace_open(const char *to, struct err *e)
{
	file = to;
	trace_on = true;
	if (STR_EQ(file, "-"))
		return 0;
	autofd fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0644);
	if (fd < 0) {
		err_sys(e, ERR_USAGE, errno, "open --trace %.200s", file);
		return err_hint(e, "give --trace a file that can be written, or \"-\"");
	}
	return 0;
}

/* Behind the filter init may not look at the clock: what it did there, it did when the step before had ended. */
static void place(struct trace_event *x, uint64_t last)
{
	if (x->begun == 1)
		x->begun = last;
	if (x->done == 1)
		x->done = x->begun;
}

void trace_run(const struct run *r)
{
	const pid_t pids[LANE__N] = {
		[LANE_HOST] = getpid(), [LANE_JOIN] = r->join_pid, [LANE_INIT] = r->pid
	};
	uint64_t last[LANE__N] = { 0 };
	const struct phase *ph;
	const struct step *s;
	char text[160];

	if (!r->board || !r->plan || !r->plan->n)
		return;
	steps = arena_grow(&arena, steps, n_steps * sizeof *steps,
	                   (n_steps + r->plan->n_steps) * sizeof *steps);
	for (uint32_t n = 0; (s = plan_at(r->plan, n, &ph)); n++) {
		struct trace_event x = { .phase = ph->name,
			                 .lane = lane_names[ph->lane],
			                 .pid = pids[ph->lane],
			                 .step = n + 1,
			                 .begun = r->board->at[n].begun,
			                 .done = r->board->at[n].done };

		if (!x.begun)
			continue;
		place(&x, last[ph->lane]);
		last[ph->lane] = x.done ? x.done : x.begun;
		step_label(s, r->plan->cgroups, text, sizeof text);
		x.name = arena_str(&arena, text, strlen(text));
		plan_why(r->plan, s, text, sizeof text);
		x.why = arena_str(&arena, text, strlen(text));
		steps[n_steps++] = x;
	}
}

/* Of two that begin together the longer one, which has the other in it, comes first. */
static int by_begin(const void *a, const void *b)
{
	const struct trace_event *x = a, *y = b;

	if (x->begun != y->begun)
		return x->begun < y->begun ? -1 : 1;
	if (x->step && y->step)
		return (x->step > y->step) - (x->step < y->step);
	return (x->done < y->done) - (x->done > y->done);
}

/* The name and the phases of a plan live as long as it does. */
static struct trace_event *collect(size_t *n)
{
	struct trace_event *v = NEW_N(&arena, struct trace_event, n_steps + n_parts + 1);

	for (size_t i = 0; i < n_parts; i++)
		v[i] = (struct trace_event){ .name = parts[i].name,
			                     .phase = "",
			                     .why = "",
			                     .lane = lane_names[LANE_HOST],
			                     .pid = getpid(),
			                     .begun = parts[i].begun,
			                     .done = parts[i].done };
	if (n_steps)
		memcpy(v + n_parts, steps, n_steps * sizeof *v);
	*n = n_parts + n_steps;
	qsort(v, *n, sizeof *v, by_begin);
	return v;
}

void trace_write(const char *command)
{
	const char *text;
	size_t n;
	struct trace_event *v = collect(&n);
	bool own = STR_EQ(file, "-");

	if (own)
		trace_text(v, n, &arena, &text);
	else
		trace_json(v, n, command, &arena, &text);
	autofd fd = own ? fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
	                : open(file, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOCTTY);
	int rc = fd < 0 ? -errno : io_write_all(fd, text, strlen(text));
	char why[64];

	if (rc < 0)
		log_warn("write --trace %s: %s", file, err_text(-rc, why, sizeof why));
	arena_done(&arena);
}
