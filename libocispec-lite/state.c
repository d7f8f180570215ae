/* state: the tables of the state and features documents, in the key order that runc prints. */
#include "libocispec-lite/state.h"
#include "libocispec-lite/rows.h"

/* clang-format off */

static const char *const statuses[] = {
	"creating", "created", "running", "paused", "stopped", NULL
};

OCI_SCHEMA(oci_state,
	STR  (oci_state, version,     "ociVersion",  OCI_REQUIRED),
	STR  (oci_state, id,          "id",          OCI_REQUIRED),
	RANGE(oci_state, pid,         "pid",         0, 0, INT64_MAX),
	WORD (oci_state, status,      "status",      OCI_REQUIRED, statuses),
	STR  (oci_state, bundle,      "bundle",      OCI_REQUIRED),
	STR  (oci_state, rootfs,      "rootfs",      0),
	STR  (oci_state, created,     "created",     0),
	MAP  (oci_state, annotations, "annotations", 0),
	STR  (oci_state, owner,       "owner",       0));

OCI_SCHEMA(oci_process_state,
	STR  (oci_process_state, version,  "ociVersion", OCI_REQUIRED),
	STRS (oci_process_state, fds,      "fds",        0),
	RANGE(oci_process_state, pid,      "pid",        OCI_REQUIRED, 0, INT64_MAX),
	STR  (oci_process_state, metadata, "metadata",   0),
	OBJ  (oci_process_state, state,    "state",      OCI_REQUIRED, oci_state));

/* features; its words are whatever the runtime that wrote it knows, so no lists here */

OCI_SCHEMA_LOCAL(oci_features_cgroup,
	BOOL(oci_features_cgroup, v1,           "v1",          0),
	BOOL(oci_features_cgroup, v2,           "v2",          0),
	BOOL(oci_features_cgroup, systemd,      "systemd",     0),
	BOOL(oci_features_cgroup, systemd_user, "systemdUser", 0),
	BOOL(oci_features_cgroup, rdma,         "rdma",        0));

OCI_SCHEMA_LOCAL(oci_features_seccomp,
	BOOL(oci_features_seccomp, enabled,         "enabled",        0),
	STRS(oci_features_seccomp, actions,         "actions",        0),
	STRS(oci_features_seccomp, operators,       "operators",      0),
	STRS(oci_features_seccomp, archs,           "archs",          0),
	STRS(oci_features_seccomp, known_flags,     "knownFlags",     0),
	STRS(oci_features_seccomp, supported_flags, "supportedFlags", 0));

OCI_SCHEMA_LOCAL(oci_features_enabled,
	BOOL(oci_features_enabled, enabled, "enabled", 0));

OCI_SCHEMA_LOCAL(oci_features_intel_rdt,
	BOOL(oci_features_intel_rdt, enabled,    "enabled",    0),
	BOOL(oci_features_intel_rdt, schemata,   "schemata",   0),
	BOOL(oci_features_intel_rdt, monitoring, "monitoring", 0));

OCI_SCHEMA_LOCAL(oci_features_memory_policy,
	STRS(oci_features_memory_policy, modes, "modes", 0),
	STRS(oci_features_memory_policy, flags, "flags", 0));

OCI_SCHEMA_LOCAL(oci_features_mount_extensions,
	OBJ(oci_features_mount_extensions, idmap, "idmap", 0, oci_features_enabled));

OCI_SCHEMA_LOCAL(oci_features_linux,
	STRS(oci_features_linux, namespaces,       "namespaces",      0),
	STRS(oci_features_linux, capabilities,     "capabilities",    0),
	OBJ (oci_features_linux, cgroup,           "cgroup",          0, oci_features_cgroup),
	OBJ (oci_features_linux, seccomp,          "seccomp",         0, oci_features_seccomp),
	OBJ (oci_features_linux, apparmor,         "apparmor",        0, oci_features_enabled),
	OBJ (oci_features_linux, selinux,          "selinux",         0, oci_features_enabled),
	OBJ (oci_features_linux, intel_rdt,        "intelRdt",        0, oci_features_intel_rdt),
	OBJ (oci_features_linux, memory_policy,    "memoryPolicy",    0, oci_features_memory_policy),
	OBJ (oci_features_linux, mount_extensions, "mountExtensions", 0, oci_features_mount_extensions),
	OBJ (oci_features_linux, net_devices,      "netDevices",      0, oci_features_enabled));

OCI_SCHEMA(oci_features,
	STR (oci_features, version_min,        "ociVersionMin", OCI_REQUIRED),
	STR (oci_features, version_max,        "ociVersionMax", OCI_REQUIRED),
	STRS(oci_features, hooks,              "hooks",         0),
	STRS(oci_features, mount_options,      "mountOptions",  0),
	OBJ (oci_features, linux_,             "linux",         0, oci_features_linux),
	MAP (oci_features, annotations,        "annotations",   0),
	STRS(oci_features, unsafe_annotations, "potentiallyUnsafeConfigAnnotations", 0));
