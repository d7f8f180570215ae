/* test_update_plan: what an update writes, in which order, and what it makes of the resources that were asked for. */
#include "cgroup_case.h"
#include "plan/update.h"

static struct oci_resources *decode(const char *json)
{
	struct oci_diags diags = { 0 };
	struct oci_resources *r =
		oci_decode(&oci_resources_schema, json, strlen(json), &arena, &diags);

	if (!r)
		fail_msg("%s: %s", json, diags.first->what);
	return r;
}

/* Completes and lowers; the writes are in text. */
static int update(const struct facts *host, const char *json, const char *stored_json,
                  const struct limits_now *now)
{
	static struct oci_linux l;
	static struct oci_config c;
	static const struct plan_opts o = { .id = "c1" };

	arena_done(&arena);
	e = (struct err){ 0 };
	struct oci_resources *r = decode(json), *stored = stored_json ? decode(stored_json) : NULL;
	l = (struct oci_linux){ .resources = r };
	c = (struct oci_config){ .linux_ = &l };
	update_complete(r, stored, now);
	if (plan_update(&plan, &c, update_merge(stored, r, &arena), now, host, &o, &arena, &e) < 0)
		return -1;
	show(&plan);
	return 0;
}

struct row {
	const struct facts *host;
	const char *json, *stored;
	struct limits_now now;
	const char *want;
};

static void each(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct row *r = &rows[i];

		if (update(r->host, r->json, r->stored, &r->now) < 0)
			fail_msg("%s: %s", r->json, e.what);
		if (strcmp(text, r->want) != 0)
			fail_msg("row %zu, %s:\n%sexpected:\n%s", i, r->json, text, r->want);
	}
}
#define EACH(rows) each(rows, sizeof rows / sizeof *rows)

#define LIMIT "/memory/memory.limit_in_bytes="
#define MEMSW "/memory/memory.memsw.limit_in_bytes="

static void test_memory_v1(void **state)
{
	static const struct row rows[] = {
		/* growing beyond memory plus swap: that first */
		{ &v1_host,
		  "{\"memory\":{\"limit\":300,\"swap\":400}}",
		  NULL,
		  { .memory = 100, .swap = 200 },
		  MEMSW "400\n" LIMIT "300\n" },
		{ &v1_host,
		  "{\"memory\":{\"limit\":200,\"swap\":400}}",
		  NULL,
		  { .memory = 100, .swap = 200 },
		  LIMIT "200\n" MEMSW "400\n" },
		/* shrinking below the old limit: the limit first */
		{ &v1_host,
		  "{\"memory\":{\"limit\":10,\"swap\":20}}",
		  NULL,
		  { .memory = 100, .swap = 200 },
		  LIMIT "10\n" MEMSW "20\n" },
		{ &v1_host,
		  "{\"memory\":{\"limit\":10,\"swap\":20}}",
		  NULL,
		  { .memory = -1, .swap = -1 },
		  LIMIT "10\n" MEMSW "20\n" },
		/* alone */
		{ &v1_host,
		  "{\"memory\":{\"limit\":150}}",
		  "{\"memory\":{\"limit\":100,\"swap\":200}}",
		  { .memory = 100, .swap = 200 },
		  LIMIT "150\n" },
		{ &v1_host,
		  "{\"memory\":{\"swap\":150}}",
		  NULL,
		  { .memory = 100, .swap = 200 },
		  MEMSW "150\n" },
		/* unlimited: both */
		{ &v1_host,
		  "{\"memory\":{\"limit\":-1}}",
		  NULL,
		  { .memory = 100, .swap = 200 },
		  MEMSW "-1 ?\n" LIMIT "-1\n" },
		{ &v1_host,
		  "{\"memory\":{\"limit\":-1}}",
		  NULL,
		  { .memory = 100 },
		  LIMIT "-1\n" MEMSW "-1 ?\n" },
		/* nothing is named */
		{ &v1_host,
		  "{\"memory\":{\"limit\":0,\"swap\":0,\"reservation\":0}}",
		  "{\"memory\":{\"limit\":5,\"swap\":7}}",
		  { .memory = 5, .swap = 7 },
		  "" },
		{ &v1_host,
		  "{\"memory\":{\"reservation\":50}}",
		  "{\"memory\":{\"limit\":-1}}",
		  { .memory = -1, .swap = -1 },
		  "/memory/memory.soft_limit_in_bytes=50\n" },
		{ &v1_host,
		  "{\"memory\":{\"disableOOMKiller\":false}}",
		  NULL,
		  { 0 },
		  "/memory/memory.oom_control=0\n" },
	};

	(void)state;
	EACH(rows);
}

