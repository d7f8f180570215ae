/* encode: structs -> JSON text. What is absent stays absent; key order is the table's. */
#pragma once
#include "libocispec-lite/arena.h"
#include "libocispec-lite/schema.h"

enum oci_style {
	OCI_COMPACT,  /* one line, no spaces, "/" unescaped */
	OCI_INDENT_2, /* two spaces, "key": value (runc's state) */
	OCI_INDENT_4  /* four spaces (runc's features) */
};

/* Encodes *v of schema s; the text lives in a, is terminated, has no trailing newline, and *len (may be NULL) is its
 * length. decode(encode(x)) equals x. Never fails: strings were checked when decoded. */
const char *oci_encode(const struct oci_schema *s, const void *v, enum oci_style style,
                       struct arena *a, size_t *len);

/* The same for an array of n objects that lie one behind the other. */
const char *oci_encode_array(const struct oci_schema *s, const void *v, size_t n,
                             enum oci_style style, struct arena *a, size_t *len);

/* A new object of schema s in a, to be filled in and encoded: what is required is there, as false, 0, "", [] or {}, or
 * as an object made in the same way; nothing else is. */
void *oci_blank(const struct oci_schema *s, struct arena *a);
