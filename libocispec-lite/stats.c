/* stats: the tables of the lines that `events` prints, in the key order that runc prints. */
#include "libocispec-lite/stats.h"
#include "libocispec-lite/rows.h"

/* clang-format off */

OCI_SCHEMA_LOCAL(oci_psi_line,
	NUM(oci_psi_line, avg10,  "avg10",  OCI_REQUIRED),
	NUM(oci_psi_line, avg60,  "avg60",  OCI_REQUIRED),
	NUM(oci_psi_line, avg300, "avg300", OCI_REQUIRED),
	U64(oci_psi_line, total,  "total",  OCI_REQUIRED));

OCI_SCHEMA(oci_psi,
	OBJ(oci_psi, some, "some", OCI_REQUIRED, oci_psi_line),
	OBJ(oci_psi, full, "full", OCI_REQUIRED, oci_psi_line));

OCI_SCHEMA_LOCAL(oci_stats_cpu_usage,
	U64 (oci_stats_cpu_usage, total,         "total",         OCI_REQUIRED),
	U64S(oci_stats_cpu_usage, percpu,        "percpu",        OCI_REQUIRED),
	U64S(oci_stats_cpu_usage, percpu_kernel, "percpu_kernel", OCI_REQUIRED),
	U64S(oci_stats_cpu_usage, percpu_user,   "percpu_user",   OCI_REQUIRED),
	U64 (oci_stats_cpu_usage, kernel,        "kernel",        OCI_REQUIRED),
	U64 (oci_stats_cpu_usage, user,          "user",          OCI_REQUIRED));

OCI_SCHEMA_LOCAL(oci_stats_throttling,
	U64(oci_stats_throttling, periods,           "periods",          OCI_REQUIRED),
	U64(oci_stats_throttling, throttled_periods, "throttledPeriods", OCI_REQUIRED),
	U64(oci_stats_throttling, throttled_time,    "throttledTime",    OCI_REQUIRED));

OCI_SCHEMA_LOCAL(oci_stats_cpu,
	OBJ(oci_stats_cpu, usage,      "usage",      OCI_REQUIRED, oci_stats_cpu_usage),
	OBJ(oci_stats_cpu, throttling, "throttling", OCI_REQUIRED, oci_stats_throttling),
	OBJ(oci_stats_cpu, psi,        "psi",        0,            oci_psi));

OCI_SCHEMA_LOCAL(oci_stats_cpuset,
	U32S(oci_stats_cpuset, cpus,                     "cpus",                     OCI_REQUIRED),
	U64 (oci_stats_cpuset, cpu_exclusive,            "cpu_exclusive",            OCI_REQUIRED),
	U32S(oci_stats_cpuset, mems,                     "mems",                     OCI_REQUIRED),
	U64 (oci_stats_cpuset, mem_hardwall,             "mem_hardwall",             OCI_REQUIRED),
	U64 (oci_stats_cpuset, mem_exclusive,            "mem_exclusive",            OCI_REQUIRED),
	U64 (oci_stats_cpuset, memory_migrate,           "memory_migrate",           OCI_REQUIRED),
	U64 (oci_stats_cpuset, memory_spread_page,       "memory_spread_page",       OCI_REQUIRED),
	U64 (oci_stats_cpuset, memory_spread_slab,       "memory_spread_slab",       OCI_REQUIRED),
	U64 (oci_stats_cpuset, memory_pressure,          "memory_pressure",          OCI_REQUIRED),
	U64 (oci_stats_cpuset, sched_load_balance,       "sched_load_balance",       OCI_REQUIRED),
	I64 (oci_stats_cpuset, sched_relax_domain_level, "sched_relax_domain_level", OCI_REQUIRED));

OCI_SCHEMA_LOCAL(oci_stats_memory_entry,
	U64(oci_stats_memory_entry, limit,   "limit",   OCI_REQUIRED),
	U64(oci_stats_memory_entry, usage,   "usage",   OCI_REQUIRED),
	U64(oci_stats_memory_entry, max,     "max",     OCI_REQUIRED),
	U64(oci_stats_memory_entry, failcnt, "failcnt", OCI_REQUIRED));

OCI_SCHEMA_LOCAL(oci_stats_memory,
	U64   (oci_stats_memory, cache,      "cache",     OCI_REQUIRED),
	OBJ   (oci_stats_memory, usage,      "usage",     OCI_REQUIRED, oci_stats_memory_entry),
	OBJ   (oci_stats_memory, swap,       "swap",      OCI_REQUIRED, oci_stats_memory_entry),
	OBJ   (oci_stats_memory, kernel,     "kernel",    OCI_REQUIRED, oci_stats_memory_entry),
	OBJ   (oci_stats_memory, kernel_tcp, "kernelTCP", OCI_REQUIRED, oci_stats_memory_entry),
	NUMMAP(oci_stats_memory, raw,        "raw",       OCI_REQUIRED),
	OBJ   (oci_stats_memory, psi,        "psi",       0,            oci_psi));

