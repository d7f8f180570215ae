/* sys: one wrapper per system call that glibc 2.31 lacks, and nothing else. Each returns what the kernel returned, or
 * -errno. The numbers and structs that older headers lack are here too. Linux 5.10 is the oldest kernel supported. */
#pragma once
#include <linux/openat2.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/types.h>

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif
#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 4
#endif

int sys_openat2(int dirfd, const char *path, const struct open_how *how); /* 5.6 */
/* In the child 0; in the parent the pid. args->pidfd as in clone3(2). */
pid_t sys_clone3(struct clone_args *args);                                           /* 5.3 */
int sys_fsopen(const char *fstype, unsigned flags);                                  /* 5.2 */
int sys_fsconfig(int fd, unsigned cmd, const char *key, const void *value, int aux); /* 5.2 */
int sys_fsmount(int fd, unsigned flags, unsigned attr_flags);                        /* 5.2 */
int sys_open_tree(int dirfd, const char *path, unsigned flags);                      /* 5.2 */
int sys_move_mount(int from, const char *from_path, int to, const char *to_path,
                   unsigned flags); /* 5.2 */
int sys_mount_setattr(int dirfd, const char *path, unsigned flags,
                      struct mount_attr *attr);                     /* 5.12 */
int sys_close_range(unsigned first, unsigned last, unsigned flags); /* 5.9 */
int sys_pidfd_open(pid_t pid, unsigned flags);                      /* 5.3 */
int sys_pidfd_send_signal(int pidfd, int sig);                      /* 5.1 */
int sys_pidfd_getfd(int pidfd, int fd);                             /* 5.6 */
int sys_pivot_root(const char *new_root, const char *put_old);
int sys_capset(const uint32_t effective[2], const uint32_t permitted[2],
               const uint32_t inheritable[2]);
int sys_capget(uint32_t effective[2], uint32_t permitted[2], uint32_t inheritable[2]);
int sys_seccomp(unsigned op, unsigned flags, const void *args); /* 3.17 */
int sys_set_mempolicy(int mode, const unsigned long *nodes, unsigned long bits);
/* The default action for a signal; unlike sigaction(2) of glibc also for 32 and 33, which it keeps for itself. */
int sys_signal_default(int sig);
