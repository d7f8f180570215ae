/* plan: prints what create would do, step by step; what another config would change; why there is a step. */
#include "plan/plan.h"
#include "base/str.h"
#include "cmd/create.h"
#include "cmd/dryrun.h"
#include "cmd/plan_views.h"
#include "host/selfexe.h"
#include "plan/kinds.h"
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct dryrun_opts opts = { .format = "text" };
static const char *other, *why;
static bool filter;
static const struct flag flags[] = {
	DRYRUN_FLAGS(opts),
	{ "diff", 0, FLAG_STRING, "OTHER",
	  "print what changes with another bundle, or with another config of this one",
	  .s = &other },
	{ "why", 0, FLAG_STRING, "STEP", "print why there is a step, and what to do when it fails",
	  .s = &why },
	{ "seccomp", 0, FLAG_BOOL, NULL, "print which system calls end in which action",
	  .b = &filter },
	{ 0 }
};

static void put(void *ctx, const char *text)
{
	fputs(text, ctx);
}

/* On a terminal: an empty line before each phase, and lane and phase in the lane's colour. A line is
 * "NUMBER LANE PHASE...", or a property of the step before it. */
static void put_coloured(void *ctx, const char *line)
{
	static const char *const colours[LANE__N] = { "\033[34m", "\033[35m", "\033[32m" };
	static char before[16];
	const int n = (int)sizeof "host prepare " - 1;
	const char *name = line + strspn(line, " 0123456789");

	for (int lane = 0; lane < LANE__N && strlen(name) > (size_t)n; lane++) {
		if (!str_starts(name, lane_names[lane]))
			continue;
		if (*before && strncmp(before, name, (size_t)n) != 0)
			fputc('\n', ctx);
		snprintf(before, sizeof before, "%.*s", n, name);
		fprintf(ctx, "%.*s%s%.*s\033[0m%s", (int)(name - line), line, colours[lane], n,
		        name, name + n);
		return;
	}
	fputs(line, ctx);
}

/* no-color.org */
static bool coloured(void)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	return isatty(STDOUT_FILENO) && str_empty(no) && !(term && STR_EQ(term, "dumb"));
}

static int make(struct plan *p, const struct bundle *b, const struct facts *f,
                const struct globals *g, struct arena *a, struct err *e)
{
	const char *notify = create_notify(g, "ID", b->config, a, e);

	if (e->kind != ERR_NONE)
		return -1;
	const struct plan_opts how = { .id = "ID",
		                       .notify = notify,
		                       .bundle = b->path,
		                       .console_socket = b->config->process &&
		                                         b->config->process->terminal.v,
		                       .manager = globals_manager(g) };

	if (plan_create(p, b->config, f, &how, a, e) < 0)
		return -1;
	p->runs = selfexe_how();
	return plan_verify(p, e);
}

/* The plan of a bundle, whose findings are printed when there is none. */
static int load(struct plan *p, struct bundle *b, struct facts *f, const struct globals *g,
                const struct dryrun_opts *o, const struct cli *in, struct arena *a, struct err *e)
{
	if (dryrun_load(b, f, g, o, in, a, e) < 0)
		return -1;
	for (const struct oci_diag *d = b->diags.first; d; d = d->next)
		if (d->severity == OCI_FATAL)
			dryrun_print(b, d, stderr);
	return bundle_verdict(b, e) < 0 ? -1 : make(p, b, f, g, a, e);
}

/* OTHER is a bundle when it is a directory, else a file as --config has it. */
static int diff(const struct plan *from, const struct globals *g, const struct cli *in,
                struct arena *a, struct err *e)
{
	struct dryrun_opts o = opts;
	const struct cli none = { 0 };
	struct stat st;
	struct bundle b;
	struct facts f;
	struct plan to;
	bool bundle = stat(other, &st) == 0 && S_ISDIR(st.st_mode);

	if (bundle) {
		o.bundle = other;
		o.config = NULL;
	} else {
		o.config = other;
	}
	if (load(&to, &b, &f, g, &o, bundle ? &none : in, a, e) < 0)
		return -1;
	plan_diff(from, &to, STR_EQ(opts.format, "json"), a);
	return 0;
}

static int show(const struct plan *p, const struct bundle *b, const struct globals *g,
                const struct cli *in, struct arena *a, struct err *e)
{
	bool json = STR_EQ(opts.format, "json");

	if (other)
		return diff(p, g, in, a, e);
	if (why)
		return plan_explain(p, b, why, json, a, e);
	if (filter)
		return filter_print(p, json, a, e);
	(json ? plan_print_json : plan_print_text)(p, !json && coloured() ? put_coloured : put,
	                                           stdout);
	return 0;
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	struct arena a = { 0 };
	struct bundle b;
	struct facts f;
	struct plan p;
	int rc = !!other + !!why + filter > 1
	                 ? err_set(e, ERR_USAGE, "--diff, --why and --seccomp exclude each other")
	                 : load(&p, &b, &f, g, &opts, in, &a, e);

	if (rc == 0)
		rc = show(&p, &b, g, in, &a, e);
	arena_done(&a);
	return rc < 0 ? rc : stdout_done(e);
}

const struct command cmd_plan = {
	.name = "plan",
	.summary = "print the steps that create would take, and take none",
	.usage = "[BUNDLE]",
	.flags = flags,
	.max = 1,
	.run = run,
};
