/*
 * rounds.c - runs the commands of a bench plan, interleaved round by round, and writes samples.
 *
 * `rounds PLAN N >SAMPLES` executes PLAN, lines of "runtime<TAB>action<TAB>argv...", in which %
 * stands for the number of the round. Lines that follow each other with one action are a group:
 * its commands run one after the other, in each round another one first. After a group named kill
 * every orphan is waited for, so that what comes next finds the containers stopped. Each command
 * gives one line: runtime, action, wall and cpu time in us, peak RSS in KiB, page faults. The first round warms
 * up and is not written. A command that fails or takes a minute ends the run: exit 1; so does
 * SIGTERM, but only after the command at hand, so that it leaves nothing half made.
 *
 * Times and RSS are those of the command and of every child it waited for. The kernel counts what a
 * process was before execve into its peak RSS: so this program stays small (static, no samples
 * kept) and spawns by vfork, and no figure is below its own RSS.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COMMANDS_MAX 128
#define ARGS_MAX     24
#define TEXT_MAX     256
#define TIMEOUT_S    60

extern char **environ;

static volatile sig_atomic_t stopped;
static posix_spawn_file_actions_t output_to_null; /* stdout is for the samples */

struct command {
	const char *runtime, *action;
	char *args[ARGS_MAX + 1];
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "rounds: %s: %s\n", what, why);
	exit(1);
}

static int64_t cpu_us(const struct rusage *u)
{
	return (int64_t)(u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000000 + u->ru_utime.tv_usec +
	       u->ru_stime.tv_usec;
}

static int64_t clock_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

/* Reads the plan into commands; their strings live in buffer. Returns how many. */
static size_t plan_read(const char *path, struct command *commands, char *buffer, size_t size)
{
	FILE *f = fopen(path, "re");
	size_t count = 0, used; /* buffer is zeroed */

	if (!f)
		die(path, strerror(errno));
	used = fread(buffer, 1, size - 1, f);
	fclose(f);
	if (used == size - 1)
		die(path, "plan too long");
	for (char *line; (line = strsep(&buffer, "\n")) && *line;) {
		struct command *c = &commands[count++];
		size_t n = 0;

		if (count > COMMANDS_MAX)
			die(path, "too many commands");
		c->runtime = strsep(&line, "\t");
		c->action = strsep(&line, "\t");
		while (line && n < ARGS_MAX)
			c->args[n++] = strsep(&line, "\t");
		if (n == 0 || line)
			die(path, "not a command");
	}
	return count;
}

static void fail(const struct command *c, int status)
{
	fprintf(stderr, "rounds: %s %s failed (%s %d):", c->runtime, c->action,
	        WIFEXITED(status) ? "exit" : "signal",
	        WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	for (size_t i = 0; c->args[i]; i++)
		fprintf(stderr, " %s", c->args[i]);
	fputc('\n', stderr);
	exit(1);
}

/* Executes one command with % replaced by the round; writes its sample when asked. */
static void command_run(const struct command *c, unsigned int round, int record)
{
	char texts[ARGS_MAX][TEXT_MAX];
	char *args[ARGS_MAX + 1] = { NULL };
	struct rusage usage;
	int64_t begin, wall;
	int status, error;
	pid_t pid;

	if (stopped)
		exit(1);
	for (size_t i = 0; c->args[i]; i++) {
		const char *percent = strchr(c->args[i], '%');

		args[i] = c->args[i];
		if (!percent)
			continue;
		snprintf(texts[i], TEXT_MAX, "%.*s%u%s", (int)(percent - c->args[i]), c->args[i],
		         round, percent + 1);
		args[i] = texts[i];
	}
	alarm(TIMEOUT_S);
	begin = clock_us();
	error = posix_spawn(&pid, args[0], &output_to_null, NULL, args, environ);
	if (error)
		die(args[0], strerror(error));
	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			die("wait4", strerror(errno));
	wall = clock_us() - begin;
	if (status != 0)
		fail(c, status);
	if (record)
		printf("%s\t%s\t%" PRId64 "\t%" PRId64 "\t%ld\t%ld\n", c->runtime, c->action, wall,
		       cpu_us(&usage), usage.ru_maxrss, usage.ru_minflt);
}

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static int run(const char *path, unsigned int rounds)
{
	static struct command commands[COMMANDS_MAX];
	static char buffer[64 * 1024];
	size_t count = plan_read(path, commands, buffer, sizeof(buffer));

	signal(SIGTERM, stop);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	posix_spawn_file_actions_init(&output_to_null);
	posix_spawn_file_actions_addopen(&output_to_null, 1, "/dev/null", O_WRONLY, 0);
	for (unsigned int round = 0; round <= rounds; round++) {
		unsigned int turn = round ? round - 1 : 0;

		for (size_t from = 0, to; from < count; from = to) {
			for (to = from + 1; to < count; to++)
				if (strcmp(commands[to].action, commands[from].action) != 0)
					break;
			for (size_t i = 0; i < to - from; i++)
				command_run(&commands[from + (i + turn) % (to - from)], round,
				            round > 0);
			if (strcmp(commands[from].action, "kill") == 0)
				while (wait(NULL) > 0 || errno == EINTR)
					;
		}
	}
	return fflush(stdout) ? 1 : 0;
}

int main(int argc, char **argv)
{
	if (argc == 3)
		return run(argv[1], (unsigned int)strtoul(argv[2], NULL, 10));
	fputs("usage: rounds PLAN N >SAMPLES\n", stderr);
	return 2;
}
