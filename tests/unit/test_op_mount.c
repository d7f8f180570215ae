/* apply/op_mount: every option and type, nothing outside the rootfs, old kernels. Needs root. */
#include "mount_case.h"
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

static void each_option(struct run *r)
{
	static const char *const lists[] = {
		"ro",
		"rw",
		"nosuid,nodev,noexec",
		"suid,dev,exec",
		"sync",
		"async",
		"dirsync",
		"mand",
		"nomand",
		"noatime",
		"atime",
		"nodiratime",
		"diratime",
		"relatime",
		"norelatime",
		"strictatime",
		"iversion",
		"noiversion",
		"lazytime",
		"nolazytime",
		"silent",
		"loud",
		"defaults",
		"nosymfollow",
		"symfollow",
		"acl",
		"nostrictatime",
		"private",
		"rshared",
		"rslave",
		"unbindable",
		"runbindable",
		"rro",
		"rrw",
		"rnosuid,rnodev",
		"rnoatime",
		"rrelatime",
		"rnosymfollow",
		"rstrictatime",
		"rnodiratime",
		"size=64k",
		"tmpcopyup",
		"tmpcopyup,ro",
		"mode=700",
	};

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		if (do_mount(r, "/opt", "tmpfs", "tmpfs", lists[i]) < 0) {
			fprintf(stderr, "option %s:\n", lists[i]);
			CHECK(!"refused");
		}
	CHECK(do_mount(r, "/f1", "tmpfs", "tmpfs", "ro,nosuid,noexec,noatime") == 0);
	CHECK((flags_at(r, "f1") & (ST_RDONLY | ST_NOSUID | ST_NOEXEC | ST_NODEV)) ==
	      (ST_RDONLY | ST_NOSUID | ST_NOEXEC));
	CHECK(flags_at(r, "f1") & ST_NOATIME);
	CHECK(do_mount(r, "/f2", "tmpfs", "tmpfs", "sync,iversion,lazytime,nodev") == 0);
	CHECK(flags_at(r, "f2") & ST_NODEV && flags_at(r, "f2") & ST_SYNCHRONOUS);
	CHECK(do_mount(r, "/f2", NULL, NULL, "remount,ro,nosuid") == 0);
	CHECK(flags_at(r, "f2") & ST_RDONLY);
	CHECK(do_mount(r, "/bad", "tmpfs", "tmpfs", "foo=bar") == -EINVAL);
	CHECK(strstr(r->err.what, "foo"));
}

static void test_options(void **state)
{
	(void)state;
	in_rootfs(each_option);
}

static void kernel_types(struct run *r)
{
	CHECK(do_mount(r, "/proc", "proc", "proc", "nosuid,noexec,nodev") == 0);
	CHECK(do_mount(r, "/sys", "sysfs", "sysfs", "ro,nosuid") == 0);
	CHECK(do_mount(r, "/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k") ==
	      0);
	CHECK(do_mount(r, "/dev/pts", "devpts", "devpts",
	               "newinstance,ptmxmode=0666,mode=0620,gid=5") == 0);
	CHECK(do_mount(r, "/dev/mqueue", "mqueue", "mqueue", "nodev") == 0);
	CHECK(do_mount(r, "/none", "nosuchfs", "x", "") == -ENODEV);
	CHECK(do_mount(r, "/plain", "tmpfs", "tmpfs", "") == -ENOTDIR);
	/* R14: on /proc only a procfs, however one gets there. */
	CHECK(symlinkat("/proc", r->fd[SLOT_ROOTFS], "toproc") == 0);
	CHECK(symlinkat("/proc/sys", r->fd[SLOT_ROOTFS], "tosys") == 0);
	CHECK(do_mount(r, "/toproc", "tmpfs", "tmpfs", "") == -EPERM);
	CHECK(do_mount(r, "/tosys", "tmpfs", "tmpfs", "") == -EPERM);
	CHECK(do_mount(r, "/toproc", "proc", "proc", "") == -ELOOP);
	CHECK(do_mount(r, "/proc", "bind", "/tmp", "bind") == -EPERM);
	CHECK(do_mount(r, "/proc", "bind", "/proc", "rbind") == 0);
	CHECK(do_mount(r, "/proc/uptime", "bind", "/proc/version", "bind") == 0);
	unlinkat(r->fd[SLOT_ROOTFS], "toproc", 0);
	unlinkat(r->fd[SLOT_ROOTFS], "tosys", 0);
}

static void test_kernel_types(void **state)
{
	(void)state;
	in_rootfs(kernel_types);
}

