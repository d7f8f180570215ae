/* rtnl: see rtnl.h. */
#include "base/rtnl.h"
#include "base/fd.h"
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#ifndef SIOCGSKNS
#define SIOCGSKNS 0x894C
#endif
#ifndef NLM_F_DUMP_INTR
#define NLM_F_DUMP_INTR 16
#endif
#define DUMP_TRIES 10

/* All of ours are short: a header, one of the two fixed parts, at most five attributes of 20 bytes. */
struct message {
	struct nlmsghdr h;
	union {
		struct ifinfomsg link;
		struct ifaddrmsg address;
	};
	char attributes[128];
};

/* What a request brings back. each is called for every message but the last. */
struct answer {
	void (*each)(struct answer *a, const struct nlmsghdr *h);
	struct rtnl_address *out;
	size_t n, max;
	int index;
	bool up, torn, full; /* torn: a dump during which something changed */
	char *text;          /* what the kernel says beside an error; NULL: not asked for */
	size_t n_text;
};

int rtnl_open(void)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	const int on = 1;
	autofd sock = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	/* Connected to the kernel it takes messages from nobody else: a container may live in this namespace. */
	if (sock < 0 || connect(sock, (const struct sockaddr *)&kernel, sizeof kernel) < 0)
		return -errno;
	setsockopt(sock, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
	return fd_take(&sock);
}

int rtnl_net(int sock)
{
	int fd = ioctl(sock, SIOCGSKNS);

	return fd < 0 ? -errno : fd;
}

static void begin(struct message *m, uint16_t type, uint16_t flags)
{
	size_t fixed = type == RTM_NEWADDR || type == RTM_GETADDR ? sizeof m->address
	                                                          : sizeof m->link;

	memset(m, 0, sizeof *m);
	m->h.nlmsg_len = (uint32_t)NLMSG_LENGTH(fixed);
	m->h.nlmsg_type = type;
	m->h.nlmsg_flags = NLM_F_REQUEST | flags;
}

static void put(struct message *m, uint16_t type, const void *data, size_t n)
{
	struct rtattr *a = (struct rtattr *)((char *)m + NLMSG_ALIGN(m->h.nlmsg_len));

	a->rta_type = type;
	a->rta_len = (uint16_t)RTA_LENGTH(n);
	memcpy(RTA_DATA(a), data, n);
	m->h.nlmsg_len = (uint32_t)(NLMSG_ALIGN(m->h.nlmsg_len) + RTA_ALIGN(a->rta_len));
}

