/* systemd: which manager would make our units, and the cgroup that it makes them below. Part of the probe. */
#pragma once
#include "base/err.h"
#include "host/facts.h"
#include "libocispec-lite/arena.h"

/* Fills systemd_cgroup of f, whose hierarchies are known; proc: procfs_open(). As root it is the system's manager,
 * sd_booted(3); else, or within a user namespace, that of our user on the host. NULL: it does not run, or has its
 * cgroups outside of our cgroup namespace. 0, or -1 with e. */
int systemd_probe(struct facts *f, int proc, struct arena *a, struct err *e);