static void binds(struct run *r)
{
	char vol[PATH_MAX], file[PATH_MAX], link[PATH_MAX], none[PATH_MAX], text[16] = "";

	at(vol, sizeof vol, "vol");
	at(file, sizeof file, "vol/file");
	at(link, sizeof link, "link");
	at(none, sizeof none, "none");
	CHECK(do_mount(r, "/b/c/d", "bind", vol, "ro,nosuid") == 0);
	CHECK(is_text(r, "b/c/d/file", "volume"));
	CHECK((flags_at(r, "b/c/d") & (ST_RDONLY | ST_NOSUID)) == (ST_RDONLY | ST_NOSUID));
	CHECK(do_mount(r, "/b/f", "none", file, "bind,rw") == 0);
	CHECK(is_text(r, "b/f", "volume"));
	CHECK(!(flags_at(r, "b/f") & ST_RDONLY));
	CHECK(do_mount(r, "/b/rec", "bind", vol, "rbind,rro,rnodev,rprivate") == 0);
	CHECK((flags_at(r, "b/rec") & (ST_RDONLY | ST_NODEV)) == (ST_RDONLY | ST_NODEV));
	CHECK(do_mount(r, "/filled", "bind", file, "bind") == -ENOTDIR);
	CHECK(do_mount(r, "/plain", "bind", vol, "bind") == -ENOTDIR);
	CHECK(do_mount(r, "/x", "bind", none, "bind") == -ENOENT);
	CHECK(strstr(r->err.what, none));
	CHECK(do_mount(r, "/b/link", "bind", link, "bind,copy-symlink") == 0);
	CHECK(readlinkat(r->fd[SLOT_ROOTFS], "b/link", text, sizeof text - 1) == 3);
	CHECK(do_mount(r, "/b/link", "bind", link, "bind,copy-symlink") == 0);
	CHECK(do_mount(r, "/b/f", "bind", link, "bind,copy-symlink") == -EEXIST);
}

static void test_binds(void **state)
{
	(void)state;
	in_rootfs(binds);
}

/* Every target that leads out arrives inside instead. */
static void escapes(struct run *r)
{
	static char *const targets[] = {
		"/rel",
		"/rel/x",
		"/abs/out",
		"/../out",
		"../../out",
		"/filled/../../out",
		"/inside/../../../out",
	};

	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
		CHECK(do_mount(r, targets[i], "tmpfs", "tmpfs", "") == 0);
	char out[PATH_MAX];
	at(out, sizeof out, "out/secret");
	CHECK(access(out, F_OK) == 0);
	CHECK(do_mount(r, "/rel/y", "proc", "proc", "") == -ELOOP);
}

static void test_escapes(void **state)
{
	(void)state;
	in_rootfs(escapes);
}

static atomic_bool stop;

static void *swapper(void *arg)
{
	struct run *r = arg;

	while (!atomic_load(&stop))
		syscall(SYS_renameat2, r->fd[SLOT_ROOTFS], "swap", r->fd[SLOT_ROOTFS], "swap-link",
		        2 /* RENAME_EXCHANGE */);
	return NULL;
}

/* A directory on the way changes places with a link to the host for a second: no mount may arrive there. */
static void race(struct run *r)
{
	char out[PATH_MAX], sub[PATH_MAX + 8];
	unsigned good = 0;
	pthread_t thread;
	time_t end = time(NULL) + 2;
	struct stat st;

	at(out, sizeof out, "out");
	CHECK(mkdirat(r->fd[SLOT_ROOTFS], "swap", 0755) == 0);
	CHECK(symlinkat(out, r->fd[SLOT_ROOTFS], "swap-link") == 0);
	CHECK(fchdir(r->fd[SLOT_ROOTFS]) == 0);
	CHECK(pthread_create(&thread, NULL, swapper, r) == 0);
	while (time(NULL) < end) {
		good += do_mount(r, "/swap/m", "tmpfs", "tmpfs", "ro") == 0;
		umount2("swap/m", MNT_DETACH);
	}
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
	CHECK(good > 0);
	snprintf(sub, sizeof sub, "%s/m", out);
	CHECK(lstat(sub, &st) < 0 && errno == ENOENT);
}

static void test_race(void **state)
{
	(void)state;
	in_rootfs(race);
}

static void fill(struct run *r)
{
	struct stat st;

	CHECK(fchmodat(r->fd[SLOT_ROOTFS], "filled", 01711, 0) == 0);
	CHECK(fchmodat(r->fd[SLOT_ROOTFS], "filled/a", 04751, 0) == 0);
	CHECK(fchownat(r->fd[SLOT_ROOTFS], "filled/d", 12, 34, 0) == 0);
	CHECK(do_mount(r, "/filled", "tmpfs", "tmpfs", "tmpcopyup,ro,nosuid") == 0);
	CHECK(is_text(r, "filled/a", "alpha") && is_text(r, "filled/d/b", "beta"));
	CHECK(fstatat(r->fd[SLOT_ROOTFS], "filled", &st, 0) == 0);
	CHECK((st.st_mode & 07777) == 01711);
	CHECK(fstatat(r->fd[SLOT_ROOTFS], "filled/a", &st, 0) == 0);
	CHECK((st.st_mode & 07777) == (04751 | 0));
	CHECK(fstatat(r->fd[SLOT_ROOTFS], "filled/d", &st, 0) == 0);
	CHECK(st.st_uid == 12 && st.st_gid == 34 && (st.st_mode & 07777) == 0755);
	CHECK(fstatat(r->fd[SLOT_ROOTFS], "filled/l", &st, AT_SYMLINK_NOFOLLOW) == 0);
	CHECK(S_ISLNK(st.st_mode));
	CHECK((flags_at(r, "filled") & (ST_RDONLY | ST_NOSUID)) == (ST_RDONLY | ST_NOSUID));
	/* A tmpfs where nothing was is as open as the directory that was made for it, the second time too. */
	unlinkat(r->fd[SLOT_ROOTFS], "newtmp", AT_REMOVEDIR);
	CHECK(fchdir(r->fd[SLOT_ROOTFS]) == 0);
	for (int i = 0; i < 2; i++) {
		CHECK(do_mount(r, "/newtmp", "tmpfs", "tmpfs", "") == 0);
		CHECK(fstatat(r->fd[SLOT_ROOTFS], "newtmp", &st, 0) == 0);
		CHECK((st.st_mode & 07777) == 0755);
		CHECK(umount2("newtmp", MNT_DETACH) == 0);
	}
}

