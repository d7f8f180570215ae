/* rlimits: names and numbers of the resource limits, getrlimit(2). Pure. */
#pragma once

/* The names in the order of their numbers: rlimit_words[RLIMIT_CPU] is "RLIMIT_CPU". NULL-terminated. */
extern const char *const rlimit_words[];

/* The number of a limit ("RLIMIT_NOFILE", exactly so), or -1. */
int rlimit_by_name(const char *name);
/* The name of a number, or NULL when it has none. */
const char *rlimit_name(int resource);
