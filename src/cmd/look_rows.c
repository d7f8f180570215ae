/* look_rows: see look.h. Pure: what is compared is exactly what is printed. */
#include "base/human.h"
#include "base/str.h"
#include "cmd/look.h"
#include "libocispec-lite/rows.h"
#include <stdio.h>
#include <string.h>

/* clang-format off */
OCI_SCHEMA(look_change,
	STR(look_change, section, "section", 0),
	STR(look_change, key,     "key",     0),
	STR(look_change, a,       "a",       0),
	STR(look_change, b,       "b",       0));
/* clang-format on */

static void row(struct look_rows *r, struct arena *a, const char *section, const char *key,
                const char *value)
{
	size_t n = r->n;

	if (!value)
		return;
	/* Full at each power of two. */
	if (!(n & (n - 1)))
		r->v = arena_grow(a, r->v, n * sizeof *r->v, (n ? 2 * n : 1) * sizeof *r->v);
	r->v[r->n++] = (struct look_row){ section, key, value };
}

/* "a b c", or "none". */
static const char *words(char *const *v, size_t n, const char *prefix, struct arena *a)
{
	const char *text = "";

	for (size_t i = 0; i < n; i++)
		text = arena_fmt(a, "%s%s%s", text, *text ? " " : "",
		                 v[i] + (str_starts(v[i], prefix) ? strlen(prefix) : 0));
	return *text ? text : "none";
}

static void identity(struct look_rows *r, const struct look *l, struct arena *a)
{
	const char *s = "container";

	row(r, a, s, "id", l->id ? l->id : "the host");
	row(r, a, s, "status", l->status);
	if (l->pid.set)
		row(r, a, s, "pid", arena_fmt(a, "%llu", (unsigned long long)l->pid.v));
	if (l->command.n)
		row(r, a, s, "command", words(l->command.v, l->command.n, "", a));
	row(r, a, s, "user", l->user);
	row(r, a, s, "bundle", l->bundle);
	row(r, a, s, "rootfs", l->rootfs);
	row(r, a, s, "created", l->created);
}

static void namespaces(struct look_rows *r, const struct look *l, struct arena *a)
{
	for (size_t i = 0; i < l->namespaces.n; i++) {
		const struct look_namespace *n = &l->namespaces.v[i];
		const char *text = arena_fmt(a, "%llu", (unsigned long long)n->inode.v);

		if (l->id)
			text = arena_fmt(a, "%s, %s", text,
			                 n->host.v      ? "the host's"
			                 : !n->shared.n ? "its own"
			                                : "shared");
		if (n->shared.n && (!l->id || !n->host.v))
			text = arena_fmt(a, "%s, with %s", text,
			                 words(n->shared.v, n->shared.n, "", a));
		if (n->owner.set && !STR_EQ(n->type, "user"))
			text = arena_fmt(a, "%s, owned by user %llu", text,
			                 (unsigned long long)n->owner.v);
		if (n->owner_uid.set)
			text = arena_fmt(a, "%s, made by uid %llu", text,
			                 (unsigned long long)n->owner_uid.v);
		if (n->parent.set)
			text = arena_fmt(a, "%s, below %llu", text,
			                 (unsigned long long)n->parent.v);
		row(r, a, "namespaces", n->type, text);
	}
}

static void maps(struct look_rows *r, const char *section, const struct look_map *v, size_t n,
                 struct arena *a)
{
	for (size_t i = 0; i < n; i++)
		row(r, a, section, arena_fmt(a, "%llu", (unsigned long long)v[i].inside.v),
		    arena_fmt(a, "outside %llu, %llu of them", (unsigned long long)v[i].outside.v,
		              (unsigned long long)v[i].count.v));
}

static void mounts(struct look_rows *r, const struct look *l, struct arena *a)
{
	row(r, a, "root", "path", l->root);
	for (size_t i = 0; i < l->mounts.n; i++) {
		const struct look_mount *m = &l->mounts.v[i];

		row(r, a, "mounts", m->target,
		    arena_fmt(a, "%s %s%s%s %s%s%s", m->type ? m->type : "",
		              m->source ? m->source : "", m->root ? " " : "",
		              m->root ? m->root : "", m->options ? m->options : "",
		              m->propagation ? " " : "", m->propagation ? m->propagation : ""));
	}
}

static void rights(struct look_rows *r, const struct look *l, struct arena *a)
{
	const char *s = "rights";

	if (l->caps) {
		const struct look_caps *c = l->caps;

		row(r, a, "capabilities", "bounding",
		    words(c->bounding.v, c->bounding.n, "CAP_", a));
		row(r, a, "capabilities", "effective",
		    words(c->effective.v, c->effective.n, "CAP_", a));
		row(r, a, "capabilities", "permitted",
		    words(c->permitted.v, c->permitted.n, "CAP_", a));
		row(r, a, "capabilities", "inheritable",
		    words(c->inheritable.v, c->inheritable.n, "CAP_", a));
		row(r, a, "capabilities", "ambient", words(c->ambient.v, c->ambient.n, "CAP_", a));
	}
	if (l->nnp.set)
		row(r, a, s, "no_new_privs", l->nnp.v ? "yes" : "no");
	if (l->seccomp && l->seccomp->mode)
		row(r, a, s, "seccomp",
		    l->seccomp->filters.v ? arena_fmt(a, "%s, %llu of them", l->seccomp->mode,
		                                      (unsigned long long)l->seccomp->filters.v)
		                          : l->seccomp->mode);
	row(r, a, s, "label", l->label);
}

