/* resources_cpu: the limits of the cpu and cpuset controllers. */
#include "base/str.h"
#include "plan/resources.h"

#define ONE  ((uint64_t)1 << 48)          /* fixed point: 16.48 */
#define LN10 ((uint64_t)648120085424803u) /* ln 10 */

static uint64_t mul(uint64_t a, uint64_t b)
{
	return (uint64_t)((unsigned __int128)a * b >> 48);
}

static uint64_t log2_fixed(uint64_t x)
{
	unsigned whole = 63 - (unsigned)__builtin_clzll(x);
	uint64_t l = whole * ONE, y = x << (48 - whole);

	/* Squaring y in [1, 2) doubles its logarithm: the bit that then is before the point is the next one of l. */
	for (uint64_t bit = ONE >> 1; bit; bit >>= 1) {
		y = mul(y, y);
		if (y >= 2 * ONE) {
			y >>= 1;
			l |= bit;
		}
	}
	return l;
}

/* 10^(x/ONE), by whole powers of ten and the series of e^(x ln 10) for the rest: whole exponents come out exact. */
static uint64_t pow10_fixed(uint64_t x)
{
	uint64_t z = mul(x % ONE, LN10), sum = 0, term = ONE;

	for (uint64_t k = 1; term; k++) {
		sum += term;
		term = mul(term, z) / k;
	}
	for (; x >= ONE; x -= ONE)
		sum *= 10;
	return sum;
}

uint32_t cpu_weight(uint64_t shares)
{
	if (shares <= 2)
		return 1;
	if (shares >= 262144)
		return 10000;
	uint64_t l = log2_fixed(shares);
	/* ceil(10^((l^2 + 125 l) / 612 - 7/34)), the one formula that all runtimes agreed on. */
	uint64_t exponent = (mul(l, l) + 125 * l - 126 * ONE) / 612;
	return (uint32_t)((pow10_fixed(exponent) + ONE - 1) >> 48);
}

static int lower_shares(struct lowering *l, const struct oci_cpu *c)
{
	struct arena *a = l->p->arena;

	if (!c->shares.v)
		return 0;
	struct limit x = {
		.at = AT(c->shares),
		.v1 = { .controller = "cpu", .file = "cpu.shares" },
		.v2 = { .controller = "cpu", .file = "cpu.weight" },
	};
	x.v1.text = arena_fmt(a, "%llu", (unsigned long long)c->shares.v);
	x.v2.text = arena_fmt(a, "%u", cpu_weight(c->shares.v));
	return lower_limit(l, &x);
}

/* v1 has two files, and the period goes first; v2 has one: "max 100000". A quota alone keeps the period. */
static int lower_quota(struct lowering *l, const struct oci_cpu *c)
{
	struct arena *a = l->p->arena;
	const char *period = arena_fmt(a, "%llu", (unsigned long long)c->period.v);
	const char *quota = arena_fmt(a, "%lld", (long long)c->quota.v);
	bool none = c->quota.v <= 0;
	struct limit x = {
		.at = AT(c->period),
		.v1 = { .controller = "cpu", .file = "cpu.cfs_period_us", .text = period },
		.none = true, /* a period alone limits nothing */
	};
	struct limit y = {
		.at = c->quota.v ? AT(c->quota) : AT(c->period),
		.v1 = { .controller = "cpu",
		        .file = c->quota.v ? "cpu.cfs_quota_us" : NULL,
		        .text = none ? "-1" : quota },
		.v2 = { .controller = "cpu", .file = "cpu.max", .text = none ? "max" : quota },
		.none = none,
	};

	if (!c->quota.v && !c->period.v)
		return 0;
	if (c->period.v) {
		y.v2.text = arena_fmt(a, "%s %s", y.v2.text, period);
		if (lower_limit(l, &x) < 0)
			return -1;
	}
	return lower_limit(l, &y);
}

/* Realtime is v1 only (RT_GROUP_SCHED); the period first, because the runtime may not be longer. */
static int lower_realtime(struct lowering *l, const struct oci_cpu *c)
{
	if (c->realtime_period.v &&
	    lower_number(l, "cpu", AT(c->realtime_period), "cpu.rt_period_us", NULL,
	                 (int64_t)c->realtime_period.v, MUST) < 0)
		return -1;
	if (c->realtime_runtime.v)
		return lower_number(l, "cpu", AT(c->realtime_runtime), "cpu.rt_runtime_us", NULL,
		                    c->realtime_runtime.v, MUST);
	return 0;
}

static int lower_cpuset(struct lowering *l, const struct oci_cpu *c)
{
	if (!str_empty(c->cpus) &&
	    lower_text(l, "cpuset", AT(c->cpus), "cpuset.cpus", "cpuset.cpus", c->cpus) < 0)
		return -1;
	if (!str_empty(c->mems))
		return lower_text(l, "cpuset", AT(c->mems), "cpuset.mems", "cpuset.mems", c->mems);
	return 0;
}

static int lower_idle(struct lowering *l, const struct oci_cpu *c)
{
	const char *text = c->idle.v ? "1" : "0";
	struct limit x = {
		.at = AT(c->idle),
		.v1 = { .controller = "cpu", .file = "cpu.idle", .text = text },
		.v2 = { .controller = "cpu", .file = "cpu.idle", .text = text },
		.none = !c->idle.v,
		/* Before 5.15 nothing is idle. */
		.lenient = c->idle.v ? MUST : SKIP_ENOENT,
	};

	return c->idle.set ? lower_limit(l, &x) : 0;
}

int lower_cpu(struct lowering *l)
{
	const struct oci_cpu *c = l->r->cpu;

	if (!c)
		return 0;
	if (lower_idle(l, c) < 0)
		return -1;
	/* The kernel refuses a weight for an idle cgroup: it has the least there is. */
	if (!c->idle.v && lower_shares(l, c) < 0)
		return -1;
	/* Bursts are refused when they are larger than the quota, so the quota comes first. */
	if (lower_quota(l, c) < 0)
		return -1;
	if (c->burst.v && lower_number(l, "cpu", AT(c->burst), "cpu.cfs_burst_us", "cpu.max.burst",
	                               (int64_t)c->burst.v, MUST) < 0)
		return -1;
	if (lower_realtime(l, c) < 0)
		return -1;
	return lower_cpuset(l, c);
}
