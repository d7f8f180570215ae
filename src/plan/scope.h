/* scope: the systemd unit of a container, by linux.cgroupsPath "slice:prefix:name". Only the planners of cgroups
 * include this. */
#pragma once
#include "plan/emit.h"

/* Fills unit, slice, subgroup and user of s; strings live in a or are the config's. 0, or -1 with in->e. */
int scope_name(const struct plan_in *in, struct arena *a, struct scope *s);
/* Where systemd has s in each hierarchy: its own cgroup, one for each part of the slice's name, the unit's:
 * "/a.slice/a-b.slice/nsrun-c1.scope". systemd.slice(5). */
const char *scope_path(const struct plan_in *in, struct arena *a, const struct scope *s);
