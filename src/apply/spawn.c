/* spawn: see spawn.h. */
#include "apply/spawn.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/interrupt.h"
#include "base/str.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

/* What the child tells us when it cannot become the program; success closes the pipe without a word. */
struct failed {
	int num, call;
};
enum { CALL_FORK, CALL_CHDIR, CALL_EXEC };
static const char *const calls[] = { "fork", "chdir", "exec" };
#define REPORT_FD 3
#define DIE_WAIT  10000 /* ms for a killed process to be gone: a dead file system may hold it */

/* argv and envp with their NULLs, in memory of our own: the vectors of a config have none. */
struct vectors {
	char **argv, **envp;
	void *map;
	size_t size;
};

static int vectors_make(const struct spawn *s, struct vectors *v)
{
	size_t n_argv = s->n_argv ? s->n_argv : 1;

	v->size = (n_argv + 1 + s->n_envp + 1) * sizeof(char *);
	v->map = mmap(NULL, v->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (v->map == MAP_FAILED)
		return -errno;
	v->argv = v->map;
	v->envp = v->argv + n_argv + 1;
	v->argv[0] = (char *)(uintptr_t)s->path;
	if (s->n_argv)
		memcpy(v->argv, s->argv, s->n_argv * sizeof(char *));
	if (s->n_envp)
		memcpy(v->envp, s->envp, s->n_envp * sizeof(char *));
	return 0;
}

int signals_reset(void)
{
	for (int i = 1; i < _NSIG; i++)
		sys_signal_default(i);
	return sigprocmask(SIG_SETMASK, &(sigset_t){ 0 }, NULL) < 0 ? -errno : 0;
}

/* The child, up to exec. Descriptors 0-2 are ours to replace; a report of a failure is the only thing kept. */
_Noreturn static void child(const struct spawn *s, const struct vectors *v, int out, int report)
{
	struct failed f = { .call = CALL_FORK };

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	setpgid(0, 0);
	signals_reset();
	if (dup2(s->in, 0) < 0 || dup2(s->out ? s->out : out, 1) < 0 || dup2(out, 2) < 0)
		goto fail;
	f.call = CALL_CHDIR;
	if ((s->dir >= 0 && fchdir(s->dir) < 0) || (s->cwd && chdir(s->cwd) < 0))
		goto fail;
	f.call = CALL_FORK;
	if (report != REPORT_FD) {
		if (dup3(report, REPORT_FD, O_CLOEXEC) < 0)
			goto fail;
		report = REPORT_FD;
	}
	/* Where a filter keeps close_range(2) from us, there is still O_CLOEXEC. */
	sys_close_range(REPORT_FD + 1, ~0u, 0);
	f.call = CALL_EXEC;
	execve(s->path, v->argv, v->envp);
fail:
	f.num = errno;
	(void)!write(report, &f, sizeof f);
	_exit(127);
}

/* The child, in our memory until it executes (vfork(2)): no page table is copied for a few calls. A filter may allow fork(3)
 * alone, or fake what it returns. A function of its own: the child changes no variable of the one that goes on. While it
 * opens its program nothing ends our wait but SIGKILL: a dead file system has both. */
static pid_t bear(const struct spawn *s, const struct vectors *v, int out, int report)
{
	pid_t pid = s->filtered ? fork() : vfork();

	if (pid == 0)
		child(s, v, out, report);
	return pid;
}

/* Appends n bytes, at most SPAWN_TAIL; what is oldest gives way. */
static void tail_add(char tail[SPAWN_TAIL + 1], size_t *len, const char *bytes, size_t n)
{
	size_t drop = *len + n > SPAWN_TAIL ? *len + n - SPAWN_TAIL : 0;

	memmove(tail, tail + drop, *len - drop);
	*len -= drop;
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];

		tail[(*len)++] = (char)(c < ' ' || c == 127 ? ' ' : c);
	}
}

/* Reads what there is. False at the end of the output. */
static bool tail_read(int fd, char tail[SPAWN_TAIL + 1], size_t *len)
{
	char buf[4096];
	ssize_t n;

	while ((n = read(fd, buf, sizeof buf)) > 0) {
		size_t skip = (size_t)n > SPAWN_TAIL ? (size_t)n - SPAWN_TAIL : 0;

		tail_add(tail, len, buf + skip, (size_t)n - skip);
	}
	return n < 0 && (errno == EAGAIN || errno == EINTR);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void on_child(int sig)
{
	(void)sig;
}

/* A wait for a child: which signals may come, how long, and what ends it early. */
struct patience {
	const struct spawn *s;
	struct spawned *x;
	int64_t end;         /* as now_ms() */
	unsigned interrupts; /* those that came before */
	sigset_t mask;
};

/* poll(2) of one descriptor, or of none (-1). SIGCHLD is blocked outside of it, so that none is missed. */
static int poll_until(const struct patience *w, int fd, int64_t end)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t left = end - now_ms();
	struct timespec t = { .tv_sec = left > 0 ? left / 1000 : 0,
		              .tv_nsec = left > 0 ? left % 1000 * 1000000 : 0 };

	return ppoll(&p, fd >= 0, end ? &t : NULL, &w->mask);
}

