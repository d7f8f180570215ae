/* test_ocispec_required: every property that the specification requires is missed where it is missing. The configs are
 * made from the tables themselves: the smallest one with an object of each kind, less one property; the list is that
 * of config.md and config-linux.md; pids.limit is required by the JSON schema alone. */
#include "libocispec-lite/ocispec.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka wants the above it. */
#include <cmocka.h>

/* In the order of the tables. */
static const char *const required[] = {
	"/ociVersion",
	"/process/consoleSize/height",
	"/process/consoleSize/width",
	"/process/user/uid",
	"/process/user/gid",
	"/process/cwd",
	"/process/rlimits/0/type",
	"/process/rlimits/0/soft",
	"/process/rlimits/0/hard",
	"/process/scheduler/policy",
	"/process/ioPriority/class",
	"/process/ioPriority/priority",
	"/root/path",
	"/mounts/0/destination",
	"/mounts/0/uidMappings/0/containerID",
	"/mounts/0/uidMappings/0/hostID",
	"/mounts/0/uidMappings/0/size",
	"/mounts/0/gidMappings/0/containerID",
	"/mounts/0/gidMappings/0/hostID",
	"/mounts/0/gidMappings/0/size",
	"/hooks/prestart/0/path",
	"/hooks/createRuntime/0/path",
	"/hooks/createContainer/0/path",
	"/hooks/startContainer/0/path",
	"/hooks/poststart/0/path",
	"/hooks/poststop/0/path",
	"/linux/namespaces/0/type",
	"/linux/uidMappings/0/containerID",
	"/linux/uidMappings/0/hostID",
	"/linux/uidMappings/0/size",
	"/linux/gidMappings/0/containerID",
	"/linux/gidMappings/0/hostID",
	"/linux/gidMappings/0/size",
	"/linux/devices/0/type",
	"/linux/devices/0/path",
	"/linux/resources/devices/0/allow",
	"/linux/resources/pids/limit",
	"/linux/resources/blockIO/weightDevice/0/major",
	"/linux/resources/blockIO/weightDevice/0/minor",
	"/linux/resources/blockIO/throttleReadBpsDevice/0/major",
	"/linux/resources/blockIO/throttleReadBpsDevice/0/minor",
	"/linux/resources/blockIO/throttleWriteBpsDevice/0/major",
	"/linux/resources/blockIO/throttleWriteBpsDevice/0/minor",
	"/linux/resources/blockIO/throttleReadIOPSDevice/0/major",
	"/linux/resources/blockIO/throttleReadIOPSDevice/0/minor",
	"/linux/resources/blockIO/throttleWriteIOPSDevice/0/major",
	"/linux/resources/blockIO/throttleWriteIOPSDevice/0/minor",
	"/linux/resources/hugepageLimits/0/pageSize",
	"/linux/resources/hugepageLimits/0/limit",
	"/linux/resources/network/priorities/0/name",
	"/linux/resources/network/priorities/0/priority",
	"/linux/memoryPolicy/mode",
	"/linux/seccomp/defaultAction",
	"/linux/seccomp/syscalls/0/names",
	"/linux/seccomp/syscalls/0/action",
	"/linux/seccomp/syscalls/0/args/0/index",
	"/linux/seccomp/syscalls/0/args/0/value",
	"/linux/seccomp/syscalls/0/args/0/op",
	"/linux/personality/domain",
};
static size_t n_seen;

/* An object of a table inside the smallest config that can hold it: the text before and behind it. */
struct place {
	const char *before, *behind;
	const char *pointer;
};

static const char *value(struct arena *a, const struct oci_field *f);

/* ", "-terminated members: the required ones, but not that one. */
static const char *members(struct arena *a, const struct oci_schema *s,
                           const struct oci_field *without)
{
	const char *text = "";

	for (size_t i = 0; i < s->n; i++) {
		const struct oci_field *f = &s->fields[i];

		if (f->flags & OCI_REQUIRED && f != without)
			text = arena_fmt(a, "%s\"%s\": %s, ", text, f->key, value(a, f));
	}
	return text;
}

