/* err: what went wrong, where in the user's input, and what to do about it.
 * Plain data: lives on the stack, crosses the sync socket as is, owns nothing. */
#pragma once
#include <stddef.h>

enum err_kind {
	ERR_NONE,
	ERR_USAGE,  /* the command line */
	ERR_CONFIG, /* config.json or another input file */
	ERR_HOST,   /* this machine */
	ERR_STATE,  /* the container's recorded state */
	ERR_STEP,   /* a step of a plan failed */
	ERR_BUG     /* nsrun is wrong */
};

struct err {
	enum err_kind kind;
	int num; /* errno, 0 when no system call failed */
	char what
		[320]; /* "mount proc on /proc: operation not permitted"; no prefix, no full stop */
	char where[200]; /* "config.json:41:17 /mounts/3/options/1", or a path, or "" */
	char hint[240];  /* one sentence that starts with a verb, or "" */
};

/* All return -1, so that "return err_set(...)" ends a function. The first error set wins; later ones are dropped.
 * Texts that do not fit are cut. e may be NULL when nobody wants to know. */
int err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The same, with ": <text of errno num>" appended. */
int err_sys(struct err *e, enum err_kind kind, int num, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Fill where / hint of the error that was set, unless they are filled already. */
int err_where(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int err_hint(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The kernel's text for an errno, lower case at the start and never translated ("no such process"): engines
 * match on it case-sensitively (engine-contract.md 1.8). Safe after clone. */
const char *err_text(int num, char *buf, size_t n);
