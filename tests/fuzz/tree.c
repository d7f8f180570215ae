/* tree: see tree.h. */
#include "tree.h"
#include "fuzz.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yajl/yajl_tree.h>

/* A JSON string of s; control bytes do not occur in the trees that are loaded. */
static void put_string(FILE *out, const char *s)
{
	fputc('"', out);
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', out);
		if ((unsigned char)*s < ' ')
			fprintf(out, "\\u%04x", *s);
		else
			fputc(*s, out);
	}
	fputc('"', out);
}

static char *quoted(const char *s)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);

	fuzz_insist(out, "out of memory");
	put_string(out, s);
	fclose(out);
	return text;
}

static struct node *new_node(struct tree *t, enum node_kind kind, size_t n)
{
	struct node *x = calloc(1, sizeof *x);

	if (t->n == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 256;
		t->all = realloc(t->all, t->cap * sizeof *t->all);
	}
	fuzz_insist(x && t->all, "out of memory");
	t->all[t->n++] = x;
	x->kind = kind;
	x->child = calloc(n ? n : 1, sizeof *x->child);
	return x;
}

static struct node *convert(struct tree *t, yajl_val v)
{
	struct node *x;

	if (YAJL_IS_OBJECT(v)) {
		x = new_node(t, NODE_OBJECT, v->u.object.len);
		for (; x->n < v->u.object.len; x->n++) {
			x->child[x->n] = convert(t, v->u.object.values[x->n]);
			x->child[x->n]->key = strdup(v->u.object.keys[x->n]);
		}
		return x;
	}
	if (YAJL_IS_ARRAY(v)) {
		x = new_node(t, NODE_ARRAY, v->u.array.len);
		for (; x->n < v->u.array.len; x->n++)
			x->child[x->n] = convert(t, v->u.array.values[x->n]);
		return x;
	}
	x = new_node(t, NODE_SCALAR, 0);
	if (YAJL_IS_STRING(v))
		x->text = quoted(v->u.string);
	else if (YAJL_IS_NUMBER(v))
		x->text = strdup(v->u.number.r);
	else
		x->text = YAJL_IS_TRUE(v) ? "true" : YAJL_IS_FALSE(v) ? "false" : "null";
	return x;
}

void tree_load(struct tree *t, const char *path)
{
	static char text[1 << 20];
	FILE *f = fopen(path, "r");
	char why[256];

	if (!f) {
		perror(path);
		abort();
	}
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	yajl_val v = yajl_tree_parse(text, why, sizeof why);
	fuzz_insist(v, why);
	t->root = convert(t, v);
	yajl_tree_free(v);
}

void tree_reset(struct tree *t)
{
	for (size_t i = 0; i < t->n; i++) {
		struct node *x = t->all[i];

		x->gone = x->twice = false;
		x->new_key = x->new_text = NULL;
		x->instead = x->more = NULL;
	}
}

static void put(FILE *out, const struct node *x, bool plain);

/* The members or items; first says whether a comma comes before the next. */
static bool put_children(FILE *out, const struct node *x, bool plain, bool first)
{
	for (size_t i = 0; i < x->n; i++) {
		const struct node *c = x->child[i];

		if (c->gone && !plain)
			continue;
		for (int times = c->twice && !plain ? 2 : 1; times > 0; times--) {
			if (!first)
				fputc(',', out);
			first = false;
			if (c->key) {
				put_string(out, c->new_key && !plain ? c->new_key : c->key);
				fputc(':', out);
			}
			put(out, c, plain);
		}
	}
	return first;
}

/* plain: without its changes, as for what comes from another tree, or from this one. */
static void put(FILE *out, const struct node *x, bool plain)
{
	if (!plain && x->new_text) {
		fputs(x->new_text, out);
	} else if (!plain && x->instead) {
		put(out, x->instead, true);
	} else if (x->kind == NODE_SCALAR) {
		fputs(x->text, out);
	} else {
		fputc(x->kind == NODE_ARRAY ? '[' : '{', out);
		bool first = put_children(out, x, plain, true);
		if (!plain && x->more && x->more->kind == x->kind)
			put_children(out, x->more, true, first);
		fputc(x->kind == NODE_ARRAY ? ']' : '}', out);
	}
}

char *tree_write(const struct tree *t, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	fuzz_insist(out, "out of memory");
	put(out, t->root, false);
	fclose(out);
	return text;
}

const struct node *tree_like(const struct tree *t, const char *key, size_t n)
{
	size_t like = 0;

	for (size_t i = 0; i < t->n; i++)
		like += t->all[i]->key && strcmp(t->all[i]->key, key) == 0;
	if (!like)
		return NULL;
	n %= like;
	for (size_t i = 0;; i++)
		if (t->all[i]->key && strcmp(t->all[i]->key, key) == 0 && n-- == 0)
			return t->all[i];
}
