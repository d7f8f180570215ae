/* oom: what the kernel has killed in a container for lack of memory, and what the memory limit was. Host lane only. */
#pragma once
#include "apply/cgroup.h"
#include "base/err.h"

struct oom {
	uint64_t
		kills; /* processes that the OOM killer took from the container's cgroup and those below it */
	uint64_t limit; /* bytes; UINT64_MAX: none */
	uint64_t peak;  /* the most bytes that were in use; 0: unknown (v2 before 5.19) */
	bool at_limit; /* the limit was reached; else the host, or a cgroup above, ran out of memory */
};

/* Reads the counters of the container's memory cgroup: memory.events, memory.events.local (v2), memory.oom_control,
 * memory.failcnt and the peak (v1). 0, or -ENOENT without a memory cgroup, or another -errno. */
int oom_read(const struct cgroup_ref *refs, size_t n, struct oom *out);

/* Says that the container "was OOM-killed at limit 64 MiB (67108864 bytes)", or where else memory ran out. */
#define OOM_TEXT 128
const char *oom_text(const struct oom *o, char buf[OOM_TEXT]);

/* The error of an init that was killed before it could run the program: fills what, where and hint. Returns -1. */
int oom_error(const struct oom *o, struct err *e);
