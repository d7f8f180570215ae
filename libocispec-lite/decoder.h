/* decoder: the state of one decoding, shared by decode.c, report.c and keys.c. Not for users of the library. */
#pragma once
#include "libocispec-lite/decode.h"
#include <yajl/yajl_parse.h>

enum json { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_OBJECT, JSON_ARRAY };

/* Any OCI_VEC, to be copied from and to with memcpy. */
struct oci_vec {
	void *v;
	size_t n;
};

/* Does the row take an object with free keys? Its items begin with the key. */
static inline bool oci_is_map(const struct oci_field *f)
{
	return f->type == OCI_MAP || f->type == OCI_OBJMAP || f->type == OCI_NUMMAP;
}

/* The keys of objects, for "twice" where no table row keeps a bit. Open addressing, half full at most. */
struct oci_key {
	const char *s; /* NULL: free */
	size_t len;
	uint32_t object; /* its serial number */
};
struct oci_keys {
	struct oci_key *slots;
	size_t n, size; /* a power of two */
};

enum frame_kind {
	FRAME_OBJECT, /* an object of a schema */
	FRAME_VEC,    /* an array or map that a row takes */
	FRAME_SKIP    /* whatever nobody takes */
};

/* One container that is open in the text. */
struct frame {
	enum frame_kind kind;
	bool array;                 /* [] and not {} */
	bool skip;                  /* the value of the key just read is not wanted */
	const struct oci_schema *s; /* OBJECT */
	/* OBJECT: the row of the key just read; VEC: the row that takes it */
	const struct oci_field *f;
	char *base;         /* OBJECT: the struct; VEC: the OCI_VEC */
	struct oci_vec vec; /* VEC: stored at base in the end */
	size_t cap;
	uint64_t seen, got; /* OBJECT: rows whose key, whose value came */
	size_t next;        /* OBJECT: the row to try first */
	unsigned items;
	uint32_t serial;
	size_t before; /* the container starts at or after this byte */
	const char *key;
	size_t key_len;
};

struct decoder {
	struct arena *a;
	struct oci_diags *diags;
	unsigned n_diags;
	const char *text;
	size_t len;
	yajl_handle yajl;
	size_t before, end; /* ends of the token before and of this one */
	char *empty;        /* the string that stands for a bad one */
	struct oci_keys keys;
	uint32_t serial;
	/* frames[0] is no container of the text: its one row, whose key counts as read, takes the document. */
	struct oci_field root;
	struct frame frames[OCI_MAX_DEPTH + 1];
	unsigned depth;
};

/* Notes a key; false when the object had it already. s must live as long as k. */
bool oci_keys_add(struct oci_keys *k, struct arena *a, uint32_t object, const char *s, size_t len);

/* Findings. All but the last return 1, or 0 when there are too many and decoding must stop. */
int oci_report_type(struct decoder *d, enum json got, enum json want, const char *text, size_t len);
int oci_report_number(struct decoder *d, const struct oci_field *f, const char *num, size_t len);
int oci_report_word(struct decoder *d, const struct oci_field *f, const char *word);
int oci_report_missing(struct decoder *d, const struct frame *t, const char *key);
int oci_report_unknown(struct decoder *d, const char *key, const struct oci_schema *s);
int oci_report_twice(struct decoder *d, const char *key, size_t len);
/* At byte off of the text; always 0: decoding stops. */
int oci_report_stop(struct decoder *d, size_t off, const char *what, const char *hint);
/* After yajl_status_error: what yajl did not like, in our words. */
void oci_report_syntax(struct decoder *d);
