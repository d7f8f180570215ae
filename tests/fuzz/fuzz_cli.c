/* fuzz_cli: a command line, one argument in each line: global flags, a command, its flags and operands; and the small
 * texts that flags hold: ids, signals, amounts, times, ranges of ids. */
#include "base/idrange.h"
#include "base/signals.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/interval.h"
#include "cmd/size.h"
#include "fuzz.h"
#include "plan/mountopt.h"
#include "store/store.h"
#include <stdlib.h>
#include <string.h>

#define ARGS 200

static void small_texts(const char *s)
{
	const char *ids = s;
	struct idrange r = { 0 };
	struct err e = { 0 };
	int64_t bytes;
	uint64_t ns;
	uint32_t id;

	if (store_check_id(s, &e) == 0)
		fuzz_insist(*s && !strchr(s, '/') && !STR_EQ(s, "..") && *s != '-',
		            "a bad id passes");
	fuzz_insist(signal_by_name(s) <= 64, "a signal that is none");
	if (size_parse(s, &bytes) == 0)
		fuzz_insist(bytes >= -1, "an amount below none");
	if (interval_flag(s, &ns, &e) == 0)
		fuzz_insist(ns > 0, "no time at all");
	if (str_id(s, &id) == 0)
		fuzz_insist(id != UINT32_MAX, "an id that means \"unchanged\"");
	for (int i = 0; i < 100 && idrange_next(&ids, &r) == 1; i++)
		fuzz_insist(r.size > 0, "an empty range");
	mountopt_has_ids(s);
}

/* Repeated flags add up. */
static void reset(const struct flag *f)
{
	for (; f->name; f++)
		if (f->kind == FLAG_REPEAT && f->r)
			f->r->n = 0;
}

static void parse(int argc, char **argv)
{
	static struct cli in, rest; /* as large as their arrays */
	struct err e = { 0 };

	if (cli_parse(global_flags, NULL, argc, argv, &in, &e) < 0) {
		fuzz_insist(e.kind == ERR_USAGE && *e.what, "a refusal without a word");
		return;
	}
	fuzz_insist(in.used <= (size_t)argc, "more was read than there is");
	if (in.help || in.used >= (size_t)argc)
		return;
	const struct command *c = cli_command(commands, argv[in.used], &e);
	if (!c) {
		fuzz_insist(e.kind == ERR_USAGE && *e.what, "a refusal without a word");
		return;
	}
	argc -= (int)in.used + 1;
	argv += in.used + 1;
	reset(c->flags);
	if (cli_parse(c->flags, c, argc, argv, &rest, &e) < 0)
		fuzz_insist(e.kind == ERR_USAGE && *e.what, "a refusal without a word");
	else
		fuzz_insist(rest.help || (rest.n >= c->min && rest.n <= c->max),
		            "too few or too many operands");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *args[ARGS + 1], *rest = text, *arg;
	int n = 0;

	while (n < ARGS && (arg = strsep(&rest, "\n"))) {
		small_texts(arg);
		args[n++] = arg;
	}
	args[n] = NULL;
	parse(n, args);
	free(text);
	return 0;
}
