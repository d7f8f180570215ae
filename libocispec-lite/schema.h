/* schema: one table per OCI object. decode, encode, "unknown property", enum words and JSON pointers all read it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Absent is not zero: every number and boolean of the spec says whether it was there. */
struct oci_i64 {
	int64_t v;
	bool set;
};
struct oci_u64 {
	uint64_t v;
	bool set;
};
struct oci_bool {
	bool v, set;
};
/* v is NULL where the property is absent, and not NULL, with n 0, where it is [] or {}. */
#define OCI_VEC(T)                                                                                 \
	struct {                                                                                   \
		T *v;                                                                              \
		size_t n;                                                                          \
	}

/* One entry of a JSON object with free keys: annotations, sysctl, unified. */
struct oci_entry {
	char *key, *value;
};

enum oci_type {
	OCI_BOOL, /* struct oci_bool */
	OCI_I64,  /* struct oci_i64, within [min, max] of the row */
	OCI_U64,  /* struct oci_u64, at most max of the row */
	OCI_STR,  /* char * */
	OCI_OBJ,  /* struct X * */
	OCI_OBJS, /* OCI_VEC(struct X) from an array */
	OCI_STRS, /* OCI_VEC(char *) */
	OCI_U64S, /* OCI_VEC(uint64_t), each at most max */
	OCI_MAP,  /* OCI_VEC(struct oci_entry): string to string */
	OCI_OBJMAP, /* OCI_VEC(struct X) from an object with free keys; X's first member is char *key */
	OCI_NUM,    /* char *: any number, digit by digit as it was written */
	OCI_NUMMAP, /* OCI_VEC(struct oci_entry): string to such a number */
	OCI_ANY     /* known, and ignored whatever it holds (windows, vm, zos ...) */
};
enum { OCI_REQUIRED = 1 << 0 };

struct oci_schema;
struct oci_field {
	const char *key;
	uint16_t off, size; /* where in the struct */
	uint8_t type, flags;
	const struct oci_schema *sub; /* OBJ, OBJS, OBJMAP */
	const char *const *words; /* STR, STRS: the allowed values, NULL-terminated; NULL: any */
	int64_t min;              /* I64 */
	uint64_t max;             /* I64, U64, U64S */
};
struct oci_schema {
	const char *name;
	size_t size;
	const struct oci_field *fields;
	size_t n;
};

/* Bytes per item of the vector that the row describes; 0 for a row that is none. */
size_t oci_item_size(const struct oci_field *f);

/* A place in a decoded value: the address and size of any member. Costs nothing to carry. */
struct oci_at {
	const void *p;
	size_t size;
};
#define AT(x) ((struct oci_at){ &(x), sizeof(x) })

/* Writes the JSON pointer ("/mounts/3/options/1") of a member of root, decoded by s, into buf (n bytes, cut
 * when too small). False, and "" in buf, when the address is not inside root. A one-member struct and
 * its member share an address; the pointer then names the outer one. RFC 6901. */
bool oci_pointer(const struct oci_schema *s, const void *root, struct oci_at at, char *buf,
                 size_t n);

/* The word of a NULL-terminated list that is closest to a misspelt one (edit distance at most a third of the
 * longer one, case ignored), or NULL. For "did you mean". */
const char *oci_nearest(const char *word, const char *const *list);
