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
/* A namespace of a process, "net" or "mnt" (namespaces(7)): a magic link that is followed. A descriptor or
 * -errno. */
int procfs_open_ns(int proc, pid_t pid, const char *file);
/* The root directory of a process, where no mount namespace leads to it: the other magic link. O_PATH, or -errno. */
int procfs_open_root(int proc, pid_t pid);
/* Does the process run a program that it has executed since it was forked (PF_FORKNOEXEC of proc_pid_stat(5), field 9)?
 * Also tells of one that has ended and was not waited for. 1, 0, or -errno. */
int procfs_executed(int proc, pid_t pid);
/* The signal that killed a process which has ended and was not waited for (field 52); 0: none, or we may not see it.
 * -errno as above. */
int procfs_killed_by(int proc, pid_t pid);
/* The start time of a process in clock ticks since boot (proc_pid_stat(5), field 22) and its state letter (field 3).
 * 0, or -errno (-ESRCH when there is none). */
int procfs_stat(int proc, pid_t pid, uint64_t *start_time, char *state);
