/* doctor_idmap: see doctor.h. mount_setattr(2) with MOUNT_ATTR_IDMAP on a detached copy: nobody sees it. */
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include "base/sys.h"
#include "cmd/doctor.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define MAP "0 100000 1"

/* A process in a user namespace of its own that waits to be killed; tells over fd when it is there. */
static pid_t bear(int fd)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (unshare(CLONE_NEWUSER) == 0 && write(fd, "", 1) == 1)
		pause();
	_exit(1);
}

static int map_of(int proc, pid_t pid)
{
	char path[32];

	for (const char *const *file = (const char *const[]){ "gid_map", "uid_map", NULL }; *file;
	     file++) {
		snprintf(path, sizeof path, "%d/%s", (int)pid, *file);
		autofd fd = procfs_openat(proc, path, O_WRONLY);

		if (fd < 0 || write(fd, MAP, sizeof MAP - 1) != sizeof MAP - 1)
			return -1;
	}
	return procfs_open_ns(proc, pid, "user");
}

/* A user namespace that maps something, or -1. */
static int make_userns(int proc)
{
	int pipe[2], ns = -1;
	char byte;

	if (pipe2(pipe, O_CLOEXEC) < 0)
		return -1;
	autofd in = pipe[0], out = pipe[1];
	pid_t pid = bear(out);

	fd_close(&out);
	if (pid > 0 && read(in, &byte, 1) == 1)
		ns = map_of(proc, pid);
	if (pid > 0) {
		kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return ns;
}

static int try_tree(int tree, int userns)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns };

	return tree < 0 ? tree : sys_mount_setattr(tree, "", AT_EMPTY_PATH, &attr);
}

static int new_tmpfs(void)
{
	autofd ctx = sys_fsopen("tmpfs", FSOPEN_CLOEXEC);

	if (ctx < 0)
		return ctx;
	int rc = sys_fsconfig(ctx, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	return rc < 0 ? rc : sys_fsmount(ctx, FSMOUNT_CLOEXEC, 0);
}

static void tell(struct diagnosis *d, const char *name, const char *what, int rc)
{
	char text[64];

	finding(d, "id-mapped mounts", name, rc < 0 ? VERDICT_NO : VERDICT_YES,
	        rc < 0 ? arena_fmt(d->a, "%s: %s", what, err_text(-rc, text, sizeof text)) : what,
	        "boot a newer kernel (tmpfs: 6.3, overlay: 5.19), or keep what is to be id-mapped on "
	        "ext4, xfs or btrfs");
}

void doctor_idmap(struct diagnosis *d, const struct facts *f, int proc)
{
	static const char *const places[] = {
		"/", "/home", "/tmp", "/var/lib", "/var/lib/containers", "/var/lib/docker"
	};
	dev_t seen[sizeof places / sizeof *places];
	size_t n = 0;

	if (!f->cap_sys_admin || f->in_userns) {
		finding(d, "id-mapped mounts", "all", VERDICT_UNKNOWN,
		        "only root of the machine can try", "run nsrun doctor as root");
		return;
	}
	autofd userns = make_userns(proc);
	if (userns < 0) {
		finding(d, "id-mapped mounts", "all", VERDICT_NO, "no user namespace can be mapped",
		        "see \"user namespaces\"");
		return;
	}
	autofd tmpfs = new_tmpfs();
	tell(d, "tmpfs", "a new one", try_tree(tmpfs, userns));
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		struct stat st;
		bool known = stat(places[i], &st) < 0;

		for (size_t j = 0; j < n && !known; j++)
			known = seen[j] == st.st_dev;
		if (known)
			continue;
		seen[n++] = st.st_dev;
		autofd tree =
			sys_open_tree(AT_FDCWD, places[i], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
		tell(d, places[i], "the file system there", try_tree(tree, userns));
	}
}
