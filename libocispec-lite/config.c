/* config: the tables of config.json, runtime-spec 1.3. Rows stand in the order in which encode writes them. */
#include "libocispec-lite/config.h"
#include "libocispec-lite/rows.h"

/* clang-format off */

static const char *const namespace_types[] = {
	"mount", "pid", "network", "uts", "ipc", "user", "cgroup", "time", NULL
};
static const char *const device_types[] = { "c", "b", "u", "p", NULL };
static const char *const device_cgroup_types[] = { "a", "b", "c", NULL };
static const char *const propagations[] = {
	"private", "shared", "slave", "unbindable",
	/* Not in the spec; runc takes them and engines write them. */
	"rprivate", "rshared", "rslave", "runbindable", NULL
};
static const char *const personality_domains[] = { "LINUX", "LINUX32", NULL };
static const char *const memory_policy_modes[] = {
	"MPOL_DEFAULT", "MPOL_BIND", "MPOL_INTERLEAVE", "MPOL_WEIGHTED_INTERLEAVE",
	"MPOL_PREFERRED", "MPOL_PREFERRED_MANY", "MPOL_LOCAL", NULL
};
static const char *const memory_policy_flags[] = {
	"MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES", NULL
};
static const char *const scheduler_policies[] = {
	"SCHED_OTHER", "SCHED_FIFO", "SCHED_RR", "SCHED_BATCH", "SCHED_ISO", "SCHED_IDLE",
	"SCHED_DEADLINE", NULL
};
static const char *const scheduler_flags[] = {
	"SCHED_FLAG_RESET_ON_FORK", "SCHED_FLAG_RECLAIM", "SCHED_FLAG_DL_OVERRUN",
	"SCHED_FLAG_KEEP_POLICY", "SCHED_FLAG_KEEP_PARAMS", "SCHED_FLAG_UTIL_CLAMP_MIN",
	"SCHED_FLAG_UTIL_CLAMP_MAX", NULL
};
static const char *const io_classes[] = {
	"IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE", "IOPRIO_CLASS_IDLE", NULL
};
static const char *const seccomp_actions[] = {
	"SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_TRAP",
	"SCMP_ACT_ERRNO", "SCMP_ACT_TRACE", "SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY",
	NULL
};
static const char *const seccomp_operators[] = {
	"SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT",
	"SCMP_CMP_MASKED_EQ", NULL
};
static const char *const seccomp_flags[] = {
	"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
	"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", NULL
};
static const char *const seccomp_archs[] = {
	"SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32", "SCMP_ARCH_ARM",
	"SCMP_ARCH_AARCH64", "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K", "SCMP_ARCH_MIPS",
	"SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64",
	"SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE",
	"SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_SH", "SCMP_ARCH_SHEB",
	"SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64", NULL
};

OCI_SCHEMA_LOCAL(oci_id_mapping,
	U32(oci_id_mapping, container_id, "containerID", OCI_REQUIRED),
	U32(oci_id_mapping, host_id,      "hostID",      OCI_REQUIRED),
	U32(oci_id_mapping, size,         "size",        OCI_REQUIRED));

OCI_SCHEMA_LOCAL(oci_root,
	STR (oci_root, path,     "path",     OCI_REQUIRED),
	BOOL(oci_root, readonly, "readonly", 0));

OCI_SCHEMA(oci_mount,
	STR (oci_mount, destination,  "destination", OCI_REQUIRED),
	STR (oci_mount, type,         "type",        0),
	STR (oci_mount, source,       "source",      0),
	STRS(oci_mount, options,      "options",     0),
	OBJS(oci_mount, uid_mappings, "uidMappings", 0, oci_id_mapping),
	OBJS(oci_mount, gid_mappings, "gidMappings", 0, oci_id_mapping));

/* process */

OCI_SCHEMA_LOCAL(oci_box,
	U64(oci_box, height, "height", OCI_REQUIRED),
	U64(oci_box, width,  "width",  OCI_REQUIRED));

