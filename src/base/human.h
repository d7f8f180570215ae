/* human: durations that people write, and sizes that they read. Pure. */
#pragma once
#include <stddef.h>
#include <stdint.h>

/* A duration as Go writes it ("1m30s", "100ms", "1.5h"; ns us µs ms s m h), or digits alone: seconds. 0 is one, a sign
 * is none. 0, or -EINVAL / -ERANGE (more than 292 years). */
int human_duration(const char *s, uint64_t *ns);

/* "512 B", "12.3 MiB", "64 MiB": rounded down. buf has HUMAN_SIZE bytes. Returns buf. */
#define HUMAN_SIZE 16
const char *human_size(char *buf, uint64_t bytes);
