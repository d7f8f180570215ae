/* op_lookup, op_exec and exefile: what is found, and the exact words when it is not. */
#include "op_case.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>

static int lookup(struct op_case *c, const char *file, const char *path)
{
	const struct step s = { .kind = STEP_LOOKUP, .lookup = { .file = file, .path_env = path } };

	c->r.err = (struct err){ 0 };
	return op_lookup(&c->r, &s);
}

/* An ELF program with a loader, for a machine. */
static void make_elf(const char *name, unsigned machine, const char *loader)
{
	struct {
		Elf64_Ehdr e;
		Elf64_Phdr p;
		char interp[64];
	} f = {
		.e = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		       .e_type = ET_EXEC,
		       .e_machine = (Elf64_Half)machine,
		       .e_version = EV_CURRENT,
		       .e_phoff = sizeof(Elf64_Ehdr),
		       .e_ehsize = sizeof(Elf64_Ehdr),
		       .e_phentsize = sizeof(Elf64_Phdr),
		       .e_phnum = 1 },
		.p = { .p_type = PT_INTERP,
		       .p_offset = sizeof(Elf64_Ehdr) + sizeof(Elf64_Phdr),
		       .p_filesz = strlen(loader) + 1 },
	};

	snprintf(f.interp, sizeof f.interp, "%s", loader);
	op_file(name, 0755, &f, sizeof f);
}

static void test_found(void **state)
{
	struct op_case c;

	(void)state;
	op_begin(&c);
	op_script("prog", "#!/bin/sh\n");
	assert_int_equal(lookup(&c, "./prog", NULL), 0);
	assert_string_equal(c.r.exe, "./prog");
	assert_int_equal(lookup(&c, "prog", "/none:.:/bin"), 0);
	assert_string_equal(c.r.exe, "./prog");
	assert_int_equal(lookup(&c, "prog", "/none::/bin"), 0);
	assert_string_equal(c.r.exe, "./prog");
	assert_int_equal(lookup(&c, "sh", NULL), 0);
	assert_int_equal(lookup(&c, "/bin/sh", NULL), 0);
	run_done(&c.r);
}

#define REPEAT(x) x x x x x x x x
#define LONG      REPEAT(REPEAT(REPEAT("/directory")))

static void test_texts(void **state)
{
	static const struct {
		const char *file, *path, *text;
		int num;
	} t[] = {
		{ "foo", "/none:/bin", "exec: \"foo\": executable file not found in $PATH",
		  ENOENT },
		/* Too long a name is none; nobody looked at it. */
		{ "foo", LONG ":/none", "exec: \"foo\": executable file not found in $PATH",
		  ENOENT },
		{ "", "/bin", "exec: \"\": executable file not found in $PATH", ENOENT },
		{ "noexec", "/bin:.",
		  "exec: \"noexec\": executable file not found in $PATH (./noexec: its mode is 0644)",
		  ENOENT },
		{ "/none/foo", NULL,
		  "exec: \"/none/foo\": stat /none/foo: no such file or directory", ENOENT },
		{ "./noexec/foo", NULL,
		  "exec: \"./noexec/foo\": stat ./noexec/foo: not a directory", ENOTDIR },
		{ "/", NULL, "exec: \"/\": is a directory", EISDIR },
		{ "./noexec", NULL, "exec: \"./noexec\": permission denied: its mode is 0644",
		  EACCES },
		{ "./fifo", NULL, "exec: \"./fifo\": permission denied: not a regular file",
		  EACCES },
		{ "./script", NULL,
		  "exec: \"./script\": no such file or directory: interpreter /none/such of its #! "
		  "line not found",
		  ENOENT },
		{ "./crlf", NULL,
		  "exec: \"./crlf\": no such file or directory: its #! line ends with CR LF, so that "
		  "interpreter \"/bin/sh\\r\" is not found",
		  ENOENT },
		{ "./twice", NULL,
		  "exec: \"./twice\": no such file or directory: interpreter /none/such of its #! "
		  "line not found",
		  ENOENT },
		{ "./badinterp", NULL,
		  "exec: \"./badinterp\": permission denied: interpreter ./noexec of its #! line "
		  "cannot be executed: its mode is 0644",
		  EACCES },
#ifdef __x86_64__
		{ "./elf", NULL,
		  "exec: \"./elf\": no such file or directory: its ELF loader /lib/ld-none.so.1 not "
		  "found",
		  ENOENT },
#endif
	};

	(void)state;
	op_file("noexec", 0644, "x", 1);
	assert_int_equal(mkfifo("fifo", 0755), 0);
	op_script("script", "#! /none/such -x\n");
	op_script("crlf", "#!/bin/sh\r\necho\r\n");
	op_script("twice", "#!./script\n");
	op_script("badinterp", "#!./noexec\n");
	make_elf("elf", EM_X86_64, "/lib/ld-none.so.1");
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct op_case c;

		op_begin(&c);
		assert_int_equal(lookup(&c, t[i].file, t[i].path), -t[i].num);
		assert_string_equal(c.r.err.what, t[i].text);
		run_done(&c.r);
	}
}

