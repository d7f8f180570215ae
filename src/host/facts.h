/* facts: all that checking and planning may know about this host. Probed once (host/probe.c), or written in a test.
 * Plain data; strings belong to the arena that was given to facts_probe(). */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum cgroup_host {
	CGROUP_HOST_NONE,   /* no cgroup file system at /sys/fs/cgroup */
	CGROUP_HOST_V1,     /* controllers in v1 hierarchies, no cgroup2 */
	CGROUP_HOST_HYBRID, /* v1 hierarchies and a cgroup2 mount beside them */
	CGROUP_HOST_V2      /* one cgroup2 tree */
};

/* One cgroup hierarchy, cgroups(7). */
struct hierarchy {
	/* v1: "cpu,cpuacct" or "name=systemd"; v2: "cpu io memory", those of its root */
	const char *controllers;
	const char *mount; /* "/sys/fs/cgroup/memory" */
	const char *own;   /* our own cgroup in it, from /proc/self/cgroup: "/" or "/a/b" */
	bool v2;
	bool writable; /* we may make a cgroup below the place where containers go */
};
#define FACTS_HIERARCHIES 20

struct facts {
	uid_t euid;
	gid_t egid;
	bool in_userns;        /* we are not in the initial user namespace */
	bool cap_sys_admin;    /* effective in our user namespace */
	bool cap_setid;        /* CAP_SETUID and CAP_SETGID: any id map may be written */
	bool setgroups_denied; /* /proc/self/setgroups is "deny" */
	int last_cap;          /* /proc/sys/kernel/cap_last_cap */
	/* CLONE_NEW* that this kernel has (/proc/self/ns), of those asked for */
	uint32_t namespaces;
	enum cgroup_host cgroup_host;
	struct hierarchy hierarchy[FACTS_HIERARCHIES];
	uint32_t n_hierarchies;
	/* the cgroup of the systemd manager that we would ask, system or user: "/", or
	 * "/user.slice/user-1000.slice/user@1000.service"; NULL: none runs. Probed only for that cgroup manager. */
	const char *systemd_cgroup;
	/* "0-3": cpus and memory nodes that are online; NULL: not asked for */
	const char *cpus, *mems;
	/* "2MB 1GB": those of /sys/kernel/mm/hugepages; probed only when asked for */
	const char *hugepage_sizes;
	const char *newuidmap, *newgidmap; /* absolute paths, or NULL */
	bool seccomp;                      /* this build has libseccomp */
	/* this kernel has them enabled; probed only for a config with a label of theirs */
	bool apparmor, selinux;
};
