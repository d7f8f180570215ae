/* check_case: see check_case.h. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "check_case.h"
#include "facts_file.h"
#include <string.h>

/* ", \"key\": value", or "" when value is "". */
static const char *member(struct arena *a, const char *key, const char *value, const char *def)
{
	if (!value)
		value = def;
	return *value ? arena_fmt(a, ", \"%s\": %s", key, value) : "";
}

static const char *more(struct arena *a, const char *members)
{
	return members ? arena_fmt(a, ", %s", members) : "";
}

static const char *config(struct arena *a, const struct check_case *c)
{
	const char *process = arena_fmt(
		a, "{\"args\": [\"sh\"], \"cwd\": \"/\", \"user\": {\"uid\": 0, \"gid\": 0}%s}",
		more(a, c->add));
	const char *linux_ = arena_fmt(a, "{\"namespaces\": [%s]%s}",
	                               c->ns ? c->ns : "{\"type\": \"mount\"}, {\"type\": \"pid\"}",
	                               more(a, c->linux_));

	return arena_fmt(a, "{\"ociVersion\": %s%s%s%s%s%s}", c->version ? c->version : "\"1.3.0\"",
	                 member(a, "root", c->root, "{\"path\": \"rootfs\"}"),
	                 member(a, "process", c->process, process),
	                 c->mounts ? arena_fmt(a, ", \"mounts\": [%s]", c->mounts) : "",
	                 c->no_linux ? "" : member(a, "linux", NULL, linux_), more(a, c->top));
}

static const char *show(struct arena *a, const struct oci_config *c, const struct oci_diag *d)
{
	char pointer[512];

	if (!d->pointer)
		oci_pointer(&oci_config_schema, c, d->at, pointer, sizeof pointer);
	return arena_fmt(a, "%s %s: %s -- %s",
	                 d->severity == OCI_FATAL  ? "fatal"
	                 : d->severity == OCI_WARN ? "warn"
	                                           : "unknown",
	                 d->pointer ? d->pointer : pointer, d->what, d->hint ? d->hint : "");
}

/* Does each line of want begin a finding, in order, and is none left? */
static bool matches(struct arena *a, const char *want, const struct oci_config *c,
                    const struct oci_diag *d)
{
	for (; want && *want; want += strspn(want, "\n")) {
		size_t n = strcspn(want, "\n");

		if (!d || strncmp(show(a, c, d), want, n) != 0)
			return false;
		want += n;
		d = d->next;
	}
	return !d;
}

static bool run(const struct check_case *c)
{
	struct arena a = { 0 };
	struct oci_diags diags = { 0 };
	struct facts facts = { 0 };
	struct check k = { .host = &facts, .o = &c->opts, .a = &a, .diags = &diags };
	const char *text = config(&a, c);
	const char *host =
		arena_fmt(&a, "preset=root-v2\nsystemd_cgroup=/\n%s", c->facts ? c->facts : "");

	assert_int_equal(facts_parse(host, &facts, &a), 0);
	k.c = oci_decode_lenient(&oci_config_schema, text, strlen(text), &a, &diags);
	if (k.c)
		check_config(&k);
	bool right = matches(&a, c->want, k.c, diags.first);
	if (!right) {
		print_error("%s\nwanted:\n%s\nfound:\n", text, c->want ? c->want : "");
		for (const struct oci_diag *d = diags.first; d; d = d->next)
			print_error("%s\n", k.c ? show(&a, k.c, d) : d->what);
	}
	arena_done(&a);
	return right;
}

void check_cases(const struct check_case *v, size_t n)
{
	size_t wrong = 0;

	for (size_t i = 0; i < n; i++)
		wrong += !run(&v[i]);
	assert_int_equal(wrong, 0);
}
