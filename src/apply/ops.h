/* ops: one function per step kind. 0 or -errno; run_fail() when they know more; no op calls another.
 * Those of the init lane run after clone: no allocation, no stdio streams, no NSS, no exit(). */
#pragma once
#include "apply/run.h"

typedef int op_fn(struct run *r, const struct step *s);

op_fn op_cgroup, op_devices, op_attach;          /* op_cgroup.c, op_devices.c */
op_fn op_scope, op_delegate;                     /* op_scope.c, op_delegate.c */
op_fn op_filter;                                 /* op_filter.c */
op_fn op_seccomp, op_unlisten;                   /* op_seccomp.c */
op_fn op_agent, op_notify;                       /* op_notify.c */
op_fn op_fifos, op_wait, op_exec;                /* op_exec.c */
op_fn op_lookup;                                 /* op_lookup.c */
op_fn op_clone, op_adopt, op_unshare, op_become; /* op_clone.c */
op_fn op_open_ns, op_join;                       /* op_join.c */
op_fn op_tree;                                   /* op_tree.c */
op_fn op_affinity, op_root;                      /* op_enter.c */
op_fn op_link_up;                                /* op_net.c */
op_fn op_netdev;                                 /* op_netdev.c */
op_fn op_rdt;                                    /* op_rdt.c */
op_fn op_idmap;                                  /* op_idmap.c */
op_fn op_publish;                                /* op_misc.c */
op_fn op_write;                                  /* op_write.c */
op_fn op_hook;                                   /* op_hook.c */
op_fn op_propagate, op_rootfs, op_attr;          /* op_root.c */
op_fn op_pivot, op_return;                       /* op_pivot.c */
op_fn op_mount;                                  /* op_mount.c */
op_fn op_node;                                   /* op_node.c */
op_fn op_cover;                                  /* op_cover.c */
op_fn op_session, op_keyring, op_hostname, op_domainname, op_umask, op_chdir,
	op_fds;                                          /* op_misc.c */
op_fn op_rlimit, op_user, op_caps, op_nnp;               /* op_cred.c */
op_fn op_sched, op_ioprio, op_mempolicy, op_personality; /* op_sched.c */
op_fn op_tty;                                            /* op_tty.c */

/* op_cgroup.c, for op_scope: makes what is missing of d's path, gives d's controllers to the children of all on the way,
 * and opens it. unused: a cgroup that was there must be without processes. A descriptor, or -errno with r->err or without. */
int cgroup_make(struct run *r, const struct cgroup_dir *d, bool unused);
/* op_join.c, for op_root: was *fd, which may be an error, opened below /proc of the container's init? The number may be
 * another process's by then: only the pidfd, asked afterwards, knows that it is not. 0, or -ESRCH with r->err, *fd closed. */
int of_target(struct run *r, int *fd);
/* op_cgroup.c, for op_attach and op_join: opens what init enters its i-th cgroup by. Who will be root of another user
 * namespace by then opens it beforehand: the kernel asks for the opener's rights. 0 or -errno. */
int cgroup_entry(struct run *r, uint32_t i);

/* op_clone.c: from now on no process of the container can trace us or look into us through /proc (prctl(2),
 * PR_SET_DUMPABLE; security.md R6). Exec and a change of ids take it back. 0 or -1. */
int not_dumpable(void);

/* op_idmap.c, for op_tree: one write(2) of a map ("uid_map", "gid_map") to /proc/PID. 0, or -errno with r->err. */
int idmap_write(struct run *r, pid_t pid, const char *name, const struct oci_id_mapping *m,
                size_t n);

/* hook.c's other door, for poststart and poststop, which are not steps: runs one hook with the given status, pid
 * (0: none) and the run's id and state_tail. 0 or -errno with r->err. */
int hook_run(struct run *r, const struct oci_hook *hook, enum hook_type type, uint32_t index,
             const char *status, pid_t pid);

/* op_tty.c, also for restore: one message over a console socket: the terminal's master, and as its text the terminal's
 * name (engine-contract.md 1.3). 0 or -errno. */
int tty_send(int sock, int master, const char *name);
