/* pid_file: --pid-file. Its directory is opened when the command begins; it is written when there is a process, beside
 * its name, and renamed: whoever waits for it never reads half of it (engine-contract.md 1.3). */
#pragma once
#include "base/err.h"
#include "libocispec-lite/arena.h"
#include <sys/types.h>

struct pid_file {
	int dir;          /* -1: none was asked for */
	const char *path; /* absolute */
	const char *name; /* its last part */
};

/* path NULL: none. Memory in a. 0, or -1 with e. */
int pid_file_open(struct pid_file *f, const char *path, struct arena *a, struct err *e);
/* Decimal digits and nothing else. 0 or -errno; nothing to do where none was asked for. */
int pid_file_write(const struct pid_file *f, pid_t pid);
void pid_file_remove(const struct pid_file *f);
void pid_file_close(struct pid_file *f);
