/* op_netdev: moves a network device of the host into init's network namespace, with its addresses, and back when the
 * create fails. config-linux.md#network-devices, rtnetlink(7). */
#include "apply/ops.h"
#include "base/fd.h"
#include "base/rtnl.h"
#include "base/str.h"
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define ADDRESSES 256 /* more on one device is refused */

/* The two namespaces, by a socket in each and the descriptor of each. */
struct side {
	int sock, net;
};

static void side_close(struct side *s)
{
	fd_close(&s->sock);
	fd_close(&s->net);
}
#define autoside __attribute__((cleanup(side_close))) struct side

static int side_open(struct side *s)
{
	s->sock = rtnl_open();
	s->net = s->sock < 0 ? s->sock : rtnl_net(s->sock);
	return s->net < 0 ? s->net : 0;
}

/* The host's lane is one thread that shares nothing: it may go into the other namespace for the length of a socket(2). */
static int side_open_in(struct side *s, int ns, int back)
{
	if (setns(ns, CLONE_NEWNET) < 0)
		return -errno;
	int rc = side_open(s);
	return setns(back, CLONE_NEWNET) < 0 ? -errno : rc;
}

static bool same_ns(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_ino == y.st_ino &&
	       x.st_dev == y.st_dev;
}

/* A device on its way. */
struct move {
	const struct side *from, *to;
	const char *name; /* in from; NULL: it does not matter, as is free in to */
	const char *as;   /* in to; may hold %d */
	bool up;          /* is to be up there */
	int index;        /* in from; then, once it has moved, in to */
	bool moved;
	char why[120]; /* the kernel's explanation of an error, or "" */
};

static int change(struct move *m, int sock, const struct rtnl_change *c)
{
	return rtnl_change(sock, m->index, c, m->why, sizeof m->why);
}

/* The kernel takes the old name along where it is free; else the device needs a passing one to be found by. Given the
 * new one at once, it would move a device and then find that it cannot be called that. */
static int cross(struct move *m)
{
	const char *name = m->name ? m->name : m->as;
	struct rtnl_change c = { .net = m->to->net, .name = m->name ? NULL : m->as };
	char passing[RTNL_NAME];

	snprintf(passing, sizeof passing, "nsrun%d", m->index);
	int rc = change(m, m->from->sock, &c);
	if (rc == -EEXIST && m->name) {
		c.name = name = passing;
		rc = change(m, m->from->sock, &c);
	}
	if (rc < 0)
		return rc;
	m->moved = true;
	m->index = rc = rtnl_find(m->to->sock, name, NULL);
	if (rc < 0 || STR_EQ(name, m->as))
		return rc;
	return change(m, m->to->sock, &(struct rtnl_change){ .net = -1, .name = m->as });
}

static int move_device(struct move *m)
{
	struct rtnl_address address[ADDRESSES];
	int n = rtnl_addresses(m->from->sock, m->index, address, ADDRESSES);
	int rc = n < 0 ? n : cross(m);

	for (int i = 0; i < n && rc >= 0; i++)
		rc = rtnl_add_address(m->to->sock, m->index, &address[i]);
	if (rc >= 0 && m->up)
		rc = change(m, m->to->sock, &(struct rtnl_change){ .net = -1, .up = true });
	return rc < 0 ? rc : 0;
}

/* As far as it goes: to the old name, its addresses, its state. */
static void move_back(const struct side *from, const struct side *to, int index, const char *name,
                      bool up)
{
	struct move m = { .from = from, .to = to, .as = name, .up = up };

	m.index = index;
	(void)move_device(&m);
}

static int say(struct run *r, int rc, const struct move *m)
{
	if (!*m->why)
		return rc;
	return run_sys(r, -rc, "%s", m->why);
}

/* What the kernel would find too late to leave the device as it was. */
static int check_move(struct run *r, const struct step *s, struct move *m, bool *was_up)
{
	if (same_ns(m->from->net, m->to->net))
		return run_fail(r, EINVAL, "the network namespace of the container is the host's");
	m->index = rtnl_find(m->from->sock, m->name, was_up);
	if (m->index == -ENODEV)
		return run_fail(r, ENODEV, "the host has no network device called \"%s\"", m->name);
	if (m->index < 0)
		return m->index;
	if (!strchr(s->netdev.name, '%') && rtnl_find(m->to->sock, m->as, NULL) >= 0)
		return run_fail(r, EEXIST, "the container has a network device called \"%s\"",
		                m->as);
	return 0;
}

int op_netdev(struct run *r, const struct step *s)
{
	autoside host = { -1, -1 }, box = { -1, -1 };
	struct move m = { &host, &box, s->netdev.host, s->netdev.name, .up = true };
	bool was_up;
	int rc = side_open(&host);

	if (rc == 0)
		rc = side_open_in(&box, r->pidfd, host.net);
	if (rc == 0)
		rc = check_move(r, s, &m, &was_up);
	if (rc < 0)
		return rc;
	rc = move_device(&m);
	if (rc < 0 && m.moved)
		move_back(&box, &host, m.index, m.name, was_up);
	if (rc < 0)
		return say(r, rc, &m);
	r->board->at[r->step].undo = (uint32_t)m.index * 2 + was_up;
	/* Held, the namespace outlives init for as long as the device may have to come back. */
	if (r->fd[SLOT_NET] < 0)
		r->fd[SLOT_NET] = fd_take(&box.net);
	return 0;
}

void run_undo_devices(struct run *r)
{
	autoside host = { -1, -1 }, box = { -1, -1 };

	if (r->fd[SLOT_NET] < 0 || side_open(&host) < 0 ||
	    side_open_in(&box, r->fd[SLOT_NET], host.net) < 0)
		return;
	for (uint32_t n = r->plan->n_steps; n-- > 0;) {
		const struct step *s = plan_at(r->plan, n, NULL);
		uint32_t undo = r->board->at[n].undo;

		if (s->kind == STEP_NETDEV && undo)
			move_back(&box, &host, (int)(undo / 2), s->netdev.host, undo & 1);
	}
}
