/* caps: names and numbers of the Linux capabilities, capabilities(7). The names are libcap's; the one file that uses it. */
#pragma once

/* The names in the order of their numbers: cap_words()[CAP_CHOWN] is "CAP_CHOWN". NULL-terminated, up to the last one
 * that this libcap knows. The first call reads them from libcap and allocates: make it before any clone. */
const char *const *cap_words(void);

/* The number of a capability ("CAP_NET_ADMIN", exactly so: config.md asks for upper case), or -1. */
int cap_by_name(const char *name);
/* The name of a number, or NULL when it has none. Safe after clone: before the first cap_words() nothing has a name. */
const char *cap_name(int cap);
