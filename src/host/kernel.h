/* kernel: which of what nsrun asks of a kernel is here. Each row is a rung: a system call, or something else that a
 * kernel may be too old for, or that a seccomp profile keeps from us. */
#pragma once
#include "base/err.h"
#include <stdbool.h>

#define KERNEL_OLDEST "5.10" /* the oldest Linux that is supported */

enum kernel_answer {
	KERNEL_HAS,
	KERNEL_LACKS,
	KERNEL_DENIES, /* EPERM from a call that asks for no rights: it is filtered */
	KERNEL_HIDES   /* cannot be seen from here */
};

enum kernel_rung_kind {
	RUNG_CALL = 1,   /* a system call; otherwise a file or a word */
	RUNG_NEEDED = 2, /* nothing works without it; all of these are in KERNEL_OLDEST */
	RUNG_RIGHTS = 4  /* asks for the right to mount before it looks at anything else */
};

struct kernel_rung {
	const char *name;  /* "openat2" */
	const char *since; /* "5.6" */
	unsigned kind;     /* enum kernel_rung_kind */
	const char *text;  /* needed: what for; otherwise what is lost without it */
	int (*ask)(
		void); /* a call that cannot succeed: -ENOSYS, -EPERM, or anything else when it is here */
};

extern const struct kernel_rung
	kernel_rungs[]; /* in the order of since; ends with a row without name */

enum kernel_answer kernel_ask(const struct kernel_rung *rung);
/* 0, or -1 with e: a needed rung is not here. Before anything is touched. */
int kernel_verify(struct err *e);
/* For an error that has EPERM: hints at the system call that is denied by a filter, when one is. */
void kernel_explain(struct err *e);
