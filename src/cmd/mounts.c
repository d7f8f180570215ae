/* mounts: mounts for a container that runs, and their end (engine-contract.md 1.2). */
#include "apply/live.h"
#include "base/engine_texts.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include "check/check.h"
#include "cmd/bundle.h"
#include "cmd/found.h"
#include "cmd/input.h"
#include "cmd/log.h"
#include "host/probe.h"
#include "plan/live.h"
#include "plan/mountopt.h"
#include "store/store.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define MOUNTS_WAIT 10000     /* ms for another command to finish with the container */
#define ABOVE       "/mounts" /* what is before the pointers of the array in a config */

struct mounts {
	struct input in;
	struct oci_mount *v;
	size_t n;
	struct found f;
	struct oci_config *config; /* the container's, with v for its mounts */
	struct facts facts;
	struct plan plan;
	struct run run;
	struct arena arena;
};

/* A pointer of the config in e->where becomes the place that the user wrote. */
static int place(const struct mounts *m, struct err *e)
{
	char pointer[sizeof e->where];

	snprintf(pointer, sizeof pointer, "%s", e->where);
	if (*pointer == '/')
		input_place(&m->in, pointer + (str_starts(pointer, ABOVE) ? strlen(ABOVE) : 0),
		            e->where, sizeof e->where);
	return -1;
}

static int read_mounts(struct mounts *m, const char *file, struct err *e)
{
	struct oci_diags diags = { 0 };
	char where[sizeof e->where];
	void *v = NULL;

	if (input_read(&m->in, file, &m->arena, e) < 0)
		return -1;
	oci_decode_array(&oci_mount_schema, m->in.text, m->in.len, &m->arena, &v, &m->n, &diags);
	for (const struct oci_diag *d = diags.first; d; d = d->next) {
		if (d->severity != OCI_FATAL)
			continue;
		input_place_diag(&m->in, d, where, sizeof where);
		err_set(e, ERR_CONFIG, "%s", d->what);
		err_where(e, "%s", where);
		return err_hint(e, "%s",
		                d->hint ? d->hint
		                        : "give a JSON array of mounts, as a config has in mounts");
	}
	m->v = v;
	return 0;
}

static int refuse_status(const struct record *r, enum status status, struct err *e)
{
	if (status == STATUS_CREATING)
		return found_creating(r->id, e);
	if (status != STATUS_STOPPED)
		return 0;
	err_set(e, ERR_STATE, TEXT_NOT_RUNNING ": %s", r->id);
	return err_hint(e, "run \"nsrun delete %s\", and create it again", r->id);
}

static int refuse_namespaces(const struct found *f, struct err *e)
{
	if (!found_shares(f, "user")) {
		err_set(e, ERR_STATE,
		        "container %s has a user namespace: its mounts cannot be changed while it "
		        "runs",
		        f->record.id);
		return err_hint(e, "put the mounts into its config, and create it again");
	}
	if (!found_shares(f, "mnt"))
		return 0;
	err_set(e, ERR_STATE, "container %s is in our own mount namespace", f->record.id);
	return err_hint(e, "add {\"type\": \"mount\"} to linux.namespaces, and create it again");
}

static int load_config(struct mounts *m, struct err *e)
{
	struct bundle b;

	if (bundle_saved(&b, m->f.dir, m->f.record.id, &m->arena, e) < 0)
		return -1;
	m->config = b.config;
	m->config->mounts.v = m->v;
	m->config->mounts.n = m->n;
	return 0;
}

