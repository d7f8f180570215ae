/* check/mounts: destinations, options, /proc, masked and read-only paths. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "check_case.h"
#include <stdio.h>
#include <string.h>

static const char *const words[] = { "bind",  "idmap",   "nodev",  "noexec", "nosuid",
	                             "rbind", "remount", "ridmap", "ro",     NULL };

#define OPTS .opts = { .mount_words = words }
#define BIND(dest, options)                                                                        \
	"{\"destination\": \"" dest "\", \"source\": \"/src\", \"options\": [\"rbind\"" options "]}"
#define TYPE(type, dest) "{\"destination\": \"" dest "\", \"type\": \"" type "\"}"

static void test_right(void **state)
{
	static const struct check_case t[] = {
		{ .mounts = TYPE("proc", "/proc") "," TYPE("sysfs", "/sys") "," TYPE(
			  "tmpfs", "/tmp/../run/"),
		  OPTS },
		{ .mounts = BIND("/a", ", \"ro\", \"nodev\""), OPTS },
		{ .mounts = "{\"destination\": \"/a\", \"type\": \"bind\", \"source\": \"/src\"}",
		  OPTS },
		{ .mounts =
		          "{\"destination\": \"/proc\", \"type\": \"none\", \"source\": \"/proc/\","
		          "\"options\": [\"rbind\"]}" },
		{ .mounts =
		          BIND("/proc/cpuinfo", "") "," BIND("/proc/sys/crypto/fips_enabled", "") },
		{ .mounts = BIND("/procfs", "") },
		{ .mounts =
		          "{\"destination\": \"/t\", \"type\": \"tmpfs\", \"options\": [\"size=1m\", \"huge\"]}",
		  OPTS },
		{ .mounts =
		          "{\"destination\": \"/t\", \"options\": [\"remount\", \"bind\", \"ro\"]}",
		  OPTS },
		{ .mounts = "{\"destination\": \"/t\", \"options\": [\"remount\", \"ro\"]}", OPTS },
		/* without a list of words nothing is said about them */
		{ .mounts = BIND("/a", ", \"size=1m\"") },
		{ .linux_ =
		          "\"maskedPaths\": [\"/proc/kcore\"], \"readonlyPaths\": [\"/proc/sys\"]" },
	};

	(void)state;
	CHECK_CASES(t);
}

#define ONLY_PROCFS "fatal /mounts/0/destination: only a procfs may be mounted on /proc"

