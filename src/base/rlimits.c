/* rlimits: see rlimits.h. */
#include "base/rlimits.h"
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>

#define COUNT 16

/* The numbers differ between architectures, the set does not. */
const char *const rlimit_words[COUNT + 1] = {
	[RLIMIT_CPU] = "RLIMIT_CPU",           [RLIMIT_FSIZE] = "RLIMIT_FSIZE",
	[RLIMIT_DATA] = "RLIMIT_DATA",         [RLIMIT_STACK] = "RLIMIT_STACK",
	[RLIMIT_CORE] = "RLIMIT_CORE",         [RLIMIT_RSS] = "RLIMIT_RSS",
	[RLIMIT_NPROC] = "RLIMIT_NPROC",       [RLIMIT_NOFILE] = "RLIMIT_NOFILE",
	[RLIMIT_MEMLOCK] = "RLIMIT_MEMLOCK",   [RLIMIT_AS] = "RLIMIT_AS",
	[RLIMIT_LOCKS] = "RLIMIT_LOCKS",       [RLIMIT_SIGPENDING] = "RLIMIT_SIGPENDING",
	[RLIMIT_MSGQUEUE] = "RLIMIT_MSGQUEUE", [RLIMIT_NICE] = "RLIMIT_NICE",
	[RLIMIT_RTPRIO] = "RLIMIT_RTPRIO",     [RLIMIT_RTTIME] = "RLIMIT_RTTIME",
};

int rlimit_by_name(const char *name)
{
	for (int i = 0; i < COUNT; i++)
		if (strcmp(rlimit_words[i], name) == 0)
			return i;
	return -1;
}

const char *rlimit_name(int resource)
{
	return resource >= 0 && resource < COUNT ? rlimit_words[resource] : NULL;
}