/* The members as an object; nobody reads the last one. */
static const char *object(struct arena *a, const char *m)
{
	return arena_fmt(a, "{%s\"x\": 0}", m);
}

static const char *value(struct arena *a, const struct oci_field *f)
{
	switch ((enum oci_type)f->type) {
	case OCI_BOOL: return "true";
	case OCI_I64:
	case OCI_U64:
	case OCI_NUM: return "1";
	case OCI_STR: return f->words ? arena_fmt(a, "\"%s\"", f->words[0]) : "\"x\"";
	case OCI_OBJ: return object(a, members(a, f->sub, NULL));
	case OCI_OBJS:
	case OCI_STRS:
	case OCI_U64S: return "[]";
	case OCI_MAP:
	case OCI_OBJMAP:
	case OCI_NUMMAP:
	case OCI_ANY: break;
	}
	return "{}";
}

/* Errors in the config with that object: their number, and the first one in found. */
static size_t errors(struct arena *a, const struct place *at, const char *text,
                     const struct oci_diag **found)
{
	const char *config = arena_fmt(a, "%s%s%s", at->before, text, at->behind);
	struct oci_diags d = { 0 };

	oci_decode(&oci_config_schema, config, strlen(config), a, &d);
	*found = NULL;
	for (const struct oci_diag *g = d.first; g && !*found; g = g->next)
		if (g->severity == OCI_FATAL)
			*found = g;
	return d.n_fatal;
}

static struct place below(struct arena *a, const struct place *at, const struct oci_schema *s,
                          const struct oci_field *f)
{
	const char *open = "", *close = "", *item = "";

	if (f->type == OCI_OBJS) {
		open = "[";
		close = "]";
		item = "/0";
	} else if (f->type == OCI_OBJMAP) {
		open = "{\"k\": ";
		close = "}";
		item = "/k";
	}
	return (struct place){
		.before =
			arena_fmt(a, "%s{%s\"%s\": %s", at->before, members(a, s, f), f->key, open),
		.behind = arena_fmt(a, "%s}%s", close, at->behind),
		.pointer = arena_fmt(a, "%s/%s%s", at->pointer, f->key, item),
	};
}

static void next_is(struct arena *a, const char *object_at, const char *key)
{
	const char *at = arena_fmt(a, "%s/%s", object_at, key);

	if (n_seen >= sizeof required / sizeof *required)
		fail_msg("%s is not required by the specification", at);
	assert_string_equal(at, required[n_seen++]);
}

static void each_member(struct arena *a, const struct oci_schema *s, const struct place *at)
{
	const struct oci_diag *found;

	if (errors(a, at, object(a, members(a, s, NULL)), &found))
		fail_msg("%s: %s", at->pointer, found->what);
	for (size_t i = 0; i < s->n; i++) {
		const struct oci_field *f = &s->fields[i];

		if (f->flags & OCI_REQUIRED) {
			const char *want = arena_fmt(a, "\"%s\" is missing", f->key);

			if (errors(a, at, object(a, members(a, s, f)), &found) != 1)
				fail_msg("%s/%s is not required", at->pointer, f->key);
			assert_string_equal(found->what, want);
			assert_string_equal(found->pointer, at->pointer);
			next_is(a, at->pointer, f->key);
		}
		if (f->sub) {
			struct place inside = below(a, at, s, f);

			each_member(a, f->sub, &inside);
		}
	}
}

static void each_required(void **state)
{
	const struct place top = { "", "", "" };
	struct arena a = { 0 };

	(void)state;
	each_member(&a, &oci_config_schema, &top);
	assert_int_equal(n_seen, sizeof required / sizeof *required);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_required),
	};

	return cmocka_run_group_tests_name("ocispec required", tests, NULL, NULL);
}
