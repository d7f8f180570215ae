/* str: small text helpers that cannot overflow. No locale, no allocation. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define STR_EQ(a, b) (strcmp((a), (b)) == 0)

static inline bool str_empty(const char *s)
{
	return !s || !*s;
}
/* For a JSON document, which owns nothing and changes nothing: its words may be constants. */
static inline char *str_word(const char *s)
{
	return (char *)(uintptr_t)s;
}
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);

/* The one parser of numbers from text (security.md R7): decimal digits only, the whole string, no sign, no blank,
 * no leading zero but "0" itself, at most max. 0, or -EINVAL / -ERANGE. Same function for the command line, procfs
 * and the state files; JSON's numbers are libocispec-lite's. */
int str_u64(const char *s, uint64_t max, uint64_t *out);
/* As str_u64(), with one leading '-' allowed; within [min, max]. */
int str_i64(const char *s, int64_t min, int64_t max, int64_t *out);
/* A uid or gid: str_u64() up to 2^32-2, because 2^32-1 means "unchanged" to setresuid(2). */
int str_id(const char *s, uint32_t *out);
/* Octal digits only ("0750" or "750"), at most max. */
int str_octal(const char *s, uint32_t max, uint32_t *out);

/* Has a path a component ".."? Text only. */
bool str_climbs(const char *path);

/* Base64 (RFC 4648 4, with its padding and nothing else in it) decoded into out, of max bytes; out NULL: only
 * measured. How many bytes it is, or -EINVAL / -E2BIG. */
ssize_t str_base64(const char *s, uint8_t *out, size_t max);

/* snprintf at the end of what is in buf (n bytes in all). False when it did not fit; buf is terminated anyway. */
bool str_add(char *buf, size_t n, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Is word in a list of words that sep separates ("cpu io memory")? list may be NULL. */
bool str_listed(const char *list, char sep, const char *word);