static void test_destination(void **state)
{
	static const struct check_case t[] = {
		{ .mounts = TYPE("tmpfs", "run/x"),
		  .want = "warn /mounts/0/destination: mount \"run/x\": relative destination path is deprecated, using it "
		          "as relative to / -- write \"/run/x\"" },
		{ .mounts = TYPE("tmpfs", ""),
		  .want = "fatal /mounts/0/destination: the destination is empty" },
		{ .mounts = TYPE("tmpfs", "/"),
		  .want = "fatal /mounts/0/destination: nothing can be mounted on /" },
		{ .mounts = TYPE("tmpfs", "/a/../../."),
		  .want = "fatal /mounts/0/destination: nothing can be mounted on /" },
		{ .mounts = "{\"type\": \"tmpfs\"}",
		  .want = "fatal /mounts/0: \"destination\" is missing" },
		{ .mounts = TYPE("tmpfs", "/proc"), .want = ONLY_PROCFS },
		{ .mounts = TYPE("tmpfs", "//x/../proc/."), .want = ONLY_PROCFS },
		{ .mounts = BIND("/proc", ""), .want = ONLY_PROCFS },
		{ .mounts = TYPE("tmpfs", "/proc/sys"),
		  .want = "fatal /mounts/0/destination: \"/proc/sys\" is inside /proc" },
		{ .mounts = TYPE("proc", "/proc/stat"),
		  .want = "fatal /mounts/0/destination: \"/proc/stat\" is inside /proc" },
		{ .mounts = BIND("/proc/self/attr/exec", ""),
		  .want = "fatal /mounts/0/destination: \"/proc/self/attr/exec\" is inside /proc" },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_mount(void **state)
{
	static const struct check_case t[] = {
		{ .mounts = "{\"destination\": \"/a\", \"options\": [\"bind\"]}",
		  .want = "fatal /mounts/0: the bind mount has no source" },
		{ .mounts = "{\"destination\": \"/a\", \"type\": \"bind\", \"source\": \"\"}",
		  .want = "fatal /mounts/0: the bind mount has no source" },
		{ .mounts = "{\"destination\": \"/a\", \"source\": \"/src\"}",
		  .want = "fatal /mounts/0: the mount has no type -- add \"type\", or the option bind" },
		{ .mounts = TYPE("none", "/a"), .want = "fatal /mounts/0: the mount has no type" },
		{ .mounts = BIND("/a", ", \"nosiud\", \"size=1m\", \"\""),
		  OPTS,
		  .want = "fatal /mounts/0/options/1: \"nosiud\" is not an option of bind mounts -- did you mean "
		          "\"nosuid\"?\n"
		          "fatal /mounts/0/options/2: \"size=1m\" is not an option of bind mounts -- remove it\n"
		          "warn /mounts/0/options/3: the mount option is empty" },
		{ .mounts =
		          "{\"destination\": \"/t\", \"type\": \"tmpfs\", \"options\": [\"no-exec\"]}",
		  OPTS,
		  .want = "warn /mounts/0/options/0: \"no-exec\" is not a known mount option: it is left to the file "
		          "system -- did you mean \"noexec\"?" },
	};

	(void)state;
	CHECK_CASES(t);
}

#define MAP  "[{\"containerID\": 0, \"hostID\": 0, \"size\": 1}]"
#define MAPS "\"uidMappings\": " MAP ", \"gidMappings\": " MAP
#define MAPPED(options, maps)                                                                      \
	"{\"destination\": \"/a\", \"source\": \"/src\", \"options\": [\"bind\"" options           \
	"], " maps "}"
#define USER "{\"type\": \"mount\"}, {\"type\": \"user\"}"
#define BOTH "fatal /mounts/0: id-mapped mounts must have both uid and gid mappings specified"

static void test_idmapped(void **state)
{
	static const struct check_case t[] = {
		{ .mounts = MAPPED("", MAPS), OPTS },
		{ .mounts = MAPPED(", \"idmap\"", MAPS), OPTS },
		{ .mounts = MAPPED(", \"ridmap\"", MAPS), OPTS },
		{ .mounts = BIND("/a", ", \"idmap=uids=0-1-1#5-5-1;gids=0-1-1\""), OPTS },
		{ .mounts = BIND("/a", ", \"ridmap=uids=@0-1-1;gids=0-1-1\""),
		  OPTS,
		  .ns = USER,
		  .linux_ = MAPS },
		{ .mounts = BIND("/a", ", \"idmap\""), OPTS, .ns = USER, .linux_ = MAPS },
		{ .mounts = MAPPED(", \"idmap\", \"ridmap\"", MAPS),
		  OPTS,
		  .want = "fatal /mounts/0/options: idmap and ridmap exclude each other" },
		{ .mounts = "{\"destination\": \"/t\", \"type\": \"tmpfs\", " MAPS "}",
		  .want = "fatal /mounts/0: id-mapped mounts are only supported for bind-mounts" },
		{ .mounts = MAPPED(", \"remount\"", MAPS),
		  OPTS,
		  .want = "fatal /mounts/0/options: the ids of a mount that is there" },
		{ .mounts = MAPPED("", "\"uidMappings\": " MAP), .want = BOTH },
		{ .mounts = MAPPED("", "\"gidMappings\": " MAP), .want = BOTH },
		{ .mounts = BIND("/a", ", \"idmap\""),
		  OPTS,
		  .want = "fatal /mounts/0/options: the mount is to be id-mapped, but it has no mappings, and the container no "
		          "user namespace -- add uidMappings and gidMappings to the mount" },
		{ .mounts = BIND("/a", ", \"idmap=uids=0-1-1\""),
		  OPTS,
		  .want = "fatal /mounts/0/options/1: id-mapped mounts must have both uid and gid mappings specified" },
		{ .mounts = BIND("/a", ", \"idmap=0-1-1\""),
		  OPTS,
		  .want = "fatal /mounts/0/options/1: \"idmap=0-1-1\" is not a mapping of ids -- write it as in" },
		{ .mounts = BIND("/a", ", \"idmap=uids=@0-1-1;gids=0-1-1\""),
		  OPTS,
		  .want = "fatal /mounts/0/options/1: \"idmap=uids=@0-1-1;gids=0-1-1\" counts in ids of a new user namespace, "
		          "but there is none" },
		{ .mounts = MAPPED(", \"idmap=uids=0-1-1;gids=0-1-1\"", MAPS),
		  OPTS,
		  .want = "fatal /mounts/0: the ids of the mount are mapped more than once" },
		{ .mounts = MAPPED(
			  "",
			  "\"uidMappings\": [{\"containerID\": 0, \"hostID\": 0, \"size\": 2}, "
			  "{\"containerID\": 1, \"hostID\": 5, \"size\": 1}], \"gidMappings\": " MAP),
		  .want = "fatal /mounts/0/uidMappings/1/containerID: the container's ids overlap those of mapping 0" },
		{ .mounts = MAPPED("", MAPS),
		  .facts = "euid=1000\n",
		  .want = "warn /mounts/0: id-mapped mounts are not supported for rootless containers" },
		{ .mounts = MAPPED("", MAPS),
		  .facts = "euid=1000\n",
		  .opts = { .lifecycle = true },
		  .want = "fatal /mounts/0: id-mapped mounts are not supported for rootless containers" },
	};

	(void)state;
	CHECK_CASES(t);
}

static void test_label(void **state)
{
	static const struct check_case t[] = {
		{ .linux_ = "\"mountLabel\": \"u:r:t:s0:c1,c2\"", .facts = "selinux=1" },
		{ .linux_ = "\"mountLabel\": \"\"" },
		{ .top = "\"annotations\": {\"run.oci.mount_context_type\": \"rootcontext\"}" },
		{ .linux_ = "\"mountLabel\": \"u:r:t:s0\"",
		  .want = "fatal /linux/mountLabel: selinux label is specified in config, but selinux is disabled or not "
		          "supported" },
		{ .linux_ = "\"mountLabel\": \"a\\\"b\"",
		  .facts = "selinux=1",
		  .want = "fatal /linux/mountLabel: the mount label has a quote or a line break" },
		{ .top = "\"annotations\": {\"run.oci.mount_context_type\": \"\"}",
		  .want = "fatal /annotations/run.oci.mount_context_type: annotation run.oci.mount_context_type: \"\" is no "
		          "mount option of SELinux" },
	};

	(void)state;
	CHECK_CASES(t);
}

#define NO_MNT "unable to restrict sys entries without a private MNT namespace\n"

static void test_covered(void **state)
{
	static const struct check_case t[] = {
		{ .linux_ = "\"maskedPaths\": [\"proc/kcore\", \"\"]",
		  .want = "fatal /linux/maskedPaths/0: \"proc/kcore\" is not an absolute path\n"
		          "fatal /linux/maskedPaths/1: the path is empty" },
		{ .linux_ = "\"readonlyPaths\": [\"sys\"]",
		  .want = "fatal /linux/readonlyPaths/0: \"sys\" is not an absolute path" },
		{ .linux_ = "\"maskedPaths\": [\"/x\"], \"readonlyPaths\": [\"/x\"]",
		  .ns = "",
		  .want = "fatal /linux/maskedPaths: " NO_MNT "fatal /linux/readonlyPaths: " NO_MNT
		          "warn /linux/namespaces: without a mount namespace" },
	};

	(void)state;
	CHECK_CASES(t);
}

/* Paths that are too long for the kernel, wherever one can be given. */
static void test_long_paths(void **state)
{
	static char path[4097], mount[4200], root[4200], cwd[4300];

	(void)state;
	memset(path, 'a', 4096);
	path[0] = '/';
	snprintf(mount, sizeof mount, "{\"type\": \"tmpfs\", \"destination\": \"%s\"}", path);
	snprintf(root, sizeof root, "{\"path\": \"%s\"}", path);
	snprintf(cwd, sizeof cwd,
	         "{\"args\": [\"x\"], \"user\": {\"uid\": 0, \"gid\": 0}, \"cwd\": \"%s\"}", path);
	const struct check_case t[] = {
		{ .mounts = mount,
		  .want = "fatal /mounts/0/destination: the path is longer than 4095 bytes" },
		{ .root = root, .want = "fatal /root/path: the path is longer than 4095 bytes" },
		{ .process = cwd,
		  .want = "fatal /process/cwd: the path is longer than 4095 bytes" },
	};
	CHECK_CASES(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right),   cmocka_unit_test(test_destination),
		cmocka_unit_test(test_mount),   cmocka_unit_test(test_idmapped),
		cmocka_unit_test(test_covered), cmocka_unit_test(test_long_paths),
		cmocka_unit_test(test_label),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
