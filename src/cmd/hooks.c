/* hooks: see hooks.h. */
#include "cmd/hooks.h"
#include "apply/ops.h"
#include "apply/run.h"
#include "base/fd.h"
#include "base/interrupt.h"
#include "cmd/bundle.h"
#include "cmd/log.h"
#include "cmd/trace.h"
#include "libocispec-lite/ocispec.h"
#include <fcntl.h>
#include <string.h>

const char *hooks_state_tail(const struct record *r, struct arena *a)
{
	struct oci_state s = { .version = r->version,
		               .id = r->id,
		               .pid = { 0, true },
		               .status = "",
		               .bundle = r->bundle,
		               .rootfs = r->rootfs,
		               .created = r->created };

	s.annotations.v = r->annotations.v;
	s.annotations.n = r->annotations.n;
	/* The id, which comes before it, cannot hold a quote. */
	return strstr(oci_encode(&oci_state_schema, &s, OCI_COMPACT, a, NULL), ",\"bundle\":");
}

/* A run without a plan to run: only what hook_run() looks at. */
static int open_run(struct run *r, const struct plan *p, const char *id, int proc, struct err *e)
{
	if (run_init(r, p, id) == 0) {
		r->fd[SLOT_PROC] = fcntl(proc, F_DUPFD_CLOEXEC, 3);
		r->fd[SLOT_NULL] = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);
		if (r->fd[SLOT_PROC] >= 0 && r->fd[SLOT_NULL] >= 0)
			return 0;
		err_sys(&r->err, ERR_HOST, errno, "prepare to run hooks");
	}
	*e = r->err;
	return -1;
}

static int run_all(struct run *r, const struct oci_hooks *hooks, enum hook_type type,
                   const char *status, pid_t pid, bool keep_going, struct err *e)
{
	const struct oci_hook *hook = type == HOOK_POSTSTART ? hooks->poststart.v
	                                                     : hooks->poststop.v;
	size_t n = type == HOOK_POSTSTART ? hooks->poststart.n : hooks->poststop.n;

	for (uint32_t i = 0; i < n; i++) {
		uint64_t t = trace_begin();
		int rc = hook_run(r, &hook[i], type, i, status, pid);

		trace_next(t, type == HOOK_POSTSTART ? "hook poststart" : "hook poststop");
		if (rc == 0)
			continue;
		if (!keep_going) {
			err_where(&r->err, "/hooks/%s/%u", hook_names[type], i);
			*e = r->err;
			return -1;
		}
		log_warn("%s", r->err.what);
		r->err = (struct err){ 0 };
	}
	return 0;
}

int hooks_run(const struct record *r, int dir, int proc, enum hook_type type, enum status status,
              bool keep_going, struct err *e)
{
	struct arena a = { 0 };
	struct plan plan = { .arena = &a };
	struct bundle saved;
	struct run run;
	int rc = bundle_saved(&saved, dir, r->id, &a, e);
	const struct oci_config *config = saved.config;

	if (rc == 0 && config->hooks) {
		/* One that hangs is ended, and what comes behind it is done. */
		interrupt_begin();
		plan.config = config;
		rc = open_run(&run, &plan, r->id, proc, e);
		run.bundle = r->bundle;
		run.state_tail = hooks_state_tail(r, &a);
		if (rc == 0)
			rc = run_all(&run, config->hooks, type, status_names[status],
			             status == STATUS_STOPPED ? 0 : (pid_t)r->pid.v, keep_going, e);
		run_done(&run);
	}
	arena_done(&a);
	return rc;
}
