/* human: see human.h. */
#include "base/human.h"
#include "base/str.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_S UINT64_C(1000000000)
#define DIGITS   "0123456789"

static const struct unit {
	const char *name;
	uint64_t ns;
} units[] = {
	/* "m" also begins "ms"; micro has a sign of its own and a Greek letter. */
	{ "ns", 1 },       { "us", 1000 },    { "\xc2\xb5s", 1000 },  { "\xce\xbcs", 1000 },
	{ "ms", 1000000 }, { "s", NS_PER_S }, { "m", 60 * NS_PER_S }, { "h", 3600 * NS_PER_S },
};

/* The unit that a text begins with, or NULL. */
static const struct unit *unit_find(const char *s)
{
	for (size_t i = 0; i < sizeof units / sizeof *units; i++)
		if (str_starts(s, units[i].name))
			return &units[i];
	return NULL;
}

/* One "1.5h" off the front of *s, added to *sum. */
static int add_part(const char **s, uint64_t *sum)
{
	const char *p = *s, *point, *end;
	uint64_t ns, n = 0;
	int over = 0;

	point = p + strspn(p, DIGITS);
	end = *point == '.' ? point + 1 + strspn(point + 1, DIGITS) : point;
	const struct unit *unit = unit_find(end);
	if (!unit || end - p == (*point == '.'))
		return -EINVAL;
	for (; p < point; p++) {
		over |= __builtin_mul_overflow(n, 10, &n);
		over |= __builtin_add_overflow(n, (uint64_t)(*p - '0'), &n);
	}
	over |= __builtin_mul_overflow(n, unit->ns, &n);
	over |= __builtin_add_overflow(*sum, n, sum);
	ns = unit->ns;
	for (p = point + 1; p < end; p++) {
		ns /= 10;
		over |= __builtin_add_overflow(*sum, ns * (uint64_t)(*p - '0'), sum);
	}
	*s = end + strlen(unit->name);
	return over ? -ERANGE : 0;
}

int human_duration(const char *s, uint64_t *ns)
{
	uint64_t sum = 0;

	if (str_empty(s))
		return -EINVAL;
	if (!s[strspn(s, DIGITS)]) {
		int rc = str_u64(s, INT64_MAX / NS_PER_S, &sum);

		*ns = rc < 0 ? *ns : sum * NS_PER_S;
		return rc;
	}
	while (*s) {
		int rc = add_part(&s, &sum);

		if (rc < 0)
			return rc;
	}
	if (sum > INT64_MAX)
		return -ERANGE;
	*ns = sum;
	return 0;
}

const char *human_size(char *buf, uint64_t bytes)
{
	static const char letters[] = "KMGTPE";
	unsigned shift = 0;

	while (shift < 60 && bytes >> shift >= 1024)
		shift += 10;
	if (!shift) {
		snprintf(buf, HUMAN_SIZE, "%u B", (unsigned)bytes);
		return buf;
	}
	uint64_t rest = bytes & ((UINT64_C(1) << shift) - 1);
	unsigned tenths = (unsigned)(rest * 10 >> shift);
	char dot[3] = { tenths ? '.' : '\0', (char)('0' + tenths) };
	snprintf(buf, HUMAN_SIZE, "%u%s %ciB", (unsigned)(bytes >> shift), dot,
	         letters[shift / 10 - 1]);
	return buf;
}
