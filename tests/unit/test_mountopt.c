/* plan/mountopt: every option of the spec, and which of two wins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/sys.h"
#include "plan/mountopt.h"
#include <string.h>

static struct arena arena;

/* The options are given as one text: "ro,nosuid". */
static struct step lower(char *type, const char *text)
{
	char *words[32], copy[256];
	struct oci_mount m = { .destination = "/d", .type = type, .source = "s" };
	struct step s = { 0 };

	memcpy(copy, text, strlen(text) + 1);
	m.options.v = words;
	for (char *p = copy, *word; (word = strsep(&p, ","));)
		words[m.options.n++] = word;
	if (!*text)
		m.options.n = 0;
	mountopt_lower(&m, &s, &arena);
	return s;
}

static void test_flags(void **state)
{
	static const struct {
		const char *text;
		unsigned long flags, cleared;
		const char *data;
	} t[] = {
		{ "", 0, 0, "" },
		{ "defaults", 0, 0, "" },
		{ "ro,nosuid,nodev,noexec", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, 0, "" },
		{ "ro,rw", 0, MS_RDONLY, "" },
		{ "rw,ro", MS_RDONLY, 0, "" },
		{ "suid,dev,exec", 0, MS_NOSUID | MS_NODEV | MS_NOEXEC, "" },
		{ "sync,dirsync,mand", MS_SYNCHRONOUS | MS_DIRSYNC | MS_MANDLOCK, 0, "" },
		{ "async,nomand", 0, MS_SYNCHRONOUS | MS_MANDLOCK, "" },
		{ "iversion,lazytime,silent", MS_I_VERSION | MS_LAZYTIME | MS_SILENT, 0, "" },
		{ "noiversion,nolazytime,loud", 0, MS_I_VERSION | MS_LAZYTIME | MS_SILENT, "" },
		{ "noatime,nodiratime", MS_NOATIME | MS_NODIRATIME, 0, "" },
		{ "atime,diratime", 0, MS_NOATIME | MS_NODIRATIME, "" },
		{ "relatime,strictatime", MS_RELATIME | MS_STRICTATIME, 0, "" },
		{ "norelatime,nostrictatime", 0, MS_RELATIME | MS_STRICTATIME, "" },
		{ "nosymfollow", MS_NOSYMFOLLOW, 0, "" },
		{ "symfollow", 0, MS_NOSYMFOLLOW, "" },
		{ "acl,noacl", 0, 0, "" },
		{ "size=64k,ro,mode=755", MS_RDONLY, 0, "size=64k,mode=755" },
		{ "size=64k,,ro,", MS_RDONLY, 0, "size=64k" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct step s = lower("tmpfs", t[i].text);

		assert_int_equal(s.mount.flags, t[i].flags);
		assert_int_equal(s.mount.cleared, t[i].cleared);
		assert_string_equal(s.mount.data, t[i].data);
	}
}

static void test_recursive(void **state)
{
	static const struct {
		const char *text;
		uint64_t set, clear;
	} t[] = {
		{ "rro", MOUNT_ATTR_RDONLY, 0 },
		{ "rro,rrw", 0, MOUNT_ATTR_RDONLY },
		{ "rrw,rro", MOUNT_ATTR_RDONLY, 0 },
		{ "rnosuid,rnodev,rnoexec",
		  MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC, 0 },
		{ "rsuid,rdev,rexec", 0, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC },
		{ "rnodiratime", MOUNT_ATTR_NODIRATIME, 0 },
		{ "rdiratime,rsymfollow", 0, MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW },
		{ "rnosymfollow", MOUNT_ATTR_NOSYMFOLLOW, 0 },
		{ "rnoatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME },
		{ "rstrictatime,rnoatime", MOUNT_ATTR_NOATIME, MOUNT_ATTR__ATIME },
		{ "rnoatime,ratime", 0, MOUNT_ATTR__ATIME },
		{ "rnoatime,rrelatime", 0, MOUNT_ATTR__ATIME },
		{ "rnorelatime", 0, MOUNT_ATTR__ATIME },
		{ "rnostrictatime", 0, MOUNT_ATTR__ATIME },
		{ "rstrictatime", MOUNT_ATTR_STRICTATIME, MOUNT_ATTR__ATIME },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct step s = lower("bind", t[i].text);

		assert_int_equal(s.mount.rec_set, t[i].set);
		assert_int_equal(s.mount.rec_clear, t[i].clear);
		assert_int_equal(s.mount.flags, 0);
	}
}

static void test_how(void **state)
{
	static const struct {
		char *type;
		const char *text;
		uint32_t how;
		unsigned long propagation;
	} t[] = {
		{ "bind", "", MOUNT_BIND, 0 },
		{ NULL, "bind", MOUNT_BIND, 0 },
		{ "none", "rbind", MOUNT_BIND | MOUNT_REC, 0 },
		{ "bind", "rbind,rprivate", MOUNT_BIND | MOUNT_REC, MS_PRIVATE | MS_REC },
		{ "bind", "private,shared", MOUNT_BIND, MS_SHARED },
		{ "bind", "slave", MOUNT_BIND, MS_SLAVE },
		{ "bind", "rslave,rshared", MOUNT_BIND, MS_SHARED | MS_REC },
		{ "bind", "unbindable", MOUNT_BIND, MS_UNBINDABLE },
		{ "bind", "runbindable", MOUNT_BIND, MS_UNBINDABLE | MS_REC },
		{ "bind", "copy-symlink,src-nofollow,dest-nofollow",
		  MOUNT_BIND | MOUNT_COPY_SYMLINK | MOUNT_SRC_NOFOLLOW | MOUNT_DEST_NOFOLLOW, 0 },
		{ "bind", "idmap", MOUNT_BIND | MOUNT_IDMAP, 0 },
		{ "bind", "ridmap", MOUNT_BIND | MOUNT_IDMAP | MOUNT_IDMAP_REC, 0 },
		{ "bind", "idmap=uids=0-1-1;gids=0-1-1", MOUNT_BIND | MOUNT_IDMAP, 0 },
		{ "bind", "ridmap=uids=0-1-1;gids=0-1-1",
		  MOUNT_BIND | MOUNT_IDMAP | MOUNT_IDMAP_REC, 0 },
		{ "tmpfs", "", MOUNT_INHERIT_MODE, 0 },
		{ "tmpfs", "mode=700", 0, 0 },
		{ "tmpfs", "tmpcopyup", MOUNT_INHERIT_MODE | MOUNT_COPYUP, 0 },
		{ "tmpfs", "remount", MOUNT_REMOUNT, 0 },
		{ "proc", "", MOUNT_STRICT, 0 },
		{ "sysfs", "", MOUNT_STRICT, 0 },
		{ "sysfs", "rbind", MOUNT_BIND | MOUNT_REC, 0 },
		{ "devpts", "", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct step s = lower(t[i].type, t[i].text);

		assert_int_equal(s.mount.how, t[i].how);
		assert_int_equal(s.mount.propagation, t[i].propagation);
	}
}

static void test_words(void **state)
{
	(void)state;
	/* Sorted, and none of them is left to a file system. */
	for (size_t i = 0; mountopt_words[i]; i++) {
		assert_true(!i || strcmp(mountopt_words[i - 1], mountopt_words[i]) < 0);
		assert_string_equal(lower("x", mountopt_words[i]).mount.data, "");
	}
}

static int teardown(void **state)
{
	(void)state;
	arena_done(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_recursive),
		cmocka_unit_test(test_how),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests_name("plan/mountopt", tests, NULL, teardown);
}
