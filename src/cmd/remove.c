/* remove: see remove.h. Every part may be gone already. */
#include "cmd/remove.h"
#include "base/io.h"
#include "base/str.h"
#include "cmd/hooks.h"
#include "cmd/kill.h"
#include "cmd/log.h"
#include "host/probe.h"
#include "libocispec-lite/ocispec.h"
#include "store/store.h"
#include <signal.h>
#include <string.h>

/* Whatever the pid namespace did not take along, then the directories. */
static int remove_cgroups(const struct record *r, struct err *e)
{
	struct cgroup_ref refs[RECORD_CGROUPS];
	size_t n = found_cgroups(r, refs);

	if (cgroup_remove_empty(refs, n))
		return 0;
	int rc = cgroup_kill_all(refs, n, SIGKILL);
	if (rc < 0)
		return err_sys(e, ERR_HOST, -rc, "kill what is left in the cgroups of %s", r->id);
	rc = cgroup_remove(refs, n);
	if (rc >= 0)
		return 0;
	err_sys(e, ERR_HOST, -rc, "remove the cgroups of %s", r->id);
	return err_where(e, "%s%s", refs[0].mount, refs[0].path);
}

int remove_container(const struct record *r, int root, int dir, int proc, bool hooks, struct err *e)
{
	struct err failed = { 0 };

	if (kill_init_and_wait(r, proc, e) < 0 || remove_cgroups(r, e) < 0)
		return -1;
	if (hooks && r->poststop.v &&
	    hooks_run(r, dir, proc, HOOK_POSTSTOP, STATUS_STOPPED, true, &failed) < 0)
		log_warn("%s", failed.what);
	return store_remove(root, dir, r->id, e);
}

/* The config that create would have refused or planned: only where its cgroups go matters here. */
static const struct oci_config *saved_config(int dir, struct arena *a)
{
	static struct oci_root root = { .path = "/" };
	struct oci_config *fallback = NEW(a, struct oci_config);
	struct oci_diags diags = { 0 };
	const char *text;
	size_t len;

	fallback->root = &root;
	if (io_load(dir, STORE_CONFIG, OCI_MAX_TEXT, &text, &len) < 0)
		return fallback;
	const struct oci_config *c = oci_decode(&oci_config_schema, text, len, a, &diags);
	return c ? c : fallback;
}

int remove_recover(struct found *f, const char *id, struct err *e)
{
	struct arena *a = &f->arena;
	const struct plan_opts opts = { .id = id, .bundle = "/", .detach = true };
	struct facts *facts = NEW(a, struct facts);
	struct plan *p = NEW(a, struct plan);

	f->record = (struct record){ .id = arena_str(a, id, strlen(id)) };
	/* Nothing in its directory: create was killed between making that and the intent. */
	if (store_is_empty(f->dir))
		return 0;
	if (facts_probe(facts, NULL, f->proc, a, e) < 0 ||
	    plan_create(p, saved_config(f->dir, a), facts, &opts, a, e) < 0)
		return -1;
	f->record.cgroups.n = p->n_cgroups;
	f->record.cgroups.v = NEW_N(a, struct record_cgroup, p->n_cgroups);
	for (size_t i = 0; i < p->n_cgroups; i++) {
		struct record_cgroup *c = &f->record.cgroups.v[i];

		c->mount = (char *)p->cgroups[i].mount;
		c->path = (char *)p->cgroups[i].path;
		c->v2.v = p->cgroups[i].v2;
		c->made.v = 1;
	}
	return 0;
}
