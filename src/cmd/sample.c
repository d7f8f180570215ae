/* sample: see sample.h. */
#include "cmd/sample.h"
#include "apply/oom.h"
#include "base/engine_texts.h"
#include "base/fd.h"
#include "base/str.h"
#include "cmd/found.h"
#include "cmd/interval.h"
#include "cmd/log.h"
#include "libocispec-lite/ocispec.h"
#include "libocispec-lite/rows.h"
#include "stats/stats.h"
#include "store/store.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* clang-format off */
OCI_SCHEMA_LOCAL(sample_memory,
	U64(sample_memory, usage, "usage", 0),
	U64(sample_memory, limit, "limit", 0));

OCI_SCHEMA_LOCAL(sample_pids,
	U64(sample_pids, current, "current", 0),
	U64(sample_pids, limit,   "limit",   0));

OCI_SCHEMA_LOCAL(sample_io,
	U64(sample_io, read,  "read",  0),
	U64(sample_io, write, "write", 0));

OCI_SCHEMA_LOCAL(sample_pressure,
	NUM(sample_pressure, cpu,    "cpu",    0),
	NUM(sample_pressure, memory, "memory", 0),
	NUM(sample_pressure, io,     "io",     0));

OCI_SCHEMA(sample,
	STR(sample, id,          "id",         OCI_REQUIRED),
	U64(sample, pid,         "pid",        OCI_REQUIRED),
	STR(sample, status,      "status",     OCI_REQUIRED),
	NUM(sample, cpu_percent, "cpuPercent", 0),
	OBJ(sample, memory,      "memory",     OCI_REQUIRED, sample_memory),
	OBJ(sample, pids,        "pids",       OCI_REQUIRED, sample_pids),
	OBJ(sample, io,          "io",         OCI_REQUIRED, sample_io),
	OBJ(sample, pressure,    "pressure",   OCI_REQUIRED, sample_pressure),
	U64(sample, oom_kills,   "oomKills",   0));
/* clang-format on */

static struct oci_u64 some(uint64_t v)
{
	return (struct oci_u64){ v, true };
}

static char *pressure(const struct oci_psi *psi)
{
	return psi ? psi->some->avg10 : NULL;
}

static void fill_io(const struct oci_stats_io *io, struct sample_io *out)
{
	out->read = out->write = some(0);
	for (size_t i = 0; i < io->service_bytes.n; i++) {
		const struct oci_stats_io_entry *e = &io->service_bytes.v[i];

		if (e->op && STR_EQ(e->op, "Read"))
			out->read.v += e->value.v;
		else if (e->op && STR_EQ(e->op, "Write"))
			out->write.v += e->value.v;
	}
}

static void fill(struct sample *out, struct stats *s)
{
	struct oci_stats *all = oci_blank(&oci_stats_schema, s->a);
	struct oom oom = { .limit = UINT64_MAX };
	bool memory = oom_read(s->refs, s->n, &oom) == 0;

	stats_cpu(s, all->cpu);
	out->at_ns = interval_now();
	out->cpu_ns = all->cpu->usage->total.v;
	stats_memory(s, all->memory);
	stats_pids(s, all->pids);
	stats_io(s, all->blkio);
	if (memory) {
		out->memory->usage = all->memory->usage->usage;
		out->memory->limit = (struct oci_u64){ oom.limit, oom.limit != UINT64_MAX };
		out->oom_kills = some(oom.kills);
	}
	out->pids->current = all->pids->current;
	out->pids->limit = (struct oci_u64){ all->pids->limit.v, all->pids->limit.v != 0 };
	fill_io(all->blkio, out->io);
	out->pressure->cpu = pressure(all->cpu->psi);
	out->pressure->memory = pressure(all->memory->psi);
	out->pressure->io = pressure(all->blkio->psi);
}

static void compare(struct sample *out, const struct round *before, struct arena *a)
{
	for (size_t i = 0; out->at_ns && before && i < before->n; i++) {
		const struct sample *b = &before->v[i];

		/* The same container, not the next of that name. */
		if (!b->at_ns || !STR_EQ(b->id, out->id) || b->pid.v != out->pid.v ||
		    b->start != out->start || out->cpu_ns < b->cpu_ns || out->at_ns <= b->at_ns)
			continue;
		out->cpu_percent = arena_fmt(a, "%.1f",
		                             100.0 * (double)(out->cpu_ns - b->cpu_ns) /
		                                     (double)(out->at_ns - b->at_ns));
	}
}

