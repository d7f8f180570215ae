/* op_idmap and op_tty, where this machine lets us make the namespaces that they need. */
#include "base/procfs.h"
#include "op_case.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/socket.h>

static const struct oci_id_mapping *one(uint64_t inside, uint64_t outside)
{
	static struct oci_id_mapping m;

	m = (struct oci_id_mapping){ { inside, true }, { outside, true }, { 1, true } };
	return &m;
}

/* A process in a user namespace of its own without ids; -1 where that is not allowed. */
static pid_t in_userns(void)
{
	int ready[2];
	char c;

	if (pipe(ready) < 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0) {
		if (unshare(CLONE_NEWUSER) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(ready[1]);
	bool ok = read(ready[0], &c, 1) == 1;
	close(ready[0]);
	if (ok)
		return pid;
	waitpid(pid, NULL, 0);
	return -1;
}

static void begin(struct op_case *c)
{
	op_begin(c);
	c->r.fd[SLOT_PROC] = procfs_open();
	c->r.fd[SLOT_NULL] = open("/dev/null", O_RDWR | O_CLOEXEC);
	assert_true(c->r.fd[SLOT_PROC] >= 0 && c->r.fd[SLOT_NULL] >= 0);
	c->r.pid = in_userns();
}

static void end(struct op_case *c)
{
	kill(c->r.pid, SIGKILL);
	waitpid(c->r.pid, NULL, 0);
	run_done(&c->r);
}

static void expect_file(pid_t pid, const char *name, const char *want)
{
	char path[64], text[256];

	snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
	FILE *f = fopen(path, "re");
	assert_non_null(f);
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	assert_string_equal(text, want);
}

static void test_direct(void **state)
{
	struct op_case c;

	(void)state;
	begin(&c);
	if (c.r.pid < 0)
		skip();
	const struct step s = { .kind = STEP_IDMAP,
		                .idmap = { .uid = one(0, geteuid()),
		                           .gid = one(0, geteuid()),
		                           .n_uid = 1,
		                           .n_gid = 1,
		                           .deny_setgroups = true } };
	assert_int_equal(op_idmap(&c.r, &s), 0);
	expect_file(c.r.pid, "setgroups", "deny\n");
	/* A map can be written once. */
	assert_int_equal(op_idmap(&c.r, &s), -EPERM);
	end(&c);
}

static void test_helper(void **state)
{
	char helper[128];
	struct op_case c;

	(void)state;
	begin(&c);
	if (c.r.pid < 0)
		skip();
	snprintf(helper, sizeof helper, "%s/helper", op_dir);
	op_script("helper", "#!/bin/sh\necho \"$@\" >>args\necho no range for you >&2; exit 1\n");
	const struct step s = { .kind = STEP_IDMAP,
		                .idmap = { .uid = one(3, 4),
		                           .gid = one(1, 2),
		                           .n_uid = 1,
		                           .n_gid = 1,
		                           .newuidmap = helper,
		                           .newgidmap = helper } };
	assert_int_equal(op_idmap(&c.r, &s), -EPERM);
	char want[256], text[64];
	snprintf(want, sizeof want, "%s exited with status 1: no range for you", helper);
	assert_string_equal(c.r.err.what, want);
	FILE *f = fopen("args", "re");
	assert_non_null(f);
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	fclose(f);
	snprintf(want, sizeof want, "%d 1 2 1\n", (int)c.r.pid);
	assert_string_equal(text, want);
	end(&c);
}

/* A root with a devpts and nothing else, in a mount namespace of its own. */
static int make_root(void)
{
	OK(mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) == 0);
	OK(mount("none", op_dir, "tmpfs", 0, NULL) == 0 && chdir(op_dir) == 0);
	OK(mkdir("dev", 0755) == 0 && mkdir("dev/pts", 0755) == 0);
	OK(mount("none", "dev/pts", "devpts", 0, "newinstance,ptmxmode=0666,mode=0620") == 0);
	return 0;
}

static int terminal(struct op_case *c)
{
	const struct step s = { .kind = STEP_TTY, .tty = { 24, 80, true } };
	char name[32] = "", control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { name, sizeof name - 1 };
	struct msghdr m = { .msg_iov = &iov,
		            .msg_iovlen = 1,
		            .msg_control = control,
		            .msg_controllen = sizeof control };
	struct stat a, b;
	int sv[2], rc;

	if (unshare(CLONE_NEWNS) < 0)
		return 0;
	if ((rc = make_root()))
		return rc;
	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
	c->r.fd[SLOT_ROOTFS] = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	c->r.fd[SLOT_CONSOLE] = sv[0];
	OK(op_session(&c->r, &s) == 0);
	OK(op_tty(&c->r, &s) == 0);
	OK(recvmsg(sv[1], &m, 0) == 10 && strcmp(name, "/dev/pts/0") == 0);
	OK(CMSG_FIRSTHDR(&m) && CMSG_FIRSTHDR(&m)->cmsg_type == SCM_RIGHTS);
	OK(isatty(0) && isatty(1) && isatty(2) && open("/dev/tty", O_RDWR | O_CLOEXEC) >= 0);
	OK(stat("dev/console", &a) == 0 && stat("dev/pts/0", &b) == 0);
	OK(a.st_ino == b.st_ino && a.st_dev == b.st_dev);
	return 0;
}

/* /dev/console that leads elsewhere is not followed (CVE-2025-52565 and its kind). */
static int terminal_symlink(struct op_case *c)
{
	const struct step s = { .kind = STEP_TTY, .tty = { 0, 0, true } };
	int sv[2], rc;

	if (unshare(CLONE_NEWNS) < 0)
		return 0;
	if ((rc = make_root()))
		return rc;
	OK(symlink("/victim", "dev/console") == 0);
	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == 0);
	c->r.fd[SLOT_ROOTFS] = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	c->r.fd[SLOT_CONSOLE] = sv[0];
	OK(op_tty(&c->r, &s) < 0);
	OK(access("victim", F_OK) < 0);
	return 0;
}

/* Nor is a ptmx believed that is no ptmx of a devpts. */
static int terminal_fake_ptmx(struct op_case *c)
{
	const struct step s = { .kind = STEP_TTY };
	int rc;

	if (unshare(CLONE_NEWNS) < 0)
		return 0;
	if ((rc = make_root()))
		return rc;
	OK(umount2("dev/pts", MNT_DETACH) == 0);
	OK(open("dev/pts/ptmx", O_CREAT | O_RDWR | O_CLOEXEC, 0600) >= 0);
	c->r.fd[SLOT_ROOTFS] = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	OK(op_tty(&c->r, &s) == -ENODEV);
	return 0;
}

static void test_terminal(void **state)
{
	(void)state;
	op_in_child(terminal);
	op_in_child(terminal_symlink);
	op_in_child(terminal_fake_ptmx);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_direct),
		cmocka_unit_test(test_helper),
		cmocka_unit_test(test_terminal),
	};

	return cmocka_run_group_tests(tests, op_enter, op_leave);
}
