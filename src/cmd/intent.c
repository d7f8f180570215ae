/* intent: see intent.h. */
#include "cmd/intent.h"
#include "apply/rdt.h"
#include "base/procfs.h"
#include "base/str.h"
#include "cmd/log.h"
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *const manager_names[] = { "cgroupfs", "systemd", "disabled" };

/* How many components at the end of its path are missing. None: whoever made it may have processes in it; op_cgroup
 * refuses to use it then, and clean-up must not touch it. */
static uint64_t cgroup_missing(const struct cgroup_dir *d)
{
	char path[PATH_MAX];
	uint64_t n = 0;

	snprintf(path, sizeof path, "%s%s", d->mount, d->path);
	while (access(path, F_OK) < 0 && strlen(path) > strlen(d->mount)) {
		*strrchr(path, '/') = '\0';
		n++;
	}
	return n;
}

/* The same for a path of systemd's, whose last component alone is ours to remove. It is not when the unit is there
 * already: systemd will refuse to make it again, and clean-up must leave it alone. */
static uint64_t scope_missing(const struct cgroup_dir *d, const struct scope *s)
{
	const char *name = strrchr(d->path, '/') + 1;
	bool below = d->v2 && *s->subgroup && STR_EQ(name, s->subgroup);

	return cgroup_missing(d) > below;
}

/* What is there already is not made: op_rdt joins it, or refuses to. */
static struct record_rdt *record_rdt(const struct plan *p, struct arena *a)
{
	const struct step *s = plan_find(p, STEP_RDT);

	if (!s)
		return NULL;
	const char *group = s->rdt.group, *monitor = s->rdt.monitor;
	struct record_rdt *d = NEW(a, struct record_rdt);

	d->group = (char *)group;
	d->made = (struct oci_bool){ s->rdt.make && *group && !rdt_has(group, NULL), true };
	d->stays = (struct oci_bool){ !s->rdt.own, true };
	d->monitored = (struct oci_bool){ monitor && !rdt_has(group, monitor), true };
	return d;
}

int intent_fill(struct container *c, enum cgroup_manager manager, struct err *e)
{
	struct arena *a = &c->arena;
	const struct oci_config *cfg = c->bundle.config;
	const struct step *unit = plan_find(&c->plan, STEP_SCOPE);
	const struct scope *scope = unit ? &unit->scope : NULL;
	struct record *r = &c->record;
	char now[LOG_TIME], state;
	struct timespec t;
	uint64_t start;
	int rc = procfs_stat(c->run.fd[SLOT_PROC], getpid(), &start, &state);

	if (rc < 0)
		return err_sys(e, ERR_HOST, -rc, "read our own start time");
	clock_gettime(CLOCK_REALTIME, &t);
	log_time(now, &t);
	*r = (struct record){
		.format = { RECORD_FORMAT, true },
		.version = cfg->version,
		.id = arena_str(a, c->id, strlen(c->id)),
		.bundle = c->bundle.path,
		.rootfs = (char *)bundle_rootfs(&c->bundle, a),
		.created = arena_str(a, now, strlen(now)),
		.owner = { geteuid(), true },
		.creator = { (uint64_t)getpid(), true },
		.creator_start = { start, true },
		.pid = { 0, true },
		.start = { 0, true },
		.manager = (char *)manager_names[manager],
		.poststart = { cfg->hooks && cfg->hooks->poststart.n, true },
		.poststop = { cfg->hooks && cfg->hooks->poststop.n, true },
	};
	r->annotations.v = cfg->annotations.v;
	r->annotations.n = cfg->annotations.n;
	r->cgroups.n = c->plan.n_cgroups;
	r->cgroups.v = NEW_N(a, struct record_cgroup, r->cgroups.n);
	for (size_t i = 0; i < r->cgroups.n; i++) {
		const struct cgroup_dir *d = &c->plan.cgroups[i];

		r->cgroups.v[i] = (struct record_cgroup){
			.mount = (char *)d->mount,
			.path = (char *)d->path,
			.v2 = { d->v2, true },
			.scope = { d->scope, true },
			.made = { d->scope ? scope_missing(d, scope) : cgroup_missing(d), true },
		};
	}
	r->rdt = record_rdt(&c->plan, a);
	if (scope) {
		r->unit = (char *)scope->unit;
		r->user_unit = (struct oci_bool){ scope->user, true };
	}
	return 0;
}
