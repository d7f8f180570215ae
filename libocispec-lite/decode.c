/* decode: yajl's events, put straight into the structs that the tables describe. */
#include "libocispec-lite/decode.h"
#include "libocispec-lite/decoder.h"
#include "libocispec-lite/json.h"
#include <string.h>

/* Where the value that begins now goes. */
struct slot {
	const struct oci_field *f;
	void *p;
};

/* What a row wants, and what the items of its vector are. */
static const struct {
	enum json value, item;
} wants[] = {
	[OCI_BOOL] = { JSON_BOOL, JSON_NULL },    [OCI_I64] = { JSON_NUMBER, JSON_NULL },
	[OCI_U64] = { JSON_NUMBER, JSON_NULL },   [OCI_STR] = { JSON_STRING, JSON_NULL },
	[OCI_OBJ] = { JSON_OBJECT, JSON_NULL },   [OCI_OBJS] = { JSON_ARRAY, JSON_OBJECT },
	[OCI_STRS] = { JSON_ARRAY, JSON_STRING }, [OCI_U64S] = { JSON_ARRAY, JSON_NUMBER },
	[OCI_MAP] = { JSON_OBJECT, JSON_STRING }, [OCI_OBJMAP] = { JSON_OBJECT, JSON_OBJECT },
	[OCI_NUM] = { JSON_NUMBER, JSON_NULL },   [OCI_NUMMAP] = { JSON_OBJECT, JSON_NUMBER },
};

static void *item_last(const struct frame *t)
{
	return (char *)t->vec.v + (t->vec.n - 1) * oci_item_size(t->f);
}

/* A zeroed item at the end of the vector of t. */
static void *item_push(struct decoder *d, struct frame *t)
{
	size_t size = oci_item_size(t->f);

	if (t->vec.n == t->cap) {
		size_t cap = t->cap ? 2 * t->cap : 8;

		t->vec.v = arena_grow(d->a, t->vec.v, t->vec.n * size, cap * size);
		t->cap = cap;
	}
	t->vec.n++;
	return item_last(t);
}

/* Counts a member or item of t; 0 when there are too many. */
static int item_count(struct decoder *d, struct frame *t)
{
	if (t->items++ < OCI_MAX_ITEMS)
		return 1;
	return oci_report_stop(d, oci_json_next(d->text, d->len, d->before),
	                       "too many items in one array or object", NULL);
}

/* The slot for a value of kind got; slot->f is NULL when nobody takes it. 0: stop. text: a string's own. */
static int value(struct decoder *d, enum json got, const char *text, size_t len, struct slot *slot)
{
	struct frame *t = &d->frames[d->depth];
	enum json want;

	*slot = (struct slot){ NULL, NULL };
	if (t->array && !item_count(d, t))
		return 0;
	if (t->kind == FRAME_SKIP || t->skip)
		return 1;
	if (t->kind == FRAME_OBJECT) {
		/* Go writes null for what is not there. */
		if (got == JSON_NULL)
			return 1;
		t->got |= UINT64_C(1) << (t->f - t->s->fields);
		slot->p = t->base + t->f->off;
		want = wants[t->f->type].value;
	} else {
		slot->p = t->array ? item_push(d, t) : item_last(t);
		want = wants[t->f->type].item;
		if (t->f->type == OCI_MAP || t->f->type == OCI_NUMMAP)
			slot->p = &((struct oci_entry *)slot->p)->value;
		if (want == JSON_STRING)
			*(char **)slot->p = d->empty;
		else if (t->f->type == OCI_NUMMAP)
			*(char **)slot->p = (char *)"0";
	}
	if (got != want)
		return oci_report_type(d, got, want, text, len);
	slot->f = t->f;
	return 1;
}

/* Every callback starts here. */
static struct decoder *token(void *ctx)
{
	struct decoder *d = ctx;

	d->before = d->end;
	d->end = yajl_get_bytes_consumed(d->yajl);
	return d;
}

static int on_null(void *ctx)
{
	struct slot slot;

	return value(token(ctx), JSON_NULL, NULL, 0, &slot);
}

static int on_bool(void *ctx, int v)
{
	struct slot slot;

	if (!value(token(ctx), JSON_BOOL, NULL, 0, &slot))
		return 0;
	if (slot.f)
		*(struct oci_bool *)slot.p = (struct oci_bool){ .v = v, .set = true };
	return 1;
}

/* yajl takes "007" for 0 and then stumbles over 07; the finding had better show 007. */
static size_t digits_behind(const struct decoder *d, const char *num, size_t len)
{
	size_t n = 0;

	if (num[len - 1] != '0' || len - (num[0] == '-') != 1)
		return 0;
	while (d->end + n < d->len && d->text[d->end + n] >= '0' && d->text[d->end + n] <= '9')
		n++;
	return n;
}

