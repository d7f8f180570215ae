/* swrk: see swrk.h. */
#include "criu/swrk.h"
#include "base/fd.h"
#include "base/str.h"
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OLDEST     31100   /* before it an annotation's config file is not read over RPC */
#define ANSWER_MAX 1048576 /* bytes of an answer */

/* What a flag needs. */
static const struct need {
	int version;
	const char *flag;
} needs[] = { { 31500, "lsm-mount-context" }, { 31700, "network-lock" } };

static int none_of_criu(struct swrk *s, const char *what)
{
	err_set(s->e, ERR_HOST, "%s %s", s->rq->criu, what);
	return err_hint(s->e, "run \"criu check\" to see whether criu works here");
}

/* Waits for the next message of criu; -1 with s->e when none comes. nsrun's end of our stdout tells when it is gone. */
static int wait_answer(struct swrk *s, uint64_t timeout)
{
	struct pollfd p[2] = { { .fd = s->sock, .events = POLLIN }, { .fd = 1 } };
	int n;

	do
		n = poll(p, 2, timeout ? (int)timeout : -1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(s->e, ERR_HOST, errno, "wait for criu");
	if (n == 0) {
		err_set(s->e, ERR_HOST, "criu did not answer within %u s",
		        (unsigned)(timeout / 1000));
		return err_hint(s->e, "look what it waits for: its log, and \"criu check\"");
	}
	if (p[1].revents && !p[0].revents)
		return err_set(s->e, ERR_HOST, "nsrun has gone");
	return 0;
}

/* The descriptor that came with a message, or -1. */
static int fd_of(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int fd = -1;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof fd))
		memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}

/* One message into out. *fd is what came with it, or -1. 0, or -1 with s->e. */
static int receive(struct swrk *s, uint64_t timeout, struct rpc_answer *out, int *fd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	static uint8_t data[ANSWER_MAX];
	struct iovec text = { .iov_base = data, .iov_len = sizeof data };
	struct msghdr m = { .msg_iov = &text,
		            .msg_iovlen = 1,
		            .msg_control = &control,
		            .msg_controllen = sizeof control };
	ssize_t n;

	if (wait_answer(s, timeout) < 0)
		return -1;
	do
		n = recvmsg(s->sock, &m, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	*fd = n > 0 ? fd_of(&m) : -1;
	if (n <= 0)
		return none_of_criu(s, "ended without an answer");
	if (m.msg_flags & MSG_TRUNC || !rpc_parse(data, (size_t)n, rpc_verb(s->rq), out)) {
		fd_close(fd);
		return none_of_criu(s, "gave an answer that is none of criu's");
	}
	return 0;
}

static int send_bytes(struct swrk *s, struct rpc_bytes b)
{
	ssize_t n = send(s->sock, b.data, b.len, MSG_NOSIGNAL);

	if (n >= 0)
		return 0;
	if (errno == EPIPE || errno == ECONNRESET)
		return none_of_criu(s, "ended without an answer");
	return err_sys(s->e, ERR_HOST, errno, "send criu a request");
}

/* Becomes criu. Of our descriptors it keeps 2 and those that nsrun gave us for it. */
_Noreturn static void become_criu(const struct swrk *s, int sock)
{
	static char *environment[] = {
		(char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL
	};
	char number[16];
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char *argv[] = { s->rq->criu, (char *)"swrk", number, NULL };

	snprintf(number, sizeof number, "%d", sock);
	if (null < 0 || dup2(null, 0) < 0 || dup2(2, 1) < 0 || fcntl(sock, F_SETFD, 0) < 0)
		_exit(127);
	execve(s->rq->criu, argv, environment);
	dprintf(2, "Error: %s: %s\n", s->rq->criu, err_text(errno, (char[64]){ 0 }, 64));
	_exit(127);
}

static int verify_version(struct swrk *s, int version)
{
	const char *const set[] = { s->rq->lsm_mount_context, s->rq->network_lock };

	if (version < OLDEST) {
		err_set(s->e, ERR_HOST, "criu %d.%d is too old", version / 10000,
		        version / 100 % 100);
		return err_hint(s->e, "install criu %d.%d or a later one", OLDEST / 10000,
		                OLDEST / 100 % 100);
	}
	for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
		if (set[i] && version < needs[i].version) {
			err_set(s->e, ERR_HOST, "criu %d.%d is too old for --%s", version / 10000,
			        version / 100 % 100, needs[i].flag);
			return err_hint(s->e, "install criu %d.%d or a later one",
			                needs[i].version / 10000, needs[i].version / 100 % 100);
		}
	return 0;
}

int swrk_start(struct swrk *s)
{
	struct rpc_answer a;
	int pair[2], fd;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(s->e, ERR_HOST, errno, "make a socket to criu");
	s->sock = pair[0];
	pid_t pid = fork();
	if (pid == 0)
		become_criu(s, pair[1]);
	fd_close(&pair[1]);
	if (pid < 0)
		return err_sys(s->e, ERR_HOST, errno, "fork");
	if (send_bytes(s, rpc_version()) < 0 || receive(s, s->rq->start_timeout.v, &a, &fd) < 0)
		return -1;
	fd_close(&fd);
	if (!a.is_version || !a.success)
		return none_of_criu(s, "does not tell its version");
	return verify_version(s, a.version);
}

/* criu has said no. Its log says why, better than this. */
static int failed(struct swrk *s, const struct rpc_answer *a)
{
	char text[64];

	/* Its text is the first error of its log, which need not be the reason. */
	err_set(s->e, ERR_HOST, "criu cannot %s it%s%s", s->rq->verb, a->num ? ": " : "",
	        a->num ? err_text(a->num, text, sizeof text) : "");
	s->e->num = a->num;
	return -1;
}

int swrk_serve(struct swrk *s, int *pid)
{
	struct rpc_answer a;

	if (send_bytes(s, rpc_request(s->rq)) < 0)
		return -1;
	for (;;) {
		int fd;

		if (receive(s, s->rq->timeout.v, &a, &fd) < 0)
			return -1;
		if (!a.is_notify)
			break;
		bool go_on = s->ask(&a, fd);
		fd_close(&fd);
		if (send_bytes(s, rpc_notified(go_on)) < 0)
			return -1;
	}
	if (a.is_version)
		return none_of_criu(s, "gave an answer to nothing");
	if (!a.success)
		return failed(s, &a);
	if (rpc_verb(s->rq) == CRIU_RESTORE && a.pid <= 0)
		return none_of_criu(s, "does not name the process that it has restored");
	*pid = a.pid;
	return 0;
}
