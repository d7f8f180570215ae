/* test_update_write: old values that can be written again, the transaction and its journal on a tree of plain files,
 * and sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "apply/old_value.h"
#include "apply/transaction.h"
#include "base/io.h"
#include "cmd/size.h"
#include "store/journal.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct arena arena;

static void test_old_value(void **state)
{
	static const struct {
		const char *file, *text, *shown, *want;
	} rows[] = {
		{ "memory.max", "5", "max\n", "max" },
		{ "memory.limit_in_bytes", "5", "9223372036854771712\n", "-1" },
		{ "memory.limit_in_bytes", "5", "4096\n", "4096" },
		{ "memory.oom_control", "1", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n", "0" },
		{ "hugetlb.2MB.limit_in_bytes", "5", "9223372036850581504\n", "-1" },
		{ "hugetlb.2MB.max", "5", "9223372036854771712\n", "max" },
		{ "pids.max", "5", "max\n", "max" },
		{ "cpu.max", "5", "max 100000\n", "max 100000" },
		{ "cpu.cfs_quota_us", "5", "-1\n", "-1" },
		{ "cpu.weight", "5", "0\n", NULL },
		{ "cpu.weight", "5", "100\n", "100" },
		{ "cpuset.cpus", "0", "\n", "\n" },
		{ "cpuset.cpus", "0", "0-1\n", "0-1" },
		{ "io.weight", "50", "default 100\n8:0 200\n", "default 100" },
		{ "io.weight", "default 50", "default 100\n8:0 200\n", "default 100" },
		{ "io.weight", "8:0 50", "default 100\n8:0 200\n", "8:0 200" },
		{ "io.weight", "8:1 50", "default 100\n8:0 200\n", "8:1 default" },
		{ "blkio.bfq.weight", "50", "100\n", "100" },
		{ "blkio.bfq.weight_device", "8:1 50", "default 100\n", "8:1 default" },
		{ "io.max", "8:0 rbps=1", "8:0 rbps=max wbps=5 riops=max wiops=max\n",
		  "8:0 rbps=max wbps=5 riops=max wiops=max" },
		{ "io.max", "8:1 rbps=1", "8:10 rbps=max wbps=5 riops=max wiops=max\n",
		  "8:1 rbps=max wbps=max riops=max wiops=max" },
		{ "blkio.throttle.read_bps_device", "8:0 1", "", "8:0 0" },
		{ "blkio.throttle.read_bps_device", "8:0 1", "8:0 7\n", "8:0 7" },
		{ "rdma.max", "mlx hca_handle=2", "mlx hca_handle=max hca_object=9\n",
		  "mlx hca_handle=max hca_object=9" },
		{ "net_prio.ifpriomap", "eth0 5", "lo 0\neth0 3\n", "eth0 3" },
		{ "net_cls.classid", "5", "0\n", "0" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char shown[200];

		snprintf(shown, sizeof shown, "%s", rows[i].shown);
		const char *got = old_value(rows[i].file, rows[i].text, shown, &arena);
		if (!got != !rows[i].want || (got && strcmp(got, rows[i].want) != 0))
			fail_msg("%s = %s: \"%s\", expected \"%s\"", rows[i].file, rows[i].text,
			         got, rows[i].want);
	}
}

/* A cgroup of plain files. Values of one length: plain files are not cut by a write. */
static char dir_name[] = "/tmp/nsrun-test-update.XXXXXX";
static int dir;

static void file(const char *name, const char *text)
{
	assert_int_equal(io_replace(dir, name, text, strlen(text), 0600), 0);
}

/* The kernel takes back no empty set from a cgroup with processes. */
static void test_inherited_cpuset(void **state)
{
	const char *old = NULL;

	(void)state;
	file("cpuset.cpus", "\n");
	assert_int_equal(old_value_read(dir, "cpuset.cpus", "0", &old, &arena), 0);
	assert_string_equal(old, "\n");
	file("cpuset.cpus.effective", "0-3\n");
	assert_int_equal(old_value_read(dir, "cpuset.cpus", "0", &old, &arena), 0);
	assert_string_equal(old, "0-3");
	file("cpuset.cpus", "2\n");
	assert_int_equal(old_value_read(dir, "cpuset.cpus", "0", &old, &arena), 0);
	assert_string_equal(old, "2");
}

static void holds(const char *name, const char *text)
{
	char buf[256];

	assert_true(io_read_small(dir, name, buf, sizeof buf) >= 0);
	assert_string_equal(buf, text);
}

