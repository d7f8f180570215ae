/* facts_file: see facts_file.h. */
#include "facts_file.h"
#include "base/sys.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_ALL                                                                                     \
	(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | \
	 CLONE_NEWCGROUP | CLONE_NEWTIME)

static const struct {
	const char *name;
	uint32_t flag;
} ns_names[] = {
	{ "mount", CLONE_NEWNS },      { "pid", CLONE_NEWPID },   { "network", CLONE_NEWNET },
	{ "uts", CLONE_NEWUTS },       { "ipc", CLONE_NEWIPC },   { "user", CLONE_NEWUSER },
	{ "cgroup", CLONE_NEWCGROUP }, { "time", CLONE_NEWTIME }, { "all", NS_ALL }
};

#define ROOT     "euid=0\negid=0\ncap_sys_admin=1\ncap_setid=1\n"
#define USER     "euid=1000\negid=1000\n"
#define ANY_HOST "namespaces=all\nlast_cap=40\nseccomp=1\n"
#define V1(flags)                                                                                  \
	"hierarchy=cpu,cpuacct|/sys/fs/cgroup/cpu,cpuacct|/|v1|" flags "\n"                        \
	"hierarchy=cpuset|/sys/fs/cgroup/cpuset|/|v1|" flags "\n"                                  \
	"hierarchy=memory|/sys/fs/cgroup/memory|/|v1|" flags "\n"                                  \
	"hierarchy=pids|/sys/fs/cgroup/pids|/|v1|" flags "\n"                                      \
	"hierarchy=blkio|/sys/fs/cgroup/blkio|/|v1|" flags "\n"                                    \
	"hierarchy=devices|/sys/fs/cgroup/devices|/|v1|" flags "\n"                                \
	"hierarchy=freezer|/sys/fs/cgroup/freezer|/|v1|" flags "\n"                                \
	"hierarchy=net_cls,net_prio|/sys/fs/cgroup/net_cls,net_prio|/|v1|" flags "\n"              \
	"hierarchy=name=systemd|/sys/fs/cgroup/systemd|/|v1|" flags "\n"

static const struct {
	const char *name, *text;
} presets[] = {
	{ "root-v1",
	  ROOT ANY_HOST "cgroup_host=v1\n" V1(
		  "writable") "hierarchy=hugetlb|/sys/fs/cgroup/hugetlb|/|v1|writable\n" },
	{ "root-hybrid",
	  ROOT ANY_HOST "cgroup_host=hybrid\n" V1(
		  "writable") "hierarchy=hugetlb|/sys/fs/cgroup/unified|/|v2|writable\n" },
	{ "root-v2", ROOT ANY_HOST
	  "cgroup_host=v2\n"
	  "hierarchy=cpuset cpu io memory hugetlb pids rdma|/sys/fs/cgroup|/|v2|writable\n" },
	{ "user-hybrid", USER ANY_HOST
	  "cgroup_host=hybrid\n" V1("") "hierarchy=hugetlb|/sys/fs/cgroup/unified|/|v2|\n" },
	{ "user-v2",
	  USER ANY_HOST "cgroup_host=v2\n"
	                "hierarchy=cpuset cpu io memory hugetlb pids rdma|/sys/fs/cgroup|"
	                "/user.slice/user-1000.slice|v2|\n" },
};

static bool flag(const char *key, const char *value, struct facts *f)
{
	const struct {
		const char *key;
		bool *to;
	} flags[] = { { "in_userns", &f->in_userns }, { "cap_sys_admin", &f->cap_sys_admin },
		      { "cap_setid", &f->cap_setid }, { "setgroups_denied", &f->setgroups_denied },
		      { "seccomp", &f->seccomp },     { "apparmor", &f->apparmor },
		      { "selinux", &f->selinux } };

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (strcmp(flags[i].key, key) == 0) {
			*flags[i].to = strcmp(value, "1") == 0;
			return *flags[i].to || strcmp(value, "0") == 0;
		}
	return false;
}

static bool number(const char *key, const char *value, struct facts *f)
{
	char *end;
	unsigned long n = strtoul(value, &end, 10);

	if (end == value || *end)
		return false;
	if (strcmp(key, "euid") == 0)
		f->euid = (uid_t)n;
	else if (strcmp(key, "egid") == 0)
		f->egid = (gid_t)n;
	else if (strcmp(key, "last_cap") == 0)
		f->last_cap = (int)n;
	else
		return false;
	return true;
}

