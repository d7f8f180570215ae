/* bundle: config.json found, read, decoded and checked; its findings as text. */
#pragma once
#include "base/err.h"
#include "check/check.h"
#include "libocispec-lite/ocispec.h"
#include <limits.h>

#define CONFIG_FILE "config.json"

struct bundle {
	char path[PATH_MAX]; /* absolute */
	const char *file;    /* "config.json", or the last part of --config FILE */
	const char *asked;   /* FILE itself, or NULL */
	const char *text;
	size_t len;
	struct oci_config *config; /* NULL: the text is not even an object, see diags */
	struct oci_diags diags;
};

/* Absolute form of a path, from our working directory; nothing is resolved. 0 or -errno. */
int absolute_path(const char *path, char *buf, size_t n);

/* Reads the bundle in dir (NULL: here), its config from file in it (NULL: config.json) and decodes it with all
 * findings into b->diags. Memory in a. 0, or -1 with e when there is no text to decode. */
int bundle_load(struct bundle *b, const char *dir, const char *file, struct arena *a,
                struct err *e);
/* The config that create has saved in dir, of the container id, into b: file, text and config. Memory in a. 0, or -1 with
 * e when it cannot be used as a whole. */
int bundle_saved(struct bundle *b, int dir, const char *id, struct arena *a, struct err *e);
/* Adds what check/ finds. */
void bundle_check(struct bundle *b, const struct facts *host, const struct check_opts *o,
                  struct arena *a);
/* Puts the findings in the order of the text; what has no place in it comes first. */
void bundle_sort(struct bundle *b, struct arena *a);
/* When all has gone well: warnings that the spec wants to be logged whoever reads (config.md#linux-process: what cannot
 * be granted). Not before: an engine takes the log of a failure for one line. */
void bundle_warn(const struct bundle *b);
/* 0, or -1 with the first fatal finding as e. */
int bundle_verdict(const struct bundle *b, struct err *e);
/* The container's root on the host: root.path below the bundle. In a; "" when there is no root. */
const char *bundle_rootfs(const struct bundle *b, struct arena *a);

/* Where a finding is. line is 0 when it is nowhere in the text. */
struct place {
	unsigned line, col;
	char pointer[160];
};
void bundle_place(const struct bundle *b, const struct oci_diag *d, struct place *out);
/* A pointer alone in e->where ("/mounts/3") becomes "config.json:41:17 /mounts/3". */
void bundle_locate(const struct bundle *b, struct err *e);
