/* emit: how planners add to a plan, and the planners of each part. Only plan/ includes this. */
#pragma once
#include "plan/plan.h"

#define FROM(member) ((struct origin){ .at = AT(member) })
#define SPEC(text)   ((struct origin){ .spec = (text) })
#define NEED(text)   ((struct origin){ .need = (text) })

#define NOTIFY_TARGET                                                                              \
	"/run/notify" /* where the container finds its notify socket, as with runc and crun */

/* What every planner gets. */
struct plan_in {
	const struct oci_config *c;
	const struct facts *host;
	const struct plan_opts *o;
	struct err *e;
};

/* Opens a phase, then steps are added to it. Steps are zeroed; fill the member of your kind. A phase that stays
 * empty is dropped by plan_phase(). */
void plan_phase(struct plan *p, enum lane lane, const char *name);
struct step *plan_step(struct plan *p, enum step_kind kind, struct origin why);

/* cgroup.c, resources.c: where the container's cgroups are (p->cgroups, CGROUP steps), and every limit as a WRITE. */
int plan_cgroup(struct plan *p, const struct plan_in *in);
int plan_resources(struct plan *p, const struct plan_in *in);
/* scope.c: the scope that systemd makes around init (SCOPE), then plan_resources(), whose limits are its properties
 * too. All of them come after it, v1's as well: systemd writes to every controller that it knows when it makes a unit.
 * delegate.c: the cgroup goes to the container's user (DELEGATE) where the config says that it is his. */
int plan_scope(struct plan *p, const struct plan_in *in);
void plan_delegate(struct plan *p, const struct plan_in *in);
/* namespaces.c: fills p->new_ns and p->join_ns. */
void plan_namespaces(struct plan *p, const struct plan_in *in);
/* OPEN_NS and CLONE up to the birth of init, in the lanes that it needs; then init's first steps. */
int plan_birth(struct plan *p, const struct plan_in *in);
int plan_settle(struct plan *p, const struct plan_in *in);
/* namespaces.c, for exec: uid 0 of a user namespace; process.oomScoreAdj. */
void plan_become(struct plan *p, const struct plan_in *in, const char *why);
/* May the process that is born share our memory until it executes (birth_sharing())? */
bool plan_shares(const struct plan *p, const struct plan_in *in);
void plan_oom_score_adj(struct plan *p, const struct plan_in *in);
/* rdt.c, netdev.c: the class of resctrl that init goes into; the host's network devices that go to it. */
void plan_rdt(struct plan *p, const struct plan_in *in);
void plan_net_devices(struct plan *p, const struct plan_in *in);
/* idmap_mount.c: TREE for each id-mapped mount, in their order. */
int plan_trees(struct plan *p, const struct plan_in *in);
/* rootfs.c, for idmap_mount.c: a bind mount's source on the host; the propagation that the host's mounts have around
 * init (MS_* [| MS_REC]), 0 where they stay as they are. */
const char *plan_source(struct plan *p, const struct plan_in *in, const char *path);
unsigned long plan_events(const struct plan *p, const struct plan_in *in);
/* rootfs.c: does the host open the directory of the notify socket? In a new user namespace init cannot walk to it. */
bool plan_notify_tree(const struct plan *p, const struct plan_in *in);
/* rootfs.c, for live.c: one mount of the config, but for cgroups: NULL, several steps. trees: how many id-mapped mounts
 * there were so far, as plan_trees() counts them. */
struct step *plan_mount(struct plan *p, const struct plan_in *in, const struct oci_mount *m,
                        uint8_t *trees);
/* rootfs.c, devices.c: the file system up to the pivot; the pivot; what is masked or read-only behind it. */
int plan_rootfs(struct plan *p, const struct plan_in *in);
void plan_pivot(struct plan *p, const struct plan_in *in);
void plan_restrict(struct plan *p, const struct plan_in *in);
/* process.c: session, keyring and terminal; hostname, domainname and sysctls; the
 * working directory, made before the root is read-only; the last mile up to "created",
 * shared with exec; from start to exec. */
void plan_terminal(struct plan *p, const struct plan_in *in);
int plan_names(struct plan *p, const struct plan_in *in);
void plan_cwd(struct plan *p, const struct plan_in *in);
int plan_process(struct plan *p, const struct plan_in *in);
void plan_start(struct plan *p, const struct plan_in *in);
/* cred.c: rlimits, in either lane (plan_process() has them unless there is a user namespace); user and capabilities.
 * Without a process: no groups, no capabilities. */
void plan_rlimits(struct plan *p, const struct plan_in *in);
void plan_user(struct plan *p, const struct plan_in *in);
void plan_caps(struct plan *p, const struct plan_in *in);
/* The labels that the program gets at exec, AppArmor's or SELinux's; and whether the caller's groups stay. */
void plan_labels(struct plan *p, const struct plan_in *in);
void plan_label(struct plan *p, struct origin why, const char *file, const char *text);
bool keep_groups(const struct plan_in *in);
/* priority.c: scheduler and I/O priority, in either lane; memory policy and execution domain, in init.
 * host_ranks(): the kernel asks for capabilities of the initial user namespace, which init lacks and the host has. */
bool host_ranks(const struct plan *p, const struct plan_in *in);
void plan_ranks(struct plan *p, const struct plan_in *in);
void plan_domain(struct plan *p, const struct plan_in *in);
/* "0-3,7", which check has read before, as the bits of a mask of so many. */
const unsigned long *plan_bits(struct plan *p, const char *list, uint32_t bits);
/* env.c: process.env with LISTEN_FDS; of several entries of one name the last one stays. There must be a process. */
struct plan_env {
	char **v; /* n entries, then NULL */
	uint32_t n;
	const char *path; /* the value of PATH, or NULL */
	bool home;        /* HOME is set */
};
struct plan_env plan_env(struct plan *p, const struct plan_in *in);
/* A NULL-terminated copy of n pointers. */
char **plan_vector(struct plan *p, char *const *v, size_t n);
/* seccomp.c: what is made on the host for linux.seccomp (FILTER, AGENT); where the filter is loaded (SECCOMP), with the
 * phases that hand its listener over. */
void plan_filter(struct plan *p, const struct plan_in *in);
void plan_seccomp(struct plan *p, const struct plan_in *in);
/* hooks.c: one HOOK step for each hook of the type; returns how many. */
uint32_t plan_hooks(struct plan *p, const struct plan_in *in, enum hook_type type);
