/* doctor: what this host can do for containers, finding by finding. Asking and printing are apart; what follows from
 * facts alone is pure, so that a test can give it any host. */
#pragma once
#include "base/err.h"
#include "host/facts.h"
#include "libocispec-lite/ocispec.h"

enum verdict {
	VERDICT_YES,
	VERDICT_NO,      /* something is lost without it */
	VERDICT_UNKNOWN, /* cannot be seen from here */
	VERDICT_FATAL    /* no container can run */
};

struct finding {
	char *group, *name;
	char *status; /* yes, no, unknown, fatal */
	char *detail; /* what was found */
	char *advice; /* what to do; of a "yes" absent */
};
struct diagnosis {
	struct oci_bool can_run;
	OCI_VEC(struct finding) findings;
	struct arena *a; /* where all of it lives */
};
extern const struct oci_schema diagnosis_schema;

/* Adds a finding; strings of the caller's that live as long, or of d->a. advice may be NULL. */
void finding(struct diagnosis *d, const char *group, const char *name, enum verdict verdict,
             const char *detail, const char *advice);

/* doctor_facts.c, pure: cgroups and namespaces from the facts. */
void doctor_cgroups(struct diagnosis *d, const struct facts *f);
void doctor_namespaces(struct diagnosis *d, const struct facts *f);

/* doctor_host.c: asks the kernel. proc: procfs_open(). */
void doctor_kernel(struct diagnosis *d);
void doctor_limits(struct diagnosis *d, int proc);
/* Can a user namespace be made, and may we go without one? */
void doctor_users(struct diagnosis *d, const struct facts *f, int proc);
void doctor_security(struct diagnosis *d, const struct facts *f, int proc);

/* doctor_idmap.c: which of the file systems here can have their mounts id-mapped; by trying. */
void doctor_idmap(struct diagnosis *d, const struct facts *f, int proc);

/* doctor_programs.c: the programs that nsrun works with, and the engines above it. */
void doctor_programs(struct diagnosis *d, const struct facts *f);
void doctor_engines(struct diagnosis *d);
/* Where a program is, by $PATH as a shell reads it; false when it is nowhere. */
bool doctor_which(const char *name, char *path, size_t n);
