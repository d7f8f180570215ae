/* op_misc and op_cred: the one-call steps, the working directory, the descriptors that stay, ids and capabilities. */
#include "op_case.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static int umask_is_set(struct op_case *c)
{
	const struct step s = { .kind = STEP_UMASK, .umask = { 0027 } };

	OK(op_umask(&c->r, &s) == 0);
	OK(umask(0) == 0027);
	return 0;
}

static int session_twice(struct op_case *c)
{
	const struct step s = { .kind = STEP_SESSION };

	OK(op_session(&c->r, &s) == 0);
	OK(getsid(0) == getpid());
	OK(op_session(&c->r, &s) == 0);
	return 0;
}

static int chdir_makes_and_verifies(struct op_case *c)
{
	struct step s = { .kind = STEP_CHDIR, .chdir = { "/a/b", true } };
	char cwd[128], want[128];

	c->r.fd[SLOT_ROOTFS] = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	OK(op_chdir(&c->r, &s) == 0 && !c->r.in_cwd);
	s.chdir.create = false;
	OK(op_chdir(&c->r, &s) == 0);
	snprintf(want, sizeof want, "%s/a/b", op_dir);
	OK(getcwd(cwd, sizeof cwd) && strcmp(cwd, want) == 0);
	/* The second one has nothing to do. */
	s.chdir.path = "/none";
	OK(op_chdir(&c->r, &s) == 0);
	c->r.in_cwd = false;
	OK(op_chdir(&c->r, &s) == -ENOENT);
	OK(strcmp(c->r.err.what, "cwd \"/none\": no such file or directory") == 0);
	return 0;
}

