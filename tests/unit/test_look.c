/* cmd/look: the lines of a document, how two differ, the picture; and text that is none. No container is made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cmd/look.h"
#include <stdio.h>
#include <string.h>

static struct arena arena;

static const char *value(const struct look_rows *r, const char *section, const char *key)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->v[i].section, section) == 0 && strcmp(r->v[i].key, key) == 0)
			return r->v[i].value;
	return NULL;
}

static void test_text(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "plain", "plain" },
		{ "a\033[31mb", "a?[31mb" },
		{ "new\nline\ttab\x7f", "new?line?tab?" },
		{ "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
		{ "\xc2\x9b"
		  "31m",
		  "\?\?31m" },                /* U+009B is an escape of terminals */
		{ "\xc0\xaf", "\?\?" },       /* "/" in too many bytes */
		{ "\xed\xa0\x80", "\?\?\?" }, /* half of a surrogate pair */
		{ "cut\xe2\x82", "cut\?\?" },
		{ "\xff", "?" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_string_equal(look_text(&arena, cases[i].in, strlen(cases[i].in)),
		                    cases[i].out);
}

static struct look_namespace net(uint64_t inode, bool host)
{
	return (struct look_namespace){ .type = (char *)(uintptr_t) "network",
		                        .inode = { inode, true },
		                        .host = { host, true } };
}

static struct look sample(struct look_namespace *n)
{
	struct look l = { .id = (char *)(uintptr_t) "c1", .nnp = { true, true } };

	l.namespaces.v = n;
	l.namespaces.n = 1;
	return l;
}

static void test_rows(void **state)
{
	char *shared[] = { (char *)(uintptr_t) "c2" };
	struct look_limit limits[] = {
		{ (char *)(uintptr_t) "memory",
		  (char *)(uintptr_t) "bytes",
		  { 1024, true },
		  { 0 } },
		{ (char *)(uintptr_t) "tasks", (char *)(uintptr_t) "", { 3, true }, { 20, true } },
	};
	struct look_namespace n = net(42, false);
	struct look l = sample(&n);
	struct look_rows r;

	(void)state;
	n.owner = (struct oci_u64){ 7, true };
	n.shared.v = shared;
	n.shared.n = 1;
	l.limits.v = limits;
	l.limits.n = 2;
	look_rows(&r, &l, &arena);
	assert_string_equal(value(&r, "namespaces", "network"),
	                    "42, shared, with c2, owned by user 7");
	assert_string_equal(value(&r, "rights", "no_new_privs"), "yes");
	assert_string_equal(value(&r, "limits", "memory"), "1 KiB used, no limit");
	assert_string_equal(value(&r, "limits", "tasks"), "3 used, limit 20");
	assert_null(value(&r, "container", "pid"));
	n = net(1, true);
	look_rows(&r, &l, &arena);
	assert_string_equal(value(&r, "namespaces", "network"), "1, the host's");
}

/* Two mounts on one place are two lines of one name. */
static void test_diff(void **state)
{
	struct look_row a[] = { { "s", "same", "1" },
		                { "s", "k", "1" },
		                { "s", "twice", "1" },
		                { "s", "twice", "2" } };
	struct look_row b[] = {
		{ "s", "same", "1" }, { "s", "k", "2" }, { "s", "twice", "1" }, { "t", "new", "9" }
	};
	const struct look_rows ra = { a, 4 }, rb = { b, 4 };
	struct look_change *v;

	(void)state;
	assert_int_equal(look_diff(&v, &ra, &ra, &arena), 0);
	assert_int_equal(look_diff(&v, &ra, &rb, &arena), 3);
	assert_string_equal(v[0].key, "k");
	assert_string_equal(v[0].a, "1");
	assert_string_equal(v[0].b, "2");
	assert_string_equal(v[1].a, "2");
	assert_null(v[1].b);
	assert_string_equal(v[2].section, "t");
	assert_null(v[2].a);
}

static void test_dot(void **state)
{
	/* c1 and c2 share their second namespace, c3 has everything of the host. */
	struct look_peer v[] = { { NULL, { 1, 2, 3 } },
		                 { (char *)(uintptr_t) "c1", { 1, 20, 30 } },
		                 { (char *)(uintptr_t) "c2", { 1, 20, 31 } },
		                 { (char *)(uintptr_t) "c3", { 1, 2, 3 } } };
	const struct look_peers p = { v, 4 };
	const char *all = look_dot(&p, NULL, &arena), *one = look_dot(&p, "c1", &arena);
	char edge[64];

	(void)state;
	snprintf(edge, sizeof edge, "\"c2\" -- \":%s:20\";", namespace_defs[1].type);
	assert_non_null(strstr(all, edge));
	assert_non_null(strstr(one, edge));
	assert_non_null(strstr(all, "\"c3\" --"));
	/* To have the host's is not to share. */
	assert_null(strstr(one, "\"c3\""));
	assert_null(strstr(look_dot(&p, "c3", &arena), "\"c1\""));
	/* Each namespace is one node. */
	snprintf(edge, sizeof edge, "\":%s:20\" [", namespace_defs[1].type);
	const char *node = strstr(all, edge);
	assert_non_null(node);
	assert_null(strstr(node + 1, edge));
}

static int teardown(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_text),
		                            cmocka_unit_test(test_rows),
		                            cmocka_unit_test(test_diff),
		                            cmocka_unit_test(test_dot) };

	return cmocka_run_group_tests_name("cmd/look", tests, NULL, teardown);
}
