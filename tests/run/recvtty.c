/* recvtty: listens on a socket, as an engine does, for the master of a container's terminal.
 *
 *	recvtty SOCKET [INPUT]
 *	recvtty -c SOCKET
 *
 * Prints "name: " and what came beside the descriptor, writes INPUT to the terminal, then copies what the container
 * says to stdout until the last holder of the other side is gone. With -c it closes the connection unread. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int accept_one(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof addr.sun_path, "%s", path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof addr) < 0 || listen(fd, 1) < 0) {
		perror(path);
		return -1;
	}
	return accept4(fd, NULL, NULL, SOCK_CLOEXEC);
}

static int receive(int sock)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(4 * sizeof(int))];
	} control;
	char name[256];
	struct iovec text = { name, sizeof name - 1 };
	struct msghdr msg = { .msg_iov = &text,
		              .msg_iovlen = 1,
		              .msg_control = &control,
		              .msg_controllen = sizeof control };
	ssize_t n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&msg);
	int fd;

	if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof fd)) {
		fprintf(stderr, "recvtty: not one descriptor\n");
		return -1;
	}
	name[n] = '\0';
	printf("name: %s\n", name);
	fflush(stdout);
	memcpy(&fd, CMSG_DATA(c), sizeof fd);
	return fd;
}

int main(int argc, char **argv)
{
	char buf[4096];

	if (argc > 2 && strcmp(argv[1], "-c") == 0)
		return accept_one(argv[2]) < 0;
	int sock = argc > 1 ? accept_one(argv[1]) : -1;
	int tty = sock < 0 ? -1 : receive(sock);

	if (tty < 0)
		return 1;
	if (argc > 2 && write(tty, argv[2], strlen(argv[2])) < 0)
		return 1;
	for (ssize_t n; (n = read(tty, buf, sizeof buf)) > 0;)
		if (write(STDOUT_FILENO, buf, (size_t)n) < 0)
			return 1;
	return 0;
}
