/* idrange: see idrange.h. */
#include "base/idrange.h"
#include "base/str.h"
#include <errno.h>
#include <string.h>

/* Digits up to end, which must follow them; *text is then behind it. '\0' is not gone beyond. */
static int take_number(const char **text, const char *end, uint32_t *v)
{
	char digits[11];
	size_t n = strcspn(*text, end);

	if (n >= sizeof digits)
		return -EINVAL;
	memcpy(digits, *text, n);
	digits[n] = '\0';
	*text += n;
	return str_id(digits, v) < 0 ? -EINVAL : 0;
}

static int take_range(const char **text, struct idrange *r)
{
	const uint64_t end = UINT32_MAX;

	r->relative = **text == '@';
	*text += r->relative;
	if (take_number(text, "-#;", &r->first) < 0 || *(*text)++ != '-')
		return -EINVAL;
	if (take_number(text, "-#;", &r->second) < 0 || *(*text)++ != '-')
		return -EINVAL;
	if (take_number(text, "-#;", &r->size) < 0 || !r->size || **text == '-')
		return -EINVAL;
	return r->first + (uint64_t)r->size > end || r->second + (uint64_t)r->size > end ? -EINVAL
	                                                                                 : 1;
}

int idrange_next(const char **text, struct idrange *r)
{
	if (**text == '#') {
		++*text;
		return take_range(text, r);
	}
	if (**text == ';')
		++*text;
	else if (r->size)
		return **text ? -EINVAL : 0;
	if (!**text && r->size)
		return 0;
	r->gid = str_starts(*text, "gids=");
	if (!r->gid && !str_starts(*text, "uids="))
		return -EINVAL;
	*text += strlen("uids=");
	return take_range(text, r);
}
