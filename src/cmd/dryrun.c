/* dryrun: see dryrun.h. */
#include "cmd/dryrun.h"
#include "base/fd.h"
#include "base/procfs.h"
#include "host/probe.h"
#include "host/systemd.h"
#include "plan/mountopt.h"

const char *const dryrun_formats[] = { "text", "json", NULL };

int dryrun_load(struct bundle *b, struct facts *f, const struct globals *g,
                const struct dryrun_opts *o, const struct cli *in, struct arena *a, struct err *e)
{
	enum cgroup_manager manager = globals_manager(g);
	const struct check_opts opts = { .systemd = manager == CGROUP_MANAGER_SYSTEMD,
		                         .cgroup_disabled = manager == CGROUP_MANAGER_DISABLED,
		                         .mount_words = mountopt_words };

	if (in->n && o->bundle)
		return err_set(e, ERR_USAGE, "the bundle is given twice: %s and --bundle %s",
		               in->operand[0], o->bundle);
	if (globals_verify_manager(g, e) < 0)
		return -1;
	autofd proc = procfs_open();
	if (proc < 0)
		return err_sys(e, ERR_HOST, -proc, "open /proc");
	if (bundle_load(b, in->n ? in->operand[0] : o->bundle, o->config, a, e) < 0 ||
	    facts_probe(f, b->config, proc, a, e) < 0)
		return -1;
	if (manager == CGROUP_MANAGER_SYSTEMD && systemd_probe(f, proc, a, e) < 0)
		return -1;
	bundle_check(b, f, &opts, a);
	bundle_sort(b, a);
	return 0;
}

void dryrun_print(const struct bundle *b, const struct oci_diag *d, FILE *out)
{
	static const char *const marks[] = { "", "warning: ", "" };
	struct place at;

	bundle_place(b, d, &at);
	fprintf(out, "%s:%u:%u%s%s: %s%s\n", b->file, at.line, at.col, *at.pointer ? " " : "",
	        at.pointer, marks[d->severity], d->what);
	if (d->hint)
		fprintf(out, "    hint: %s\n", d->hint);
}
