/* op_tree: a detached copy of a mount's source, made on the host's side; id-mapped where the mount is (mount_setattr(2),
 * Linux 5.12). */
#include "apply/mnt.h"
#include "apply/ops.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* A process that does nothing but have a user namespace. */
static pid_t bear_holder(void)
{
	pid_t parent = getpid();
	long pid = syscall(SYS_clone, (unsigned long)CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		while (getppid() == parent)
			pause();
		_exit(1);
	}
	return pid < 0 ? -errno : (pid_t)pid;
}

static int open_userns(struct run *r, pid_t pid)
{
	char path[32];

	snprintf(path, sizeof path, "%d/ns", (int)pid);
	autofd dir = procfs_openat(r->fd[SLOT_PROC], path, O_PATH | O_DIRECTORY);
	/* A magic link, of a process and in a procfs that are our own. */
	int fd = dir < 0 ? -1 : openat(dir, "user", O_RDONLY | O_CLOEXEC);
	return dir < 0 ? dir : fd < 0 ? -errno : fd;
}

/* A user namespace with exactly these maps: it lives as long as its descriptor. */
static int make_userns(struct run *r, const struct id_maps *maps)
{
	pid_t pid = bear_holder();
	int rc, fd = -1;

	if (pid == -ENOSPC)
		return run_fail(r, ENOSPC,
		                "the limit /proc/sys/user/max_user_namespaces is reached");
	if (pid < 0)
		return run_sys(r, -pid, "make a user namespace");
	rc = idmap_write(r, pid, "gid_map", maps->gid, maps->n_gid);
	if (rc == 0)
		rc = idmap_write(r, pid, "uid_map", maps->uid, maps->n_uid);
	if (rc == 0)
		fd = open_userns(r, pid);
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return rc < 0 ? rc : fd;
}

/* The namespace of the step's maps; made for the first mount that has them. */
static int userns_of(struct run *r, const struct step *s)
{
	int *ns = &r->tree_ns[s->tree.ns];

	if (!s->tree.maps)
		return r->ns[0]; /* user: the first of namespace_defs */
	if (*ns < 0)
		*ns = make_userns(r, s->tree.maps);
	return *ns;
}

/* The type of the file system that fd is on, by its mount's line: "36 35 98:0 / /mnt rw shared:1 - ext4 ...". */
static const char *fs_type(struct run *r, int fd, char *type, size_t n)
{
	static char text[65536];
	unsigned long long id;
	struct statx st;

	snprintf(type, n, "unknown");
	autofd info = procfs_openat(r->fd[SLOT_PROC], "self/mountinfo", O_RDONLY);
	if (info < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0)
		return type;
	ssize_t len = io_read_all(info, text, sizeof text - 1);
	text[len < 0 ? 0 : len] = '\0';
	for (char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		const char *dash = strstr(line, " - ");
		if (dash && sscanf(line, "%llu", &id) == 1 && id == st.stx_mnt_id)
			snprintf(type, n, "%.*s", (int)strcspn(dash + 3, " "), dash + 3);
	}
	return type;
}

/* Why the kernel does not map the ids. */
static int not_mapped(struct run *r, const struct step *s, int source, int num)
{
	char type[32];

	fs_type(r, source, type, sizeof type);
	if (num == ENOSYS)
		return run_fail(r, num, "id-mapped mounts need Linux 5.12");
	if (num == EINVAL)
		return run_fail(
			r, num, "this kernel has no id-mapped mounts of the file system %s%s", type,
			s->tree.how & MOUNT_IDMAP_REC ? ", or of one mounted below it" : "");
	if (num == EPERM)
		return run_fail(r, num,
		                "%s (%s) is id-mapped already, or its file system belongs to "
		                "another user namespace",
		                s->tree.source, type);
	return run_sys(r, num, "id-map a copy of %s (%s)", s->tree.source, type);
}

static int map_ids(struct run *r, const struct step *s, int source, int tree)
{
	int userns = userns_of(r, s);

	if (userns < 0)
		return userns;
	int rc = mnt_idmap(tree, userns, s->tree.how & MOUNT_IDMAP_REC);
	return rc < 0 ? not_mapped(r, s, source, -rc) : 0;
}

int op_tree(struct run *r, const struct step *s)
{
	bool links = s->tree.how & (MOUNT_COPY_SYMLINK | MOUNT_SRC_NOFOLLOW);
	struct stat st;
	autofd from = open(s->tree.source, O_PATH | O_CLOEXEC | (links ? O_NOFOLLOW : 0));

	if (from < 0 || fstat(from, &st) < 0)
		return run_sys(r, errno, "open the source %s", s->tree.source);
	/* op_mount copies it: a symlink has no ids to map. */
	if (S_ISLNK(st.st_mode) && s->tree.how & MOUNT_COPY_SYMLINK)
		return 0;
	autofd tree = mnt_copy(from, s->tree.how & MOUNT_REC);
	if (tree < 0)
		return run_sys(r, -tree, "copy the mount of %s", s->tree.source);
	int rc = s->tree.how & MOUNT_IDMAP ? map_ids(r, s, from, tree) : 0;
	if (rc < 0)
		return rc;
	/* A copy is in the peer group of what the host has there. */
	rc = mnt_propagate(r->fd[SLOT_PROC], tree, s->tree.propagation);
	if (rc < 0)
		return rc;
	r->tree[s->tree.index] = fd_take(&tree);
	return 0;
}
