/* state: the container state (runtime.md#state) and the features document (features.md) of runtime-spec 1.3. */
#pragma once
#include "libocispec-lite/schema.h"

/* What `state` prints and hooks read on stdin. rootfs, created and owner are runc's extra keys. */
struct oci_state {
	char *version; /* ociVersion */
	char *id;
	struct oci_i64 pid;
	char *status; /* creating created running paused stopped */
	char *bundle;
	char *rootfs, *created; /* RFC 3339 */
	OCI_VEC(struct oci_entry) annotations;
	char *owner;
};
extern const struct oci_schema oci_state_schema;

/* What the receiver of a seccomp listener is told: config-linux.md#the-container-process-state. */
struct oci_process_state {
	char *version;       /* ociVersion */
	OCI_VEC(char *) fds; /* names of the descriptors that come with it */
	struct oci_i64 pid;
	char *metadata;
	struct oci_state *state;
};
extern const struct oci_schema oci_process_state_schema;

struct oci_features_cgroup {
	struct oci_bool v1, v2, systemd, systemd_user, rdma;
};
struct oci_features_seccomp {
	struct oci_bool enabled;
	OCI_VEC(char *) actions, operators, archs, known_flags, supported_flags;
};
struct oci_features_enabled {
	struct oci_bool enabled;
};
struct oci_features_intel_rdt {
	struct oci_bool enabled, schemata, monitoring;
};
struct oci_features_memory_policy {
	OCI_VEC(char *) modes, flags;
};
struct oci_features_mount_extensions {
	struct oci_features_enabled *idmap;
};
struct oci_features_linux {
	OCI_VEC(char *) namespaces, capabilities;
	struct oci_features_cgroup *cgroup;
	struct oci_features_seccomp *seccomp;
	struct oci_features_enabled *apparmor, *selinux;
	struct oci_features_intel_rdt *intel_rdt;
	struct oci_features_memory_policy *memory_policy;
	struct oci_features_mount_extensions *mount_extensions;
	struct oci_features_enabled *net_devices;
};
struct oci_features {
	char *version_min, *version_max;
	OCI_VEC(char *) hooks, mount_options;
	struct oci_features_linux *linux_;
	OCI_VEC(struct oci_entry) annotations;
	OCI_VEC(char *) unsafe_annotations; /* potentiallyUnsafeConfigAnnotations */
};
extern const struct oci_schema oci_features_schema;
