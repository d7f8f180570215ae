/* stats: a live table of what containers use. */
#include "base/fd.h"
#include "base/procfs.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/interval.h"
#include "cmd/sample.h"
#include "libocispec-lite/ocispec.h"
#include "store/store.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>

#define FIRST_SPAN (200 * NS_PER_MS) /* between the two rounds that the first table needs */

static struct {
	const char *format, *interval;
	bool once;
} opts = { .format = "table", .interval = "1s" };

static const char *const formats[] = { "table", "json", NULL };
static const struct flag flags[] = {
	{ "format", 'f', FLAG_STRING, "FORMAT", "table or json", .s = &opts.format,
	  .words = formats },
	{ "interval", 0, FLAG_STRING, "TIME", "between two tables (default: 1s)",
	  .s = &opts.interval },
	{ "no-stream", 0, FLAG_BOOL, NULL, "print one table and end", .b = &opts.once },
	{ 0 },
};

/* What the table has to fit into; nothing when it is not drawn anew. */
static struct sample_size terminal(void)
{
	struct winsize w;

	if (opts.once || ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0)
		return (struct sample_size){ 0 };
	return (struct sample_size){ w.ws_col ? w.ws_col : 80, w.ws_row ? w.ws_row : 24 };
}

static int show(struct round *r, struct err *e)
{
	if (STR_EQ(opts.format, "json"))
		puts(oci_encode_array(&sample_schema, r->v, r->n, OCI_COMPACT, &r->a, NULL));
	else
		round_print(r, terminal());
	return stdout_done(e);
}

/* Takes the place of the last round. */
static int next_round(struct round *last, const struct sample_source *from, struct err *e)
{
	struct round r = { 0 };
	int rc = round_take(&r, last, from, e);

	round_done(last);
	*last = r;
	return rc;
}

static int stream(const struct sample_source *from, uint64_t interval, int signals, struct err *e)
{
	enum { OUT, SIGNAL, N };
	struct pollfd p[N] = { { .fd = STDOUT_FILENO }, { .fd = signals, .events = POLLIN } };
	uint64_t next = interval_now() + FIRST_SPAN;
	struct round r = { 0 };
	int rc = round_take(&r, NULL, from, e);

	while (rc == 0 && (rc = interval_wait(p, N, next, e)) == 0 && !p[SIGNAL].revents) {
		if (interval_now() < next)
			continue;
		next = interval_now() + interval;
		rc = next_round(&r, from, e);
		/* All that were asked for have ended. */
		if (rc < 0 || (from->n && !r.n && !opts.once))
			break;
		rc = show(&r, e);
		if (opts.once)
			break;
	}
	round_done(&r);
	return rc;
}

/* A descriptor that tells of the signals that end the command. */
static int catch_signals(void)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd >= 0)
		sigprocmask(SIG_BLOCK, &set, NULL);
	return fd;
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	uint64_t interval = 0;

	if (interval_flag(opts.interval, &interval, e) < 0)
		return -1;
	for (size_t i = 0; i < in->n; i++)
		if (store_check_id(in->operand[i], e) < 0)
			return -1;
	autofd signals = catch_signals();
	if (signals < 0)
		return err_sys(e, ERR_HOST, errno, "wait for signals");
	autofd proc = procfs_open();
	if (proc < 0)
		return err_sys(e, ERR_HOST, -proc, "open /proc");
	const struct sample_source from = { g->root, proc, in->operand, in->n };
	return stream(&from, interval, signals, e);
}

const struct command cmd_stats = {
	.name = "stats",
	.summary = "show what containers use, live",
	.usage = "[ID...]",
	.flags = flags,
	.max = CLI_OPERANDS,
	.run = run,
};
