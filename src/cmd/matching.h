/* matching: the containers whose ids a regular expression matches, for kill and delete --regex. */
#pragma once
#include "cmd/cmd.h"

/* Calls one() for each, in the order of their ids. pattern is a POSIX extended regular expression, regex(7), that has
 * to match some part of the id. *n is how many there were. A container that is gone by then is none; after a failure
 * the others have their turn all the same: the first one is e, the later ones are warnings. 0, or -1 with e. */
int matching_each(const struct globals *g, const char *pattern, size_t *n,
                  int (*one)(const struct globals *g, const char *id, struct err *e),
                  struct err *e);
/* -1 with e: no id matches. */
int matching_none(const char *pattern, struct err *e);
