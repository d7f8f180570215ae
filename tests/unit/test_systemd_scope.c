/* test_systemd_scope: the unit of a container and where it is, by cgroupsPath; and what a scope comes before. */
#include "base/sys.h"
#include "libocispec-lite/ocispec.h"
#include "plan/plan.h"
#include "plan/scope.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define USER_MANAGER "/user.slice/user-7.slice/user@7.service"

static const struct {
	const char *path, *id, *manager; /* manager NULL: "/" */
	uid_t euid;
	const char *unit, *slice, *where; /* unit NULL: refused */
} names[] = {
	{ NULL, "c1", NULL, 0, "nsrun-c1.scope", "system.slice", "/system.slice/nsrun-c1.scope" },
	{ "", "c1", NULL, 0, "nsrun-c1.scope", "system.slice", "/system.slice/nsrun-c1.scope" },
	{ "::c", "i", NULL, 0, "c.scope", "system.slice", "/system.slice/c.scope" },
	{ ":p:c", "i", NULL, 0, "p-c.scope", "system.slice", "/system.slice/p-c.scope" },
	{ ":p:c", "i", USER_MANAGER, 7, "p-c.scope", "user.slice",
	  USER_MANAGER "/user.slice/p-c.scope" },
	{ "-:p:c", "i", NULL, 0, "p-c.scope", "-.slice", "/p-c.scope" },
	{ "-.slice:p:c", "i", "/m", 0, "p-c.scope", "-.slice", "/m/p-c.scope" },
	{ "a.slice:p:c", "i", "/m", 0, "p-c.scope", "a.slice", "/m/a.slice/p-c.scope" },
	{ "a-b-c.slice:p:c", "i", NULL, 0, "p-c.scope", "a-b-c.slice",
	  "/a.slice/a-b.slice/a-b-c.slice/p-c.scope" },
	/* What the kernel could have as a file, systemd marks. */
	{ "cpu-x.slice::_c", "i", NULL, 0, "_c.scope", "cpu-x.slice",
	  "/_cpu.slice/cpu-x.slice/__c.scope" },
	{ "::memory.1", "i", NULL, 0, "memory.1.scope", "system.slice",
	  "/system.slice/_memory.1.scope" },
	{ NULL, "a+b", NULL, 0, "nsrun-a\\x2bb.scope", "system.slice",
	  "/system.slice/nsrun-a\\x2bb.scope" },
	{ "a:b", "i", NULL, 0, NULL, NULL, NULL },
	{ "a:b:", "i", NULL, 0, NULL, NULL, NULL },
	{ "a:b:c:d", "i", NULL, 0, NULL, NULL, NULL },
	{ "/a/b", "i", NULL, 0, NULL, NULL, NULL },
};

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct arena a = { 0 };
		struct err e = { 0 };
		struct oci_linux l = { .cgroups_path = (char *)names[i].path };
		const struct oci_config c = { .linux_ = &l };
		const struct facts host = { .euid = names[i].euid,
			                    .cgroup_host = CGROUP_HOST_V2,
			                    .systemd_cgroup = names[i].manager ? names[i].manager
			                                                       : "/" };
		const struct plan_opts o = { .id = names[i].id };
		const struct plan_in in = { &c, &host, &o, &e };
		struct scope s;

		if (scope_name(&in, &a, &s) < 0) {
			if (names[i].unit)
				fail_msg("%s: %s", names[i].path, e.what);
			assert_string_equal(e.where, "/linux/cgroupsPath");
		} else {
			assert_non_null(names[i].unit);
			assert_string_equal(s.unit, names[i].unit);
			assert_string_equal(s.slice, names[i].slice);
			assert_string_equal(s.subgroup, "container");
			assert_int_equal(s.user, names[i].euid != 0);
			assert_string_equal(scope_path(&in, &a, &s), names[i].where);
		}
		arena_done(&a);
	}
}

static void test_long_id(void **state)
{
	char id[300];
	struct arena a = { 0 };
	struct err e = { 0 };
	const struct oci_config c = { 0 };
	const struct facts host = { .systemd_cgroup = "/" };
	const struct plan_opts o = { .id = id };
	const struct plan_in in = { &c, &host, &o, &e };
	struct scope s;

	(void)state;
	memset(id, 'x', sizeof id);
	id[243] = '\0';
	assert_int_equal(scope_name(&in, &a, &s), 0);
	assert_int_equal(strlen(s.unit), 255);
	id[243] = 'x';
	id[244] = '\0';
	assert_int_equal(scope_name(&in, &a, &s), -1);
	assert_non_null(strstr(e.what, "256 bytes"));
	arena_done(&a);
}

