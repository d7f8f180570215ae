/* attend: see attend.h. */
#include "apply/attend.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

/* One direction of the terminal: what was read and not yet written. */
struct pipe_half {
	int from, to; /* from -1: it has ended */
	size_t at, n;
	char buf[4096];
};

struct tty {
	int master; /* -1: no terminal */
	bool raw;   /* our stdin is one too, and is raw now */
	struct termios before;
	struct pipe_half in, out;
};

int attend_begin(struct attend *at, bool subreaper, struct err *e)
{
	/* Those that mean a bug of our own stay as they are. */
	static const int own[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT };
	sigset_t set;

	sigfillset(&set);
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		sigdelset(&set, own[i]);
	sigprocmask(SIG_BLOCK, &set, &at->before);
	at->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (at->signals < 0)
		return err_sys(e, ERR_HOST, errno, "signalfd");
	if (subreaper && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return err_sys(e, ERR_HOST, errno, "become a subreaper");
	return 0;
}

void attend_end(struct attend *at)
{
	fd_close(&at->signals);
	sigprocmask(SIG_SETMASK, &at->before, NULL);
}

static void copy_size(const struct tty *t)
{
	struct winsize size;

	if (t->master >= 0 && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
		ioctl(t->master, TIOCSWINSZ, &size);
}

static void tty_begin(struct tty *t, int master)
{
	struct termios raw;

	t->master = t->out.from = t->in.to = master;
	t->in.from = master < 0 ? -1 : STDIN_FILENO;
	t->out.to = STDOUT_FILENO;
	t->raw = false;
	if (master < 0)
		return;
	fcntl(master, F_SETFL, O_NONBLOCK);
	copy_size(t);
	if (tcgetattr(STDIN_FILENO, &t->before) < 0)
		return;
	raw = t->before;
	cfmakeraw(&raw);
	t->raw = tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
}

static void tty_end(struct tty *t)
{
	if (t->raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &t->before);
	t->raw = false;
}

/* Reads when empty, else writes; called when poll(2) has said that it will not block. False at the end. */
static bool half_move(struct pipe_half *h)
{
	if (h->n == 0) {
		ssize_t n = read(h->from, h->buf, sizeof h->buf);

		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			return true;
		if (n <= 0) /* EIO: the last holder of the other side is gone */
			return false;
		h->at = 0;
		h->n = (size_t)n;
		return true;
	}
	ssize_t n = write(h->to, h->buf + h->at, h->n);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	h->at += (size_t)n;
	h->n -= (size_t)n;
	return true;
}

static struct pollfd half_poll(const struct pipe_half *h)
{
	if (h->from < 0)
		return (struct pollfd){ .fd = -1 };
	if (h->n)
		return (struct pollfd){ .fd = h->to, .events = POLLOUT };
	return (struct pollfd){ .fd = h->from, .events = POLLIN };
}

/* What the container wrote before it ended. */
static void half_drain(struct pipe_half *h)
{
	while (h->from >= 0 && h->n)
		if (!half_move(h))
			return;
	if (h->from >= 0)
		for (ssize_t n; (n = read(h->from, h->buf, sizeof h->buf)) > 0;)
			io_write_all(h->to, h->buf, (size_t)n);
}

/* Reaps whoever came to us. True when init did; *status is then what we exit with. */
static bool reap(pid_t init, int *status)
{
	siginfo_t si = { 0 };
	bool ended = false;

	while (waitid(P_ALL, 0, &si, WEXITED | WNOHANG) == 0 && si.si_pid) {
		if (si.si_pid == init) {
			*status = si.si_code == CLD_EXITED ? si.si_status : 128 + si.si_status;
			ended = true;
		}
		si.si_pid = 0;
	}
	return ended;
}

static void forward(const struct attend *at, const struct tty *t, int pidfd)
{
	struct signalfd_siginfo si;

	while (read(at->signals, &si, sizeof si) == (ssize_t)sizeof si) {
		if (si.ssi_signo == SIGWINCH)
			copy_size(t);
		else if (si.ssi_signo != SIGCHLD && si.ssi_signo != SIGURG)
			sys_pidfd_send_signal(pidfd, (int)si.ssi_signo);
	}
}

int attend_wait(struct attend *at, int pidfd, pid_t pid, int master, struct err *e)
{
	static struct tty t;
	int status = 0;

	tty_begin(&t, master);
	/* The signal descriptor wakes us for every child, the pidfd for init even when its SIGCHLD is lost. */
	while (!reap(pid, &status)) {
		struct pollfd p[] = { { .fd = at->signals, .events = POLLIN },
			              { .fd = pidfd, .events = POLLIN },
			              half_poll(&t.in),
			              half_poll(&t.out),
			              { .fd = at->also, .events = POLLIN } };

		if (poll(p, 5, -1) < 0 && errno != EINTR) {
			tty_end(&t);
			return err_sys(e, ERR_HOST, errno, "wait for the container");
		}
		if (p[0].revents)
			forward(at, &t, pidfd);
		if (p[1].revents && waitid(P_PIDFD, (id_t)pidfd, &(siginfo_t){ 0 },
		                           WEXITED | WNOHANG | WNOWAIT) < 0) {
			tty_end(&t);
			return err_set(e, ERR_HOST, "init ended as another process's child");
		}
		if (p[2].revents && !half_move(&t.in))
			t.in.from = -1;
		if (p[3].revents && !half_move(&t.out))
			t.out.from = -1;
		if (p[4].revents && at->on_also(at->also))
			at->also = -1;
	}
	half_drain(&t.out);
	tty_end(&t);
	return status;
}
