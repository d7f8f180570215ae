/* check: is this config right for the spec, for this version of nsrun and for this host? Adds findings, never stops at
 * the first, touches nothing. */
#pragma once
#include "host/facts.h"
#include "libocispec-lite/ocispec.h"

/* The part of the command line that decides whether a config is right. */
struct check_opts {
	bool console_socket, detach; /* terminal rules; both false for plan and check */
	bool no_pivot;
	bool lifecycle; /* create or run: terminal rules apply */
	bool systemd;   /* cgroupsPath is slice:prefix:name */
	bool cgroup_disabled;
	const char *const *mount_words; /* mountopt_words; NULL: option words are not checked */
};

struct check {
	const struct oci_config *c;
	const struct facts *host;
	const struct check_opts *o;
	struct arena *a;
	struct oci_diags *diags;
};

/* All checks of a decoded config (it may have come from oci_decode_lenient()). */
void check_config(struct check *k);
/* Those of the process alone, for exec: the rest of the config was checked at create. */
void check_exec(struct check *k);

/* For check/ only: bad(k, AT(m->destination), "write it from /", "\"%s\" is not absolute", m->destination); */
void bad(struct check *k, struct oci_at at, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void warn(struct check *k, struct oci_at at, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* bad() and warn() with a hint 'did you mean "X"?' when a word of the list is near, else the given hint. */
void bad_word(struct check *k, struct oci_at at, const char *word, const char *const *words,
              const char *hint, const char *fmt, ...) __attribute__((format(printf, 6, 7)));
void warn_word(struct check *k, struct oci_at at, const char *word, const char *const *words,
               const char *hint, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

/* How a namespace occurs in linux.namespaces. An entry whose type could not be decoded may be any of them: UNCLEAR.
 * What needs a namespace is refused only when it is surely ABSENT. */
enum ns_use { NS_ABSENT, NS_NEW, NS_JOINED, NS_UNCLEAR };
enum ns_use check_ns(const struct check *k, const char *type);

/* path without ".", "..", repeated and trailing slashes, taken as absolute: "proc//x/.." is "/proc". Text only. */
const char *check_clean(struct check *k, const char *path);

/* Common rules of members. A NULL text is decode's business: nothing is said. */
void check_absolute(struct check *k, struct oci_at at, const char *path);
void check_env(struct check *k, char *const *env, size_t n); /* NAME=value each */
/* The kernel's list format: "0-3,7". */
void check_list(struct check *k, struct oci_at at, const char *list);

/* Ranges of ids of the kind what ("uid"): each whole, none overlaps another. */
void check_id_ranges(struct check *k, const char *what, struct oci_at at,
                     const struct oci_id_mapping *v, size_t n);

/* A setting needs a cgroup controller: v1 is its name there, v2 the name in the unified tree, NULL where cgroup v2 has
 * nothing like it. False, with a finding, when this host cannot apply it. */
bool check_controller(struct check *k, struct oci_at at, const char *v1, const char *v2);

void check_top(struct check *k);          /* ociVersion, root, hostname, annotations */
void check_namespaces(struct check *k);   /* types, paths, time offsets */
void check_id_maps(struct check *k);      /* linux.uidMappings, gidMappings */
void check_mounts(struct check *k);       /* mounts, masked and read-only paths */
void check_process(struct check *k);      /* args, cwd, env, terminal, rlimits ... */
void check_user(struct check *k);         /* process.user */
void check_scheduler(struct check *k);    /* process.scheduler, process.ioPriority */
void check_domain(struct check *k);       /* linux.memoryPolicy, linux.personality */
void check_labels(struct check *k);       /* AppArmor and SELinux */
void check_capabilities(struct check *k); /* process.capabilities */
void check_devices(struct check *k);      /* linux.devices */
void check_cgroup(struct check *k);       /* cgroupsPath */
void check_annotations(struct check *k);  /* those that say something to systemd */
void check_resources(struct check *k);    /* linux.resources: all that follow */
void check_memory(struct check *k, const struct oci_memory *m);
void check_cpu(struct check *k, const struct oci_cpu *c);
void check_block_io(struct check *k, const struct oci_block_io *b);
void check_device_rules(struct check *k, const struct oci_resources *r);
void check_seccomp(struct check *k);
void check_sysctl(struct check *k);
void check_net_devices(struct check *k);
void check_rdt(struct check *k); /* linux.intelRdt */
void check_hooks(struct check *k);
