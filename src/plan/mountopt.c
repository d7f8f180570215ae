/* mountopt: mount options, the table of config.md#linux-mount-options lowered into flags. */
#include "plan/mountopt.h"
#include "base/str.h"
#include "base/sys.h"
#include <stddef.h>
#include <string.h>

/* What an option changes: MS_* of this mount, MOUNT_ATTR_* of it and all below it, MS_* propagation, MOUNT_* how, or
 * nothing: "defaults" is what is there without options, and ACLs cannot be switched by a flag (MS_POSIXACL is the
 * kernel's own). "silent" is about the kernel's log, of which the new mount API says nothing anyway. */
enum what { SET, CLEAR, REC_SET, REC_CLEAR, PROPAGATE, HOW, NOTHING };

/* clang-format off */
#define OPTIONS(X) \
	X("acl",           NOTHING,   0) \
	X("async",         CLEAR,     MS_SYNCHRONOUS) \
	X("atime",         CLEAR,     MS_NOATIME) \
	X("bind",          HOW,       MOUNT_BIND) \
	X("copy-symlink",  HOW,       MOUNT_COPY_SYMLINK) \
	X("defaults",      NOTHING,   0) \
	X("dest-nofollow", HOW,       MOUNT_DEST_NOFOLLOW) \
	X("dev",           CLEAR,     MS_NODEV) \
	X("diratime",      CLEAR,     MS_NODIRATIME) \
	X("dirsync",       SET,       MS_DIRSYNC) \
	X("exec",          CLEAR,     MS_NOEXEC) \
	X("idmap",         HOW,       MOUNT_IDMAP) \
	X("iversion",      SET,       MS_I_VERSION) \
	X("lazytime",      SET,       MS_LAZYTIME) \
	X("loud",          CLEAR,     MS_SILENT) \
	X("mand",          SET,       MS_MANDLOCK) \
	X("noacl",         NOTHING,   0) \
	X("noatime",       SET,       MS_NOATIME) \
	X("nodev",         SET,       MS_NODEV) \
	X("nodiratime",    SET,       MS_NODIRATIME) \
	X("noexec",        SET,       MS_NOEXEC) \
	X("noiversion",    CLEAR,     MS_I_VERSION) \
	X("nolazytime",    CLEAR,     MS_LAZYTIME) \
	X("nomand",        CLEAR,     MS_MANDLOCK) \
	X("norelatime",    CLEAR,     MS_RELATIME) \
	X("nostrictatime", CLEAR,     MS_STRICTATIME) \
	X("nosuid",        SET,       MS_NOSUID) \
	X("nosymfollow",   SET,       MS_NOSYMFOLLOW) \
	X("private",       PROPAGATE, MS_PRIVATE) \
	X("ratime",        REC_CLEAR, MOUNT_ATTR_NOATIME) \
	X("rbind",         HOW,       MOUNT_BIND | MOUNT_REC) \
	X("rdev",          REC_CLEAR, MOUNT_ATTR_NODEV) \
	X("rdiratime",     REC_CLEAR, MOUNT_ATTR_NODIRATIME) \
	X("relatime",      SET,       MS_RELATIME) \
	X("remount",       HOW,       MOUNT_REMOUNT) \
	X("rexec",         REC_CLEAR, MOUNT_ATTR_NOEXEC) \
	X("ridmap",        HOW,       MOUNT_IDMAP | MOUNT_IDMAP_REC) \
	X("rnoatime",      REC_SET,   MOUNT_ATTR_NOATIME) \
	X("rnodev",        REC_SET,   MOUNT_ATTR_NODEV) \
	X("rnodiratime",   REC_SET,   MOUNT_ATTR_NODIRATIME) \
	X("rnoexec",       REC_SET,   MOUNT_ATTR_NOEXEC) \
	X("rnorelatime",   REC_CLEAR, ATIME_RESET) \
	X("rnostrictatime", REC_CLEAR, MOUNT_ATTR_STRICTATIME) \
	X("rnosuid",       REC_SET,   MOUNT_ATTR_NOSUID) \
	X("rnosymfollow",  REC_SET,   MOUNT_ATTR_NOSYMFOLLOW) \
	X("ro",            SET,       MS_RDONLY) \
	X("rprivate",      PROPAGATE, MS_PRIVATE | MS_REC) \
	X("rrelatime",     REC_CLEAR, ATIME_RESET) \
	X("rro",           REC_SET,   MOUNT_ATTR_RDONLY) \
	X("rrw",           REC_CLEAR, MOUNT_ATTR_RDONLY) \
	X("rshared",       PROPAGATE, MS_SHARED | MS_REC) \
	X("rslave",        PROPAGATE, MS_SLAVE | MS_REC) \
	X("rstrictatime",  REC_SET,   MOUNT_ATTR_STRICTATIME) \
	X("rsuid",         REC_CLEAR, MOUNT_ATTR_NOSUID) \
	X("rsymfollow",    REC_CLEAR, MOUNT_ATTR_NOSYMFOLLOW) \
	X("runbindable",   PROPAGATE, MS_UNBINDABLE | MS_REC) \
	X("rw",            CLEAR,     MS_RDONLY) \
	X("shared",        PROPAGATE, MS_SHARED) \
	X("silent",        SET,       MS_SILENT) \
	X("slave",         PROPAGATE, MS_SLAVE) \
	X("src-nofollow",  HOW,       MOUNT_SRC_NOFOLLOW) \
	X("strictatime",   SET,       MS_STRICTATIME) \
	X("suid",          CLEAR,     MS_NOSUID) \
	X("symfollow",     CLEAR,     MS_NOSYMFOLLOW) \
	X("sync",          SET,       MS_SYNCHRONOUS) \
	X("tmpcopyup",     HOW,       MOUNT_COPYUP) \
	X("unbindable",    PROPAGATE, MS_UNBINDABLE)
