/* cgroups: which cgroup hierarchies this host has, and where we are in them. Part of the probe. */
#pragma once
#include "base/err.h"
#include "host/facts.h"
#include "libocispec-lite/arena.h"

/* Fills cgroup_host, hierarchy[] and n_hierarchies of f from /proc/self/cgroup (self: that directory) and the
 * conventional places below /sys/fs/cgroup, cgroups(7). A hierarchy that is mounted elsewhere is absent. Strings live
 * in a. 0, or -1 with e. */
int cgroups_probe(struct facts *f, int self, struct arena *a, struct err *e);