static int on_number(void *ctx, const char *num, size_t len)
{
	struct decoder *d = token(ctx);
	struct slot slot;
	bool negative, fits;
	uint64_t n;

	if (!value(d, JSON_NUMBER, NULL, 0, &slot))
		return 0;
	if (!slot.f)
		return 1;
	size_t more = digits_behind(d, num, len);
	if (more) {
		oci_report_number(d, slot.f, d->text + d->end - len, len + more);
		return 0;
	}
	if (slot.f->type == OCI_NUM || slot.f->type == OCI_NUMMAP) {
		*(char **)slot.p = arena_str(d->a, num, len);
		return 1;
	}
	if (slot.f->type == OCI_I64) {
		int64_t low = slot.f->min;

		fits = oci_json_integer(num, len, &negative, &n) &&
		       (negative ? low < 0 && n <= -(uint64_t)low
		                 : n <= slot.f->max && (low <= 0 || n >= (uint64_t)low));
		if (fits)
			*(struct oci_i64 *)slot.p =
				(struct oci_i64){ .v = (int64_t)(negative ? -n : n), .set = true };
	} else {
		fits = oci_json_integer(num, len, &negative, &n) && !negative && n <= slot.f->max;
		if (fits && slot.f->type == OCI_U64)
			*(struct oci_u64 *)slot.p = (struct oci_u64){ .v = n, .set = true };
		else if (fits)
			*(uint64_t *)slot.p = n;
	}
	return fits ? 1 : oci_report_number(d, slot.f, num, len);
}

static int on_string(void *ctx, const unsigned char *v, size_t len)
{
	struct decoder *d = token(ctx);
	struct slot slot;

	if (!value(d, JSON_STRING, (const char *)v, len, &slot))
		return 0;
	if (!slot.f)
		return 1;
	char *s = arena_str(d->a, (const char *)v, len);
	if (slot.f->words) {
		size_t i = 0;

		while (slot.f->words[i] && strcmp(slot.f->words[i], s) != 0)
			i++;
		if (!slot.f->words[i])
			return oci_report_word(d, slot.f, s);
	}
	*(char **)slot.p = s;
	return 1;
}

/* Opens a container for slot; one that nobody takes when slot->f is NULL. */
static int push(struct decoder *d, const struct slot *slot, bool array)
{
	if (d->depth == OCI_MAX_DEPTH)
		return oci_report_stop(d, oci_json_next(d->text, d->len, d->before),
		                       "objects and arrays are nested too deep", NULL);
	const struct frame *outer = &d->frames[d->depth++];
	struct frame *t = &d->frames[d->depth];
	*t = (struct frame){
		.kind = FRAME_SKIP, .array = array, .before = d->before, .serial = d->serial++
	};
	if (!slot->f)
		return 1;
	t->base = slot->p;
	if (slot->f->type == OCI_OBJ || outer->kind == FRAME_VEC) {
		t->kind = FRAME_OBJECT;
		t->s = slot->f->sub;
		if (slot->f->type == OCI_OBJ) {
			t->base = arena_alloc(d->a, t->s->size, alignof(uint64_t));
			memcpy(slot->p, &t->base, sizeof(t->base));
		}
	} else {
		t->kind = FRAME_VEC;
		t->f = slot->f;
		t->vec.v = d->empty; /* an empty vector is not an absent one */
	}
	return 1;
}

static int on_map(void *ctx)
{
	struct decoder *d = token(ctx);
	struct slot slot;

	return value(d, JSON_OBJECT, NULL, 0, &slot) && push(d, &slot, false);
}

static int on_array(void *ctx)
{
	struct decoder *d = token(ctx);
	struct slot slot;

	return value(d, JSON_ARRAY, NULL, 0, &slot) && push(d, &slot, true);
}

/* The row of a key. Encoders write the order of the tables, so the row after the last one is the best guess. */
static const struct oci_field *row(struct frame *t, const char *key, size_t len)
{
	for (size_t i = 0; i < t->s->n; i++) {
		size_t at = (t->next + i) % t->s->n;
		const struct oci_field *f = &t->s->fields[at];

		if (f->key[0] == key[0] && strncmp(f->key, key, len) == 0 && !f->key[len]) {
			t->next = at + 1;
			return f;
		}
	}
	return NULL;
}

/* A key that a row takes. */
static int key_known(struct decoder *d, struct frame *t, const struct oci_field *f)
{
	uint64_t bit = UINT64_C(1) << (f - t->s->fields);

	t->f = f;
	t->key = f->key;
	t->key_len = strlen(f->key);
	t->skip = f->type == OCI_ANY || t->seen & bit;
	if (t->seen & bit)
		return oci_report_twice(d, t->key, t->key_len);
	t->seen |= bit;
	return 1;
}

