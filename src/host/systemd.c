/* systemd: see systemd.h. */
#include "host/systemd.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TREE "name=systemd"

/* The hierarchy that systemd tracks processes in: its own of v1, else the one tree. */
static const struct hierarchy *find_tree(const struct facts *f)
{
	for (uint32_t i = 0; i < f->n_hierarchies; i++)
		if (f->hierarchy[i].v2 ? f->cgroup_host == CGROUP_HOST_V2
		                       : STR_EQ(f->hierarchy[i].controllers, TREE))
			return &f->hierarchy[i];
	return NULL;
}

/* The path in a line of /proc/PID/cgroup, "1:name=systemd:/a" or "0::/a", terminated in text; NULL: no such line. */
static char *find_path(char *text, const struct hierarchy *tree)
{
	const char *of = tree->v2 ? ":" : TREE ":";

	for (char *line = text, *next; line; line = next) {
		char *s = strchr(line, ':');

		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (s && str_starts(s + 1, of))
			return s + 1 + strlen(of);
	}
	return NULL;
}

/* The system manager's cgroup in tree, below which its units are: "" is the root; NULL: out of sight. */
static int find_system(const struct hierarchy *tree, int proc, const char **out, struct arena *a)
{
	char text[16384], *path;
	autofd fd = procfs_openat(proc, "1/cgroup", O_RDONLY);
	ssize_t len = fd < 0 ? fd : io_read_small(fd, "", text, sizeof text);

	*out = "";
	/* proc(5), hidepid: others' processes do not show. The first process of a machine is at the root. */
	if (len == -ENOENT || len == -EACCES || len == -EPERM)
		return 0;
	if (len < 0)
		return (int)len;
	path = find_path(text, tree);
	if (!path || *path != '/' || str_starts(path, "/..")) {
		*out = NULL;
		return 0;
	}
	size_t n = strlen(path);
	if (str_ends(path, "/init.scope"))
		n -= strlen("/init.scope");
	while (n && path[n - 1] == '/')
		n--;
	*out = arena_str(a, path, n);
	return 0;
}

/* Our user's id on the host, user_namespaces(7). */
static int host_uid(uid_t euid, int proc, uid_t *out)
{
	char text[4096];
	autofd fd = procfs_openat(proc, "self/uid_map", O_RDONLY);
	ssize_t len = fd < 0 ? fd : io_read_small(fd, "", text, sizeof text);
	unsigned inside, outside, count;

	for (const char *s = text; len >= 0 && s; s = strchr(s, '\n') ? strchr(s, '\n') + 1 : NULL)
		if (sscanf(s, "%u %u %u", &inside, &outside, &count) == 3 && euid >= inside &&
		    euid - inside < count) {
			*out = outside + (euid - inside);
			return 0;
		}
	return len < 0 ? (int)len : -ENOENT;
}

int systemd_probe(struct facts *f, int proc, struct arena *a, struct err *e)
{
	const struct hierarchy *tree = find_tree(f);
	const char *base;
	char path[PATH_MAX];
	uid_t uid = f->euid;
	int rc;

	f->systemd_cgroup = NULL;
	if (!tree || faccessat(AT_FDCWD, "/run/systemd/system", F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	rc = find_system(tree, proc, &base, a);
	if (rc < 0)
		return err_sys(e, ERR_HOST, -rc, "read /proc/1/cgroup");
	if (!base)
		return 0;
	if (f->euid == 0 && !f->in_userns) {
		f->systemd_cgroup = *base ? base : "/";
		return 0;
	}
	rc = host_uid(f->euid, proc, &uid);
	if (rc < 0)
		return err_sys(e, ERR_HOST, -rc, "read /proc/self/uid_map");
	base = arena_fmt(a, "%s/user.slice/user-%u.slice/user@%u.service", base, (unsigned)uid,
	                 (unsigned)uid);
	if (snprintf(path, sizeof path, "%s%s", tree->mount, base) < (int)sizeof path &&
	    access(path, F_OK) == 0)
		f->systemd_cgroup = base;
	return 0;
}
