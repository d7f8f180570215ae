/* stats: the document as a whole, its keys, interfaces, and files that are no files. */
#include "base/procfs.h"
#include "stats/reader.h"
#include "stats_case.h"
#include <errno.h>

static struct tree t;

static void interfaces(void **state)
{
	char text[] =
		"Inter-|   Receive    |  Transmit\n face |bytes    packets\n"
		"    lo:    1       2    3    4    5     6          7         8     9      10 "
		"  11   12   13    14       15         16\n"
		"eth0:99999999999 1 0 0 0 0 0 0 7 0 0 0 0 0 0 0\n"
		"a:b: 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n"
		"\xff\x80x\": 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1\n"
		"cut: 1 2 3\n"
		"no colon 1\n";
	struct arena a = { 0 };
	struct oci_stats *out = oci_blank(&oci_stats_schema, &a);

	(void)state;
	stats_interfaces(NULL, out, &a);
	assert_int_equal(out->network_interfaces.n, 0);
	stats_interfaces(text, out, &a);
	assert_int_equal(out->network_interfaces.n, 4);
	const struct oci_stats_interface *i = out->network_interfaces.v;
	assert_string_equal(i[0].name, "lo");
	assert_int_equal(i[0].rx_bytes.v, 1);
	assert_int_equal(i[0].rx_packets.v, 2);
	assert_int_equal(i[0].rx_errors.v, 3);
	assert_int_equal(i[0].rx_dropped.v, 4);
	assert_int_equal(i[0].tx_bytes.v, 9);
	assert_int_equal(i[0].tx_packets.v, 10);
	assert_int_equal(i[0].tx_errors.v, 11);
	assert_int_equal(i[0].tx_dropped.v, 12);
	assert_string_equal(i[1].name, "eth0");
	assert_int_equal(i[1].rx_bytes.v, 99999999999);
	assert_string_equal(i[2].name, "a:b");
	/* The container named it. */
	assert_string_equal(i[3].name, "\?\?x\"");
	arena_done(&a);
}

/* Nothing is there: every key is, and psi is not. */
static void empty(void **state)
{
	static const char want[] =
		"{\"cpu\":{\"usage\":{\"total\":0,\"percpu\":[],\"percpu_kernel\":[],\"percpu_user\":[],"
		"\"kernel\":0,\"user\":0},\"throttling\":{\"periods\":0,\"throttledPeriods\":0,"
		"\"throttledTime\":0}},\"cpuset\":{\"cpus\":[],\"cpu_exclusive\":0,\"mems\":[],"
		"\"mem_hardwall\":0,\"mem_exclusive\":0,\"memory_migrate\":0,"
		"\"memory_spread_page\":0,\"memory_spread_slab\":0,\"memory_pressure\":0,"
		"\"sched_load_balance\":0,\"sched_relax_domain_level\":0},\"memory\":{\"cache\":0,"
		"\"usage\":{\"limit\":0,\"usage\":0,\"max\":0,\"failcnt\":0},"
		"\"swap\":{\"limit\":0,\"usage\":0,\"max\":0,\"failcnt\":0},"
		"\"kernel\":{\"limit\":0,\"usage\":0,\"max\":0,\"failcnt\":0},"
		"\"kernelTCP\":{\"limit\":0,\"usage\":0,\"max\":0,\"failcnt\":0},\"raw\":{}},"
		"\"pids\":{\"current\":0,\"limit\":0},\"blkio\":{\"ioServiceBytesRecursive\":[],"
		"\"ioServicedRecursive\":[],\"ioQueueRecursive\":[],\"ioServiceTimeRecursive\":[],"
		"\"ioWaitTimeRecursive\":[],\"ioMergedRecursive\":[],\"ioTimeRecursive\":[],"
		"\"sectorsRecursive\":[]},\"hugetlb\":{},\"network_interfaces\":[]}";
	int proc = procfs_open();

	(void)state;
	tree_make(&t, "12");
	/* No process has that pid. */
	const struct oci_stats *out = stats_all(&t.s, proc, INT32_MAX);
	assert_string_equal(oci_encode(&oci_stats_schema, out, OCI_COMPACT, &t.a, NULL), want);
	tree_remove(&t);
	close(proc);
}

static void own_interfaces(void **state)
{
	struct arena a = { 0 };
	struct oci_stats *out = oci_blank(&oci_stats_schema, &a);
	int proc = procfs_open();

	(void)state;
	stats_network(proc, getpid(), out, &a);
	assert_true(out->network_interfaces.n > 0);
	arena_done(&a);
	close(proc);
}

/* A link, a directory, a fifo, and a file without end give nothing, and do not hang. */
static void no_files(void **state)
{
	char path[96], *big = malloc(300001);

	(void)state;
	assert_non_null(big);
	tree_make(&t, "2");
	snprintf(path, sizeof path, "%s/c1/memory.max", t.mount[0]);
	assert_int_equal(symlink("/proc/sys/kernel/pid_max", path), 0);
	snprintf(path, sizeof path, "%s/c1/cpu.stat", t.mount[0]);
	assert_int_equal(mkfifo(path, 0600), 0);
	tree_put(&t, 0, "memory.current", "not a number\n");
	memset(big, '7', 300000);
	big[300000] = '\0';
	tree_put(&t, 0, "memory.stat", big);
	tree_put(&t, 0, "pids.current", "18446744073709551616\n");
	stats_cpu(&t.s, t.out->cpu);
	stats_memory(&t.s, t.out->memory);
	stats_pids(&t.s, t.out->pids);
	assert_int_equal(t.out->cpu->usage->total.v, 0);
	assert_int_equal(t.out->memory->usage->limit.v, 0);
	assert_int_equal(t.out->memory->usage->usage.v, 0);
	assert_int_equal(t.out->memory->raw.n, 0);
	assert_int_equal(t.out->pids->current.v, 0);
	tree_remove(&t);
	free(big);
}

static void no_cgroup(void **state)
{
	struct cgroup_ref gone = { .mount = "/tmp", .path = "/test_stats.is-not-there" };
	struct cgroup_ref root = { .mount = "/tmp", .path = "/" };
	struct arena a = { 0 };
	struct stats s;

	(void)state;
	assert_int_equal(stats_open(&s, &gone, 1, &a), -ENOENT);
	stats_done(&s);
	assert_int_equal(stats_open(&s, NULL, 0, &a), -ENOENT);
	stats_done(&s);
	assert_int_equal(stats_open(&s, &root, 1, &a), -EINVAL);
	arena_done(&a);
}

/* stats_room() knows by the count alone when to grow. */
static void rooms(void **state)
{
	struct arena a = { 0 };
	uint64_t *v = NULL;

	(void)state;
	for (size_t n = 0; n < 1000; n++) {
		v = stats_room(&a, v, n, sizeof *v);
		v[n] = n;
	}
	for (size_t n = 0; n < 1000; n++)
		assert_int_equal(v[n], n);
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interfaces),     cmocka_unit_test(empty),
		cmocka_unit_test(own_interfaces), cmocka_unit_test(no_files),
		cmocka_unit_test(no_cgroup),      cmocka_unit_test(rooms),
	};

	return cmocka_run_group_tests_name("stats_document", tests, NULL, NULL);
}
