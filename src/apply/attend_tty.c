/* attend_tty: see attend_tty.h. */
#include "apply/attend_tty.h"
#include "apply/attend.h"
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41) /* Linux 4.13 */
#endif
#ifndef RWF_NOWAIT
#define RWF_NOWAIT 8 /* Linux 4.14; for pipes 6.4 */
#endif
#define REST  100 /* ms */
#define FRONT 200 /* ms: a running job that comes to the foreground is not told */
#define DRAIN                                                                                      \
	65536 /* more than a pseudo-terminal holds: what comes then was written after the end */

/* Without waiting when *nowait, for which not every kernel has a way. musl has no preadv2() before 1.2.5. */
static ssize_t move(long call, int fd, char *buf, size_t n, bool *nowait)
{
	struct iovec v = { .iov_base = buf, .iov_len = n };

	if (*nowait) {
		ssize_t rc = syscall(call, (long)fd, &v, 1L, -1L, -1L, (long)RWF_NOWAIT);

		if (rc >= 0 || (errno != EOPNOTSUPP && errno != ENOSYS && errno != EPERM))
			return rc;
		*nowait = false;
	}
	return call == SYS_preadv2 ? read(fd, buf, n) : write(fd, buf, n);
}

static bool shared(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

/* The terminal behind fd with a file description of our own, or -1. /dev/tty is the controlling one. */
static int open_own(int fd, int how)
{
	pid_t session = tcgetsid(fd);

	if (session < 0 || session != getsid(0))
		return -1;
	return open("/dev/tty", how | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* Where stdin is the terminal of another session, nobody asks who is in the foreground. */
static bool in_front(void)
{
	pid_t group = tcgetpgrp(STDIN_FILENO);

	return group < 0 ? errno == ENOTTY : group == getpgrp();
}

void attend_tty_resize(const struct attend_tty *t)
{
	struct winsize size;

	if (t->master >= 0 && attend_size(&size))
		ioctl(t->master, TIOCSWINSZ, &size);
}

/* tcsetattr(3) from the background would do its work (SIGTTOU is blocked) and pull the terminal away from the shell: it
 * is taken when it is ours. */
static void take(struct attend_tty *t)
{
	struct termios raw;

	if (!t->typed || t->front || t->master < 0 || !in_front())
		return;
	if (!t->saved && tcgetattr(STDIN_FILENO, &t->before) < 0)
		return;
	t->saved = true;
	raw = t->before;
	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	t->front = true;
	attend_tty_resize(t);
}

void attend_tty_begin(struct attend_tty *t, int master)
{
	*t = (struct attend_tty){ .master = master, .peer = -1, .own_in = -1, .own_out = -1 };
	t->in.from = t->in.to = t->out.from = t->out.to = -1;
	if (master < 0)
		return;
	fcntl(master, F_SETFL, O_NONBLOCK);
	t->peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	t->typed = isatty(STDIN_FILENO);
	t->own_in = open_own(STDIN_FILENO, O_RDONLY);
	t->own_out = open_own(STDOUT_FILENO, O_WRONLY);
	t->in.from = t->own_in < 0 ? STDIN_FILENO : t->own_in;
	t->in.from_nowait = shared(STDIN_FILENO);
	t->in.to = t->out.from = master;
	t->out.to = t->own_out < 0 ? STDOUT_FILENO : t->own_out;
	t->out.to_nowait = shared(STDOUT_FILENO);
	attend_tty_resize(t);
	take(t);
}

static void put_back(struct attend_tty *t)
{
	if (t->front && in_front())
		tcsetattr(STDIN_FILENO, TCSANOW, &t->before);
	t->front = false;
}

/* Whoever sat at the container's terminal is gone: it goes too, and the kernel tells those who use it. */
static void hang_up(struct attend_tty *t)
{
	put_back(t);
	fd_close(&t->peer);
	fd_close(&t->master);
	t->in.from = t->in.to = t->out.from = -1;
	t->in.n = 0;
}

void attend_tty_end(struct attend_tty *t)
{
	hang_up(t);
	fd_close(&t->own_in);
	fd_close(&t->own_out);
}

void attend_tty_resume(struct attend_tty *t)
{
	t->front = false;
	take(t);
}

int attend_tty_poll(struct attend_tty *t, struct pollfd p[ATTEND_TTY_FDS])
{
	bool rest = t->rest;

	take(t);
	bool ready = !rest && t->in.n == 0 && (!t->typed || t->front);
	for (int i = 0; i < ATTEND_TTY_FDS; i++)
		p[i] = (struct pollfd){ .fd = -1 };
	/* A terminal also for its hang-up only, which poll(2) tells unasked. */
	if (t->in.from >= 0 && (t->typed || ready))
		p[0] = (struct pollfd){ .fd = t->in.from, .events = ready ? POLLIN : 0 };
	short wanted = (short)((t->in.n ? POLLOUT : 0) | (t->out.n ? 0 : POLLIN));
	if (t->master >= 0 && wanted && !rest)
		p[1] = (struct pollfd){ .fd = t->master, .events = wanted };
	if (t->out.n && !rest)
		p[2] = (struct pollfd){ .fd = t->out.to, .events = POLLOUT };
	t->rest = false;
	return rest ? REST : t->typed && !t->front && t->master >= 0 ? FRONT : -1;
}

/* stdin has ended, which a terminal says by a character. Where a line has begun, the first ends that. */
static void pass_end(struct attend_tty *t)
{
	struct termios now;

	t->in.from = -1;
	if (tcgetattr(t->master, &now) < 0 || now.c_cc[VEOF] == _POSIX_VDISABLE)
		return;
	t->in.at = 0;
	t->in.n = t->line_open ? 2 : 1;
	memset(t->in.buf, now.c_cc[VEOF], t->in.n);
}

static void read_stdin(struct attend_tty *t)
{
	struct attend_half *h = &t->in;
	ssize_t n = move(SYS_preadv2, h->from, h->buf, sizeof h->buf, &h->from_nowait);

	if (n > 0) {
		h->at = 0;
		h->n = (size_t)n;
		t->line_open = h->buf[n - 1] != '\n' && h->buf[n - 1] != '\r';
	} else if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
		t->rest = errno == EAGAIN;
	} else if (!t->typed) {
		pass_end(t);
	} else if (n < 0 && errno == EIO && !in_front()) {
		/* Somebody took it from us (SIGTTIN is blocked). */
		t->front = false;
	} else {
		hang_up(t);
	}
}

static void write_master(struct attend_tty *t)
{
	struct attend_half *h = &t->in;
	ssize_t n = write(h->to, h->buf + h->at, h->n);

	if (n >= 0) {
		h->at += (size_t)n;
		h->n -= (size_t)n;
	} else if (errno == EINTR || errno == EAGAIN) {
		t->rest = errno == EAGAIN;
	} else {
		h->n = 0;
	}
}

static bool read_master(struct attend_tty *t)
{
	struct attend_half *h = &t->out;
	ssize_t n = read(h->from, h->buf, sizeof h->buf);

	if (n <= 0)
		return false;
	h->at = 0;
	h->n = (size_t)n;
	return true;
}

static void write_stdout(struct attend_tty *t)
{
	struct attend_half *h = &t->out;
	ssize_t n = move(SYS_pwritev2, h->to, h->buf + h->at, h->n, &h->to_nowait);

	if (n >= 0) {
		h->at += (size_t)n;
		h->n -= (size_t)n;
	} else if (errno == EINTR || errno == EAGAIN) {
		t->rest = errno == EAGAIN;
	} else {
		t->failed = errno;
		h->n = 0;
		hang_up(t);
	}
}

static void move_master(struct attend_tty *t, short happened)
{
	if (t->in.n && happened & POLLOUT)
		write_master(t);
	if (t->out.n == 0 && happened & (POLLIN | POLLHUP) && read_master(t))
		return;
	if (happened & (POLLHUP | POLLERR)) {
		/* vhangup(2) took our hold of the other side along. */
		fd_close(&t->peer);
		t->peer = ioctl(t->master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
		t->rest = true;
	}
}

void attend_tty_move(struct attend_tty *t, const struct pollfd p[ATTEND_TTY_FDS])
{
	if (t->typed && p[0].revents & (POLLHUP | POLLERR | POLLNVAL))
		hang_up(t);
	else if (p[0].revents && p[0].events)
		read_stdin(t);
	if (t->master >= 0 && p[1].revents)
		move_master(t, p[1].revents);
	if (t->out.n && p[2].revents)
		write_stdout(t);
}

bool attend_tty_left(struct attend_tty *t)
{
	t->in.from = -1;
	t->in.n = 0;
	if (t->out.n)
		return true;
	if (t->master < 0 || t->drained >= DRAIN || !read_master(t))
		return false;
	t->drained += t->out.n;
	return true;
}
