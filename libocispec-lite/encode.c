/* encode: the tables walked once more, each value given to yajl_gen. */
#include "libocispec-lite/encode.h"
#include "libocispec-lite/decoder.h"
#include "libocispec-lite/json.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_gen.h>

static void put_string(yajl_gen g, const char *s)
{
	yajl_gen_string(g, (const unsigned char *)(s ? s : ""), s ? strlen(s) : 0);
}

/* yajl_gen_integer() ends at INT64_MAX. */
static void put_unsigned(yajl_gen g, uint64_t v)
{
	char s[24];

	yajl_gen_number(g, s, (size_t)snprintf(s, sizeof(s), "%" PRIu64, v));
}

static void put_number(yajl_gen g, const char *s)
{
	yajl_gen_number(g, s, strlen(s));
}

static bool present(const struct oci_field *f, const char *member)
{
	const void *p;

	switch ((enum oci_type)f->type) {
	case OCI_BOOL: return ((const struct oci_bool *)member)->set;
	case OCI_I64: return ((const struct oci_i64 *)member)->set;
	case OCI_U64: return ((const struct oci_u64 *)member)->set;
	case OCI_ANY: return false;
	case OCI_STR:
	case OCI_OBJ:
	case OCI_OBJS:
	case OCI_STRS:
	case OCI_U64S:
	case OCI_MAP:
	case OCI_OBJMAP:
	case OCI_NUM:
	case OCI_NUMMAP: break;
	}
	/* A pointer, or a vector, whose pointer comes first and is not NULL when [] or {} was there. */
	memcpy(&p, member, sizeof(p));
	return p;
}

static void put_object(yajl_gen g, const struct oci_schema *s, const char *base);

static void put_item(yajl_gen g, const struct oci_field *f, const char *item)
{
	const struct oci_entry *entry = (const void *)item;

	if (oci_is_map(f))
		put_string(g, *(char *const *)item);
	if (f->sub)
		put_object(g, f->sub, item);
	else if (f->type == OCI_MAP)
		put_string(g, entry->value);
	else if (f->type == OCI_NUMMAP)
		put_number(g, entry->value);
	else if (f->type == OCI_U64S)
		put_unsigned(g, *(const uint64_t *)item);
	else
		put_string(g, *(char *const *)item);
}

/* yajl_gen writes nothing between two brackets over three lines; its numbers are copied as they are. */
static void put_empty(yajl_gen g, bool map)
{
	yajl_gen_number(g, map ? "{}" : "[]", 2);
}

static void put_vec(yajl_gen g, const struct oci_field *f, const struct oci_vec *vec)
{
	bool map = oci_is_map(f);

	if (!vec->n) {
		put_empty(g, map);
		return;
	}
	if (map)
		yajl_gen_map_open(g);
	else
		yajl_gen_array_open(g);
	for (size_t i = 0; i < vec->n; i++)
		put_item(g, f, (const char *)vec->v + i * oci_item_size(f));
	if (map)
		yajl_gen_map_close(g);
	else
		yajl_gen_array_close(g);
}

static void put_value(yajl_gen g, const struct oci_field *f, const char *member)
{
	struct oci_vec vec;

	switch ((enum oci_type)f->type) {
	case OCI_BOOL: yajl_gen_bool(g, ((const struct oci_bool *)member)->v); break;
	case OCI_I64: yajl_gen_integer(g, ((const struct oci_i64 *)member)->v); break;
	case OCI_U64: put_unsigned(g, ((const struct oci_u64 *)member)->v); break;
	case OCI_STR: put_string(g, *(char *const *)member); break;
	case OCI_NUM: put_number(g, *(char *const *)member); break;
	case OCI_OBJ:
		memcpy(&vec.v, member, sizeof(vec.v));
		put_object(g, f->sub, vec.v);
		break;
	case OCI_OBJS:
	case OCI_STRS:
	case OCI_U64S:
	case OCI_MAP:
	case OCI_OBJMAP:
	case OCI_NUMMAP:
		memcpy(&vec, member, sizeof(vec));
		put_vec(g, f, &vec);
		break;
	case OCI_ANY: break;
	}
}

static void put_object(yajl_gen g, const struct oci_schema *s, const char *base)
{
	bool open = false;

	for (size_t i = 0; i < s->n; i++) {
		const struct oci_field *f = &s->fields[i];

		if (!present(f, base + f->off))
			continue;
		if (!open)
			yajl_gen_map_open(g);
		open = true;
		put_string(g, f->key);
		put_value(g, f, base + f->off);
	}
	if (open)
		yajl_gen_map_close(g);
	else
		put_empty(g, true);
}

static const char *encode(const struct oci_field *f, const char *member, enum oci_style style,
                          struct arena *a, size_t *len)
{
	yajl_alloc_funcs memory = oci_json_memory(a);
	yajl_gen g = yajl_gen_alloc(&memory);
	const unsigned char *text;
	size_t n;

	if (style != OCI_COMPACT) {
		yajl_gen_config(g, yajl_gen_beautify, 1);
		yajl_gen_config(g, yajl_gen_indent_string, style == OCI_INDENT_2 ? "  " : "    ");
	}
	put_value(g, f, member);
	yajl_gen_get_buf(g, &text, &n);
	/* The buffer is ours, it lives in a. yajl_gen ends a beautified document with a newline. */
	if (n && text[n - 1] == '\n')
		((char *)text)[--n] = '\0';
	if (len)
		*len = n;
	return (const char *)text;
}

const char *oci_encode(const struct oci_schema *s, const void *v, enum oci_style style,
                       struct arena *a, size_t *len)
{
	const struct oci_field document = { .type = OCI_OBJ, .sub = s };

	return encode(&document, (const char *)&v, style, a, len);
}

const char *oci_encode_array(const struct oci_schema *s, const void *v, size_t n,
                             enum oci_style style, struct arena *a, size_t *len)
{
	const struct oci_field document = { .type = OCI_OBJS, .sub = s };
	const struct {
		const void *v;
		size_t n;
	} vec = { v, n };

	return encode(&document, (const char *)&vec, style, a, len);
}
