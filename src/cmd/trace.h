/* trace: --trace FILE: when each step of each process of a command began and ended. The steps' times are on the board
 * that the processes share anyway (apply/run.h); what the command does around them it tells here. When off, all of it is
 * one branch on a flag. */
#pragma once
#include "apply/run.h"
#include "base/err.h"
#include <stdbool.h>
#include <stdint.h>

extern bool trace_on;

uint64_t trace_now(void); /* ns, as the board's */
void trace_add(const char *name, uint64_t begun);

/* A part of a command: its begin, 0 when nothing is traced; and its end, which may be the begin of the next. name: a
 * constant. */
static inline uint64_t trace_begin(void)
{
	return __builtin_expect(trace_on, 0) ? trace_now() : 0;
}
static inline uint64_t trace_next(uint64_t begun, const char *name)
{
	if (__builtin_expect(!begun, 1))
		return 0;
	trace_add(name, begun);
	return trace_now();
}

/* Can file be written? "-": stderr. Made empty, so that what is there afterwards is this command's. 0, or -1 with e. */
int trace_open(const char *file, struct err *e);
/* Keeps the steps that a run has begun; before run_done(). */
void trace_run(const struct run *r);
/* Writes what was kept. A failure is a warning: the command has done what it did. */
void trace_write(const char *command);

/* The documents, from events in the order of their begins. Pure but for the memory. */
struct trace_event {
	const char *name, *phase, *why; /* phase, why: "" of a part of the command */
	const char *lane;               /* "host", "join", "init" */
	pid_t pid;
	uint32_t step;        /* 1 + its number in the plan; 0: none */
	uint64_t begun, done; /* ns; done 0: has not ended, or where nobody could see it */
};
void trace_json(const struct trace_event *v, size_t n, const char *command, struct arena *a,
                const char **out);
void trace_text(const struct trace_event *v, size_t n, struct arena *a, const char **out);
