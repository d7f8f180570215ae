/* config: config.json of runtime-spec 1.3, its Linux part whole (config.md, config-linux.md). Names are the spec's in
 * snake case. A pointer is NULL, a vector empty, a number's set false where the property is absent. */
#pragma once
#include "libocispec-lite/schema.h"

struct oci_id_mapping {
	struct oci_u64 container_id, host_id, size;
};
struct oci_root {
	char *path;
	struct oci_bool readonly;
};
struct oci_mount {
	char *destination, *type, *source;
	OCI_VEC(char *) options;
	OCI_VEC(struct oci_id_mapping) uid_mappings, gid_mappings;
};

/* process */
struct oci_box { /* consoleSize, in characters */
	struct oci_u64 height, width;
};
struct oci_user {
	struct oci_u64 uid, gid, umask;
	OCI_VEC(uint64_t) additional_gids;
	char *username; /* Windows; ignored */
};
struct oci_capabilities {
	OCI_VEC(char *) bounding, effective, inheritable, permitted, ambient;
};
struct oci_rlimit {
	char *type;
	struct oci_u64 soft, hard;
};
struct oci_scheduler {
	char *policy;
	struct oci_i64 nice, priority;
	OCI_VEC(char *) flags;
	struct oci_u64 runtime, deadline, period; /* nanoseconds */
};
struct oci_io_priority {
	char *class_;
	struct oci_i64 priority;
};
struct oci_exec_cpu_affinity {
	char *initial, *final;
};
struct oci_process {
	struct oci_bool terminal;
	struct oci_box *console_size;
	struct oci_user *user;
	OCI_VEC(char *) args;
	char *command_line; /* Windows; ignored */
	OCI_VEC(char *) env;
	char *cwd;
	struct oci_capabilities *capabilities;
	OCI_VEC(struct oci_rlimit) rlimits;
	struct oci_bool no_new_privileges;
	char *apparmor_profile;
	struct oci_i64 oom_score_adj;
	struct oci_scheduler *scheduler;
	char *selinux_label;
	struct oci_io_priority *io_priority;
	struct oci_exec_cpu_affinity *exec_cpu_affinity;
};

/* hooks */
struct oci_hook {
	char *path;
	OCI_VEC(char *) args, env;
	struct oci_i64 timeout; /* seconds */
};
struct oci_hooks {
	OCI_VEC(struct oci_hook)
	prestart, create_runtime, create_container, start_container, poststart, poststop;
};

/* linux */
struct oci_namespace {
	char *type, *path;
};
struct oci_device {
	char *type, *path; /* type: c b u p */
	struct oci_i64 major, minor;
	struct oci_u64 file_mode; /* decimal in JSON, 0 to 0777 (4095 tolerated) */
	struct oci_u64 uid, gid;
};
struct oci_net_device {
	char *key; /* the device's name on the host */
	char *name;
};
struct oci_device_cgroup {
	struct oci_bool allow;
	char *type; /* a b c */
	struct oci_i64 major, minor;
	char *access; /* of r w m */
};
struct oci_memory {
	struct oci_i64 limit, reservation, swap, kernel, kernel_tcp; /* bytes, -1: unlimited */
	struct oci_u64 swappiness;
	struct oci_bool disable_oom_killer, use_hierarchy, check_before_update;
};
struct oci_cpu {
	struct oci_u64 shares;
	struct oci_i64 quota;  /* microseconds */
	struct oci_u64 burst;  /* microseconds */
	struct oci_u64 period; /* microseconds */
	struct oci_i64 realtime_runtime;
	struct oci_u64 realtime_period;
	char *cpus, *mems;
	struct oci_i64 idle;
};
struct oci_pids {
	struct oci_i64 limit;
};
struct oci_weight_device {
	struct oci_i64 major, minor;
	struct oci_u64 weight, leaf_weight;
};
struct oci_throttle_device {
	struct oci_i64 major, minor;
	struct oci_u64 rate;
};
struct oci_block_io {
	struct oci_u64 weight, leaf_weight;
	OCI_VEC(struct oci_weight_device) weight_device;
	OCI_VEC(struct oci_throttle_device)
	throttle_read_bps, throttle_write_bps, throttle_read_iops, throttle_write_iops;
};
struct oci_hugepage_limit {
	char *page_size;
	struct oci_u64 limit;
};
struct oci_interface_priority {
	char *name;
	struct oci_u64 priority;
};
struct oci_network {
	struct oci_u64 class_id;
	OCI_VEC(struct oci_interface_priority) priorities;
};
struct oci_rdma {
	char *key; /* the device */
	struct oci_u64 hca_handles, hca_objects;
};
struct oci_resources {
	OCI_VEC(struct oci_device_cgroup) devices;
	struct oci_memory *memory;
	struct oci_cpu *cpu;
	struct oci_pids *pids;
	struct oci_block_io *block_io;
	OCI_VEC(struct oci_hugepage_limit) hugepage_limits;
	struct oci_network *network;
	OCI_VEC(struct oci_rdma) rdma;
	OCI_VEC(struct oci_entry) unified;
};
extern const struct oci_schema oci_resources_schema;

struct oci_seccomp_arg {
	struct oci_u64 index, value, value_two;
	char *op;
};
struct oci_seccomp_syscall {
	OCI_VEC(char *) names;
	char *action;
	struct oci_u64 errno_ret;
	OCI_VEC(struct oci_seccomp_arg) args;
};
struct oci_seccomp {
	char *default_action;
	struct oci_u64 default_errno_ret;
	OCI_VEC(char *) architectures, flags;
	char *listener_path, *listener_metadata;
	OCI_VEC(struct oci_seccomp_syscall) syscalls;
};
struct oci_intel_rdt {
	char *clos_id;
	OCI_VEC(char *) schemata;
	char *l3_cache_schema, *mem_bw_schema;
	struct oci_bool enable_monitoring, enable_cmt, enable_mbm; /* the last two: before 1.3 */
};
struct oci_memory_policy {
	char *mode, *nodes;
	OCI_VEC(char *) flags;
};
struct oci_personality {
	char *domain;
	OCI_VEC(char *) flags;
};
struct oci_time_offset {
	struct oci_i64 secs;
	struct oci_u64 nanosecs;
};
struct oci_time_offsets {
	struct oci_time_offset *boottime, *monotonic;
};
struct oci_linux {
	OCI_VEC(struct oci_namespace) namespaces;
	OCI_VEC(struct oci_id_mapping) uid_mappings, gid_mappings;
	struct oci_time_offsets *time_offsets;
	OCI_VEC(struct oci_device) devices;
	OCI_VEC(struct oci_net_device) net_devices;
	char *cgroups_path;
	struct oci_resources *resources;
	struct oci_intel_rdt *intel_rdt;
	struct oci_memory_policy *memory_policy;
	OCI_VEC(struct oci_entry) sysctl;
	struct oci_seccomp *seccomp;
	char *rootfs_propagation;
	OCI_VEC(char *) masked_paths, readonly_paths;
	char *mount_label;
	struct oci_personality *personality;
};

struct oci_config {
	char *version; /* ociVersion */
	struct oci_process *process;
	struct oci_root *root;
	char *hostname, *domainname;
	OCI_VEC(struct oci_mount) mounts;
	struct oci_hooks *hooks;
	OCI_VEC(struct oci_entry) annotations;
	struct oci_linux *linux_;
};

extern const struct oci_schema oci_config_schema, oci_process_schema, oci_mount_schema;
