/* devices: linux.devices and linux.resources.devices. config-linux.md, mknod(2). */
#include "base/str.h"
#include "check/check.h"
#include <inttypes.h>
#include <string.h>

#define MAJOR_MAX 0xfff /* 12 and 20 bits since Linux 2.6 */
#define MINOR_MAX 0xfffff
#define MODE_MAX  0777u
#define MODE_TYPE 0170000u

static void check_number(struct check *k, const struct oci_device *d, const struct oci_i64 *n,
                         const char *what, int max)
{
	if (!n->set)
		bad(k, AT(*d), arena_fmt(k->a, "add \"%s\"", what), "the device has no %s number",
		    what);
	else if (n->v < 0 || n->v > max)
		bad(k, AT(*n), "use a number in this range",
		    "\"%s\" is %" PRId64 ", expected 0 to %d", what, n->v, max);
}

static bool same(const struct oci_device *a, const struct oci_device *b)
{
	return a->major.v == b->major.v && a->minor.v == b->minor.v && a->type && b->type &&
	       STR_EQ(a->type, b->type);
}

static void check_twice(struct check *k, const struct oci_linux *l, size_t i)
{
	const struct oci_device *d = &l->devices.v[i];
	const char *path = check_clean(k, d->path);

	for (size_t j = 0; j < i; j++) {
		const struct oci_device *e = &l->devices.v[j];

		if (!e->path || !STR_EQ(check_clean(k, e->path), path))
			continue;
		if (same(d, e))
			warn(k, AT(d->path), "remove one of the two", "%s is listed twice", path);
		else
			bad(k, AT(d->path), "remove one of the two",
			    "%s is listed twice, as different devices", path);
		return;
	}
}

static void check_ids(struct check *k, const struct oci_u64 *id, const char *what)
{
	if (id->set && id->v >= UINT32_MAX)
		bad(k, AT(*id), "use a smaller one", "%s %" PRIu64 " is no id, the last one is %u",
		    what, id->v, UINT32_MAX - 1u);
}

static void check_device(struct check *k, const struct oci_linux *l, size_t i)
{
	const struct oci_device *d = &l->devices.v[i];

	check_absolute(k, AT(d->path), d->path);
	if (d->path)
		check_twice(k, l, i);
	if (d->type && !STR_EQ(d->type, "p")) {
		check_number(k, d, &d->major, "major", MAJOR_MAX);
		check_number(k, d, &d->minor, "minor", MINOR_MAX);
	}
	/* podman gives the whole st_mode of the host's device: its type is known from elsewhere. */
	if (d->file_mode.set && (d->file_mode.v & ~(uint64_t)MODE_TYPE) > MODE_MAX)
		warn(k, AT(d->file_mode), "write the octal value as a decimal number (0666 is 438)",
		     "fileMode is %" PRIu64 ": what is beyond the permissions 0777 is ignored",
		     d->file_mode.v);
	check_ids(k, &d->uid, "uid");
	check_ids(k, &d->gid, "gid");
}

void check_devices(struct check *k)
{
	const struct oci_linux *l = k->c->linux_;

	for (size_t i = 0; l && i < l->devices.n; i++)
		check_device(k, l, i);
}

static void check_rule(struct check *k, const struct oci_device_cgroup *r)
{
	bool all = str_empty(r->type) || STR_EQ(r->type, "a");

	if (r->major.set && r->major.v < -1)
		bad(k, AT(r->major), "write -1 for any",
		    "major is %" PRId64 ", expected -1 or more", r->major.v);
	if (r->minor.set && r->minor.v < -1)
		bad(k, AT(r->minor), "write -1 for any",
		    "minor is %" PRId64 ", expected -1 or more", r->minor.v);
	if (r->access && (!*r->access || r->access[strspn(r->access, "rwm")]))
		bad(k, AT(r->access), "write some of the letters r, w and m",
		    "\"%s\" is not an access", r->access);
	if (all && (r->major.v > 0 || r->minor.v > 0))
		warn(k, AT(*r), "set type to c or b",
		     "a rule for all types ignores the numbers of a device");
}

void check_device_rules(struct check *k, const struct oci_resources *r)
{
	for (size_t i = 0; i < r->devices.n; i++)
		check_rule(k, &r->devices.v[i]);
	if (r->devices.n && k->o->cgroup_disabled)
		warn(k, AT(r->devices), "remove them, or use another --cgroup-manager",
		     "device rules are not applied: cgroups are disabled");
	else if (r->devices.n && (!k->host->cap_sys_admin || k->host->in_userns))
		warn(k, AT(r->devices), "remove them",
		     "device rules need root on the host: they may not be applied");
}
