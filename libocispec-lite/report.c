/* report: the words of decode's findings, and the place each one names. */
#include "libocispec-lite/decoder.h"
#include "libocispec-lite/json.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A text of nothing but mistakes must not fill memory with findings. Unknown properties beyond this many are dropped,
 * because they are no errors; anything else ends the decoding. */
#define DIAGS_MAX 1000u

struct oci_diag *oci_diag_add(struct oci_diags *d, struct arena *a, enum oci_severity severity,
                              const char *what, const char *hint)
{
	struct oci_diag *g = NEW(a, struct oci_diag);

	*g = (struct oci_diag){ .severity = severity, .what = what, .hint = hint };
	if (!d->last)
		d->last = &d->first;
	*d->last = g;
	d->last = &g->next;
	d->n_fatal += severity == OCI_FATAL;
	return g;
}

/* Writes the escaped segment that an open container adds to the pointer; p may be NULL to count. */
static size_t segment(const struct frame *t, char *p)
{
	char number[16];
	const char *s = t->key;
	size_t len = t->key_len, n = 0;

	if (t->array) {
		s = number;
		len = (size_t)snprintf(number, sizeof(number), "%u", t->items - 1);
	}
	if (t->array ? !t->items : !t->key)
		return 0;
	if (p)
		p[0] = '/';
	n++;
	for (size_t i = 0; i < len; i++) {
		bool special = s[i] == '~' || s[i] == '/';

		if (p) {
			p[n] = special ? '~' : s[i];
			if (special)
				p[n + 1] = s[i] == '~' ? '0' : '1';
		}
		n += special ? 2 : 1;
	}
	return n;
}

/* The pointer that the first n open containers make. */
static char *pointer(const struct decoder *d, unsigned n)
{
	size_t len = 0;

	for (unsigned i = 1; i <= n; i++)
		len += segment(&d->frames[i], NULL);
	char *s = arena_alloc(d->a, len + 1, 1), *p = s;
	for (unsigned i = 1; i <= n; i++)
		p += segment(&d->frames[i], p);
	return s;
}

