/* list: the containers of a state root. What cannot be read is told on stderr and left out; that is no failure. */
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include "cmd/found.h"
#include "cmd/log.h"
#include "libocispec-lite/ocispec.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	const char *format;
	bool quiet;
} opts = { .format = "table" };

static const char *const formats[] = { "table", "json", NULL };
static const struct flag flags[] = {
	{ "format", 'f', FLAG_STRING, "FORMAT", "table or json", .s = &opts.format,
	  .words = formats },
	{ "quiet", 'q', FLAG_BOOL, NULL, "print ids only", .b = &opts.quiet },
	{ 0 },
};

struct listing {
	struct found f; /* its root and proc; the rest belongs to one container after the other */
	struct oci_state *v;
	size_t n, cap;
	const char *passwd; /* text of /etc/passwd, or "" */
};

/* The user's name, or "#uid". Read by hand: the name service would load libraries for it. */
static char *owner_name(const char *passwd, uint64_t uid, struct arena *a)
{
	char want[32];

	snprintf(want, sizeof want, ":%llu:", (unsigned long long)uid);
	for (const char *line = passwd; *line; line += *line == '\n') {
		size_t len = strcspn(line, "\n"), name = strcspn(line, ":\n");
		const char *id = name < len ? strchr(line + name + 1, ':') : NULL;

		if (id && id < line + len && str_starts(id, want))
			return arena_str(a, line, name);
		line += len;
	}
	return arena_fmt(a, "#%llu", (unsigned long long)uid);
}

static void add(void *ctx, const char *id)
{
	struct listing *l = ctx;
	struct err e = { 0 };

	l->f.dir = store_peek(l->f.root, id, &e);
	if (l->f.dir < 0 || record_load(&l->f.record, l->f.dir, id, &l->f.arena, &e) < 0) {
		/* Deleted since its name was read. */
		if (e.num != ENOENT)
			log_warn("%s", e.what);
		fd_close(&l->f.dir);
		return;
	}
	if (l->n == l->cap) {
		size_t cap = l->cap ? 2 * l->cap : 16;

		l->v = arena_grow(&l->f.arena, l->v, l->n * sizeof *l->v, cap * sizeof *l->v);
		l->cap = cap;
	}
	l->v[l->n++] = found_state(&l->f, owner_name(l->passwd, l->f.record.owner.v, &l->f.arena));
	fd_close(&l->f.dir);
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct oci_state *)a)->id, ((const struct oci_state *)b)->id);
}

#define COLUMNS   6
#define MIN_WIDTH 9 /* runc's tables: columns at least 12 wide with the 3 blanks between them */

/* One cell; of the heading when s is NULL. pid has room for a number. */
static const char *cell(const struct oci_state *s, size_t column, char *pid)
{
	static const char *const heads[COLUMNS] = { "ID",     "PID",     "STATUS",
		                                    "BUNDLE", "CREATED", "OWNER" };

	if (!s)
		return heads[column];
	snprintf(pid, 16, "%d", (int)s->pid.v);
	const char *const cells[COLUMNS] = {
		s->id, pid, s->status, s->bundle, s->created, s->owner
	};

	return cells[column];
}

static void print_table(const struct listing *l)
{
	size_t width[COLUMNS];
	char pid[16];

	for (size_t c = 0; c < COLUMNS; c++) {
		width[c] = MIN_WIDTH;
		for (size_t i = 0; i < l->n; i++) {
			size_t len = strlen(cell(&l->v[i], c, pid));

			if (len > width[c])
				width[c] = len;
		}
	}
	for (size_t i = 0; i <= l->n; i++) {
		const struct oci_state *s = i ? &l->v[i - 1] : NULL;

		for (size_t c = 0; c + 1 < COLUMNS; c++)
			printf("%-*s   ", (int)width[c], cell(s, c, pid));
		puts(cell(s, COLUMNS - 1, pid));
	}
}

static int print(struct listing *l, struct err *e)
{
	if (l->n)
		qsort(l->v, l->n, sizeof *l->v, by_id);
	if (opts.quiet)
		for (size_t i = 0; i < l->n; i++)
			puts(l->v[i].id);
	else if (STR_EQ(opts.format, "json"))
		puts(oci_encode_array(&oci_state_schema, l->v, l->n, OCI_COMPACT, &l->f.arena,
		                      NULL));
	else
		print_table(l);
	return stdout_done(e);
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	struct listing l = { .f = { .dir = -1, .proc = -1 }, .passwd = "" };
	struct err root = { 0 };
	const char *passwd;
	size_t len;
	int rc = 0;

	(void)in;
	l.f.root = store_open(g->root, false, &root);
	/* A default root that nobody has used yet is an empty list; a misspelt --root is not. */
	if (l.f.root < 0 && (g->root || root.num != ENOENT)) {
		*e = root;
		return -1;
	}
	if (l.f.root >= 0) {
		l.f.proc = procfs_open();
		if (l.f.proc < 0)
			rc = err_sys(e, ERR_HOST, -l.f.proc, "open /proc");
		if (io_load(AT_FDCWD, "/etc/passwd", 1 << 20, &passwd, &len) == 0)
			l.passwd = arena_str(&l.f.arena, passwd, len);
		if (rc == 0)
			rc = store_each(l.f.root, add, &l, e);
	}
	if (rc == 0)
		rc = print(&l, e);
	found_done(&l.f);
	return rc;
}

const struct command cmd_list = {
	.name = "list",
	.summary = "list the containers",
	.usage = "",
	.flags = flags,
	.run = run,
};
