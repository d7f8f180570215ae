/* json: what decode, locate and encode need around yajl. Not for users of the library. */
#pragma once
#include "libocispec-lite/arena.h"
#include <stdbool.h>
#include <stdint.h>
#include <yajl/yajl_common.h>

/* yajl's memory out of a; nothing is freed before a is. */
yajl_alloc_funcs oci_json_memory(struct arena *a);

/* Length of the part of text that is safe to give to yajl: all of it, or what lies before the first byte that is not
 * UTF-8 (RFC 3629), or before the first \u escape that is U+0000 or half a surrogate pair; *why then says which.
 * yajl itself reads beyond its buffer at some of these (CVE-2017-16516) and turns others into "?" in silence. */
size_t oci_json_sound(const char *text, size_t len, const char **why);

/* First byte from off on that is neither white space nor "," nor ":", which is where a value or key begins after the
 * end of the one before. len when there is none. */
size_t oci_json_next(const char *text, size_t len, size_t off);

/* Splits a whole number into sign and magnitude, exactly: -?(0|[1-9][0-9]*) of at most 64 bits. False for anything
 * else, also for "-0", fractions and exponents. */
bool oci_json_integer(const char *s, size_t len, bool *negative, uint64_t *magnitude);
