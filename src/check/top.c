/* top: ociVersion, root, hostname, domainname, annotations. config.md. */
#include "base/str.h"
#include "check/check.h"
#include <ctype.h>
#include <limits.h>
#include <string.h>

#define UTS_LEN 64 /* __NEW_UTS_LEN of the kernel */

/* One number of a version, without leading zeros; NULL when there is none. */
static const char *part(const char *s)
{
	const char *start = s;

	while (isdigit((unsigned char)*s))
		s++;
	return s == start || (*start == '0' && s > start + 1) ? NULL : s;
}

/* "-rc.1", "+dev": identifiers of [0-9A-Za-z-] with dots between, none empty. */
static const char *tail(const char *s)
{
	do {
		const char *start = ++s;

		while (isalnum((unsigned char)*s) || *s == '-')
			s++;
		if (s == start)
			return NULL;
	} while (*s == '.');
	return s;
}

/* semver.org 2.0.0 */
static bool semver(const char *s)
{
	for (int i = 0; i < 3; i++) {
		if (i && *s++ != '.')
			return false;
		s = part(s);
		if (!s)
			return false;
	}
	if (*s == '-')
		s = tail(s);
	if (s && *s == '+')
		s = tail(s);
	return s && !*s;
}

static void check_version(struct check *k)
{
	const char *v = k->c->version;

	if (!v)
		return;
	if (!semver(v))
		bad(k, AT(k->c->version), "write it as \"" OCI_SPEC_VERSION "\"",
		    "ociVersion \"%s\" is not a semantic version", v);
	else if (v[0] != '1' || v[1] != '.')
		bad(k, AT(k->c->version), "use a config of version 1",
		    "ociVersion %s is not supported, only version 1 is", v);
}

static void check_root(struct check *k)
{
	const struct oci_root *r = k->c->root;

	if (!r) {
		bad(k, AT(k->c->root), "add \"root\": {\"path\": \"rootfs\"}",
		    "\"root\" is missing");
		return;
	}
	if (!r->path)
		return;
	if (!*r->path)
		bad(k, AT(r->path), "name the directory of the container's root file system",
		    "root.path is empty");
	if (strlen(r->path) >= PATH_MAX)
		bad(k, AT(r->path), "shorten it", "the path is longer than %d bytes", PATH_MAX - 1);
}

static void check_uts_name(struct check *k, struct oci_at at, const char *what, const char *name)
{
	if (str_empty(name))
		return;
	if (check_ns(k, "uts") == NS_ABSENT)
		bad(k, at, "add {\"type\": \"uts\"} to linux.namespaces",
		    "unable to set %s without a private UTS namespace", what);
	if (strlen(name) > UTS_LEN)
		bad(k, at, "shorten it", "the %s has %zu bytes, the kernel takes %d", what,
		    strlen(name), UTS_LEN);
	if (strpbrk(name, "\n\r"))
		bad(k, at, "write it on one line", "the %s contains a line break", what);
}

void check_top(struct check *k)
{
	check_version(k);
	check_root(k);
	check_uts_name(k, AT(k->c->hostname), "hostname", k->c->hostname);
	check_uts_name(k, AT(k->c->domainname), "domainname", k->c->domainname);
	for (size_t i = 0; i < k->c->annotations.n; i++)
		if (str_empty(k->c->annotations.v[i].key))
			bad(k, AT(k->c->annotations.v[i]), "give it a name such as com.example.key",
			    "the key of an annotation is empty");
}
