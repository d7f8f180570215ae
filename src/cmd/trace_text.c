/* trace_text: the two documents of a trace, see trace.h. JSON is the trace-event format of chrome://tracing, which
 * Perfetto opens too; times there are microseconds. */
#include "base/str.h"
#include "cmd/trace.h"
#include "libocispec-lite/ocispec.h"
#include "libocispec-lite/rows.h"
#include <stdio.h>
#include <string.h>

struct trace_args {
	char *name; /* of the process, in its metadata */
	struct oci_u64 step;
	char *why;
};
struct trace_record {
	char *name, *cat, *ph, *ts, *dur;
	struct oci_u64 pid, tid;
	struct trace_args *args;
};
struct trace_document {
	char *unit;
	OCI_VEC(struct trace_record) events;
};

/* clang-format off */
OCI_SCHEMA_LOCAL(trace_args,
	STR(trace_args, name, "name", 0),
	U64(trace_args, step, "step", 0),
	STR(trace_args, why,  "why",  0));

OCI_SCHEMA_LOCAL(trace_record,
	STR(trace_record, name, "name", 0),
	STR(trace_record, cat,  "cat",  0),
	STR(trace_record, ph,   "ph",   0),
	NUM(trace_record, ts,   "ts",   0),
	NUM(trace_record, dur,  "dur",  0),
	U64(trace_record, pid,  "pid",  0),
	U64(trace_record, tid,  "tid",  0),
	OBJ(trace_record, args, "args", 0, trace_args));

OCI_SCHEMA_LOCAL(trace_document,
	STR (trace_document, unit,   "displayTimeUnit", 0),
	OBJS(trace_document, events, "traceEvents",     0, trace_record));
/* clang-format on */

static char *us(uint64_t ns, struct arena *a)
{
	return arena_fmt(a, "%llu.%03u", (unsigned long long)(ns / 1000), (unsigned)(ns % 1000));
}

static struct trace_record process(const struct trace_event *x, const char *command,
                                   struct arena *a)
{
	struct trace_record r = { .name = str_word("process_name"), .ph = str_word("M") };

	r.pid = r.tid = (struct oci_u64){ (uint64_t)x->pid, true };
	r.args = NEW(a, struct trace_args);
	r.args->name = STR_EQ(x->lane, "host") ? arena_fmt(a, "host: nsrun %s", command)
	                                       : str_word(x->lane);
	return r;
}

void trace_json(const struct trace_event *v, size_t n, const char *command, struct arena *a,
                const char **out)
{
	struct trace_document d = { .unit = str_word("ms") };

	d.events.v = NEW_N(a, struct trace_record, 2 * n + 1);
	for (size_t i = 0; i < n; i++) {
		const struct trace_event *x = &v[i];
		bool known = false;

		for (size_t j = 0; j < i; j++)
			known |= v[j].pid == x->pid;
		if (!known)
			d.events.v[d.events.n++] = process(x, command, a);
		struct trace_record *r = &d.events.v[d.events.n++];
		*r = (struct trace_record){ .name = str_word(x->name),
			                    .cat = str_word(*x->phase ? x->phase : "command"),
			                    .ph = str_word("X"),
			                    .ts = us(x->begun - v[0].begun, a),
			                    .dur = us(x->done > x->begun ? x->done - x->begun : 0,
			                              a) };
		r->pid = r->tid = (struct oci_u64){ (uint64_t)x->pid, true };
		if (x->step) {
			r->args = NEW(a, struct trace_args);
			r->args->step = (struct oci_u64){ x->step, true };
			r->args->why = str_word(x->why);
		}
	}
	*out = arena_fmt(a, "%s\n", oci_encode(&trace_document_schema, &d, OCI_COMPACT, a, NULL));
}

#define WIDTH 40u      /* of the bars */
#define IDLE  1000000u /* ns in which nothing happens are shown as no more */

/* Moves events together where nothing happened: while run waits for the container's end. Returns when all is over. */
static uint64_t squeeze(const struct trace_event *v, size_t n, uint64_t *begins)
{
	uint64_t end = n ? v[0].begun : 0, cut = end;

	for (size_t i = 0; i < n; i++) {
		uint64_t done = v[i].done > v[i].begun ? v[i].done : v[i].begun;

		if (v[i].begun > end + IDLE)
			cut += v[i].begun - end - IDLE;
		begins[i] = v[i].begun - cut;
		if (done > end)
			end = done;
	}
	return end - cut;
}

void trace_text(const struct trace_event *v, size_t n, struct arena *a, const char **out)
{
	uint64_t *begins = NEW_N(a, uint64_t, n + 1), all = squeeze(v, n, begins);
	size_t size = 128 + n * 512;
	char *text = arena_alloc(a, size, 1);

	str_add(text, size, "%10s %10s  %-4s %-8s\n", "BEGIN ms", "TOOK ms", "WHO", "PHASE");
	for (size_t i = 0; i < n; i++) {
		const struct trace_event *x = &v[i];
		uint64_t took = x->done > x->begun ? x->done - x->begun : 0;
		size_t from = all ? (size_t)(begins[i] * WIDTH / all) : 0;
		size_t len = all ? (size_t)((took * WIDTH + all - 1) / all) : 0;
		char bar[WIDTH + 1];

		if (from >= WIDTH)
			from = WIDTH - 1;
		if (len > WIDTH - from)
			len = WIDTH - from;
		memset(bar, ' ', WIDTH);
		memset(bar + from, '#', len);
		if (!len)
			bar[from] = '.';
		bar[WIDTH] = '\0';
		str_add(text, size, "%10.3f %10.3f  %-4s %-8s |%s| %s%.160s\n",
		        (double)begins[i] / 1e6, (double)took / 1e6, x->lane,
		        *x->phase ? x->phase : "-", bar,
		        x->step ? arena_fmt(a, "%u ", x->step) : "", x->name);
	}
	*out = text;
}
