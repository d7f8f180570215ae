/* cgroup: linux.cgroupsPath, and whether this host has a controller. config-linux.md#cgroups-path, cgroups(7). */
#include "base/str.h"
#include "check/check.h"
#include <string.h>

#define UNIT_MAX 255 /* bytes in the name of a unit */
#define LETTERS  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS   "0123456789"

/* The bytes of the UTF-8 character at s, which the decoder has checked. */
static int character(const char *s)
{
	int n = 1;

	while ((s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* "a:b:c": how many parts? */
static size_t parts(const char *s)
{
	size_t n = 1;

	for (; *s; s++)
		n += *s == ':';
	return n;
}

/* systemd.slice(5): "a-b.slice" is in "a.slice", so no part of the name is empty. "-.slice" is the root. */
static bool is_slice(const char *s, size_t n)
{
	const char *suffix = ".slice";
	size_t m = strlen(suffix);

	if (n == 0 || (n == 1 && *s == '-'))
		return true;
	if (n <= m || n > UNIT_MAX || memcmp(s + n - m, suffix, m) != 0)
		return false;
	n -= m;
	if (n == 1 && *s == '-')
		return true;
	for (size_t i = 0; i < n; i++)
		if (s[i] == '-' && (i == 0 || i + 1 == n || s[i + 1] == '-'))
			return false;
	return true;
}

/* systemd makes the unit "prefix-name.scope". */
static void check_unit(struct check *k, struct oci_at at, const char *prefix, size_t n,
                       const char *name)
{
	size_t len = n + (n > 0) + strlen(name) + strlen(".scope");

	if (str_ends(name, ".slice"))
		bad(k, at, "leave out \".slice\": the slice is the first of the three parts",
		    "\"%s\" is a slice, and only a scope can hold a container's processes", name);
	else if (len > UNIT_MAX)
		bad(k, at, "shorten it", "the unit name of %zu bytes is longer than %d", len,
		    UNIT_MAX);
	else if (*(n ? prefix : name) == '@' || str_ends(name, "@"))
		bad(k, at, "leave out the \"@\"", "\"%.*s%s%s.scope\" is the name of a template",
		    (int)n, prefix, n ? "-" : "", name);
}

static void check_systemd_path(struct check *k, struct oci_at at, const char *path)
{
	const char *hint = "write slice:prefix:name, as in system.slice:nsrun:c1";
	size_t slice = strcspn(path, ":"), prefix, valid;

	if (parts(path) != 3) {
		bad(k, at, hint,
		    "cgroupsPath \"%s\" does not have the three parts that systemd needs", path);
		return;
	}
	prefix = strcspn(path + slice + 1, ":");
	const char *name = path + slice + prefix + 2;
	valid = strspn(path, LETTERS DIGITS ":-_.\\@");
	if (!*name)
		bad(k, at, hint, "cgroupsPath \"%s\" names no systemd unit", path);
	else if (path[valid])
		bad(k, at, "use letters, digits and \"-_.\\@\"",
		    "systemd takes no \"%.*s\" in the name of a unit", character(path + valid),
		    path + valid);
	else if (!is_slice(path, slice) || memchr(path, '@', slice))
		bad(k, at, "write a name such as machine.slice or user-1000.slice",
		    "\"%.*s\" is not the name of a slice", (int)slice, path);
	else
		check_unit(k, at, path + slice + 1, prefix, name);
}

/* The container gets a cgroup of its own below the mount: never the root, never one above. */
static void check_fs_path(struct check *k, struct oci_at at, const char *path)
{
	if (str_climbs(path))
		bad(k, at, "write the path without it", "cgroupsPath \"%s\" contains \"..\"", path);
	else if (STR_EQ(check_clean(k, path), "/"))
		bad(k, at, "add a name, as in /nsrun/c1", "cgroupsPath \"%s\" is the root cgroup",
		    path);
	else if (parts(path) == 3 && !strchr(path, '/'))
		warn(k, at, "give --systemd-cgroup, or write a path",
		     "cgroupsPath \"%s\" has the form of a systemd unit, but is taken as a directory",
		     path);
}

/* No place of the config is to blame. */
static void check_systemd_host(struct check *k)
{
	const struct oci_at nowhere = { 0 };

	if (k->host->euid == 0 && !k->host->in_userns)
		bad(k, nowhere, "use --cgroup-manager cgroupfs", "systemd does not run here");
	else
		bad(k, nowhere,
		    "use --cgroup-manager cgroupfs, or have loginctl enable-linger start it",
		    "systemd does not run here for this user");
}

void check_cgroup(struct check *k)
{
	const struct oci_linux *l = k->c->linux_;

	if (k->o->systemd && !k->host->systemd_cgroup)
		check_systemd_host(k);
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

static const struct hierarchy *find(const struct facts *f, const char *v1, const char *v2)
{
	for (uint32_t i = 0; i < f->n_hierarchies; i++) {
		const struct hierarchy *h = &f->hierarchy[i];
		const char *name = h->v2 ? v2 : v1;

		if (name && str_listed(h->controllers, h->v2 ? ' ' : ',', name))
			return h;
	}
	return NULL;
}

bool check_controller(struct check *k, struct oci_at at, const char *v1, const char *v2)
{
	const struct hierarchy *h = find(k->host, v1, v2);
	const char *name = !v1 || (k->host->cgroup_host == CGROUP_HOST_V2 && v2) ? v2 : v1;
	const char *path = k->c->linux_->cgroups_path;
	/* It may lead to where the controller is ours, elsewhere than where containers go by default. */
	bool absolute = path && *path == '/';

	if (k->o->cgroup_disabled)
		bad(k, at, "remove it, or use another --cgroup-manager",
		    "the cgroup controller \"%s\" is not used: cgroups are disabled", name);
	else if (!h && k->host->cgroup_host == CGROUP_HOST_V2 && !v2)
		bad(k, at, "remove it: only cgroup v1 has it", "cgroup v2 has no such setting");
	else if (!h)
		bad(k, at, "remove it, or enable the controller on this host",
		    "the cgroup controller \"%s\" is not available %s", name,
		    v1 ? "on this host" : "in the cgroup2 tree");
	else if (!h->writable && !absolute && !k->o->systemd)
		bad(k, at, "remove it, or have the controller delegated to you",
		    "the cgroup controller \"%s\" is not yours to use", name);
	else
		return true;
	return false;
}
