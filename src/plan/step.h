/* step: the closed vocabulary of what nsrun does to the kernel.
 * A step is data: an intent with a reason. It has no ifs; what depends on the world at run time is decided inside its
 * op (apply/op_*.c). Strings and arrays are borrowed from the config or live in the plan's arena. */
#pragma once
#include "libocispec-lite/config.h"
#include "plan/parts.h"
#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

/* Lane = process. Phases run one at a time; the baton passes on the sync socket when the lane changes.
 * HOST is the nsrun command; JOIN a short-lived process that exists only when a namespace must be entered or made
 * before init is born; INIT becomes the container's program. */
enum lane { LANE_HOST, LANE_JOIN, LANE_INIT, LANE__N };

/* Values that exist only at run time, nearly all descriptors. A step kind names the slots that it reads and writes;
 * plan_verify() checks that each is written before it is read, in the same lane or handed over by the clone. */
enum slot {
	SLOT_NONE,
	SLOT_STATE,   /* the container's state directory; set before the plan runs */
	SLOT_PROC,    /* our own procfs (security.md R3); set before the plan runs */
	SLOT_NULL,    /* the host's /dev/null (R4); set before the plan runs */
	SLOT_CONSOLE, /* connected console socket; set before the plan runs */
	SLOT_TARGET,  /* exec: the container's init (pidfd); set before the plan runs */
	SLOT_CGROUP,  /* the container's cgroups: run.cgroup[] */
	SLOT_STORE, /* the state root, for the cache of filters; set before the plan runs, or empty */
	SLOT_BPF,   /* the compiled seccomp filter: run.bpf */
	SLOT_AGENT,  /* connected socket of who answers the filter's notifications */
	SLOT_NS,     /* namespaces to join: run.ns[] */
	SLOT_TREES,  /* sources of mounts that the host opens: run.tree[] */
	SLOT_GO,     /* fifo: start writes one byte, init waits for it */
	SLOT_ERR,    /* fifo: init writes a struct err when exec fails */
	SLOT_PID,    /* init's pid and pidfd */
	SLOT_NET,    /* init's network namespace, where a device of the host is in it */
	SLOT_ROOTFS, /* the container's root directory */
	SLOT_PTY,    /* the terminal's container side */
	SLOT_EXE,    /* the program's path: run.exe */
	SLOT__N
};

