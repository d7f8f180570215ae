/* plan: config + facts + options -> what will happen, in order. Pure: no file, clock, environment or errno. */
#pragma once
#include "base/err.h"
#include "host/facts.h"
#include "libocispec-lite/arena.h"
#include "plan/step.h"

/* A run of steps in one lane. */
struct phase {
	const char *name;
	enum lane lane;
	struct step *steps;
	uint32_t n, cap;
};

#define PLAN_STEPS 4096 /* more is refused: a config of 4,000 mounts is a mistake */

struct plan {
	struct phase *phases;
	uint32_t n, cap, n_steps;
	const struct oci_config *config; /* for oci_pointer() when printing */
	const struct facts *host;        /* for hints */
	struct arena *arena;
	struct cgroup_dir cgroups[FACTS_HIERARCHIES];
	uint32_t n_cgroups;
	uint32_t new_ns, join_ns; /* CLONE_NEW* that are made / joined */
	const char *runs; /* to print: how nsrun keeps its executable from the container, or NULL */
	bool enters;      /* of exec: into a container that is there */
	bool host_mounts; /* the config has no mount namespace: the one in new_ns is for the set-up only */
};

enum cgroup_manager { CGROUP_MANAGER_FS, CGROUP_MANAGER_SYSTEMD, CGROUP_MANAGER_DISABLED };

/* What the command line adds to the config. Strings are borrowed. */
struct plan_opts {
	const char *id;
	const char *bundle;   /* absolute */
	const char *pid_file; /* absolute, or NULL */
	bool no_pivot, no_new_keyring;
	bool detach; /* nobody stays to hold a terminal */
	bool console_socket;
	uint16_t rows, cols;   /* of the terminal that we attend; without them consoleSize counts */
	uint32_t preserve_fds; /* includes LISTEN_FDS */
	uint32_t listen_fds;
	/* directory on the host with the socket by which the program tells that it is ready, or NULL */
	const char *notify;
	enum cgroup_manager manager;
};

/* Lowers a checked config. 0 and *out filled (memory in a), or -1 with e for what only planning can see. */
int plan_create(struct plan *out, const struct oci_config *c, const struct facts *host,
                const struct plan_opts *o, struct arena *a, struct err *e);

/* What exec enters. Borrowed. */
struct plan_target {
	uint32_t ns; /* CLONE_NEW* that the container does not share with us */
	const struct cgroup_dir *cgroups;
	uint32_t n_cgroups; /* at most FACTS_HIERARCHIES */
};

/* Lowers the process of a config that was checked (check_exec()) into a plan of exec: the container of t gets one more
 * process. As plan_create(). */
int plan_exec(struct plan *out, const struct oci_config *c, const struct facts *host,
              const struct plan_opts *o, const struct plan_target *t, struct arena *a,
              struct err *e);

/* The order rules of a container as assertions: slots are defined before use in a lane that can see them, nothing
 * needs a capability after it was dropped, the filter sits on the right side of the drop, no step that can fail comes
 * after "created" is published, exec is last. 0, or -1 with an ERR_BUG that names step and rule. */
int plan_verify(const struct plan *p, struct err *e);

/* One line per step ("17 init rootfs   mount      proc on /proc   /mounts/0"), or with json one JSON document. Calls
 * out for each piece of text. Text is for people and may change; the JSON's schema is in nsrun(1), PLAN FORMAT. */
void plan_print_text(const struct plan *p, void (*out)(void *ctx, const char *text), void *ctx);
void plan_print_json(const struct plan *p, void (*out)(void *ctx, const char *text), void *ctx);

/* The n-th step of the plan, counted from 0 over all phases, and its phase (may be NULL). NULL beyond the end. */
const struct step *plan_at(const struct plan *p, uint32_t n, const struct phase **phase);
/* The first step of a kind, or NULL. */
const struct step *plan_find(const struct plan *p, enum step_kind kind);
/* The step's reason for people: "/mounts/0", "(default devices)", into buf. */
void plan_why(const struct plan *p, const struct step *s, char *buf, size_t n);
