/* stats: what a container uses, read from its cgroups and its network namespace. What is missing or unreadable is no
 * error: its numbers stay 0, its lists empty. v1 and v2 give the same document (engine-contract.md 1.7): microseconds
 * of v2 become nanoseconds, its swap is told together with memory. Host lane only. */
#pragma once
#include "apply/cgroup.h"
#include "libocispec-lite/ocispec.h"

#define STATS_CGROUPS 20

/* A container's cgroups, opened. */
struct stats {
	const struct cgroup_ref *refs; /* the caller's */
	size_t n;
	int fd[STATS_CGROUPS]; /* -1: it does not exist */
	struct arena *a;
};

/* 0, -ENOENT when none of them exists, or another -errno. The results live in a. */
int stats_open(struct stats *s, const struct cgroup_ref *refs, size_t n, struct arena *a);
void stats_done(struct stats *s);

/* Fill in one part of a new document (oci_blank()). */
void stats_cpu(struct stats *s, struct oci_stats_cpu *out);
/* What of one processor's time it may have: quota of each period, in microseconds. False: no limit. */
bool stats_quota(struct stats *s, uint64_t *quota, uint64_t *period);
void stats_cpuset(struct stats *s, struct oci_stats_cpuset *out);
void stats_memory(struct stats *s, struct oci_stats_memory *out);
void stats_pids(struct stats *s, struct oci_stats_pids *out);
void stats_io(struct stats *s, struct oci_stats_io *out);
void stats_hugetlb(struct stats *s, struct oci_stats *out);
/* The interfaces of the network namespace of pid; whether that still is who the caller means, he says himself. */
void stats_network(int proc, pid_t pid, struct oci_stats *out, struct arena *a);

/* The whole document, in a. */
struct oci_stats *stats_all(struct stats *s, int proc, pid_t pid);
