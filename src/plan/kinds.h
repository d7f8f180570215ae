/* kinds: the facts about each step kind, in one table. */
#pragma once
#include "plan/step.h"

#define SLOT_BIT(s) (1u << (s))
#define LANE_BIT(l) (1u << (l))

struct step_def {
	const char *name;       /* what `nsrun plan` and errors print */
	uint8_t lanes;          /* LANE_BIT()s that may run it */
	uint32_t reads, writes; /* SLOT_BIT()s */
	bool admin;             /* needs capabilities of the set-up: not after STEP_CAPS */
};
extern const struct step_def step_defs[STEP__N];
extern const char *const lane_names[LANE__N];
extern const char *const hook_names[HOOK__N]; /* "prestart" ... as in config.json */

/* A namespace: its name in config.json, its CLONE_NEW* flag, its file in /proc/PID/ns. */
struct namespace_def {
	const char *type, *file;
	uint32_t flag;
};
#define NAMESPACES 8
extern const struct namespace_def
	namespace_defs[NAMESPACES]; /* user first, mount last: the order of joining */
const struct namespace_def *namespace_by_type(const char *type); /* NULL: not one of the spec's */
const struct namespace_def *namespace_by_flag(uint32_t flag);

/* "mount proc on /proc", "write memory.max = 1048576": a step for people, into buf. */
void step_label(const struct step *s, const struct cgroup_dir *cgroups, char *buf, size_t n);
