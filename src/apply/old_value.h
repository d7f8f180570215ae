/* old_value: what must be written into a cgroup file to have it again as it is now. What the kernel shows is not always
 * what it takes. Host lane only. */
#pragma once
#include "libocispec-lite/arena.h"

/* For a write of text: shown is the file's content (is changed). In a; NULL when there is nothing to write back,
 * because the value follows another file's. Pure. */
const char *old_value(const char *file, const char *text, char *shown, struct arena *a);

/* The same of the file in a cgroup's directory; for a cpuset that inherits, what it has from its parent. 0 and *out, or
 * -errno. */
int old_value_read(int cgroup, const char *file, const char *text, const char **out,
                   struct arena *a);
