/* listen: receives what nsrun sends over a UNIX socket, as an engine or a log service does.
 *
 *	listen stream|dgram|silent SOCKET [COUNT]
 *
 * Makes SOCKET, prints "ready", and for each of COUNT messages (default 1; of a stream: connections) its text, and "pidfd
 * PID" for a pidfd that came with it, "fd PATH" for another descriptor. "silent" is a stream whose
 * connections are taken, stay, and are not answered. */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* proc_pid_fdinfo(5): a pidfd has a line "Pid:". */
static void tell_fd(int fd)
{
	char path[64], line[PATH_MAX];
	int pid = -1;

	snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
	FILE *f = fopen(path, "re");
	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, "Pid:", 4) == 0)
			pid = atoi(line + 4);
	if (f)
		fclose(f);
	if (pid >= 0) {
		printf("pidfd %d\n", pid);
		return;
	}
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(path, line, sizeof line - 1);
	line[n < 0 ? 0 : n] = '\0';
	printf("fd %s\n", line);
}

static int receive(int sock)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(8 * sizeof(int))];
	} control;
	char text[16384];
	struct iovec iov = { text, sizeof text - 1 };
	struct msghdr msg = { .msg_iov = &iov,
		              .msg_iovlen = 1,
		              .msg_control = &control,
		              .msg_controllen = sizeof control };
	ssize_t n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);

	if (n < 0) {
		perror("recvmsg");
		return -1;
	}
	text[n] = '\0';
	printf("%s\n", text);
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			tell_fd(fd);
			close(fd);
		}
	}
	fflush(stdout);
	return 0;
}

int main(int argc, char **argv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int silent = argc > 2 && strcmp(argv[1], "silent") == 0;
	int stream = argc > 2 && (silent || strcmp(argv[1], "stream") == 0);
	int count = argc > 3 ? atoi(argv[3]) : 1;
	int fd = socket(AF_UNIX, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC, 0);

	if (argc < 3)
		return 2;
	snprintf(addr.sun_path, sizeof addr.sun_path, "%s", argv[2]);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof addr) < 0 ||
	    (stream && listen(fd, 4) < 0)) {
		perror(argv[2]);
		return 1;
	}
	printf("ready\n");
	fflush(stdout);
	while (count-- > 0) {
		int from = stream ? accept4(fd, NULL, NULL, SOCK_CLOEXEC) : fd;

		if (from < 0 || (!silent && receive(from) < 0))
			return 1;
		if (stream && !silent)
			close(from);
	}
	while (silent)
		pause();
	return 0;
}
