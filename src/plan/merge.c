/* merge: the resources that were asked for so far, and what an update names in their place. Driven by the table of
 * linux.resources: a new member needs no line here. */
#include "libocispec-lite/ocispec.h"
#include "plan/update.h"
#include <string.h>

/* Any OCI_VEC, to be copied from and to with memcpy. */
struct vec {
	char *v;
	size_t n;
};

static bool is_set(const struct oci_field *f, const char *member)
{
	const void *p;

	if (f->type == OCI_BOOL)
		return ((const struct oci_bool *)member)->set;
	if (f->type == OCI_I64)
		return ((const struct oci_i64 *)member)->set;
	if (f->type == OCI_U64)
		return ((const struct oci_u64 *)member)->set;
	memcpy(&p, member, sizeof p);
	/* cpuset's "" means what absence means. */
	return p && !(f->type == OCI_STR && !*(const char *)p);
}

static const char *text_of(const char *member)
{
	const char *s;

	memcpy(&s, member, sizeof s);
	return s ? s : "";
}

/* Are two items about the same thing? What they are about is in their key, or in their texts (a page size, an
 * interface) and signed numbers (a device); what is asked of it is not signed. */
static bool same(const struct oci_field *f, const char *x, const char *y)
{
	if (f->type == OCI_MAP || f->type == OCI_OBJMAP)
		return strcmp(text_of(x), text_of(y)) == 0;
	for (size_t i = 0; f->sub && i < f->sub->n; i++) {
		const struct oci_field *g = &f->sub->fields[i];

		if (g->type == OCI_STR && strcmp(text_of(x + g->off), text_of(y + g->off)) != 0)
			return false;
		if (g->type == OCI_I64 && ((const struct oci_i64 *)(x + g->off))->v !=
		                                  ((const struct oci_i64 *)(y + g->off))->v)
			return false;
	}
	return true;
}

static void merge(const struct oci_schema *s, char *to, const char *from, struct arena *a);

/* to gets a vector of its own: the one that it has is somebody else's. */
static void merge_items(const struct oci_field *f, char *to, const char *from, struct arena *a)
{
	size_t size = oci_item_size(f);
	struct vec old, new, out;

	memcpy(&old, to, sizeof old);
	memcpy(&new, from, sizeof new);
	out = (struct vec){ arena_alloc(a, (old.n + new.n + 1) * size, 16), old.n };
	if (old.n)
		memcpy(out.v, old.v, old.n * size);
	for (size_t i = 0; i < new.n; i++) {
		const char *item = new.v + i *size;
		size_t at = 0;

		while (at < out.n && !same(f, out.v + at * size, item))
			at++;
		if (at < out.n && f->sub)
			merge(f->sub, out.v + at * size, item, a);
		else
			memcpy(out.v + at * size, item, size);
		out.n += at == out.n;
	}
	memcpy(to, &out, sizeof out);
}

static void merge_object(const struct oci_field *f, char *to, const char *from, struct arena *a)
{
	char *own = arena_alloc(a, f->sub->size, 16), *old, *new;

	memcpy(&old, to, sizeof old);
	memcpy(&new, from, sizeof new);
	if (old)
		memcpy(own, old, f->sub->size);
	merge(f->sub, own, new, a);
	memcpy(to, &own, sizeof own);
}

static void merge(const struct oci_schema *s, char *to, const char *from, struct arena *a)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct oci_field *f = &s->fields[i];

		if (!is_set(f, from + f->off))
			continue;
		if (f->type == OCI_OBJ)
			merge_object(f, to + f->off, from + f->off, a);
		else if (oci_item_size(f))
			merge_items(f, to + f->off, from + f->off, a);
		else
			memcpy(to + f->off, from + f->off, f->size);
	}
}

struct oci_resources *update_merge(const struct oci_resources *stored,
                                   const struct oci_resources *r, struct arena *a)
{
	struct oci_resources *out = NEW(a, struct oci_resources);

	if (stored)
		*out = *stored;
	merge(&oci_resources_schema, (char *)out, (const char *)r, a);
	return out;
}
