/* selfexe: nobody in a container may write to the file that we run from (CVE-2019-5736, security.md 2.4). */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

/* For the commands that put a process into a container, first thing. Returns 0 when our executable cannot be written
 * to: it is on a read-only mount, a sealed memfd, or out of reach for an ordinary user. Otherwise runs the command
 * again, with argv and envp, from a read-only clone of its mount or from a sealed copy, and does not return. -1 with e
 * when neither works. What is known about the file comes from the file, never from the environment. argv[0] becomes the
 * file's absolute path, which a clone does not tell any more. */
int selfexe_seal(char *argv[], char *const envp[], struct err *e);

/* What selfexe_seal() would do about it, in words that follow "nsrun runs". Looks only. */
const char *selfexe_how(void);

/* The absolute path of our executable, into buf: what the kernel says, or argv0 as selfexe_seal() leaves it. It is true:
 * the file there is the one that runs. False when there is no such path: it was removed, or we are a copy. */
bool selfexe_path(const char *argv0, char *buf, size_t n);
