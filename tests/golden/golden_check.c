/* golden_check: for each folder named, decode config.json, check it against facts, and compare all findings with
 * check.txt. GOLDEN_UPDATE=1 writes check.txt instead. Without arguments: every check-* folder in $GOLDEN_DIR (tests/golden). */
#include "check/check.h"
#include "facts_file.h"
#include "plan/mountopt.h"
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX (1u << 20)

static char *load(struct arena *a, const char *dir, const char *name, size_t *len)
{
	FILE *file = fopen(arena_fmt(a, "%s/%s", dir, name), "re");
	char *text = arena_alloc(a, FILE_MAX, 1);

	*len = file ? fread(text, 1, FILE_MAX - 1, file) : 0;
	if (file)
		fclose(file);
	return file ? text : NULL;
}

/* Where a finding is; of what is not in the text, where the nearest thing around it is. */
static void place(const char *text, size_t len, const struct oci_diag *d, const char *pointer,
                  unsigned *line, unsigned *col)
{
	char outer[512];

	if (!d->at.p) {
		oci_locate_offset(text, len, d->offset, line, col);
		return;
	}
	snprintf(outer, sizeof outer, "%s", pointer);
	while (!oci_locate(text, len, outer, line, col) && *outer)
		*strrchr(outer, '/') = '\0';
}

static const char *findings(struct arena *a, const char *text, size_t len,
                            const struct oci_config *c, const struct oci_diags *diags)
{
	static const char *const severities[] = {
		[OCI_FATAL] = "fatal", [OCI_WARN] = "warn", [OCI_UNKNOWN] = "unknown"
	};
	const char *all = "";

	for (const struct oci_diag *d = diags->first; d; d = d->next) {
		unsigned line = 1, col = 1;
		char pointer[512] = "";

		if (d->pointer)
			snprintf(pointer, sizeof pointer, "%s", d->pointer);
		else
			oci_pointer(&oci_config_schema, c, d->at, pointer, sizeof pointer);
		place(text, len, d, pointer, &line, &col);
		all = arena_fmt(a, "%s%s %u:%u %s: %s%s%s\n", all, severities[d->severity], line,
		                col, pointer, d->what, d->hint ? " -- " : "",
		                d->hint ? d->hint : "");
	}
	return all;
}

static int compare(const char *dir, const char *want, const char *got)
{
	if (want && strcmp(want, got) == 0)
		return 0;
	printf("FAIL %s\n--- check.txt\n%s+++ now\n%s", dir, want ? want : "", got);
	return 1;
}

static int update(struct arena *a, const char *dir, const char *got)
{
	FILE *file = fopen(arena_fmt(a, "%s/check.txt", dir), "we");

	if (!file || fputs(got, file) < 0 || fclose(file) != 0) {
		printf("FAIL %s: cannot write check.txt\n", dir);
		return 1;
	}
	return 0;
}

static int run(const char *dir)
{
	struct check_opts opts = { .mount_words = mountopt_words };
	struct arena a = { 0 };
	struct oci_diags diags = { 0 };
	struct facts facts;
	size_t len, n;
	int rc = facts_load(arena_fmt(&a, "%s/facts", dir), &facts, &a);
	char *text = load(&a, dir, "config.json", &len);

	if (rc < 0 || !text) {
		printf("FAIL %s: no %s\n", dir, text ? "facts" : "config.json");
		arena_done(&a);
		return 1;
	}
	/* A file beside it says what the command line asks for. */
	const char *wanted = load(&a, dir, "opts", &n);
	opts.systemd = wanted && strstr(wanted, "cgroup_manager=systemd");
	struct check k = { .host = &facts, .o = &opts, .a = &a, .diags = &diags };
	k.c = oci_decode_lenient(&oci_config_schema, text, len, &a, &diags);
	if (k.c)
		check_config(&k);
	const char *got = findings(&a, text, len, k.c, &diags);
	int failed = getenv("GOLDEN_UPDATE") ? update(&a, dir, got)
	                                     : compare(dir, load(&a, dir, "check.txt", &n), got);
	arena_done(&a);
	return failed;
}

int main(int argc, char **argv)
{
	const char *home = getenv("GOLDEN_DIR");
	char pattern[4096];
	glob_t all = { 0 };
	int failed = 0;

	if (argc > 1) {
		for (int i = 1; i < argc; i++)
			failed += run(argv[i]);
		return failed != 0;
	}
	snprintf(pattern, sizeof pattern, "%s/check-*", home ? home : "tests/golden");
	if (glob(pattern, 0, NULL, &all) != 0) {
		printf("FAIL %s: no folder\n", pattern);
		return 1;
	}
	for (size_t i = 0; i < all.gl_pathc; i++)
		failed += run(all.gl_pathv[i]);
	printf("%zu goldens, %d failed\n", all.gl_pathc, failed);
	globfree(&all);
	return failed != 0;
}
