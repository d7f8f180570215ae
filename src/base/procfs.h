/* procfs: the one file that opens /proc (security.md R3). A descriptor on an own, verified instance is pinned at
 * start; everything is opened below it without crossing mounts or following magic links. Safe after clone. */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* A detached procfs of our own (fsopen, 5.2); where that is not allowed, the host's /proc, verified to be a procfs
 * root. O_PATH-like directory descriptor, or -errno. */
int procfs_open(void);
/* openat2(RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS) below proc; flags as for open(2). "self/..." is
 * the calling process. A descriptor or -errno. */
int procfs_openat(int proc, const char *path, int flags);
/* The start time of a process in clock ticks since boot (proc_pid_stat(5), field 22) and its state letter (field 3).
 * 0, or -errno (-ESRCH when there is none). */
int procfs_stat(int proc, pid_t pid, uint64_t *start_time, char *state);