static bool text(const char *key, const char *value, struct facts *f, struct arena *a)
{
	const struct {
		const char *key;
		const char **to;
	} texts[] = { { "systemd_cgroup", &f->systemd_cgroup },
		      { "cpus", &f->cpus },
		      { "mems", &f->mems },
		      { "hugepage_sizes", &f->hugepage_sizes },
		      { "newuidmap", &f->newuidmap },
		      { "newgidmap", &f->newgidmap } };

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (strcmp(texts[i].key, key) == 0) {
			*texts[i].to = *value ? arena_str(a, value, strlen(value)) : NULL;
			return true;
		}
	return false;
}

static bool namespaces(const char *value, struct facts *f)
{
	f->namespaces = 0;
	while (*value) {
		size_t n = strcspn(value, " "), i = 0, count = sizeof ns_names / sizeof *ns_names;

		while (i < count &&
		       (strlen(ns_names[i].name) != n || memcmp(ns_names[i].name, value, n) != 0))
			i++;
		if (i == count)
			return false;
		f->namespaces |= ns_names[i].flag;
		value += n + (value[n] == ' ');
	}
	return true;
}

static bool cgroup_host(const char *value, struct facts *f)
{
	static const char *const names[] = { "none", "v1", "hybrid", "v2" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], value) == 0) {
			f->cgroup_host = (enum cgroup_host)i;
			return true;
		}
	return false;
}

static bool hierarchy(const char *value, struct facts *f, struct arena *a)
{
	const char *part[5];
	size_t n = 0;

	if (f->n_hierarchies == FACTS_HIERARCHIES)
		return false;
	while (n < 5) {
		size_t len = strcspn(value, "|");

		part[n++] = arena_str(a, value, len);
		value += len;
		if (!*value)
			break;
		value++;
	}
	if (n != 5 || *value)
		return false;
	f->hierarchy[f->n_hierarchies++] = (struct hierarchy){ .controllers = part[0],
		                                               .mount = part[1],
		                                               .own = part[2],
		                                               .v2 = strcmp(part[3], "v2") == 0,
		                                               .writable = *part[4] != '\0' };
	return true;
}

static bool preset(const char *value, struct facts *f, struct arena *a)
{
	for (size_t i = 0; i < sizeof presets / sizeof *presets; i++)
		if (strcmp(presets[i].name, value) == 0) {
			*f = (struct facts){ 0 };
			return facts_parse(presets[i].text, f, a) == 0;
		}
	return false;
}

static bool set(const char *key, const char *value, struct facts *f, struct arena *a)
{
	if (strcmp(key, "preset") == 0)
		return preset(value, f, a);
	if (strcmp(key, "namespaces") == 0)
		return namespaces(value, f);
	if (strcmp(key, "cgroup_host") == 0)
		return cgroup_host(value, f);
	if (strcmp(key, "hierarchy") == 0)
		return hierarchy(value, f, a);
	if (strcmp(key, "hierarchies") == 0 && strcmp(value, "none") == 0) {
		f->n_hierarchies = 0;
		return true;
	}
	return flag(key, value, f) || number(key, value, f) || text(key, value, f, a);
}

int facts_parse(const char *lines, struct facts *f, struct arena *a)
{
	for (const char *line = lines; *line; line += strspn(line, "\n")) {
		size_t n = strcspn(line, "\n");
		char *key = arena_str(a, line, n), *equals = strchr(key, '=');

		line += n;
		if (*key == '#')
			continue;
		if (equals)
			*equals = '\0';
		if (!equals || !set(key, equals + 1, f, a)) {
			fprintf(stderr, "facts: bad line with key \"%s\"\n", key);
			return -1;
		}
	}
	return 0;
}

int facts_load(const char *path, struct facts *f, struct arena *a)
{
	char buf[8192];
	FILE *file = fopen(path, "re");
	size_t n = file ? fread(buf, 1, sizeof buf - 1, file) : 0;

	if (!file) {
		fprintf(stderr, "facts: cannot open %s\n", path);
		return -1;
	}
	fclose(file);
	buf[n] = '\0';
	*f = (struct facts){ 0 };
	return facts_parse(buf, f, a);
}