/* uid and gid are required by config.md, not by the JSON schema: a user object without uid must not mean root. */
OCI_SCHEMA_LOCAL(oci_user,
	U32 (oci_user, uid,             "uid",            OCI_REQUIRED),
	U32 (oci_user, gid,             "gid",            OCI_REQUIRED),
	U32 (oci_user, umask,           "umask",          0),
	U32S(oci_user, additional_gids, "additionalGids", 0),
	STR (oci_user, username,        "username",       0));

OCI_SCHEMA_LOCAL(oci_capabilities,
	STRS(oci_capabilities, bounding,    "bounding",    0),
	STRS(oci_capabilities, effective,   "effective",   0),
	STRS(oci_capabilities, inheritable, "inheritable", 0),
	STRS(oci_capabilities, permitted,   "permitted",   0),
	STRS(oci_capabilities, ambient,     "ambient",     0));

OCI_SCHEMA_LOCAL(oci_rlimit,
	STR(oci_rlimit, type, "type", OCI_REQUIRED),
	U64(oci_rlimit, soft, "soft", OCI_REQUIRED),
	U64(oci_rlimit, hard, "hard", OCI_REQUIRED));

OCI_SCHEMA_LOCAL(oci_scheduler,
	WORD (oci_scheduler, policy,   "policy",   OCI_REQUIRED, scheduler_policies),
	I32  (oci_scheduler, nice,     "nice",     0),
	I32  (oci_scheduler, priority, "priority", 0),
	WORDS(oci_scheduler, flags,    "flags",    0, scheduler_flags),
	U64  (oci_scheduler, runtime,  "runtime",  0),
	U64  (oci_scheduler, deadline, "deadline", 0),
	U64  (oci_scheduler, period,   "period",   0));

OCI_SCHEMA_LOCAL(oci_io_priority,
	WORD(oci_io_priority, class_,   "class",    OCI_REQUIRED, io_classes),
	I32 (oci_io_priority, priority, "priority", OCI_REQUIRED));

OCI_SCHEMA_LOCAL(oci_exec_cpu_affinity,
	STR(oci_exec_cpu_affinity, initial, "initial", 0),
	STR(oci_exec_cpu_affinity, final,   "final",   0));

OCI_SCHEMA(oci_process,
	BOOL(oci_process, terminal,          "terminal",        0),
	OBJ (oci_process, console_size,      "consoleSize",     0, oci_box),
	OBJ (oci_process, user,              "user",            0, oci_user),
	STRS(oci_process, args,              "args",            0),
	STR (oci_process, command_line,      "commandLine",     0),
	STRS(oci_process, env,               "env",             0),
	STR (oci_process, cwd,               "cwd",             OCI_REQUIRED),
	OBJ (oci_process, capabilities,      "capabilities",    0, oci_capabilities),
	OBJS(oci_process, rlimits,           "rlimits",         0, oci_rlimit),
	BOOL(oci_process, no_new_privileges, "noNewPrivileges", 0),
	STR (oci_process, apparmor_profile,  "apparmorProfile", 0),
	I64 (oci_process, oom_score_adj,     "oomScoreAdj",     0),
	OBJ (oci_process, scheduler,         "scheduler",       0, oci_scheduler),
	STR (oci_process, selinux_label,     "selinuxLabel",    0),
	OBJ (oci_process, io_priority,       "ioPriority",      0, oci_io_priority),
	OBJ (oci_process, exec_cpu_affinity, "execCPUAffinity", 0, oci_exec_cpu_affinity));

/* hooks */

OCI_SCHEMA_LOCAL(oci_hook,
	STR  (oci_hook, path,    "path",    OCI_REQUIRED),
	STRS (oci_hook, args,    "args",    0),
	STRS (oci_hook, env,     "env",     0),
	RANGE(oci_hook, timeout, "timeout", 0, 1, INT64_MAX));

