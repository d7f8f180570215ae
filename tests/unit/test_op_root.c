/* apply/op_root, op_pivot, op_node, op_cover: the way from a directory to a container's "/". Needs root. */
#include "mount_case.h"
#include <sys/sysmacros.h>

static int do_node(struct run *r, const char *path, unsigned major, unsigned minor, bool must_match,
                   bool bind)
{
	struct step s = { .kind = STEP_NODE };

	s.node.path = path;
	s.node.type = NODE_CHAR;
	s.node.mode = 0640;
	s.node.gid = 5;
	s.node.dev = makedev(major, minor);
	s.node.must_match = must_match;
	s.node.bind = bind;
	r->err = (struct err){ 0 };
	return op_node(r, &s);
}

static bool is_device(struct run *r, const char *path, dev_t dev, mode_t mode)
{
	struct stat st;

	return fstatat(r->fd[SLOT_ROOTFS], path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_mode == (S_IFCHR | mode) && st.st_rdev == dev;
}

static void nodes(struct run *r)
{
	struct step link = { .kind = STEP_NODE };
	struct step fifo = { .kind = STEP_NODE };
	struct stat st;

	CHECK(do_mount(r, "/dev", "tmpfs", "tmpfs", "mode=755") == 0);
	CHECK(do_node(r, "/dev/null", 1, 3, true, false) == 0);
	CHECK(is_device(r, "dev/null", makedev(1, 3), 0640));
	CHECK(do_node(r, "/dev/null", 1, 3, true, false) == 0);
	CHECK(do_node(r, "/dev/null", 1, 5, true, false) == -EEXIST);
	CHECK(do_node(r, "/dev/deep/er/zero", 1, 5, true, false) == 0);
	CHECK(is_device(r, "dev/deep/er/zero", makedev(1, 5), 0640));
	/* An image's idea of /dev/full: refused, or the host's put over it. */
	CHECK(mknodat(r->fd[SLOT_ROOTFS], "dev/full", S_IFREG | 0644, 0) == 0);
	CHECK(do_node(r, "/dev/full", 1, 7, true, false) == -EEXIST);
	CHECK(do_node(r, "/dev/full", 1, 7, false, false) == 0);
	CHECK(fstatat(r->fd[SLOT_ROOTFS], "dev/full", &st, 0) == 0 && S_ISCHR(st.st_mode));
	CHECK(symlinkat("/plain", r->fd[SLOT_ROOTFS], "dev/random") == 0);
	CHECK(do_node(r, "/dev/random", 1, 8, true, false) == -EEXIST);
	CHECK(do_node(r, "/dev/urandom", 1, 9, true, true) == 0);
	CHECK(fstatat(r->fd[SLOT_ROOTFS], "dev/urandom", &st, 0) == 0 &&
	      st.st_rdev == makedev(1, 9));
	CHECK(do_node(r, "/dev/zero", 1, 9, true, true) == -ENODEV);
	CHECK(do_node(r, "/rel/null", 1, 3, true, false) == 0); /* in the rootfs: /out/null */
	CHECK(is_device(r, "out/null", makedev(1, 3), 0640));

	link.node = (typeof(link.node)){ .path = "/dev/fd", .link = "/proc/self/fd" };
	link.node.type = NODE_LINK;
	CHECK(op_node(r, &link) == 0 && op_node(r, &link) == 0);
	CHECK(fstatat(r->fd[SLOT_ROOTFS], "dev/fd", &st, AT_SYMLINK_NOFOLLOW) == 0);
	CHECK(S_ISLNK(st.st_mode));
	fifo.node.path = "/dev/pipe";
	fifo.node.type = NODE_FIFO;
	fifo.node.mode = 0622;
	CHECK(op_node(r, &fifo) == 0);
	CHECK(fstatat(r->fd[SLOT_ROOTFS], "dev/pipe", &st, 0) == 0);
	CHECK(st.st_mode == (S_IFIFO | 0622));
}

static void test_nodes(void **state)
{
	(void)state;
	in_rootfs(nodes);
}

static int cover(struct run *r, const char *path, enum cover_how how)
{
	struct step s = { .kind = STEP_COVER };

	s.cover.path = path;
	s.cover.how = how;
	return op_cover(r, &s);
}

static void covers(struct run *r, enum pivot_how how)
{
	static const char *const files[] = { "/plain", "/proc/kcore", "/proc/keys" };
	static const char *const dirs[] = { "/masked", "/proc/fs", "/proc/irq" };
	struct step s = { .kind = STEP_PIVOT };
	struct stat st;

	CHECK(do_mount(r, "/proc", "proc", "proc", "nosuid") == 0);
	s.pivot.how = how;
	CHECK(op_pivot(r, &s) == 0);
	CHECK(access("/plain", F_OK) == 0 && access("/usr", F_OK) < 0);
	CHECK(stat("/..", &st) == 0);
	for (size_t i = 0; i < 3; i++) {
		CHECK(cover(r, files[i], COVER_MASK) == 0);
		if (stat(files[i], &st) < 0)
			continue; /* this kernel has no such file */
		CHECK(S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
		CHECK(chmod(files[i], 0) < 0 && errno == EROFS);
		CHECK(cover(r, dirs[i], COVER_MASK) == 0);
		CHECK(stat(dirs[i], &st) == 0 && st.st_nlink == 2);
		CHECK(mkdir("/masked/new", 0755) < 0 && errno == EROFS);
	}
	CHECK(access("/masked/x", F_OK) < 0);
	CHECK(cover(r, "/none/x", COVER_MASK) == 0 && cover(r, "/plain/x", COVER_READONLY) == 0);
	CHECK(cover(r, "/proc/sys", COVER_READONLY) == 0);
	CHECK(flags_at(r, "proc/sys") & ST_RDONLY && flags_at(r, "proc/sys") & ST_NOSUID);
	CHECK(!(flags_at(r, "proc") & ST_RDONLY));
	s = (struct step){ .kind = STEP_ATTR };
	s.attr.target = "/";
	s.attr.propagation = MS_SHARED;
	CHECK(op_attr(r, &s) == 0);
	s.attr.propagation = 0;
	s.attr.set = MOUNT_ATTR_RDONLY;
	CHECK(op_attr(r, &s) == 0);
	CHECK(mkdir("/new", 0755) < 0 && errno == EROFS);
}

static void covers_pivot(struct run *r)
{
	covers(r, PIVOT_ROOT);
}

static void covers_move(struct run *r)
{
	covers(r, PIVOT_MOVE);
}

static void test_covers(void **state)
{
	(void)state;
	in_rootfs(covers_pivot);
}

static void test_no_pivot(void **state)
{
	(void)state;
	in_rootfs(covers_move);
}

static void bad_rootfs(struct run *r)
{
	struct step s = { .kind = STEP_ROOTFS };
	char path[PATH_MAX];

	s.rootfs.path = path;
	at(path, sizeof path, "link");
	CHECK(op_rootfs(r, &s) == -ELOOP);
	at(path, sizeof path, "vol/file");
	CHECK(op_rootfs(r, &s) == -ENOTDIR);
	at(path, sizeof path, "none");
	CHECK(op_rootfs(r, &s) == -ENOENT);
}

static void test_bad_rootfs(void **state)
{
	(void)state;
	in_rootfs(bad_rootfs);
}

/* With shared propagation a mount in the rootfs must not show up beside it. */
static void shared(struct run *r)
{
	char vol[PATH_MAX], there[PATH_MAX];
	struct step s = { .kind = STEP_PROPAGATE, .propagate.flags = MS_SHARED | MS_REC };
	struct stat before, after;

	CHECK(op_propagate(r, &s) == 0);
	CHECK(unshare(CLONE_NEWNS) == 0); /* the outer one is now the host, and shared */
	at(vol, sizeof vol, "vol");
	at(there, sizeof there, "vol/m");
	CHECK(mkdir(there, 0755) == 0 && stat(there, &before) == 0);
	s = (struct step){ .kind = STEP_ROOTFS, .rootfs.path = vol, .rootfs.shared = true };
	CHECK(op_rootfs(r, &s) == 0);
	CHECK(do_mount(r, "/m", "tmpfs", "tmpfs", "") == 0);
	CHECK(fstatat(r->fd[SLOT_ROOTFS], "m", &after, 0) == 0 && after.st_dev != before.st_dev);
}

static void test_shared(void **state)
{
	(void)state;
	in_rootfs(shared);
}

/* On old kernels too: without mount_setattr(2), without fsopen(2). */
static void test_old_kernel(void **state)
{
	(void)state;
	in_namespace(covers_pivot, true, SYS_mount_setattr);
	in_namespace(covers_pivot, true, SYS_fsopen);
}

/* In a user namespace there is no mknod(2): the host's nodes are lent, and work. */
static void lent_nodes(struct run *r)
{
	CHECK(unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0);
	CHECK(io_write_kernel(AT_FDCWD, "/proc/self/setgroups", "deny", 4) == 0);
	CHECK(io_write_kernel(AT_FDCWD, "/proc/self/uid_map", "0 0 1", 5) == 0);
	CHECK(io_write_kernel(AT_FDCWD, "/proc/self/gid_map", "0 0 1", 5) == 0);
	prepare(r);
	CHECK(do_mount(r, "/dev", "tmpfs", "tmpfs", "mode=755") == 0);
	CHECK(do_node(r, "/dev/full", 1, 7, false, false) == 0);
	CHECK(do_node(r, "/dev/zero", 1, 5, true, true) == 0);
	autofd fd = openat(r->fd[SLOT_ROOTFS], "dev/full", O_WRONLY | O_CLOEXEC);
	CHECK(fd >= 0 && write(fd, "x", 1) < 0 && errno == ENOSPC);
}

static void test_lent_nodes(void **state)
{
	(void)state;
	in_namespace(lent_nodes, false, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nodes),      cmocka_unit_test(test_lent_nodes),
		cmocka_unit_test(test_covers),     cmocka_unit_test(test_no_pivot),
		cmocka_unit_test(test_bad_rootfs), cmocka_unit_test(test_shared),
		cmocka_unit_test(test_old_kernel),
	};

	return cmocka_run_group_tests_name("apply/op_root", tests, setup, teardown);
}