/* A piece of the text that may be shown: cut, and without control characters. */
static const char *show(const struct decoder *d, const char *s, size_t len)
{
	size_t n = len;

	if (n > 64)
		for (n = 61; n && (s[n] & 0xc0) == 0x80;)
			n--;
	char *p = arena_fmt(d->a, "%.*s%s", (int)n, s, n < len ? "..." : "");
	for (char *c = p; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	return p;
}

/* What the sentence is about: the value that was just read. */
static const char *subject(const struct decoder *d)
{
	const struct frame *t = &d->frames[d->depth];
	const struct frame *outer = d->depth ? t - 1 : NULL;

	if (!outer)
		return "the document";
	if (!t->array)
		return arena_fmt(d->a, "\"%s\"", show(d, t->key, t->key_len));
	if (outer->key)
		return arena_fmt(d->a, "item %u of \"%s\"", t->items - 1,
		                 show(d, outer->key, outer->key_len));
	return arena_fmt(d->a, "item %u", t->items - 1);
}

static int add(struct decoder *d, enum oci_severity severity, unsigned levels, size_t off,
               const char *what, const char *hint)
{
	if (d->n_diags >= DIAGS_MAX) {
		if (severity == OCI_UNKNOWN)
			return 1;
		hint = "correct what was found so far, there may be more";
	}
	struct oci_diag *g = oci_diag_add(d->diags, d->a, severity, what, hint);
	g->offset = off;
	g->pointer = pointer(d, levels);
	/* A key of megabytes makes pointers of megabytes. */
	d->n_diags += 1 + (unsigned)(strlen(g->pointer) / 256);
	return d->n_diags <= DIAGS_MAX;
}

/* Adds a finding about the value or key that was just read. */
static int add_here(struct decoder *d, enum oci_severity severity, const char *what,
                    const char *hint)
{
	return add(d, severity, d->depth, oci_json_next(d->text, d->len, d->before), what, hint);
}

int oci_report_type(struct decoder *d, enum json got, enum json want, const char *text, size_t len)
{
	static const char *const is[] = {
		[JSON_NULL] = "null",       [JSON_BOOL] = "a boolean",   [JSON_NUMBER] = "a number",
		[JSON_STRING] = "a string", [JSON_OBJECT] = "an object", [JSON_ARRAY] = "an array"
	};
	const char *hint = NULL;

	if (got == JSON_STRING && len && want == JSON_NUMBER && strchr("-0123456789", text[0]))
		hint = "remove the quotes";
	if (got == JSON_STRING && want == JSON_BOOL)
		hint = "write true or false without quotes";
	if (got == JSON_NUMBER && want == JSON_STRING)
		hint = "put the number in quotes";
	if (got == JSON_STRING && want == JSON_ARRAY)
		hint = "put the string in [ ]";
	return add_here(d, OCI_FATAL,
	                arena_fmt(d->a, "%s is %s, expected %s", subject(d), is[got], is[want]),
	                hint);
}

int oci_report_number(struct decoder *d, const struct oci_field *f, const char *num, size_t len)
{
	const char *shown = show(d, num, len), *what, *hint = NULL;
	size_t digits = num[0] == '-';

	if (f->type == OCI_I64)
		what = arena_fmt(d->a, "%s is %s, expected %" PRId64 " to %" PRIu64, subject(d),
		                 shown, f->min, f->max);
	else
		what = arena_fmt(d->a, "%s is %s, expected 0 to %" PRIu64, subject(d), shown,
		                 f->max);
	if (memchr(num, '.', len) || memchr(num, 'e', len) || memchr(num, 'E', len))
		hint = "write a whole number without fraction and exponent";
	else if (len > digits + 1 && num[digits] == '0')
		hint = "write the number in decimal without leading zeros";
	else if (len == 2 && digits && num[1] == '0')
		hint = "write 0 without a sign";
	return add_here(d, OCI_FATAL, what, hint);
}

int oci_report_word(struct decoder *d, const struct oci_field *f, const char *word)
{
	const char *near = oci_nearest(word, f->words), *hint;

	if (near) {
		hint = arena_fmt(d->a, "did you mean \"%s\"?", near);
	} else {
		hint = arena_fmt(d->a, "use one of %s", f->words[0]);
		for (size_t i = 1; f->words[i]; i++)
			hint = arena_fmt(d->a, "%s, %s", hint, f->words[i]);
	}
	return add_here(d, OCI_FATAL,
	                arena_fmt(d->a, "%s is \"%s\", which is not a known value", subject(d),
	                          show(d, word, strlen(word))),
	                hint);
}

int oci_report_missing(struct decoder *d, const struct frame *t, const char *key)
{
	return add(d, OCI_FATAL, (unsigned)(t - d->frames) - 1,
	           oci_json_next(d->text, d->len, t->before),
	           arena_fmt(d->a, "\"%s\" is missing", key), NULL);
}

int oci_report_unknown(struct decoder *d, const char *key, const struct oci_schema *s)
{
	const char *keys[65] = { NULL }, *hint = NULL;

	for (size_t i = 0; i < s->n; i++)
		keys[i] = s->fields[i].key;
	const char *near = oci_nearest(key, keys);
	if (near)
		hint = arena_fmt(d->a, "did you mean \"%s\"?", near);
	return add_here(d, OCI_UNKNOWN,
	                arena_fmt(d->a, "unknown property \"%s\"", show(d, key, strlen(key))),
	                hint);
}

int oci_report_twice(struct decoder *d, const char *key, size_t len)
{
	return add_here(d, OCI_FATAL,
	                arena_fmt(d->a, "\"%s\" occurs twice in this object", show(d, key, len)),
	                "remove one of the two");
}

int oci_report_stop(struct decoder *d, size_t off, const char *what, const char *hint)
{
	add(d, OCI_FATAL, d->depth, off, what, hint);
	return 0;
}

/* The texts of yajl 2 (a fragment of each suffices) and ours. */
static const struct {
	const char *yajl, *what, *hint;
} reasons[] = { { "premature EOF", "the text ends before the document does", NULL },
	        { "trailing garbage", "something follows the document", "remove it" },
	        { "comment", "a comment is not JSON", "remove it" },
	        { "colon", "a \":\" is missing after the property", NULL },
	        { "object key", "a property is not a string in double quotes", NULL },
	        { "inside map", "a \",\" or \"}\" is missing", NULL },
	        { "after array element", "a \",\" or \"]\" is missing", NULL },
	        { "'\\' occurs", "a backslash stands before a character that needs none", NULL },
	        { "non-hex", "\\u is not followed by four hexadecimal digits", NULL },
	        { "invalid character inside string",
	          "a control character in a string is not escaped", NULL },
	        { "malformed number", "a number lacks a digit", NULL },
	        { "invalid string", "true, false or null is misspelt", NULL },
	        { "unallowed token", "a value was expected here", NULL },
	        { "", "this character has no place in JSON", NULL } };

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Where the token that yajl refused begins. Where yajl stopped, at its end, inside or before it, depends on the token;
 * only for a "," or ":" does it matter, because these also stand between the tokens that are right. */
static size_t refused(const struct decoder *d)
{
	size_t end = yajl_get_bytes_consumed(d->yajl);
	size_t start = oci_json_next(d->text, d->len, d->end);

	if (start < end)
		return start;
	if (end > d->end && (d->text[end - 1] == ',' || d->text[end - 1] == ':'))
		return end - 1;
	while (end < start && strchr(" \t\r\n", d->text[end]))
		end++;
	return end;
}

void oci_report_syntax(struct decoder *d)
{
	const char *why = (const char *)yajl_get_error(d->yajl, 0, NULL, 0);
	size_t off = refused(d), i = 0, last = off; /* last: end of what stands before */

	while (!strstr(why, reasons[i].yajl))
		i++;
	const char *what = reasons[i].what, *hint = reasons[i].hint;
	if (i == 0) {
		off = d->len;
		if (oci_json_next(d->text, d->len, 0) == d->len)
			what = "the text is empty";
	}
	while (last && strchr(" \t\r\n", d->text[last - 1]) && d->text[last - 1])
		last--;
	if (off < d->len && last && d->text[last - 1] == ',' && strchr("]}", d->text[off])) {
		what = "a \",\" stands before the closing bracket";
		hint = "remove the comma";
	} else if (off < d->len && off && digit(d->text[off]) && d->text[off - 1] == '0') {
		what = "a number starts with 0";
		hint = "write the number in decimal without leading zeros";
	} else if (off < d->len && d->text[off] == '\'') {
		hint = "write strings in double quotes";
	} else if (off == 0 && d->len >= 3 && memcmp(d->text, "\xef\xbb\xbf", 3) == 0) {
		what = "a byte order mark stands before the document";
		hint = "save the file as UTF-8 without one";
	}
	oci_report_stop(d, off, what, hint);
}
