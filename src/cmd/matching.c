/* matching: see matching.h. */
#include "cmd/matching.h"
#include "base/engine_texts.h"
#include "base/fd.h"
#include "cmd/log.h"
#include "libocispec-lite/arena.h"
#include "store/store.h"
#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

struct matched {
	regex_t *re;
	struct arena arena;
	char **id;
	size_t n, cap;
};

static void add(void *ctx, const char *id)
{
	struct matched *m = ctx;

	if (regexec(m->re, id, 0, NULL, 0) != 0)
		return;
	if (m->n == m->cap) {
		size_t cap = m->cap ? 2 * m->cap : 16;

		m->id = arena_grow(&m->arena, m->id, m->n * sizeof *m->id, cap * sizeof *m->id);
		m->cap = cap;
	}
	m->id[m->n++] = arena_str(&m->arena, id, strlen(id));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int matching_none(const char *pattern, struct err *e)
{
	err_set(e, ERR_STATE, TEXT_NO_CONTAINER ": no id matches %.80s", pattern);
	e->num = ENOENT;
	return err_hint(e, "run \"nsrun list\" to see the ids of this --root");
}

/* All ids that match, before the first of them is touched. */
static int collect(const struct globals *g, struct matched *m, struct err *e)
{
	struct err root = { 0 };
	autofd fd = store_open(g->root, false, &root);

	if (fd < 0 && root.num == ENOENT)
		return 0;
	if (fd < 0) {
		*e = root;
		return -1;
	}
	if (store_each(fd, add, m, e) < 0)
		return -1;
	if (m->n)
		qsort(m->id, m->n, sizeof *m->id, by_name);
	return 0;
}

int matching_each(const struct globals *g, const char *pattern, size_t *n,
                  int (*one)(const struct globals *g, const char *id, struct err *e), struct err *e)
{
	regex_t re;
	struct matched m = { .re = &re };
	struct err first = { 0 };
	char why[120];
	int rc = regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB);

	*n = 0;
	if (rc) {
		regerror(rc, &re, why, sizeof why);
		err_set(e, ERR_USAGE, "\"%.80s\" is not a regular expression: %s", pattern, why);
		return err_hint(e, "write one as grep -E takes it");
	}
	rc = collect(g, &m, e);
	for (size_t i = 0; rc == 0 && i < m.n; i++) {
		struct err why_not = { 0 };

		if (one(g, m.id[i], &why_not) >= 0) {
			++*n;
		} else if (why_not.num != ENOENT || why_not.kind != ERR_STATE) {
			++*n;
			if (first.kind == ERR_NONE)
				first = why_not;
			else
				log_warn("%s", why_not.what);
		}
	}
	regfree(&re);
	arena_done(&m.arena);
	if (rc == 0 && first.kind != ERR_NONE) {
		*e = first;
		rc = -1;
	}
	return rc;
}