/* clang-format on */

/* Relative access times are a zero in the field of the three modes: to set them is to clear the field. */
#define ATIME_RESET MOUNT_ATTR__ATIME

#define ROW(name, kind, flags)  { name, kind, flags },
#define WORD(name, kind, flags) name,

static const struct option {
	const char *word;
	enum what what;
	uint64_t v;
} options[] = { OPTIONS(ROW) };

const char *const mountopt_words[] = { OPTIONS(WORD) NULL };

static const struct option *find(const char *word)
{
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (STR_EQ(options[i].word, word))
			return &options[i];
	return NULL;
}

/* The last word on a subject counts, as with mount(8). */
static void apply(const struct option *o, struct step *s)
{
	switch (o->what) {
	case SET:
		s->mount.flags |= o->v;
		s->mount.cleared &= ~o->v;
		return;
	case CLEAR:
		s->mount.flags &= ~o->v;
		s->mount.cleared |= o->v;
		return;
	case REC_SET:
	case REC_CLEAR:
		/* The kernel takes access times as one field: it is cleared whole, then set. */
		if (o->v & MOUNT_ATTR__ATIME) {
			s->mount.rec_set &= ~(uint64_t)MOUNT_ATTR__ATIME;
			s->mount.rec_clear |= MOUNT_ATTR__ATIME;
		}
		if (o->what == REC_SET) {
			s->mount.rec_set |= o->v;
			s->mount.rec_clear &= ~(o->v & ~(uint64_t)MOUNT_ATTR__ATIME);
		} else {
			s->mount.rec_set &= ~o->v;
			s->mount.rec_clear |= o->v;
		}
		return;
	case PROPAGATE: s->mount.propagation = o->v; return;
	case HOW: s->mount.how |= (uint32_t)o->v; return;
	case NOTHING: return;
	}
}

static bool is_type(const struct oci_mount *m, const char *type)
{
	return m->type && STR_EQ(m->type, type);
}

bool mountopt_has_ids(const char *word)
{
	return str_starts(word, "idmap=") || str_starts(word, "ridmap=");
}

void mountopt_lower(const struct oci_mount *m, struct step *s, struct arena *a)
{
	bool mode = false;

	s->mount.source = m->source;
	s->mount.target = m->destination;
	s->mount.fstype = m->type;
	s->mount.data = "";
	if (is_type(m, "bind"))
		s->mount.how |= MOUNT_BIND;
	if (m->uid_mappings.n || m->gid_mappings.n)
		s->mount.how |= MOUNT_IDMAP;
	for (size_t i = 0; i < m->options.n; i++) {
		const char *word = m->options.v[i];
		const struct option *o = find(word);

		if (!*word)
			continue;
		if (o) {
			apply(o, s);
			continue;
		}
		if (mountopt_has_ids(word)) {
			apply(find(*word == 'r' ? "ridmap" : "idmap"), s);
			continue;
		}
		mode = mode || str_starts(word, "mode=");
		s->mount.data =
			arena_fmt(a, "%s%s%s", s->mount.data, *s->mount.data ? "," : "", word);
	}
	if (s->mount.how & (MOUNT_BIND | MOUNT_REMOUNT))
		return;
	if (is_type(m, "proc") || is_type(m, "sysfs"))
		s->mount.how |= MOUNT_STRICT;
	if (is_type(m, "tmpfs") && !mode)
		s->mount.how |= MOUNT_INHERIT_MODE;
}
