/* resources: the one lowering of linux.resources, limit by limit. Pure. Only the planners of cgroups include this.
 * The same code runs twice: dry, to learn which cgroups and controllers are asked for, then to emit the writes. */
#pragma once
#include "plan/emit.h"
#include "plan/update.h"

struct lowering {
	struct plan *p;
	const struct plan_in *in;
	const struct oci_resources *r;
	/* update: the limits in force; members of r that are not set hold them, and are not written. NULL: the cgroup
	 * is new and has no limits. */
	const struct limits_now *now;
	bool dry;       /* only fill asked and need */
	uint32_t asked; /* bit i: p->cgroups[i] gets a limit */
	char need[256]; /* v2 controllers that limits need: "+memory +pids" */
};

/* A limit on one version of cgroups: which file gets which text. or_file: when the kernel does not have file. */
struct knob {
	const char *controller; /* NULL: this version has nothing like it */
	const char *file, *text;
	const char *or_file, *or_text;
};

struct limit {
	struct oci_at at;
	struct knob v1, v2;
	bool none; /* "no limit": without the controller it holds anyway */
	enum lenient lenient;
};

/* All limits of l->r in the order of writing. 0, or -1 with l->in->e (kind ERR_CONFIG, where: the JSON pointer). */
int lower_resources(struct lowering *l);
/* The parts of it that have files of their own. */
int lower_devices(struct lowering *l);
int lower_memory(struct lowering *l);
int lower_cpu(struct lowering *l);
int lower_block_io(struct lowering *l);

/* Does the container have this controller on cgroup v2? */
bool lower_on_v2(const struct lowering *l, const char *controller);
/* One limit: a WRITE step to the cgroup that has its controller. */
int lower_limit(struct lowering *l, const struct limit *x);
/* The usual limit: the same controller on both versions, negative is "no limit" ("-1", "max"). */
int lower_number(struct lowering *l, const char *controller, struct oci_at at, const char *v1,
                 const char *v2, int64_t value, enum lenient lenient);
/* The same text for both versions; v2 NULL: v1 only. */
int lower_text(struct lowering *l, const char *controller, struct oci_at at, const char *v1,
               const char *v2, const char *text);
int lower_refuse(const struct plan_in *in, struct oci_at at, const char *hint, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* cpu.weight for cpu.shares: the curve that takes 2 to 1, 1024 to 100 and 262144 to 10000. shares is not 0. */
uint32_t cpu_weight(uint64_t shares);
