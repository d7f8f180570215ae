/* mountopt: the mount options of the spec, in one table (config.md#linux-mount-options). Pure. */
#pragma once
#include "libocispec-lite/arena.h"
#include "libocispec-lite/config.h"
#include "plan/step.h"

/* Every option word nsrun knows, sorted, NULL-terminated: `features` prints it, "did you mean" searches it. */
extern const char *const mountopt_words[];

/* Is word "idmap=..." or "ridmap=...", with ids of its own (base/idrange.h)? */
bool mountopt_has_ids(const char *word);

/* Lowers type, source and options of m into s->mount (flags, attributes, data, propagation, how). Unknown words are
 * file system data. */
void mountopt_lower(const struct oci_mount *m, struct step *s, struct arena *a);
