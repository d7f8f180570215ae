/*
 * floor.h - what the two halves of the floor share: the cgroups made, the devices, the way to fail.
 */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <stddef.h>

#define N(array)      (sizeof(array) / sizeof((array)[0]))
#define CGROUPS       "/sys/fs/cgroup"
#define CGROUPS_MAX   24
#define DEVICES_COUNT 11

/* try(call, arguments...): ends the program with the name of the call when it failed. */
#define try(what, ...) attempt(#what, what(__VA_ARGS__))

/* One hierarchy: its folder on the host, and the descriptor by which the child enters (v1: tasks). */
struct cgroup {
	char name[32]; /* folder under CGROUPS; empty for the tree of a pure v2 host */
	char path[128];
	int enter; /* -1 on v2, where clone3 enters */
};

/* One rule of the default device list. */
struct device {
	char type;
	int major, minor; /* -1: any */
	const char *access;
	const char *node; /* made in the new root; NULL: only allowed */
};

extern const struct device devices[DEVICES_COUNT];
extern struct cgroup cgroups[CGROUPS_MAX];
extern size_t cgroups_count;
extern int cgroup2_fd; /* the container's folder of the v2 tree; -1: there is none */

/* Returns result, unless it is negative: then prints what and errno, and exits with 125. */
int attempt(const char *what, long result);

/* Makes the container's cgroup in every hierarchy, with the device rules. */
void cgroups_make(const char *id);

#endif
