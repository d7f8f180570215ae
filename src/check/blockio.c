/* blockio: linux.resources.blockIO. config-linux.md#block-io. */
#include "check/check.h"
#include <inttypes.h>

#define WEIGHT_MIN 10u
#define WEIGHT_MAX 1000u

static void check_weight(struct check *k, const struct oci_u64 *w, const char *what)
{
	if (w->v && (w->v < WEIGHT_MIN || w->v > WEIGHT_MAX))
		bad(k, AT(*w), "use a value in this range, or 0 to leave it as it is",
		    "%s is %" PRIu64 ", expected %u to %u", what, w->v, WEIGHT_MIN, WEIGHT_MAX);
}

static void check_number(struct check *k, const struct oci_i64 *n, const char *what)
{
	if (n->set && n->v < 0)
		bad(k, AT(*n), "write the number of the device",
		    "%s is %" PRId64 ", expected 0 or more", what, n->v);
}

static void check_weight_devices(struct check *k, const struct oci_block_io *b)
{
	for (size_t i = 0; i < b->weight_device.n; i++) {
		const struct oci_weight_device *d = &b->weight_device.v[i];

		check_number(k, &d->major, "major");
		check_number(k, &d->minor, "minor");
		check_weight(k, &d->weight, "weight");
		check_weight(k, &d->leaf_weight, "leafWeight");
		if (!d->weight.set && !d->leaf_weight.set)
			bad(k, AT(*d), "add weight or leafWeight", "the device has no weight");
		if (d->weight.v)
			check_controller(k, AT(d->weight), "blkio", "io");
		if (d->leaf_weight.v)
			check_controller(k, AT(d->leaf_weight), "blkio", NULL);
	}
}

static void check_throttle(struct check *k, const struct oci_throttle_device *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		check_number(k, &v[i].major, "major");
		check_number(k, &v[i].minor, "minor");
		if (!v[i].rate.set)
			bad(k, AT(v[i]), "add \"rate\", 0 for no limit", "the device has no rate");
		if (v[i].rate.v)
			check_controller(k, AT(v[i].rate), "blkio", "io");
	}
}

void check_block_io(struct check *k, const struct oci_block_io *b)
{
	check_weight(k, &b->weight, "weight");
	check_weight(k, &b->leaf_weight, "leafWeight");
	check_weight_devices(k, b);
	check_throttle(k, b->throttle_read_bps.v, b->throttle_read_bps.n);
	check_throttle(k, b->throttle_write_bps.v, b->throttle_write_bps.n);
	check_throttle(k, b->throttle_read_iops.v, b->throttle_read_iops.n);
	check_throttle(k, b->throttle_write_iops.v, b->throttle_write_iops.n);
	if (b->weight.v)
		check_controller(k, AT(b->weight), "blkio", "io");
	if (b->leaf_weight.v)
		check_controller(k, AT(b->leaf_weight), "blkio", NULL);
}
