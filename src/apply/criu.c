/* criu: see criu.h. */
#include "apply/criu.h"
#include "apply/criu_log.h"
#include "apply/helper.h"
#include "apply/spawn.h"
#include "base/fd.h"
#include "base/interrupt.h"
#include "base/io.h"
#include "base/str.h"
#include "base/sys.h"
#include "libocispec-lite/ocispec.h"
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define START   20000  /* ms: criu asks the kernel a lot before it answers first */
#define TIMEOUT 600000 /* ms: a large memory on a slow disk */
#define GRACE   5000   /* ms: for the helper to tell us that time was up */
#define LOG_MAX 65536  /* bytes of a log's end */

struct call {
	const struct criu_call *q;
	pid_t pid; /* of the helper, the head of a process group */
	int sock, errors;
};

const char *criu_find(struct arena *a, struct err *e)
{
	const char *path = getenv("PATH");
	struct stat st;

#ifndef HAVE_CRIU
	err_set(e, ERR_USAGE, "this nsrun was built without checkpoint and restore");
	err_hint(e, "build it with --enable-criu");
	return NULL;
#endif
	for (const char *dir = path; dir && *dir; dir += *dir == ':') {
		size_t n = strcspn(dir, ":");
		char *file = arena_fmt(a, "%.*s/criu", (int)n, dir);

		/* A relative one means another file wherever we are called. */
		if (*dir == '/' && access(file, X_OK) == 0 && stat(file, &st) == 0 &&
		    S_ISREG(st.st_mode))
			return file;
		dir += n;
	}
	err_set(e, ERR_HOST, "criu is not installed");
	err_hint(e, "install the package criu: checkpoint and restore need it");
	return NULL;
}

/* The child, up to exec: sources are copies above all targets. */
_Noreturn static void become_helper(const char *path, const int *from, int n)
{
	static char *no_environment[] = { NULL };
	char *argv[] = { (char *)(uintptr_t)path, NULL };

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	setpgid(0, 0);
	signals_reset();
	for (int i = 0; i < n; i++)
		if (dup2(from[i], i) < 0)
			_exit(126);
	sys_close_range((unsigned)n, ~0u, 0);
	if (chdir("/") < 0)
		_exit(126);
	execve(path, argv, no_environment);
	_exit(127);
}

/* Starts the helper with in, sock, errors and q's descriptors from 0 on. 0, or -errno. */
static int start(struct call *c, const char *path, int in, int sock)
{
	int from[CRIU_FD + CRIU_FDS] = { in, sock, c->errors }, rc = 0;
	int n = CRIU_FD + (int)c->q->n_fds;

	for (int i = 0; i < (int)c->q->n_fds; i++)
		from[CRIU_FD + i] = c->q->fds[i];
	for (int i = 0; i < n; i++) {
		from[i] = fcntl(from[i], F_DUPFD_CLOEXEC, n);
		if (from[i] < 0)
			rc = -errno;
	}
	c->pid = rc < 0 ? -1 : fork();
	if (c->pid == 0)
		become_helper(path, from, n);
	if (rc == 0 && c->pid < 0)
		rc = -errno;
	for (int i = 0; i < n; i++)
		fd_close(&from[i]);
	return rc;
}

static int request_file(const struct criu_request *rq, struct arena *a)
{
	autofd fd = memfd_create("request", MFD_CLOEXEC);
	size_t len;
	const char *text = oci_encode(&criu_request_schema, rq, OCI_COMPACT, a, &len);
	int rc = fd < 0 ? -errno : io_write_all(fd, text, len);

	if (rc == 0 && lseek(fd, 0, SEEK_SET) < 0)
		rc = -errno;
	return rc < 0 ? rc : fd_take(&fd);
}

