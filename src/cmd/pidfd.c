/* pidfd: see pidfd.h. */
#include "cmd/pidfd.h"
#include "base/rights.h"
#include "base/str.h"
#include "cmd/console.h"
#include <string.h>
#include <sys/socket.h>

#define PAYLOAD "pidfd" /* a stream takes no descriptor without a byte */

int pidfd_connect(const char *path, struct err *e)
{
	return console_connect_to("pidfd", path, e);
}

int pidfd_send(int sock, int pidfd)
{
	ssize_t n = rights_send(sock, pidfd, PAYLOAD, strlen(PAYLOAD), MSG_DONTWAIT);

	return n < 0 ? (int)n : 0;
}

const char *pidfd_receiver(const struct oci_config *c)
{
	for (size_t i = 0; i < c->annotations.n; i++)
		if (STR_EQ(c->annotations.v[i].key, "run.oci.pidfd_receiver"))
			return c->annotations.v[i].value;
	return NULL;
}