OCI_SCHEMA_LOCAL(oci_hooks,
	OBJS(oci_hooks, prestart,         "prestart",        0, oci_hook),
	OBJS(oci_hooks, create_runtime,   "createRuntime",   0, oci_hook),
	OBJS(oci_hooks, create_container, "createContainer", 0, oci_hook),
	OBJS(oci_hooks, start_container,  "startContainer",  0, oci_hook),
	OBJS(oci_hooks, poststart,        "poststart",       0, oci_hook),
	OBJS(oci_hooks, poststop,         "poststop",        0, oci_hook));

/* linux */

OCI_SCHEMA_LOCAL(oci_namespace,
	WORD(oci_namespace, type, "type", OCI_REQUIRED, namespace_types),
	STR (oci_namespace, path, "path", 0));

OCI_SCHEMA_LOCAL(oci_device,
	WORD(oci_device, type,      "type",     OCI_REQUIRED, device_types),
	STR (oci_device, path,      "path",     OCI_REQUIRED),
	I64 (oci_device, major,     "major",    0),
	I64 (oci_device, minor,     "minor",    0),
	/* A whole st_mode: podman leaves the bits of the file's type in it. */
	UPTO(oci_device, file_mode, "fileMode", 0, 0177777),
	U32 (oci_device, uid,       "uid",      0),
	U32 (oci_device, gid,       "gid",      0));

OCI_SCHEMA_LOCAL(oci_net_device,
	STR(oci_net_device, name, "name", 0));

OCI_SCHEMA_LOCAL(oci_device_cgroup,
	BOOL(oci_device_cgroup, allow,  "allow",  OCI_REQUIRED),
	WORD(oci_device_cgroup, type,   "type",   0, device_cgroup_types),
	I64 (oci_device_cgroup, major,  "major",  0),
	I64 (oci_device_cgroup, minor,  "minor",  0),
	STR (oci_device_cgroup, access, "access", 0));

OCI_SCHEMA_LOCAL(oci_memory,
	I64 (oci_memory, limit,               "limit",             0),
	I64 (oci_memory, reservation,         "reservation",       0),
	I64 (oci_memory, swap,                "swap",              0),
	I64 (oci_memory, kernel,              "kernel",            0),
	I64 (oci_memory, kernel_tcp,          "kernelTCP",         0),
	U64 (oci_memory, swappiness,          "swappiness",        0),
	BOOL(oci_memory, disable_oom_killer,  "disableOOMKiller",  0),
	BOOL(oci_memory, use_hierarchy,       "useHierarchy",      0),
	BOOL(oci_memory, check_before_update, "checkBeforeUpdate", 0));

OCI_SCHEMA_LOCAL(oci_cpu,
	U64(oci_cpu, shares,           "shares",          0),
	I64(oci_cpu, quota,            "quota",           0),
	U64(oci_cpu, burst,            "burst",           0),
	U64(oci_cpu, period,           "period",          0),
	I64(oci_cpu, realtime_runtime, "realtimeRuntime", 0),
	U64(oci_cpu, realtime_period,  "realtimePeriod",  0),
	STR(oci_cpu, cpus,             "cpus",            0),
	STR(oci_cpu, mems,             "mems",            0),
	I64(oci_cpu, idle,             "idle",            0));

OCI_SCHEMA_LOCAL(oci_pids,
	I64(oci_pids, limit, "limit", OCI_REQUIRED));

OCI_SCHEMA_LOCAL(oci_weight_device,
	I64(oci_weight_device, major,       "major",      OCI_REQUIRED),
	I64(oci_weight_device, minor,       "minor",      OCI_REQUIRED),
	U16(oci_weight_device, weight,      "weight",     0),
	U16(oci_weight_device, leaf_weight, "leafWeight", 0));

OCI_SCHEMA_LOCAL(oci_throttle_device,
	I64(oci_throttle_device, major, "major", OCI_REQUIRED),
	I64(oci_throttle_device, minor, "minor", OCI_REQUIRED),
	U64(oci_throttle_device, rate,  "rate",  0));

