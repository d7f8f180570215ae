/* idrange: crun's text form of the ids of an id-mapped mount, "uids=0-1000-1#1-2000-10;gids=@0-1000-1". Pure. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct idrange {
	bool gid;
	bool relative; /* "@": second is an id of the container, not of the host */
	uint32_t first, second, size;
};

/* Reads the next range from *text and moves *text behind it; for the first one r is all zero, and keeps its place in
 * between. 1, 0 at the end, or -EINVAL: not of that form, or ids that are none (2^32-1, a size of 0). */
int idrange_next(const char **text, struct idrange *r);