static void test_memory_v2(void **state)
{
	static const struct row rows[] = {
		{ &v2_host,
		  "{\"memory\":{\"limit\":300,\"swap\":400}}",
		  NULL,
		  { .memory = 100 },
		  "/memory.max=300\n/memory.swap.max=100\n" },
		/* what shrinks may need the swap */
		{ &v2_host,
		  "{\"memory\":{\"limit\":30,\"swap\":400}}",
		  NULL,
		  { .memory = 100 },
		  "/memory.swap.max=370\n/memory.max=30\n" },
		{ &v2_host,
		  "{\"memory\":{\"limit\":30,\"swap\":400}}",
		  NULL,
		  { .memory = -1 },
		  "/memory.swap.max=370\n/memory.max=30\n" },
		/* the sum that was asked for stays the sum */
		{ &v2_host,
		  "{\"memory\":{\"limit\":150}}",
		  "{\"memory\":{\"limit\":100,\"swap\":200}}",
		  { .memory = 100 },
		  "/memory.max=150\n/memory.swap.max=50\n" },
		{ &v2_host,
		  "{\"memory\":{\"limit\":200}}",
		  "{\"memory\":{\"limit\":100,\"swap\":200}}",
		  { .memory = 100 },
		  "/memory.max=200\n/memory.swap.max=0 ?\n" },
		/* it was never asked for */
		{ &v2_host,
		  "{\"memory\":{\"limit\":150}}",
		  "{\"memory\":{\"limit\":100}}",
		  { .memory = 100 },
		  "/memory.max=150\n" },
		{ &v2_host,
		  "{\"memory\":{\"limit\":150}}",
		  "{\"memory\":{\"limit\":100,\"swap\":-1}}",
		  { .memory = 100 },
		  "/memory.max=150\n" },
		/* swap alone counts from the limit in force, or from what was asked for */
		{ &v2_host,
		  "{\"memory\":{\"swap\":250}}",
		  NULL,
		  { .memory = 100 },
		  "/memory.swap.max=150\n" },
		{ &v2_host,
		  "{\"memory\":{\"swap\":250}}",
		  "{\"memory\":{\"limit\":50}}",
		  { 0 },
		  "/memory.swap.max=200\n" },
		{ &v2_host,
		  "{\"memory\":{\"swap\":-1}}",
		  NULL,
		  { .memory = 100 },
		  "/memory.swap.max=max ?\n" },
		{ &v2_host,
		  "{\"memory\":{\"limit\":-1}}",
		  "{\"memory\":{\"limit\":100,\"swap\":200}}",
		  { .memory = 100 },
		  "/memory.max=max\n/memory.swap.max=max ?\n" },
		{ &v2_host, "{\"memory\":{\"disableOOMKiller\":false}}", NULL, { 0 }, "" },
	};

	(void)state;
	EACH(rows);
	assert_int_equal(update(&v2_host, "{\"memory\":{\"swap\":250}}", NULL,
	                        &(struct limits_now){ .memory = -1 }),
	                 -1);
	assert_non_null(strstr(e.what, "there is no memory.limit"));
	assert_string_equal(e.where, "/linux/resources/memory/swap");
}

#define CPU    "/cpu,cpuacct/cpu."
#define QUOTA  CPU "cfs_quota_us="
#define PERIOD CPU "cfs_period_us="
#define BURST  CPU "cfs_burst_us="
#define NOW(q, p, b)                                                                               \
	{                                                                                          \
		.quota = q, .period = p, .burst = b                                                \
	}

