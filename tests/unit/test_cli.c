/* cmd/cli: every way to write a flag, every way to get it wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "cmd/cmd.h"
#include <stdio.h>
#include <string.h>

static struct {
	bool force;
	const char *bundle, *format;
	uint32_t fds;
	struct cli_strings env;
} o;

static const char *const formats[] = { "table", "json", NULL };
static const struct flag flags[] = {
	{ "bundle", 'b', FLAG_STRING, "DIR", "", .s = &o.bundle },
	{ "force", 'f', FLAG_BOOL, NULL, "", .b = &o.force },
	{ "format", 0, FLAG_STRING, "FORMAT", "", .s = &o.format, .words = formats },
	{ "preserve-fds", 0, FLAG_UINT, "N", "", .u = &o.fds, .max = 1024 },
	{ "env", 'e', FLAG_REPEAT, "VAR", "", .r = &o.env },
	{ "criu", 0, FLAG_STRING, "PATH", "", .s = NULL },
	{ 0 },
};
static const struct command command = {
	.name = "try", .usage = "ID [BUNDLE]", .flags = flags, .min = 1, .max = 2
};
static const struct command tailed = { .name = "spec", .flags = flags, .tail = true };
static const struct command resting = {
	.name = "ps", .usage = "ID [ARGS]", .flags = flags, .min = 1, .max = 1, .rest = true
};

/* Parses a command line that is written with single blanks. */
static int parse(const struct command *c, const char *line, struct cli *in, struct err *e)
{
	static char buf[256];
	static char *argv[32];
	char *p = buf;
	int argc = 0;

	memset(&o, 0, sizeof o);
	memset(e, 0, sizeof *e);
	snprintf(buf, sizeof buf, "%s", line);
	while (*p) {
		argv[argc++] = p;
		p += strcspn(p, " ");
		if (*p)
			*p++ = '\0';
	}
	return cli_parse(flags, c, argc, argv, in, e);
}

static void test_bundle_forms(void **state)
{
	static const char *const lines[] = {
		"--bundle B id", "--bundle=B id", "-bundle B id", "-bundle=B id", "-b B id",
		"-b=B id",       "id --bundle B", "id -b B",      "-b A -b B id", "-f id -b B",
	};
	struct cli in;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		assert_int_equal(parse(&command, lines[i], &in, &e), 0);
		assert_string_equal(o.bundle, "B");
		assert_int_equal(in.n, 1);
		assert_string_equal(in.operand[0], "id");
	}
}

static void test_bool(void **state)
{
	struct cli in;
	struct err e;

	(void)state;
	assert_int_equal(parse(&command, "--force id", &in, &e), 0);
	assert_true(o.force);
	assert_int_equal(parse(&command, "-f=true id", &in, &e), 0);
	assert_true(o.force);
	assert_int_equal(parse(&command, "--force --force=false id", &in, &e), 0);
	assert_false(o.force);
}

static void test_operands(void **state)
{
	struct cli in;
	struct err e;

	(void)state;
	assert_int_equal(parse(&command, "id bundle", &in, &e), 0);
	assert_string_equal(in.operand[1], "bundle");
	assert_int_equal(parse(&command, "-- -id", &in, &e), 0);
	assert_string_equal(in.operand[0], "-id");
	assert_int_equal(parse(&command, "-f -", &in, &e), 0);
	assert_string_equal(in.operand[0], "-");
	assert_int_equal(parse(&tailed, "-f -- sh -c --force", &in, &e), 0);
	assert_int_equal(in.n_tail, 3);
	assert_string_equal(in.tail[2], "--force");
}

/* Commands that pass the end of their line on: exec, ps. */
static void test_rest(void **state)
{
	static const struct {
		const char *line, *first, *last;
		size_t n;
	} t[] = {
		{ "id", NULL, NULL, 0 },          { "-f id", NULL, NULL, 0 },
		{ "-f id -ef", "-ef", "-ef", 1 }, { "-f id ls -l --bundle", "ls", "--bundle", 3 },
		{ "-f id -- -l", "-l", "-l", 1 }, { "-f id -- -- x", "--", "x", 2 },
		{ "-f id x -- y", "x", "y", 3 },  { "-f -- id --help", "--help", "--help", 1 },
		{ "-f id --", NULL, NULL, 0 },
	};
	struct cli in;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		assert_int_equal(parse(&resting, t[i].line, &in, &e), 0);
		assert_int_equal(o.force, i > 0);
		assert_null(o.bundle);
		assert_false(in.help);
		assert_int_equal(in.n, 1);
		assert_string_equal(in.operand[0], "id");
		assert_int_equal(in.n_tail, t[i].n);
		if (t[i].n) {
			assert_string_equal(in.tail[0], t[i].first);
			assert_string_equal(in.tail[t[i].n - 1], t[i].last);
		}
	}
	assert_int_equal(parse(&resting, "--help", &in, &e), 0);
	assert_true(in.help);
	assert_int_equal(parse(&resting, "-f", &in, &e), -1);
	assert_string_equal(e.what, "\"nsrun ps\" needs more arguments: ID [ARGS]");
	assert_int_equal(parse(&resting, "--forse id", &in, &e), -1);
	assert_string_equal(e.what, "unknown flag --forse");
}

