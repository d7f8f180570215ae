/* decode: JSON text -> structs in an arena. One pass of yajl's SAX parser, no tree in between.
 * All findings are collected; the text must be one RFC 8259 document of valid UTF-8. */
#pragma once
#include "libocispec-lite/arena.h"
#include "libocispec-lite/schema.h"

/* Limits on the text: beyond them decoding stops with one finding. */
#define OCI_MAX_TEXT  (8u << 20) /* bytes */
#define OCI_MAX_DEPTH 32u        /* nested objects and arrays */
#define OCI_MAX_ITEMS 65536u     /* in one array or map */

enum oci_severity {
	OCI_FATAL, /* the value cannot be used */
	OCI_WARN,  /* legal, but not what was meant (a check's warning) */
	OCI_UNKNOWN /* a property that the spec does not define: ignored, as config.md#extensibility says */
};

/* One finding; decode and the checks of a program both make them. Lives in the arena. */
struct oci_diag {
	struct oci_diag *next;
	struct oci_at at;    /* { NULL, 0 } when the text did not get as far as a member */
	size_t offset;       /* byte in the text where at is { NULL, 0 } */
	const char *pointer; /* JSON pointer where decode knows it, else NULL: oci_pointer(at) */
	enum oci_severity severity;
	const char *what; /* "\"uid\" is -1, expected 0 to 4294967295" */
	const char *hint; /* one sentence that starts with a verb, or NULL */
};
/* {0} is an empty list. */
struct oci_diags {
	struct oci_diag *first, **last;
	unsigned n_fatal;
};

/* Appends a finding (what and hint are borrowed, so put them into the arena or use literals). */
struct oci_diag *oci_diag_add(struct oci_diags *d, struct arena *a, enum oci_severity severity,
                              const char *what, const char *hint);

/* Decodes len bytes of text as one object of schema s. Strings are copied into a; text may go away. Returns the
 * struct, or NULL when a fatal finding was added to d. A partly decoded value is never returned. */
void *oci_decode(const struct oci_schema *s, const char *text, size_t len, struct arena *a,
                 struct oci_diags *d);

/* As oci_decode(), but returns what could be decoded (never NULL unless the text is not an object at all) even with
 * fatal findings, so that a checker can go on and report everything at once. Look at d->n_fatal. A bad value is absent,
 * so that required strings may be NULL; a bad item of a vector is empty ("", 0, all members absent), so that the items
 * behind it keep their numbers. */
void *oci_decode_lenient(const struct oci_schema *s, const char *text, size_t len, struct arena *a,
                         struct oci_diags *d);

/* Decodes an array of objects of s ("[{...}]") into *v, *n. 0, or -1 with fatal findings. */
int oci_decode_array(const struct oci_schema *s, const char *text, size_t len, struct arena *a,
                     void **v, size_t *n, struct oci_diags *d);

/* Line and column (from 1, in bytes) of the value that a JSON pointer names; false when it is not there. The text is
 * scanned again: errors are rare and success pays nothing. */
bool oci_locate(const char *text, size_t len, const char *pointer, unsigned *line, unsigned *col);
/* The same for a byte offset. */
void oci_locate_offset(const char *text, size_t len, size_t offset, unsigned *line, unsigned *col);
