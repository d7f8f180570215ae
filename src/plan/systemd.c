/* systemd: see systemd.h. */
#include "plan/systemd.h"
#include "base/str.h"
#include <stdio.h>
#include <string.h>

#define DIGITS    "0123456789"
#define UNLIMITED UINT64_MAX
#define SECOND    1000000u /* us */
#define PERIOD    100000u  /* us: the kernel's default, cgroup-v2.rst */
#define QUOTA     10000u   /* us: systemd keeps a quota as a whole percentage */
#define CPUS      8192u    /* NR_CPUS is never more */

/* What a row of the table needs to say it. */
struct conversion {
	const struct property_row *row;
	const char *text;
	struct unit_property *out;
	struct arena *a;
};

struct property_row {
	bool v2;
	const char *file, *name;
	size_t (*convert)(const struct conversion *c);
	uint64_t min, max; /* systemd refuses what is beyond: the nearest that it takes is given */
};

static size_t put(const struct conversion *c, size_t n, const char *name, const char *type,
                  const char *text)
{
	c->out[n] = (struct unit_property){ .name = name, .type = type, .text = text };
	return n + 1;
}

static size_t put_u64(const struct conversion *c, size_t n, const char *name, uint64_t v)
{
	return put(c, n, name, "t", arena_fmt(c->a, "%llu", (unsigned long long)v));
}

/* A number as the kernel reads sizes: "4096", "1G", "max", "-1". *end: what follows. */
static bool read_size(const char *text, uint64_t *v, const char **end)
{
	static const char small[] = "kmgtpe", large[] = "KMGTPE";
	size_t none = str_starts(text, "max") ? 3 : str_starts(text, "-1") ? 2 : 0;
	size_t n = strspn(text, DIGITS);
	char digits[24];

	*v = UNLIMITED;
	*end = text + none;
	if (none)
		return true;
	snprintf(digits, sizeof digits, "%.*s", (int)n, text);
	if (n >= sizeof digits || str_u64(digits, UNLIMITED, v) < 0)
		return false;
	*end = text + n;
	const char *s = **end ? strchr(small, **end) : NULL,
		   *l = **end ? strchr(large, **end) : NULL;
	size_t units = s ? (size_t)(s - small) + 1 : l ? (size_t)(l - large) + 1 : 0;
	*end += units > 0;
	while (units-- > 0)
		if (__builtin_mul_overflow(*v, 1024u, v))
			*v = UNLIMITED;
	return true;
}

/* text is one number and nothing else. */
static bool one_size(const char *text, uint64_t *v)
{
	const char *end;

	return read_size(text, v, &end) && !*end;
}

static size_t convert_number(const struct conversion *c)
{
	const struct property_row *r = c->row;
	uint64_t v;

	if (!one_size(c->text, &v) || (v == UNLIMITED && r->max != UNLIMITED))
		return 0;
	v = v < r->min ? r->min : v > r->max ? r->max : v;
	return put_u64(c, 0, r->name, v);
}

/* "500", "default 500"; a device's weight ("8:0 500") is another property. */
static size_t convert_io_weight(const struct conversion *c)
{
	struct conversion plain = *c;

	if (str_starts(c->text, "default "))
		plain.text += strlen("default ");
	return convert_number(&plain);
}

/* systemd computes io.bfq.weight from IOWeight: 1 to 100 stay, 1000 is 10000. This is the way back. */
static size_t convert_bfq(const struct conversion *c)
{
	const char *text = c->text + (str_starts(c->text, "default ") ? strlen("default ") : 0);
	uint64_t v;

	if (!one_size(text, &v) || v < 1 || v > 1000)
		return 0;
	return put_u64(c, 0, c->row->name, v <= 100 ? v : 100 + (v - 100) * 11);
}

/* A cgroup that is idle no more has the kernel's default weight. */
static size_t convert_idle(const struct conversion *c)
{
	uint64_t v;

	return one_size(c->text, &v) && v <= 1 ? put_u64(c, 0, c->row->name, v ? 0 : 100) : 0;
}

static size_t convert_oom_group(const struct conversion *c)
{
	uint64_t v;

	if (!one_size(c->text, &v) || v > 1)
		return 0;
	return put(c, 0, c->row->name, "s", v ? "kill" : "continue");
}

