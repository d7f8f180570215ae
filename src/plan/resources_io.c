/* resources_io: the limits of the blkio (v1) and io (v2) controllers. */
#include "plan/resources.h"

/* "8:0 500", or without a device "500". */
static const char *entry(struct arena *a, const struct oci_weight_device *d, uint64_t value)
{
	if (!d)
		return arena_fmt(a, "%llu", (unsigned long long)value);
	return arena_fmt(a, "%lld:%lld %llu", (long long)d->major.v, (long long)d->minor.v,
	                 (unsigned long long)value);
}

/* BFQ has files of its own; without it the cost model's are used, whose weights go up to 10000. */
static int lower_weight(struct lowering *l, struct oci_at at, const struct oci_weight_device *d,
                        uint64_t weight)
{
	struct arena *a = l->p->arena;
	const char *text = entry(a, d, weight);
	uint64_t w = weight < 10 ? 10 : weight;
	struct limit x = {
		.at = at,
		.v1 = { .controller = "blkio",
		        .file = d ? "blkio.bfq.weight_device" : "blkio.bfq.weight",
		        .text = text,
		        .or_file = d ? "blkio.weight_device" : "blkio.weight",
		        .or_text = text },
		.v2 = { .controller = "io",
		        .file = "io.bfq.weight",
		        .text = text,
		        .or_file = "io.weight",
		        .or_text = entry(a, d, 1 + (w - 10) * 9999 / 990) },
	};

	return weight ? lower_limit(l, &x) : 0;
}

static int lower_leaf_weight(struct lowering *l, struct oci_at at,
                             const struct oci_weight_device *d, uint64_t weight)
{
	struct limit x = {
		.at = at,
		.v1 = { .controller = "blkio",
		        .file = d ? "blkio.leaf_weight_device" : "blkio.leaf_weight",
		        .text = entry(l->p->arena, d, weight) },
		.v2 = { .controller = "io" },
	};

	return weight ? lower_limit(l, &x) : 0;
}

static int lower_throttle(struct lowering *l, const struct oci_throttle_device *t, const char *v1,
                          const char *v2)
{
	struct arena *a = l->p->arena;
	long long major = t->major.v, minor = t->minor.v;
	unsigned long long rate = t->rate.v;
	struct limit x = {
		.at = AT(*t),
		.v1 = { .controller = "blkio",
		        .file = v1,
		        .text = arena_fmt(a, "%lld:%lld %llu", major, minor, rate) },
		.v2 = { .controller = "io", .file = "io.max" },
		.none = !rate,
	};

	x.v2.text = rate ? arena_fmt(a, "%lld:%lld %s=%llu", major, minor, v2, rate)
	                 : arena_fmt(a, "%lld:%lld %s=max", major, minor, v2);
	return lower_limit(l, &x);
}

int lower_block_io(struct lowering *l)
{
	const struct oci_block_io *b = l->r->block_io;

	if (!b)
		return 0;
	const struct {
		const struct oci_throttle_device *v;
		size_t n;
		const char *v1, *v2;
	} throttles[] = {
		{ b->throttle_read_bps.v, b->throttle_read_bps.n, "blkio.throttle.read_bps_device",
		  "rbps" },
		{ b->throttle_write_bps.v, b->throttle_write_bps.n,
		  "blkio.throttle.write_bps_device", "wbps" },
		{ b->throttle_read_iops.v, b->throttle_read_iops.n,
		  "blkio.throttle.read_iops_device", "riops" },
		{ b->throttle_write_iops.v, b->throttle_write_iops.n,
		  "blkio.throttle.write_iops_device", "wiops" },
	};

	if (lower_weight(l, AT(b->weight), NULL, b->weight.v) < 0 ||
	    lower_leaf_weight(l, AT(b->leaf_weight), NULL, b->leaf_weight.v) < 0)
		return -1;
	for (size_t i = 0; i < b->weight_device.n; i++) {
		const struct oci_weight_device *d = &b->weight_device.v[i];

		if (lower_weight(l, AT(d->weight), d, d->weight.v) < 0 ||
		    lower_leaf_weight(l, AT(d->leaf_weight), d, d->leaf_weight.v) < 0)
			return -1;
	}
	for (size_t i = 0; i < sizeof throttles / sizeof *throttles; i++)
		for (size_t j = 0; j < throttles[i].n; j++)
			if (lower_throttle(l, &throttles[i].v[j], throttles[i].v1,
			                   throttles[i].v2) < 0)
				return -1;
	return 0;
}
