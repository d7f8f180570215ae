/* update: what `nsrun update` writes into the cgroups of a container that has limits already. Pure. */
#pragma once
#include "plan/plan.h"

/* The limits that the kernel holds for the container, and what it uses. -1: no limit; 0: not known, or no such file. */
struct limits_now {
	int64_t memory;            /* bytes */
	int64_t swap;              /* v1: memory plus swap; v2, which counts swap alone: 0 */
	int64_t usage, swap_usage; /* of memory, and of memory plus swap */
	int64_t quota;             /* microseconds, as all of them */
	uint64_t period, burst, rt_period;
	int64_t rt_runtime;
	bool idle;
};

/* Prepares r, which is an update, for the checks and for plan_update(). The spec's zeros that mean "not set" become
 * absent; devices, which an update never touches, go. Absent members of memory and cpu that others depend on get the
 * value in force, but stay absent: of the kernel, or of stored (what was asked for so far, or NULL). */
void update_complete(struct oci_resources *r, const struct oci_resources *stored,
                     const struct limits_now *now);

/* stored with what r names in its place, in a; both stay as they are, and are shared. stored may be NULL. */
struct oci_resources *update_merge(const struct oci_resources *stored,
                                   const struct oci_resources *r, struct arena *a);

/* Lowers c->linux_->resources, completed and checked, to WRITE steps in the order that the kernel takes at every
 * moment. host: its hierarchies are the container's cgroups, own is their path; p->cgroups are the same.
 * checkBeforeUpdate of merged is honoured. 0, or -1 with e. */
int plan_update(struct plan *p, const struct oci_config *c, const struct oci_resources *merged,
                const struct limits_now *now, const struct facts *host, const struct plan_opts *o,
                struct arena *a, struct err *e);
