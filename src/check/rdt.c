/* rdt: linux.intelRdt. config-linux.md#intelrdt. */
#include "base/str.h"
#include "check/check.h"
#include <limits.h>
#include <string.h>

/* What the kernel has in the root, or in each class, beside the classes. */
static const char *const taken[] = { "info", "mon_groups", "mon_data" };

static void check_clos_id(struct check *k, const struct oci_intel_rdt *r)
{
	const char *id = r->clos_id;

	/* "/" is the default class. */
	if (str_empty(id) || STR_EQ(id, "/"))
		return;
	if (strpbrk(id, "/\n") || STR_EQ(id, ".") || STR_EQ(id, "..") || strlen(id) > NAME_MAX)
		bad(k, AT(r->clos_id),
		    "give the name of one directory, or \"/\" for the default class",
		    "invalid closID \"%s\"", id);
	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (STR_EQ(id, taken[i]))
			bad(k, AT(r->clos_id), "choose another name",
			    "closID \"%s\" is one of the kernel's own directories", id);
}

/* One resource and its caches: "L3:0=7f0;1=1f". The rest only the machine knows. */
static void check_schema(struct check *k, struct oci_at at, const char *schema)
{
	/* Engines of before 1.3 put a line for MB into l3CacheSchema. */
	if (strchr(schema, '\n'))
		(at.p == &k->c->linux_->intel_rdt->l3_cache_schema ? warn : bad)(
			k, at, "write each line by itself into schemata",
			"the schema contains a line break");
	else if (!strchr(schema, ':') || *schema == ':')
		bad(k, at, "write it as L3:0=7f0;1=1f", "\"%s\" names no resource", schema);
}

void check_rdt(struct check *k)
{
	const struct oci_intel_rdt *r = k->c->linux_ ? k->c->linux_->intel_rdt : NULL;

	if (!r)
		return;
	check_clos_id(k, r);
	if (!str_empty(r->l3_cache_schema)) {
		if (!str_starts(r->l3_cache_schema, "L3"))
			warn(k, AT(r->l3_cache_schema), "put other resources into schemata",
			     "l3CacheSchema ought to begin with \"L3:\"");
		check_schema(k, AT(r->l3_cache_schema), r->l3_cache_schema);
	}
	if (!str_empty(r->mem_bw_schema)) {
		if (!str_starts(r->mem_bw_schema, "MB:"))
			bad(k, AT(r->mem_bw_schema), "begin it with \"MB:\"",
			    "memBwSchema does not begin with \"MB:\"");
		check_schema(k, AT(r->mem_bw_schema), r->mem_bw_schema);
	}
	for (size_t i = 0; i < r->schemata.n; i++)
		check_schema(k, AT(r->schemata.v[i]), r->schemata.v[i]);
	/* Before 1.3, and never with a meaning that a runtime could have given them. */
	if (r->enable_cmt.v || r->enable_mbm.v)
		warn(k, r->enable_cmt.v ? AT(r->enable_cmt) : AT(r->enable_mbm),
		     "use enableMonitoring",
		     "%s was taken out of the specification in 1.3 and does nothing",
		     r->enable_cmt.v ? "enableCMT" : "enableMBM");
}
