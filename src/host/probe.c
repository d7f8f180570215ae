/* probe: see probe.h. On the way of every create, so each fact costs at most one small file. */
#include "host/probe.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include "base/sys.h"
#include "host/cgroups.h"
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

/* The text of a file below proc; "" when it cannot be read. */
static const char *proc_text(int proc, const char *path, char *buf, size_t n)
{
	autofd fd = procfs_openat(proc, path, O_RDONLY);

	if (fd < 0 || io_read_small(fd, "", buf, n) < 0)
		buf[0] = '\0';
	return buf;
}

/* user_namespaces(7): the initial one maps all 2^32 - 1 ids onto themselves. */
static bool probe_userns(int proc)
{
	char text[256];
	unsigned inside, outside, count;

	if (sscanf(proc_text(proc, "self/uid_map", text, sizeof text), "%u %u %u", &inside,
	           &outside, &count) != 3)
		return *text != '\0';
	return inside || outside || count != UINT32_MAX;
}

static int probe_caps(struct facts *f, struct err *e)
{
	uint32_t effective[2], permitted[2], inheritable[2];
	const uint32_t ids = 1u << CAP_SETUID | 1u << CAP_SETGID;
	int rc = sys_capget(effective, permitted, inheritable);

	if (rc < 0)
		return err_sys(e, ERR_HOST, -rc, "read our own capabilities");
	f->cap_sys_admin = effective[0] & 1u << CAP_SYS_ADMIN;
	f->cap_setid = (effective[0] & ids) == ids;
	/* The kernel may know more capabilities than our headers. */
	f->last_cap = CAP_LAST_CAP;
	while (f->last_cap < 63 && prctl(PR_CAPBSET_READ, f->last_cap + 1, 0, 0, 0) >= 0)
		f->last_cap++;
	while (f->last_cap > 0 && prctl(PR_CAPBSET_READ, f->last_cap, 0, 0, 0) < 0)
		f->last_cap--;
	return 0;
}

/* One file in self/ns per namespace type that the kernel has. */
static uint32_t probe_namespaces(int proc)
{
	static const struct {
		const char *file;
		uint32_t flag;
	} types[] = {
		{ "self/ns/user", CLONE_NEWUSER },     { "self/ns/mnt", CLONE_NEWNS },
		{ "self/ns/pid", CLONE_NEWPID },       { "self/ns/net", CLONE_NEWNET },
		{ "self/ns/uts", CLONE_NEWUTS },       { "self/ns/ipc", CLONE_NEWIPC },
		{ "self/ns/cgroup", CLONE_NEWCGROUP }, { "self/ns/time", CLONE_NEWTIME },
	};
	uint32_t flags = 0;

	/* The files are magic links: only whether they are there is asked. */
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (faccessat(proc, types[i].file, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			flags |= types[i].flag;
	return flags;
}

/* An ordinary user's map of more than the own id needs the helpers, searched where only root can put them. */
static const char *find_helper(const char *name, struct arena *a)
{
	static const char *const dirs[] = { "/usr/bin", "/bin", "/usr/local/bin", "/usr/sbin" };
	char path[64];

	for (size_t i = 0; i < sizeof dirs / sizeof *dirs; i++) {
		snprintf(path, sizeof path, "%s/%s", dirs[i], name);
		if (access(path, X_OK) == 0)
			return arena_str(a, path, strlen(path));
	}
	return NULL;
}

static bool one_id(const struct oci_id_mapping *map, size_t n)
{
	return n == 0 || (n == 1 && map->size.v == 1);
}

static bool wants_helpers(const struct facts *f, const struct oci_config *c)
{
	const struct oci_linux *l = c ? c->linux_ : NULL;

	return l && !f->cap_setid &&
	       !(one_id(l->uid_mappings.v, l->uid_mappings.n) &&
	         one_id(l->gid_mappings.v, l->gid_mappings.n));
}

int facts_probe(struct facts *f, const struct oci_config *c, int proc, struct arena *a,
                struct err *e)
{
	char text[64];

	*f = (struct facts){ .euid = geteuid(), .egid = getegid() };
	f->in_userns = probe_userns(proc);
	f->namespaces = probe_namespaces(proc);
	if (probe_caps(f, e) < 0)
		return -1;
	f->setgroups_denied =
		str_starts(proc_text(proc, "self/setgroups", text, sizeof text), "deny");
	if (wants_helpers(f, c)) {
		f->newuidmap = find_helper("newuidmap", a);
		f->newgidmap = find_helper("newgidmap", a);
	}
	f->selinux = access("/sys/fs/selinux/enforce", F_OK) == 0;
	f->apparmor = io_read_small(AT_FDCWD, "/sys/module/apparmor/parameters/enabled", text,
	                            sizeof text) > 0 &&
	              text[0] == 'Y';
#ifdef HAVE_SECCOMP
	f->seccomp = true;
#endif
	return cgroups_probe(f, proc, a, e);
}