/* CVE-2024-21626: a working directory that no path from the root leads to. */
static int chdir_outside(struct op_case *c)
{
	const struct step s = { .kind = STEP_CHDIR, .chdir = { "/proc/self/fd/9", false } };
	char path[128];

	if (unshare(CLONE_NEWUSER) < 0)
		return 0;
	int out = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	OK(out >= 0 && proc >= 0 && dup2(out, 9) == 9);
	/* A root without /proc: the directory is entered by descriptor, as a magic link would. */
	snprintf(path, sizeof path, "%s/jail", op_dir);
	OK(mkdir(path, 0755) == 0 || errno == EEXIST);
	OK(chroot(path) == 0);
	c->r.fd[SLOT_ROOTFS] = 9;
	struct step escape = s;
	escape.chdir.path = "/";
	OK(op_chdir(&c->r, &escape) == -EXDEV);
	OK(!c->r.in_cwd);
	return 0;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static int fds_that_stay(struct op_case *c)
{
	const struct step s = { .kind = STEP_FDS, .fds = { 2 } };

	for (int fd = 3; fd < 30; fd++)
		OK(dup2(1, fd) == fd);
	OK(fcntl(4, F_SETFD, FD_CLOEXEC) == 0);
	/* One of ours lies where another one has to go. */
	c->r.sync = 20;
	c->r.fd[SLOT_GO] = 7;
	c->r.fd[SLOT_ERR] = 5;
	c->r.fd[SLOT_STATE] = 22;
	OK(op_fds(&c->r, &s) == 0);
	OK(c->r.sync == 5 && c->r.fd[SLOT_ERR] == 6 && c->r.fd[SLOT_GO] == 7);
	OK(c->r.fd[SLOT_STATE] == -1);
	for (int fd = 0; fd <= 7; fd++)
		OK(is_open(fd));
	OK(fcntl(4, F_GETFD) == 0 && fcntl(5, F_GETFD) == FD_CLOEXEC);
	for (int fd = 8; fd < 64; fd++)
		OK(!is_open(fd));
	return 0;
}

static int fds_without_ours(struct op_case *c)
{
	const struct step s = { .kind = STEP_FDS };

	for (int fd = 3; fd < 10; fd++)
		OK(dup2(1, fd) == fd);
	c->r.fd[SLOT_GO] = 8;
	OK(op_fds(&c->r, &s) == 0);
	OK(c->r.fd[SLOT_GO] == 5 && c->r.fd[SLOT_ERR] == -1);
	OK(!is_open(3) && !is_open(4) && is_open(5) && !is_open(8));
	return 0;
}

static int fds_not_open(struct op_case *c)
{
	const struct step s = { .kind = STEP_FDS, .fds = { 3 } };

	OK(dup2(1, 3) == 3 && dup2(1, 4) == 4);
	close(5);
	OK(op_fds(&c->r, &s) == -EBADF);
	OK(strcmp(c->r.err.what, "descriptor 5 of --preserve-fds is not open") == 0);
	return 0;
}

static int rlimits(struct op_case *c)
{
	struct step s = { .kind = STEP_RLIMIT,
		          .rlimit = { RLIMIT_NOFILE, "RLIMIT_NOFILE", { 40, 50 } } };
	struct rlimit now;

	c->r.lane = LANE_INIT;
	OK(op_rlimit(&c->r, &s) == 0);
	OK(getrlimit(RLIMIT_NOFILE, &now) == 0 && now.rlim_cur == 40 && now.rlim_max == 50);
	OK(unshare(CLONE_NEWUSER) == 0 || geteuid() != 0);
	s.rlimit.limit.rlim_max = 60;
	OK(op_rlimit(&c->r, &s) == -EPERM);
	OK(strcmp(c->r.err.what,
	          "RLIMIT_NOFILE: operation not permitted: the hard limit is 50, and raising it to "
	          "60 takes CAP_SYS_RESOURCE") == 0);
	return 0;
}

static int no_new_privs(struct op_case *c)
{
	OK(op_nnp(&c->r, &(struct step){ .kind = STEP_NNP }) == 0);
	OK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	return 0;
}

#define CAP(x) ((uint64_t)1 << (x))

static int user_and_caps(struct op_case *c)
{
	static const gid_t groups[] = { 7, 1000 };
	const struct step user = { .kind = STEP_USER,
		                   .user = { .uid = 1000, .gid = 1000, .groups = groups, .n = 2 } };
	const struct step caps = { .kind = STEP_CAPS,
		                   .caps = { .bounding = CAP(CAP_CHOWN) | CAP(CAP_KILL),
		                             .permitted = CAP(CAP_CHOWN) | CAP(CAP_KILL),
		                             .effective = CAP(CAP_CHOWN),
		                             .inheritable = CAP(CAP_CHOWN),
		                             .ambient = CAP(CAP_CHOWN) } };
	char text[4096];
	FILE *f;

	OK(op_user(&c->r, &user) == 0);
	OK(op_caps(&c->r, &caps) == 0);
	OK((f = fopen("/proc/thread-self/status", "re")));
	text[fread(text, 1, sizeof text - 1, f)] = '\0';
	OK(strstr(text, "Uid:\t1000\t1000\t1000\t1000\n"));
	OK(strstr(text, "Gid:\t1000\t1000\t1000\t1000\n"));
	OK(strstr(text, "Groups:\t7 1000"));
	OK(strstr(text, "CapInh:\t0000000000000001\n"));
	OK(strstr(text, "CapPrm:\t0000000000000021\n"));
	OK(strstr(text, "CapEff:\t0000000000000001\n"));
	OK(strstr(text, "CapBnd:\t0000000000000021\n"));
	OK(strstr(text, "CapAmb:\t0000000000000001\n"));
	return 0;
}

static int caps_gone(struct op_case *c)
{
	OK(op_user(&c->r, &(struct step){ .kind = STEP_USER }) == 0);
	OK(op_caps(&c->r, &(struct step){ .kind = STEP_CAPS }) == 0);
	OK(prctl(PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0) == 0);
	OK(setgid(5) < 0 && errno == EPERM);
	return 0;
}

/* What nobody gave us cannot be granted, and is no error. */
static int caps_not_held(struct op_case *c)
{
	const struct step all = { .kind = STEP_CAPS,
		                  .caps = { ~0ull, ~0ull, ~0ull, ~0ull, ~0ull } };

	OK(op_user(&c->r, &(struct step){ .kind = STEP_USER }) == 0);
	OK(prctl(PR_CAPBSET_DROP, CAP_SYS_TIME, 0, 0, 0) == 0);
	OK(op_caps(&c->r, &all) == 0);
	OK(prctl(PR_CAPBSET_READ, CAP_SYS_TIME, 0, 0, 0) == 0);
	OK(prctl(PR_CAPBSET_READ, CAP_CHOWN, 0, 0, 0) == 1);
	return 0;
}

#define TEST(name)                                                                                 \
	static void test_##name(void **state)                                                      \
	{                                                                                          \
		(void)state;                                                                       \
		op_in_child(name);                                                                 \
	}
#define ROOT_TEST(name)                                                                            \
	static void test_##name(void **state)                                                      \
	{                                                                                          \
		(void)state;                                                                       \
		if (geteuid() != 0)                                                                \
			skip();                                                                    \
		op_in_child(name);                                                                 \
	}

TEST(umask_is_set)
TEST(session_twice)
TEST(chdir_makes_and_verifies)
TEST(chdir_outside)
TEST(fds_that_stay)
TEST(fds_without_ours)
TEST(fds_not_open)
TEST(rlimits)
TEST(no_new_privs)
ROOT_TEST(user_and_caps)
ROOT_TEST(caps_gone)
ROOT_TEST(caps_not_held)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_umask_is_set),
		cmocka_unit_test(test_session_twice),
		cmocka_unit_test(test_chdir_makes_and_verifies),
		cmocka_unit_test(test_chdir_outside),
		cmocka_unit_test(test_fds_that_stay),
		cmocka_unit_test(test_fds_without_ours),
		cmocka_unit_test(test_fds_not_open),
		cmocka_unit_test(test_rlimits),
		cmocka_unit_test(test_no_new_privs),
		cmocka_unit_test(test_user_and_caps),
		cmocka_unit_test(test_caps_gone),
		cmocka_unit_test(test_caps_not_held),
	};

	return cmocka_run_group_tests(tests, op_enter, op_leave);
}