enum step_kind {
	/* host: what outlives init's birth */
	STEP_CGROUP, /* make, or for exec only open, the cgroup in one hierarchy   -> CGROUP   undo: kill, rmdir */
	STEP_SCOPE, /* have systemd make it as a scope, with init in it            <- PID PROC -> CGROUP   undo: stop the unit */
	STEP_DELEGATE, /* cgroup v2: give it to the container's user               <- CGROUP */
	STEP_DEVICES,  /* cgroup v2: attach the device program                       <- CGROUP */
	STEP_FILTER,   /* compile seccomp to BPF                                     -> BPF */
	STEP_AGENT,    /* connect to who will answer seccomp notifications           -> AGENT */
	STEP_FIFOS,    /* make and open the go and err fifos                         -> GO ERR */
	STEP_OPEN_NS,  /* open one namespace file, or the target's; verify its type  -> NS */
	STEP_TREE,     /* a copy of the source of one mount                          -> TREES */
	STEP_CLONE,    /* make the next lane's process                               -> PID */
	STEP_ADOPT,    /* take over the init that the join lane gave birth to        -> PID */
	STEP_IDMAP,    /* uid_map, gid_map, setgroups; or newuidmap(1)               <- PID */
	STEP_NOTIFY,   /* hand the filter's listener to the agent                   <- AGENT PID */
	STEP_RDT, /* put init into a class of resctrl, made where that is asked for <- PID  undo: rmdir */
	STEP_NETDEV, /* move a network device of the host into init's namespace    <- PID -> NET  undo: move back */
	STEP_PUBLISH, /* write the state and the pid file: "created"                <- PID */
	/* any lane */
	STEP_WRITE,  /* bytes to one kernel file: cgroup, oom_score_adj, sysctl */
	STEP_HOOK,   /* run one hook with the state on stdin */
	STEP_RLIMIT, /* one prlimit(2) of init */
	STEP_SCHED,  /* scheduling policy of init */
	STEP_IOPRIO, /* I/O priority of init */
	/* join and init: cgroups and namespaces */
	STEP_ATTACH, /* init enters its cgroups                                    <- CGROUP */
	STEP_JOIN, /* setns(2) into a set of namespaces                          <- NS, or TARGET */
	STEP_UNSHARE,  /* unshare(2) */
	STEP_BECOME,   /* uid and gid 0 of the new user namespace */
	STEP_LINK_UP,  /* bring up lo */
	STEP_AFFINITY, /* the cpus that init may run on */
	/* init: file system */
	STEP_PROPAGATE, /* propagation of every mount, from the root down */
	STEP_ROOTFS,    /* bind the root onto itself and open it                    -> ROOTFS */
	STEP_ROOT, /* exec: open the root of the mount namespace that was joined, or enter init's -> ROOTFS */
	STEP_MOUNT, /* one mount of the config                                  <- ROOTFS */
	STEP_NODE,  /* one device node, fifo or symlink                         <- ROOTFS */
	STEP_PIVOT, /* make the rootfs "/"                                      <- ROOTFS -> ROOTFS */
	STEP_COVER, /* mask a path or make it read-only                         <- ROOTFS NULL */
	STEP_ATTR,  /* attributes of an existing mount: root.readonly, propagation of "/" */
	STEP_RETURN, /* back to the host's mount namespace, into a copy of the tree       <- NS -> ROOTFS */
	/* init: process */
	STEP_SESSION, /* setsid(2) */
	STEP_KEYRING, /* an own session keyring */
	STEP_TTY, /* a pty: /dev/console, stdio, master to the console socket  <- ROOTFS CONSOLE -> PTY */
	STEP_HOSTNAME,
	STEP_DOMAINNAME,
	STEP_UMASK,
	STEP_PERSONALITY, /* execution domain */
	STEP_MEMPOLICY,   /* NUMA memory policy */
	STEP_CHDIR,       /* the working directory, made when missing */
	STEP_FDS,         /* close every descriptor that is not the program's or ours until exec */
	STEP_USER,        /* groups, gid, uid, verified */
	STEP_CAPS,        /* bounding, permitted, effective, inheritable, ambient, verified */
	STEP_NNP,         /* no_new_privs */
	STEP_SECCOMP,     /* load the filter                                         <- BPF */
	STEP_UNLISTEN,    /* close our own copy of its listener */
	STEP_LOOKUP,      /* find the program in the container's PATH                -> EXE */
	STEP_WAIT,        /* block on the go fifo until start                        <- GO */
	STEP_EXEC,        /* <- EXE ERR */
	STEP__N
};

/* Why a step exists. Exactly one of the three; "nsrun plan" prints it, every error carries it. */
struct origin {
	struct oci_at at; /* a member of the config */
	const char *spec; /* a rule of the OCI spec: "default devices" */
	const char *need; /* our own need: "uid 0 must exist before mount" */
};

enum lenient {
	MUST,
	SKIP_ENOENT,
	SKIP_EPERM
}; /* which failure is not one (EPERM: also EACCES, EROFS) */

enum write_to {
	WRITE_CGROUP, /* run.cgroup[index] / path */
	WRITE_INIT,   /* /proc/<init> / path, from the host */
	WRITE_SELF,   /* /proc/self / path */
	WRITE_SYSCTL  /* /proc/sys / path */
};

enum mount_how {
	MOUNT_BIND = 1 << 0,    /* source is a path; a bind mount of it */
	MOUNT_REC = 1 << 1,     /* rbind: with what is mounted below */
	MOUNT_REMOUNT = 1 << 2, /* change the mount that is at target already */
	MOUNT_COPYUP = 1 << 3,  /* tmpcopyup: fill the tmpfs with what the target held */
	MOUNT_STRICT = 1 << 4,  /* no symlink on the way to the target: proc, sysfs (R14) */
	MOUNT_INHERIT_MODE =
		1 << 5, /* tmpfs without mode=: mode and owner of the directory that it covers */
	MOUNT_SRC_NOFOLLOW = 1 << 6,
	MOUNT_DEST_NOFOLLOW = 1 << 7,
	MOUNT_COPY_SYMLINK = 1 << 8, /* a source that is a symlink is copied as one */
	MOUNT_IDMAP = 1 << 9,        /* id-mapped: the source comes from a TREE step */
	MOUNT_IDMAP_REC = 1 << 10,   /* ridmap: so is what is mounted below it */
};

