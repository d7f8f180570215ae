/* property: see property.h. */
#include "systemd/property.h"
#include "base/str.h"
#include <errno.h>
#include <limits.h>
#include <string.h>

#define LINE_SIZE 4200 /* a path, a blank, "rwm" */

bool property_is_users(const struct systemd_property *p)
{
	return STR_EQ(p->type, "v");
}

static int append_number(struct sd_bus_message *m, const struct systemd_property *p)
{
	bool wide = *p->type == 't';
	uint64_t v;
	int rc = str_u64(p->text, wide ? UINT64_MAX : UINT32_MAX, &v);
	uint32_t narrow = (uint32_t)v;

	return rc < 0 ? rc
	              : sd.message_append_basic(m, *p->type,
	                                        wide ? (const void *)&v : (const void *)&narrow);
}

static int append_bool(struct sd_bus_message *m, const struct systemd_property *p)
{
	int v = STR_EQ(p->text, "true");

	return v || STR_EQ(p->text, "false") ? sd.message_append_basic(m, 'b', &v) : -EINVAL;
}

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int append_bytes(struct sd_bus_message *m, const struct systemd_property *p)
{
	uint8_t bytes[4096];
	size_t n = strlen(p->text);

	if (n % 2 || n / 2 > sizeof bytes)
		return -EINVAL;
	for (size_t i = 0; i < n / 2; i++) {
		int high = digit(p->text[2 * i]), low = digit(p->text[2 * i + 1]);

		if (high < 0 || low < 0)
			return -EINVAL;
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	return sd.message_append_array(m, 'y', bytes, n / 2);
}

/* "path rwm" */
static int append_pair(struct sd_bus_message *m, char *line)
{
	char *blank = strrchr(line, ' ');
	int rc;

	if (!blank)
		return -EINVAL;
	*blank = '\0';
	if ((rc = sd.message_open_container(m, 'r', "ss")) < 0 ||
	    (rc = sd.message_append_basic(m, 's', line)) < 0 ||
	    (rc = sd.message_append_basic(m, 's', blank + 1)) < 0)
		return rc;
	return sd.message_close_container(m);
}

/* An array with one item for each line. */
static int append_lines(struct sd_bus_message *m, const struct systemd_property *p)
{
	bool pairs = p->type[1] == '(';
	int rc = sd.message_open_container(m, 'a', p->type + 1);
	char line[LINE_SIZE];

	for (const char *s = p->text; rc >= 0 && *s;) {
		size_t n = strcspn(s, "\n");

		if (n >= sizeof line)
			return -ENAMETOOLONG;
		memcpy(line, s, n);
		line[n] = '\0';
		rc = pairs ? append_pair(m, line) : sd.message_append_basic(m, 's', line);
		s += n + (s[n] == '\n');
	}
	return rc < 0 ? rc : sd.message_close_container(m);
}

static const struct {
	const char *type;
	int (*append)(struct sd_bus_message *m, const struct systemd_property *p);
} types[] = {
	{ "t", append_number }, { "u", append_number }, { "b", append_bool },
	{ "ay", append_bytes }, { "as", append_lines }, { "a(ss)", append_lines },
};

static int append_value(struct sd_bus_message *m, const struct systemd_property *p)
{
	if (STR_EQ(p->type, "s"))
		return sd.message_append_basic(m, 's', p->text);
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (STR_EQ(types[i].type, p->type))
			return types[i].append(m, p);
	return -EOPNOTSUPP;
}

int property_append(struct bus *b, struct sd_bus_message *m, const struct systemd_property *p)
{
	int rc;

	if ((rc = sd.message_open_container(m, 'r', "sv")) >= 0)
		rc = sd.message_append_basic(m, 's', p->name);
	if (rc >= 0 && property_is_users(p)) {
		if (property_append_gvariant(b, m, p) < 0)
			return -1;
	} else if (rc >= 0 && (rc = sd.message_open_container(m, 'v', p->type)) >= 0 &&
	           (rc = append_value(m, p)) >= 0) {
		rc = sd.message_close_container(m);
	}
	if (rc >= 0)
		rc = sd.message_close_container(m);
	return rc < 0 ? err_sys(b->e, ERR_BUG, -rc, "unit property %s of type %s: \"%.100s\"",
	                        p->name, p->type, p->text)
	              : 0;
}
