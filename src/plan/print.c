/* print: a plan as text for people and as JSON for tools. */
#include "libocispec-lite/ocispec.h"
#include "libocispec-lite/rows.h"
#include "plan/kinds.h"
#include "plan/plan.h"
#include <stdio.h>
#include <string.h>

void plan_why(const struct plan *p, const struct step *s, char *b, size_t n)
{
	*b = 0;
	if (s->why.at.p && oci_pointer(&oci_config_schema, p->config, s->why.at, b, n))
		return;
	const char *text = s->why.spec ? s->why.spec : s->why.need;
	snprintf(b, n, "(%s)", text ? text : "config.json");
}

void plan_print_text(const struct plan *p, void (*out)(void *, const char *), void *ctx)
{
	char label[512], why[512], line[1200];
	uint32_t n = 0;

	for (uint32_t i = 0; i < p->n; i++) {
		const struct phase *ph = &p->phases[i];

		for (uint32_t j = 0; j < ph->n; j++) {
			step_label(&ph->steps[j], p->cgroups, label, sizeof label);
			plan_why(p, &ph->steps[j], why, sizeof why);
			snprintf(line, sizeof line, "%3u %s %-8s %-52s %s\n", ++n,
			         lane_names[ph->lane], ph->name, label, why);
			out(ctx, line);
		}
	}
}

/* The JSON document: its tables are libocispec-lite's, so escaping and layout are yajl's. */
struct doc_step {
	struct oci_i64 n;
	char *lane, *phase, *kind, *label, *pointer, *spec, *need;
	struct oci_bool optional;
};
struct doc {
	struct oci_i64 version;
	OCI_VEC(struct doc_step) steps;
};

/* clang-format off */
OCI_SCHEMA_LOCAL(doc_step,
	I64(doc_step, n, "step", 0),
	STR(doc_step, lane, "lane", 0),
	STR(doc_step, phase, "phase", 0),
	STR(doc_step, kind, "kind", 0),
	STR(doc_step, label, "label", 0),
	STR(doc_step, pointer, "pointer", 0),
	STR(doc_step, spec, "spec", 0),
	STR(doc_step, need, "need", 0),
	BOOL(doc_step, optional, "optional", 0));
OCI_SCHEMA_LOCAL(doc,
	I64(doc, version, "planVersion", 0),
	OBJS(doc, steps, "steps", 0, doc_step));
/* clang-format on */

static char *copy(struct arena *a, const char *s)
{
	return s ? arena_str(a, s, strlen(s)) : NULL;
}

static void doc_add(const struct plan *p, const struct phase *ph, const struct step *s,
                    struct doc_step *d, struct arena *a)
{
	char buf[512];

	d->lane = copy(a, lane_names[ph->lane]);
	d->phase = copy(a, ph->name);
	d->kind = copy(a, step_defs[s->kind].name);
	step_label(s, p->cgroups, buf, sizeof buf);
	d->label = copy(a, buf);
	plan_why(p, s, buf, sizeof buf);
	if (*buf == '/')
		d->pointer = copy(a, buf);
	d->spec = copy(a, s->why.spec);
	d->need = copy(a, s->why.need);
	d->optional = (struct oci_bool){ s->lenient != MUST, s->lenient != MUST };
}

void plan_print_json(const struct plan *p, void (*out)(void *, const char *), void *ctx)
{
	struct arena a = { 0 };
	struct doc doc = { .version = { 1, true } };

	doc.steps.v = NEW_N(&a, struct doc_step, p->n_steps);
	for (uint32_t i = 0; i < p->n; i++) {
		const struct phase *ph = &p->phases[i];

		for (uint32_t j = 0; j < ph->n; j++) {
			struct doc_step *d = &doc.steps.v[doc.steps.n++];

			d->n = (struct oci_i64){ (int64_t)doc.steps.n, true };
			doc_add(p, ph, &ph->steps[j], d, &a);
		}
	}
	out(ctx, oci_encode(&doc_schema, &doc, OCI_INDENT_2, &a, NULL));
	out(ctx, "\n");
	arena_done(&a);
}
