/* tree: a JSON text as a tree that can be changed at one place after another, written, and put back as it was. */
#pragma once
#include <stdbool.h>
#include <stddef.h>

enum node_kind { NODE_SCALAR, NODE_ARRAY, NODE_OBJECT };

struct node {
	enum node_kind kind;
	const char *key;  /* of a member; else NULL */
	const char *text; /* of a scalar, as it is written */
	struct node **child;
	size_t n;
	/* Changes, which tree_reset() forgets: */
	bool gone, twice;
	const char *new_key, *new_text;
	const struct node *instead; /* of another tree */
	const struct node *more;    /* its members too */
};

struct tree {
	struct node *root;
	struct node **all; /* every node, the root first */
	size_t n, cap;
};

/* Parses a file; what it allocates stays for good. Aborts when it is not JSON. */
void tree_load(struct tree *t, const char *path);
void tree_reset(struct tree *t);
/* Writes the changed tree: the text, to free(), and its length. */
char *tree_write(const struct tree *t, size_t *len);
/* The n-th node whose key is the same, modulo how many there are; NULL when there is none. */
const struct node *tree_like(const struct tree *t, const char *key, size_t n);
