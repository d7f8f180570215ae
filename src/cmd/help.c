/* help: the table of commands and flags, for people and as JSON. */
#include "base/str.h"
#include "cmd/cmd.h"
#include "libocispec-lite/ocispec.h"
#include "libocispec-lite/rows.h"
#include <stdio.h>

/* The JSON document; it lives as long as its arena and the tables. */
struct doc_flag {
	char *name, *letter, *argument, *help;
	OCI_VEC(char *) values;
	struct oci_bool repeated;
};
struct doc_command {
	char *name, *summary, *usage;
	OCI_VEC(struct doc_flag) flags;
};
struct doc_help {
	OCI_VEC(struct doc_flag) flags;
	OCI_VEC(struct doc_command) commands;
};

/* clang-format off */
OCI_SCHEMA_LOCAL(doc_flag,
	STR (doc_flag, name,     "name",     0),
	STR (doc_flag, letter,   "letter",   0),
	STR (doc_flag, argument, "argument", 0),
	STRS(doc_flag, values,   "values",   0),
	BOOL(doc_flag, repeated, "repeated", 0),
	STR (doc_flag, help,     "help",     0));

OCI_SCHEMA_LOCAL(doc_command,
	STR (doc_command, name,    "name",    0),
	STR (doc_command, summary, "summary", 0),
	STR (doc_command, usage,   "usage",   0),
	OBJS(doc_command, flags,   "flags",   OCI_REQUIRED, doc_flag));

OCI_SCHEMA_LOCAL(doc_help,
	OBJS(doc_help, flags,    "flags",    OCI_REQUIRED, doc_flag),
	OBJS(doc_help, commands, "commands", OCI_REQUIRED, doc_command));
/* clang-format on */

static struct doc_flag *doc_flags(const struct flag *f, size_t *count, struct arena *a)
{
	size_t n = 0, words;

	while (f[n].name)
		n++;
	struct doc_flag *v = NEW_N(a, struct doc_flag, n + 1);
	for (size_t i = 0; i < n; i++) {
		v[i].name = str_word(f[i].name);
		v[i].letter = f[i].letter ? arena_str(a, &f[i].letter, 1) : NULL;
		v[i].argument = str_word(f[i].arg);
		v[i].help = str_word(f[i].help);
		if (f[i].kind == FLAG_REPEAT)
			v[i].repeated = (struct oci_bool){ true, true };
		for (words = 0; f[i].words && f[i].words[words];)
			words++;
		v[i].values.v = (char **)(uintptr_t)f[i].words;
		v[i].values.n = words;
	}
	*count = n;
	return v;
}

static struct doc_command doc_command(const struct command *c, struct arena *a)
{
	struct doc_command d = { .name = str_word(c->name), .summary = str_word(c->summary) };

	d.usage = arena_fmt(a, "nsrun [GLOBAL FLAGS] %s [FLAGS]%s%s", c->name, *c->usage ? " " : "",
	                    c->usage);
	d.flags.v = doc_flags(c->flags, &d.flags.n, a);
	return d;
}

static void print_json(const struct command *only)
{
	struct arena a = { 0 };
	struct doc_help h = { 0 };

	if (only) {
		struct doc_command c = doc_command(only, &a);

		puts(oci_encode(&doc_command_schema, &c, OCI_INDENT_2, &a, NULL));
		arena_done(&a);
		return;
	}
	while (commands[h.commands.n])
		h.commands.n++;
	h.commands.v = NEW_N(&a, struct doc_command, h.commands.n);
	for (size_t i = 0; i < h.commands.n; i++)
		h.commands.v[i] = doc_command(commands[i], &a);
	h.flags.v = doc_flags(global_flags, &h.flags.n, &a);
	puts(oci_encode(&doc_help_schema, &h, OCI_INDENT_2, &a, NULL));
	arena_done(&a);
}

static void print_text(void)
{
	puts("nsrun: runs containers from OCI bundles\n\n"
	     "usage: nsrun [GLOBAL FLAGS] COMMAND [FLAGS] [ARGUMENTS]\n\ncommands:");
	for (const struct command *const *c = commands; *c; c++)
		printf("  %-10s %s\n", (*c)->name, (*c)->summary);
	puts("\nglobal flags:");
	cli_help_flags(global_flags);
	puts("\n\"nsrun help COMMAND\" tells more.");
}

static const char *format = "text";
static const char *const formats[] = { "text", "json", NULL };
static const struct flag flags[] = {
	{ "format", 'f', FLAG_STRING, "FORMAT", "text or json", .s = &format, .words = formats },
	{ 0 },
};

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	const struct command *c = NULL;

	(void)g;
	if (in->n && !(c = cli_command(commands, in->operand[0], e)))
		return -1;
	if (STR_EQ(format, "json"))
		print_json(c);
	else if (c)
		cli_help_command(c);
	else
		print_text();
	return stdout_done(e);
}

const struct command cmd_help = {
	.name = "help",
	.summary = "explain a command, or list them",
	.usage = "[COMMAND]",
	.flags = flags,
	.max = 1,
	.run = run,
};
