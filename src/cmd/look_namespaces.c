/* look_namespaces: see look.h. ioctl_ns(2) tells who owns a namespace, and what is above it. */
#include "base/fd.h"
#include "base/procfs.h"
#include "base/str.h"
#include "cmd/log.h"
#include "cmd/look.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

/* The inode behind dir/ns/file: the number that "net:[4026531840]" shows. 0: unknown. */
static uint64_t inode_of(int dir, const char *file)
{
	struct stat st;

	return fstatat(dir, file, &st, 0) == 0 ? st.st_ino : 0;
}

static struct oci_u64 inode_by(int ns, unsigned long request)
{
	autofd fd = ioctl(ns, request);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return (struct oci_u64){ 0 };
	return (struct oci_u64){ st.st_ino, true };
}

static void read_peer(struct look_peer *p, int dir)
{
	autofd ns = procfs_openat(dir, "ns", O_PATH | O_DIRECTORY);

	for (size_t i = 0; ns >= 0 && i < NAMESPACES; i++)
		p->inode[i] = inode_of(ns, namespace_defs[i].file);
}

struct peers {
	struct look_peers *out;
	struct found f; /* its root and proc */
	struct arena *a;
};

static struct look_peer *new_peer(struct look_peers *out, struct arena *a)
{
	size_t n = out->n;

	/* Full at each power of two. */
	if (!(n & (n - 1)))
		out->v =
			arena_grow(a, out->v, n * sizeof *out->v, (n ? 2 * n : 1) * sizeof *out->v);
	out->v[n] = (struct look_peer){ 0 };
	return &out->v[out->n++];
}

static void add_peer(void *ctx, const char *id)
{
	struct peers *p = ctx;
	struct err e = { 0 };
	struct look_peer peer = { .id = NULL };
	char path[16];

	autofd dir = store_peek(p->f.root, id, &e);
	if (dir < 0 || record_load(&p->f.record, dir, id, p->a, &e) < 0) {
		/* Deleted since its name was read. */
		if (e.num != ENOENT)
			log_warn("%s", e.what);
		return;
	}
	snprintf(path, sizeof path, "%d", (int)p->f.record.pid.v);
	autofd process = p->f.record.pid.v ? procfs_openat(p->f.proc, path, O_PATH | O_DIRECTORY)
	                                   : -1;
	if (process < 0)
		return;
	read_peer(&peer, process);
	/* It is still who it was when the directory was opened: so that is its own. */
	autofd pidfd = record_pidfd(&p->f.record, p->f.proc);
	if (pidfd < 0)
		return;
	peer.id = arena_str(p->a, id, strlen(id));
	*new_peer(p->out, p->a) = peer;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct look_peer *)a)->id, ((const struct look_peer *)b)->id);
}

int look_peers(struct look_peers *out, int root, int proc, struct arena *a, struct err *e)
{
	struct peers p = { .out = out, .f = { .root = root, .dir = -1, .proc = proc }, .a = a };
	autofd self = procfs_openat(proc, "self", O_PATH | O_DIRECTORY);

	*out = (struct look_peers){ 0 };
	if (self < 0)
		return err_sys(e, ERR_HOST, -self, "open /proc/self");
	read_peer(new_peer(out, a), self);
	if (root >= 0 && store_each(root, add_peer, &p, e) < 0)
		return -1;
	if (out->n > 1)
		qsort(out->v + 1, out->n - 1, sizeof *out->v, by_id);
	return 0;
}

static void fill(struct look_namespace *n, int ns, size_t i, const char *self,
                 const struct look_peers *peers, struct arena *a)
{
	n->shared.v = NEW_N(a, char *, peers->n);
	for (size_t p = 0; p < peers->n; p++) {
		const struct look_peer *peer = &peers->v[p];

		if (peer->inode[i] != n->inode.v)
			continue;
		if (!peer->id)
			n->host = (struct oci_bool){ true, true };
		else if (!self || !STR_EQ(peer->id, self))
			n->shared.v[n->shared.n++] = peer->id;
	}
	autofd fd = openat(ns, namespace_defs[i].file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	n->owner = inode_by(fd, NS_GET_USERNS);
	n->parent = inode_by(fd, NS_GET_PARENT);
	uid_t uid;
	if (ioctl(fd, NS_GET_OWNER_UID, &uid) == 0)
		n->owner_uid = (struct oci_u64){ uid, true };
}

void look_namespaces(struct look *l, int dir, const char *self, const struct look_peers *peers,
                     struct arena *a)
{
	autofd ns = procfs_openat(dir, "ns", O_PATH | O_DIRECTORY);

	l->namespaces.v = NEW_N(a, struct look_namespace, NAMESPACES);
	for (size_t i = 0; ns >= 0 && i < NAMESPACES; i++) {
		uint64_t inode = inode_of(ns, namespace_defs[i].file);
		struct look_namespace *n = &l->namespaces.v[l->namespaces.n];

		if (!inode)
			continue;
		n->type = (char *)(uintptr_t)namespace_defs[i].type;
		n->inode = (struct oci_u64){ inode, true };
		n->host = (struct oci_bool){ false, true };
		fill(n, ns, i, self, peers, a);
		l->namespaces.n++;
	}
}
