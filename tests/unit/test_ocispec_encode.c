/* test_ocispec_encode: layout, and decode and encode as inverses on documents that use every property there is. */
#include "libocispec-lite/ocispec.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above it. */
#include <cmocka.h>

/* A file of the fuzz corpus; automake's $srcdir leads to it. */
static const char *corpus(struct arena *a, const char *name, size_t *len)
{
	const char *top = getenv("srcdir");
	const char *path = arena_fmt(a, "%s/libocispec-lite/fuzz/corpus/%s", top ? top : ".", name);
	char *text = arena_alloc(a, 65536, 1);
	FILE *f = fopen(path, "rb");

	if (!f)
		fail_msg("%s is not there", path);
	*len = fread(text, 1, 65535, f);
	fclose(f);
	return text;
}

static const struct {
	const char *file;
	const struct oci_schema *schema;
	enum oci_style style;
} documents[] = {
	{ "full.json", &oci_config_schema, OCI_INDENT_4 },
	{ "state.json", &oci_state_schema, OCI_INDENT_2 },
	{ "features.json", &oci_features_schema, OCI_INDENT_4 },
	{ "stats.json", &oci_event_schema, OCI_INDENT_2 },
};
enum { N_DOCUMENTS = sizeof(documents) / sizeof(documents[0]) };

static void round_trips(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_DOCUMENTS; i++) {
		const struct oci_schema *s = documents[i].schema;
		struct arena a = { 0 };
		struct oci_diags d = { 0 };
		size_t len, n;
		const char *text = corpus(&a, documents[i].file, &len);
		const void *v = oci_decode(s, text, len, &a, &d);

		assert_non_null(v);
		assert_null(d.first);
		const char *same = oci_encode(s, v, documents[i].style, &a, &n);
		assert_string_equal(same, text);
		assert_int_equal(n, len);
		const char *compact = oci_encode(s, v, OCI_COMPACT, &a, &n);
		assert_int_equal(strlen(compact), n);
		assert_null(strpbrk(compact, "\n\t"));
		v = oci_decode(s, compact, n, &a, &d);
		assert_non_null(v);
		assert_string_equal(oci_encode(s, v, documents[i].style, &a, NULL), text);
		arena_done(&a);
	}
}

/* Is there a value in each row of the object at base, and in the first item of each of its vectors? */
static void complete(const struct oci_schema *s, const char *base)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct oci_field *f = &s->fields[i];
		const char *member = base + f->off;
		struct {
			const char *v;
			size_t n;
		} vec = { NULL, 0 };
		bool there = false;

		switch ((enum oci_type)f->type) {
		case OCI_BOOL: there = ((const struct oci_bool *)member)->set; break;
		case OCI_I64: there = ((const struct oci_i64 *)member)->set; break;
		case OCI_U64: there = ((const struct oci_u64 *)member)->set; break;
		case OCI_ANY: there = true; break;
		case OCI_STR:
		case OCI_NUM:
		case OCI_OBJ:
			memcpy(&vec.v, member, sizeof(vec.v));
			there = vec.v;
			break;
		case OCI_OBJS:
		case OCI_STRS:
		case OCI_U64S:
		case OCI_MAP:
		case OCI_NUMMAP:
		case OCI_OBJMAP:
			memcpy(&vec, member, sizeof(vec));
			there = vec.n;
			break;
		}
		if (!there)
			fail_msg("\"%s\" of %s is not in the sample", f->key, s->name);
		if (f->sub)
			complete(f->sub, vec.v);
	}
}

/* The samples above prove nothing about a row that they do not use. */
static void samples_are_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < N_DOCUMENTS; i++) {
		struct arena a = { 0 };
		struct oci_diags d = { 0 };
		size_t len;
		const char *text = corpus(&a, documents[i].file, &len);
		const void *v = oci_decode(documents[i].schema, text, len, &a, &d);

		assert_non_null(v);
		complete(documents[i].schema, v);
		arena_done(&a);
	}
}

