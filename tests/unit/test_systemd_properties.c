/* test_systemd_properties: what systemd is told about each write to a cgroup file. */
#include "plan/systemd.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MAX "18446744073709551615"

static const struct {
	bool v2;
	const char *file, *text, *want; /* want: "NAME:TYPE=TEXT", separated by a blank; "": none */
} rows[] = {
	{ true, "memory.max", "1048576", "MemoryMax:t=1048576" },
	{ true, "memory.max", "max", "MemoryMax:t=" MAX },
	{ true, "memory.max", "0", "MemoryMax:t=0" },
	{ true, "memory.max", "1G", "MemoryMax:t=1073741824" },
	{ true, "memory.max", "3k", "MemoryMax:t=3072" },
	{ true, "memory.max", "99999999999G", "MemoryMax:t=" MAX },
	{ true, "memory.max", "", "" },
	{ true, "memory.max", "1x", "" },
	{ true, "memory.max", "1GG", "" },
	{ true, "memory.high", "5M", "MemoryHigh:t=5242880" },
	{ true, "memory.low", "7", "MemoryLow:t=7" },
	{ true, "memory.min", "max", "MemoryMin:t=" MAX },
	{ true, "memory.swap.max", "0", "MemorySwapMax:t=0" },
	{ true, "memory.swap.max", "max", "MemorySwapMax:t=" MAX },
	{ true, "memory.oom.group", "1", "OOMPolicy:s=kill" },
	{ true, "memory.oom.group", "0", "OOMPolicy:s=continue" },
	{ true, "memory.oom.group", "2", "" },
	{ true, "cpu.weight", "100", "CPUWeight:t=100" },
	{ true, "cpu.weight", "max", "" },
	{ true, "cpu.idle", "1", "CPUWeight:t=0" },
	{ true, "cpu.idle", "0", "CPUWeight:t=100" },
	{ true, "cpu.max", "50000 100000",
	  "CPUQuotaPerSecUSec:t=500000 CPUQuotaPeriodUSec:t=100000" },
	/* Up to the next 10 ms, never down. */
	{ true, "cpu.max", "50001 100000",
	  "CPUQuotaPerSecUSec:t=510000 CPUQuotaPeriodUSec:t=100000" },
	{ true, "cpu.max", "1000 1000000",
	  "CPUQuotaPerSecUSec:t=10000 CPUQuotaPeriodUSec:t=1000000" },
	{ true, "cpu.max", "20000", "CPUQuotaPerSecUSec:t=200000" },
	{ true, "cpu.max", "max", "CPUQuotaPerSecUSec:t=" MAX },
	{ true, "cpu.max", "max 50000", "CPUQuotaPerSecUSec:t=" MAX " CPUQuotaPeriodUSec:t=50000" },
	{ true, "cpu.max", "18446744073709551614 1000",
	  "CPUQuotaPerSecUSec:t=" MAX " CPUQuotaPeriodUSec:t=1000" },
	{ true, "cpu.max", "1000 0", "" },
	{ true, "cpu.max", "1000 ", "" },
	{ true, "cpu.max.burst", "1000", "" },
	{ true, "cpuset.cpus", "0", "AllowedCPUs:ay=01" },
	{ true, "cpuset.cpus", "0-2,8", "AllowedCPUs:ay=0701" },
	{ true, "cpuset.cpus", "15", "AllowedCPUs:ay=0080" },
	{ true, "cpuset.cpus", "8,0-1", "AllowedCPUs:ay=0301" },
	{ true, "cpuset.cpus", "", "AllowedCPUs:ay=" },
	{ true, "cpuset.cpus", "3-1", "" },
	{ true, "cpuset.cpus", "a", "" },
	{ true, "cpuset.cpus", "0-8192", "" },
	{ true, "cpuset.cpus", "99999999999999999999", "" },
	{ true, "cpuset.mems", "0-1", "AllowedMemoryNodes:ay=03" },
	{ true, "pids.max", "0", "TasksMax:t=1" },
	{ true, "pids.max", "20", "TasksMax:t=20" },
	{ true, "pids.max", "max", "TasksMax:t=" MAX },
	{ true, "io.weight", "4951", "IOWeight:t=4951" },
	{ true, "io.weight", "default 200", "IOWeight:t=200" },
	{ true, "io.weight", "8:0 200", "" },
	{ true, "io.bfq.weight", "10", "IOWeight:t=10" },
	{ true, "io.bfq.weight", "100", "IOWeight:t=100" },
	{ true, "io.bfq.weight", "1000", "IOWeight:t=10000" },
	{ true, "io.bfq.weight", "8:0 500", "" },
	{ true, "io.max", "8:0 rbps=1", "" },
	{ true, "hugetlb.2MB.max", "0", "" },
	{ true, "cpu.shares", "1024", "" },
	{ false, "memory.limit_in_bytes", "4096", "MemoryLimit:t=4096" },
	{ false, "memory.limit_in_bytes", "-1", "MemoryLimit:t=" MAX },
	{ false, "memory.memsw.limit_in_bytes", "1", "" },
	{ false, "memory.soft_limit_in_bytes", "1", "" },
	{ false, "cpu.shares", "1024", "CPUShares:t=1024" },
	{ false, "cpu.shares", "1", "CPUShares:t=2" },
	{ false, "cpu.shares", "300000", "CPUShares:t=262144" },
	{ false, "cpu.cfs_period_us", "50000", "CPUQuotaPeriodUSec:t=50000" },
	{ false, "cpu.cfs_quota_us", "20000", "CPUQuotaPerSecUSec:t=200000" },
	{ false, "cpu.cfs_quota_us", "20000 50000",
	  "CPUQuotaPerSecUSec:t=400000 CPUQuotaPeriodUSec:t=50000" },
	{ false, "cpu.cfs_quota_us", "-1", "CPUQuotaPerSecUSec:t=" MAX },
	{ false, "pids.max", "max", "TasksMax:t=" MAX },
	{ false, "blkio.weight", "500", "BlockIOWeight:t=500" },
	{ false, "blkio.bfq.weight", "1", "BlockIOWeight:t=10" },
	{ false, "cpuset.cpus", "0", "" },
	{ false, "memory.max", "1", "" },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct arena a = { 0 };
		struct unit_property out[2];
		char got[4096] = "";
		size_t n = systemd_properties(rows[i].v2, rows[i].file, rows[i].text, out, &a);

		for (size_t j = 0; j < n; j++)
			snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s:%s=%s",
			         j ? " " : "", out[j].name, out[j].type, out[j].text);
		if (strcmp(got, rows[i].want) != 0)
			fail_msg("%s = %s: \"%s\", expected \"%s\"", rows[i].file, rows[i].text,
			         got, rows[i].want);
		arena_done(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_rows) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
