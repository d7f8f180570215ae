/* exec: one more process for a container. Found, checked, planned, then entered: the container's own files decide
 * nothing, and its processes cannot see the one that comes until it runs the program. */
#include "cmd/exec.h"
#include "apply/attend.h"
#include "apply/run.h"
#include "base/engine_texts.h"
#include "base/fd.h"
#include "base/interrupt.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include "base/sys.h"
#include "cmd/console.h"
#include "cmd/create.h"
#include "cmd/faults.h"
#include "cmd/pidfd.h"
#include "cmd/trace.h"
#include "host/probe.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define ENDING_WAIT 500 /* ms for an init that is on its way out */

struct exec {
	struct found f;
	struct bundle bundle; /* the config that create has saved */
	struct asked_process asked;
	struct oci_config config; /* that one, with the process that is asked for */
	struct facts facts;
	struct cgroup_dir cgroups[RECORD_CGROUPS];
	struct pid_file pid_file;
	int pidfd_socket; /* connected, or -1 */
	struct plan plan;
	struct run run;
	struct arena arena;
};

static int refuse_status(const struct record *r, enum status status, struct err *e)
{
	if (status == STATUS_STOPPED) {
		err_set(e, ERR_STATE, TEXT_EXEC_STOPPED);
		return err_hint(e, "run \"nsrun delete %s\", and create it again", r->id);
	}
	if (status == STATUS_CREATING)
		return found_creating(r->id, e);
	if (status != STATUS_PAUSED || exec_opts.ignore_paused)
		return 0;
	err_set(e, ERR_STATE, TEXT_EXEC_PAUSED);
	return err_hint(e, "run \"nsrun resume %s\" first", r->id);
}

static int find(struct exec *x, const struct globals *g, const char *id, struct err *e)
{
	struct run *r = &x->run;

	if (found_load(&x->f, g, id, FOUND_UNLOCKED, e) < 0)
		return -1;
	/* First the pidfd, then what it is a pidfd of: init cannot become another process meanwhile. */
	int pidfd = record_pidfd(&x->f.record, x->f.proc);
	if (refuse_status(&x->f.record, pidfd == -ESRCH ? STATUS_STOPPED : found_status(&x->f), e) <
	    0) {
		fd_close(&pidfd);
		return -1;
	}
	if (pidfd < 0)
		return err_sys(e, ERR_HOST, -pidfd, "open init of %s", id);
	r->fd[SLOT_TARGET] = pidfd;
	r->target = (pid_t)x->f.record.pid.v;
	r->fd[SLOT_PROC] = fcntl(x->f.proc, F_DUPFD_CLOEXEC, 3);
	return r->fd[SLOT_PROC] < 0 ? err_sys(e, ERR_HOST, errno, "copy a descriptor") : 0;
}

/* No lock is held: a kill or delete that runs at the same time decides. Init's end is then why there is no process of
 * its namespaces, no cgroup of it, no file of its state any more, whichever part it was that noticed. The kernel kills
 * the processes of its pid namespace, of which ours was one, before init itself is gone (pid_namespaces(7)): that takes
 * a moment. True: e says so instead. */
static bool stopped_meanwhile(const struct exec *x, struct err *e)
{
	struct pollfd p = { .fd = x->run.fd[SLOT_TARGET], .events = POLLIN };

	if (interrupt_signal() || poll(&p, 1, e->num == ESRCH ? ENDING_WAIT : 0) != 1)
		return false;
	*e = (struct err){ 0 };
	refuse_status(&x->f.record, STATUS_STOPPED, e);
	return true;
}

static uint32_t namespaces(const struct exec *x)
{
	const struct oci_linux *l = x->bundle.config->linux_;
	uint32_t ns = 0;

	for (size_t i = 0; l && i < l->namespaces.n; i++) {
		const struct namespace_def *def = namespace_by_type(l->namespaces.v[i].type);

		/* One cannot enter one's own user namespace again, setns(2). */
		if (!def || (def->flag == CLONE_NEWUSER && found_shares(&x->f, "user")))
			continue;
		ns |= def->flag;
	}
	return ns;
}

static int check(struct exec *x, struct err *e)
{
	const struct check_opts opts = { .console_socket = exec_opts.console_socket,
		                         .detach = exec_opts.detach,
		                         .lifecycle = true };
	struct oci_diags diags = { 0 };
	struct check k = {
		.c = &x->config, .host = &x->facts, .o = &opts, .a = &x->arena, .diags = &diags
	};

	check_exec(&k);
	for (const struct oci_diag *d = diags.first; d; d = d->next) {
		if (d->severity != OCI_FATAL)
			continue;
		err_set(e, ERR_CONFIG, "%s", d->what);
		oci_pointer(&oci_config_schema, &x->config, d->at, e->where, sizeof e->where);
		exec_place(&x->asked, &x->bundle, e);
		return d->hint ? err_hint(e, "%s", d->hint) : -1;
	}
	return 0;
}