static const struct facts hybrid = {
	.cap_sys_admin = true,
	.cap_setid = true,
	.last_cap = 40,
	.cgroup_host = CGROUP_HOST_HYBRID,
	.hierarchy = { { .controllers = "name=systemd",
	                 .mount = "/s",
	                 .own = "/",
	                 .writable = true },
	               { .controllers = "memory", .mount = "/m", .own = "/", .writable = true },
	               { .controllers = "", .mount = "/u", .own = "/", .v2 = true } },
	.n_hierarchies = 3,
	.systemd_cgroup = "/",
};

static void make(struct plan *p, struct arena *a)
{
	static const char config[] =
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"},\"linux\":{\"namespaces\":"
		"[{\"type\":\"mount\"}],\"resources\":{\"memory\":{\"limit\":9}}}}";
	static const struct plan_opts o = { .id = "c1",
		                            .bundle = "/b",
		                            .manager = CGROUP_MANAGER_SYSTEMD };
	struct oci_diags d = { 0 };
	struct err e = { 0 };
	const struct oci_config *c =
		oci_decode(&oci_config_schema, config, sizeof config - 1, a, &d);

	assert_non_null(c);
	if (plan_create(p, c, &hybrid, &o, a, &e) < 0 || plan_verify(p, &e) < 0)
		fail_msg("%s", e.what);
}

static void test_hierarchies(void **state)
{
	struct arena a = { 0 };
	struct plan p;

	(void)state;
	make(&p, &a);
	assert_int_equal(p.n_cgroups, 3);
	for (uint32_t i = 0; i < 3; i++) {
		assert_string_equal(p.cgroups[i].path, "/system.slice/nsrun-c1.scope");
		assert_int_equal(p.cgroups[i].scope, i != 1);
	}
	arena_done(&a);
}

static void add(void *ctx, const char *json)
{
	size_t n = strlen(ctx);

	snprintf((char *)ctx + n, 32768 - n, "%s", json);
}

static void test_json(void **state)
{
	static char json[32768];
	static const char *const has[] = { "\"unit\": \"nsrun-c1.scope\"",
		                           "\"slice\": \"system.slice\"",
		                           "\"name\": \"MemoryLimit\"",
		                           "\"type\": \"t\"",
		                           "\"value\": \"9\"",
		                           "\"user\": false",
		                           "\"label\": \"scope nsrun-c1.scope in",
		                           NULL };
	struct arena a = { 0 };
	struct plan p;

	(void)state;
	make(&p, &a);
	plan_print_json(&p, add, json);
	for (const char *const *w = has; *w; w++)
		if (!strstr(json, *w))
			fail_msg("no %s in %s", *w, json);
	assert_null(strstr(json, "\"subgroup\""));
	arena_done(&a);
}

static void refused(const struct plan *p, const char *what)
{
	struct err e = { 0 };

	assert_int_equal(plan_verify(p, &e), -1);
	assert_int_equal(e.kind, ERR_BUG);
	if (!strstr(e.what, what))
		fail_msg("expected \"%s\", got \"%s\"", what, e.what);
}

/* What needs a scope's cgroup, put before the scope. */
static void test_early(void **state)
{
	static const struct {
		struct step s;
		const char *what;
	} early[] = {
		{ { .kind = STEP_WRITE,
		    .write = { .to = WRITE_CGROUP, .index = 2, .path = "x", .bytes = "1" } },
		  "write: before systemd has made the cgroup" },
		{ { .kind = STEP_DEVICES, .devices = { .index = 2 } },
		  "devices: before systemd has made the cgroup" },
		{ { .kind = STEP_DELEGATE, .delegate = { .index = 2 } },
		  "delegate: before systemd has made the cgroup" },
		{ { .kind = STEP_CGROUP, .cgroup = { .index = 0 } },
		  "cgroup: of what systemd makes" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof early / sizeof *early; i++) {
		struct arena a = { 0 };
		struct step steps[16];
		struct plan p;

		make(&p, &a);
		struct phase *prepare = &p.phases[0];
		memcpy(steps, prepare->steps, prepare->n * sizeof *steps);
		/* Before the last one, the clone. */
		steps[prepare->n] = steps[prepare->n - 1];
		steps[prepare->n - 1] = early[i].s;
		prepare->steps = steps;
		prepare->n++;
		refused(&p, early[i].what);
		arena_done(&a);
	}
}

static void test_missing(void **state)
{
	struct arena a = { 0 };
	struct plan p;

	(void)state;
	make(&p, &a);
	assert_int_equal(p.phases[1].steps[0].kind, STEP_SCOPE);
	p.phases[1].steps++;
	p.phases[1].n--;
	refused(&p, "attach: before systemd has made the cgroup");
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),       cmocka_unit_test(test_long_id),
		cmocka_unit_test(test_hierarchies), cmocka_unit_test(test_json),
		cmocka_unit_test(test_early),       cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
