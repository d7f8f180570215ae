/* keys: a set of object keys. */
#include "libocispec-lite/decoder.h"
#include <string.h>

/* FNV-1a, started at an address: whoever writes the text cannot choose keys that fall into one slot. */
static size_t hash(const struct oci_keys *k, uint32_t object, const char *s, size_t len)
{
	uint64_t h = 0xcbf29ce484222325 ^ (uintptr_t)k ^ object;

	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 0x100000001b3;
	return (size_t)(h ^ h >> 32);
}

/* The slot of a key, or the free one where it belongs. */
static struct oci_key *find(const struct oci_keys *k, uint32_t object, const char *s, size_t len)
{
	for (size_t i = hash(k, object, s, len);; i++) {
		struct oci_key *e = &k->slots[i & (k->size - 1)];

		if (!e->s || (e->object == object && e->len == len && memcmp(e->s, s, len) == 0))
			return e;
	}
}

static void grow(struct oci_keys *k, struct arena *a)
{
	struct oci_keys old = *k;

	k->size = old.size ? old.size * 2 : 32;
	k->slots = NEW_N(a, struct oci_key, k->size);
	for (size_t i = 0; i < old.size; i++) {
		const struct oci_key *e = &old.slots[i];

		if (e->s)
			*find(k, e->object, e->s, e->len) = *e;
	}
}

bool oci_keys_add(struct oci_keys *k, struct arena *a, uint32_t object, const char *s, size_t len)
{
	if (2 * k->n >= k->size)
		grow(k, a);
	struct oci_key *e = find(k, object, s, len);
	if (e->s)
		return false;
	*e = (struct oci_key){ .s = s, .len = len, .object = object };
	k->n++;
	return true;
}
