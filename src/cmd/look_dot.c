/* look_dot: see look.h. Boxes are containers, ellipses namespaces; what is the host's stands apart. */
#include "base/str.h"
#include "cmd/look.h"
#include "libocispec-lite/rows.h"
#include <string.h>

static bool shares(const struct look_peer *x, const struct look_peer *y)
{
	for (size_t i = 0; i < NAMESPACES; i++)
		if (x->inode[i] && x->inode[i] == y->inode[i])
			return true;
	return false;
}

/* Is it in the picture? The one that is asked for, who shares a namespace with it, and the host. */
static bool wanted(const struct look_peers *p, size_t i, const char *only)
{
	if (!only || !p->v[i].id)
		return true;
	for (size_t j = 1; j < p->n; j++)
		if (STR_EQ(p->v[j].id, only)) {
			struct look_peer mine = p->v[j];

			/* Whoever has one of the host's shares it with everybody. */
			for (size_t k = 0; k < NAMESPACES; k++)
				if (mine.inode[k] == p->v[0].inode[k])
					mine.inode[k] = 0;
			return i == j || shares(&mine, &p->v[i]);
		}
	return false;
}

/* Has nobody before the i-th the same n-th namespace? */
static bool first(const struct look_peers *p, size_t i, size_t n, const char *only)
{
	for (size_t j = 0; j < i; j++)
		if (p->v[j].inode[n] == p->v[i].inode[n] && wanted(p, j, only))
			return false;
	return true;
}

const char *look_dot(const struct look_peers *p, const char *only, struct arena *a)
{
	const char *nodes = "", *edges = "";

	for (size_t i = 0; i < p->n; i++) {
		const char *name = p->v[i].id ? p->v[i].id : "host";

		if (!wanted(p, i, only))
			continue;
		/* No id has a colon in it, so that none is taken for the host or for a namespace. */
		nodes = arena_fmt(a, "%s\t\"%s%s\" [label=\"%s\", shape=box, style=\"%s\"];\n",
		                  nodes, p->v[i].id ? "" : ":", name, name,
		                  p->v[i].id ? "rounded" : "bold");
		for (size_t n = 0; n < NAMESPACES; n++) {
			unsigned long long inode = p->v[i].inode[n];
			const char *type = namespace_defs[n].type;

			if (!inode)
				continue;
			if (first(p, i, n, only))
				nodes = arena_fmt(a, "%s\t\":%s:%llu\" [label=\"%s\\n%llu\"%s];\n",
				                  nodes, type, inode, type, inode,
				                  p->v[i].id ? "" : ", style=dashed");
			edges = arena_fmt(a, "%s\t\"%s%s\" -- \":%s:%llu\";\n", edges,
			                  p->v[i].id ? "" : ":", name, type, inode);
		}
	}
	return arena_fmt(a,
	                 "graph nsrun {\n\trankdir=LR;\n\tnode [fontname=\"sans-serif\"];\n%s%s}",
	                 nodes, edges);
}

/* clang-format off */
OCI_SCHEMA(look_shared,
	STR (look_shared, type,       "type",       0),
	U64 (look_shared, inode,      "inode",      0),
	BOOL(look_shared, host,       "host",       0),
	STRS(look_shared, containers, "containers", OCI_REQUIRED));
/* clang-format on */

size_t look_shared(struct look_shared **out, const struct look_peers *p, const char *only,
                   struct arena *a)
{
	struct look_shared *v = NEW_N(a, struct look_shared, p->n * NAMESPACES + 1);
	size_t count = 0;

	for (size_t n = 0; n < NAMESPACES; n++)
		for (size_t i = 0; i < p->n; i++) {
			uint64_t inode = p->v[i].inode[n];

			if (!inode || !wanted(p, i, only) || !first(p, i, n, only))
				continue;
			struct look_shared *x = &v[count++];
			x->type = (char *)(uintptr_t)namespace_defs[n].type;
			x->inode = (struct oci_u64){ inode, true };
			x->host = (struct oci_bool){ !p->v[i].id, true };
			x->containers.v = NEW_N(a, char *, p->n);
			for (size_t j = i; j < p->n; j++)
				if (p->v[j].id && p->v[j].inode[n] == inode && wanted(p, j, only))
					x->containers.v[x->containers.n++] = p->v[j].id;
		}
	*out = v;
	return count;
}
