/* stats_case: a cgroup tree in a directory of its own, with the files that a test writes. */
#pragma once
#include "stats/stats.h"
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define CASE_HIERARCHIES 4

/* tree.refs[i] is <dir>/<i>, with the container in /c1. */
struct tree {
	char dir[32], mount[CASE_HIERARCHIES][48];
	struct cgroup_ref refs[CASE_HIERARCHIES];
	size_t n;
	struct arena a;
	struct stats s;
	struct oci_stats *out; /* a new document */
};

/* One letter for each hierarchy: '1' or '2'. */
static inline void tree_make(struct tree *t, const char *versions)
{
	char dir[] = "/tmp/test_stats.XXXXXX";

	memset(t, 0, sizeof *t);
	assert_non_null(mkdtemp(dir));
	memcpy(t->dir, dir, sizeof dir);
	for (t->n = 0; versions[t->n]; t->n++) {
		char path[64];

		snprintf(t->mount[t->n], sizeof t->mount[0], "%s/%zu", dir, t->n);
		snprintf(path, sizeof path, "%s/%zu/c1", dir, t->n);
		assert_int_equal(mkdir(t->mount[t->n], 0700), 0);
		assert_int_equal(mkdir(path, 0700), 0);
		t->refs[t->n] = (struct cgroup_ref){ .mount = t->mount[t->n],
			                             .path = "/c1",
			                             .v2 = versions[t->n] == '2' };
	}
	t->out = oci_blank(&oci_stats_schema, &t->a);
	assert_int_equal(stats_open(&t->s, t->refs, t->n, &t->a), 0);
}

/* Replaces a file of the container's cgroup in hierarchy i. */
static inline void tree_put(struct tree *t, size_t i, const char *file, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof path, "%s/c1/%s", t->mount[i], file);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

static inline void tree_remove(struct tree *t)
{
	stats_done(&t->s);
	for (size_t i = 0; i < t->n; i++) {
		char path[64];

		snprintf(path, sizeof path, "%s/c1", t->mount[i]);
		DIR *d = opendir(path);
		assert_non_null(d);
		for (const struct dirent *e; (e = readdir(d));)
			unlinkat(dirfd(d), e->d_name, 0);
		closedir(d);
		assert_int_equal(rmdir(path), 0);
		assert_int_equal(rmdir(t->mount[i]), 0);
	}
	assert_int_equal(rmdir(t->dir), 0);
	arena_done(&t->a);
}

/* The list as "0,1,3". */
static inline const char *numbers(const uint64_t *v, size_t n)
{
	static char text[256];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < n && len < sizeof text; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, i ? ",%llu" : "%llu",
		                        (unsigned long long)v[i]);
	return text;
}

/* The list as "8:0 Read 1, 8:16 2". */
static inline const char *entries(const struct oci_stats_io_entry *v, size_t n)
{
	static char text[512];
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < n && len < sizeof text; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%llu:%llu %s%s%llu",
		                        i ? ", " : "", (unsigned long long)v[i].major.v,
		                        (unsigned long long)v[i].minor.v, v[i].op ? v[i].op : "",
		                        v[i].op ? " " : "", (unsigned long long)v[i].value.v);
	return text;
}
