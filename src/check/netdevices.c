/* netdevices: linux.netDevices. config-linux.md#network-devices; the kernel's rules for names, dev_valid_name(). */
#include "base/str.h"
#include "check/check.h"
#include <ctype.h>
#include <net/if.h>
#include <string.h>

static bool well_formed(const char *name)
{
	size_t n = strlen(name);

	if (n == 0 || n >= IFNAMSIZ || STR_EQ(name, ".") || STR_EQ(name, ".."))
		return false;
	for (const char *c = name; *c; c++)
		if (*c == '/' || *c == ':' || isspace((unsigned char)*c))
			return false;
	return true;
}

static void check_name(struct check *k, struct oci_at at, const char *name)
{
	if (!well_formed(name))
		bad(k, at,
		    "give 1 to 15 bytes without \"/\", \":\" and blanks, and not \".\" or \"..\"",
		    "invalid network device name \"%s\"", name);
}

/* The name that a device gets, as far as it is known now. */
static const char *target(const struct oci_net_device *d)
{
	return str_empty(d->name) ? d->key : d->name;
}

/* %d, once: the kernel puts the first free number there. */
static void check_target(struct check *k, size_t i)
{
	const struct oci_net_device *v = k->c->linux_->net_devices.v;
	struct oci_at at = str_empty(v[i].name) ? AT(v[i]) : AT(v[i].name);
	const char *name = target(&v[i]), *percent = strchr(name, '%');

	if (!str_empty(v[i].name))
		check_name(k, at, name);
	if (percent && (percent[1] != 'd' || percent[2]))
		bad(k, at, "use % only in %d, at the end of the name",
		    "invalid network device name \"%s\"", name);
	else if (STR_EQ(name, "lo"))
		bad(k, at, "give it another name", "every network namespace has a \"lo\" already");
	for (size_t j = 0; j < i && !percent; j++)
		if (STR_EQ(target(&v[j]), name))
			bad(k, at, "give one of them another name",
			    "two network devices would be called \"%s\"", name);
}

void check_net_devices(struct check *k)
{
	const struct oci_linux *l = k->c->linux_;

	if (!l || !l->net_devices.n)
		return;
	if (check_ns(k, "network") == NS_ABSENT)
		bad(k, AT(l->net_devices), "add {\"type\": \"network\"} to linux.namespaces",
		    "network devices cannot be moved without a network namespace of the container");
	if (!k->host->cap_sys_admin)
		/* plan and check may be asked by anyone, about a bundle that root will run. */
		(k->o->lifecycle ? bad
		                 : warn)(k, AT(l->net_devices), "run as root",
		                         "network devices are not supported for ordinary users");
	for (size_t i = 0; i < l->net_devices.n; i++) {
		check_name(k, AT(l->net_devices.v[i]), l->net_devices.v[i].key);
		check_target(k, i);
	}
}
