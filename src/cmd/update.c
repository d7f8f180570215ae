/* update: new limits for a container that has some already. Nothing is touched before all is checked; then either all
 * of it is done, or nothing. */
#include "cmd/update.h"
#include "base/engine_texts.h"
#include "base/fd.h"
#include "base/str.h"
#include "check/check.h"
#include "cmd/log.h"
#include "libocispec-lite/ocispec.h"
#include "store/journal.h"
#include <stdio.h>
#include <string.h>

#define UPDATE_WAIT 10000              /* ms for the lock */
#define ABOVE       "/linux/resources" /* what is before the pointers of a LinuxResources object */

struct update {
	struct found f;
	struct arena arena;
	struct asked asked;
	struct limited limited;
	struct oci_linux linux_;
	struct oci_config config; /* only that: what checks and planners look at */
	const struct oci_resources *stored;
	struct oci_resources *merged;
	struct plan plan;
};

/* A pointer of the config in e->where becomes the place that the user wrote. */
static void place(const struct update *u, struct err *e)
{
	char pointer[sizeof e->where];

	snprintf(pointer, sizeof pointer, "%s", e->where);
	if (str_starts(pointer, ABOVE))
		asked_place(&u->asked, pointer + strlen(ABOVE), e->where, sizeof e->where);
}

static int refuse_status(const struct record *r, enum status status, struct err *e)
{
	if (status == STATUS_CREATING)
		return found_creating(r->id, e);
	if (status == STATUS_STOPPED) {
		err_set(e, ERR_STATE, TEXT_NOT_RUNNING ": %s", r->id);
		return err_hint(e, "run \"nsrun delete %s\", and create it again", r->id);
	}
	if (r->cgroups.n)
		return 0;
	err_set(e, ERR_STATE, "container %s has no cgroup that could be limited", r->id);
	return err_hint(e, "create it without --cgroup-manager disabled");
}

/* The checks of a config, on this part of one. */
static int check(struct update *u, struct err *e)
{
	const struct check_opts opts = { .systemd = u->f.record.unit != NULL };
	struct oci_diags diags = { 0 };
	struct check k = { .c = &u->config,
		           .host = &u->limited.host,
		           .o = &opts,
		           .a = &u->arena,
		           .diags = &diags };
	char where[sizeof e->where];

	check_resources(&k);
	for (const struct oci_diag *d = diags.first; d; d = d->next) {
		oci_pointer(&oci_resources_schema, u->asked.resources, d->at, where, sizeof where);
		if (d->severity == OCI_FATAL) {
			err_set(e, ERR_CONFIG, "%s", d->what);
			err_where(e, ABOVE "%s", where);
			place(u, e);
			return d->hint ? err_hint(e, "%s", d->hint) : -1;
		}
		log_warn("%s (%s)", d->what, *where ? where + 1 : "resources");
	}
	return 0;
}

/* Everything that can be refused without touching anything. */
static int prepare(struct update *u, struct err *e)
{
	struct arena *a = &u->arena;
	const struct plan_opts opts = { .id = u->f.record.id };

	u->linux_.resources = u->asked.resources;
	u->config.linux_ = &u->linux_;
	if (refuse_status(&u->f.record, found_status(&u->f), e) < 0 ||
	    limited_open(&u->limited, &u->config, &u->f, e) < 0 ||
	    journal_resources(&u->stored, u->f.dir, a, e) < 0)
		return -1;
	update_complete(u->asked.resources, u->stored, &u->limited.now);
	if (check(u, e) < 0)
		return -1;
	u->merged = update_merge(u->stored, u->asked.resources, a);
	if (plan_update(&u->plan, &u->config, u->merged, &u->limited.now, &u->limited.host, &opts,
	                a, e) == 0)
		return 0;
	place(u, e);
	return -1;
}

static int apply(struct update *u, struct err *e)
{
	struct transaction t = { .plan = &u->plan, .cgroup = u->limited.cgroup };

	if (transaction_read(&t, &u->arena, e) == 0 &&
	    update_transact(&t, &u->f, u->merged, e) == 0)
		return 0;
	place(u, e);
	return -1;
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	struct update u = { .f = { .root = -1, .dir = -1, .proc = -1 } };
	int rc;

	for (size_t i = 0; i < RECORD_CGROUPS; i++)
		u.limited.cgroup[i] = -1;
	/* What is on stdin may take its time: nobody shall wait for it. */
	rc = asked_read(&u.asked, &u.arena, e);
	if (rc == 0)
		rc = found_load(&u.f, g, in->operand[0], UPDATE_WAIT, e);
	if (rc == 0)
		rc = prepare(&u, e);
	if (rc == 0)
		rc = apply(&u, e);
	limited_close(&u.limited);
	found_done(&u.f);
	arena_done(&u.arena);
	return rc;
}

const struct command cmd_update = {
	.name = "update",
	.summary = "change the limits of a container",
	.usage = "ID",
	.flags = update_flags,
	.min = 1,
	.max = 1,
	.id = true,
	.run = run,
};
