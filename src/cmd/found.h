/* found: an existing container, looked up by its id for a command. */
#pragma once
#include "apply/oom.h"
#include "cmd/cmd.h"
#include "libocispec-lite/state.h"
#include "store/record.h"

struct found {
	int root, dir, proc;
	struct record record;
	struct arena arena;
};

#define FOUND_UNLOCKED (-1)
/* Opens the state root, the container's directory (locked, waiting at most wait_ms, unless FOUND_UNLOCKED), /proc.
 * Without a state root there is no container either. 0, or -1 with e (e->num ENOENT: it does not exist). */
int found_open(struct found *f, const struct globals *g, const char *id, int wait_ms,
               struct err *e);
/* The same and reads its record. Under the lock an update that was killed is undone first. */
int found_load(struct found *f, const struct globals *g, const char *id, int wait_ms,
               struct err *e);
/* The container's cgroups as apply/ names them: those of the record, before the commit without what was there
 * already. Returns how many. */
size_t found_cgroups(const struct record *r, struct cgroup_ref out[RECORD_CGROUPS]);
/* What the kernel has killed in it for lack of memory; false when nothing, or when nobody counts. */
bool found_oom(const struct record *r, struct oom *out);
/* Is init the first process of a pid namespace, so that all others of the container are in it and end with init? */
bool found_own_pids(const struct found *f);
/* Is init in the same namespace as we? file: "user", "mnt" (namespaces(7)). */
bool found_shares(const struct found *f, const char *file);
/* -1 with e: what is asked for has to wait for create. */
int found_creating(const char *id, struct err *e);
/* -1 with e: of a container in no cgroup nothing can be measured. */
int found_no_cgroup(const char *id, struct err *e);
/* Its status, "paused" included. */
enum status found_status(const struct found *f);
/* What `state` and `list` print of it. Strings are the record's and owner; pid is 0 when it is stopped. */
struct oci_state found_state(const struct found *f, const char *owner);
void found_done(struct found *f);
