/* rows: how the tables of config.c and state.c are written. A row cannot lie about its struct: the compiler compares
 * the C type of the member with what the row says it is. Not for users of the library.
 *
 * In every row: S the struct (without "struct"), m its member, k the JSON property, fl OCI_REQUIRED or 0. */
#pragma once
#include "libocispec-lite/schema.h"

/* 0 when S.m has the C type X, otherwise "size of unnamed array is negative". */
#define OCI_IS(S, m, X) (0 * sizeof(char[_Generic(((struct S *)0)->m, X : 1, default : -1)]))

/* probe is m, or m.v where m is an OCI_VEC. */
#define OCI_ROW(S, m, k, fl, type_, probe, X, ...)                                                 \
	{                                                                                          \
		.key = k, .off = offsetof(struct S, m) + OCI_IS(S, probe, X),                      \
		.size = sizeof(((struct S *)0)->m), .type = type_, .flags = fl, __VA_ARGS__        \
	}

#define BOOL(S, m, k, fl) OCI_ROW(S, m, k, fl, OCI_BOOL, m, struct oci_bool)
#define STR(S, m, k, fl)  OCI_ROW(S, m, k, fl, OCI_STR, m, char *)
#define STRS(S, m, k, fl) OCI_ROW(S, m, k, fl, OCI_STRS, m.v, char **)
#define MAP(S, m, k, fl)  OCI_ROW(S, m, k, fl, OCI_MAP, m.v, struct oci_entry *)

/* Numbers as text, for fractions and for what is only passed on: one, or an object of them under free keys. */
#define NUM(S, m, k, fl)    OCI_ROW(S, m, k, fl, OCI_NUM, m, char *)
#define NUMMAP(S, m, k, fl) OCI_ROW(S, m, k, fl, OCI_NUMMAP, m.v, struct oci_entry *)

/* Strings out of a list: one, or an array of them. */
#define WORD(S, m, k, fl, list)  OCI_ROW(S, m, k, fl, OCI_STR, m, char *, .words = list)
#define WORDS(S, m, k, fl, list) OCI_ROW(S, m, k, fl, OCI_STRS, m.v, char **, .words = list)

/* Numbers, by the ranges that the spec names. */
#define RANGE(S, m, k, fl, lo, hi)                                                                 \
	OCI_ROW(S, m, k, fl, OCI_I64, m, struct oci_i64, .min = lo, .max = hi)
#define UPTO(S, m, k, fl, hi) OCI_ROW(S, m, k, fl, OCI_U64, m, struct oci_u64, .max = hi)
#define I32(S, m, k, fl)      RANGE(S, m, k, fl, INT32_MIN, INT32_MAX)
#define I64(S, m, k, fl)      RANGE(S, m, k, fl, INT64_MIN, INT64_MAX)
#define U16(S, m, k, fl)      UPTO(S, m, k, fl, UINT16_MAX)
#define U32(S, m, k, fl)      UPTO(S, m, k, fl, UINT32_MAX)
#define U64(S, m, k, fl)      UPTO(S, m, k, fl, UINT64_MAX)
#define U32S(S, m, k, fl)     OCI_ROW(S, m, k, fl, OCI_U64S, m.v, uint64_t *, .max = UINT32_MAX)
#define U64S(S, m, k, fl)     OCI_ROW(S, m, k, fl, OCI_U64S, m.v, uint64_t *, .max = UINT64_MAX)

/* Objects of struct Sub: one, an array of them, or an object of them under free keys. */
#define OBJ(S, m, k, fl, Sub) OCI_ROW(S, m, k, fl, OCI_OBJ, m, struct Sub *, .sub = &Sub##_schema)
#define OBJS(S, m, k, fl, Sub)                                                                     \
	OCI_ROW(S, m, k, fl, OCI_OBJS, m.v, struct Sub *, .sub = &Sub##_schema)
#define OBJMAP(S, m, k, fl, Sub)                                                                   \
	OCI_ROW(S, m, k, fl, OCI_OBJMAP, m.v, struct Sub *, .sub = &Sub##_schema,                  \
	        .max = OCI_IS(Sub, key, char *) +                                                  \
	               0 * sizeof(char[offsetof(struct Sub, key) == 0 ? 1 : -1]))

/* A property whose value is nobody's business here. */
#define ANY(k)                                                                                     \
	{                                                                                          \
		.key = k, .type = OCI_ANY                                                          \
	}

/* The table of struct S: S_schema, visible to other files or only to this one. decode keeps one bit per row. */
#define OCI_TABLE(S, ...)                                                                          \
	static const struct oci_field S##_fields[] = { __VA_ARGS__ };                              \
	_Static_assert(sizeof(S##_fields) / sizeof(S##_fields[0]) <= 64, #S " has too many rows")
#define OCI_TABLE_INIT(S)                                                                          \
	{                                                                                          \
		.name = #S, .size = sizeof(struct S), .fields = S##_fields,                        \
		.n = sizeof(S##_fields) / sizeof(S##_fields[0])                                    \
	}
#define OCI_SCHEMA(S, ...)                                                                         \
	OCI_TABLE(S, __VA_ARGS__);                                                                 \
	const struct oci_schema S##_schema = OCI_TABLE_INIT(S)
#define OCI_SCHEMA_LOCAL(S, ...)                                                                   \
	OCI_TABLE(S, __VA_ARGS__);                                                                 \
	static const struct oci_schema S##_schema = OCI_TABLE_INIT(S)
