/* check: prints all findings about a bundle. Fails when create would refuse it. */
#include "base/str.h"
#include "cmd/dryrun.h"
#include "libocispec-lite/rows.h"
#include <string.h>

static struct dryrun_opts opts = { .format = "text" };
static bool strict;
static const struct flag flags[] = {
	DRYRUN_FLAGS(opts),
	{ "strict", 0, FLAG_BOOL, NULL, "warnings and unknown properties fail too", .b = &strict },
	{ 0 },
};

/* The JSON form. */
struct finding {
	char *severity, *file;
	struct oci_u64 line, column;
	char *pointer, *what, *hint;
};
struct report {
	OCI_VEC(struct finding) findings;
	struct oci_u64 errors, warnings, unknown;
};

/* clang-format off */
OCI_SCHEMA_LOCAL(finding,
	STR(finding, severity, "severity", OCI_REQUIRED),
	STR(finding, file,     "file",     OCI_REQUIRED),
	U32(finding, line,     "line",     OCI_REQUIRED),
	U32(finding, column,   "column",   OCI_REQUIRED),
	STR(finding, pointer,  "pointer",  OCI_REQUIRED),
	STR(finding, what,     "what",     OCI_REQUIRED),
	STR(finding, hint,     "hint",     0));

OCI_SCHEMA_LOCAL(report,
	OBJS(report, findings, "findings", OCI_REQUIRED, finding),
	U32 (report, errors,   "errors",   OCI_REQUIRED),
	U32 (report, warnings, "warnings", OCI_REQUIRED),
	U32 (report, unknown,  "unknown",  OCI_REQUIRED));
/* clang-format on */

static const char *const severities[] = { "error", "warning", "unknown" };

static void print_json(const struct bundle *b, const unsigned count[3], struct arena *a)
{
	struct report r = { .errors = { count[OCI_FATAL], true },
		            .warnings = { count[OCI_WARN], true },
		            .unknown = { count[OCI_UNKNOWN], true } };

	r.findings.v = NEW_N(a, struct finding, count[0] + count[1] + count[2]);
	for (const struct oci_diag *d = b->diags.first; d; d = d->next) {
		struct place at;

		bundle_place(b, d, &at);
		r.findings.v[r.findings.n++] = (struct finding){
			.severity = (char *)severities[d->severity],
			.file = (char *)b->file,
			.line = { at.line, true },
			.column = { at.col, true },
			.pointer = arena_str(a, at.pointer, strlen(at.pointer)),
			.what = (char *)d->what,
			.hint = (char *)d->hint,
		};
	}
	puts(oci_encode(&report_schema, &r, OCI_INDENT_2, a, NULL));
}

static const char *plural(unsigned n)
{
	return n == 1 ? "" : "s";
}

static void print_text(const struct bundle *b, const unsigned count[3])
{
	for (const struct oci_diag *d = b->diags.first; d; d = d->next)
		dryrun_print(b, d, stdout);
	if (count[0] + count[1] + count[2] == 0)
		printf("%s: nothing to complain about\n", b->file);
	else
		printf("%u error%s, %u warning%s, %u unknown %s\n", count[OCI_FATAL],
		       plural(count[OCI_FATAL]), count[OCI_WARN], plural(count[OCI_WARN]),
		       count[OCI_UNKNOWN], count[OCI_UNKNOWN] == 1 ? "property" : "properties");
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	unsigned count[3] = { 0 };
	struct arena a = { 0 };
	struct bundle b;
	struct facts f;
	int rc = dryrun_load(&b, &f, g, &opts, in, &a, e);

	if (rc == 0) {
		for (const struct oci_diag *d = b.diags.first; d; d = d->next)
			count[d->severity]++;
		if (STR_EQ(opts.format, "json"))
			print_json(&b, count, &a);
		else
			print_text(&b, count);
		rc = stdout_done(e);
	}
	/* It has said why: a failure without an error of its own. */
	if (rc == 0 && (count[OCI_FATAL] || (strict && (count[OCI_WARN] || count[OCI_UNKNOWN]))))
		rc = -1;
	arena_done(&a);
	return rc;
}

const struct command cmd_check = {
	.name = "check",
	.summary = "print everything that is wrong with a bundle",
	.usage = "[BUNDLE]",
	.flags = flags,
	.max = 1,
	.run = run,
};
