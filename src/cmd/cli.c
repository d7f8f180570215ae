/* cli: see cli.h. */
#include "cmd/cli.h"
#include "base/engine_texts.h"
#include "base/str.h"
#include "libocispec-lite/schema.h"
#include <stdio.h>
#include <string.h>

#define SUGGEST_MAX 64 /* words that a suggestion is looked for in */

static int usage_error(const struct command *c, struct err *e)
{
	if (c)
		return err_hint(e, "run \"nsrun help %s\" to see how it is used", c->name);
	return err_hint(e, "run \"nsrun help\" to see commands and flags");
}

/* The flag that "name" (n bytes, without dashes) means, or NULL. */
static const struct flag *flag_find(const struct flag *flags, const char *name, size_t n)
{
	for (const struct flag *f = flags; f->name; f++) {
		if (strlen(f->name) == n && memcmp(f->name, name, n) == 0)
			return f;
		if (n == 1 && f->letter == name[0])
			return f;
	}
	return NULL;
}

static int flag_unknown(const struct flag *flags, const struct command *c, const char *arg,
                        size_t n, struct err *e)
{
	const char *words[SUGGEST_MAX + 1], *near;
	char name[SUGGEST_MAX];
	size_t count = 0;

	err_set(e, ERR_USAGE, "unknown flag %.*s", (int)n, arg);
	n -= strspn(arg, "-");
	snprintf(name, sizeof name, "%.*s", (int)n, arg + strspn(arg, "-"));
	for (const struct flag *f = flags; f->name && count < SUGGEST_MAX - 1; f++)
		words[count++] = f->name;
	words[count++] = "help";
	words[count] = NULL;
	near = oci_nearest(name, words);
	if (near)
		return err_hint(e, "did you mean \"--%s\"?", near);
	return usage_error(c, e);
}

static int flag_word(const struct flag *f, const char *value, struct err *e)
{
	char all[160] = "";

	if (!f->words)
		return 0;
	for (const char *const *w = f->words; *w; w++) {
		if (STR_EQ(*w, value))
			return 0;
		str_add(all, sizeof all, "%s%s", w == f->words ? "" : w[1] ? ", " : " or ", *w);
	}
	const char *near = oci_nearest(value, f->words);

	err_set(e, ERR_USAGE, "flag --%s is \"%s\", expected %s", f->name, value, all);
	return near ? err_hint(e, "did you mean \"%s\"?", near) : -1;
}

static int flag_uint(const struct flag *f, const char *value, struct err *e)
{
	uint64_t v;

	if (str_u64(value, f->max, &v) < 0)
		return err_set(e, ERR_USAGE, "flag --%s is \"%s\", expected a number from 0 to %u",
		               f->name, value, f->max);
	if (f->u)
		*f->u = (uint32_t)v;
	return 0;
}

static int flag_bool(const struct flag *f, const char *value, struct err *e)
{
	bool on = !value || STR_EQ(value, "true") || STR_EQ(value, "1");

	if (!on && !STR_EQ(value, "false") && !STR_EQ(value, "0"))
		return err_set(e, ERR_USAGE, "flag --%s is \"%s\", expected true or false", f->name,
		               value);
	if (f->b)
		*f->b = on;
	return 0;
}

static int flag_store(const struct flag *f, const char *value, struct err *e)
{
	if (f->kind == FLAG_BOOL)
		return flag_bool(f, value, e);
	/* Podman looks for these words ("restore --lsm-mount-context"). */
	if (str_empty(value))
		return err_set(e, ERR_USAGE, "flag --%s " TEXT_NO_VALUE " (%s)", f->name, f->arg);
	if (f->kind == FLAG_UINT)
		return flag_uint(f, value, e);
	if (flag_word(f, value, e) < 0)
		return -1;
	if (f->kind == FLAG_STRING && f->s)
		*f->s = value;
	if (f->kind == FLAG_REPEAT && f->r) {
		if (f->r->n == CLI_REPEAT)
			return err_set(e, ERR_USAGE, "flag --%s is given more than %d times",
			               f->name, CLI_REPEAT);
		f->r->v[f->r->n++] = value;
	}
	return 0;
}

