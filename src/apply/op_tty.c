/* op_tty: a pseudo-terminal of the container's own devpts: stdio, controlling terminal, /dev/console; the master goes
 * to the console socket. Everything is checked by descriptor, no path is looked up twice (security.md R4). */
#include "apply/ops.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/rights.h"
#include "base/sys.h"
#include "base/unsafe.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41) /* Linux 4.13 */
#endif
#define PTMX_INODE 2 /* of every devpts */

static int open_ptmx(struct run *r)
{
	struct statfs fs;
	struct stat st;
	autofd fd = path_open_file(r->fd[SLOT_ROOTFS], "dev/pts/ptmx", O_RDWR | O_NOCTTY,
	                           PATH_NO_LINKS);

	if (fd < 0)
		return run_sys(r, -fd, "open /dev/pts/ptmx");
	if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (fs.f_type != DEVPTS_SUPER_MAGIC || st.st_ino != PTMX_INODE || !S_ISCHR(st.st_mode) ||
	    st.st_rdev != makedev(5, 2))
		return run_fail(r, ENODEV, "/dev/pts/ptmx is not that of a devpts");
	return fd_take(&fd);
}

static int clone_peer(struct run *r, int peer)
{
	const unsigned how = OPEN_TREE_CLONE | (unsigned)OPEN_TREE_CLOEXEC;
	struct stat st;
	char path[32];

	if (!unsafe("console") || fstat(peer, &st) < 0)
		return sys_open_tree(peer, "", AT_EMPTY_PATH | how);
	snprintf(path, sizeof path, "dev/pts/%u", minor(st.st_rdev));
	return sys_open_tree(r->fd[SLOT_ROOTFS], path, how);
}

/* Binds the terminal on /dev/console, which is made when it is missing. */
static int bind_console(struct run *r, int peer)
{
	struct stat st;
	autofd target = path_make_file(r->fd[SLOT_ROOTFS], "dev/console", PATH_NO_FOLLOW);

	if (target < 0)
		return run_sys(r, -target, "/dev/console");
	if (fstat(target, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode))
		return run_fail(r, ENOTSUP, "/dev/console is neither a device nor a file");
	autofd tree = clone_peer(r, peer);
	if (tree < 0)
		return run_sys(r, -tree, "clone the terminal's mount");
	int rc = sys_move_mount(tree, "", target, "",
	                        MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	return rc < 0 ? run_sys(r, -rc, "bind the terminal on /dev/console") : 0;
}

int tty_send(int sock, int master, const char *name)
{
	ssize_t n = rights_send(sock, master, name, strlen(name), 0);

	return n < 0 ? (int)n : 0;
}

static int take_stdio(int peer)
{
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(peer, fd) < 0)
			return -errno;
	return ioctl(0, TIOCSCTTY, 0) < 0 ? -errno : 0;
}

int op_tty(struct run *r, const struct step *s)
{
	struct winsize size = { .ws_row = s->tty.rows, .ws_col = s->tty.cols };
	unsigned number = 0;
	int unlock = 0, rc;
	char name[32];

	autofd master = open_ptmx(r);
	if (master < 0)
		return master;
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0 || ioctl(master, TIOCGPTN, &number) < 0)
		return -errno;
	autofd peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (peer < 0)
		return run_sys(r, errno, "open the container's side of the terminal");
	if ((size.ws_row || size.ws_col) && ioctl(master, TIOCSWINSZ, &size) < 0)
		return run_sys(r, errno, "set the terminal's size");
	if (s->tty.console && (rc = bind_console(r, peer)) < 0)
		return rc;
	snprintf(name, sizeof name, "/dev/pts/%u", number);
	if ((rc = tty_send(r->fd[SLOT_CONSOLE], master, name)) < 0)
		return run_sys(r, -rc, "send the terminal to the console socket");
	if ((rc = take_stdio(peer)) < 0)
		return run_sys(r, -rc, "make the terminal the controlling one");
	return 0;
}