OCI_SCHEMA_LOCAL(oci_stats_pids,
	U64(oci_stats_pids, current, "current", OCI_REQUIRED),
	U64(oci_stats_pids, limit,   "limit",   OCI_REQUIRED));

OCI_SCHEMA_LOCAL(oci_stats_io_entry,
	U64(oci_stats_io_entry, major, "major", OCI_REQUIRED),
	U64(oci_stats_io_entry, minor, "minor", OCI_REQUIRED),
	STR(oci_stats_io_entry, op,    "op",    0),
	U64(oci_stats_io_entry, value, "value", OCI_REQUIRED));

OCI_SCHEMA_LOCAL(oci_stats_io,
	OBJS(oci_stats_io, service_bytes, "ioServiceBytesRecursive", OCI_REQUIRED, oci_stats_io_entry),
	OBJS(oci_stats_io, serviced,      "ioServicedRecursive",     OCI_REQUIRED, oci_stats_io_entry),
	OBJS(oci_stats_io, queued,        "ioQueueRecursive",        OCI_REQUIRED, oci_stats_io_entry),
	OBJS(oci_stats_io, service_time,  "ioServiceTimeRecursive",  OCI_REQUIRED, oci_stats_io_entry),
	OBJS(oci_stats_io, wait_time,     "ioWaitTimeRecursive",     OCI_REQUIRED, oci_stats_io_entry),
	OBJS(oci_stats_io, merged,        "ioMergedRecursive",       OCI_REQUIRED, oci_stats_io_entry),
	OBJS(oci_stats_io, time,          "ioTimeRecursive",         OCI_REQUIRED, oci_stats_io_entry),
	OBJS(oci_stats_io, sectors,       "sectorsRecursive",        OCI_REQUIRED, oci_stats_io_entry),
	OBJ (oci_stats_io, psi,           "psi",                     0,            oci_psi));

OCI_SCHEMA_LOCAL(oci_stats_hugetlb,
	U64(oci_stats_hugetlb, usage,   "usage",   OCI_REQUIRED),
	U64(oci_stats_hugetlb, max,     "max",     OCI_REQUIRED),
	U64(oci_stats_hugetlb, failcnt, "failcnt", OCI_REQUIRED));

OCI_SCHEMA_LOCAL(oci_stats_interface,
	STR(oci_stats_interface, name,       "Name",      OCI_REQUIRED),
	U64(oci_stats_interface, rx_bytes,   "RxBytes",   OCI_REQUIRED),
	U64(oci_stats_interface, rx_packets, "RxPackets", OCI_REQUIRED),
	U64(oci_stats_interface, rx_errors,  "RxErrors",  OCI_REQUIRED),
	U64(oci_stats_interface, rx_dropped, "RxDropped", OCI_REQUIRED),
	U64(oci_stats_interface, tx_bytes,   "TxBytes",   OCI_REQUIRED),
	U64(oci_stats_interface, tx_packets, "TxPackets", OCI_REQUIRED),
	U64(oci_stats_interface, tx_errors,  "TxErrors",  OCI_REQUIRED),
	U64(oci_stats_interface, tx_dropped, "TxDropped", OCI_REQUIRED));

OCI_SCHEMA(oci_stats,
	OBJ   (oci_stats, cpu,                "cpu",                OCI_REQUIRED, oci_stats_cpu),
	OBJ   (oci_stats, cpuset,             "cpuset",             OCI_REQUIRED, oci_stats_cpuset),
	OBJ   (oci_stats, memory,             "memory",             OCI_REQUIRED, oci_stats_memory),
	OBJ   (oci_stats, pids,               "pids",               OCI_REQUIRED, oci_stats_pids),
	OBJ   (oci_stats, blkio,              "blkio",              OCI_REQUIRED, oci_stats_io),
	OBJMAP(oci_stats, hugetlb,            "hugetlb",            OCI_REQUIRED, oci_stats_hugetlb),
	OBJS  (oci_stats, network_interfaces, "network_interfaces", OCI_REQUIRED, oci_stats_interface));

static const char *const types[] = { "stats", "oom", NULL };

OCI_SCHEMA(oci_event,
	WORD(oci_event, type, "type", OCI_REQUIRED, types),
	STR (oci_event, id,   "id",   OCI_REQUIRED),
	OBJ (oci_event, data, "data", 0, oci_stats));
