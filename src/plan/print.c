/* print: a plan as text for people and as JSON for tools. */
#include "libocispec-lite/ocispec.h"
#include "libocispec-lite/rows.h"
#include "plan/kinds.h"
#include "plan/plan.h"
#include <stdio.h>
#include <string.h>

#define UNLIMITED "18446744073709551615"

void plan_why(const struct plan *p, const struct step *s, char *b, size_t n)
{
	*b = 0;
	if (s->why.at.p && oci_pointer(&oci_config_schema, p->config, s->why.at, b, n))
		return;
	const char *text = s->why.spec ? s->why.spec : s->why.need;
	snprintf(b, n, "(%s)", text ? text : "config.json");
}

/* What systemd is told, a line for each property, or for each line of it. */
static void print_properties(const struct scope *s, void (*out)(void *, const char *), void *ctx)
{
	char line[1200];

	for (uint32_t i = 0; i < s->n; i++) {
		const struct unit_property *u = &s->properties[i];
		bool none = strcmp(u->type, "t") == 0 && strcmp(u->text, UNLIMITED) == 0;
		const char *text = none ? "infinity" : u->text;

		do {
			size_t n = strcspn(text, "\n");

			snprintf(line, sizeof line, "%20s%s=%.*s\n", "", u->name, (int)n, text);
			out(ctx, line);
			text += n + (text[n] == '\n');
		} while (*text);
	}
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
			if (ph->steps[j].kind == STEP_SCOPE)
				print_properties(&ph->steps[j].scope, out, ctx);
		}
	}
	/* No step: it comes before there is a plan. */
	if (p->runs) {
		snprintf(line, sizeof line, "nsrun runs %s\n", p->runs);
		out(ctx, line);
	}
}

/* The JSON document: its tables are libocispec-lite's, so escaping and layout are yajl's. */
struct doc_property {
	char *name, *type, *text;
};
struct doc_scope {
	char *unit, *slice, *subgroup;
	struct oci_bool user;
	OCI_VEC(struct doc_property) properties;
};
struct doc_step {
	struct oci_i64 n;
	char *lane, *phase, *kind, *label, *pointer, *spec, *need;
	struct oci_bool optional;
	struct doc_scope *scope;
};
struct doc {
	struct oci_i64 version;
	char *runs;
	OCI_VEC(struct doc_step) steps;
};

/* clang-format off */
OCI_SCHEMA_LOCAL(doc_property,
	STR(doc_property, name, "name", 0),
	STR(doc_property, type, "type", 0),
	STR(doc_property, text, "value", 0));
OCI_SCHEMA_LOCAL(doc_scope,
	STR(doc_scope, unit, "unit", 0),
	STR(doc_scope, slice, "slice", 0),
	STR(doc_scope, subgroup, "subgroup", 0),
	BOOL(doc_scope, user, "user", 0),
	OBJS(doc_scope, properties, "properties", 0, doc_property));
OCI_SCHEMA_LOCAL(doc_step,
	I64(doc_step, n, "step", 0),
	STR(doc_step, lane, "lane", 0),
	STR(doc_step, phase, "phase", 0),
	STR(doc_step, kind, "kind", 0),
	STR(doc_step, label, "label", 0),
	STR(doc_step, pointer, "pointer", 0),
	STR(doc_step, spec, "spec", 0),
	STR(doc_step, need, "need", 0),
	BOOL(doc_step, optional, "optional", 0),
	OBJ(doc_step, scope, "scope", 0, doc_scope));
OCI_SCHEMA_LOCAL(doc,
	I64(doc, version, "planVersion", 0),
	STR(doc, runs, "executable", 0),
	OBJS(doc, steps, "steps", 0, doc_step));
/* clang-format on */

static char *copy(struct arena *a, const char *s)
{
	return s ? arena_str(a, s, strlen(s)) : NULL;
}

static struct doc_scope *doc_scope(const struct scope *s, struct arena *a)
{
	struct doc_scope *d = NEW(a, struct doc_scope);

	d->unit = copy(a, s->unit);
	d->slice = copy(a, s->slice);
	d->subgroup = *s->subgroup ? copy(a, s->subgroup) : NULL;
	d->user = (struct oci_bool){ s->user, true };
	d->properties.v = NEW_N(a, struct doc_property, s->n);
	for (uint32_t i = 0; i < s->n; i++)
		d->properties.v[d->properties.n++] =
			(struct doc_property){ copy(a, s->properties[i].name),
			                       copy(a, s->properties[i].type),
			                       copy(a, s->properties[i].text) };
	return d;
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
	if (s->kind == STEP_SCOPE)
		d->scope = doc_scope(&s->scope, a);
}

void plan_print_json(const struct plan *p, void (*out)(void *, const char *), void *ctx)
{
	struct arena a = { 0 };
	struct doc doc = { .version = { 1, true } };

	doc.runs = copy(&a, p->runs);
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