/* "QUOTA" or "QUOTA PERIOD", in us. Rounded up: the exact value is in the cgroup file, and systemd's is never less. */
static size_t convert_quota(const struct conversion *c)
{
	uint64_t quota, period = PERIOD, per_second = UNLIMITED;
	const char *s;
	size_t n;

	if (!read_size(c->text, &quota, &s) || (*s && *s != ' '))
		return 0;
	bool has_period = *s == ' ';
	if (has_period && (!one_size(s + 1, &period) || !period))
		return 0;
	if (quota != UNLIMITED) {
		unsigned __int128 x = (unsigned __int128)quota * SECOND / period;

		x = (x + QUOTA - 1) / QUOTA * QUOTA;
		per_second = x < UNLIMITED ? (uint64_t)x : UNLIMITED;
		if (!per_second)
			per_second = QUOTA;
	}
	n = put_u64(c, 0, c->row->name, per_second);
	return has_period ? put_u64(c, n, "CPUQuotaPeriodUSec", period) : n;
}

/* The number at *s, moved past it. */
static bool read_index(const char **s, uint64_t *v)
{
	size_t n = strspn(*s, DIGITS);
	char digits[8];

	snprintf(digits, sizeof digits, "%.*s", (int)n, *s);
	*s += n;
	return n < sizeof digits && str_u64(digits, CPUS - 1, v) == 0;
}

/* "0-3,8" as a bit mask, the lowest byte first; "" is the empty one: no restriction. */
static size_t convert_list(const struct conversion *c)
{
	uint8_t mask[CPUS / 8] = { 0 };
	char hex[2 * sizeof mask + 1] = "";
	size_t len = 0;

	for (const char *s = c->text; *s; s += *s == ',') {
		uint64_t first, last;

		if (!read_index(&s, &first))
			return 0;
		last = first;
		if (*s == '-' && (s++, !read_index(&s, &last)))
			return 0;
		if ((*s && *s != ',') || first > last)
			return 0;
		for (uint64_t i = first; i <= last; i++)
			mask[i / 8] |= (uint8_t)(1u << i % 8);
		len = last / 8 + 1 > len ? last / 8 + 1 : len;
	}
	for (size_t i = 0; i < len; i++)
		snprintf(hex + 2 * i, 3, "%02x", mask[i]);
	return put(c, 0, c->row->name, "ay", arena_str(c->a, hex, 2 * len));
}

/* clang-format off */
static const struct property_row rows[] = {
	{ true,  "memory.max",            "MemoryMax",           convert_number,    0, UNLIMITED },
	{ true,  "memory.high",           "MemoryHigh",          convert_number,    0, UNLIMITED },
	{ true,  "memory.low",            "MemoryLow",           convert_number,    0, UNLIMITED },
	{ true,  "memory.min",            "MemoryMin",           convert_number,    0, UNLIMITED },
	{ true,  "memory.swap.max",       "MemorySwapMax",       convert_number,    0, UNLIMITED },
	{ true,  "memory.oom.group",      "OOMPolicy",           convert_oom_group, 0, 0 },
	{ true,  "cpu.weight",            "CPUWeight",           convert_number,    1, 10000 },
	{ true,  "cpu.idle",              "CPUWeight",           convert_idle,      0, 0 },
	{ true,  "cpu.max",               "CPUQuotaPerSecUSec",  convert_quota,     0, 0 },
	{ true,  "cpuset.cpus",           "AllowedCPUs",         convert_list,      0, 0 },
	{ true,  "cpuset.mems",           "AllowedMemoryNodes",  convert_list,      0, 0 },
	{ true,  "pids.max",              "TasksMax",            convert_number,    1, UNLIMITED },
	{ true,  "io.weight",             "IOWeight",            convert_io_weight, 1, 10000 },
	{ true,  "io.bfq.weight",         "IOWeight",            convert_bfq,       0, 0 },
	{ false, "memory.limit_in_bytes", "MemoryLimit",         convert_number,    0, UNLIMITED },
	{ false, "cpu.shares",            "CPUShares",           convert_number,    2, 262144 },
	{ false, "cpu.cfs_quota_us",      "CPUQuotaPerSecUSec",  convert_quota,     0, 0 },
	{ false, "cpu.cfs_period_us",     "CPUQuotaPeriodUSec",  convert_number,    0, UNLIMITED },
	{ false, "pids.max",              "TasksMax",            convert_number,    1, UNLIMITED },
	{ false, "blkio.weight",          "BlockIOWeight",       convert_number,    10, 1000 },
	{ false, "blkio.bfq.weight",      "BlockIOWeight",       convert_number,    10, 1000 },
};
/* clang-format on */

size_t systemd_properties(bool v2, const char *file, const char *text, struct unit_property out[2],
                          struct arena *a)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].v2 == v2 && STR_EQ(rows[i].file, file))
			return rows[i].convert(&(struct conversion){ &rows[i], text, out, a });
	return 0;
}
