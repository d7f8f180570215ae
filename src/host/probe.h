/* probe: asks this host for the facts. Reads only; works for any user. */
#pragma once
#include "base/err.h"
#include "host/facts.h"
#include "libocispec-lite/ocispec.h"

/* Fills f; strings live in a. c: the config that will be used, so that only what it needs is asked; NULL: everything
 * that is cheap. proc: procfs_open(). 0, or -1 with e. */
int facts_probe(struct facts *f, const struct oci_config *c, int proc, struct arena *a,
                struct err *e);
/* The same without cgroups: for a process that joins those of a container, wherever they are. */
int facts_probe_process(struct facts *f, const struct oci_config *c, int proc, struct arena *a,
                        struct err *e);
