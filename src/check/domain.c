/* domain: linux.memoryPolicy and linux.personality. config-linux.md, set_mempolicy(2), personality(2). */
#include "base/str.h"
#include "check/check.h"
#include <stdlib.h>
#include <string.h>

#define NODES 1024 /* more than any kernel has, MAX_NUMNODES */

static bool has_flag(const struct oci_memory_policy *m, const char *flag)
{
	for (size_t i = 0; i < m->flags.n; i++)
		if (STR_EQ(m->flags.v[i], flag))
			return true;
	return false;
}

static bool one_of(const char *word, const char *const *list)
{
	while (*list && !STR_EQ(*list, word))
		list++;
	return *list;
}

static void check_nodes(struct check *k, const struct oci_memory_policy *m)
{
	static const char *const without[] = { "MPOL_DEFAULT", "MPOL_LOCAL", NULL };
	bool empty = str_empty(m->nodes);

	check_list(k, AT(m->nodes), m->nodes);
	for (const char *x = m->nodes; !empty && *x;) {
		char *end;

		if (strtoul(x, &end, 10) >= NODES)
			bad(k, AT(m->nodes), "use smaller numbers",
			    "\"%s\" is beyond the last memory node of any kernel, %d", m->nodes,
			    NODES - 1);
		if (end == x || strtoul(x, NULL, 10) >= NODES)
			return;
		x = *end ? end + 1 : end;
	}
	if (one_of(m->mode, without) && !empty)
		bad(k, AT(m->nodes), "remove the nodes, or choose another mode",
		    "memory policy mode %s requires 0 nodes but got \"%s\"", m->mode, m->nodes);
	else if (!one_of(m->mode, without) && !STR_EQ(m->mode, "MPOL_PREFERRED") && empty)
		bad(k, AT(*m), "add \"nodes\", as in \"0-1\"",
		    "memory policy mode requires at least one node but got 0");
}

/* What set_mempolicy(2) refuses without saying why. */
static void check_flags(struct check *k, const struct oci_memory_policy *m)
{
	static const char *const balanced[] = { "MPOL_BIND", "MPOL_PREFERRED_MANY", NULL };
	bool fixed = has_flag(m, "MPOL_F_STATIC_NODES"),
	     relative = has_flag(m, "MPOL_F_RELATIVE_NODES");

	if (fixed && relative)
		bad(k, AT(m->flags), "remove one of the two",
		    "MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other");
	else if ((fixed || relative) && str_empty(m->nodes))
		bad(k, AT(m->flags), "remove the flag, or name nodes",
		    "%s says how to read nodes, and there are none",
		    fixed ? "MPOL_F_STATIC_NODES" : "MPOL_F_RELATIVE_NODES");
	if (has_flag(m, "MPOL_F_NUMA_BALANCING") && !one_of(m->mode, balanced))
		bad(k, AT(m->flags), "remove it, or choose one of these modes",
		    "MPOL_F_NUMA_BALANCING is for MPOL_BIND and MPOL_PREFERRED_MANY only");
}

void check_domain(struct check *k)
{
	const struct oci_linux *l = k->c->linux_;

	if (l && l->memory_policy && !str_empty(l->memory_policy->mode)) {
		check_nodes(k, l->memory_policy);
		check_flags(k, l->memory_policy);
	}
	if (l && l->personality && l->personality->flags.n)
		bad(k, AT(l->personality->flags), "remove it",
		    "the specification has no flags of a personality yet: \"%s\"",
		    l->personality->flags.v[0]);
}
