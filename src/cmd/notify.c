/* notify: see notify.h. */
#include "cmd/notify.h"
#include "base/fd.h"
#include "base/rights.h"
#include "base/str.h"
#include "store/store.h"
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#define BARRIER_WAIT 5000 /* ms for systemd to read what we have said */

/* The host's address, from the environment. */
static bool host_address(struct sockaddr_un *to, socklen_t *len)
{
	const char *name = getenv("NOTIFY_SOCKET");
	size_t n = name ? strlen(name) : 0;

	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (n < 2 || (*name != '/' && *name != '@') || n >= sizeof to->sun_path)
		return false;
	memcpy(to->sun_path, name, n);
	if (*name == '@')
		to->sun_path[0] = '\0';
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (*name == '/'));
	return true;
}

bool notify_asked(void)
{
	struct sockaddr_un to;
	socklen_t len;

	return host_address(&to, &len);
}

int notify_make(int dir)
{
	if (mkdirat(dir, STORE_NOTIFY, 0755) < 0)
		return -errno;
	/* Whoever the program runs as must be able to walk to the socket, whatever our umask is. */
	return fchmodat(dir, STORE_NOTIFY, 0755, 0) < 0 ? -errno : 0;
}

static int bind_in(int sock, int dir)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	/* An address has 107 bytes, a state root may have more. */
	snprintf(at.sun_path, sizeof at.sun_path, "/proc/self/fd/%d/" STORE_NOTIFY_SOCKET, dir);
	if (unlinkat(dir, STORE_NOTIFY_SOCKET, 0) < 0 && errno != ENOENT)
		return -errno;
	if (bind(sock, (struct sockaddr *)&at, sizeof at) < 0)
		return -errno;
	return fchmodat(dir, STORE_NOTIFY_SOCKET, 0777, 0) < 0 ? -errno : 0;
}

int notify_listen(int dir, struct err *e)
{
	if (!notify_asked())
		return -1;
	autofd in = openat(dir, STORE_NOTIFY, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (in < 0 && errno == ENOENT)
		return -1;
	autofd sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc = in < 0 || sock < 0 ? -errno : bind_in(sock, in);
	if (rc < 0)
		return err_sys(e, ERR_HOST, -rc, "make the container's notify socket");
	return fd_take(&sock);
}

/* One datagram to the host, with a descriptor beside it unless that is -1. */
static int tell_host(const char *text, int fd)
{
	struct sockaddr_un to;
	socklen_t len;

	if (!host_address(&to, &len))
		return -EINVAL;
	autofd sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0 || connect(sock, (struct sockaddr *)&to, len) < 0)
		return -errno;
	ssize_t n = rights_send(sock, fd, text, strlen(text), 0);
	return n < 0 ? (int)n : 0;
}

static bool has_line(const char *text, const char *line)
{
	size_t n = strlen(line);

	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		if (str_starts(text, line) && (!text[n] || text[n] == '\n'))
			return true;
	}
	return false;
}

bool notify_take(int sock, pid_t main_pid)
{
	char text[4096], said[64] = "READY=1";
	ssize_t n;

	/* Without room for them, descriptors that come along are closed: a barrier of the container's is passed. */
	while ((n = recv(sock, text, sizeof text - 1, MSG_DONTWAIT)) >= 0) {
		text[n] = '\0';
		if (!has_line(text, "READY=1"))
			continue;
		if (main_pid)
			str_add(said, sizeof said, "\nMAINPID=%d", (int)main_pid);
		tell_host(said, -1);
		return true;
	}
	return false;
}

/* sd_notify_barrier(3): systemd closes what it gets when all before it is done. */
static void wait_for_host(void)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return;
	autofd in = fds[0], out = fds[1];
	struct pollfd p = { .fd = in, .events = POLLHUP };
	if (tell_host("BARRIER=1", out) < 0)
		return;
	fd_close(&out);
	while (poll(&p, 1, BARRIER_WAIT) < 0 && errno == EINTR)
		;
}

void notify_wait(int sock, int pidfd, pid_t main_pid)
{
	struct pollfd p[] = { { .fd = sock, .events = POLLIN }, { .fd = pidfd, .events = POLLIN } };

	for (;;) {
		bool ended = p[1].revents != 0;

		/* What it said before its end is there by now. */
		if (notify_take(sock, main_pid)) {
			wait_for_host();
			return;
		}
		if (ended || (poll(p, 2, -1) < 0 && errno != EINTR))
			return;
	}
}
