/* size: see size.h. */
#include "cmd/size.h"
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define DECIMALS 9 /* digits behind the point that count */

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The unit at the end: a power of 1024, or -1. */
static int unit(const char *s)
{
	static const char letters[] = "kmgtp";
	const char *at;

	if (!*s)
		return 0;
	s += *s == ' ';
	if (strcasecmp(s, "b") == 0)
		return 0;
	at = *s ? strchr(letters, *s | 0x20) : NULL;
	if (!at || (s[1] && strcasecmp(s + 1, "b") != 0 && strcasecmp(s + 1, "ib") != 0))
		return -1;
	return (int)(at - letters) + 1;
}

int size_parse(const char *s, int64_t *out)
{
	unsigned __int128 value = 0, scale = 1;

	if (strcmp(s, "-1") == 0) {
		*out = -1;
		return 0;
	}
	if (!digit(*s))
		return -EINVAL;
	for (; digit(*s); s++) {
		value = value * 10 + (unsigned)(*s - '0');
		if (value > INT64_MAX)
			return -ERANGE;
	}
	if (*s == '.' && !digit(*++s))
		return -EINVAL;
	for (int i = 0; digit(*s); s++, i++)
		if (i < DECIMALS) {
			value = value * 10 + (unsigned)(*s - '0');
			scale *= 10;
		}
	int power = unit(s);
	if (power < 0)
		return -EINVAL;
	value = (value << 10 * power) / scale;
	if (value > INT64_MAX)
		return -ERANGE;
	*out = (int64_t)value;
	return 0;
}
