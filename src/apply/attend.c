/* attend: see attend.h. */
#include "apply/attend.h"
#include "apply/attend_tty.h"
#include "base/fd.h"
#include "base/sys.h"
#include <errno.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

int attend_begin(struct attend *at, bool subreaper, struct err *e)
{
	/* What the kernel sends for a bug of our own stays as it is. */
	static const int own[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS };
	struct sigaction action;
	sigset_t set;

	sigfillset(&set);
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		sigdelset(&set, own[i]);
	sigemptyset(&at->ignored);
	for (int i = 1; i < _NSIG; i++)
		if (sigaction(i, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			sigaddset(&at->ignored, i);
	/* The status of a child is kept for nobody who ignores this. */
	sys_signal_default(SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, &at->before);
	at->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (at->signals < 0)
		return err_sys(e, ERR_HOST, errno, "signalfd");
	if (subreaper && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return err_sys(e, ERR_HOST, errno, "become a subreaper");
	return 0;
}

static bool next_signal(const struct attend *at, struct signalfd_siginfo *si)
{
	return read(at->signals, si, sizeof *si) == (ssize_t)sizeof *si;
}

void attend_end(struct attend *at)
{
	struct signalfd_siginfo si;

	if (at->signals < 0)
		return;
	while (next_signal(at, &si))
		;
	fd_close(&at->signals);
	sigprocmask(SIG_SETMASK, &at->before, NULL);
}

bool attend_size(struct winsize *size)
{
	for (int fd = 0; fd <= 2; fd++)
		if (ioctl(fd, TIOCGWINSZ, size) == 0 && (size->ws_row || size->ws_col))
			return true;
	return false;
}

/* Reaps whoever came to us. True when our child did; *status is then what we exit with. */
static bool reap(pid_t pid, int *status)
{
	siginfo_t si = { 0 };
	bool ended = false;

	while (waitid(P_ALL, 0, &si, WEXITED | WNOHANG) == 0 && si.si_pid) {
		if (si.si_pid == pid) {
			*status = si.si_code == CLD_EXITED ? si.si_status : 128 + si.si_status;
			ended = true;
		}
		si.si_pid = 0;
	}
	return ended;
}

/* Is it meant for the child? SIGPIPE of ourselves came from our own write. Of what was ignored when we came, a hang-up
 * stays ignored (nohup), and so does what the terminal sends to its foreground, where a background job of a shell
 * without job control is too; what somebody sends on purpose is not. */
static bool passes(const struct attend *at, const struct signalfd_siginfo *si)
{
	int sig = (int)si->ssi_signo;

	if (sig == SIGCHLD || sig == SIGURG || sig == SIGWINCH)
		return false;
	if (sig == SIGPIPE && si->ssi_pid == (uint32_t)getpid())
		return false;
	return sigismember(&at->ignored, sig) != 1 || (sig != SIGHUP && si->ssi_code != SI_KERNEL);
}

/* False when somebody wants us to end: only of interest when the child has. */
static bool forward(const struct attend *at, struct attend_tty *t, int pidfd)
{
	struct signalfd_siginfo si;
	bool stay = true;

	while (next_signal(at, &si)) {
		int sig = (int)si.ssi_signo;

		if (sig == SIGWINCH)
			attend_tty_resize(t);
		if (sig == SIGCONT)
			attend_tty_resume(t);
		if (!passes(at, &si))
			continue;
		sys_pidfd_send_signal(pidfd, sig);
		if (sig == SIGHUP || sig == SIGINT || sig == SIGQUIT || sig == SIGTERM)
			stay = false;
	}
	return stay;
}

/* The child's status, or -1 with e. The signal descriptor wakes us for every child, the pidfd for ours even when its
 * SIGCHLD is lost. */
static int wait_child(struct attend *at, int pidfd, pid_t pid, struct attend_tty *t, struct err *e)
{
	enum { SIGNALS, CHILD, ALSO, TTY, N = TTY + ATTEND_TTY_FDS };
	struct pollfd p[N];
	bool ended = false;
	int status = 0;

	while (!(ended = ended || reap(pid, &status)) || attend_tty_left(t)) {
		p[SIGNALS] = (struct pollfd){ .fd = at->signals, .events = POLLIN };
		p[CHILD] = (struct pollfd){ .fd = ended ? -1 : pidfd, .events = POLLIN };
		p[ALSO] = (struct pollfd){ .fd = at->on_also ? at->also : -1, .events = POLLIN };
		int timeout = attend_tty_poll(t, p + TTY);

		if (poll(p, N, timeout) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(e, ERR_HOST, errno, "wait for the container");
		}
		if (p[SIGNALS].revents && !forward(at, t, pidfd) && ended)
			break;
		if (p[CHILD].revents && waitid(P_PIDFD, (id_t)pidfd, &(siginfo_t){ 0 },
		                               WEXITED | WNOHANG | WNOWAIT) < 0)
			return err_set(e, ERR_HOST,
			               "the container's process ended as another one's child");
		if (p[ALSO].revents && at->on_also(at->also))
			at->on_also = NULL;
		attend_tty_move(t, p + TTY);
	}
	return status;
}

int attend_wait(struct attend *at, int pidfd, pid_t pid, int master, struct err *e)
{
	static struct attend_tty t;

	attend_tty_begin(&t, master);
	int status = wait_child(at, pidfd, pid, &t, e);
	attend_tty_end(&t);
	if (status >= 0 && t.failed && t.failed != EPIPE && t.failed != EIO)
		return err_sys(e, ERR_HOST, t.failed, "write what the container prints to stdout");
	return status;
}
