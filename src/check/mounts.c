/* mounts: mounts, linux.maskedPaths, linux.readonlyPaths. config.md, security.md R14. */
#include "base/str.h"
#include "check/check.h"
#include <limits.h>
#include <string.h>

/* The files that lxcfs and engines put over those of procfs; nothing else goes below /proc. */
static const char *const proc_files[] = { "/proc/cpuinfo",
	                                  "/proc/diskstats",
	                                  "/proc/meminfo",
	                                  "/proc/stat",
	                                  "/proc/swaps",
	                                  "/proc/uptime",
	                                  "/proc/loadavg",
	                                  "/proc/slabinfo",
	                                  "/proc/sys/kernel/ns_last_pid",
	                                  "/proc/sys/crypto/fips_enabled",
	                                  NULL };

static bool in_words(const char *const *words, const char *word)
{
	for (; *words; words++)
		if (STR_EQ(*words, word))
			return true;
	return false;
}

static bool has_option(const struct oci_mount *m, const char *word)
{
	for (size_t i = 0; i < m->options.n; i++)
		if (STR_EQ(m->options.v[i], word))
			return true;
	return false;
}

static bool is_bind(const struct oci_mount *m)
{
	return has_option(m, "bind") || has_option(m, "rbind") ||
	       (m->type && STR_EQ(m->type, "bind"));
}

/* On /proc only a procfs (whether a bind source is one, the op verifies); below it only files of the list. */
static void check_proc(struct check *k, const struct oci_mount *m, const char *dest)
{
	bool bind = is_bind(m);

	if (STR_EQ(dest, "/proc")) {
		if (bind ? m->source && STR_EQ(check_clean(k, m->source), "/proc")
		         : m->type && STR_EQ(m->type, "proc"))
			return;
		bad(k, AT(m->destination), "mount type proc there, or choose another destination",
		    "only a procfs may be mounted on /proc");
	} else if (str_starts(dest, "/proc/") && !(bind && in_words(proc_files, dest))) {
		bad(k, AT(m->destination), "choose a destination outside of /proc",
		    "\"%s\" is inside /proc", m->destination);
	}
}

static void check_destination(struct check *k, const struct oci_mount *m)
{
	const char *d = m->destination;

	if (!d)
		return;
	if (!*d) {
		bad(k, AT(m->destination), "write it from /", "the destination is empty");
		return;
	}
	if (strlen(d) >= PATH_MAX)
		bad(k, AT(m->destination), "shorten it", "the path is longer than %d bytes",
		    PATH_MAX - 1);
	const char *dest = check_clean(k, d);
	if (*d != '/')
		warn(k, AT(m->destination), arena_fmt(k->a, "write \"%s\"", dest),
		     "mount \"%s\": relative destination path is deprecated, using it as relative to /",
		     d);
	if (STR_EQ(dest, "/"))
		bad(k, AT(m->destination), "use root.path for the root file system",
		    "nothing can be mounted on /");
	check_proc(k, m, dest);
}

/* A word that no table has is data for the file system, and bind mounts have none to give it to. */
static void check_option(struct check *k, const struct oci_mount *m, size_t i, bool bind)
{
	const char *const *words = k->o->mount_words;
	const char *word = m->options.v[i];

	if (!*word) {
		bad(k, AT(m->options.v[i]), "remove it", "the mount option is empty");
		return;
	}
	/* check_later() refuses id-mapped mounts, whatever words the table has. */
	if (!words || in_words(words, word) || str_starts(word, "idmap") || STR_EQ(word, "ridmap"))
		return;
	if (bind) {
		bad_word(k, AT(m->options.v[i]), word, words,
		         "remove it: a bind mount takes no options of a file system",
		         "\"%s\" is not an option of bind mounts", word);
		return;
	}
	const char *near = strchr(word, '=') ? NULL : oci_nearest(word, words);
	if (near)
		warn(k, AT(m->options.v[i]), arena_fmt(k->a, "did you mean \"%s\"?", near),
		     "\"%s\" is not a known mount option: it is left to the file system", word);
}

static void check_idmapped(struct check *k, const struct oci_mount *m, bool bind)
{
	bool maps = m->uid_mappings.n || m->gid_mappings.n;

	if (has_option(m, "idmap") && has_option(m, "ridmap"))
		bad(k, AT(m->options), "keep one of the two",
		    "idmap and ridmap exclude each other");
	if ((maps || has_option(m, "idmap") || has_option(m, "ridmap")) && !bind)
		bad(k, AT(*m), "add the option bind, or remove the mappings",
		    "id-mapped mounts are only supported for bind-mounts");
	if (maps && (!m->uid_mappings.n || !m->gid_mappings.n))
		bad(k, AT(*m), "give uidMappings and gidMappings",
		    "id-mapped mounts must have both uid and gid mappings specified");
}

static void check_mount(struct check *k, const struct oci_mount *m)
{
	bool bind = is_bind(m), remount = has_option(m, "remount");

	check_destination(k, m);
	if (bind && !remount && str_empty(m->source))
		bad(k, AT(*m), "add \"source\"", "the bind mount has no source");
	if (!bind && !remount && (str_empty(m->type) || STR_EQ(m->type, "none")))
		bad(k, AT(*m), "add \"type\", or the option bind", "the mount has no type");
	for (size_t i = 0; i < m->options.n; i++)
		check_option(k, m, i, bind);
	check_idmapped(k, m, bind);
}

static void check_paths(struct check *k, struct oci_at at, char *const *paths, size_t n)
{
	if (n && check_ns(k, "mount") == NS_ABSENT)
		bad(k, at, "add {\"type\": \"mount\"} to linux.namespaces",
		    "unable to restrict sys entries without a private MNT namespace");
	for (size_t i = 0; i < n; i++)
		check_absolute(k, AT(paths[i]), paths[i]);
}

void check_mounts(struct check *k)
{
	const struct oci_linux *l = k->c->linux_;

	for (size_t i = 0; i < k->c->mounts.n; i++)
		check_mount(k, &k->c->mounts.v[i]);
	if (!l)
		return;
	check_paths(k, AT(l->masked_paths), l->masked_paths.v, l->masked_paths.n);
	check_paths(k, AT(l->readonly_paths), l->readonly_paths.v, l->readonly_paths.n);
}
