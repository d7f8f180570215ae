/* op_net: brings up lo in a new network namespace. */
#include "apply/ops.h"
#include "base/fd.h"
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

int op_link_up(struct run *r, const struct step *s)
{
	struct ifreq q = { .ifr_name = "lo" };

	(void)r;
	(void)s;
	/* A kernel without IPv4 takes the ioctl on any other socket, netdevice(7). */
	autofd fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &q) < 0)
		return -errno;
	q.ifr_flags |= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &q) < 0 ? -errno : 0;
}
