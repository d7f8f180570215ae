/* spawn: runs another program of the host or of the container to its end: hooks, newuidmap(1). Allocates nothing, so
 * that init can use it too. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SPAWN_TAIL 512

struct spawn {
	const char *path;  /* absolute */
	char *const *argv; /* n_argv entries, needs no NULL behind it; none: path alone */
	size_t n_argv;
	char *const *envp;
	size_t n_envp;
	int in;           /* what it reads on stdin; borrowed */
	int out;          /* where its stdout goes; borrowed. 0: into the tail, as stderr does */
	int dir;          /* its working directory, or -1 */
	const char *cwd;  /* the same by name, or NULL. Neither: ours */
	unsigned timeout; /* seconds, then it and its process group are killed; 0: none */
	bool interrupts;  /* a signal that asks us to end does so too (base/interrupt.h) */
	bool filtered;    /* we are behind a seccomp filter of the container's */
};

/* How it ended. Exactly one of error, interrupted, timed_out and status says so. */
struct spawned {
	int error;        /* errno of what kept it from running, or 0 */
	const char *call; /* which call that was: "exec", "chdir" */
	bool timed_out;
	const char *interrupted;   /* by which signal, or NULL */
	int status;                /* as from waitpid(2) */
	char tail[SPAWN_TAIL + 1]; /* the end of what it wrote, printable, on one line */
};

/* Gives every signal its default action and blocks none: what a program must find that we become, whatever our caller
 * ignored or blocked. SIGKILL and SIGSTOP refuse, and are there anyway. 0, or -errno. */
int signals_reset(void);

/* Runs s and waits. Its signals are at their defaults, its descriptors are 0-2 alone, its process group is its own.
 * Reads its output to the end or until it has exited; whoever it leaves behind does not hold us. */
void spawn_run(const struct spawn *s, struct spawned *out);

/* It ran and exited with 0. */
bool spawn_ok(const struct spawned *x);
/* "exited with status 3: <tail>" and the like into buf. timeout as in struct spawn. */
void spawn_text(const struct spawned *x, unsigned timeout, char *buf, size_t n);