static const char *amount(const struct look_limit *x, uint64_t v, struct arena *a)
{
	char buf[HUMAN_SIZE];

	if (STR_EQ(x->unit, "bytes"))
		return arena_fmt(a, "%s", human_size(buf, v));
	return arena_fmt(a, "%llu%s%s", (unsigned long long)v, STR_EQ(x->unit, "ns") ? " " : "",
	                 STR_EQ(x->unit, "ns") ? "ns" : "");
}

static void limits(struct look_rows *r, const struct look *l, struct arena *a)
{
	for (size_t i = 0; i < l->cgroups.n; i++)
		row(r, a, "cgroups", l->cgroups.v[i].controllers, l->cgroups.v[i].path);
	for (size_t i = 0; i < l->limits.n; i++) {
		const struct look_limit *x = &l->limits.v[i];

		if (STR_EQ(x->name, "cpu quota"))
			row(r, a, "limits", x->name,
			    arena_fmt(a, "%llu %% of a cpu, held back %llu times",
			              (unsigned long long)x->limit.v,
			              (unsigned long long)x->used.v));
		else
			row(r, a, "limits", x->name,
			    arena_fmt(a, "%s used, %s", amount(x, x->used.v, a),
			              x->limit.set
			                      ? arena_fmt(a, "limit %s", amount(x, x->limit.v, a))
			                      : "no limit"));
	}
	for (size_t i = 0; i < l->rlimits.n; i++) {
		const struct look_rlimit *x = &l->rlimits.v[i];

		row(r, a, "rlimits", x->type,
		    arena_fmt(a, "%s, at most %s%s%s", x->soft ? x->soft : "",
		              x->hard ? x->hard : "", x->unit ? " " : "", x->unit ? x->unit : ""));
	}
}

void look_rows(struct look_rows *r, const struct look *l, struct arena *a)
{
	*r = (struct look_rows){ 0 };
	identity(r, l, a);
	namespaces(r, l, a);
	maps(r, "uids", l->uids.v, l->uids.n, a);
	maps(r, "gids", l->gids.v, l->gids.n, a);
	mounts(r, l, a);
	rights(r, l, a);
	limits(r, l, a);
	for (size_t i = 0; i < l->fds.n; i++)
		row(r, a, "descriptors", arena_fmt(a, "%llu", (unsigned long long)l->fds.v[i].fd.v),
		    l->fds.v[i].target);
	for (size_t i = 0; i < l->hooks.n; i++) {
		const struct look_hook *h = &l->hooks.v[i];

		row(r, a, "hooks", h->kind,
		    h->args.n ? arena_fmt(a, "%s %s", h->path, words(h->args.v, h->args.n, "", a))
		              : h->path);
	}
	for (size_t i = 0; i < l->annotations.n; i++)
		row(r, a, "annotations", l->annotations.v[i].key, l->annotations.v[i].value);
}

static bool same_line(const struct look_row *x, const struct look_row *y)
{
	return STR_EQ(x->section, y->section) && STR_EQ(x->key, y->key);
}

/* How many lines before the i-th have its name: two mounts may be on one place, and are compared in their order. */
static size_t nth(const struct look_rows *r, size_t i)
{
	size_t n = 0;

	for (size_t j = 0; j < i; j++)
		n += same_line(&r->v[j], &r->v[i]);
	return n;
}

static const struct look_row *find(const struct look_rows *in, const struct look_row *like,
                                   size_t n)
{
	for (size_t i = 0; i < in->n; i++)
		if (same_line(&in->v[i], like) && n-- == 0)
			return &in->v[i];
	return NULL;
}

size_t look_diff(struct look_change **out, const struct look_rows *a, const struct look_rows *b,
                 struct arena *arena)
{
	struct look_change *v = NEW_N(arena, struct look_change, a->n + b->n + 1);
	size_t n = 0;

	for (size_t i = 0; i < a->n; i++) {
		const struct look_row *x = &a->v[i], *y = find(b, x, nth(a, i));

		if (!y || !STR_EQ(x->value, y->value))
			v[n++] = (struct look_change){ (char *)(uintptr_t)x->section,
				                       (char *)(uintptr_t)x->key,
				                       (char *)(uintptr_t)x->value,
				                       (char *)(uintptr_t)(y ? y->value : NULL) };
	}
	for (size_t i = 0; i < b->n; i++) {
		const struct look_row *y = &b->v[i];

		if (!find(a, y, nth(b, i)))
			v[n++] = (struct look_change){ (char *)(uintptr_t)y->section,
				                       (char *)(uintptr_t)y->key, NULL,
				                       (char *)(uintptr_t)y->value };
	}
	*out = v;
	return n;
}