static int on_key(void *ctx, const unsigned char *v, size_t len)
{
	struct decoder *d = token(ctx);
	struct frame *t = &d->frames[d->depth];
	const struct oci_field *f;

	if (!item_count(d, t))
		return 0;
	if (t->kind == FRAME_OBJECT && len && (f = row(t, (const char *)v, len)))
		return key_known(d, t, f);
	char *key = arena_str(d->a, (const char *)v, len);
	t->key = key;
	t->key_len = len;
	t->skip = t->kind == FRAME_OBJECT;
	if (!oci_keys_add(&d->keys, d->a, t->serial, key, len)) {
		t->skip = true;
		return oci_report_twice(d, key, len);
	}
	if (t->kind == FRAME_OBJECT)
		return oci_report_unknown(d, key, t->s);
	/* The key is the first member of what a map consists of. */
	if (t->kind == FRAME_VEC)
		*(char **)item_push(d, t) = key;
	return 1;
}

/* Closes what is open at the top; all of it when the text ends too soon. */
static void pop(struct decoder *d)
{
	struct frame *t = &d->frames[d->depth--];

	if (t->kind == FRAME_VEC)
		memcpy(t->base, &t->vec, sizeof(t->vec));
}

static int on_end(void *ctx)
{
	struct decoder *d = token(ctx);
	const struct frame *t = &d->frames[d->depth];
	int go = 1;

	if (t->kind == FRAME_OBJECT)
		for (size_t i = 0; i < t->s->n && go; i++)
			if (t->s->fields[i].flags & OCI_REQUIRED && !(t->got >> i & 1))
				go = oci_report_missing(d, t, t->s->fields[i].key);
	pop(d);
	return go;
}

static const yajl_callbacks callbacks = { .yajl_null = on_null,
	                                  .yajl_boolean = on_bool,
	                                  .yajl_number = on_number,
	                                  .yajl_string = on_string,
	                                  .yajl_start_map = on_map,
	                                  .yajl_map_key = on_key,
	                                  .yajl_end_map = on_end,
	                                  .yajl_start_array = on_array,
	                                  .yajl_end_array = on_end };

static void parse(struct decoder *d)
{
	const unsigned char *text = (const unsigned char *)d->text;
	yajl_alloc_funcs memory = oci_json_memory(d->a);
	const char *why;
	size_t sound = oci_json_sound(d->text, d->len, &why);

	d->yajl = yajl_alloc(&callbacks, &memory, d);
	yajl_config(d->yajl, yajl_dont_validate_strings, 1); /* oci_json_sound() did */
	yajl_status status = yajl_parse(d->yajl, text, sound);
	if (status == yajl_status_ok && why)
		oci_report_stop(d, sound, why, NULL);
	else if (status == yajl_status_ok)
		status = yajl_complete_parse(d->yajl);
	if (status == yajl_status_error)
		oci_report_syntax(d);
	while (d->depth)
		pop(d);
}

/* Decodes the document into base as the value of a row of the type; false when a fatal finding was added. */
static bool decode(const struct oci_schema *s, enum oci_type type, void *base, const char *text,
                   size_t len, struct arena *a, struct oci_diags *diags)
{
	unsigned fatal = diags->n_fatal;
	struct decoder d = { .a = a, .diags = diags, .text = text, .len = len, .serial = 1 };
	const struct oci_schema document = { .fields = &d.root, .n = 1 };

	d.empty = arena_alloc(a, 1, alignof(max_align_t));
	d.root = (struct oci_field){ .key = "", .type = (uint8_t)type, .sub = s };
	d.frames[0] =
		(struct frame){ .kind = FRAME_OBJECT, .s = &document, .f = &d.root, .base = base };
	if (len > OCI_MAX_TEXT)
		oci_report_stop(&d, OCI_MAX_TEXT, "the text is longer than 8 MiB", NULL);
	else
		parse(&d);
	if (!d.frames[0].got && diags->n_fatal == fatal)
		oci_report_type(&d, JSON_NULL, wants[type].value, NULL, 0);
	return diags->n_fatal == fatal;
}

void *oci_decode(const struct oci_schema *s, const char *text, size_t len, struct arena *a,
                 struct oci_diags *d)
{
	void *root = NULL;

	return decode(s, OCI_OBJ, &root, text, len, a, d) ? root : NULL;
}

void *oci_decode_lenient(const struct oci_schema *s, const char *text, size_t len, struct arena *a,
                         struct oci_diags *d)
{
	void *root = NULL;

	decode(s, OCI_OBJ, &root, text, len, a, d);
	return root;
}

int oci_decode_array(const struct oci_schema *s, const char *text, size_t len, struct arena *a,
                     void **v, size_t *n, struct oci_diags *d)
{
	struct oci_vec vec = { NULL, 0 };

	if (!decode(s, OCI_OBJS, &vec, text, len, a, d))
		return -1;
	*v = vec.v;
	*n = vec.n;
	return 0;
}
