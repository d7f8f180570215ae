/* journal: an update that is on its way, and what the updates so far have made of linux.resources. It is one file under
 * two names: update.json while its writes can still be undone, which its rename to resources.json ends. */
#pragma once
#include "base/err.h"
#include "libocispec-lite/ocispec.h"

/* A file of the container's n-th cgroup, and what has to be written to undo the update. */
struct journal_write {
	struct oci_u64 cgroup;
	char *file, *old;
};

struct journal {
	OCI_VEC(struct journal_write) writes;
	struct oci_resources *resources; /* linux.resources with the update in it */
};

/* Begins an update. 0 or -errno. */
int journal_begin(const struct journal *j, int dir);
/* Ends it: the new values are the ones to keep. 0 or -errno. */
int journal_commit(int dir);
/* The same after its writes have been undone. */
void journal_drop(int dir);
/* The text of one, memory in a; name: of its file, for the error. 0, or -1 with e: not one of ours. */
int journal_decode(struct journal *out, const char *text, size_t len, const char *name,
                   struct arena *a, struct err *e);
/* The update that nobody ended, memory in a. 1, 0 when there is none, or -1 with e. */
int journal_load(struct journal *out, int dir, struct arena *a, struct err *e);
/* The resources as they were last asked for: of the last update, else of the config; NULL: none ever were. 0, or -1
 * with e. */
int journal_resources(const struct oci_resources **out, int dir, struct arena *a, struct err *e);