/* Everything that can be refused without touching anything. */
static int prepare(struct exec *x, const struct cli *in, bool console, struct err *e)
{
	struct plan_target target = { .cgroups = x->cgroups };
	struct arena *a = &x->arena;
	uint32_t passed = listen_fds();
	struct winsize size = { 0 };

	if (console)
		attend_size(&size);
	if (verify_preserved(exec_opts.preserve_fds + passed, e) < 0 ||
	    pid_file_open(&x->pid_file, exec_opts.pid_file, a, e) < 0 ||
	    bundle_saved(&x->bundle, x->f.dir, x->f.record.id, a, e) < 0 ||
	    exec_process(&x->asked, x->bundle.config->process, in->tail, in->n_tail, a, e) < 0)
		return -1;
	x->config = *x->bundle.config;
	x->config.process = x->asked.process;
	if (facts_probe_process(&x->facts, &x->config, x->f.proc, a, e) < 0 || check(x, e) < 0 ||
	    exec_cgroups(&x->f, &exec_opts.cgroups, x->cgroups, &target.n_cgroups, a, e) < 0)
		return -1;
	target.ns = namespaces(x);
	const struct plan_opts opts = { .id = x->f.record.id,
		                        .bundle = x->f.record.bundle,
		                        .pid_file = x->pid_file.path,
		                        .detach = exec_opts.detach,
		                        .console_socket = console || exec_opts.console_socket,
		                        .rows = size.ws_row,
		                        .cols = size.ws_col,
		                        .preserve_fds = exec_opts.preserve_fds + passed,
		                        .listen_fds = passed };
	if (plan_exec(&x->plan, &x->config, &x->facts, &opts, &target, a, e) < 0)
		return -1;
	return plan_verify(&x->plan, e);
}

static int publish(struct run *r, const char *path)
{
	const struct exec *x = r->ctx;
	char text[64];
	int rc = x->pidfd_socket < 0 ? 0 : pidfd_send(x->pidfd_socket, r->pidfd);

	if (rc < 0)
		return run_sys(r, -rc, "send the pidfd of the process");
	rc = pid_file_write(&x->pid_file, r->pid);
	return rc < 0 ? run_fail(r, -rc, "write the pid file %.200s: %s", path,
	                         err_text(-rc, text, sizeof text))
	              : 0;
}

static int apply(struct exec *x, struct err *e)
{
	struct run *r = &x->run;

	if (exec_opts.console_socket) {
		r->fd[SLOT_CONSOLE] = console_connect(exec_opts.console_socket, e);
		if (r->fd[SLOT_CONSOLE] < 0)
			return -1;
	}
	if (exec_opts.pidfd_socket) {
		x->pidfd_socket = pidfd_connect(exec_opts.pidfd_socket, e);
		if (x->pidfd_socket < 0)
			return -1;
	}
	/* Without the cache a filter is compiled each time. */
	if (plan_find(&x->plan, STEP_FILTER))
		r->fd[SLOT_STORE] = fcntl(x->f.root, F_DUPFD_CLOEXEC, 3);
	r->bundle = x->f.record.bundle;
	r->publish = publish;
	r->ctx = x;
	faults_read(r);
	if (run_plan(r) == 0)
		return 0;
	run_end(r);
	*e = r->err;
	if (!stopped_meanwhile(x, e))
		exec_place(&x->asked, &x->bundle, e);
	return -1;
}

/* console: our end of the socket pair that the terminal comes over, or -1. */
static int attend(struct exec *x, struct attend *at, int console, struct err *e)
{
	struct run *r = &x->run;
	bool terminal = x->asked.process->terminal.v && console >= 0;
	int master = terminal ? console_receive(console, e) : -1;

	if (terminal && master < 0) {
		run_end(r);
		return -1;
	}
	return attend_wait(at, r->pidfd, r->pid, master, e);
}

static int exec(struct exec *x, const struct globals *g, const struct cli *in, int pair[2],
                struct err *e)
{
	struct attend at = { .signals = -1 };
	autofd console = pair[0];
	bool own = pair[1] >= 0;

	if (run_init(&x->run, &x->plan, in->operand[0]) < 0) {
		*e = x->run.err;
		fd_close(&pair[1]);
		return -1;
	}
	x->run.fd[SLOT_CONSOLE] = pair[1];
	uint64_t t = trace_begin();
	if (find(x, g, in->operand[0], e) < 0)
		return -1;
	if (prepare(x, in, own, e) < 0) {
		stopped_meanwhile(x, e);
		return -1;
	}
	trace_next(t, "container found, config checked, plan made");
	arena_seal(&x->arena);
	if (!exec_opts.detach && attend_begin(&at, !exec_opts.no_subreaper, e) < 0)
		return -1;
	interrupt_begin();
	int rc = apply(x, e);
	interrupt_end();
	if (!exec_opts.detach) {
		fd_close(&x->run.fd[SLOT_CONSOLE]);
		if (rc == 0)
			rc = attend(x, &at, console, e);
		attend_end(&at);
	}
	return rc;
}

static void done(struct exec *x)
{
	if (trace_on)
		trace_run(&x->run);
	run_done(&x->run);
	pid_file_close(&x->pid_file);
	fd_close(&x->pidfd_socket);
	found_done(&x->f);
	arena_done(&x->arena);
}

/* engine-contract.md 1.8: engines know a failure of exec by these words. */
static void say_so(struct err *e)
{
	char what[sizeof e->what];

	snprintf(what, sizeof what, TEXT_EXEC_FAILED "%.300s", e->what);
	memcpy(e->what, what, sizeof what);
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	/* Large, and nearly all of it 0: as initialized data it would be pages of the file, copied at each start. */
	static struct exec x;
	int pair[2] = { -1, -1 };

	x.f.root = x.f.dir = x.f.proc = x.pid_file.dir = x.pidfd_socket = -1;
	if (!exec_opts.detach && !exec_opts.console_socket &&
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, ERR_HOST, errno, "socketpair for the terminal");
	int rc = exec(&x, g, in, pair, e);
	done(&x);
	if (rc < 0 && e->kind != ERR_NONE)
		say_so(e);
	return rc;
}

const struct command cmd_exec = {
	.name = "exec",
	.summary = "run one more program in a container",
	.usage = "ID COMMAND [ARGUMENTS]",
	.flags = exec_flags,
	.min = 1,
	.max = 1,
	.id = true,
	.rest = true,
	.seals = true,
	.failure = 255,
	.run = run,
};
