/* cmd/plan_filter: a filter is followed as the kernel would, and on all ways that arguments open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cmd/plan_views.h"
#include <linux/seccomp.h>

#define ARCH 0xc000003eu
#define LOAD(member)                                                                               \
	{                                                                                          \
		BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(struct seccomp_data, member)              \
	}
#define JUMP(how, k, yes, no)                                                                      \
	{                                                                                          \
		BPF_JMP | (how) | BPF_K, yes, no, k                                                \
	}
#define RETURN(k)                                                                                  \
	{                                                                                          \
		BPF_RET | BPF_K, 0, 0, k                                                           \
	}

/* Another architecture dies; 5 is allowed; 6 by its first argument; all from 100 on are logged; the rest fails. */
static struct sock_filter code[] = {
	LOAD(arch),
	JUMP(BPF_JEQ, ARCH, 1, 0),
	RETURN(SECCOMP_RET_KILL_PROCESS),
	LOAD(nr),
	JUMP(BPF_JEQ, 5, 6, 0),
	JUMP(BPF_JGE, 100, 7, 0),
	JUMP(BPF_JEQ, 6, 0, 5),
	LOAD(args[0]),
	{ BPF_ALU | BPF_AND | BPF_K, 0, 0, 1 },
	JUMP(BPF_JEQ, 1, 1, 0),
	RETURN(SECCOMP_RET_TRAP),
	RETURN(SECCOMP_RET_ALLOW),
	RETURN(SECCOMP_RET_ERRNO | 1),
	RETURN(SECCOMP_RET_LOG),
};
static const struct sock_fprog filter = { sizeof code / sizeof *code, code };

static void test_follow(void **state)
{
	uint32_t v[4];

	(void)state;
	assert_int_equal(filter_follow(&filter, ARCH + 1, 5, v, 4), 1);
	assert_int_equal(v[0], SECCOMP_RET_KILL_PROCESS);
	assert_int_equal(filter_follow(&filter, ARCH, 5, v, 4), 1);
	assert_int_equal(v[0], SECCOMP_RET_ALLOW);
	assert_int_equal(filter_follow(&filter, ARCH, 7, v, 4), 1);
	assert_int_equal(v[0], SECCOMP_RET_ERRNO | 1);
	assert_int_equal(filter_follow(&filter, ARCH, 100, v, 4), 1);
	assert_int_equal(v[0], SECCOMP_RET_LOG);
	assert_int_equal(filter_follow(&filter, ARCH, 6, v, 4), 2);
	assert_int_equal(v[0], SECCOMP_RET_ALLOW);
	assert_int_equal(v[1], SECCOMP_RET_TRAP);
}

/* What leaves the program, has no end for us, or is no instruction of a filter. */
static void test_lost(void **state)
{
	static struct sock_filter out[] = { JUMP(BPF_JEQ, 0, 9, 9), RETURN(SECCOMP_RET_ALLOW) };
	static struct sock_filter odd[] = { { BPF_LD | BPF_H | BPF_ABS, 0, 0, 0 },
		                            RETURN(SECCOMP_RET_ALLOW) };
	static struct sock_filter many[4097];
	const struct sock_fprog a = { 2, out }, b = { 2, odd }, c = { 4096, many };
	uint32_t v[4];

	(void)state;
	assert_int_equal(filter_follow(&a, ARCH, 1, v, 4), 0);
	assert_int_equal(filter_follow(&b, ARCH, 1, v, 4), 0);
	/* Two ways at each of 2,000 forks. */
	for (size_t i = 0; i < 4096; i += 2) {
		many[i] = (struct sock_filter)LOAD(args[1]);
		many[i + 1] = (struct sock_filter)JUMP(BPF_JEQ, 1, 1, 0);
	}
	assert_int_equal(filter_follow(&c, ARCH, 1, v, 4), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_follow),
		                            cmocka_unit_test(test_lost) };

	return cmocka_run_group_tests_name("cmd/plan_filter", tests, NULL, NULL);
}
