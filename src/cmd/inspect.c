/* inspect: looks at a container from the host: namespaces, ids, mounts, rights, limits. */
#include "base/fd.h"
#include "base/procfs.h"
#include "base/str.h"
#include "cmd/look.h"
#include "store/store.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

static struct {
	const char *format;
	bool host, diff, dot;
} opts = { .format = "text" };

static const char *const formats[] = { "text", "json", NULL };
static const struct flag flags[] = {
	{ "format", 'f', FLAG_STRING, "FORMAT", "text or json", .s = &opts.format,
	  .words = formats },
	{ "host", 0, FLAG_BOOL, NULL, "look at the host (nsrun itself) instead of a container",
	  .b = &opts.host },
	{ "diff", 0, FLAG_BOOL, NULL,
	  "print how two containers, or with --host it and the host, differ", .b = &opts.diff },
	{ "dot", 0, FLAG_BOOL, NULL,
	  "print containers and the namespaces they share as a graph for dot(1)", .b = &opts.dot },
	{ 0 },
};

/* Long lines are the mounts', short ones the ids': each section has its own width, up to this. */
#define MAX_KEY 24

static void print_text(const struct look_rows *r)
{
	for (size_t i = 0; i < r->n;) {
		const char *section = r->v[i].section;
		size_t end = i, width = 0;

		for (; end < r->n && STR_EQ(r->v[end].section, section); end++) {
			size_t len = strlen(r->v[end].key);

			if (len <= MAX_KEY && len > width)
				width = len;
		}
		printf("%s%s\n", i ? "\n" : "", section);
		for (; i < end; i++)
			printf("  %-*s  %s\n", (int)width, r->v[i].key, r->v[i].value);
	}
}

static void print_diff(const struct look_change *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		printf("%s%s %s\n", i ? "\n" : "", v[i].section, v[i].key);
		if (v[i].a)
			printf("  - %s\n", v[i].a);
		if (v[i].b)
			printf("  + %s\n", v[i].b);
	}
}

struct inspection {
	int root, proc;
	struct look_peers peers;
	struct found found[2]; /* those whose documents are printed */
	size_t n;
	struct arena a;
};

static int usage(const struct cli *in, struct err *e)
{
	size_t want = opts.diff ? 2 : 1;

	want = opts.dot ? in->n : want - opts.host;

	if (opts.dot && (opts.diff || opts.host || in->n > 1))
		return err_set(e, ERR_USAGE, "--dot takes one container, or none for all of them");
	if (in->n != want) {
		err_set(e, ERR_USAGE, "%zu containers are given, %zu expected", in->n, want);
		return err_hint(e,
		                "give one id, or \"--diff A B\", \"--host\", \"--host --diff A\", "
		                "\"--dot\"");
	}
	for (size_t i = 0; i < in->n; i++)
		if (store_check_id(in->operand[i], e) < 0)
			return -1;
	return 0;
}

/* The id's, or with NULL the host's. */
static int look_at(struct look *out, struct inspection *x, const struct globals *g, const char *id,
                   struct err *e)
{
	if (!id)
		return look_host(out, x->proc, &x->peers, &x->a, e);
	struct found *f = &x->found[x->n++];
	if (found_load(f, g, id, FOUND_UNLOCKED, e) < 0)
		return -1;
	return look_container(out, f, &x->peers, &x->a, e);
}

static int diff(struct inspection *x, const struct globals *g, const struct cli *in, struct err *e)
{
	struct look_rows ra, rb;
	struct look_change *v;
	struct look a, b;

	if (look_at(&a, x, g, opts.host ? NULL : in->operand[0], e) < 0 ||
	    look_at(&b, x, g, in->operand[opts.host ? 0 : 1], e) < 0)
		return -1;
	look_rows(&ra, &a, &x->a);
	look_rows(&rb, &b, &x->a);
	size_t n = look_diff(&v, &ra, &rb, &x->a);
	if (STR_EQ(opts.format, "json"))
		puts(oci_encode_array(&look_change_schema, v, n, OCI_INDENT_2, &x->a, NULL));
	else
		print_diff(v, n);
	return stdout_done(e);
}

static int picture(struct inspection *x, const char *only, struct err *e)
{
	struct look_shared *v;

	if (STR_EQ(opts.format, "json")) {
		size_t n = look_shared(&v, &x->peers, only, &x->a);

		puts(oci_encode_array(&look_shared_schema, v, n, OCI_INDENT_2, &x->a, NULL));
	} else {
		puts(look_dot(&x->peers, only, &x->a));
	}
	return stdout_done(e);
}

static int inspect(struct inspection *x, const struct globals *g, const struct cli *in,
                   struct err *e)
{
	struct look_rows r;
	struct look l;

	if (look_peers(&x->peers, x->root, x->proc, &x->a, e) < 0)
		return -1;
	if (opts.diff)
		return diff(x, g, in, e);
	if (opts.dot && in->n == 0)
		return picture(x, NULL, e);
	if (look_at(&l, x, g, opts.host ? NULL : in->operand[0], e) < 0)
		return -1;
	if (opts.dot)
		return picture(x, in->operand[0], e);
	if (STR_EQ(opts.format, "json")) {
		puts(oci_encode(&look_schema, &l, OCI_INDENT_2, &x->a, NULL));
	} else {
		look_rows(&r, &l, &x->a);
		print_text(&r);
	}
	return stdout_done(e);
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	struct inspection x = { .root = -1 };
	struct err none = { 0 };

	if (usage(in, e) < 0)
		return -1;
	autofd proc = procfs_open();
	if (proc < 0)
		return err_sys(e, ERR_HOST, -proc, "open /proc");
	/* Without a state root there are no containers; whose id is given is told so in its turn. */
	autofd root = store_open(g->root, false, &none);
	x.proc = proc;
	x.root = root;
	int rc = inspect(&x, g, in, e);
	for (size_t i = 0; i < x.n; i++)
		found_done(&x.found[i]);
	arena_done(&x.a);
	return rc;
}

const struct command cmd_inspect = {
	.name = "inspect",
	.summary = "show a container from the host's side",
	.usage = "[ID...]",
	.flags = flags,
	.max = 2,
	.run = run,
};
