/* stats: the lines that `events` prints, as runc's do: one JSON object each. Times are nanoseconds, sizes bytes. In a
 * document of ours everything is there, as 0, [] or {} where there is nothing to tell, and psi if the host has it. */
#pragma once
#include "libocispec-lite/schema.h"

/* Pressure stall information, the numbers as the kernel writes them: per cent of the last 10, 60 and 300 seconds, and
 * microseconds in all. */
struct oci_psi_line {
	char *avg10, *avg60, *avg300;
	struct oci_u64 total;
};
struct oci_psi {
	struct oci_psi_line *some, *full;
};

struct oci_stats_cpu_usage {
	struct oci_u64 total;
	OCI_VEC(uint64_t) percpu, percpu_kernel, percpu_user; /* v1 only */
	struct oci_u64 kernel, user;
};
struct oci_stats_throttling {
	struct oci_u64 periods, throttled_periods, throttled_time;
};
struct oci_stats_cpu {
	struct oci_stats_cpu_usage *usage;
	struct oci_stats_throttling *throttling;
	struct oci_psi *psi;
};

struct oci_stats_cpuset {
	OCI_VEC(uint64_t) cpus;
	struct oci_u64 cpu_exclusive;
	OCI_VEC(uint64_t) mems;
	struct oci_u64 mem_hardwall, mem_exclusive, memory_migrate, memory_spread_page;
	struct oci_u64 memory_spread_slab, memory_pressure, sched_load_balance;
	struct oci_i64 sched_relax_domain_level;
};

/* limit: UINT64_MAX is none; v1 has its own number for it, the largest multiple of a page. max: the most so far. */
struct oci_stats_memory_entry {
	struct oci_u64 limit, usage, max, failcnt;
};
struct oci_stats_memory {
	struct oci_u64 cache;
	struct oci_stats_memory_entry *usage, *swap, *kernel, *kernel_tcp; /* swap: with memory */
	OCI_VEC(struct oci_entry) raw;                                     /* memory.stat */
	struct oci_psi *psi;
};

/* limit: 0 is none. */
struct oci_stats_pids {
	struct oci_u64 current, limit;
};

struct oci_stats_io_entry {
	struct oci_u64 major, minor;
	char *op; /* "Read", "Write" ...; absent in the lists of times and sectors */
	struct oci_u64 value;
};
struct oci_stats_io {
	OCI_VEC(struct oci_stats_io_entry)
	service_bytes, serviced, queued, service_time, wait_time, merged, time, sectors;
	struct oci_psi *psi;
};

struct oci_stats_hugetlb {
	char *key; /* "2MB" */
	struct oci_u64 usage, max, failcnt;
};

struct oci_stats_interface {
	char *name;
	struct oci_u64 rx_bytes, rx_packets, rx_errors, rx_dropped;
	struct oci_u64 tx_bytes, tx_packets, tx_errors, tx_dropped;
};

struct oci_stats {
	struct oci_stats_cpu *cpu;
	struct oci_stats_cpuset *cpuset;
	struct oci_stats_memory *memory;
	struct oci_stats_pids *pids;
	struct oci_stats_io *blkio;
	OCI_VEC(struct oci_stats_hugetlb) hugetlb;
	OCI_VEC(struct oci_stats_interface) network_interfaces;
};
extern const struct oci_schema oci_psi_schema, oci_stats_schema;

struct oci_event {
	char *type; /* stats, oom */
	char *id;
	struct oci_stats *data; /* of stats */
};
extern const struct oci_schema oci_event_schema;