/* The same, while there is no reason to end the child. */
static bool waits(const struct patience *w, int fd, int *ready)
{
	if (w->s->interrupts && interrupt_count() != w->interrupts)
		w->x->interrupted = interrupt_name();
	else if (w->end && now_ms() >= w->end)
		w->x->timed_out = true;
	if (w->x->interrupted || w->x->timed_out)
		return false;
	*ready = poll_until(w, fd, w->end);
	return true;
}

static void end_child(const struct patience *w, pid_t pid)
{
	int64_t end = now_ms() + DIE_WAIT;

	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	while (waitpid(pid, &w->x->status, WNOHANG) == 0 && now_ms() < end)
		poll_until(w, -1, end);
}

/* Waits for pid while its output is read. */
static void attend(const struct patience *w, pid_t pid, int out, size_t *len)
{
	int from = out, ready;

	while (waitpid(pid, &w->x->status, WNOHANG) == 0) {
		if (!waits(w, from, &ready)) {
			end_child(w, pid);
			break;
		}
		if (ready > 0 && !tail_read(out, w->x->tail, len))
			from = -1;
	}
	tail_read(out, w->x->tail, len);
}

static void tail_trim(struct spawned *x, size_t len)
{
	size_t start = strspn(x->tail, " ");

	while (len > start && x->tail[len - 1] == ' ')
		len--;
	memmove(x->tail, x->tail + start, len - start);
	x->tail[len - start] = '\0';
}

/* Forks and waits, with SIGCHLD blocked and handled. */
static int fork_and_wait(const struct spawn *s, const struct vectors *v, struct spawned *x)
{
	autofd out_r = -1, out_w = -1, rep_r = -1, rep_w = -1;
	struct patience w = { .s = s, .x = x, .interrupts = interrupt_count() };
	struct failed f;
	size_t len = 0;
	int fds[2], ready = 0;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	out_r = fds[0], out_w = fds[1];
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	rep_r = fds[0], rep_w = fds[1];
	if (fcntl(out_r, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	pid_t pid = bear(s, v, out_w, rep_w);
	if (pid < 0)
		return -errno;
	fd_close(&out_w);
	fd_close(&rep_w);
	w.end = s->timeout ? now_ms() + (int64_t)s->timeout * 1000 : 0;
	sigfillset(&w.mask);
	sigdelset(&w.mask, SIGCHLD);
	if (s->interrupts)
		interrupt_open(&w.mask);
	while (ready <= 0 && waits(&w, rep_r, &ready))
		;
	ssize_t n = 0;
	while (ready > 0 && (n = read(rep_r, &f, sizeof f)) < 0 && errno == EINTR)
		;
	attend(&w, pid, out_r, &len);
	tail_trim(x, len);
	if (n == (ssize_t)sizeof f) {
		x->error = f.num;
		x->call = calls[f.call];
	}
	return 0;
}

void spawn_run(const struct spawn *s, struct spawned *x)
{
	struct sigaction old_action, action = { .sa_handler = on_child };
	sigset_t old_mask, mask;
	struct vectors v = { 0 };

	*x = (struct spawned){ 0 };
	int rc = vectors_make(s, &v);
	if (rc == 0) {
		sigemptyset(&mask);
		sigaddset(&mask, SIGCHLD);
		sigprocmask(SIG_BLOCK, &mask, &old_mask);
		sigaction(SIGCHLD, &action, &old_action);
		rc = fork_and_wait(s, &v, x);
		sigaction(SIGCHLD, &old_action, NULL);
		sigprocmask(SIG_SETMASK, &old_mask, NULL);
		munmap(v.map, v.size);
	}
	if (rc < 0) {
		x->error = -rc;
		x->call = calls[CALL_FORK];
	}
}

bool spawn_ok(const struct spawned *x)
{
	return !x->error && !x->timed_out && !x->interrupted && WIFEXITED(x->status) &&
	       WEXITSTATUS(x->status) == 0;
}

void spawn_text(const struct spawned *x, unsigned timeout, char *buf, size_t n)
{
	char text[64];

	if (x->error)
		snprintf(buf, n, "%s: %s", x->call, err_text(x->error, text, sizeof text));
	else if (x->interrupted)
		snprintf(buf, n, "was ended by the %s that nsrun got", x->interrupted);
	else if (x->timed_out)
		snprintf(buf, n, "hook ran past specified timeout of %u.0s", timeout);
	else if (WIFSIGNALED(x->status))
		snprintf(buf, n, "was killed by signal %d", WTERMSIG(x->status));
	else
		snprintf(buf, n, "exited with status %d", WEXITSTATUS(x->status));
	if (!x->error && *x->tail)
		str_add(buf, n, ": %s", x->tail);
}
