/* console: see console.h. */
#include "cmd/console.h"
#include "base/fd.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

/* Fills to with an address of path; *dir keeps its directory open when the path is reached through it. */
static int address(const char *path, struct sockaddr_un *to, int *dir)
{
	const char *name = strrchr(path, '/');
	char parent[PATH_MAX];

	*to = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) < sizeof to->sun_path) {
		snprintf(to->sun_path, sizeof to->sun_path, "%s", path);
		return 0;
	}
	if (!name || (size_t)(name - path) >= sizeof parent)
		return -ENAMETOOLONG;
	snprintf(parent, sizeof parent, "%.*s/", (int)(name - path), path);
	*dir = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*dir < 0)
		return -errno;
	int n = snprintf(to->sun_path, sizeof to->sun_path, "/proc/self/fd/%d%s", *dir, name);
	return n < (int)sizeof to->sun_path ? 0 : -ENAMETOOLONG;
}

int console_connect_to(const char *what, const char *path, struct err *e)
{
	struct sockaddr_un to;
	autofd dir = -1;
	autofd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int rc = fd < 0 ? -errno : address(path, &to, &dir);

	if (rc == 0 && connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		rc = -errno;
	if (rc == 0 && fcntl(fd, F_SETFL, 0) < 0)
		rc = -errno;
	if (rc == 0)
		return fd_take(&fd);
	err_sys(e, ERR_USAGE, -rc, "connect to the %s socket", what);
	err_where(e, "%s", path);
	return err_hint(e, "give a socket that somebody listens on");
}

int console_connect(const char *path, struct err *e)
{
	return console_connect_to("console", path, e);
}

int console_receive(int sock, struct err *e)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control;
	char name[PATH_MAX];
	struct iovec text = { .iov_base = name, .iov_len = sizeof name };
	struct msghdr m = { .msg_iov = &text,
		            .msg_iovlen = 1,
		            .msg_control = &control,
		            .msg_controllen = sizeof control };
	ssize_t n = recvmsg(sock, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&m);
	int fd;

	if (n < 0)
		return err_sys(e, ERR_HOST, errno, "receive the terminal");
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof fd))
		return err_set(e, ERR_BUG, "init made no terminal");
	memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}