#define TREES                                                                                      \
	128 /* id-mapped mounts of one container: each is a descriptor until it is in its place */

#define MEMPOLICY_NODES 1024 /* more than any kernel has, MAX_NUMNODES */
#define AFFINITY_CPUS   8192 /* more than any kernel has, NR_CPUS */

enum node_type { NODE_CHAR, NODE_BLOCK, NODE_FIFO, NODE_LINK };
enum cover_how { COVER_MASK, COVER_READONLY };
enum pivot_how { PIVOT_ROOT, PIVOT_MOVE }; /* PIVOT_MOVE: --no-pivot */
enum hook_type {
	HOOK_PRESTART,
	HOOK_CREATE_RUNTIME,
	HOOK_CREATE_CONTAINER,
	HOOK_START_CONTAINER,
	HOOK_POSTSTART,
	HOOK_POSTSTOP,
	HOOK__N
};

struct step {
	enum step_kind kind;
	enum lenient lenient;
	struct origin why;
	union {
		struct {
			uint8_t index;
			bool existing; /* exec: it is there, with processes in it */
		} cgroup;
		struct scope scope;
		struct {
			uid_t uid; /* as the host sees it */
			uint8_t index;
		} delegate;
		struct {
			const struct bpf_insn *program; /* BPF_PROG_TYPE_CGROUP_DEVICE */
			uint32_t n;
			uint8_t index;
		} devices;
		struct {
			enum write_to to;
			uint8_t index;
			const char *path, *bytes;
			const char *or_path, *or_bytes; /* when path does not exist; NULL */
		} write;
		struct {
			const struct oci_seccomp *profile;
			const struct sock_filter *program; /* instead of a profile; NULL */
			uint32_t n;
			bool strict; /* a system call that libseccomp does not know is an error */
		} filter;
		struct {
			uint32_t flags; /* SECCOMP_FILTER_FLAG_*; NEW_LISTENER: NOTIFY comes next */
			bool dumpable;  /* the host cannot take the listener from us otherwise */
		} seccomp;
		struct {
			const char *path, *metadata; /* AGENT: path; NOTIFY: metadata or NULL */
		} agent;
		struct {
			bool target; /* it is the one of the container's init: no mount namespace leads to it */
		} root;
		struct {
			uint32_t flag;
			const char *path;
		} open_ns; /* flag: CLONE_NEW*; path NULL: the target's */
		struct {
			const char *source; /* absolute on the host */
			const struct id_maps
				*maps; /* NULL: those of the user namespace that is joined */
			uint32_t
				how; /* MOUNT_REC, MOUNT_COPY_SYMLINK ...; without MOUNT_IDMAP only copied */
			unsigned long
				propagation; /* MS_* [| MS_REC]: as in init's copy of the host's mounts, or 0 */
			uint8_t index; /* in run.tree[] */
			uint8_t ns;    /* in run.tree_ns[]: equal maps have the same */
		} tree;
		struct {
			uint32_t flags;
			enum lane lane;
			int into_cgroup; /* index or -1 */
			bool shares;     /* the command's memory, until it executes the program */
		} clone;
		struct {
			const struct oci_id_mapping *uid, *gid;
			size_t n_uid, n_gid;
			const char *newuidmap,
				*newgidmap; /* helpers to use, or NULL: write directly */
			bool deny_setgroups;
		} idmap;
		struct {
			const char *
				group; /* directory of the class; "": the default one, which is the root */
			const char
				*monitor; /* name of the monitoring group to make in it, or NULL */
			const char *const
				*schemata; /* lines, each written by itself, in this order */
			uint32_t n;
			bool make; /* where it is missing, else that is an error */
			bool own;  /* and it may not be there yet: it goes with the container */
		} rdt;
		struct {
			const char *host, *name; /* before and after; name may hold %d */
		} netdev;
		struct {
			const char *pid_file;
		} publish;
		struct {
			const struct oci_hook *hook;
			enum hook_type type;
			uint32_t index;
		} hook;
		struct {
			int resource;
			const char *name;
			struct rlimit limit;
		} rlimit;
		struct {
			const char *name; /* "SCHED_FIFO" */
			uint32_t policy, priority;
			int32_t nice;
			uint64_t flags, runtime, deadline, period; /* sched_setattr(2) */
		} sched;
		struct {
			const char *name; /* "IOPRIO_CLASS_BE" */
			int class_, level;
		} ioprio;
		struct {
			const char *name, *nodes; /* "MPOL_BIND", "0-3,7" */
			int mode;                 /* MPOL_* | MPOL_F_* */
			const unsigned long *mask;
			uint32_t bits; /* of mask; 0: no nodes */
		} mempolicy;
		struct {
			const char *name; /* "LINUX32" */
			unsigned long domain;
		} personality;
		struct {
			bool keep_groups;
		} become;
		struct {
			uint32_t flags; /* JOIN, UNSHARE: CLONE_NEW* */
			bool keep_groups;
			bool target; /* JOIN: those of the target, not those that were opened */
		} join;
		struct {
			const unsigned long *mask; /* NULL: all that the cgroup allows */
			uint32_t bits;             /* of mask */
			const char *cpus;          /* "0-3,7" */
		} affinity;
		struct {
			unsigned long flags;
		} propagate; /* MS_PRIVATE | MS_REC ... */
		struct {
			const char *path; /* absolute on the host */
			bool shared;      /* what is around it may be shared with the host */
		} rootfs;
		struct {
			const char *source, *target, *fstype;
			const char *data; /* file system options, comma-separated, or "" */
			unsigned long
				flags; /* MS_* that mount(2) and fsmount(2) take for this mount */
			unsigned long
				cleared; /* MS_* that an option turned off on purpose ("rw", "dev") */
			uint64_t rec_set, rec_clear; /* MOUNT_ATTR_* with AT_RECURSIVE */
			unsigned long propagation;   /* MS_SHARED ... [| MS_REC], or 0 */
			uint32_t how;                /* MOUNT_* above */
			const char *instead; /* a path to bind when it is refused, or NULL */
			const char *relabel; /* SELinux label for its root, or NULL */
			uint8_t tree; /* 1 + index in run.tree[] of the source, 0: source is to be opened */
		} mount;
		struct {
			const char *target;
			uint64_t set, clear;
			unsigned long propagation;
		} attr;
		struct {
			const char *path, *link; /* link: for NODE_LINK, what it says */
			enum node_type type;
			mode_t mode;
			dev_t dev;
			uid_t uid;
			gid_t gid;
			bool bind; /* mknod is not allowed here: bind the host's node */
			bool must_match; /* an existing other file is an error (config), not accepted (default) */
		} node;
		struct {
			const char *path;
			enum cover_how how;
		} cover;
		struct {
			enum pivot_how how;
		} pivot;
		struct {
			uint16_t rows, cols; /* 0: leave as it is */
			bool console;        /* bind it on /dev/console */
		} tty;
		struct {
			const char *name;
		} hostname; /* HOSTNAME, DOMAINNAME, KEYRING (id) */
		struct {
			mode_t mask;
		} umask;
		struct {
			const char *path;
			bool create; /* only make it */
		} chdir;
		struct {
			uint32_t preserve;
		} fds; /* descriptors 3 .. 3+preserve-1 stay */
		struct {
			uid_t uid;
			gid_t gid;
			const gid_t *groups;
			uint32_t n;
			bool keep_groups;
		} user;
		struct {
			uint64_t bounding, effective, permitted, inheritable, ambient;
		} caps;
		struct {
			const char *file;
			const char *path_env;
			char **envp; /* it lacks HOME: complete it; NULL: it has one */
			uint32_t n_env;
		} lookup; /* args[0]; value of PATH, or NULL */
		struct {
			char **argv, **envp;
		} exec; /* NULL-terminated */
	};
};
