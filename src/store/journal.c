/* journal: see journal.h. */
#include "store/journal.h"
#include "base/io.h"
#include "libocispec-lite/rows.h"
#include "store/store.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* clang-format off */
OCI_SCHEMA_LOCAL(journal_write,
	UPTO(journal_write, cgroup, "cgroup", OCI_REQUIRED, UINT8_MAX),
	STR (journal_write, file,   "file",   OCI_REQUIRED),
	STR (journal_write, old,    "old",    OCI_REQUIRED));

OCI_SCHEMA_LOCAL(journal,
	OBJS(journal, writes,    "writes",    OCI_REQUIRED, journal_write),
	OBJ (journal, resources, "resources", OCI_REQUIRED, oci_resources));
/* clang-format on */

int journal_begin(const struct journal *j, int dir)
{
	struct arena a = { 0 };
	size_t len;
	const char *text = oci_encode(&journal_schema, j, OCI_COMPACT, &a, &len);
	int rc = io_replace(dir, STORE_UPDATE, text, len, 0600);

	arena_done(&a);
	return rc;
}

int journal_commit(int dir)
{
	return renameat(dir, STORE_UPDATE, dir, STORE_RESOURCES) < 0 ? -errno : 0;
}

void journal_drop(int dir)
{
	unlinkat(dir, STORE_UPDATE, 0);
}

static int unusable(const char *name, struct err *e)
{
	err_set(e, ERR_STATE, "%s of the state directory is unusable", name);
	return err_hint(e, "look into it, then remove it; the values of the cgroup files stay");
}

int journal_decode(struct journal *out, const char *text, size_t len, const char *name,
                   struct arena *a, struct err *e)
{
	struct oci_diags diags = { 0 };
	const struct journal *j = oci_decode(&journal_schema, text, len, a, &diags);

	if (!j)
		return unusable(name, e);
	/* A file of a cgroup has no path of its own: whoever wrote this, nothing else is written to. */
	for (size_t i = 0; i < j->writes.n; i++)
		if (strchr(j->writes.v[i].file, '/') || !*j->writes.v[i].file)
			return unusable(name, e);
	*out = *j;
	return 0;
}

/* 1, 0 when there is no such file, or -1 with e. */
static int load(struct journal *out, int dir, const char *name, struct arena *a, struct err *e)
{
	const char *text;
	size_t len;
	int rc = io_load(dir, name, OCI_MAX_TEXT, &text, &len);

	if (rc == -ENOENT)
		return 0;
	if (rc < 0)
		return err_sys(e, ERR_STATE, -rc, "read %s of the state directory", name);
	return journal_decode(out, text, len, name, a, e) < 0 ? -1 : 1;
}

int journal_load(struct journal *out, int dir, struct arena *a, struct err *e)
{
	return load(out, dir, STORE_UPDATE, a, e);
}

int journal_resources(const struct oci_resources **out, int dir, struct arena *a, struct err *e)
{
	struct oci_diags diags = { 0 };
	struct journal j;
	const char *text;
	size_t len;
	int rc = load(&j, dir, STORE_RESOURCES, a, e);

	*out = rc > 0 ? j.resources : NULL;
	if (rc)
		return rc < 0 ? -1 : 0;
	rc = io_load(dir, STORE_CONFIG, OCI_MAX_TEXT, &text, &len);
	if (rc < 0)
		return err_sys(e, ERR_STATE, -rc, "read the saved " STORE_CONFIG);
	const struct oci_config *c = oci_decode(&oci_config_schema, text, len, a, &diags);
	if (!c)
		return err_set(e, ERR_STATE, "the saved " STORE_CONFIG " is unusable");
	*out = c->linux_ ? c->linux_->resources : NULL;
	return 0;
}
