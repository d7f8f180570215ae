/* size: amounts of bytes as people write them. */
#pragma once
#include <stdint.h>

/* "1048576", "512m", "64MiB", "1.5 GB", "-1" (no limit). Units are powers of 1024, as docker's are for memory, in any
 * case: b, k, m, g, t, p, with "b" or "ib" behind them. 0, or -EINVAL / -ERANGE. */
int size_parse(const char *s, int64_t *out);