static void test_bandwidth(void **state)
{
	static const struct row rows[] = {
		/* v1: at no moment a larger share than before and after */
		{ &v1_host, "{\"cpu\":{\"quota\":50,\"period\":200}}", NULL, NOW(50, 100, 0),
		  PERIOD "200\n" QUOTA "50\n" },
		{ &v1_host, "{\"cpu\":{\"quota\":20,\"period\":50}}", NULL, NOW(50, 100, 0),
		  QUOTA "20\n" PERIOD "50\n" },
		{ &v1_host, "{\"cpu\":{\"quota\":20}}", NULL, NOW(50, 100, 0), QUOTA "20\n" },
		{ &v1_host, "{\"cpu\":{\"period\":20}}", NULL, NOW(50, 100, 0), PERIOD "20\n" },
		{ &v1_host, "{\"cpu\":{\"quota\":-1}}", NULL, NOW(50, 100, 0), QUOTA "-1\n" },
		/* the burst is never above the quota */
		{ &v1_host, "{\"cpu\":{\"quota\":20,\"burst\":10}}", NULL, NOW(50, 100, 40),
		  BURST "10\n" QUOTA "20\n" },
		{ &v1_host, "{\"cpu\":{\"quota\":80,\"burst\":60}}", NULL, NOW(50, 100, 40),
		  QUOTA "80\n" BURST "60\n" },
		{ &v1_host, "{\"cpu\":{\"quota\":-1,\"burst\":60}}", NULL, NOW(50, 100, 40),
		  QUOTA "-1\n" BURST "60\n" },
		/* v2: one file */
		{ &v2_host, "{\"cpu\":{\"quota\":20}}", NULL, NOW(50, 100, 0), "/cpu.max=20\n" },
		{ &v2_host, "{\"cpu\":{\"period\":20}}", NULL, NOW(50, 100, 0),
		  "/cpu.max=50 20\n" },
		{ &v2_host, "{\"cpu\":{\"period\":20}}", "{\"cpu\":{\"quota\":9}}", NOW(0, 0, 0),
		  "/cpu.max=9 20\n" },
		{ &v2_host, "{\"cpu\":{\"period\":20}}", NULL, NOW(-1, 100, 0),
		  "/cpu.max=max 20\n" },
		{ &v2_host, "{\"cpu\":{\"quota\":-1}}", NULL, NOW(50, 100, 0), "/cpu.max=max\n" },
		{ &v2_host, "{\"cpu\":{\"quota\":20,\"burst\":10}}", NULL, NOW(50, 100, 40),
		  "/cpu.max.burst=10\n/cpu.max=20\n" },
		{ &v2_host, "{\"cpu\":{\"quota\":0,\"burst\":10}}", NULL, NOW(50, 100, 40),
		  "/cpu.max.burst=10\n" },
	};

	(void)state;
	EACH(rows);
}

static void test_realtime_idle(void **state)
{
	static const struct row rows[] = {
		{ &v1_host,
		  "{\"cpu\":{\"realtimeRuntime\":5,\"realtimePeriod\":20}}",
		  NULL,
		  { .rt_period = 10, .rt_runtime = 5 },
		  CPU "rt_period_us=20\n" CPU "rt_runtime_us=5\n" },
		{ &v1_host,
		  "{\"cpu\":{\"realtimeRuntime\":2,\"realtimePeriod\":5}}",
		  NULL,
		  { .rt_period = 10, .rt_runtime = 5 },
		  CPU "rt_runtime_us=2\n" CPU "rt_period_us=5\n" },
		{ &v2_host, "{\"cpu\":{\"idle\":1}}", NULL, { 0 }, "/cpu.idle=1\n" },
		/* an idle cgroup has forgotten its weight */
		{ &v2_host,
		  "{\"cpu\":{\"idle\":0}}",
		  "{\"cpu\":{\"shares\":1024}}",
		  { .idle = true },
		  "/cpu.idle=0 ?\n/cpu.weight=100\n" },
		{ &v2_host,
		  "{\"cpu\":{\"idle\":0}}",
		  "{\"cpu\":{\"shares\":1024}}",
		  { 0 },
		  "/cpu.idle=0 ?\n" },
		{ &v2_host, "{\"cpu\":{\"idle\":1,\"shares\":2}}", NULL, { 0 }, "/cpu.idle=1\n" },
	};

	(void)state;
	EACH(rows);
	assert_int_equal(update(&v2_host, "{\"cpu\":{\"shares\":2}}", NULL,
	                        &(struct limits_now){ .idle = true }),
	                 -1);
	assert_string_equal(e.where, "/linux/resources/cpu/shares");
}

static void test_others(void **state)
{
	static const struct row rows[] = {
		{ &v2_host,
		  "{\"devices\":[{\"allow\":false}],\"pids\":{\"limit\":0},\"unified\":{\"memory.high\":\"1G\"},"
		  "\"cpu\":{\"cpus\":\"\",\"mems\":\"0\"}}",
		  NULL,
		  { 0 },
		  "/cpuset.mems=0\n/pids.max=0\n/memory.high=1G\n" },
		{ &hybrid_host,
		  "{\"pids\":{\"limit\":-1},\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":0}]}",
		  NULL,
		  { 0 },
		  "/pids/pids.max=max\n/unified/hugetlb.2MB.max=0\n/unified/hugetlb.2MB.rsvd.max=0 ?\n" },
		{ &v1_host,
		  "{\"blockIO\":{\"weight\":0,\"leafWeight\":0},\"network\":{\"classID\":0}}",
		  NULL,
		  { 0 },
		  "" },
	};

	(void)state;
	EACH(rows);
	assert_int_equal(update(&hybrid_host, "{\"unified\":{\"memory.high\":\"1\"}}", NULL,
	                        &(struct limits_now){ 0 }),
	                 -1);
	assert_non_null(strstr(e.what, "not available"));
}

