/* str: see str.h. */
#include "base/str.h"
#include "base/unsafe.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool str_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

/* The whole string as digits of the base, at most max; a leading zero is the caller's affair. */
static int digits(const char *s, unsigned base, uint64_t max, uint64_t *out)
{
	uint64_t v = 0;
	bool over = false;

	if (str_empty(s))
		return -EINVAL;
	for (; *s; s++) {
		unsigned d = (unsigned)(unsigned char)*s - '0';

		if (d >= base)
			return -EINVAL;
		over = over || v > (UINT64_MAX - d) / base;
		v = v * base + d;
	}
	if (over || v > max)
		return -ERANGE;
	*out = v;
	return 0;
}

int str_u64(const char *s, uint64_t max, uint64_t *out)
{
	if (s && s[0] == '0' && s[1])
		return -EINVAL;
	return digits(s, 10, max, out);
}

int str_i64(const char *s, int64_t min, int64_t max, int64_t *out)
{
	bool minus = s && *s == '-';
	uint64_t v;
	int rc = str_u64(minus ? s + 1 : s, (uint64_t)INT64_MAX + minus, &v);

	if (rc < 0)
		return rc;
	if (minus && v == 0)
		return -EINVAL;
	int64_t x = minus ? (int64_t)(0 - v) : (int64_t)v;
	if (x < min || x > max)
		return -ERANGE;
	*out = x;
	return 0;
}

int str_id(const char *s, uint32_t *out)
{
	uint64_t v;
	int rc = str_u64(s, UINT32_MAX - 1, &v);

	if (unsafe("ids"))
		v = strtoul(s, NULL, 10), rc = 0;
	if (rc == 0)
		*out = (uint32_t)v;
	return rc;
}

int str_octal(const char *s, uint32_t max, uint32_t *out)
{
	uint64_t v;
	int rc = digits(s, 8, max, &v);

	if (rc == 0)
		*out = (uint32_t)v;
	return rc;
}

bool str_climbs(const char *path)
{
	for (const char *s = path; (s = strstr(s, "..")); s += 2)
		if ((s == path || s[-1] == '/') && (!s[2] || s[2] == '/'))
			return true;
	return false;
}

/* The six bits that a letter stands for, or -1. */
static int sextet(char c)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(letters, c) : NULL;

	return at ? (int)(at - letters) : -1;
}

ssize_t str_base64(const char *s, uint8_t *out, size_t max)
{
	size_t len = strlen(s), pad = 0, n = 0;
	uint32_t bits = 0;

	while (pad < 2 && pad < len && s[len - 1 - pad] == '=')
		pad++;
	if (len % 4)
		return -EINVAL;
	for (size_t i = 0; i < len - pad; i++) {
		int v = sextet(s[i]);

		if (v < 0)
			return -EINVAL;
		bits = bits << 6 | (uint32_t)v;
		/* Behind the first letter of each four, every letter completes a byte. */
		if (i % 4 == 0)
			continue;
		if (n == max)
			return -E2BIG;
		if (out)
			out[n] = (uint8_t)(bits >> (6 - i % 4 * 2));
		n++;
	}
	/* What is left over of the last letter is 0 in the one right spelling. */
	return pad && bits & ((1u << pad * 2) - 1) ? -EINVAL : (ssize_t)n;
}

bool str_add(char *buf, size_t n, const char *fmt, ...)
{
	size_t len = strnlen(buf, n);
	va_list ap;

	if (len == n)
		return false;
	va_start(ap, fmt);
	int added = vsnprintf(buf + len, n - len, fmt, ap);
	va_end(ap);
	return added >= 0 && (size_t)added < n - len;
}

bool str_listed(const char *list, char sep, const char *word)
{
	size_t n = strlen(word);

	for (const char *s = list; s; s = strchr(s, sep) ? strchr(s, sep) + 1 : NULL)
		if (strncmp(s, word, n) == 0 && (s[n] == sep || !s[n]))
			return true;
	return false;
}
