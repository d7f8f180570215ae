/* idmap_mount: the sources of id-mapped mounts, and whose ids each has (config.md#posix-platform-mounts). They are
 * copied on the host's side: the kernel asks for rights over the file system, which the root of a user namespace
 * lacks. */
#include "base/idrange.h"
#include "base/str.h"
#include "base/sys.h"
#include "plan/emit.h"
#include "plan/mountopt.h"
#include <inttypes.h>
#include <string.h>

#define RANGES 340 /* the kernel takes no more, user_namespaces(7) */

/* The ranges of one option. */
struct ranges {
	struct oci_id_mapping *uid, *gid;
	size_t n_uid, n_gid;
};

static int bad_option(const struct plan_in *in, struct oci_at at, const char *what,
                      const char *hint)
{
	char pointer[160];

	err_set(in->e, ERR_CONFIG, "%s", what);
	if (oci_pointer(&oci_config_schema, in->c, at, pointer, sizeof pointer))
		err_where(in->e, "%s", pointer);
	return err_hint(in->e, "%s", hint);
}

static bool add_range(struct ranges *x, bool gid, uint64_t first, uint64_t second, uint64_t size)
{
	size_t *n = gid ? &x->n_gid : &x->n_uid;

	if (*n == RANGES)
		return false;
	(gid ? x->gid : x->uid)[(*n)++] = (struct oci_id_mapping){ .container_id = { first, true },
		                                                   .host_id = { second, true },
		                                                   .size = { size, true } };
	return true;
}

/* A range that counts in ids of the container, in as many pieces as the container's own mappings cut it into. */
static bool add_relative(struct ranges *x, const struct idrange *r, const struct oci_linux *l)
{
	const struct oci_id_mapping *m = r->gid ? l->gid_mappings.v : l->uid_mappings.v;
	size_t n = r->gid ? l->gid_mappings.n : l->uid_mappings.n;
	uint64_t done = 0;

	while (done < r->size) {
		uint64_t id = r->second + done, left = r->size - done;
		size_t i = 0;

		while (i < n &&
		       (id < m[i].container_id.v || id >= m[i].container_id.v + m[i].size.v))
			i++;
		if (i == n)
			return false;
		uint64_t skip = id - m[i].container_id.v, size = m[i].size.v - skip;

		if (size > left)
			size = left;
		if (!add_range(x, r->gid, r->first + done, m[i].host_id.v + skip, size))
			return false;
		done += size;
	}
	return true;
}

/* idmap=uids=0-1000-1;gids=@0-1000-1 */
static const struct id_maps *maps_of_option(struct plan *p, const struct plan_in *in,
                                            struct oci_at at, const char *word)
{
	const char *text = strchr(word, '=') + 1;
	struct id_maps *maps = NEW(p->arena, struct id_maps);
	struct ranges x = { .uid = NEW_N(p->arena, struct oci_id_mapping, RANGES),
		            .gid = NEW_N(p->arena, struct oci_id_mapping, RANGES) };
	struct idrange r = { 0 };
	int rc;

	while ((rc = idrange_next(&text, &r)) > 0)
		if (!(r.relative ? p->new_ns & CLONE_NEWUSER && add_relative(&x, &r, in->c->linux_)
		                 : add_range(&x, r.gid, r.first, r.second, r.size))) {
			bad_option(in, at, "the option names ids that the container does not have",
			           "name ids that linux.uidMappings and gidMappings map");
			return NULL;
		}
	if (rc < 0 || !x.n_uid || !x.n_gid) {
		bad_option(in, at, "the option is not a mapping of ids",
		           "write it as in idmap=uids=0-1000-1;gids=0-1000-1");
		return NULL;
	}
	*maps = (struct id_maps){ x.uid, x.gid, x.n_uid, x.n_gid };
	return maps;
}

/* The last one counts, as with all options. */
static char **option_of(const struct oci_mount *m)
{
	for (size_t i = m->options.n; i-- > 0;)
		if (mountopt_has_ids(m->options.v[i]))
			return &m->options.v[i];
	return NULL;
}

/* Whose ids: the mount's own, or those of the container; NULL in *maps: those of the namespace that is joined. */
static int find_maps(struct plan *p, const struct plan_in *in, const struct oci_mount *m,
                     const struct id_maps **maps)
{
	const struct oci_linux *l = in->c->linux_;
	char **word = option_of(m);
	struct id_maps *own;

	*maps = NULL;
	if (!m->uid_mappings.n && word) {
		*maps = maps_of_option(p, in, AT(*word), *word);
		return *maps ? 0 : -1;
	}
	if (!m->uid_mappings.n && p->join_ns & CLONE_NEWUSER)
		return 0;
	own = NEW(p->arena, struct id_maps);
	*own = m->uid_mappings.n ? (struct id_maps){ m->uid_mappings.v, m->gid_mappings.v,
		                                     m->uid_mappings.n, m->gid_mappings.n }
	                         : (struct id_maps){ l->uid_mappings.v, l->gid_mappings.v,
		                                     l->uid_mappings.n, l->gid_mappings.n };
	*maps = own;
	return 0;
}

static bool same_map(const struct oci_id_mapping *a, size_t n_a, const struct oci_id_mapping *b,
                     size_t n_b)
{
	if (n_a != n_b)
		return false;
	for (size_t i = 0; i < n_a; i++)
		if (a[i].container_id.v != b[i].container_id.v ||
		    a[i].host_id.v != b[i].host_id.v || a[i].size.v != b[i].size.v)
			return false;
	return true;
}

static bool same_maps(const struct id_maps *a, const struct id_maps *b)
{
	if (!a || !b)
		return a == b;
	return same_map(a->uid, a->n_uid, b->uid, b->n_uid) &&
	       same_map(a->gid, a->n_gid, b->gid, b->n_gid);
}

int plan_trees(struct plan *p, const struct plan_in *in)
{
	const struct id_maps *sets[TREES], *maps;
	uint8_t trees = 0, n_sets = 0, set;

	for (size_t i = 0; i < in->c->mounts.n; i++) {
		const struct oci_mount *m = &in->c->mounts.v[i];
		struct step options = { 0 };

		mountopt_lower(m, &options, p->arena);
		if (!(options.mount.how & MOUNT_IDMAP))
			continue;
		if (trees == TREES)
			return err_set(in->e, ERR_CONFIG, "there are more than %d id-mapped mounts",
			               TREES);
		if (find_maps(p, in, m, &maps) < 0)
			return -1;
		for (set = 0; set < n_sets && !same_maps(sets[set], maps);)
			set++;
		if (set == n_sets)
			sets[n_sets++] = maps;
		struct step *s = plan_step(p, STEP_TREE, FROM(*m));
		s->tree.source = plan_source(p, in, m->source);
		s->tree.maps = sets[set];
		s->tree.how = options.mount.how;
		s->tree.propagation = plan_events(p, in);
		s->tree.index = trees++;
		s->tree.ns = set;
	}
	if (plan_notify_tree(p, in)) {
		if (trees == TREES)
			return err_set(in->e, ERR_CONFIG,
			               "with %d id-mapped mounts there is no room for "
			               "that of NOTIFY_SOCKET",
			               TREES);
		struct step *s =
			plan_step(p, STEP_TREE, NEED("NOTIFY_SOCKET: it tells when it is ready"));
		s->tree.source = in->o->notify;
		s->tree.propagation = plan_events(p, in);
		s->tree.index = trees;
	}
	return 0;
}
