/* remove: takes a container away. delete and a create that failed use the same (security.md 3.2, steps 6 and 7). */
#pragma once
#include "cmd/found.h"

/* Kills what is left of the container of r, removes its cgroups, has systemd stop its unit, runs its poststop hooks
 * (with hooks) and removes its directory. 0 iff no process, no cgroup, no unit and no directory is left; else -1 with e.
 * The directory is locked. */
int remove_container(const struct record *r, int root, int dir, int proc, bool hooks,
                     struct err *e);
/* What can be known of a container whose record is unreadable: its cgroups and unit, from the saved config, or those that
 * create takes when there is none. Fills f->record. 0, or -1 with e. */
int remove_recover(struct found *f, const char *id, struct err *e);