/* One word that starts with "-". Moves *i on when the value is the next word. */
static int parse_flag(const struct flag *flags, const struct command *c, int argc, char **argv,
                      int *i, struct cli *out, struct err *e)
{
	const char *arg = argv[*i], *name = arg + (arg[1] == '-' ? 2 : 1);
	const char *value = strchr(name, '=');
	size_t n = value ? (size_t)(value - name) : strlen(name);
	const struct flag *f = flag_find(flags, name, n);

	if (!f && ((n == 4 && memcmp(name, "help", 4) == 0) || (n == 1 && *name == 'h'))) {
		out->help = true;
		return 0;
	}
	if (!f)
		return flag_unknown(flags, c, arg, (size_t)(name - arg) + n, e);
	if (value)
		value++;
	else if (f->kind != FLAG_BOOL && *i + 1 < argc)
		value = argv[++*i];
	return flag_store(f, value, e) < 0 ? usage_error(c, e) : 0;
}

static int parse_operand(const struct command *c, const char *arg, struct cli *out, struct err *e)
{
	if (out->n == c->max) {
		err_set(e, ERR_USAGE, "\"%s\" is one argument too many for \"nsrun %s\"", arg,
		        c->name);
		return usage_error(c, e);
	}
	out->operand[out->n++] = arg;
	return 0;
}

/* What is left of argv from i on belongs to another program. */
static void take_tail(int argc, char **argv, int i, struct cli *out)
{
	out->tail = argv + i;
	out->n_tail = (size_t)(argc - i);
}

int cli_parse(const struct flag *flags, const struct command *c, int argc, char **argv,
              struct cli *out, struct err *e)
{
	bool ended = false;
	int i;

	*out = (struct cli){ 0 };
	for (i = 0; i < argc && !out->help; i++) {
		const char *arg = argv[i];

		if (!ended && STR_EQ(arg, "--")) {
			ended = true;
			if (c && c->tail) {
				take_tail(argc, argv, i + 1, out);
				i = argc;
				break;
			}
		} else if (!ended && arg[0] == '-' && arg[1]) {
			if (parse_flag(flags, c, argc, argv, &i, out, e) < 0)
				return -1;
		} else if (!c) {
			break;
		} else if (parse_operand(c, arg, out, e) < 0) {
			return -1;
		} else if (c->rest) {
			bool mark = i + 1 < argc && STR_EQ(argv[i + 1], "--");

			take_tail(argc, argv, i + 1 + mark, out);
			i = argc;
			break;
		}
	}
	out->used = (size_t)i;
	if (c && !out->help && out->n < c->min) {
		err_set(e, ERR_USAGE, "\"nsrun %s\" needs more arguments: %s", c->name, c->usage);
		return usage_error(c, e);
	}
	return 0;
}

const struct command *cli_command(const struct command *const *list, const char *name,
                                  struct err *e)
{
	const char *words[SUGGEST_MAX + 1], *near;
	size_t n = 0;

	for (; *list; list++) {
		if (STR_EQ((*list)->name, name))
			return *list;
		if (n < SUGGEST_MAX)
			words[n++] = (*list)->name;
	}
	words[n] = NULL;
	near = oci_nearest(name, words);
	err_set(e, ERR_USAGE, "unknown command \"%s\"", name);
	if (near)
		err_hint(e, "did you mean \"%s\"?", near);
	usage_error(NULL, e);
	return NULL;
}

void cli_help_flags(const struct flag *flags)
{
	for (const struct flag *f = flags; f->name; f++) {
		char left[64] = "    ";

		if (f->letter)
			snprintf(left, sizeof left, "-%c, ", f->letter);
		str_add(left, sizeof left, "--%s%s%s", f->name, f->arg ? " " : "",
		        f->arg ? f->arg : "");
		printf("  %-32s %s\n", left, f->help);
	}
	printf("  %-32s %s\n", "-h, --help", "this text");
}

void cli_help_command(const struct command *c)
{
	printf("nsrun %s: %s\n\nusage: nsrun [GLOBAL FLAGS] %s [FLAGS]%s%s\n\n", c->name,
	       c->summary, c->name, *c->usage ? " " : "", c->usage);
	cli_help_flags(c->flags);
}
