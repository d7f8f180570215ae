/* update_journal: an update as a transaction, and the undoing of one that was interrupted. */
#include "apply/cgroup.h"
#include "apply/systemd.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "cmd/log.h"
#include "cmd/update.h"
#include "plan/systemd.h"
#include "store/journal.h"
#include "store/store.h"
#include <errno.h>
#include <string.h>

struct job {
	struct transaction *t;
	struct journal journal;
	int dir;
};

/* In a process of its own. The journal is the new resources.json: its rename is the one moment at which the update is
 * done. */
static int work(void *ctx, struct err *e)
{
	struct job *j = ctx;
	struct err left = { 0 };
	int rc = journal_begin(&j->journal, j->dir);

	if (rc < 0)
		return err_sys(e, ERR_HOST, -rc, "write " STORE_UPDATE " of the state directory");
	if (transaction_write(j->t, e) == 0) {
		rc = journal_commit(j->dir);
		if (rc == 0)
			return 0;
		err_sys(e, ERR_HOST, -rc, "write " STORE_RESOURCES " of the state directory");
	}
	/* What cannot be undone now may be later: the journal stays. */
	if (transaction_undo(j->t, &left) == 0)
		journal_drop(j->dir);
	else
		str_add(e->what, sizeof e->what, "; and it cannot be undone: %s", left.what);
	return -1;
}

static void journal_fill(struct journal *j, const struct transaction *t, struct arena *a)
{
	j->writes.v = NEW_N(a, struct journal_write, t->n + 1);
	for (size_t i = 0; i < t->n; i++) {
		const struct change *c = &t->change[i];

		if (c->old)
			j->writes.v[j->writes.n++] = (struct journal_write){ { c->index, true },
				                                             (char *)c->file,
				                                             (char *)c->old };
	}
}

int update_transact(struct transaction *t, struct found *f, struct oci_resources *merged,
                    struct err *e)
{
	struct job j = { .t = t, .journal.resources = merged, .dir = f->dir };

	journal_fill(&j.journal, t, &f->arena);
	if (f->record.unit) {
		t->also = update_unit;
		t->ctx = &f->record;
	}
	int rc = transaction_detach(work, &j, e);
	if (rc == -ESRCH)
		update_recover(f->dir, &f->record);
	return rc < 0 ? -1 : 0;
}

/* The changes of a journal, to be undone. */
static int changes_of(const struct journal *j, const struct record *r, struct transaction *t,
                      struct arena *a, struct err *e)
{
	t->n = j->writes.n;
	t->change = NEW_N(a, struct change, t->n + 1);
	for (size_t i = 0; i < t->n; i++) {
		const struct journal_write *w = &j->writes.v[i];

		if (w->cgroup.v >= r->cgroups.n)
			return err_set(e, ERR_STATE, STORE_UPDATE " of %s is unusable", r->id);
		t->change[i] = (struct change){ .index = (uint8_t)w->cgroup.v,
			                        .file = w->file,
			                        .text = w->old,
			                        .old = w->old };
	}
	return 0;
}

static int undo(const struct journal *j, const struct record *r, struct arena *a, struct err *e)
{
	struct transaction t = { .ctx = (void *)r, .also = r->unit ? update_unit : NULL };
	int cgroup[RECORD_CGROUPS];

	if (changes_of(j, r, &t, a, e) < 0)
		return -1;
	for (size_t i = 0; i < r->cgroups.n; i++) {
		const struct record_cgroup *c = &r->cgroups.v[i];
		const struct cgroup_ref ref = { c->mount, c->path, c->v2.v, c->made.v };

		cgroup[i] = cgroup_open(&ref);
	}
	t.cgroup = cgroup;
	int rc = transaction_undo(&t, e);
	for (size_t i = 0; i < r->cgroups.n; i++)
		fd_close(&cgroup[i]);
	return rc;
}

void update_recover(int dir, const struct record *r)
{
	struct arena a = { 0 };
	struct err e = { 0 };
	struct journal j;
	int rc = journal_load(&j, dir, &a, &e);

	if (rc > 0 && undo(&j, r, &a, &e) == 0)
		journal_drop(dir);
	if (e.kind != ERR_NONE)
		log_warn("an update of %s was interrupted, and cannot be taken back: %s", r->id,
		         e.what);
	else if (rc > 0)
		log_debug("an update of %s was interrupted: it is taken back", r->id);
	arena_done(&a);
}