OCI_SCHEMA_LOCAL(oci_block_io,
	U16 (oci_block_io, weight,              "weight",                  0),
	U16 (oci_block_io, leaf_weight,         "leafWeight",              0),
	OBJS(oci_block_io, weight_device,       "weightDevice",            0, oci_weight_device),
	OBJS(oci_block_io, throttle_read_bps,   "throttleReadBpsDevice",   0, oci_throttle_device),
	OBJS(oci_block_io, throttle_write_bps,  "throttleWriteBpsDevice",  0, oci_throttle_device),
	OBJS(oci_block_io, throttle_read_iops,  "throttleReadIOPSDevice",  0, oci_throttle_device),
	OBJS(oci_block_io, throttle_write_iops, "throttleWriteIOPSDevice", 0, oci_throttle_device));

OCI_SCHEMA_LOCAL(oci_hugepage_limit,
	STR(oci_hugepage_limit, page_size, "pageSize", OCI_REQUIRED),
	U64(oci_hugepage_limit, limit,     "limit",    OCI_REQUIRED));

OCI_SCHEMA_LOCAL(oci_interface_priority,
	STR(oci_interface_priority, name,     "name",     OCI_REQUIRED),
	U32(oci_interface_priority, priority, "priority", OCI_REQUIRED));

OCI_SCHEMA_LOCAL(oci_network,
	U32 (oci_network, class_id,   "classID",    0),
	OBJS(oci_network, priorities, "priorities", 0, oci_interface_priority));

OCI_SCHEMA_LOCAL(oci_rdma,
	U32(oci_rdma, hca_handles, "hcaHandles", 0),
	U32(oci_rdma, hca_objects, "hcaObjects", 0));

OCI_SCHEMA(oci_resources,
	OBJS  (oci_resources, devices,         "devices",        0, oci_device_cgroup),
	OBJ   (oci_resources, memory,          "memory",         0, oci_memory),
	OBJ   (oci_resources, cpu,             "cpu",            0, oci_cpu),
	OBJ   (oci_resources, pids,            "pids",           0, oci_pids),
	OBJ   (oci_resources, block_io,        "blockIO",        0, oci_block_io),
	OBJS  (oci_resources, hugepage_limits, "hugepageLimits", 0, oci_hugepage_limit),
	OBJ   (oci_resources, network,         "network",        0, oci_network),
	OBJMAP(oci_resources, rdma,            "rdma",           0, oci_rdma),
	MAP   (oci_resources, unified,         "unified",        0));

OCI_SCHEMA_LOCAL(oci_seccomp_arg,
	U32 (oci_seccomp_arg, index,     "index",    OCI_REQUIRED),
	U64 (oci_seccomp_arg, value,     "value",    OCI_REQUIRED),
	U64 (oci_seccomp_arg, value_two, "valueTwo", 0),
	WORD(oci_seccomp_arg, op,        "op",       OCI_REQUIRED, seccomp_operators));

OCI_SCHEMA_LOCAL(oci_seccomp_syscall,
	STRS(oci_seccomp_syscall, names,     "names",    OCI_REQUIRED),
	WORD(oci_seccomp_syscall, action,    "action",   OCI_REQUIRED, seccomp_actions),
	U32 (oci_seccomp_syscall, errno_ret, "errnoRet", 0),
	OBJS(oci_seccomp_syscall, args,      "args",     0, oci_seccomp_arg));

OCI_SCHEMA_LOCAL(oci_seccomp,
	WORD (oci_seccomp, default_action,    "defaultAction",    OCI_REQUIRED, seccomp_actions),
	U32  (oci_seccomp, default_errno_ret, "defaultErrnoRet",  0),
	WORDS(oci_seccomp, architectures,     "architectures",    0, seccomp_archs),
	WORDS(oci_seccomp, flags,             "flags",            0, seccomp_flags),
	STR  (oci_seccomp, listener_path,     "listenerPath",     0),
	STR  (oci_seccomp, listener_metadata, "listenerMetadata", 0),
	OBJS (oci_seccomp, syscalls,          "syscalls",         0, oci_seccomp_syscall));

