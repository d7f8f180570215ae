/* op_seccomp: profiles are compiled and do in the kernel what they say. */
#include "op_case.h"
#include <errno.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

static struct arena arena;

/* Compiles and loads a profile; 0 or what the op that failed returned. */
static int load(struct op_case *c, const char *profile)
{
	struct oci_diags d = { 0 };
	char text[2048];

	snprintf(text, sizeof text,
	         "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"linux\":{\"seccomp\":%s}}",
	         profile);
	const struct oci_config *config =
		oci_decode(&oci_config_schema, text, strlen(text), &arena, &d);
	if (!config)
		return -EINVAL;
	const struct step filter = { .kind = STEP_FILTER,
		                     .filter = { .profile = config->linux_->seccomp } };
	const struct step seccomp = { .kind = STEP_SECCOMP, .seccomp = { .flags = 4 } };
	int rc = op_filter(&c->r, &filter);
	if (rc == 0)
		rc = op_nnp(&c->r, &seccomp);
	return rc < 0 ? rc : op_seccomp(&c->r, &seccomp);
}

#define TEST(name)                                                                                 \
	static void test_##name(void **state)                                                      \
	{                                                                                          \
		(void)state;                                                                       \
		op_in_child(name);                                                                 \
	}

#ifdef HAVE_SECCOMP
static int errno_of(long rc)
{
	return rc < 0 ? errno : 0;
}

static int rules(struct op_case *c)
{
	struct utsname u;

	OK(load(c,
	        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":["
	        "{\"names\":[\"uname\",\"no_such_call\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":38},"
	        "{\"names\":[\"sethostname\"],\"action\":\"SCMP_ACT_ERRNO\"},"
	        "{\"names\":[\"getpid\"],\"action\":\"SCMP_ACT_ALLOW\"}]}") == 0);
	OK(errno_of(uname(&u)) == ENOSYS);
	OK(errno_of(sethostname("x", 1)) == EPERM);
	OK(syscall(SYS_getpid) > 0);
	return 0;
}

/* Two comparisons of one argument: either is enough. */
static int args_apart(struct op_case *c)
{
	OK(load(c,
	        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"personality\"],"
	        "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":7,\"args\":["
	        "{\"index\":0,\"value\":4294967295,\"op\":\"SCMP_CMP_EQ\"},"
	        "{\"index\":0,\"value\":8,\"op\":\"SCMP_CMP_EQ\"}]}]}") == 0);
	OK(errno_of(syscall(SYS_personality, 0xffffffffUL)) == 7);
	OK(errno_of(syscall(SYS_personality, 8UL)) == 7);
	OK(errno_of(syscall(SYS_personality, 0UL)) == 0);
	return 0;
}

static int args_masked(struct op_case *c)
{
	OK(load(c,
	        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"dup\"],"
	        "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":7,\"args\":["
	        "{\"index\":0,\"value\":4096,\"valueTwo\":4096,\"op\":\"SCMP_CMP_MASKED_EQ\"}]}]}") ==
	   0);
	OK(errno_of(syscall(SYS_dup, 4096 + 1)) == 7);
	OK(errno_of(syscall(SYS_dup, 2048)) == EBADF);
	return 0;
}

/* All that is not named is denied, with the profile's own number. */
static int default_errno(struct op_case *c)
{
	OK(load(c, "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":13,"
	           "\"architectures\":[\"SCMP_ARCH_X86_64\",\"SCMP_ARCH_X86\"],\"syscalls\":["
	           "{\"names\":[\"exit_group\",\"read\"],\"action\":\"SCMP_ACT_ALLOW\"}]}") == 0);
	/* Straight out: a sanitizer's way to exit takes more than this profile allows. */
	syscall(SYS_exit_group, errno_of(syscall(SYS_getpid)) == EACCES ? 0 : 1);
	return 0;
}

static int unknown_arch(struct op_case *c)
{
	OK(load(c,
	        "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"SCMP_ARCH_VAX\"]}") ==
	   -EINVAL);
	return 0;
}

TEST(rules)
TEST(args_apart)
TEST(args_masked)
TEST(default_errno)
TEST(unknown_arch)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rules),        cmocka_unit_test(test_args_apart),
		cmocka_unit_test(test_args_masked),  cmocka_unit_test(test_default_errno),
		cmocka_unit_test(test_unknown_arch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
static int absent(struct op_case *c)
{
	OK(load(c, "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}") == -ENOSYS);
	return 0;
}
TEST(absent)

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_absent) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#endif
