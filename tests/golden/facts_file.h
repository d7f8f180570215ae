/* facts_file: struct facts from text, so that tests can write down a host.
 *
 * One key=value per line; blank lines and lines that start with # are skipped. Every member of struct facts is a key.
 * Flags are 0 or 1; namespaces is a list of types ("mount pid user") or "all"; cgroup_host is none, v1, hybrid or v2;
 * newuidmap= (empty) is NULL. hierarchy=CONTROLLERS|MOUNT|OWN|v1 or v2|writable or "" adds one; hierarchies=none
 * removes all. preset=root-hybrid, root-v1, root-v2, user-hybrid or user-v2 sets everything and comes first. */
#pragma once
#include "host/facts.h"
#include "libocispec-lite/arena.h"

/* Fills *f; strings live in a. 0, or -1 after saying on stderr which line is wrong. */
int facts_parse(const char *text, struct facts *f, struct arena *a);
/* The same from a file. */
int facts_load(const char *path, struct facts *f, struct arena *a);
