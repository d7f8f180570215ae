/* locate: from a JSON pointer or byte offset to line and column, by a second pass over the text. */
#include "libocispec-lite/decode.h"
#include "libocispec-lite/json.h"
#include <stdio.h>
#include <string.h>
#include <yajl/yajl_parse.h>

/* A walk down the one path that the pointer describes. depth counts the open containers, path those of them that lie
 * on it; a value is looked at when the two are equal. */
struct walk {
	yajl_handle yajl;
	const char *text;
	size_t len, end;  /* end of the last token */
	const char *rest; /* what remains of the pointer, with its leading "/" */
	unsigned depth, path;
	bool array;   /* the innermost container on the path is one */
	size_t index; /* of the next item in it */
	bool key;     /* the key just read is the wanted one */
	bool found;
	size_t offset; /* where it begins */
};

/* Length of the first segment of a pointer, with its "/". */
static size_t segment(const char *p)
{
	return *p ? 1 + strcspn(p + 1, "/") : 0;
}

/* Is s the first segment of the pointer? */
static bool matches(const char *pointer, const char *s, size_t len)
{
	const char *p = pointer + 1, *stop = pointer + segment(pointer);
	size_t i = 0;

	for (; p < stop && i < len; p++, i++) {
		char c = *p;

		if (c == '~' && p + 1 < stop && (p[1] == '0' || p[1] == '1'))
			c = *++p == '0' ? '~' : '/';
		if (c != s[i])
			return false;
	}
	return p == stop && i == len;
}

/* A value begins: 0 when the search is over. */
static int value(struct walk *w, bool container, bool array)
{
	size_t before = w->end;
	bool wanted = w->depth == w->path;

	w->end = yajl_get_bytes_consumed(w->yajl);
	if (wanted && w->depth) {
		char number[24];
		int n = snprintf(number, sizeof(number), "%zu", w->index++);

		wanted = w->array ? matches(w->rest, number, (size_t)n) : w->key;
		w->key = false;
		if (wanted)
			w->rest += segment(w->rest);
	}
	if (wanted && !*w->rest) {
		w->offset = oci_json_next(w->text, w->len, before);
		w->found = true;
		return 0;
	}
	if (!container)
		return !wanted;
	if (wanted) {
		w->path++;
		w->array = array;
		w->index = 0;
	}
	return w->depth++ < OCI_MAX_DEPTH;
}

static int on_null(void *ctx)
{
	return value(ctx, false, false);
}

static int on_bool(void *ctx, int v)
{
	(void)v;
	return value(ctx, false, false);
}

static int on_number(void *ctx, const char *s, size_t len)
{
	(void)s;
	(void)len;
	return value(ctx, false, false);
}

static int on_string(void *ctx, const unsigned char *s, size_t len)
{
	(void)s;
	(void)len;
	return value(ctx, false, false);
}

static int on_map(void *ctx)
{
	return value(ctx, true, false);
}

static int on_array(void *ctx)
{
	return value(ctx, true, true);
}

static int on_key(void *ctx, const unsigned char *s, size_t len)
{
	struct walk *w = ctx;

	w->end = yajl_get_bytes_consumed(w->yajl);
	if (w->depth == w->path)
		w->key = matches(w->rest, (const char *)s, len);
	return 1;
}

static int on_end(void *ctx)
{
	struct walk *w = ctx;

	w->end = yajl_get_bytes_consumed(w->yajl);
	return w->depth-- > w->path; /* a container on the path ends: it had no such member */
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

bool oci_locate(const char *text, size_t len, const char *pointer, unsigned *line, unsigned *col)
{
	struct walk w = { .text = text, .len = len, .rest = pointer };
	struct arena scratch = { 0 };
	yajl_alloc_funcs memory = oci_json_memory(&scratch);
	const char *why;

	if (len > OCI_MAX_TEXT || (*pointer && *pointer != '/'))
		return false;
	size_t sound = oci_json_sound(text, len, &why);
	w.yajl = yajl_alloc(&callbacks, &memory, &w);
	yajl_config(w.yajl, yajl_dont_validate_strings, 1);
	yajl_parse(w.yajl, (const unsigned char *)text, sound);
	arena_done(&scratch);
	if (w.found)
		oci_locate_offset(text, len, w.offset, line, col);
	return w.found;
}

void oci_locate_offset(const char *text, size_t len, size_t offset, unsigned *line, unsigned *col)
{
	const char *start = text, *nl, *at = text + (offset < len ? offset : len);

	*line = 1;
	while (start < at && (nl = memchr(start, '\n', (size_t)(at - start)))) {
		start = nl + 1;
		++*line;
	}
	*col = (unsigned)(at - start) + 1;
}
