/* cgroup_dir: cgroup directories, opened and listed without following links and without memory. For cgroup*.c only. */
#pragma once
#include "apply/cgroup.h"
#include <limits.h>

#define CGROUP_DEPTH 64 /* of cgroups that a container made below its own */

/* openat(2) of a directory, O_NOFOLLOW | O_CLOEXEC. A descriptor or -errno. */
int cgroup_open_dir(int dirfd, const char *name, int flags);

/* A reading of the child cgroups of dir (O_RDONLY), without opendir(3)'s memory. */
struct cgroup_children {
	int dir;
	ssize_t len, at;
	char buf[2048] __attribute__((aligned(8)));
};
/* The next one's name, or false at the end. */
bool cgroup_next_child(struct cgroup_children *c, char name[NAME_MAX + 1]);

void cgroup_pause(long ms);
/* CLOCK_MONOTONIC. */
long cgroup_now(void);
