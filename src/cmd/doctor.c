/* doctor: see doctor.h. Exit status 1 only when no container can run. */
#include "cmd/doctor.h"
#include "base/fd.h"
#include "base/procfs.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "host/probe.h"
#include "libocispec-lite/rows.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const statuses[] = { [VERDICT_YES] = "yes",
	                                [VERDICT_NO] = "no",
	                                [VERDICT_UNKNOWN] = "unknown",
	                                [VERDICT_FATAL] = "fatal",
	                                NULL };

/* clang-format off */
OCI_SCHEMA_LOCAL(finding,
	STR (finding, group,  "group",  0),
	STR (finding, name,   "name",   0),
	WORD(finding, status, "status", 0, statuses),
	STR (finding, detail, "detail", 0),
	STR (finding, advice, "advice", 0));

OCI_SCHEMA(diagnosis,
	BOOL(diagnosis, can_run,  "canRun",   OCI_REQUIRED),
	OBJS(diagnosis, findings, "findings", OCI_REQUIRED, finding));
/* clang-format on */

void finding(struct diagnosis *d, const char *group, const char *name, enum verdict verdict,
             const char *detail, const char *advice)
{
	size_t n = d->findings.n;

	/* Full at each power of two. */
	if (!(n & (n - 1)))
		d->findings.v = arena_grow(d->a, d->findings.v, n * sizeof *d->findings.v,
		                           (n ? 2 * n : 1) * sizeof *d->findings.v);
	d->findings.v[d->findings.n++] =
		(struct finding){ str_word(group), str_word(name), str_word(statuses[verdict]),
		                  arena_str(d->a, detail, strlen(detail)),
		                  verdict == VERDICT_YES ? NULL : str_word(advice) };
	if (verdict == VERDICT_FATAL)
		d->can_run.v = false;
}

static void print_text(const struct diagnosis *d)
{
	const char *group = "";

	for (size_t i = 0; i < d->findings.n; i++) {
		const struct finding *x = &d->findings.v[i];

		if (!STR_EQ(group, x->group))
			printf("%s%s\n", i ? "\n" : "", x->group);
		group = x->group;
		printf("  %s %s: %s\n",
		       STR_EQ(x->status, "yes")       ? "✓"
		       : STR_EQ(x->status, "unknown") ? "?"
		                                      : "✗",
		       x->name, x->detail);
		if (x->advice)
			printf("      %s\n", x->advice);
	}
	puts(d->can_run.v ? "\nnsrun can run containers here"
	                  : "\nnsrun cannot run a container here");
}

static const char *format = "text";
static const char *const formats[] = { "text", "json", NULL };
static const struct flag flags[] = {
	{ "format", 'f', FLAG_STRING, "FORMAT", "text or json", .s = &format, .words = formats },
	{ 0 },
};

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	struct arena a = { 0 };
	struct diagnosis d = { .can_run = { true, true }, .a = &a };
	struct facts f;

	(void)g, (void)in;
	doctor_kernel(&d);
	autofd proc = procfs_open();
	int rc = proc < 0 ? err_sys(e, ERR_HOST, -proc, "open /proc")
	                  : facts_probe(&f, NULL, proc, &a, e);
	if (rc < 0) {
		finding(&d, "kernel", "/proc", VERDICT_FATAL, e->what,
		        "mount a proc file system on /proc");
		*e = (struct err){ 0 };
	} else {
		doctor_namespaces(&d, &f);
		doctor_limits(&d, proc);
		doctor_users(&d, &f, proc);
		doctor_programs(&d, &f);
		doctor_cgroups(&d, &f);
		doctor_security(&d, &f, proc);
		doctor_idmap(&d, &f, proc);
		doctor_engines(&d);
	}
	if (STR_EQ(format, "json"))
		puts(oci_encode(&diagnosis_schema, &d, OCI_INDENT_2, &a, NULL));
	else
		print_text(&d);
	bool can = d.can_run.v;
	arena_done(&a);
	return stdout_done(e) < 0 ? -1 : !can;
}

const struct command cmd_doctor = {
	.name = "doctor",
	.summary = "tell what this host can do, and what to do about the rest",
	.usage = "",
	.flags = flags,
	.run = run,
};
