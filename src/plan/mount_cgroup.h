/* mount_cgroup: a mount of type cgroup, lowered into ordinary ones. Only plan/ includes this. */
#pragma once
#include "plan/emit.h"

/* Steps that show the container its own cgroups and nothing above them, at the mount's destination. */
void plan_mount_cgroup(struct plan *p, const struct plan_in *in, const struct oci_mount *m);

/* Will m, of type cgroup or cgroup2, let the container write to its cgroup? */
bool mount_cgroup_writable(const struct plan *p, const struct plan_in *in,
                           const struct oci_mount *m);
