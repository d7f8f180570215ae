/* cgroup: linux.cgroupsPath, and whether this host has a controller. config-linux.md#cgroups-path, cgroups(7). */
#include "base/str.h"
#include "check/check.h"
#include <string.h>

/* "a:b:c": how many parts? */
static size_t parts(const char *s)
{
	size_t n = 1;

	for (; *s; s++)
		n += *s == ':';
	return n;
}

static void check_systemd_path(struct check *k, struct oci_at at, const char *path)
{
	const char *hint = "write slice:prefix:name, as in system.slice:nsrun:c1";

	if (parts(path) != 3)
		bad(k, at, hint,
		    "cgroupsPath \"%s\" does not have the three parts that systemd needs", path);
	else if (path[strlen(path) - 1] == ':' || strchr(path, '/'))
		bad(k, at, hint, "cgroupsPath \"%s\" names no systemd unit", path);
}

/* The container gets a cgroup of its own below the mount: never the root, never one above. */
static void check_fs_path(struct check *k, struct oci_at at, const char *path)
{
	if (STR_EQ(path, "..") || str_starts(path, "../") || strstr(path, "/../") ||
	    str_ends(path, "/.."))
		bad(k, at, "write the path without it", "cgroupsPath \"%s\" contains \"..\"", path);
	else if (STR_EQ(check_clean(k, path), "/"))
		bad(k, at, "add a name, as in /nsrun/c1", "cgroupsPath \"%s\" is the root cgroup",
		    path);
	else if (parts(path) == 3 && !strchr(path, '/'))
		warn(k, at, "give --systemd-cgroup, or write a path",
		     "cgroupsPath \"%s\" has the form of a systemd unit, but is taken as a directory",
		     path);
}

void check_cgroup(struct check *k)
{
	const struct oci_linux *l = k->c->linux_;

	if (!l || str_empty(l->cgroups_path))
		return;
	const char *path = l->cgroups_path;
	if (strpbrk(path, "\n\r"))
		bad(k, AT(l->cgroups_path), "write it on one line",
		    "cgroupsPath contains a line break");
	if (k->o->systemd)
		check_systemd_path(k, AT(l->cgroups_path), path);
	else
		check_fs_path(k, AT(l->cgroups_path), path);
}

/* Is a controller in a list such as "cpu,cpuacct" or "cpu io memory"? */
static bool listed(const char *list, const char *name)
{
	size_t n = strlen(name);

	for (const char *s = list; s; s = strpbrk(s, ", ")) {
		s += strspn(s, ", ");
		if (strncmp(s, name, n) == 0 && (!s[n] || strchr(", ", s[n])))
			return true;
	}
	return false;
}

static const struct hierarchy *find(const struct facts *f, const char *v1, const char *v2)
{
	for (uint32_t i = 0; i < f->n_hierarchies; i++) {
		const struct hierarchy *h = &f->hierarchy[i];
		const char *name = h->v2 ? v2 : v1;

		if (name && h->controllers && listed(h->controllers, name))
			return h;
	}
	return NULL;
}

bool check_controller(struct check *k, struct oci_at at, const char *v1, const char *v2)
{
	/* Then check_resources() has said that nothing is applied. */
	if (k->o->cgroup_disabled)
		return false;
	const struct hierarchy *h = find(k->host, v1, v2);
	const char *name = !v1 || (k->host->cgroup_host == CGROUP_HOST_V2 && v2) ? v2 : v1;
	if (!h && k->host->cgroup_host == CGROUP_HOST_V2 && !v2)
		warn(k, at, "remove it", "cgroup v2 has no such setting: it is ignored");
	else if (!h)
		bad(k, at, "remove it, or enable the controller on this host",
		    "the cgroup controller \"%s\" is not available %s", name,
		    v1 ? "on this host" : "in the cgroup2 tree");
	else if (!h->writable && !k->o->systemd)
		bad(k, at, "remove it, or have the controller delegated to you",
		    "the cgroup controller \"%s\" is not yours to use", name);
	else
		return true;
	return false;
}
