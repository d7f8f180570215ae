/* live: the plan of `nsrun mounts add`: sources opened on the host's side (TREE), then the mounts (MOUNT). Pure. */
#pragma once
#include "plan/plan.h"

/* c: the container's config, with the new mounts, checked, in the place of its own. 0 and *out filled (memory in a), or
 * -1 with e for what cannot be done in a container that runs. */
int plan_live(struct plan *out, const struct oci_config *c, const struct facts *host,
              const struct plan_opts *o, struct arena *a, struct err *e);
/* May this be taken away? 0, or -1 with e, where is its place ("/0/destination"). */
int plan_live_remove(const char *destination, const char *where, struct err *e);
