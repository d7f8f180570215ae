/* rtnl: network devices and their addresses, over rtnetlink(7). Plain messages: libmnl has no archive to link
 * statically on Debian, and libnl brings half a megabyte and the resolver with it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RTNL_NAME 16 /* bytes of a device's name, with its end: IFNAMSIZ */

/* An address of a device, as far as it can be given to another one. */
struct rtnl_address {
	uint8_t family, prefix;
	uint8_t n_local, n_address, n_broadcast; /* bytes, 0: there is none */
	uint32_t flags;                          /* IFA_F_* that an administrator can set */
	uint32_t priority;                       /* of the route to its network; 0: the default */
	uint8_t local[16], address[16], broadcast[16];
};

/* What is to become of a device. */
struct rtnl_change {
	int net;          /* a network namespace to move it into, or -1 */
	const char *name; /* a new name, which may hold one %d for the kernel to number; or NULL */
	bool up;
};

/* A socket in the network namespace that the caller is in; only the kernel can speak to it. A descriptor or -errno. */
int rtnl_open(void);
/* The network namespace of a socket, as a descriptor (SIOCGSKNS, 4.10), or -errno. */
int rtnl_net(int sock);
/* The index of the device of that name; *up (may be NULL): is it up? -ENODEV: there is none; or another -errno. */
int rtnl_find(int sock, const char *name, bool *up);
/* The addresses of a device that are permanent and of global scope, of every family. Their number, -E2BIG when there
 * are more than max, or another -errno. */
int rtnl_addresses(int sock, int index, struct rtnl_address *out, size_t max);
/* 0, or -errno with *text (n bytes) the kernel's own explanation, or "". */
int rtnl_change(int sock, int index, const struct rtnl_change *c, char *text, size_t n);
/* 0, also when the device has it already, or -errno. */
int rtnl_add_address(int sock, int index, const struct rtnl_address *a);
