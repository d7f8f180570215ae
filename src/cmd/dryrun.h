/* dryrun: what `plan` and `check` have in common: a bundle and this host's facts, nothing touched. */
#pragma once
#include "cmd/bundle.h"
#include "cmd/cmd.h"
#include <stdio.h>

struct dryrun_opts {
	const char *bundle, *config, *format;
};
extern const char *const dryrun_formats[];
#define DRYRUN_FLAGS(o)                                                                            \
	{ "bundle",        'b', FLAG_STRING, "DIR", "the bundle (default: this directory)",        \
	  .s = &(o).bundle },                                                                      \
		{ "config",                                                                        \
		  'f',                                                                             \
		  FLAG_STRING,                                                                     \
		  "FILE",                                                                          \
		  "use FILE of the bundle instead of config.json",                                 \
		  .s = &(o).config },                                                              \
	{                                                                                          \
		"format", 0, FLAG_STRING, "FORMAT", "text or json", .s = &(o).format,              \
								    .words = dryrun_formats        \
	}

/* Loads the bundle of --bundle or the operand, probes the host and checks. Memory in a. 0, or -1 with e when there is
 * nothing to check. */
int dryrun_load(struct bundle *b, struct facts *f, const struct globals *g,
                const struct dryrun_opts *o, const struct cli *in, struct arena *a, struct err *e);
/* One finding as text on out: "config.json:41:17 /mounts/3: what", and its hint on a line of its own. */
void dryrun_print(const struct bundle *b, const struct oci_diag *d, FILE *out);