static void absent_is_not_empty(void **state)
{
	static const struct {
		const char *text, *want; /* want NULL: the same */
	} cases[] = {
		{ "{\"ociVersion\":\"\"}", NULL },
		{ "{\"ociVersion\":\"\",\"hostname\":null}", "{\"ociVersion\":\"\"}" },
		{ "{\"ociVersion\":\"1\",\"process\":{\"args\":[],\"cwd\":\"/\",\"capabilities\":{}}}",
		  NULL },
		{ "{\"ociVersion\":\"1\",\"mounts\":[],\"hooks\":{},\"annotations\":{},"
		  "\"linux\":{\"netDevices\":{\"a\":{}},\"resources\":{\"rdma\":{}}}}",
		  NULL },
		{ "{\"ociVersion\":\"1\",\"vm\":{\"x\":1},\"other\":1}", "{\"ociVersion\":\"1\"}" },
		{ "{\"ociVersion\":\"\\u002f\\u0041\\n\\u0001\\u007f\\\\\"}",
		  "{\"ociVersion\":\"/A\\n\\u0001\x7f\\\\\"}" },
		{ "{\"ociVersion\":\"1\",\"linux\":{\"resources\":{\"cpu\":{\"shares\":"
		  "18446744073709551615,\"quota\":-9223372036854775808}}}}",
		  NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena a = { 0 };
		struct oci_diags d = { 0 };
		const void *v = oci_decode(&oci_config_schema, cases[i].text, strlen(cases[i].text),
		                           &a, &d);

		assert_non_null(v);
		assert_string_equal(oci_encode(&oci_config_schema, v, OCI_COMPACT, &a, NULL),
		                    cases[i].want ? cases[i].want : cases[i].text);
		arena_done(&a);
	}
}

static void layouts(void **state)
{
	char *hooks[] = { "a" };
	struct oci_features_linux empty = { 0 };
	struct oci_features f = { .version_min = "1",
		                  .version_max = "2",
		                  .hooks = { hooks, 1 },
		                  .mount_options = { hooks, 0 },
		                  .linux_ = &empty };
	struct arena a = { 0 };

	(void)state;
	assert_string_equal(oci_encode(&oci_features_schema, &f, OCI_COMPACT, &a, NULL),
	                    "{\"ociVersionMin\":\"1\",\"ociVersionMax\":\"2\",\"hooks\":[\"a\"],"
	                    "\"mountOptions\":[],\"linux\":{}}");
	assert_string_equal(oci_encode(&oci_features_schema, &f, OCI_INDENT_2, &a, NULL),
	                    "{\n"
	                    "  \"ociVersionMin\": \"1\",\n"
	                    "  \"ociVersionMax\": \"2\",\n"
	                    "  \"hooks\": [\n"
	                    "    \"a\"\n"
	                    "  ],\n"
	                    "  \"mountOptions\": [],\n"
	                    "  \"linux\": {}\n"
	                    "}");
	arena_done(&a);
}

/* The order and shape that engines read: engine-contract 1.7. */
static void state_document(void **state)
{
	struct oci_entry notes[] = { { "k", "v" } };
	struct oci_state s[2] = { { .version = "1.3.0",
		                    .id = "c1",
		                    .pid = { 0, true },
		                    .status = "stopped",
		                    .bundle = "/b",
		                    .rootfs = "/b/rootfs",
		                    .created = "2026-08-19T10:11:12.123456789Z",
		                    .annotations = { notes, 1 },
		                    .owner = "" },
		                  { .version = "1.3.0", .id = "c2" } };
	struct arena a = { 0 };

	(void)state;
	assert_string_equal(
		oci_encode_array(&oci_state_schema, s, 2, OCI_COMPACT, &a, NULL),
		"[{\"ociVersion\":\"1.3.0\",\"id\":\"c1\",\"pid\":0,\"status\":\"stopped\","
		"\"bundle\":\"/b\",\"rootfs\":\"/b/rootfs\","
		"\"created\":\"2026-08-19T10:11:12.123456789Z\",\"annotations\":{\"k\":\"v\"},"
		"\"owner\":\"\"},{\"ociVersion\":\"1.3.0\",\"id\":\"c2\"}]");
	assert_string_equal(oci_encode_array(&oci_state_schema, s, 0, OCI_COMPACT, &a, NULL), "[]");
	assert_string_equal(oci_encode_array(&oci_state_schema, NULL, 0, OCI_INDENT_2, &a, NULL),
	                    "[]");
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trips),         cmocka_unit_test(samples_are_complete),
		cmocka_unit_test(absent_is_not_empty), cmocka_unit_test(layouts),
		cmocka_unit_test(state_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
