/* criu_mounts: mounts of a container whose contents are the host's, which criu has to be told. */
#pragma once
#include "apply/run.h"

/* Is what a MOUNT step mounts the host's? */
bool criu_foreign(const struct plan *p, const struct step *s);

/* Denies again what the config denies on such mounts (ro, nosuid, nodev, noexec, and what is masked): criu 4.2 forgets
 * it on all but the first mount of one source. For init r->pid, whose mounts are restored and which does not run yet.
 * 0, or -errno with r->err. */
int criu_deny(struct run *r);
