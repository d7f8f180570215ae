/* cli: the table of commands and flags, and the one parser that reads it. Help, errors and completion come from the
 * same rows. Pure: touches nothing but the flags' targets. */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLI_OPERANDS 64 /* no command takes more */
#define CLI_REPEAT   64 /* of one repeated flag */

struct cli_strings {
	const char *v[CLI_REPEAT];
	size_t n;
};

enum flag_kind {
	FLAG_BOOL,   /* --x, --x=true, --x=false */
	FLAG_STRING, /* --x=V, --x V; V is not empty */
	FLAG_UINT,   /* the same, digits only, at most max */
	FLAG_REPEAT  /* a string, once or more */
};

/* One flag. A NULL target: accepted and ignored. A table ends with a row without name. */
struct flag {
	const char *name; /* "bundle": written --bundle or -bundle */
	char letter;      /* 'b': -b; 0: none */
	enum flag_kind kind;
	const char *arg; /* "DIR" in help; NULL for FLAG_BOOL */
	const char *help;
	union {
		bool *b;
		const char **s;
		uint32_t *u;
		struct cli_strings *r;
	};
	const char *const *words; /* FLAG_STRING: the allowed values, NULL-terminated; NULL: any */
	uint32_t max;             /* FLAG_UINT */
};

/* What a command line held besides flags. Strings are argv's. */
struct cli {
	const char *operand[CLI_OPERANDS];
	size_t n;
	char **tail; /* what followed "--", or the first operand, for commands that take it */
	size_t n_tail;
	size_t used; /* how many of argv were read */
	bool help;   /* --help was met; nothing after it was read */
};

struct globals;
struct command {
	const char *name, *summary;
	const char *usage; /* what follows the flags: "ID [BUNDLE]" */
	const struct flag *flags;
	uint8_t min, max; /* operands */
	bool id; /* operand 0 is a container id: checked before anything else (security.md R9) */
	const bool *
		pattern; /* but not where this flag says that it is a pattern for ids; NULL: there is none */
	bool tail; /* takes "-- ARGS" */
	bool rest; /* all that follows operand 0 is tail, without a "--" at its beginning: its flags are another's */
	uint8_t failure; /* exit status of a failure; 0: 1 */
	bool seals;      /* puts a process into a container: runs from a sealed executable (R5) */
	/* The exit status, or -1 with e. -1 without an error: failed, and has said why itself. */
	int (*run)(const struct globals *g, const struct cli *in, struct err *e);
};

/* Reads argv[0 .. argc-1] with a table of flags into their targets and *out. globals: stops at the first operand,
 * which is the command. 0, or -1 with an ERR_USAGE. */
int cli_parse(const struct flag *flags, const struct command *c, int argc, char **argv,
              struct cli *out, struct err *e);

/* The command of a NULL-terminated list, or NULL with an ERR_USAGE that suggests one. */
const struct command *cli_command(const struct command *const *list, const char *name,
                                  struct err *e);

/* Help on stdout. */
void cli_help_flags(const struct flag *flags);
void cli_help_command(const struct command *c);
