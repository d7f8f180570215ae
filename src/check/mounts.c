/* mounts: mounts, linux.maskedPaths, linux.readonlyPaths, linux.mountLabel. config.md, security.md R14. */
#include "base/idrange.h"
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

/* idmap=uids=0-1000-1;gids=0-1000-1 */
static bool has_ids(const char *word)
{
	return str_starts(word, "idmap=") || str_starts(word, "ridmap=");
}

/* A word that no table has is data for the file system, and bind mounts have none to give it to. */
static void check_option(struct check *k, const struct oci_mount *m, size_t i, bool bind)
{
	const char *const *words = k->o->mount_words;
	const char *word = m->options.v[i];

	/* buildah writes one for a volume without options. */
	if (!*word) {
		warn(k, AT(m->options.v[i]), "remove it", "the mount option is empty");
		return;
	}
	if (!words || in_words(words, word) || has_ids(word))
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

static void check_ids(struct check *k, struct oci_at at, const char *word)
{
	const char *text = strchr(word, '=') + 1;
	bool uids = false, gids = false, relative = false;
	struct idrange r = { 0 };
	int rc;

	while ((rc = idrange_next(&text, &r)) > 0) {
		uids |= !r.gid;
		gids |= r.gid;
		relative |= r.relative;
	}
	if (rc < 0)
		bad(k, at, "write it as in idmap=uids=0-1000-1;gids=0-1000-1",
		    "\"%s\" is not a mapping of ids", word);
	else if (!uids || !gids)
		bad(k, at, "give uids= and gids=",
		    "id-mapped mounts must have both uid and gid mappings specified");
	if (relative && check_ns(k, "user") != NS_NEW)
		bad(k, at, "write ids of the host, without @",
		    "\"%s\" counts in ids of a new user namespace, but there is none", word);
}

/* Where the ids come from: the mount's mappings, an option, or the container. */
static void check_ids_of(struct check *k, const struct oci_mount *m, bool maps)
{
	size_t options = 0;

	for (size_t i = 0; i < m->options.n; i++)
		if (has_ids(m->options.v[i])) {
			options++;
			check_ids(k, AT(m->options.v[i]), m->options.v[i]);
		}
	if (options + maps > 1)
		bad(k, AT(*m), "keep one of them",
		    "the ids of the mount are mapped more than once");
	if (!options && !maps && check_ns(k, "user") == NS_ABSENT)
		bad(k, AT(m->options), "add uidMappings and gidMappings to the mount",
		    "the mount is to be id-mapped, but it has no mappings, and the container no user "
		    "namespace");
	if (!maps)
		return;
	if (!m->uid_mappings.n || !m->gid_mappings.n)
		bad(k, AT(*m), "give uidMappings and gidMappings",
		    "id-mapped mounts must have both uid and gid mappings specified");
	check_id_ranges(k, "uid", AT(m->uid_mappings), m->uid_mappings.v, m->uid_mappings.n);
	check_id_ranges(k, "gid", AT(m->gid_mappings), m->gid_mappings.v, m->gid_mappings.n);
}

static void check_idmapped(struct check *k, const struct oci_mount *m, bool bind)
{
	bool maps = m->uid_mappings.n || m->gid_mappings.n, one = false, all = false;

	for (size_t i = 0; i < m->options.n; i++) {
		const char *word = m->options.v[i];

		one |= STR_EQ(word, "idmap") || str_starts(word, "idmap=");
		all |= STR_EQ(word, "ridmap") || str_starts(word, "ridmap=");
	}
	if (!maps && !one && !all)
		return;
	if (one && all)
		bad(k, AT(m->options), "keep one of the two",
		    "idmap and ridmap exclude each other");
	if (!bind)
		bad(k, AT(*m), "add the option bind, or remove the mappings",
		    "id-mapped mounts are only supported for bind-mounts");
	if (has_option(m, "remount"))
		bad(k, AT(m->options), "map the ids where the mount is made",
		    "the ids of a mount that is there cannot be mapped anew");
	if (k->host->euid != 0)
		/* Like the namespaces' rule: plan and check may be asked by anyone. */
		(k->o->lifecycle ? bad : warn)(
			k, AT(*m), "run nsrun as root, or remove the mappings",
			"id-mapped mounts are not supported for rootless containers");
	check_ids_of(k, m, maps);
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

/* linux.mountLabel, and how the mounts get it. */
static void check_label(struct check *k, const struct oci_linux *l)
{
	static const char *const types[] = { "context", "fscontext", "defcontext", "rootcontext",
		                             NULL };

	for (size_t i = 0; i < k->c->annotations.n; i++) {
		const struct oci_entry *x = &k->c->annotations.v[i];

		if (x->key && STR_EQ(x->key, "run.oci.mount_context_type") &&
		    !in_words(types, x->value ? x->value : ""))
			bad_word(k, AT(*x), x->value ? x->value : "", types,
			         "write context, fscontext, defcontext or rootcontext",
			         "annotation %s: \"%s\" is no mount option of SELinux", x->key,
			         x->value ? x->value : "");
	}
	if (!l || str_empty(l->mount_label))
		return;
	if (!k->host->selinux)
		bad(k, AT(l->mount_label), "remove it, or boot a kernel with SELinux",
		    "selinux label is specified in config, but selinux is disabled or not supported");
	if (strpbrk(l->mount_label, "\"\n"))
		bad(k, AT(l->mount_label), "write it as in system_u:object_r:container_file_t:s0",
		    "the mount label has a quote or a line break");
}

void check_mounts(struct check *k)
{
	const struct oci_linux *l = k->c->linux_;

	for (size_t i = 0; i < k->c->mounts.n; i++)
		check_mount(k, &k->c->mounts.v[i]);
	check_label(k, l);
	if (!l)
		return;
	check_paths(k, AT(l->masked_paths), l->masked_paths.v, l->masked_paths.n);
	check_paths(k, AT(l->readonly_paths), l->readonly_paths.v, l->readonly_paths.n);
}
