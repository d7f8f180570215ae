/* common: rules that several checks share. */
#include "base/str.h"
#include "check/check.h"
#include <limits.h>
#include <string.h>

enum ns_use check_ns(const struct check *k, const char *type)
{
	const struct oci_linux *l = k->c->linux_;
	enum ns_use use = NS_ABSENT;

	for (size_t i = 0; l && i < l->namespaces.n; i++) {
		const struct oci_namespace *ns = &l->namespaces.v[i];

		if (str_empty(ns->type))
			use = NS_UNCLEAR;
		else if (STR_EQ(ns->type, type))
			return str_empty(ns->path) ? NS_NEW : NS_JOINED;
	}
	return use;
}

const char *check_clean(struct check *k, const char *path)
{
	char *out = arena_alloc(k->a, strlen(path) + 2, 1), *end = out;

	while (*path) {
		size_t n = strcspn(path, "/");

		if (n == 2 && path[0] == '.' && path[1] == '.') {
			while (end > out && *--end != '/')
				;
		} else if (n && !(n == 1 && path[0] == '.')) {
			*end++ = '/';
			memcpy(end, path, n);
			end += n;
		}
		path += n + (path[n] == '/');
	}
	if (end == out)
		*end++ = '/';
	*end = '\0';
	return out;
}

void check_absolute(struct check *k, struct oci_at at, const char *path)
{
	if (!path)
		return;
	if (!*path)
		bad(k, at, "write it from /", "the path is empty");
	else if (*path != '/')
		bad(k, at, "write it from /", "\"%s\" is not an absolute path", path);
	else if (strlen(path) >= PATH_MAX)
		bad(k, at, "shorten it", "the path is longer than %d bytes", PATH_MAX - 1);
}

void check_env(struct check *k, char *const *env, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr(env[i], '=') || env[i][0] == '=')
			bad(k, AT(env[i]), "write it as NAME=value",
			    "\"%s\" is not an environment variable", env[i]);
}

/* The digits at *s, moved past them; false when there are none. */
static bool number(const char **s, unsigned *n)
{
	const char *start = *s;

	for (*n = 0; **s >= '0' && **s <= '9' && *s - start < 6; ++*s)
		*n = *n * 10 + (unsigned)(**s - '0');
	return *s > start;
}

void check_list(struct check *k, struct oci_at at, const char *list)
{
	const char *s = list;
	unsigned first, last;

	if (str_empty(list))
		return;
	do {
		if (!number(&s, &first))
			break;
		last = first;
		if (*s == '-' && (s++, !number(&s, &last) || last < first))
			break;
		if (!*s)
			return;
	} while (*s++ == ',');
	bad(k, at, "write numbers and ranges, as in 0-3,7", "\"%s\" is not a list of numbers",
	    list);
}
