/* test_ocispec_arena: alignment, zeroes, growth, sealing, running out. */
#include "libocispec-lite/arena.h"
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
/* cmocka wants the four above it. */
#include <cmocka.h>

static void alloc_aligns_and_zeroes(void **state)
{
	struct arena a = { 0 };

	(void)state;
	for (size_t align = 1; align <= 16; align *= 2) {
		for (size_t size = 0; size < 40; size++) {
			unsigned char *p = arena_alloc(&a, size, align);

			assert_non_null(p);
			assert_int_equal((uintptr_t)p % align, 0);
			for (size_t i = 0; i < size; i++)
				assert_int_equal(p[i], 0);
			memset(p, 0xff, size);
		}
	}
	arena_done(&a);
	assert_null(a.head);
	arena_done(&a);
}

static void pieces_do_not_overlap(void **state)
{
	static const size_t sizes[] = { 1, 100, 65000, 70000, 3, 1 << 20, 5 << 20, 17, 4096 };
	enum { N = sizeof(sizes) / sizeof(sizes[0]) };
	unsigned char *p[N];
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < N; i++)
		memset(p[i] = arena_alloc(&a, sizes[i], 8), (int)i + 1, sizes[i]);
	for (size_t i = 0; i < N; i++) {
		assert_int_equal(p[i][0], i + 1);
		assert_int_equal(p[i][sizes[i] / 2], i + 1);
		assert_int_equal(p[i][sizes[i] - 1], i + 1);
	}
	arena_done(&a);
}

static void grow_copies(void **state)
{
	struct arena a = { 0 };
	unsigned *v = arena_grow(&a, NULL, 0, 2 * sizeof(*v));

	(void)state;
	v[0] = 7;
	v[1] = 8;
	v = arena_grow(&a, v, 2 * sizeof(*v), 4 * sizeof(*v));
	assert_int_equal(v[0], 7);
	assert_int_equal(v[1], 8);
	assert_int_equal(v[2], 0);
	assert_int_equal(v[3], 0);
	arena_done(&a);
}

static void strings(void **state)
{
	struct arena a = { 0 };
	char big[5000];

	(void)state;
	assert_string_equal(arena_str(&a, "abcdef", 3), "abc");
	assert_string_equal(arena_str(&a, NULL, 0), "");
	assert_string_equal(arena_fmt(&a, "%s-%d", "x", -5), "x--5");
	memset(big, 'y', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	assert_string_equal(arena_fmt(&a, "%s", big), big);
	arena_done(&a);
}

/* Runs f in a child with stderr closed (a sanitizer would have much to say); its wait status. */
static int in_child(void (*f)(void))
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		close(STDERR_FILENO);
		signal(SIGSEGV, SIG_DFL);
		f();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void write_to_sealed(void)
{
	struct arena a = { 0 };
	char *first = arena_alloc(&a, 10, 1), *big = arena_alloc(&a, 1 << 20, 1);

	arena_seal(&a);
	if (first[0] == 0 && big[100] == 0)
		*(volatile char *)first = 1;
}

static void alloc_too_much(void)
{
	struct arena a = { 0 };

	arena_alloc(&a, SIZE_MAX - 100, 8);
}

static void alloc_beyond_limit(void)
{
	struct arena a = { 0 };
	const struct rlimit none = { 1 << 20, 1 << 20 };

	setrlimit(RLIMIT_AS, &none);
	for (;;)
		arena_alloc(&a, 1 << 20, 8);
}

static void sealed_faults(void **state)
{
	int status = in_child(write_to_sealed);

	(void)state;
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

static void sealed_ends(void **state)
{
	struct arena a = { 0 };

	(void)state;
	arena_alloc(&a, 100000, 8);
	arena_alloc(&a, 100000, 8);
	arena_seal(&a);
	arena_done(&a);
	assert_null(a.head);
}

static void out_of_memory_exits(void **state)
{
	int status = in_child(alloc_too_much);

	(void)state;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	status = in_child(alloc_beyond_limit);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(alloc_aligns_and_zeroes),
		cmocka_unit_test(pieces_do_not_overlap),
		cmocka_unit_test(grow_copies),
		cmocka_unit_test(strings),
		cmocka_unit_test(sealed_faults),
		cmocka_unit_test(sealed_ends),
		cmocka_unit_test(out_of_memory_exits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
