/* remove: see remove.h. Every part may be gone already. */
#include "cmd/remove.h"
#include "apply/rdt.h"
#include "apply/systemd.h"
#include "base/io.h"
#include "base/str.h"
#include "cmd/hooks.h"
#include "cmd/kill.h"
#include "cmd/log.h"
#include "cmd/trace.h"
#include "host/probe.h"
#include "host/systemd.h"
#include "libocispec-lite/ocispec.h"
#include "store/store.h"
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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
	pid_t pid;

	rc = cgroup_remove(refs, n);
	if (rc >= 0)
		return 0;
	err_sys(e, ERR_HOST, -rc, "remove the cgroups of %s", r->id);
	err_where(e, "%s%s", refs[0].mount, refs[0].path);
	/* A system call that waits for a device or a server, such as FUSE's: not even SIGKILL ends it. */
	if (rc == -EBUSY && cgroup_procs(refs, n, &pid, 1) > 0)
		return err_hint(e, "look for what process %d waits for in /proc/%d/stack", (int)pid,
		                (int)pid);
	return -1;
}

/* Has create got as far as the unit? What was there before it is not ours. What systemd may do yet it does not finish:
 * the unit's first process is dead. */
static bool unit_begun(const struct record *r)
{
	for (size_t i = 0; i < r->cgroups.n; i++) {
		const struct record_cgroup *c = &r->cgroups.v[i];
		char path[PATH_MAX];

		if (!c->scope.v || !c->made.v)
			continue;
		snprintf(path, sizeof path, "%s%s", c->mount, c->path);
		if (!str_ends(path, r->unit))
			*strrchr(path, '/') = '\0';
		if (access(path, F_OK) == 0)
			return true;
	}
	return false;
}

/* systemd removes a scope that is empty by itself, but not at once, and one that has failed may keep its name. */
static int stop_unit(const struct record *r, struct err *e)
{
	const struct scope s = { .unit = r->unit, .user = r->user_unit.v };

	if (!r->unit || (!r->pid.v && !unit_begun(r)))
		return 0;
	return systemd_call(&(struct systemd_call){ .verb = "stop", .scope = &s }, e);
}

/* The monitoring group, and the class when create has made it: for good, or as one that others may use (closID) when it
 * has not come to a container. */
static int remove_rdt(const struct record *r, struct err *e)
{
	const struct record_rdt *d = r->rdt;
	int rc = 0;

	if (d && d->monitored.v)
		rc = rdt_remove(d->group, r->id);
	if (rc == 0 && d && d->made.v && !(d->stays.v && (r->pid.v || rdt_in_use(d->group))))
		rc = rdt_remove(d->group, NULL);
	return rc < 0 ? err_sys(e, ERR_HOST, -rc, "remove %s/%s of %s", RDT_MOUNT, d->group, r->id)
	              : 0;
}

/* Its processes and what they were in. */
static int end_all(const struct record *r, int proc, struct err *e)
{
	uint64_t t = trace_begin();

	if (kill_init_and_wait(r, proc, e) < 0)
		return -1;
	t = trace_next(t, "init is gone");
	if (remove_cgroups(r, e) < 0)
		return -1;
	t = trace_next(t, "cgroups removed");
	if (stop_unit(r, e) < 0 || remove_rdt(r, e) < 0)
		return -1;
	trace_next(r->unit ? t : 0, "systemd unit stopped");
	return 0;
}

int remove_container(const struct record *r, int root, int dir, int proc, bool hooks, struct err *e)
{
	struct err failed = { 0 };

	if (end_all(r, proc, e) < 0)
		return -1;
	if (hooks && r->poststop.v &&
	    hooks_run(r, dir, proc, HOOK_POSTSTOP, STATUS_STOPPED, true, &failed) < 0)
		log_warn("%s", failed.what);
	uint64_t t = trace_begin();
	int rc = store_remove(root, dir, r->id, e);
	trace_next(t, "state removed");
	return rc;
}

/* The config that create would have refused or planned: only where its cgroups go matters here. */
static const struct oci_config *saved_config(int dir, struct arena *a)
{
	static struct oci_root root = { .path = "/" };
	static struct oci_namespace mount = { .type = "mount" };
	static struct oci_linux linux_ = { .namespaces = { &mount, 1 } };
	struct oci_config *fallback = NEW(a, struct oci_config);
	struct oci_diags diags = { 0 };
	const char *text;
	size_t len;

	/* What no plan does without. */
	fallback->root = &root;
	fallback->linux_ = &linux_;
	if (io_load(dir, STORE_CONFIG, OCI_MAX_TEXT, &text, &len) < 0)
		return fallback;
	const struct oci_config *c = oci_decode(&oci_config_schema, text, len, a, &diags);
	return c ? c : fallback;
}

/* slice:prefix:name is systemd's form; a path may have a colon too. */
static bool names_unit(const struct oci_config *c)
{
	const char *path = c->linux_ ? c->linux_->cgroups_path : NULL;
	const char *colon = path && *path != '/' ? strchr(path, ':') : NULL;

	return colon && strchr(colon + 1, ':');
}

/* What create would have planned to make, into f->record. */
static void record_plan(struct found *f, const struct plan *p)
{
	const struct step *s;

	f->record.cgroups.n = p->n_cgroups;
	f->record.cgroups.v = NEW_N(&f->arena, struct record_cgroup, p->n_cgroups);
	for (size_t i = 0; i < p->n_cgroups; i++) {
		struct record_cgroup *c = &f->record.cgroups.v[i];

		c->mount = (char *)p->cgroups[i].mount;
		c->path = (char *)p->cgroups[i].path;
		c->v2.v = p->cgroups[i].v2;
		c->scope.v = p->cgroups[i].scope;
		c->made.v = 1;
	}
	for (uint32_t n = 0; (s = plan_at(p, n, NULL)); n++)
		if (s->kind == STEP_SCOPE) {
			f->record.unit = (char *)s->scope.unit;
			f->record.user_unit.v = s->scope.user;
		} else if (s->kind == STEP_RDT && (s->rdt.own || s->rdt.monitor)) {
			/* What is called as the container can only be its own. */
			f->record.rdt = NEW(&f->arena, struct record_rdt);
			f->record.rdt->group = (char *)s->rdt.group;
			f->record.rdt->made.v = s->rdt.own;
			f->record.rdt->monitored.v = s->rdt.monitor != NULL;
		}
}

int remove_recover(struct found *f, const char *id, struct err *e)
{
	struct arena *a = &f->arena;
	struct plan_opts opts = { .id = id, .bundle = "/", .detach = true };
	struct facts *facts = NEW(a, struct facts);
	struct plan *p = NEW(a, struct plan);

	f->record = (struct record){ .id = arena_str(a, id, strlen(id)) };
	/* Nothing in its directory: create was killed between making that and the intent. */
	if (store_is_empty(f->dir))
		return 0;
	const struct oci_config *c = saved_config(f->dir, a);
	if (facts_probe(facts, NULL, f->proc, a, e) < 0 ||
	    (names_unit(c) && systemd_probe(facts, f->proc, a, e) < 0))
		return -1;
	if (facts->systemd_cgroup)
		opts.manager = CGROUP_MANAGER_SYSTEMD;
	if (plan_create(p, c, facts, &opts, a, e) < 0)
		return -1;
	record_plan(f, p);
	return 0;
}
