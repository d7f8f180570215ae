/* selfexe: nobody in a container may write to the file that we run from (CVE-2019-5736, security.md 2.4). */
#pragma once
#include "base/err.h"

/* For the commands that put a process into a container, first thing. Returns 0 when our executable cannot be written
 * to: it is on a read-only mount, a sealed memfd, or out of reach for an ordinary user. Otherwise runs the command
 * again, with argv and envp, from a read-only clone of its mount or from a sealed copy, and does not return. -1 with e
 * when neither works. What is known about the file comes from the file, never from the environment. */
int selfexe_seal(char *const argv[], char *const envp[], struct err *e);