static int tree(void **state)
{
	(void)state;
	if (!mkdtemp(dir_name))
		return -1;
	dir = open(dir_name, O_RDONLY | O_DIRECTORY);
	return dir < 0;
}

static int tree_done(void **state)
{
	char command[sizeof dir_name + 16];

	(void)state;
	close(dir);
	snprintf(command, sizeof command, "rm -rf %s", dir_name);
	FILE *p = popen(command, "r");
	arena_done(&arena);
	return p ? pclose(p) : -1;
}

/* A plan of writes to cgroup 0. */
static void write_step(struct plan *p, const char *path, const char *bytes, enum lenient lenient)
{
	static struct step steps[8];
	static struct phase phase;

	if (!p->n_steps)
		phase = (struct phase){ .name = "test", .lane = LANE_HOST, .steps = steps };
	steps[p->n_steps++] = (struct step){
		.kind = STEP_WRITE,
		.lenient = lenient,
		.why = { .need = "test" },
		.write = { .to = WRITE_CGROUP, .path = path, .bytes = bytes },
	};
	phase.n = p->n_steps;
	p->phases = &phase;
	p->n = 1;
}

static struct plan plan_of(void)
{
	struct plan p = { .arena = &arena, .n_cgroups = 1 };

	p.cgroups[0] = (struct cgroup_dir){ .controllers = "memory", .v2 = true };
	return p;
}

static void test_transaction(void **state)
{
	struct plan p = plan_of();
	struct transaction t = { .plan = &p, .cgroup = &dir };
	struct err e = { 0 };

	(void)state;
	file("memory.max", "100\n");
	file("pids.max", "200\n");
	write_step(&p, "memory.max", "150", MUST);
	write_step(&p, "memory.swap.max", "0", SKIP_ENOENT);
	write_step(&p, "pids.max", "250", MUST);
	assert_int_equal(transaction_read(&t, &arena, &e), 0);
	assert_int_equal(t.n, 2);
	assert_int_equal(transaction_write(&t, &e), 0);
	holds("memory.max", "150\n");
	holds("pids.max", "250\n");
	assert_int_equal(transaction_undo(&t, &e), 0);
	holds("memory.max", "100\n");
	holds("pids.max", "200\n");
}

static void test_missing(void **state)
{
	struct plan p = plan_of();
	struct transaction t = { .plan = &p, .cgroup = &dir };
	struct err e = { 0 };

	(void)state;
	file("memory.max", "100\n");
	write_step(&p, "memory.max", "150", MUST);
	write_step(&p, "nowhere.max", "0", MUST);
	assert_int_equal(transaction_read(&t, &arena, &e), -1);
	assert_non_null(strstr(e.what, "nowhere.max"));
	assert_int_equal(e.num, ENOENT);
	holds("memory.max", "100\n");
}

/* It fails at the last file: that one and all before it are as they were. */
static void test_failure(void **state)
{
	struct plan p = plan_of();
	struct transaction t = { .plan = &p, .cgroup = &dir };
	struct err e = { 0 };

	(void)state;
	file("memory.max", "100\n");
	file("pids.max", "200\n");
	write_step(&p, "memory.max", "150", MUST);
	write_step(&p, "pids.max", "250", MUST);
	assert_int_equal(transaction_read(&t, &arena, &e), 0);
	assert_int_equal(unlinkat(dir, "pids.max", 0), 0);
	assert_int_equal(transaction_write(&t, &e), -1);
	assert_non_null(strstr(e.what, "write pids.max = 250"));
	file("pids.max", "200\n");
	assert_int_equal(transaction_undo(&t, &e), 0);
	holds("memory.max", "100\n");
	holds("pids.max", "200\n");
}

static int told[8], n_told;

static int unit(void *ctx, const struct transaction *t, bool back, struct err *e)
{
	(void)t;
	told[n_told++] = back;
	return *(int *)ctx < 0 ? err_set(e, ERR_HOST, "the bus is gone") : 0;
}

static void test_unit(void **state)
{
	struct plan p = plan_of();
	int answer = -1;
	struct transaction t = { .plan = &p, .cgroup = &dir, .also = unit, .ctx = &answer };
	struct err e = { 0 };

	(void)state;
	file("memory.max", "100\n");
	write_step(&p, "memory.max", "150", MUST);
	assert_int_equal(transaction_read(&t, &arena, &e), 0);
	assert_int_equal(transaction_write(&t, &e), -1);
	assert_string_equal(e.what, "the bus is gone");
	holds("memory.max", "100\n");
	answer = 0;
	e = (struct err){ 0 };
	assert_int_equal(transaction_write(&t, &e), 0);
	assert_int_equal(transaction_undo(&t, &e), 0);
	assert_int_equal(n_told, 3);
	assert_false(told[1]);
	assert_true(told[2]);
}

