/* probe: see probe.h. On the way of every create, so each fact costs at most one small file. */
#include "host/probe.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include "base/sys.h"
#include "host/cgroups.h"
#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/vfs.h>

/* The text of a file of /proc/self; "" when it cannot be read. */
static const char *proc_text(int self, const char *path, char *buf, size_t n)
{
	autofd fd = procfs_openat(self, path, O_RDONLY);

	if (fd < 0 || io_read_small(fd, "", buf, n) < 0)
		buf[0] = '\0';
	return buf;
}

/* user_namespaces(7): the initial one maps all 2^32 - 1 ids onto themselves. */
static bool probe_userns(int self)
{
	char text[256];
	unsigned inside, outside, count;

	if (sscanf(proc_text(self, "uid_map", text, sizeof text), "%u %u %u", &inside, &outside,
	           &count) != 3)
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

/* Does c name a namespace of this type? */
static bool wants_namespace(const struct oci_config *c, const char *type)
{
	const struct oci_linux *l = c ? c->linux_ : NULL;

	for (size_t i = 0; l && i < l->namespaces.n; i++)
		if (l->namespaces.v[i].type && STR_EQ(l->namespaces.v[i].type, type))
			return true;
	return !c;
}

/* One file in self/ns per namespace type that the kernel has; for c only those that it names are looked for. */
static uint32_t probe_namespaces(int self, const struct oci_config *c)
{
	static const struct {
		const char *type, *file;
		uint32_t flag;
	} types[] = {
		{ "user", "user", CLONE_NEWUSER },       { "mount", "mnt", CLONE_NEWNS },
		{ "pid", "pid", CLONE_NEWPID },          { "network", "net", CLONE_NEWNET },
		{ "uts", "uts", CLONE_NEWUTS },          { "ipc", "ipc", CLONE_NEWIPC },
		{ "cgroup", "cgroup", CLONE_NEWCGROUP }, { "time", "time", CLONE_NEWTIME },
	};
	autofd ns = procfs_openat(self, "ns", O_PATH | O_DIRECTORY);
	uint32_t flags = 0;

	/* The files are magic links: only whether they are there is asked. */
	for (size_t i = 0; ns >= 0 && i < sizeof types / sizeof *types; i++)
		if (wants_namespace(c, types[i].type) &&
		    faccessat(ns, types[i].file, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
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

/* "0-3" of a file of /sys, "0" on a kernel that has no such thing to number. */
static const char *probe_online(const char *path, struct arena *a)
{
	char text[256];
	ssize_t len = io_read_small(AT_FDCWD, path, text, sizeof text);

	if (len < 0)
		return len == -ENOENT ? "0" : NULL;
	return arena_str(a, text, strcspn(text, "\n"));
}

/* The directories there are called hugepages-2048kB. */
static const char *probe_hugepages(struct arena *a)
{
	DIR *dir = opendir("/sys/kernel/mm/hugepages");
	struct dirent *d;
	char sizes[256] = "";

	while (dir && (d = readdir(dir))) {
		unsigned long kb;

		if (sscanf(d->d_name, "hugepages-%lukB", &kb) != 1)
			continue;
		if (*sizes)
			str_add(sizes, sizeof sizes, " ");
		if (kb % (1024 * 1024) == 0)
			str_add(sizes, sizeof sizes, "%luGB", kb / 1024 / 1024);
		else if (kb % 1024 == 0)
			str_add(sizes, sizeof sizes, "%luMB", kb / 1024);
		else
			str_add(sizes, sizeof sizes, "%luKB", kb);
	}
	if (dir)
		closedir(dir);
	return arena_str(a, sizes, strlen(sizes));
}

/* What limits can name. */
static void probe_named(struct facts *f, const struct oci_config *c, struct arena *a)
{
	const struct oci_linux *l = c ? c->linux_ : NULL;
	const struct oci_resources *r = l ? l->resources : NULL;

	if (r && r->cpu && !str_empty(r->cpu->cpus))
		f->cpus = probe_online("/sys/devices/system/cpu/online", a);
	if (r && r->cpu && !str_empty(r->cpu->mems))
		f->mems = probe_online("/sys/devices/system/node/online", a);
	if (r && r->hugepage_limits.n)
		f->hugepage_sizes = probe_hugepages(a);
}

/* What labels need: apparmor(7), selinux(8). */
static void probe_labels(struct facts *f, const struct oci_config *c)
{
	const struct oci_process *p = c ? c->process : NULL;
	const struct oci_linux *l = c ? c->linux_ : NULL;
	struct statfs fs;
	char text[8];

	if (p && !str_empty(p->apparmor_profile))
		f->apparmor = io_read_small(AT_FDCWD, "/sys/module/apparmor/parameters/enabled",
		                            text, sizeof text) > 0 &&
		              *text == 'Y';
	if ((p && !str_empty(p->selinux_label)) || (l && !str_empty(l->mount_label)))
		f->selinux = statfs("/sys/fs/selinux", &fs) == 0 && fs.f_type == SELINUX_MAGIC;
}

static int probe(struct facts *f, const struct oci_config *c, int self, struct arena *a,
                 struct err *e)
{
	char text[64];

	if (self < 0)
		return err_sys(e, ERR_HOST, -self, "open /proc/self");
	*f = (struct facts){ .euid = geteuid(), .egid = getegid() };
	f->in_userns = probe_userns(self);
	f->namespaces = probe_namespaces(self, c);
	if (probe_caps(f, e) < 0)
		return -1;
	/* The initial user namespace cannot deny it. */
	f->setgroups_denied = f->in_userns &&
	                      str_starts(proc_text(self, "setgroups", text, sizeof text), "deny");
	if (wants_helpers(f, c)) {
		f->newuidmap = find_helper("newuidmap", a);
		f->newgidmap = find_helper("newgidmap", a);
	}
	probe_named(f, c, a);
	probe_labels(f, c);
#ifdef HAVE_SECCOMP
	f->seccomp = true;
#endif
	return 0;
}

int facts_probe_process(struct facts *f, const struct oci_config *c, int proc, struct arena *a,
                        struct err *e)
{
	autofd self = procfs_openat(proc, "self", O_PATH | O_DIRECTORY);

	return probe(f, c, self, a, e);
}

int facts_probe(struct facts *f, const struct oci_config *c, int proc, struct arena *a,
                struct err *e)
{
	autofd self = procfs_openat(proc, "self", O_PATH | O_DIRECTORY);

	return probe(f, c, self, a, e) < 0 ? -1 : cgroups_probe(f, self, a, e);
}