static void test_used(void **state)
{
	const struct limits_now now = { .memory = -1, .usage = 500, .swap_usage = 700 };
	const char *asked = "{\"memory\":{\"checkBeforeUpdate\":true}}";

	(void)state;
	assert_int_equal(update(&v1_host, "{\"memory\":{\"limit\":500}}", asked, &now), -1);
	assert_string_equal(e.what, "rejecting memory limit 500 <= usage 500");
	assert_string_equal(e.where, "/linux/resources/memory/limit");
	assert_int_equal(update(&v2_host, "{\"memory\":{\"limit\":600,\"swap\":700}}", asked, &now),
	                 -1);
	assert_string_equal(e.what, "rejecting memory+swap limit 700 <= usage 700");
	assert_int_equal(update(&v2_host, "{\"memory\":{\"limit\":501}}", asked, &now), 0);
	assert_int_equal(update(&v2_host, "{\"memory\":{\"limit\":5}}", NULL, &now), 0);
	assert_int_equal(update(&v2_host, "{\"memory\":{\"limit\":-1}}", asked, &now), 0);
}

static void test_merge(void **state)
{
	static const struct {
		const char *stored, *update, *want;
	} rows[] = {
		{ "{}", "{\"pids\":{\"limit\":5}}", "{\"pids\":{\"limit\":5}}" },
		{ "{\"devices\":[{\"allow\":false}],\"memory\":{\"limit\":1,\"swap\":2}}",
		  "{\"devices\":[{\"allow\":true}],\"memory\":{\"swap\":3,\"limit\":0}}",
		  "{\"devices\":[{\"allow\":false}],\"memory\":{\"limit\":1,\"swap\":3}}" },
		{ "{\"memory\":{\"limit\":1,\"swap\":2}}", "{\"memory\":{\"limit\":-1}}",
		  "{\"memory\":{\"limit\":-1,\"swap\":-1}}" },
		{ "{\"cpu\":{\"quota\":5,\"cpus\":\"0\"}}",
		  "{\"cpu\":{\"cpus\":\"\",\"mems\":\"1\",\"idle\":0,\"period\":7}}",
		  "{\"cpu\":{\"quota\":5,\"period\":7,\"cpus\":\"0\",\"mems\":\"1\",\"idle\":0}}" },
		{ "{\"blockIO\":{\"weight\":10,\"weightDevice\":[{\"major\":1,\"minor\":2,\"weight\":11}]}}",
		  "{\"blockIO\":{\"weightDevice\":[{\"major\":1,\"minor\":3,\"weight\":12},"
		  "{\"major\":1,\"minor\":2,\"weight\":13}]}}",
		  "{\"blockIO\":{\"weight\":10,\"weightDevice\":[{\"major\":1,\"minor\":2,\"weight\":13},"
		  "{\"major\":1,\"minor\":3,\"weight\":12}]}}" },
		{ "{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":1}],\"unified\":{\"a.b\":\"1\"}}",
		  "{\"hugepageLimits\":[{\"pageSize\":\"1GB\",\"limit\":3},{\"pageSize\":\"2MB\",\"limit\":2}],"
		  "\"unified\":{\"a.b\":\"2\",\"c.d\":\"3\"}}",
		  "{\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":2},{\"pageSize\":\"1GB\",\"limit\":3}],"
		  "\"unified\":{\"a.b\":\"2\",\"c.d\":\"3\"}}" },
		{ "{\"network\":{\"priorities\":[{\"name\":\"lo\",\"priority\":1}]},\"rdma\":{\"m\":{\"hcaHandles\":1}}}",
		  "{\"rdma\":{\"m\":{\"hcaObjects\":2}},\"network\":{\"priorities\":[{\"name\":\"lo\",\"priority\":5}]}}",
		  "{\"network\":{\"priorities\":[{\"name\":\"lo\",\"priority\":5}]},"
		  "\"rdma\":{\"m\":{\"hcaHandles\":1,\"hcaObjects\":2}}}" },
	};
	const struct limits_now now = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		arena_done(&arena);
		struct oci_resources *stored = decode(rows[i].stored), *r = decode(rows[i].update);

		update_complete(r, stored, &now);
		const char *got = oci_encode(&oci_resources_schema, update_merge(stored, r, &arena),
		                             OCI_COMPACT, &arena, NULL);
		assert_string_equal(got, rows[i].want);
		/* What was asked for so far is not changed on the way. */
		assert_string_equal(
			oci_encode(&oci_resources_schema, stored, OCI_COMPACT, &arena, NULL),
			rows[i].stored);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory_v1), cmocka_unit_test(test_memory_v2),
		cmocka_unit_test(test_bandwidth), cmocka_unit_test(test_realtime_idle),
		cmocka_unit_test(test_others),    cmocka_unit_test(test_used),
		cmocka_unit_test(test_merge),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	arena_done(&arena);
	return rc;
}