struct taking {
	struct round *out;
	const struct round *before;
	struct found f; /* its root and proc; the rest is one container's after the other */
};

static void push(struct round *r, const struct sample *s)
{
	size_t n = r->n;

	/* Full at each power of two. */
	if (!(n & (n - 1)))
		r->v = arena_grow(&r->a, r->v, n * sizeof *s, (n ? 2 * n : 1) * sizeof *s);
	r->v[r->n++] = *s;
}

static bool lives(enum status status)
{
	return status != STATUS_CREATING && status != STATUS_STOPPED;
}

/* 1 when it was added, 0 when it does not live, or -1 with e. */
static int take(struct taking *t, const char *id, struct err *e)
{
	struct arena *a = &t->out->a;
	struct found *f = &t->f;
	struct cgroup_ref refs[RECORD_CGROUPS];
	struct stats stats;

	fd_close(&f->dir);
	f->dir = store_peek(f->root, id, e);
	if (f->dir < 0 || record_load(&f->record, f->dir, id, a, e) < 0)
		return -1;
	enum status status = found_status(f);
	if (!lives(status))
		return 0;
	struct sample *s = oci_blank(&sample_schema, a);
	s->id = f->record.id;
	s->status = (char *)status_names[status];
	s->pid = f->record.pid;
	s->start = f->record.start.v;
	if (stats_open(&stats, refs, found_cgroups(&f->record, refs), a) == 0) {
		fill(s, &stats);
		stats_done(&stats);
	}
	/* Did it end meanwhile? Then the cgroup was perhaps another's. */
	if (!lives(record_status(&f->record, f->dir, f->proc)))
		return 0;
	compare(s, t->before, a);
	push(t->out, s);
	return 1;
}

static void take_any(void *ctx, const char *id)
{
	struct err e = { 0 };

	if (take(ctx, id, &e) < 0 && e.num != ENOENT)
		log_warn("%s", e.what);
}

/* One that was asked for. */
static int take_named(struct taking *t, const char *id, struct err *e)
{
	struct err mine = { 0 };
	int rc = take(t, id, &mine);

	if (rc > 0 && !t->f.record.cgroups.n)
		return found_no_cgroup(id, e);
	if (rc > 0 || (t->before && (rc == 0 || mine.num == ENOENT)))
		return 0;
	if (rc == 0) {
		err_set(&mine, ERR_STATE, TEXT_NOT_RUNNING ": %s", id);
		err_hint(&mine, "run \"nsrun list\" to see those that are");
	}
	*e = mine;
	return -1;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(((const struct sample *)a)->id, ((const struct sample *)b)->id);
}

/* Without a state root no container exists: 0 where that is none of our business, else -1 with e. */
static int no_root(const struct sample_source *from, const struct round *before,
                   const struct err *why, struct err *e)
{
	if (why->num == ENOENT && (before || (!from->n && !from->root)))
		return 0;
	if (why->num == ENOENT && from->n) {
		err_set(e, ERR_STATE, TEXT_NO_CONTAINER ": %s", from->ids[0]);
		e->num = ENOENT;
		return err_hint(e, "%s", why->what);
	}
	*e = *why;
	return -1;
}

int round_take(struct round *out, const struct round *before, const struct sample_source *from,
               struct err *e)
{
	struct taking t = { .out = out,
		            .before = before,
		            .f = { .root = -1, .dir = -1, .proc = from->proc } };
	struct err root = { 0 };
	int rc = 0;

	/* Opened for each round: it may come and go. */
	t.f.root = store_open(from->root, false, &root);
	if (t.f.root < 0)
		return no_root(from, before, &root, e);
	if (from->n == 0)
		rc = store_each(t.f.root, take_any, &t, e);
	for (size_t i = 0; i < from->n && rc == 0; i++)
		rc = take_named(&t, from->ids[i], e);
	fd_close(&t.f.dir);
	fd_close(&t.f.root);
	if (out->n)
		qsort(out->v, out->n, sizeof *out->v, by_id);
	return rc;
}

void round_done(struct round *r)
{
	arena_done(&r->a);
	*r = (struct round){ 0 };
}
