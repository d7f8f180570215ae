/* annotations: those that the systemd cgroup manager understands. Others are free. */
#include "base/str.h"
#include "check/check.h"
#include <limits.h>
#include <string.h>

#define PROPERTY "org.systemd.property."
#define SUBGROUP "run.oci.systemd.subgroup"
#define LETTERS  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* org.systemd.property.TimeoutStopUSec = "uint64 5000000". What says where the container is, is not for them to say. */
static void check_property(struct check *k, const struct oci_entry *x)
{
	static const char *const ours[] = { "PIDs", "Slice", "Delegate", "DelegateSubgroup", NULL };
	const char *name = x->key + strlen(PROPERTY);

	if (strlen(name) < 3 || name[strspn(name, LETTERS)])
		bad(k, AT(*x), "write it as in org.systemd.property.TimeoutStopUSec",
		    "annotation \"%s\" names no property of a unit", x->key);
	else if (str_empty(x->value))
		bad(k, AT(*x), "write a GVariant, as in 'mixed', true or uint64 5",
		    "annotation \"%s\" has no value", x->key);
	for (const char *const *o = ours; *o; o++)
		if (STR_EQ(name, *o))
			bad(k, AT(*x), "remove it; linux.cgroupsPath names the slice",
			    "the property %s of a container's scope is not to be changed", name);
}

/* The name of a directory in the scope's cgroup; empty: there is to be none. */
static void check_subgroup(struct check *k, const struct oci_entry *x)
{
	const char *name = x->value ? x->value : "";

	if (strchr(name, '/') || STR_EQ(name, ".") || STR_EQ(name, "..") ||
	    str_starts(name, "cgroup.") || strpbrk(name, "\n\r") || strlen(name) > NAME_MAX)
		bad(k, AT(*x), "write one name, as in container, or nothing",
		    "annotation %s: \"%s\" is not the name of a cgroup", x->key, name);
}

void check_annotations(struct check *k)
{
	if (!k->o->systemd)
		return;
	for (size_t i = 0; i < k->c->annotations.n; i++) {
		const struct oci_entry *x = &k->c->annotations.v[i];

		if (x->key && str_starts(x->key, PROPERTY))
			check_property(k, x);
		else if (x->key && STR_EQ(x->key, SUBGROUP))
			check_subgroup(k, x);
	}
}
