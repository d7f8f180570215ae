/* devices: the nodes and links of the container's /dev. Only plan/ includes this. */
#pragma once
#include "plan/emit.h"

/* NODE steps: linux.devices, the default devices that it does not name, and the links of
 * config-linux.md#dev-symbolic-links. Nothing when the config binds a directory on /dev: that one is complete. */
void plan_devices(struct plan *p, const struct plan_in *in);

/* Whether a path of the config means the absolute path want, apart from slashes that say nothing. */
bool same_path(const char *path, const char *want);
