/* update_limited: a container's cgroups, their controllers and the limits that they have now. */
#include "apply/cgroup.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "cmd/update.h"
#include "host/probe.h"
#include <string.h>

/* The number in a file, wherever it is; -1 for no limit, 0 when there is none. */
static int64_t number(const struct limited *x, const char *file)
{
	char text[128];
	int64_t v;

	for (uint32_t i = 0; i < x->host.n_hierarchies; i++) {
		if (x->cgroup[i] < 0 || io_read_small(x->cgroup[i], file, text, sizeof text) < 0)
			continue;
		text[strcspn(text, " \n")] = '\0';
		if (STR_EQ(text, "max"))
			return -1;
		if (str_i64(text, -1, INT64_MAX, &v) == 0)
			return v > INT64_MAX / 2 ? -1 : v;
	}
	return 0;
}

static int64_t number_of(const struct limited *x, const char *v1, const char *v2)
{
	int64_t v = number(x, v1);

	return v ? v : number(x, v2);
}

/* The second number of cpu.max. */
static int64_t period_v2(const struct limited *x)
{
	char text[128], *second;
	int64_t v;

	for (uint32_t i = 0; i < x->host.n_hierarchies; i++) {
		if (x->cgroup[i] < 0 ||
		    io_read_small(x->cgroup[i], "cpu.max", text, sizeof text) < 0)
			continue;
		text[strcspn(text, "\n")] = '\0';
		second = strchr(text, ' ');
		if (second && str_i64(second + 1, 0, INT64_MAX, &v) == 0)
			return v;
	}
	return 0;
}

static struct limits_now read_limits(const struct limited *x)
{
	int64_t swap = number(x, "memory.swap.current"), usage, period;
	struct limits_now n = {
		.memory = number_of(x, "memory.limit_in_bytes", "memory.max"),
		.swap = number(x, "memory.memsw.limit_in_bytes"),
		.quota = number_of(x, "cpu.cfs_quota_us", "cpu.max"),
		.rt_runtime = number(x, "cpu.rt_runtime_us"),
		.idle = number(x, "cpu.idle") == 1,
	};

	period = number(x, "cpu.cfs_period_us");
	usage = number_of(x, "memory.usage_in_bytes", "memory.current");
	n.period = (uint64_t)(period ? period : period_v2(x));
	n.burst = (uint64_t)number_of(x, "cpu.cfs_burst_us", "cpu.max.burst");
	n.rt_period = (uint64_t)number(x, "cpu.rt_period_us");
	n.usage = usage;
	n.swap_usage = number(x, "memory.memsw.usage_in_bytes");
	if (!n.swap_usage && usage)
		n.swap_usage = usage + swap;
	return n;
}

/* The controllers of a cgroup: v1's are those of the hierarchy, v2's those that its parent gives it. */
static const char *controllers_of(const struct facts *host, const struct record_cgroup *c, int fd,
                                  struct arena *a)
{
	char text[256];

	if (c->v2.v) {
		if (fd < 0 || io_read_small(fd, "cgroup.controllers", text, sizeof text) < 0)
			return "";
		return arena_str(a, text, strcspn(text, "\n"));
	}
	for (uint32_t i = 0; i < host->n_hierarchies; i++)
		if (STR_EQ(host->hierarchy[i].mount, c->mount))
			return host->hierarchy[i].controllers;
	return "";
}

int limited_open(struct limited *out, const struct oci_config *c, struct found *f, struct err *e)
{
	const struct record *r = &f->record;
	struct hierarchy own[FACTS_HIERARCHIES];

	for (size_t i = 0; i < RECORD_CGROUPS; i++)
		out->cgroup[i] = -1;
	if (facts_probe(&out->host, c, f->proc, &f->arena, e) < 0)
		return -1;
	if (r->cgroups.n > FACTS_HIERARCHIES)
		return err_set(e, ERR_STATE, "%s has more cgroups than any host", r->id);
	for (size_t i = 0; i < r->cgroups.n; i++) {
		const struct record_cgroup *d = &r->cgroups.v[i];
		const struct cgroup_ref ref = { d->mount, d->path, d->v2.v, d->made.v };

		out->cgroup[i] = cgroup_open(&ref);
		own[i] = (struct hierarchy){
			.mount = d->mount, .own = d->path, .v2 = d->v2.v, .writable = true
		};
		own[i].controllers = controllers_of(&out->host, d, out->cgroup[i], &f->arena);
	}
	out->host.n_hierarchies = (uint32_t)r->cgroups.n;
	memcpy(out->host.hierarchy, own, r->cgroups.n * sizeof *own);
	out->now = read_limits(out);
	return 0;
}

void limited_close(struct limited *x)
{
	for (size_t i = 0; i < RECORD_CGROUPS; i++)
		fd_close(&x->cgroup[i]);
}