/* The end of a file, as text; "" when there is none. */
static const char *file_end(int fd, struct arena *a)
{
	char *text = arena_alloc(a, LOG_MAX + 1, 1);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	ssize_t n = -1;

	if (size >= 0 && lseek(fd, size > LOG_MAX ? size - LOG_MAX : 0, SEEK_SET) >= 0)
		n = io_read_all(fd, text, LOG_MAX);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

/* What was asked has failed: why, from the log of criu, or what it and the helper wrote before they had one. */
static void explain(struct call *c, const struct criu_reply *r, struct arena *a, struct err *e)
{
	const struct criu_request *rq = c->q->request;
	int work = c->q->fds[rq->work.v - CRIU_FD];
	autofd log = openat(work, rq->log_file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char why[240];

	*why = '\0';
	if (r->logged.v)
		criu_log_errors(file_end(log, a), why, sizeof why);
	bool from_log = *why;
	if (!from_log)
		criu_log_errors(file_end(c->errors, a), why, sizeof why);
	err_set(e, ERR_HOST, "%s%s%s", r->what, *why ? ": " : "", why);
	if (e && !e->num)
		e->num = (int)r->num.v;
	if (from_log || (r->logged.v && log >= 0 && !r->hint))
		err_hint(e, "read %s", c->q->log);
	else if (r->hint)
		err_hint(e, "%s", r->hint);
}

/* One message of the helper into *r, memory in a; *fd: what came with it. 0, -ETIMEDOUT, -EINTR, or -EPIPE: it is gone or
 * talks nonsense. */
static int receive(struct call *c, int timeout, struct arena *a, const struct criu_reply **r,
                   int *fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char *buf = arena_alloc(a, CRIU_MESSAGE, 1);
	struct iovec text = { .iov_base = buf, .iov_len = CRIU_MESSAGE };
	struct msghdr m = { .msg_iov = &text,
		            .msg_iovlen = 1,
		            .msg_control = &control,
		            .msg_controllen = sizeof control };
	struct pollfd p = { .fd = c->sock, .events = POLLIN };
	struct oci_diags diags = { 0 };
	ssize_t n;

	*fd = -1;
	do
		n = interrupt_poll(&p, 1, timeout);
	while (n < 0 && errno == EINTR && !interrupt_signal());
	if (n < 0 && errno == EINTR)
		return -EINTR;
	if (n == 0)
		return -ETIMEDOUT;
	do
		n = recvmsg(c->sock, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	struct cmsghdr *h = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;
	if (h && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS &&
	    h->cmsg_len == CMSG_LEN(sizeof *fd))
		memcpy(fd, CMSG_DATA(h), sizeof *fd);
	*r = n > 0 ? oci_decode(&criu_reply_schema, buf, (size_t)n, a, &diags) : NULL;
	return *r ? 0 : -EPIPE;
}

/* Events, to the end. */
static int talk(struct call *c, int timeout, struct arena *a, pid_t *pid, struct err *e)
{
	const struct criu_reply *r = NULL;

	for (;;) {
		int fd, rc = receive(c, timeout, a, &r, &fd);

		if (rc == -ETIMEDOUT)
			return err_set(e, ERR_HOST, "the helper program %s did not answer in time",
			               CRIU_HELPER);
		if (rc == -EINTR)
			return err_set(e, ERR_HOST, "interrupted by %s", interrupt_name());
		if (rc < 0) {
			err_set(e, ERR_HOST, "the helper program %s ended without an answer",
			        CRIU_HELPER);
			return err_hint(e, "install nsrun again: its helper does not work here");
		}
		if (!r->event)
			break;
		bool go_on = c->q->event(c->q->ctx, r->event, (pid_t)r->pid.v, fd, e) == 0;
		fd_close(&fd);
		(void)!send(c->sock, go_on ? CRIU_ACCEPTED : "n", 1, MSG_NOSIGNAL);
	}
	if (!r->what) {
		if (pid)
			*pid = (pid_t)r->pid.v;
		return 0;
	}
	explain(c, r, a, e);
	return -1;
}

/* The helper has ended, or does now; after a failure criu does too. What was restored has a session of its own, unless
 * it is a shell job, and then a failure is its end as well. */
static void finish(struct call *c, bool worked)
{
	if (!worked)
		kill(-c->pid, SIGKILL);
	kill(c->pid, SIGKILL);
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static int begin(struct call *c, const char *helper, struct arena *a, struct err *e)
{
	int pair[2];
	autofd in = request_file(c->q->request, a);

	c->errors = memfd_create("errors", MFD_CLOEXEC);
	if (in < 0 || c->errors < 0)
		return err_sys(e, ERR_HOST, in < 0 ? -in : errno, "write a request to criu");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, ERR_HOST, errno, "make a socket to %s", CRIU_HELPER);
	c->sock = pair[0];
	int rc = start(c, helper, in, pair[1]);
	fd_close(&pair[1]);
	return rc < 0 ? err_sys(e, ERR_HOST, -rc, "start %s", helper) : 0;
}

static int ask(const struct criu_call *q, struct arena *a, pid_t *pid, struct err *e)
{
	char path[PATH_MAX];
	struct call c = { .q = q, .sock = -1, .errors = -1 };
	const char *helper = helper_find(CRIU_HELPER, path, sizeof path);
	uint64_t timeout = q->request->timeout.v;

	if (!helper) {
		err_set(e, ERR_HOST, "the helper program %s is missing: no %s", CRIU_HELPER,
		        helper_installed(CRIU_HELPER, path, sizeof path));
		return err_hint(e, "install it (make install)");
	}
	int rc = begin(&c, helper, a, e);
	if (rc == 0) {
		uint64_t most = timeout > q->request->start_timeout.v ? timeout
		                                                      : q->request->start_timeout.v;

		rc = talk(&c, timeout ? (int)most + GRACE : -1, a, pid, e);
		finish(&c, rc == 0);
	}
	fd_close(&c.sock);
	fd_close(&c.errors);
	return rc;
}

int criu_call(const struct criu_call *q, pid_t *pid, struct err *e)
{
	struct arena a = { 0 };

	q->request->timeout = (struct oci_u64){ q->for_ever ? 0 : TIMEOUT, true };
	q->request->start_timeout = (struct oci_u64){ START, true };
#ifdef ENABLE_FAULTS
	const char *text = getenv("NSRUN_CRIU_TIMEOUT");
	uint64_t ms;

	if (text && str_u64(text, INT32_MAX, &ms) == 0)
		q->request->timeout.v = q->request->start_timeout.v = ms;
#endif
	int rc = ask(q, &a, pid, e);
	arena_done(&a);
	return rc;
}
