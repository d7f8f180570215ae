/* trial: see trial.h. */
#include "host/trial.h"
#include "base/fd.h"
#include "base/procfs.h"
#include "base/sys.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define MAP "0 100000 1"

/* By a process of its own: nothing of it stays. */
int trial_userns(void)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int rc = unshare(CLONE_NEWUSER) < 0 ? errno : 0;

		/* AppArmor gives the namespace and takes what it is good for. */
		if (rc == 0 && unshare(CLONE_NEWNS) < 0)
			rc = errno;
		_exit(rc);
	}
	if (pid < 0)
		return -errno;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? -WEXITSTATUS(status) : -EINTR;
}

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
			return -EPERM;
	}
	return procfs_open_ns(proc, pid, "user");
}

int trial_idmap_userns(int proc)
{
	int pipe[2], ns = -EPERM;
	char byte;

	if (pipe2(pipe, O_CLOEXEC) < 0)
		return -errno;
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

static int new_tmpfs(void)
{
	autofd ctx = sys_fsopen("tmpfs", FSOPEN_CLOEXEC);

	if (ctx < 0)
		return ctx;
	int rc = sys_fsconfig(ctx, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	return rc < 0 ? rc : sys_fsmount(ctx, FSMOUNT_CLOEXEC, 0);
}

int trial_idmap(const char *path, int userns)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t)userns };
	autofd tree = path ? sys_open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)
	                   : new_tmpfs();

	return tree < 0 ? tree : sys_mount_setattr(tree, "", AT_EMPTY_PATH, &attr);
}
