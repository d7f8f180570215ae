/* pidfd: see pidfd.h. */
#include "cmd/pidfd.h"
#include "base/str.h"
#include "cmd/console.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define PAYLOAD "pidfd" /* a stream takes no descriptor without a byte */

int pidfd_connect(const char *path, struct err *e)
{
	return console_connect_to("pidfd", path, e);
}

int pidfd_send(int sock, int pidfd)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec text = { .iov_base = (char[]){ PAYLOAD }, .iov_len = strlen(PAYLOAD) };
	struct msghdr m = { .msg_iov = &text,
		            .msg_iovlen = 1,
		            .msg_control = &control,
		            .msg_controllen = sizeof control };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof pidfd);
	memcpy(CMSG_DATA(c), &pidfd, sizeof pidfd);
	return sendmsg(sock, &m, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? -errno : 0;
}

const char *pidfd_receiver(const struct oci_config *c)
{
	for (size_t i = 0; i < c->annotations.n; i++)
		if (STR_EQ(c->annotations.v[i].key, "run.oci.pidfd_receiver"))
			return c->annotations.v[i].value;
	return NULL;
}