OCI_SCHEMA_LOCAL(oci_intel_rdt,
	STR (oci_intel_rdt, clos_id,           "closID",           0),
	STRS(oci_intel_rdt, schemata,          "schemata",         0),
	STR (oci_intel_rdt, l3_cache_schema,   "l3CacheSchema",    0),
	STR (oci_intel_rdt, mem_bw_schema,     "memBwSchema",      0),
	BOOL(oci_intel_rdt, enable_monitoring, "enableMonitoring", 0),
	BOOL(oci_intel_rdt, enable_cmt,        "enableCMT",        0),
	BOOL(oci_intel_rdt, enable_mbm,        "enableMBM",        0));

OCI_SCHEMA_LOCAL(oci_memory_policy,
	WORD (oci_memory_policy, mode,  "mode",  OCI_REQUIRED, memory_policy_modes),
	STR  (oci_memory_policy, nodes, "nodes", 0),
	WORDS(oci_memory_policy, flags, "flags", 0, memory_policy_flags));

OCI_SCHEMA_LOCAL(oci_personality,
	WORD(oci_personality, domain, "domain", OCI_REQUIRED, personality_domains),
	STRS(oci_personality, flags,  "flags",  0));

OCI_SCHEMA_LOCAL(oci_time_offset,
	I64(oci_time_offset, secs,     "secs",     0),
	U32(oci_time_offset, nanosecs, "nanosecs", 0));

OCI_SCHEMA_LOCAL(oci_time_offsets,
	OBJ(oci_time_offsets, boottime,  "boottime",  0, oci_time_offset),
	OBJ(oci_time_offsets, monotonic, "monotonic", 0, oci_time_offset));

OCI_SCHEMA_LOCAL(oci_linux,
	OBJS  (oci_linux, namespaces,         "namespaces",        0, oci_namespace),
	OBJS  (oci_linux, uid_mappings,       "uidMappings",       0, oci_id_mapping),
	OBJS  (oci_linux, gid_mappings,       "gidMappings",       0, oci_id_mapping),
	OBJ   (oci_linux, time_offsets,       "timeOffsets",       0, oci_time_offsets),
	OBJS  (oci_linux, devices,            "devices",           0, oci_device),
	OBJMAP(oci_linux, net_devices,        "netDevices",        0, oci_net_device),
	STR   (oci_linux, cgroups_path,       "cgroupsPath",       0),
	OBJ   (oci_linux, resources,          "resources",         0, oci_resources),
	OBJ   (oci_linux, intel_rdt,          "intelRdt",          0, oci_intel_rdt),
	OBJ   (oci_linux, memory_policy,      "memoryPolicy",      0, oci_memory_policy),
	MAP   (oci_linux, sysctl,             "sysctl",            0),
	OBJ   (oci_linux, seccomp,            "seccomp",           0, oci_seccomp),
	WORD  (oci_linux, rootfs_propagation, "rootfsPropagation", 0, propagations),
	STRS  (oci_linux, masked_paths,       "maskedPaths",       0),
	STRS  (oci_linux, readonly_paths,     "readonlyPaths",     0),
	STR   (oci_linux, mount_label,        "mountLabel",        0),
	OBJ   (oci_linux, personality,        "personality",       0, oci_personality));

OCI_SCHEMA(oci_config,
	STR (oci_config, version,     "ociVersion",  OCI_REQUIRED),
	OBJ (oci_config, process,     "process",     0, oci_process),
	OBJ (oci_config, root,        "root",        0, oci_root),
	STR (oci_config, hostname,    "hostname",    0),
	STR (oci_config, domainname,  "domainname",  0),
	OBJS(oci_config, mounts,      "mounts",      0, oci_mount),
	OBJ (oci_config, hooks,       "hooks",       0, oci_hooks),
	MAP (oci_config, annotations, "annotations", 0),
	OBJ (oci_config, linux_,      "linux",       0, oci_linux),
	ANY ("solaris"),
	ANY ("windows"),
	ANY ("vm"),
	ANY ("zos"),
	ANY ("freebsd"));