/* The text behind the request that an error carries back (NETLINK_EXT_ACK, 4.12). */
static void explain(const struct answer *a, const struct nlmsghdr *h, size_t n)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);
	size_t skip = NLMSG_LENGTH(sizeof *e);

	if (!a->text || !(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(h->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - sizeof e->msg;
	if (NLMSG_ALIGN(skip) >= n)
		return;
	const struct rtattr *t = (const void *)((const char *)h + NLMSG_ALIGN(skip));
	for (size_t left = n - NLMSG_ALIGN(skip); RTA_OK(t, left); t = RTA_NEXT(t, left))
		if ((t->rta_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_MSG)
			snprintf(a->text, a->n_text, "%.*s", (int)RTA_PAYLOAD(t),
			         (const char *)RTA_DATA(t));
}

/* One datagram. 1: more are to come, 0: that was the last, or -errno. */
static int take(struct answer *a, const struct nlmsghdr *h, size_t n)
{
	for (; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n)) {
		a->torn |= (h->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		if (h->nlmsg_type == NLMSG_DONE)
			return 0;
		if (h->nlmsg_type == NLMSG_ERROR) {
			int error = ((const struct nlmsgerr *)NLMSG_DATA(h))->error;

			if (error)
				explain(a, h, h->nlmsg_len);
			return error;
		}
		if (a->each)
			a->each(a, h);
	}
	return 1;
}

/* Sends a request and takes what comes back, up to the acknowledgement (NLM_F_ACK) or the end of the dump. */
static int talk(int sock, struct message *m, struct answer *a)
{
	char buf[16384] __attribute__((aligned(NLMSG_ALIGNTO)));
	int rc = 1;

	if (send(sock, m, m->h.nlmsg_len, 0) < 0)
		return -errno;
	while (rc == 1) {
		ssize_t n = recv(sock, buf, sizeof buf, 0);

		if (n < 0 && errno == EINTR)
			continue;
		rc = n < 0 ? -errno : take(a, (const struct nlmsghdr *)buf, (size_t)n);
	}
	return rc;
}

/* Only the fixed part is read: it is at the beginning, however much the device has to tell. */
static void see_link(struct answer *a, const struct nlmsghdr *h)
{
	const struct ifinfomsg *i = NLMSG_DATA(h);

	if (h->nlmsg_type != RTM_NEWLINK)
		return;
	a->index = i->ifi_index;
	a->up = i->ifi_flags & IFF_UP;
}

int rtnl_find(int sock, const char *name, bool *up)
{
	const uint32_t mask = RTEXT_FILTER_SKIP_STATS;
	struct answer a = { .each = see_link };
	struct message m;

	if (strlen(name) >= RTNL_NAME)
		return -ENODEV;
	begin(&m, RTM_GETLINK, NLM_F_ACK);
	put(&m, IFLA_IFNAME, name, strlen(name) + 1);
	put(&m, IFLA_EXT_MASK, &mask, sizeof mask);
	int rc = talk(sock, &m, &a);
	if (rc < 0)
		return rc;
	if (up)
		*up = a.up;
	return a.index > 0 ? a.index : -ENODEV;
}

static uint8_t copy(uint8_t out[16], const struct rtattr *t)
{
	if (RTA_PAYLOAD(t) > 16)
		return 0;
	memcpy(out, RTA_DATA(t), RTA_PAYLOAD(t));
	return (uint8_t)RTA_PAYLOAD(t);
}

/* The flags that an administrator sets; the others say what the kernel found out. */
#define OWN_FLAGS                                                                                  \
	(IFA_F_NODAD | IFA_F_OPTIMISTIC | IFA_F_HOMEADDRESS | IFA_F_NOPREFIXROUTE |                \
	 IFA_F_MANAGETEMPADDR | IFA_F_MCAUTOJOIN)

static void see_address(struct answer *a, const struct nlmsghdr *h)
{
	const struct ifaddrmsg *i = NLMSG_DATA(h);
	struct rtnl_address x = { 0 };
	uint32_t flags = i->ifa_flags;

	if (h->nlmsg_type != RTM_NEWADDR || (int)i->ifa_index != a->index)
		return;
	size_t left = IFA_PAYLOAD(h);
	for (const struct rtattr *t = IFA_RTA(i); RTA_OK(t, left); t = RTA_NEXT(t, left))
		switch (t->rta_type) {
		case IFA_LOCAL: x.n_local = copy(x.local, t); break;
		case IFA_ADDRESS: x.n_address = copy(x.address, t); break;
		case IFA_BROADCAST: x.n_broadcast = copy(x.broadcast, t); break;
		case IFA_RT_PRIORITY: memcpy(&x.priority, RTA_DATA(t), sizeof x.priority); break;
		case IFA_FLAGS: memcpy(&flags, RTA_DATA(t), sizeof flags); break;
		default: break;
		}
	if (!(flags & IFA_F_PERMANENT) || i->ifa_scope != RT_SCOPE_UNIVERSE)
		return;
	x.family = i->ifa_family;
	x.prefix = i->ifa_prefixlen;
	x.flags = flags & OWN_FLAGS;
	if (a->n < a->max)
		a->out[a->n++] = x;
	else
		a->full = true;
}

int rtnl_addresses(int sock, int index, struct rtnl_address *out, size_t max)
{
	for (int try = 0; try < DUMP_TRIES; try++) {
		struct answer a = { see_address, .out = out, .max = max, .index = index };
		struct message m;

		begin(&m, RTM_GETADDR, NLM_F_DUMP);
		int rc = talk(sock, &m, &a);
		if (rc < 0)
			return rc;
		if (!a.torn)
			return a.full ? -E2BIG : (int)a.n;
	}
	return -EAGAIN;
}

int rtnl_change(int sock, int index, const struct rtnl_change *c, char *text, size_t n)
{
	struct answer a = { .text = text, .n_text = n };
	struct message m;

	*text = '\0';
	begin(&m, RTM_NEWLINK, NLM_F_ACK);
	m.link.ifi_index = index;
	if (c->name && strlen(c->name) >= RTNL_NAME)
		return -EINVAL;
	if (c->net >= 0) {
		const uint32_t fd = (uint32_t)c->net;

		put(&m, IFLA_NET_NS_FD, &fd, sizeof fd);
	}
	if (c->name)
		put(&m, IFLA_IFNAME, c->name, strlen(c->name) + 1);
	if (c->up)
		m.link.ifi_flags = m.link.ifi_change = IFF_UP;
	return talk(sock, &m, &a);
}

int rtnl_add_address(int sock, int index, const struct rtnl_address *x)
{
	struct answer a = { 0 };
	struct message m;

	begin(&m, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	m.address.ifa_family = x->family;
	m.address.ifa_prefixlen = x->prefix;
	m.address.ifa_scope = RT_SCOPE_UNIVERSE;
	m.address.ifa_index = (uint32_t)index;
	put(&m, IFA_FLAGS, &x->flags, sizeof x->flags);
	if (x->n_local)
		put(&m, IFA_LOCAL, x->local, x->n_local);
	if (x->n_address)
		put(&m, IFA_ADDRESS, x->address, x->n_address);
	if (x->n_broadcast)
		put(&m, IFA_BROADCAST, x->broadcast, x->n_broadcast);
	if (x->priority)
		put(&m, IFA_RT_PRIORITY, &x->priority, sizeof x->priority);
	int rc = talk(sock, &m, &a);
	return rc == -EEXIST ? 0 : rc;
}