/* The checks of a config, on its mounts. */
static int check(struct mounts *m, struct err *e)
{
	const struct check_opts opts = { .lifecycle = true, .mount_words = mountopt_words };
	struct oci_diags diags = { 0 };
	struct check k = {
		.c = m->config, .host = &m->facts, .o = &opts, .a = &m->arena, .diags = &diags
	};
	char where[sizeof e->where];

	check_mounts(&k);
	for (const struct oci_diag *d = diags.first; d; d = d->next) {
		oci_pointer(&oci_config_schema, m->config, d->at, where, sizeof where);
		if (!str_starts(where, ABOVE))
			continue;
		if (d->severity != OCI_FATAL) {
			log_debug("%s (%s)", d->what, where + strlen(ABOVE));
			continue;
		}
		err_set(e, ERR_CONFIG, "%s", d->what);
		err_where(e, "%s", where);
		return d->hint ? err_hint(e, "%s", d->hint) : -1;
	}
	return 0;
}

static int add(struct mounts *m, struct live *l, struct err *e)
{
	const struct plan_opts opts = { .id = m->f.record.id, .bundle = m->f.record.bundle };

	if (load_config(m, e) < 0 ||
	    facts_probe(&m->facts, m->config, m->f.proc, &m->arena, e) < 0 || check(m, e) < 0 ||
	    plan_live(&m->plan, m->config, &m->facts, &opts, &m->arena, e) < 0)
		return -1;
	m->run.plan = &m->plan;
	return live_apply(l, e);
}

static int take_away(struct mounts *m, struct live *l, struct err *e)
{
	const char **gone = NEW_N(&m->arena, const char *, m->n + 1);
	char where[64];

	for (size_t i = 0; i < m->n; i++) {
		gone[i] = m->v[i].destination;
		snprintf(where, sizeof where, "/%zu/destination", i);
		if (plan_live_remove(gone[i], where, e) < 0)
			return -1;
	}
	l->gone = gone;
	l->n_gone = m->n;
	return live_apply(l, e);
}

static int change(struct mounts *m, bool adds, struct err *e)
{
	struct record *r = &m->f.record;

	if (refuse_status(r, found_status(&m->f), e) < 0)
		return -1;
	autofd pidfd = record_pidfd(r, m->f.proc);
	if (pidfd < 0)
		return refuse_status(r, STATUS_STOPPED, e);
	if (refuse_namespaces(&m->f, e) < 0)
		return -1;
	if (m->n > PLAN_STEPS / 2)
		return err_set(e, ERR_CONFIG, "%s has more than %d mounts", m->in.name,
		               PLAN_STEPS / 2);
	if (run_init(&m->run, NULL, r->id) < 0) {
		*e = m->run.err;
		return -1;
	}
	m->run.fd[SLOT_PROC] = fcntl(m->f.proc, F_DUPFD_CLOEXEC, 3);
	struct live l = { .run = &m->run, .pidfd = pidfd };
	int rc = adds ? add(m, &l, e) : take_away(m, &l, e);
	run_done(&m->run);
	return rc < 0 ? place(m, e) : 0;
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	struct mounts m = { .f = { .root = -1, .dir = -1, .proc = -1 } };
	bool adds = STR_EQ(in->operand[0], "add");

	if (!adds && !STR_EQ(in->operand[0], "remove")) {
		err_set(e, ERR_USAGE, "mounts: \"%s\", expected add or remove", in->operand[0]);
		return err_hint(e, "run \"nsrun help mounts\" to see how it is used");
	}
	if (store_check_id(in->operand[1], e) < 0)
		return -1;
	/* What is on stdin may take its time: nobody shall wait for it. */
	int rc = read_mounts(&m, in->operand[2], e);
	if (rc == 0)
		rc = found_load(&m.f, g, in->operand[1], MOUNTS_WAIT, e);
	if (rc == 0)
		rc = change(&m, adds, e);
	found_done(&m.f);
	arena_done(&m.arena);
	return rc;
}

static const struct flag flags[] = { { 0 } };

const struct command cmd_mounts = {
	.name = "mounts",
	.summary = "add mounts to a running container, or remove some",
	.usage = "add|remove ID FILE",
	.flags = flags,
	.min = 3,
	.max = 3,
	.seals = true,
	.run = run,
};
