/* agent: gets the listener of one container's seccomp filter and answers its notifications.
 *
 *	agent SOCKET OUT [ERRNO]...
 *
 * Listens at SOCKET, takes one connection, and writes to OUT: the state that came, a line "fds N", a line "closed" when
 * the sender has closed, and a line "call NUMBER" for each notification. The n-th of them gets the n-th ERRNO, 0: the
 * call goes on. When there are no more it ends, and with it the listener. Without any it ends as soon as somebody has
 * connected. */
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "agent: %s: %s\n", what, strerror(errno));
	exit(1);
}

static int take_connection(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
	if (s < 0 || bind(s, (struct sockaddr *)&to, sizeof to) < 0 || listen(s, 1) < 0)
		die(path);
	int c = accept(s, NULL, NULL);
	if (c < 0)
		die("accept");
	close(s);
	return c;
}

/* The state to f; the descriptor that came with it. */
static int receive(int c, FILE *f)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(4 * sizeof(int))];
	} control;
	char text[65536];
	int listener = -1, fds = 0;
	ssize_t n;

	for (;;) {
		struct iovec iov = { .iov_base = text, .iov_len = sizeof text };
		struct msghdr m = { .msg_iov = &iov,
			            .msg_iovlen = 1,
			            .msg_control = &control,
			            .msg_controllen = sizeof control };

		n = recvmsg(c, &m, MSG_CMSG_CLOEXEC);
		if (n <= 0)
			break;
		fwrite(text, 1, (size_t)n, f);
		for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
			fds += (int)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
			memcpy(&listener, CMSG_DATA(h), sizeof listener);
		}
	}
	fprintf(f, "\nfds %d\n%s\n", fds, n == 0 ? "closed" : strerror(errno));
	fflush(f);
	return listener;
}

static void answer(int listener, FILE *f, int error)
{
	struct seccomp_notif ask = { 0 };
	struct seccomp_notif_resp say = { 0 };

	/* Newer kernels say so when nobody is left who could ask. */
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &ask) < 0 && errno == ENOENT)
		exit(0);
	fprintf(f, "call %d\n", ask.data.nr);
	fflush(f);
	say.id = ask.id;
	say.error = -error;
	say.flags = error ? 0 : SECCOMP_USER_NOTIF_FLAG_CONTINUE;
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &say) < 0)
		die("answer a notification");
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return 2;
	FILE *f = fopen(argv[2], "we");
	if (!f)
		die(argv[2]);
	int c = take_connection(argv[1]);
	/* At once: exiting takes a sanitizer's program longer than nsrun takes to make a container. */
	if (argc == 3)
		return close(c) == 0 ? 0 : 1;
	int listener = receive(c, f);
	for (int i = 3; i < argc && listener >= 0; i++)
		answer(listener, f, atoi(argv[i]));
	return fclose(f) == 0 ? 0 : 1;
}
