/* plan: prints what create would do, step by step. */
#include "plan/plan.h"
#include "base/str.h"
#include "cmd/create.h"
#include "cmd/dryrun.h"
#include "host/selfexe.h"

static struct dryrun_opts opts = { .format = "text" };
static const struct flag flags[] = { DRYRUN_FLAGS(opts), { 0 } };

static void put(void *ctx, const char *text)
{
	fputs(text, ctx);
}

static int print(const struct bundle *b, const struct facts *f, const struct globals *g,
                 struct arena *a, struct err *e)
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
	struct plan p;

	if (plan_create(&p, b->config, f, &how, a, e) < 0 || plan_verify(&p, e) < 0)
		return -1;
	bool json = STR_EQ(opts.format, "json");
	(json ? plan_print_json : plan_print_text)(&p, put, stdout);
	/* No step: it comes before there is a plan. */
	if (!json)
		printf("nsrun runs %s\n", selfexe_how());
	return stdout_done(e);
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	struct arena a = { 0 };
	struct bundle b;
	struct facts f;
	int rc = dryrun_load(&b, &f, g, &opts, in, &a, e);

	if (rc == 0) {
		for (const struct oci_diag *d = b.diags.first; d; d = d->next)
			if (d->severity == OCI_FATAL)
				dryrun_print(&b, d, stderr);
		rc = bundle_verdict(&b, e);
	}
	if (rc == 0)
		rc = print(&b, &f, g, &a, e);
	arena_done(&a);
	return rc;
}

const struct command cmd_plan = {
	.name = "plan",
	.summary = "print the steps that create would take, and take none",
	.usage = "[BUNDLE]",
	.flags = flags,
	.max = 1,
	.run = run,
};