static void test_values(void **state)
{
	struct cli in;
	struct err e;

	(void)state;
	assert_int_equal(parse(&command, "--preserve-fds 3 --format=json id", &in, &e), 0);
	assert_int_equal(o.fds, 3);
	assert_string_equal(o.format, "json");
	assert_int_equal(parse(&command, "-e A=1 --env=B= --criu x id", &in, &e), 0);
	assert_int_equal(o.env.n, 2);
	assert_string_equal(o.env.v[0], "A=1");
	assert_string_equal(o.env.v[1], "B=");
}

static void test_help(void **state)
{
	static const char *const lines[] = { "--help", "-h", "-help", "id --help --nonsense" };
	struct cli in;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		assert_int_equal(parse(&command, lines[i], &in, &e), 0);
		assert_true(in.help);
	}
}

static void test_errors(void **state)
{
	static const struct {
		const char *line, *what, *hint;
	} t[] = {
		{ "--bundel B id", "unknown flag --bundel", "did you mean \"--bundle\"?" },
		{ "-bundel=B id", "unknown flag -bundel", "did you mean \"--bundle\"?" },
		{ "-x id", "unknown flag -x", "run \"nsrun help try\" to see how it is used" },
		{ "id --bundle", "flag --bundle requires an argument (DIR)", "run \"nsrun help" },
		{ "--bundle= id", "flag --bundle requires an argument (DIR)", "run \"nsrun help" },
		{ "--force=maybe id", "flag --force is \"maybe\", expected true or false", "run" },
		{ "--format jsn id", "flag --format is \"jsn\", expected table or json",
		  "did you mean \"json\"?" },
		{ "--preserve-fds=-1 id",
		  "flag --preserve-fds is \"-1\", expected a number from 0 to 1024", "run" },
		{ "--preserve-fds=1025 id",
		  "flag --preserve-fds is \"1025\", expected a number from 0 to 1024", "run" },
		{ "--preserve-fds=0x1 id",
		  "flag --preserve-fds is \"0x1\", expected a number from 0 to 1024", "run" },
		{ "", "\"nsrun try\" needs more arguments: ID [BUNDLE]", "run" },
		{ "a b c", "\"c\" is one argument too many for \"nsrun try\"", "run" },
	};
	struct cli in;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		assert_int_equal(parse(&command, t[i].line, &in, &e), -1);
		assert_int_equal(e.kind, ERR_USAGE);
		assert_string_equal(e.what, t[i].what);
		assert_memory_equal(e.hint, t[i].hint, strlen(t[i].hint));
	}
}

static void test_globals_stop_at_command(void **state)
{
	char *argv[] = { "--root", "R", "--log-format=json", "create", "--bundle", "B", "id" };
	struct cli in;
	struct err e = { 0 };

	(void)state;
	globals = (struct globals){ 0 };
	assert_int_equal(cli_parse(global_flags, NULL, 7, argv, &in, &e), 0);
	assert_int_equal(in.used, 3);
	assert_string_equal(globals.root, "R");
	assert_string_equal(globals.log_format, "json");
}

/* What engines put before the command, all of it. */
static void test_globals_of_engines(void **state)
{
	char *argv[] = { "--systemd-cgroup",  "--rootless=true", "--debug",
		         "--criu=/bin/criu",  "--log",           "f",
		         "--log-level=error", "--systemd-log",   "-cgroup-manager=disabled" };
	struct cli in;
	struct err e = { 0 };

	(void)state;
	globals = (struct globals){ 0 };
	assert_int_equal(cli_parse(global_flags, NULL, 9, argv, &in, &e), 0);
	assert_int_equal(globals_manager(&globals), CGROUP_MANAGER_SYSTEMD);
	globals.systemd_cgroup = false;
	assert_int_equal(globals_manager(&globals), CGROUP_MANAGER_DISABLED);
}

static void test_command(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_ptr_equal(cli_command(commands, "delete", &e), &cmd_delete);
	assert_null(cli_command(commands, "delet", &e));
	assert_string_equal(e.what, "unknown command \"delet\"");
	assert_string_equal(e.hint, "did you mean \"delete\"?");
}

/* Each table row is usable: what the parser relies on. */
static void test_tables(void **state)
{
	(void)state;
	for (const struct command *const *c = commands; *c; c++) {
		assert_true((*c)->max <= CLI_OPERANDS && (*c)->min <= (*c)->max);
		assert_true(!(*c)->id || (*c)->min >= 1);
		for (const struct flag *f = (*c)->flags; f->name; f++) {
			assert_int_equal(!f->arg, f->kind == FLAG_BOOL);
			assert_true(f->kind != FLAG_UINT || f->max > 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bundle_forms),
		cmocka_unit_test(test_bool),
		cmocka_unit_test(test_operands),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_globals_stop_at_command),
		cmocka_unit_test(test_globals_of_engines),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests_name("cmd/cli", tests, NULL, NULL);
}