static void test_fill(void **state)
{
	(void)state;
	in_rootfs(fill);
}

/* Before 5.12 attributes are changed by remounting through our own procfs. */
static void old_kernel(struct run *r)
{
	char vol[PATH_MAX];

	at(vol, sizeof vol, "vol");
	CHECK(do_mount(r, "/b/old", "bind", vol, "ro,nosuid,noatime,private") == 0);
	CHECK((flags_at(r, "b/old") & (ST_RDONLY | ST_NOSUID | ST_NOATIME)) ==
	      (ST_RDONLY | ST_NOSUID | ST_NOATIME));
	CHECK(do_mount(r, "/b/old", "bind", vol, "nodev") == 0);
	CHECK(!(flags_at(r, "b/old") & ST_RDONLY) && flags_at(r, "b/old") & ST_NODEV);
	CHECK(do_mount(r, "/b/old", "bind", vol, "rro") == -ENOSYS);
	CHECK(strstr(r->err.what, "5.12"));
	fill(r);
}

static void test_old_kernel(void **state)
{
	(void)state;
	in_namespace(old_kernel, true, SYS_mount_setattr);
}

static void no_fsopen(struct run *r)
{
	fill(r);
	CHECK(do_mount(r, "/f3", "tmpfs", "tmpfs", "ro,nosuid,iversion,private,size=64k") == 0);
	CHECK((flags_at(r, "f3") & (ST_RDONLY | ST_NOSUID)) == (ST_RDONLY | ST_NOSUID));
	kernel_types(r);
}

static void test_no_fsopen(void **state)
{
	(void)state;
	in_namespace(no_fsopen, true, SYS_fsopen);
}

/* What an outer user namespace has locked stays, and who asks for less is told. */
static void locked(struct run *r)
{
	char path[PATH_MAX];

	CHECK(make_dir("locked") == 0);
	at(path, sizeof path, "locked");
	CHECK(mount("tmpfs", path, "tmpfs", MS_NODEV | MS_NOSUID | MS_NOATIME, NULL) == 0);
	CHECK(unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0);
	CHECK(io_write_kernel(AT_FDCWD, "/proc/self/setgroups", "deny", 4) == 0);
	CHECK(io_write_kernel(AT_FDCWD, "/proc/self/uid_map", "0 0 1", 5) == 0);
	CHECK(io_write_kernel(AT_FDCWD, "/proc/self/gid_map", "0 0 1", 5) == 0);
	prepare(r);
	CHECK(do_mount(r, "/l", "bind", path, "ro") == 0);
	CHECK((flags_at(r, "l") & (ST_RDONLY | ST_NODEV | ST_NOSUID)) ==
	      (ST_RDONLY | ST_NODEV | ST_NOSUID));
	CHECK(do_mount(r, "/l", "bind", path, "rw") == 0);
	CHECK(do_mount(r, "/l", NULL, NULL, "bind,remount,ro") == 0);
	CHECK(flags_at(r, "l") & ST_NODEV);
	CHECK(do_mount(r, "/l", NULL, NULL, "bind,remount,dev") == -EPERM);
	CHECK(do_mount(r, "/l", "bind", path, "dev") == -EPERM);
	CHECK(strstr(r->err.what, "locked"));
	CHECK(do_mount(r, "/dev", "tmpfs", "tmpfs", "mode=755") == 0);
	CHECK(do_mount(r, "/dev/pts", "devpts", "devpts", "newinstance,gid=5") == 0);
}

static void test_locked(void **state)
{
	(void)state;
	in_namespace(locked, false, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),    cmocka_unit_test(test_kernel_types),
		cmocka_unit_test(test_binds),      cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_race),       cmocka_unit_test(test_fill),
		cmocka_unit_test(test_old_kernel), cmocka_unit_test(test_no_fsopen),
		cmocka_unit_test(test_locked),
	};

	return cmocka_run_group_tests_name("apply/op_mount", tests, setup, teardown);
}
