/* user: process.user and its ids in the user namespace. config.md, credentials(7). */
#include "base/str.h"
#include "base/unsafe.h"
#include "check/check.h"
#include <inttypes.h>
#include <string.h>

#define ID_MAX    (UINT32_MAX - 1u) /* 2^32-1 means "unchanged" to setresuid(2) */
#define UMASK_MAX 0777u

static bool mapped(const struct oci_id_mapping *m, size_t n, uint64_t id)
{
	for (size_t i = 0; i < n; i++) {
		/* What decode refused may map it. */
		if (!m[i].container_id.set || !m[i].size.set)
			return true;
		if (id >= m[i].container_id.v && id - m[i].container_id.v < m[i].size.v)
			return true;
	}
	return n == 0;
}

static void check_id(struct check *k, struct oci_at at, const char *what, uint64_t id)
{
	const struct oci_linux *l = k->c->linux_;
	bool is_uid = what[0] == 'u';

	if (id > ID_MAX && !unsafe("ids"))
		bad(k, at, "use a smaller one", "%s %" PRIu64 " is no id, the last one is %u", what,
		    id, ID_MAX);
	else if (check_ns(k, "user") == NS_NEW &&
	         !(is_uid ? mapped(l->uid_mappings.v, l->uid_mappings.n, id)
	                  : mapped(l->gid_mappings.v, l->gid_mappings.n, id)))
		bad(k, at, arena_fmt(k->a, "add it to linux.%sMappings, or use a mapped one", what),
		    "%s %" PRIu64 " is not mapped into the user namespace", what, id);
}

/* Without CAP_SETGID and without newgidmap(1) a gid map is taken only after setgroups was denied. */
static bool groups_denied(const struct check *k)
{
	const struct facts *h = k->host;

	return h->setgroups_denied ||
	       (!h->cap_setid && !h->newgidmap && check_ns(k, "user") == NS_NEW);
}

/* Podman's "--group-add keep-groups" as an annotation; NULL: there is none. */
static const struct oci_entry *wants_kept(const struct check *k)
{
	const struct oci_config *c = k->c;

	for (size_t i = 0; i < c->annotations.n; i++) {
		const struct oci_entry *x = &c->annotations.v[i];

		if (x->key && x->value && STR_EQ(x->key, "run.oci.keep_original_groups") &&
		    STR_EQ(x->value, "1"))
			return x;
	}
	return NULL;
}

static void check_groups(struct check *k, const struct oci_user *u)
{
	const struct oci_entry *kept = wants_kept(k);
	bool root = k->host->euid == 0 && !k->host->in_userns;

	for (size_t i = 0; i < u->additional_gids.n; i++)
		check_id(k, AT(u->additional_gids.v[i]), "gid", u->additional_gids.v[i]);
	if (kept && root)
		warn(k, AT(*kept), "remove it",
		     "root's groups are not kept: the groups are those of the config");
	if (!u->additional_gids.n)
		return;
	if (kept && !root)
		warn(k, AT(u->additional_gids), "remove them, or the annotation",
		     "additionalGids are not set: the groups of the caller are kept");
	else if (groups_denied(k))
		bad(k, AT(u->additional_gids), "remove them, or install the package uidmap",
		    "additional groups cannot be set: setgroups is denied in this user namespace");
}

void check_user(struct check *k)
{
	const struct oci_process *p = k->c->process;

	if (!p)
		return;
	const struct oci_user *u = p->user;
	if (!u) {
		warn(k, AT(p->user), "add \"user\" with uid and gid",
		     "\"user\" is missing: the process runs as uid 0 and gid 0");
		return;
	}
	if (u->uid.set)
		check_id(k, AT(u->uid), "uid", u->uid.v);
	if (u->gid.set)
		check_id(k, AT(u->gid), "gid", u->gid.v);
	if (u->umask.set && u->umask.v > UMASK_MAX)
		bad(k, AT(u->umask), "write the octal value as a decimal number (022 is 18)",
		    "umask is %" PRIu64 ", expected 0 to %u", u->umask.v, UMASK_MAX);
	check_groups(k, u);
}
