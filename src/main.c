/* main: from the command line to a command, and from its error to an exit status. */
#include "apply/helper.h"
#include "base/fd.h"
#include "base/interrupt.h"
#include "base/str.h"
#include "base/unsafe.h"
#include "cmd/cmd.h"
#include "cmd/log.h"
#include "cmd/trace.h"
#include "host/kernel.h"
#include "host/selfexe.h"
#include "store/store.h"
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>

/* Descriptors 0 to 2 are real, or the first files that we open would be written to as stdout. */
static int open_stdio(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDWR | O_NOCTTY);
	while (fd >= 0 && fd < 3);
	if (fd < 0)
		return fcntl(2, F_GETFD);
	fd_close(&fd);
	return 0;
}

static int usage(const struct cli *in, const struct command *c, struct err *e)
{
	bool pattern = c->pattern && *c->pattern;

	if (c->id && !pattern && in->n && store_check_id(in->operand[0], e) < 0)
		return -1;
	/* The state root may be anyone's who controls the environment of a set-id program. */
	if (getauxval(AT_SECURE) && !unsafe("setuid"))
		return err_set(e, ERR_USAGE, "nsrun does not run set-user-id");
	return 0;
}

static int open_log(const struct globals *g, const char *stage, struct err *e)
{
	enum log_level level = LOG_WARNING;

	if (g->log_level && STR_EQ(g->log_level, "error"))
		level = LOG_ERROR;
	if (g->debug || (g->log_level && STR_EQ(g->log_level, "debug")))
		level = LOG_DEBUG;
	return log_open(g->log, g->log_format && STR_EQ(g->log_format, "json"), level, stage, e);
}

/* Asked for only by who needs the helper program that lies beside us. */
static const char *own_name;
static const char *own_path(void)
{
	static char path[PATH_MAX];

	return selfexe_path(own_name, path, sizeof path) ? path : NULL;
}

/* What an error is told by to who does not read it. */
static int failure = 1;

static int run_command(const struct command *c, int argc, char **argv, char **all, char **envp,
                       struct err *e)
{
	struct cli in;

	if (c->failure)
		failure = c->failure;
	if (open_log(&globals, c->name, e) < 0 || cli_parse(c->flags, c, argc, argv, &in, e) < 0)
		return -1;
	if (in.help) {
		cli_help_command(c);
		return stdout_done(e);
	}
	if (usage(&in, c, e) < 0 || (c->seals && selfexe_seal(all, envp, e) < 0))
		return -1;
	/* With half of the system calls a command would not see what there is, and take it for gone. */
	if (c != &cmd_features && c != &cmd_help && c != &cmd_spec && c != &cmd_doctor &&
	    kernel_verify(e) < 0)
		return -1;
	own_name = all[0];
	helper_self = own_path;
	if (!globals.trace)
		return c->run(&globals, &in, e);
	if (trace_open(globals.trace, e) < 0)
		return -1;
	int status = c->run(&globals, &in, e);
	trace_write(c->name);
	return status;
}

static int run(int argc, char **argv, char **envp, struct err *e)
{
	struct cli in;

	if (cli_parse(global_flags, NULL, argc - 1, argv + 1, &in, e) < 0)
		return open_log(&globals, "", NULL), -1;
	if (globals.version) {
		version_print(globals.format && STR_EQ(globals.format, "json"));
		return stdout_done(e);
	}
	if (globals.format) {
		err_set(e, ERR_USAGE, "--format before a command is for --version only");
		err_hint(e, "give it behind the command, as in \"nsrun list --format json\"");
		return open_log(&globals, "", NULL), -1;
	}
	char **rest = argv + 1 + in.used;
	int left = argc - 1 - (int)in.used;
	if (in.help || left == 0) {
		const struct cli none = { 0 };

		cmd_help.run(&globals, &none, e);
		if (in.help)
			return 0;
		err_set(e, ERR_USAGE, "no command is given");
		return err_hint(e, "choose one of the list, as in \"nsrun run c1\"");
	}
	const struct command *c = cli_command(commands, rest[0], e);
	if (!c)
		return open_log(&globals, "", NULL), -1;
	return run_command(c, left - 1, rest + 1, argv, envp, e);
}

int main(int argc, char **argv, char **envp)
{
	struct err e = { 0 };

	if (open_stdio() < 0)
		return 1;
	/* A closed pipe or a file at its limit is an error to report, not an end. Reset before the program runs. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	if (argc < 1)
		return 1;
	int status = run(argc, argv, envp, &e);
	if (status >= 0)
		return status;
	/* Whatever it was that could not be opened. */
	if (e.num == EMFILE)
		snprintf(e.hint, sizeof e.hint,
		         "raise RLIMIT_NOFILE (ulimit -n) of the process that calls nsrun");
	kernel_explain(&e);
	if (e.kind != ERR_NONE)
		log_error(&e);
	return interrupt_signal() ? 128 + interrupt_signal() : failure;
}