/* As somebody who may not search a directory; where we are nobody else already, that is us. */
static int closed(struct op_case *c)
{
	if (geteuid() == 0)
		OK(setgid(65534) == 0 && setuid(65534) == 0);
	OK(lookup(c, "closed/inner/prog", NULL) == -EACCES);
	OK(strcmp(c->r.err.what, "exec: \"closed/inner/prog\": permission denied: no search "
	                         "permission on closed") == 0);
	return 0;
}

static void test_closed_directory(void **state)
{
	(void)state;
	assert_int_equal(mkdir("closed", 0700), 0);
	assert_int_equal(mkdir("closed/inner", 0755), 0);
	op_script("closed/inner/prog", "#!/bin/sh\n");
	assert_int_equal(chmod("closed", 0), 0);
	op_in_child(closed);
	assert_int_equal(chmod("closed", 0700), 0);
}

/* Another machine's program is found, because binfmt_misc may run it; when exec refuses it, that is the cause. */
static void test_exec_format(void **state)
{
	char *argv[] = { "x", NULL };
	static const struct {
		const char *name, *text;
	} t[] = {
		{ "foreign", "exec format error: it is for s390, this machine is " },
		{ "empty", "exec format error: it is empty" },
		{ "text", "exec format error: neither a program nor a script with a #! line" },
	};

	(void)state;
	make_elf("foreign", EM_S390, "/lib/ld.so");
	op_file("empty", 0755, "", 0);
	op_script("text", "echo hello\n");
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		const struct step s = { .kind = STEP_EXEC, .exec = { argv, argv + 1 } };
		char file[32], want[128];
		struct op_case c;

		op_begin(&c);
		snprintf(file, sizeof file, "./%s", t[i].name);
		assert_int_equal(lookup(&c, file, NULL), 0);
		assert_int_equal(op_exec(&c.r, &s), -ENOEXEC);
		snprintf(want, sizeof want, "exec: \"%s\": %s", file, t[i].text);
		assert_int_equal(strncmp(c.r.err.what, want, strlen(want)), 0);
		run_done(&c.r);
	}
}

static void test_no_process(void **state)
{
	const struct step s = { .kind = STEP_EXEC };
	struct op_case c;

	(void)state;
	op_begin(&c);
	assert_int_equal(op_exec(&c.r, &s), -EINVAL);
	assert_string_equal(c.r.err.what, "process is not set in config.json");
	run_done(&c.r);
}

static void test_home(void **state)
{
	char *env[] = { "A=b", NULL };
	const struct step s = { .kind = STEP_LOOKUP,
		                .lookup = { .file = "/bin/sh", .envp = env, .n_env = 1 } };
	struct op_case c;

	(void)state;
	op_begin(&c);
	assert_int_equal(op_lookup(&c.r, &s), 0);
	assert_string_equal(c.r.envp[0], "A=b");
	assert_int_equal(strncmp(c.r.envp[1], "HOME=/", 6), 0);
	assert_null(c.r.envp[2]);
	if (geteuid() == 0)
		assert_string_equal(c.r.envp[1], "HOME=/root");
	run_done(&c.r);
}

/* The fifos, and a start that is heard. */
static int wait_for_start(struct op_case *c)
{
	const struct step s = { 0 };

	c->r.fd[SLOT_STATE] = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	OK(op_fifos(&c->r, &s) == 0);
	int go = open("go", O_WRONLY | O_NONBLOCK | O_CLOEXEC);
	OK(go >= 0);
	OK(write(go, "1", 1) == 1);
	OK(op_wait(&c->r, &s) == 0);
	close(c->r.fd[SLOT_GO]);
	OK(open("go", O_WRONLY | O_NONBLOCK) < 0 && errno == ENXIO);
	OK(c->r.fd[SLOT_STATE] < 0);
	c->r.fd[SLOT_STATE] = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	OK(op_fifos(&c->r, &s) == -EEXIST);
	return 0;
}

static void test_wait(void **state)
{
	(void)state;
	op_in_child(wait_for_start);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_closed_directory),
		cmocka_unit_test(test_exec_format),
		cmocka_unit_test(test_no_process),
		cmocka_unit_test(test_home),
		cmocka_unit_test(test_wait),
	};

	return cmocka_run_group_tests(tests, op_enter, op_leave);
}
