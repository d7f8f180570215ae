/* plan/rootfs: which mounts get linux.mountLabel, and how: there is no SELinux where the tests run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "facts_file.h"
#include "libocispec-lite/ocispec.h"
#include "plan/plan.h"
#include <string.h>

#define LABEL "system_u:object_r:container_file_t:s0:c1,c2"

static struct arena arena;

static void plan_of(struct plan *p, const char *annotations)
{
	static struct facts facts;
	struct plan_opts o = { .id = "c1", .bundle = "/b" };
	struct oci_diags d = { 0 };
	struct err e = { 0 };
	const char *text = arena_fmt(
		&arena,
		"{\"ociVersion\": \"1.3.0\", \"root\": {\"path\": \"r\"}, \"annotations\": {%s},"
		"\"linux\": {\"mountLabel\": \"" LABEL "\","
		" \"namespaces\": [{\"type\": \"mount\"}, {\"type\": \"ipc\"}]}, \"mounts\": ["
		"{\"destination\": \"/proc\", \"type\": \"proc\"},"
		"{\"destination\": \"/sys\", \"type\": \"sysfs\"},"
		"{\"destination\": \"/dev/mqueue\", \"type\": \"mqueue\"},"
		"{\"destination\": \"/vol\", \"source\": \"/vol\", \"options\": [\"bind\"]},"
		"{\"destination\": \"/tmp\", \"type\": \"tmpfs\"},"
		"{\"destination\": \"/run\", \"type\": \"tmpfs\", \"options\": [\"ro\", \"size=1m\"]}]}",
		annotations);
	struct oci_config *c = oci_decode(&oci_config_schema, text, strlen(text), &arena, &d);

	assert_non_null(c);
	assert_int_equal(facts_parse("preset=root-v2\nselinux=1\n", &facts, &arena), 0);
	assert_int_equal(plan_create(p, c, &facts, &o, &arena, &e), 0);
}

static const struct step *mount_on(const struct plan *p, const char *target)
{
	const struct step *s;

	for (uint32_t n = 0; (s = plan_at(p, n, NULL)); n++)
		if (s->kind == STEP_MOUNT && strcmp(s->mount.target, target) == 0)
			return s;
	fail_msg("no mount on %s", target);
	return NULL;
}

static void test_labels(void **state)
{
	static const char *const without[] = { "/proc", "/sys", "/vol", "/dev/mqueue" };
	struct plan p;

	(void)state;
	plan_of(&p, "");
	assert_string_equal(mount_on(&p, "/tmp")->mount.data, "context=\"" LABEL "\"");
	assert_string_equal(mount_on(&p, "/run")->mount.data, "size=1m,context=\"" LABEL "\"");
	for (size_t i = 0; i < sizeof without / sizeof *without; i++)
		assert_string_equal(mount_on(&p, without[i])->mount.data, "");
	assert_string_equal(mount_on(&p, "/dev/mqueue")->mount.relabel, LABEL);
	assert_null(mount_on(&p, "/tmp")->mount.relabel);
}

static void test_context_type(void **state)
{
	struct plan p;

	(void)state;
	plan_of(&p, "\"run.oci.mount_context_type\": \"rootcontext\"");
	assert_string_equal(mount_on(&p, "/tmp")->mount.data, "rootcontext=\"" LABEL "\"");
}

static int teardown(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_labels),
		cmocka_unit_test(test_context_type),
	};

	return cmocka_run_group_tests_name("plan/rootfs: labels", tests, NULL, teardown);
}
