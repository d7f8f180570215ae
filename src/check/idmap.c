/* idmap: linux.uidMappings and linux.gidMappings. config-linux.md, user_namespaces(7). */
#include "check/check.h"
#include <inttypes.h>

#define LINES_MAX 340u                   /* user_namespaces(7), since Linux 4.15 */
#define ID_END    ((uint64_t)UINT32_MAX) /* 2^32-1 is no id */

/* One of the two lists. */
struct id_map {
	const char *what; /* "uid" */
	struct oci_at at;
	const struct oci_id_mapping *v;
	size_t n;
	uint32_t own;       /* the caller's id */
	const char *helper; /* newuidmap(1), or NULL */
};

static bool whole(const struct oci_id_mapping *m)
{
	return m->container_id.set && m->host_id.set && m->size.set;
}

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

static void check_line(struct check *k, const struct id_map *map, size_t i)
{
	const struct oci_id_mapping *m = &map->v[i];

	if (!whole(m))
		return;
	if (m->size.v == 0)
		bad(k, AT(m->size), "map at least one id", "the size of the mapping is 0");
	if (m->container_id.v + m->size.v > ID_END)
		bad(k, AT(*m), "make it smaller", "the container's ids end beyond 4294967294");
	if (m->host_id.v + m->size.v > ID_END)
		bad(k, AT(*m), "make it smaller", "the host's ids end beyond 4294967294");
	for (size_t j = 0; j < i; j++) {
		const struct oci_id_mapping *o = &map->v[j];

		if (!whole(o))
			continue;
		if (overlap(m->container_id.v, m->size.v, o->container_id.v, o->size.v))
			bad(k, AT(m->container_id), "map each id of the container once",
			    "the container's ids overlap those of mapping %zu", j);
		if (overlap(m->host_id.v, m->size.v, o->host_id.v, o->size.v))
			bad(k, AT(m->host_id), "map each id of the host once",
			    "the host's ids overlap those of mapping %zu", j);
	}
}

/* Set-up is done as id 0 of the new namespace. An entry that was not decoded may map it. */
static bool maps_zero(const struct id_map *map)
{
	for (size_t i = 0; i < map->n; i++)
		if (!whole(&map->v[i]) || (map->v[i].container_id.v == 0 && map->v[i].size.v))
			return true;
	return false;
}

/* Without CAP_SETUID the kernel takes one line from an ordinary user: one id, the user's own. */
static bool own_only(const struct id_map *map)
{
	const struct oci_id_mapping *m = map->v;

	return map->n == 1 && whole(m) && m->size.v == 1 && m->host_id.v == map->own;
}

static void check_lines(struct check *k, const struct id_map *map)
{
	if (map->n > LINES_MAX)
		bad(k, map->at, "join neighbouring ranges",
		    "there are %zu %s mappings, the kernel takes %u", map->n, map->what, LINES_MAX);
	/* Each line is compared with all before it, and may add as many findings: the rest has been refused already. */
	for (size_t i = 0; i < map->n && i < LINES_MAX; i++)
		check_line(k, map, i);
}

void check_id_ranges(struct check *k, const char *what, struct oci_at at,
                     const struct oci_id_mapping *v, size_t n)
{
	check_lines(k, &(struct id_map){ .what = what, .at = at, .v = v, .n = n });
}

static void check_map(struct check *k, const struct id_map *map)
{
	if (!map->n) {
		bad(k, map->at, "add it", "the user namespace has no %s mapping", map->what);
		return;
	}
	check_lines(k, map);
	if (!maps_zero(map))
		bad(k, map->at, "map containerID 0: nsrun sets the container up as that id",
		    "%s 0 of the container is not mapped", map->what);
	if (!k->host->cap_setid && !map->helper && !own_only(map))
		bad(k, map->at,
		    arena_fmt(k->a,
		              "install the package uidmap, or map only hostID %" PRIu32
		              " with size 1",
		              map->own),
		    "an ordinary user needs new%smap to map more than the own %s", map->what,
		    map->what);
}

void check_id_maps(struct check *k)
{
	const struct oci_linux *l = k->c->linux_;
	const struct facts *h = k->host;

	if (!l)
		return;
	struct id_map uid = { "uid",   AT(l->uid_mappings), l->uid_mappings.v, l->uid_mappings.n,
		              h->euid, h->newuidmap };
	struct id_map gid = { "gid",   AT(l->gid_mappings), l->gid_mappings.v, l->gid_mappings.n,
		              h->egid, h->newgidmap };
	struct oci_at at = uid.n || !gid.n ? uid.at : gid.at;
	enum ns_use use = check_ns(k, "user");

	if (use == NS_ABSENT && (uid.n || gid.n))
		bad(k, at, "add {\"type\": \"user\"} to linux.namespaces, or remove the mappings",
		    "user namespace mappings specified, but user namespace isn't enabled in the config");
	/* CRI engines give both; the mappings are then those that the namespace has already. */
	if (use == NS_JOINED && (uid.n || gid.n))
		warn(k, at, "remove them",
		     "the mappings are ignored: the user namespace is joined by path");
	if (use != NS_NEW)
		return;
	if (!uid.n && !gid.n) {
		bad(k, at, "add uidMappings and gidMappings to linux",
		    "user namespaces enabled, but no namespace path to join nor mappings to apply specified");
		return;
	}
	check_map(k, &uid);
	check_map(k, &gid);
}
