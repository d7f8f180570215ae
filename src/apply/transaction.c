/* transaction: see transaction.h. */
#include "apply/transaction.h"
#include "apply/hint.h"
#include "apply/old_value.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "plan/kinds.h"
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* Completes e for a step: what it does, where it comes from, what can be done. */
static int step_failed(const struct plan *p, const struct step *s, int num, const char *verb,
                       struct err *e)
{
	char label[160], why[sizeof e->where];
	const char *hint = hint_for(s, num, p);

	step_label(s, p->cgroups, label, sizeof label);
	err_sys(e, ERR_STEP, num, "%s%s", verb, label);
	plan_why(p, s, why, sizeof why);
	err_where(e, "%s", why);
	return hint ? err_hint(e, "%s", hint) : -1;
}

/* The file that this kernel has for the step, and what it holds. 0, 1 when there is none and none is needed, or
 * -errno. */
static int read_old(const struct transaction *t, const struct step *s, struct change *c,
                    struct arena *a)
{
	int cgroup = t->cgroup[s->write.index];

	*c = (struct change){ s, s->write.index, s->write.path, s->write.bytes, NULL };
	if (cgroup < 0)
		return -ENOENT;
	int rc = old_value_read(cgroup, c->file, c->text, &c->old, a);
	if (rc == -ENOENT && s->write.or_path) {
		c->file = s->write.or_path;
		c->text = s->write.or_bytes;
		rc = old_value_read(cgroup, c->file, c->text, &c->old, a);
	}
	return rc == -ENOENT && s->lenient == SKIP_ENOENT ? 1 : rc;
}

int transaction_read(struct transaction *t, struct arena *a, struct err *e)
{
	const struct step *s;

	t->change = NEW_N(a, struct change, t->plan->n_steps + 1);
	t->n = 0;
	for (uint32_t i = 0; (s = plan_at(t->plan, i, NULL)); i++) {
		int rc = read_old(t, s, &t->change[t->n], a);

		if (rc < 0)
			return step_failed(t->plan, s, -rc, "read what is there before ", e);
		t->n += rc == 0;
	}
	return 0;
}

static int put(const struct transaction *t, const struct change *c, const char *text)
{
	return io_write_kernel(t->cgroup[c->index], c->file, text, strlen(text));
}

/* A file that holds its old value already is left alone: it was never written, or another one brought it back. */
static int put_back(const struct transaction *t, const struct change *c)
{
	struct arena a = { 0 };
	const char *now = NULL;
	int rc = 0;

	if (!c->old || t->cgroup[c->index] < 0)
		return 0;
	rc = old_value_read(t->cgroup[c->index], c->file, c->text, &now, &a);
	if (rc == 0 && !(now && STR_EQ(now, c->old)))
		rc = put(t, c, c->old);
	arena_done(&a);
	return rc == -ENODEV ? 0 : rc;
}

int transaction_undo(const struct transaction *t, struct err *e)
{
	int rc = t->also ? t->also(t->ctx, t, true, e) : 0;

	for (size_t i = t->n; i--;) {
		int num = put_back(t, &t->change[i]);

		if (num < 0)
			rc = err_sys(e, ERR_HOST, -num, "write the old value \"%s\" to %s",
			             t->change[i].old, t->change[i].file);
	}
	return rc;
}

#ifdef ENABLE_FAULTS
/* Tests only: does the environment name the n-th write (from 1; one more is the commit)? */
static bool fault(const char *name, size_t n)
{
	const char *text = getenv(name);
	uint64_t v;

	return text && str_u64(text, UINT32_MAX, &v) == 0 && v == n;
}

static int faults(size_t n)
{
	if (fault("NSRUN_UPDATE_KILL_BOTH_AT", n))
		kill(getppid(), SIGKILL);
	if (fault("NSRUN_UPDATE_KILL_AT", n) || fault("NSRUN_UPDATE_KILL_BOTH_AT", n))
		kill(getpid(), SIGKILL);
	return fault("NSRUN_UPDATE_FAIL_AT", n) ? -EIO : 0;
}
#else
static int faults(size_t n)
{
	(void)n;
	return 0;
}
#endif

int transaction_write(const struct transaction *t, struct err *e)
{
	if (t->also && t->also(t->ctx, t, false, e) < 0)
		return -1;
	for (size_t i = 0; i < t->n; i++) {
		const struct change *c = &t->change[i];
		int rc = faults(i + 1);

		if (rc == 0)
			rc = put(t, c, c->text);
		if (rc < 0)
			return step_failed(t->plan, c->step, -rc, "", e);
	}
	faults(t->n + 1);
	return 0;
}

static void child(int (*work)(void *ctx, struct err *e), void *ctx, int out)
{
	struct err e = { 0 };

	setsid();
	if (work(ctx, &e) < 0 && e.kind == ERR_NONE)
		err_set(&e, ERR_BUG, "an update failed and did not say why");
	io_write_all(out, &e, sizeof e);
	_exit(0);
}

int transaction_detach(int (*work)(void *ctx, struct err *e), void *ctx, struct err *e)
{
	struct err told;
	sigset_t all, old;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_sys(e, ERR_HOST, errno, "make a pipe");
	autofd in = fds[0], out = fds[1];
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid_t pid = fork();
	if (pid == 0)
		child(work, ctx, out);
	sigprocmask(SIG_SETMASK, &old, NULL);
	if (pid < 0)
		return err_sys(e, ERR_HOST, errno, "make the process that writes");
	fd_close(&out);
	ssize_t n = io_read_all(in, &told, sizeof told);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	if (n != (ssize_t)sizeof told) {
		err_set(e, ERR_HOST, "the process that does the work was killed");
		return -ESRCH;
	}
	if (told.kind == ERR_NONE)
		return 0;
	*e = told;
	return -1;
}
