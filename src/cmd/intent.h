/* intent: the record of a container that is about to be made: what of it there will be to remove, and who makes it
 * (security.md 3.2). */
#pragma once
#include "cmd/create.h"

/* Fills c->record from config and plan. What is there already, of cgroups and classes of resctrl, is not counted as made:
 * removal leaves it alone. 0, or -1 with e. */
int intent_fill(struct container *c, enum cgroup_manager manager, struct err *e);
