/* bundle: see bundle.h. */
#include "cmd/bundle.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "cmd/log.h"
#include "store/store.h"
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int absolute_path(const char *path, char *buf, size_t n)
{
	size_t len = 0;

	while (str_starts(path, "./"))
		path += 1 + strspn(path + 1, "/");
	if (*path != '/') {
		if (!getcwd(buf, n))
			return -errno;
		len = strlen(buf);
		if (len == 1)
			len = 0;
	} else {
		path += strspn(path, "/");
	}
	if (STR_EQ(path, "."))
		path = "";
	if (snprintf(buf + len, n - len, "/%s", path) >= (int)(n - len))
		return -ENAMETOOLONG;
	for (len = strlen(buf); len > 1 && buf[len - 1] == '/'; len--)
		buf[len - 1] = '\0';
	return 0;
}

/* What selects this file on the command line: " --config FILE", or nothing. */
static const char *config_flag(const struct bundle *b, char *buf, size_t n)
{
	snprintf(buf, n, "%s%s", b->asked ? " --config " : "", b->asked ? b->asked : "");
	return buf;
}

static int load_text(struct bundle *b, int dir, struct err *e)
{
	const char *path = b->asked ? b->asked : CONFIG_FILE;
	char flag[128];
	int rc = io_load(dir, path, OCI_MAX_TEXT, &b->text, &b->len);

	if (rc == 0)
		return 0;
	if (rc == -EFBIG)
		err_set(e, ERR_CONFIG, "%s is larger than %u MiB", b->file, OCI_MAX_TEXT >> 20);
	else if (rc == -ENOTSUP)
		err_set(e, ERR_CONFIG, "%s is not a regular file", b->file);
	else
		err_sys(e, ERR_CONFIG, -rc, "read %s", b->file);
	if (*path == '/')
		err_where(e, "%s", path);
	else
		err_where(e, "%s/%s", b->path, path);
	if (rc == -ENOENT)
		err_hint(e, "make one with \"nsrun spec --bundle %s%s\"", b->path,
		         config_flag(b, flag, sizeof flag));
	return -1;
}

int bundle_load(struct bundle *b, const char *dir, const char *file, struct arena *a, struct err *e)
{
	*b = (struct bundle){ .file = CONFIG_FILE };
	int rc = absolute_path(dir ? dir : ".", b->path, sizeof b->path);
	if (rc < 0)
		return err_sys(e, ERR_CONFIG, -rc, "bundle %s", dir ? dir : ".");
	autofd fd = open(b->path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		err_sys(e, ERR_CONFIG, errno, "open the bundle %s", b->path);
		return err_hint(e, "give a directory that holds " CONFIG_FILE);
	}
	if (file) {
		const char *slash = strrchr(file, '/');

		b->asked = file;
		b->file = slash ? slash + 1 : file;
	}
	if (load_text(b, fd, e) < 0)
		return -1;
	b->config = oci_decode_lenient(&oci_config_schema, b->text, b->len, a, &b->diags);
	return 0;
}

int bundle_saved(struct bundle *b, int dir, const char *id, struct arena *a, struct err *e)
{
	*b = (struct bundle){ .file = STORE_CONFIG };
	int rc = io_load(dir, STORE_CONFIG, OCI_MAX_TEXT, &b->text, &b->len);

	if (rc < 0)
		return err_sys(e, ERR_STATE, -rc, "read the saved config of %s", id);
	b->config = oci_decode(&oci_config_schema, b->text, b->len, a, &b->diags);
	return b->config ? 0 : err_set(e, ERR_STATE, "the saved config of %s is unusable", id);
}

void bundle_check(struct bundle *b, const struct facts *host, const struct check_opts *o,
                  struct arena *a)
{
	struct check k = { .c = b->config, .host = host, .o = o, .a = a, .diags = &b->diags };

	if (b->config)
		check_config(&k);
}

/* The member itself, or, for one that is absent, the nearest object around it that is there. */
static bool locate(const struct bundle *b, const char *pointer, unsigned *line, unsigned *col)
{
	char up[sizeof((struct place *)0)->pointer];

	snprintf(up, sizeof up, "%s", pointer);
	while (!oci_locate(b->text, b->len, up, line, col)) {
		char *slash = strrchr(up, '/');

		if (!slash)
			return false;
		*slash = '\0';
	}
	return true;
}

