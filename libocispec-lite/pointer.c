/* pointer: from an address inside a decoded value to its JSON pointer. */
#include "libocispec-lite/decoder.h"
#include "libocispec-lite/schema.h"
#include <stdio.h>
#include <string.h>

/* The pointer so far. len may run beyond size: what does not fit is cut. */
struct path {
	char *buf;
	size_t size, len;
};

static void put(struct path *p, char c)
{
	if (p->len + 1 < p->size)
		p->buf[p->len] = c;
	p->len++;
}

static void put_key(struct path *p, const char *key)
{
	put(p, '/');
	for (; *key; key++) {
		if (*key == '~' || *key == '/') {
			put(p, '~');
			put(p, *key == '~' ? '0' : '1');
		} else {
			put(p, *key);
		}
	}
}

static void put_index(struct path *p, size_t i)
{
	char number[24];

	snprintf(number, sizeof(number), "%zu", i);
	put_key(p, number);
}

static bool inside(struct oci_at at, const void *base, size_t size)
{
	uintptr_t p = (uintptr_t)at.p, b = (uintptr_t)base;

	return p >= b && p < b + size && at.size <= size - (p - b);
}

static bool find(const struct oci_schema *s, const char *base, struct oci_at at, struct path *p);

static bool find_item(const struct oci_field *f, const struct oci_vec *vec, size_t i,
                      struct oci_at at, struct path *p)
{
	size_t size = oci_item_size(f), mark = p->len;
	const char *item = (const char *)vec->v + i * size;

	if (oci_is_map(f)) {
		const char *key;

		memcpy(&key, item, sizeof(key));
		put_key(p, key);
	} else {
		put_index(p, i);
	}
	if (f->sub ? find(f->sub, item, at, p) : inside(at, item, size))
		return true;
	p->len = mark;
	return false;
}

/* Looks for at behind a member: in the object or the items that it points to. */
static bool find_behind(const struct oci_field *f, const char *member, struct oci_at at,
                        struct path *p)
{
	if (f->type == OCI_OBJ) {
		const char *object;

		memcpy(&object, member, sizeof(object));
		return object && find(f->sub, object, at, p);
	}
	if (!oci_item_size(f))
		return false;
	struct oci_vec vec;
	memcpy(&vec, member, sizeof(vec));
	size_t size = oci_item_size(f);
	if (vec.n && inside(at, vec.v, vec.n * size))
		return find_item(f, &vec, ((uintptr_t)at.p - (uintptr_t)vec.v) / size, at, p);
	/* Only objects lead further. */
	for (size_t i = 0; f->sub && i < vec.n; i++)
		if (find_item(f, &vec, i, at, p))
			return true;
	return false;
}

static bool find(const struct oci_schema *s, const char *base, struct oci_at at, struct path *p)
{
	if (at.p == base && at.size == s->size)
		return true;
	for (size_t i = 0; i < s->n; i++) {
		const struct oci_field *f = &s->fields[i];
		size_t mark = p->len;

		put_key(p, f->key);
		if (inside(at, base + f->off, f->size) || find_behind(f, base + f->off, at, p))
			return true;
		p->len = mark;
	}
	/* The key of an OBJMAP item is no row; it names the item. */
	return inside(at, base, s->size);
}

bool oci_pointer(const struct oci_schema *s, const void *root, struct oci_at at, char *buf,
                 size_t n)
{
	struct path p = { .buf = buf, .size = n };
	bool found = find(s, root, at, &p);

	if (!found)
		p.len = 0;
	if (n)
		buf[p.len < n ? p.len : n - 1] = '\0';
	return found;
}
