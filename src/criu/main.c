/* main: nsrun-criu, the helper program that speaks to criu for nsrun: one JSON request on stdin, events and the end on
 * stdout (apply/criu_wire.h), and nothing else. */
#include "base/fd.h"
#include "base/io.h"
#include "base/rights.h"
#include "base/str.h"
#include "criu/swrk.h"
#include "libocispec-lite/ocispec.h"
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Sends one message, and with it a descriptor unless fd is -1. False when nsrun has gone. */
static bool tell(const struct criu_reply *r, int fd)
{
	struct arena a = { 0 };
	size_t len;
	const char *json = oci_encode(&criu_reply_schema, r, OCI_COMPACT, &a, &len);
	bool sent = rights_send(1, fd, json, len, 0) == (ssize_t)len;

	arena_done(&a);
	return sent;
}

static bool ask(const struct rpc_answer *event, int fd)
{
	struct criu_reply r = { .event = (char *)(uintptr_t)event->script,
		                .pid = { (uint64_t)event->pid, event->pid > 0 } };
	char answer;

	return tell(&r, fd) && recv(1, &answer, 1, 0) == 1 && answer == *CRIU_ACCEPTED;
}

/* criu wants the new root to be a mount point. In a mount namespace of its own that mount ends with criu, whatever
 * happens to us. */
static int make_root(const char *root, struct err *e)
{
	if (unshare(CLONE_NEWNS) < 0)
		return err_sys(e, ERR_HOST, errno, "make a mount namespace for criu");
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return err_sys(e, ERR_HOST, errno, "make the mounts of criu's namespace slaves");
	if (mount(root, root, NULL, MS_BIND | MS_REC, NULL) < 0 ||
	    mount(NULL, root, NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return err_sys(e, ERR_HOST, errno, "bind the root %s", root);
	return 0;
}

/* A descriptor of a directory leads to the mount namespace that it was opened in, and criu mounts below it. */
static int reopen(int fd, struct err *e)
{
	char link[32], path[PATH_MAX];
	struct stat was, is;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	path[n < 0 ? 0 : n] = '\0';
	autofd now = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (n < 0 || now < 0 || fstat(fd, &was) < 0 || fstat(now, &is) < 0)
		return err_sys(e, ERR_HOST, errno, "open %s again", path);
	if (was.st_dev != is.st_dev || was.st_ino != is.st_ino)
		return err_set(e, ERR_HOST, "%s is another directory by now", path);
	return dup2(now, fd) < 0 ? err_sys(e, ERR_HOST, errno, "dup2") : 0;
}

static int prepare(const struct criu_request *rq, struct err *e)
{
	if (rpc_verb(rq) != CRIU_RESTORE)
		return 0;
	if (make_root(rq->root, e) < 0 || reopen((int)rq->images.v, e) < 0)
		return -1;
	return reopen((int)rq->work.v, e);
}

static const struct criu_request *read_request(struct arena *a, struct err *e)
{
	struct oci_diags diags = { 0 };
	char *text = arena_alloc(a, OCI_MAX_TEXT, 1);
	ssize_t n = io_read_all(0, text, OCI_MAX_TEXT);
	const struct criu_request *rq =
		n > 0 ? oci_decode(&criu_request_schema, text, (size_t)n, a, &diags) : NULL;

	if (!rq)
		err_set(e, ERR_BUG, "%s reads a request on stdin: %s", CRIU_HELPER,
		        diags.first ? diags.first->what : "cannot read it");
	return rq;
}

int main(void)
{
	struct arena a = { 0 };
	struct err e = { 0 };
	int pid = 0;
	bool logged = false;

	signal(SIGPIPE, SIG_IGN);
	const struct criu_request *rq = read_request(&a, &e);
	struct swrk s = { .rq = rq, .ask = ask, .e = &e };
	if (rq && prepare(rq, &e) == 0 && swrk_start(&s) == 0) {
		logged = true;
		swrk_serve(&s, &pid);
	}
	const struct criu_reply reply = { .pid = { (uint64_t)pid, pid > 0 },
		                          .num = { (uint64_t)e.num, e.num > 0 },
		                          .what = e.kind == ERR_NONE ? NULL : e.what,
		                          .hint = *e.hint ? e.hint : NULL,
		                          .logged = { logged, true } };
	/* No clean-up: criu sees the end of its socket when we are gone, and nobody reads the memory any more. */
	_exit(!tell(&reply, -1));
}