void bundle_place(const struct bundle *b, const struct oci_diag *d, struct place *out)
{
	*out = (struct place){ 0 };
	if (d->pointer)
		snprintf(out->pointer, sizeof out->pointer, "%s", d->pointer);
	else if (d->at.p && b->config)
		oci_pointer(&oci_config_schema, b->config, d->at, out->pointer,
		            sizeof out->pointer);
	if (!d->at.p)
		oci_locate_offset(b->text, b->len, d->offset, &out->line, &out->col);
	else
		locate(b, out->pointer, &out->line, &out->col);
}

struct placed {
	struct oci_diag *diag;
	struct place at;
	size_t n;
};

static int by_place(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->at.line != y->at.line)
		return x->at.line < y->at.line ? -1 : 1;
	if (x->at.col != y->at.col)
		return x->at.col < y->at.col ? -1 : 1;
	return x->n < y->n ? -1 : 1;
}

void bundle_sort(struct bundle *b, struct arena *a)
{
	size_t n = 0, i = 0;

	for (const struct oci_diag *d = b->diags.first; d; d = d->next)
		n++;
	if (n < 2)
		return;
	struct placed *v = NEW_N(a, struct placed, n);
	for (struct oci_diag *d = b->diags.first; d; d = d->next, i++) {
		v[i].diag = d;
		v[i].n = i;
		bundle_place(b, d, &v[i].at);
	}
	qsort(v, n, sizeof *v, by_place);
	b->diags.last = &b->diags.first;
	for (i = 0; i < n; i++) {
		*b->diags.last = v[i].diag;
		b->diags.last = &v[i].diag->next;
	}
	*b->diags.last = NULL;
}

void bundle_locate(const struct bundle *b, struct err *e)
{
	char pointer[sizeof e->where];
	unsigned line, col;

	snprintf(pointer, sizeof pointer, "%s", e->where);
	if ((e->kind == ERR_STEP || e->kind == ERR_CONFIG) && pointer[0] == '/' &&
	    locate(b, pointer, &line, &col))
		snprintf(e->where, sizeof e->where, "%.80s:%u:%u %.100s", b->file, line, col,
		         pointer);
}

/* Engines read stderr, so a warning is told only to who asks. */
static void tell_warnings(const struct bundle *b)
{
	struct place at;

	for (const struct oci_diag *d = b->diags.first; d; d = d->next) {
		if (d->severity != OCI_WARN)
			continue;
		bundle_place(b, d, &at);
		log_debug("%s:%u:%u %s: warning: %s", b->file, at.line, at.col, at.pointer,
		          d->what);
	}
}

void bundle_warn(const struct bundle *b)
{
	struct place at;

	for (const struct oci_diag *d = b->diags.first; d; d = d->next) {
		bundle_place(b, d, &at);
		if (d->severity == OCI_WARN && str_starts(at.pointer, "/process/capabilities/"))
			log_warn("%s:%u:%u %s: %s", b->file, at.line, at.col, at.pointer, d->what);
	}
}

int bundle_verdict(const struct bundle *b, struct err *e)
{
	const struct oci_diag *d = b->diags.first;
	struct place at;
	char flag[80];

	tell_warnings(b);
	while (d && d->severity != OCI_FATAL)
		d = d->next;
	if (!d)
		return b->config ? 0 : err_set(e, ERR_CONFIG, "%s is not an object", b->file);
	bundle_place(b, d, &at);
	if (b->diags.n_fatal > 1)
		err_set(e, ERR_CONFIG, "%.200s (and %u more: \"nsrun check%s %.60s\" lists them)",
		        d->what, b->diags.n_fatal - 1, config_flag(b, flag, sizeof flag), b->path);
	else
		err_set(e, ERR_CONFIG, "%s", d->what);
	err_where(e, "%s:%u:%u%s%s", b->file, at.line, at.col, *at.pointer ? " " : "", at.pointer);
	/* It is no JSON: there is no member to tell more about. */
	if (!d->hint && !d->at.p)
		return err_hint(e, "make it JSON: \"jq . %.100s\" finds where it is not", b->file);
	return d->hint ? err_hint(e, "%s", d->hint) : -1;
}

const char *bundle_rootfs(const struct bundle *b, struct arena *a)
{
	const struct oci_root *root = b->config->root;

	if (!root || !root->path)
		return "";
	if (root->path[0] == '/')
		return root->path;
	return arena_fmt(a, "%s/%s", b->path, root->path);
}