static int own_session(void *ctx, struct err *e)
{
	*(int *)ctx = 7; /* in the child's memory */
	return getsid(0) == getpid() ? err_set(e, ERR_HOST, "as it should be") : 0;
}

static int dies(void *ctx, struct err *e)
{
	(void)ctx;
	(void)e;
	_exit(3);
}

static void test_detach(void **state)
{
	struct err e = { 0 };
	int x = 0;

	(void)state;
	assert_int_equal(transaction_detach(own_session, &x, &e), -1);
	assert_string_equal(e.what, "as it should be");
	assert_int_equal(x, 0);
	e = (struct err){ 0 };
	assert_int_equal(transaction_detach(dies, NULL, &e), -ESRCH);
	assert_non_null(strstr(e.what, "was killed"));
}

static void test_journal(void **state)
{
	struct oci_pids pids = { { 5, true } };
	struct oci_resources r = { .pids = &pids };
	struct journal_write w[] = { { { 3, true }, "pids.max", "max" },
		                     { { 0, true }, "cpuset.cpus", "\n" } };
	struct journal j = { .writes = { w, 2 }, .resources = &r }, got;
	const struct oci_resources *kept;
	struct err e = { 0 };

	(void)state;
	file(STORE_CONFIG,
	     "{\"ociVersion\":\"1.3.0\",\"linux\":{\"resources\":{\"pids\":{\"limit\":4}}}}");
	assert_int_equal(journal_load(&got, dir, &arena, &e), 0);
	assert_int_equal(journal_resources(&kept, dir, &arena, &e), 0);
	assert_int_equal(kept->pids->limit.v, 4);
	assert_int_equal(journal_begin(&j, dir), 0);
	assert_int_equal(journal_load(&got, dir, &arena, &e), 1);
	assert_int_equal(got.writes.n, 2);
	assert_int_equal(got.writes.v[0].cgroup.v, 3);
	assert_string_equal(got.writes.v[1].old, "\n");
	/* Not before it ends. */
	assert_int_equal(journal_resources(&kept, dir, &arena, &e), 0);
	assert_int_equal(kept->pids->limit.v, 4);
	assert_int_equal(journal_commit(dir), 0);
	assert_int_equal(journal_load(&got, dir, &arena, &e), 0);
	assert_int_equal(journal_resources(&kept, dir, &arena, &e), 0);
	assert_int_equal(kept->pids->limit.v, 5);
	file(STORE_UPDATE,
	     "{\"writes\":[{\"cgroup\":0,\"file\":\"../x\",\"old\":\"1\"}],\"resources\":{}}");
	assert_int_equal(journal_load(&got, dir, &arena, &e), -1);
	assert_non_null(strstr(e.what, "unusable"));
	journal_drop(dir);
	e = (struct err){ 0 };
	assert_int_equal(journal_load(&got, dir, &arena, &e), 0);
}

static void test_size(void **state)
{
	static const struct {
		const char *s;
		int64_t want;
	} rows[] = {
		{ "0", 0 },
		{ "1", 1 },
		{ "512m", 512 << 20 },
		{ "1g", 1 << 30 },
		{ "64MiB", 64 << 20 },
		{ "64 MB", 64 << 20 },
		{ "1.5K", 1536 },
		{ "10b", 10 },
		{ "2T", 2LL << 40 },
		{ "1p", 1LL << 50 },
		{ "-1", -1 },
		{ "0.5g", 1 << 29 },
		{ "9223372036854775807", INT64_MAX },
	};
	static const char *const wrong[] = { "",     "m",    "-2",    "1x",  "1 ",
		                             "1.",   "1..5", " 1",    "1mm", "1ib",
		                             "0x10", "1e3",  "1 m b", "+1",  "9223372036854775808",
		                             "9000p" };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int64_t got = -7;

		assert_int_equal(size_parse(rows[i].s, &got), 0);
		assert_int_equal(got, rows[i].want);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		int64_t got;

		if (size_parse(wrong[i], &got) == 0)
			fail_msg("\"%s\" is a size of %lld", wrong[i], (long long)got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_old_value),   cmocka_unit_test(test_inherited_cpuset),
		cmocka_unit_test(test_transaction), cmocka_unit_test(test_missing),
		cmocka_unit_test(test_failure),     cmocka_unit_test(test_unit),
		cmocka_unit_test(test_detach),      cmocka_unit_test(test_journal),
		cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, tree, tree_done);
}
