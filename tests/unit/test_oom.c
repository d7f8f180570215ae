/* apply/oom: the counters of both versions, from folders that look like cgroups, and what is said about them. */
#include "op_case.h"

#include "apply/oom.h"
#include <errno.h>

#define GIB (1ull << 30)

struct file {
	const char *name, *text;
};

/* A cgroup "/dir" of this test's folder with these files. */
static void make(const char *dir, const struct file *files, size_t n)
{
	assert_true(mkdir(dir, 0755) == 0 || errno == EEXIST);
	for (size_t i = 0; i < n; i++) {
		char path[128];

		snprintf(path, sizeof path, "%s/%s", dir, files[i].name);
		op_file(path, 0644, files[i].text, strlen(files[i].text));
	}
}
#define MAKE(dir, ...)                                                                             \
	do {                                                                                       \
		const struct file f[] = { __VA_ARGS__ };                                           \
		make(dir, f, sizeof f / sizeof *f);                                                \
	} while (0)

static struct oom read_one(const char *path, bool v2)
{
	const struct cgroup_ref ref = { op_dir, path, v2, 1 };
	struct oom o;

	assert_int_equal(oom_read(&ref, 1, &o), 0);
	return o;
}

static void test_v2(void **state)
{
	(void)state;
	MAKE("v2",
	     { "memory.events", "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n" },
	     { "memory.events.local", "low 0\nhigh 0\nmax 12\noom 1\noom_kill 0\n" },
	     { "memory.max", "67108864\n" }, { "memory.peak", "67104768\n" });
	struct oom o = read_one("/v2", true);
	assert_int_equal(o.kills, 2);
	assert_int_equal(o.limit, 67108864);
	assert_int_equal(o.peak, 67104768);
	assert_true(o.at_limit);
	/* The limit was another cgroup's, and there is none here. */
	MAKE("v2", { "memory.events.local", "max 0\noom 0\noom_kill 1\n" },
	     { "memory.max", "max\n" });
	o = read_one("/v2", true);
	assert_int_equal(o.kills, 2);
	assert_true(o.limit == UINT64_MAX && !o.at_limit);
}

static void test_v1(void **state)
{
	(void)state;
	MAKE("v1", { "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n" },
	     { "memory.limit_in_bytes", "16777216\n" },
	     { "memory.max_usage_in_bytes", "16773120\n" }, { "memory.failcnt", "0\n" });
	struct oom o = read_one("/v1", false);
	assert_int_equal(o.kills, 1);
	assert_int_equal(o.limit, 16777216);
	assert_int_equal(o.peak, 16773120);
	assert_true(o.at_limit);
	/* Far below it. */
	MAKE("v1", { "memory.max_usage_in_bytes", "1000000\n" });
	assert_false(read_one("/v1", false).at_limit);
	/* Memory and swap together. */
	MAKE("v1", { "memory.memsw.failcnt", "7\n" });
	assert_true(read_one("/v1", false).at_limit);
	/* v1 counts in the cgroup of the process only. */
	MAKE("v1/a", { "memory.oom_control", "oom_kill 3\n" });
	MAKE("v1/a/b", { "memory.oom_control", "oom_kill 5\n" });
	assert_int_equal(read_one("/v1", false).kills, 9);
}

static void test_v1_without_limit(void **state)
{
	(void)state;
	MAKE("none", { "memory.oom_control", "oom_kill_disable 0\nunder_oom 0\n" },
	     { "memory.limit_in_bytes", "9223372036854771712\n" });
	struct oom o = read_one("/none", false);
	assert_true(o.limit == UINT64_MAX && !o.kills && !o.at_limit);
	/* With pages of 64 KiB. */
	MAKE("none", { "memory.limit_in_bytes", "9223372036854710272\n" });
	assert_true(read_one("/none", false).limit == UINT64_MAX);
}

static void test_no_memory_cgroup(void **state)
{
	struct oom o;

	(void)state;
	MAKE("pids", { "pids.max", "max\n" });
	MAKE("memory", { "memory.oom_control", "oom_kill 1\n" });
	const struct cgroup_ref refs[] = { { op_dir, "/pids", false, 1 },
		                           { op_dir, "/gone", true, 1 },
		                           { op_dir, "/memory", false, 1 } };
	assert_int_equal(oom_read(refs, 2, &o), -ENOENT);
	assert_int_equal(oom_read(refs, 0, &o), -ENOENT);
	assert_int_equal(oom_read(refs, 3, &o), 0);
	assert_int_equal(o.kills, 1);
}

static void test_texts(void **state)
{
	static const struct {
		uint64_t limit;
		const char *text;
	} t[] = {
		{ 67108864, "was OOM-killed at limit 64 MiB (67108864 bytes)" },
		{ 3 * GIB / 2, "was OOM-killed at limit 1.5 GiB (1610612736 bytes)" },
		{ 100000000, "was OOM-killed at limit 95.3 MiB (100000000 bytes)" },
		{ 4096, "was OOM-killed at limit 4 KiB (4096 bytes)" },
	};
	char buf[OOM_TEXT];

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		const struct oom o = { .kills = 1, .limit = t[i].limit, .at_limit = true };

		assert_string_equal(oom_text(&o, buf), t[i].text);
	}
	const struct oom host = { .kills = 1, .limit = GIB };
	assert_string_equal(
		oom_text(&host, buf),
		"was OOM-killed: the host, or a cgroup above or below its own, ran out of memory");
}

static void test_error(void **state)
{
	const struct oom own = { .kills = 1, .limit = 4096, .peak = 2048, .at_limit = true };
	const struct oom host = { .kills = 1, .limit = UINT64_MAX };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(oom_error(&own, &e), -1);
	assert_string_equal(e.what,
	                    "init was OOM-killed at limit 4 KiB (4096 bytes), peak use 2 KiB");
	assert_string_equal(e.where, "/linux/resources/memory/limit");
	assert_non_null(strstr(e.hint, "raise /linux/resources/memory/limit"));
	e = (struct err){ 0 };
	oom_error(&host, &e);
	assert_string_equal(e.where, "");
	assert_non_null(strstr(e.hint, "free memory"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v2),
		cmocka_unit_test(test_v1),
		cmocka_unit_test(test_v1_without_limit),
		cmocka_unit_test(test_no_memory_cgroup),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_error),
	};

	return cmocka_run_group_tests_name("apply/oom", tests, op_enter, op_leave);
}
