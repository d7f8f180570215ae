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

/* The kernel refuses a weight for an idle cgroup: it has the least there is. */
static int lower_shares(struct lowering *l, const struct oci_cpu *c)
{
	struct arena *a = l->p->arena;

	if (!c->shares.v || c->idle.v) {
		if (l->now && c->shares.set && !c->idle.set && c->shares.v)
			return lower_refuse(l->in, AT(c->shares), "set cpu.idle to 0 too",
			                    "cpu.shares has no effect while cpu.idle is 1");
		return 0;
	}
	struct limit x = {
		.at = AT(c->shares),
		.v1 = { .controller = "cpu", .file = "cpu.shares" },
		.v2 = { .controller = "cpu", .file = "cpu.weight" },
	};
	x.v1.text = arena_fmt(a, "%llu", (unsigned long long)c->shares.v);
	x.v2.text = arena_fmt(a, "%u", cpu_weight(c->shares.v));
	return lower_limit(l, &x);
}

/* v2 has both in one file: "max 100000". A quota alone keeps the period; for a period alone the quota in force is
 * written again. */
static int lower_max(struct lowering *l, const struct oci_cpu *c)
{
	struct arena *a = l->p->arena;
	bool none = c->quota.v <= 0;
	const char *quota = none ? "max" : arena_fmt(a, "%lld", (long long)c->quota.v);
	struct limit x = {
		.at = c->quota.set && c->quota.v ? AT(c->quota) : AT(c->period),
		.v2 = { .controller = "cpu", .file = "cpu.max", .text = quota },
		.none = none,
	};

	if (c->period.set && c->period.v)
		x.v2.text = arena_fmt(a, "%s %llu", quota, (unsigned long long)c->period.v);
	return lower_limit(l, &x);
}

static int lower_period(struct lowering *l, const struct oci_cpu *c)
{
	struct limit x = {
		.at = AT(c->period),
		.v1 = { .controller = "cpu", .file = "cpu.cfs_period_us" },
		.v2 = { .controller = "cpu" },
		.none = true, /* a period alone limits nothing */
	};

	x.v1.text = arena_fmt(l->p->arena, "%llu", (unsigned long long)c->period.v);
	return c->period.set && c->period.v ? lower_limit(l, &x) : 0;
}

static int lower_quota(struct lowering *l, const struct oci_cpu *c)
{
	bool none = c->quota.v < 0;
	struct limit x = {
		.at = AT(c->quota),
		.v1 = { .controller = "cpu", .file = "cpu.cfs_quota_us" },
		.v2 = { .controller = "cpu" },
		.none = none,
	};

	x.v1.text = none ? "-1" : arena_fmt(l->p->arena, "%lld", (long long)c->quota.v);
	return c->quota.set && c->quota.v ? lower_limit(l, &x) : 0;
}

/* The kernel refuses a share of the cpu that is larger than the parent's, at any moment: what makes it smaller goes
 * first, a longer period or a smaller quota. In a new cgroup there is no quota, and any order will do. */
static int lower_bandwidth(struct lowering *l, const struct oci_cpu *c)
{
	bool shorter = l->now && c->period.set && c->period.v < l->now->period;

	if (!(c->quota.set && c->quota.v) && !(c->period.set && c->period.v))
		return 0;
	if (lower_on_v2(l, "cpu"))
		return lower_max(l, c);
	if (shorter)
		return lower_quota(l, c) < 0 ? -1 : lower_period(l, c);
	return lower_period(l, c) < 0 ? -1 : lower_quota(l, c);
}

static int lower_burst(struct lowering *l, const struct oci_cpu *c)
{
	if (!c->burst.set || !c->burst.v)
		return 0;
	return lower_number(l, "cpu", AT(c->burst), "cpu.cfs_burst_us", "cpu.max.burst",
	                    (int64_t)c->burst.v, MUST);
}

/* The same for realtime, which is v1 only (RT_GROUP_SCHED). */
static int lower_realtime(struct lowering *l, const struct oci_cpu *c)
{
	bool period = c->realtime_period.set && c->realtime_period.v;
	bool runtime = c->realtime_runtime.set && c->realtime_runtime.v;
	bool shorter = l->now && c->realtime_period.v < l->now->rt_period;

	for (int i = 0; i < 2; i++) {
		bool now_period = (i == 0) != shorter;

		if (now_period && period &&
		    lower_number(l, "cpu", AT(c->realtime_period), "cpu.rt_period_us", NULL,
		                 (int64_t)c->realtime_period.v, MUST) < 0)
			return -1;
		if (!now_period && runtime &&
		    lower_number(l, "cpu", AT(c->realtime_runtime), "cpu.rt_runtime_us", NULL,
		                 c->realtime_runtime.v, MUST) < 0)
			return -1;
	}
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
	/* A burst may never be larger than the quota. */
	bool burst_first = l->now && c->quota.v > 0 && (uint64_t)c->quota.v < l->now->burst;
	if (lower_idle(l, c) < 0 || lower_shares(l, c) < 0)
		return -1;
	if (burst_first && lower_burst(l, c) < 0)
		return -1;
	if (lower_bandwidth(l, c) < 0)
		return -1;
	if (!burst_first && lower_burst(l, c) < 0)
		return -1;
	if (lower_realtime(l, c) < 0)
		return -1;
	return lower_cpuset(l, c);
}
