/* rdt: the class of resctrl that init is put into (config-linux.md#intelrdt). */
#include "base/str.h"
#include "plan/emit.h"
#include <string.h>

static const char *line(struct plan *p, const char *text)
{
	return arena_fmt(p->arena, "%s\n", text);
}

/* One write for all of schemata: the kernel takes each resource once per write, and what came before may have set it. */
static const char *joined(struct plan *p, char *const *v, size_t n)
{
	const char *text = "";

	for (size_t i = 0; i < n; i++)
		text = arena_fmt(p->arena, "%s%s\n", text, v[i]);
	return text;
}

void plan_rdt(struct plan *p, const struct plan_in *in)
{
	const struct oci_intel_rdt *r = in->c->linux_ ? in->c->linux_->intel_rdt : NULL;

	if (!r)
		return;
	struct step *s = plan_step(p, STEP_RDT, FROM(*r));
	const char **v = NEW_N(p->arena, const char *, 3);

	s->rdt.schemata = v;
	if (!str_empty(r->l3_cache_schema))
		v[s->rdt.n++] = line(p, r->l3_cache_schema);
	if (!str_empty(r->mem_bw_schema))
		v[s->rdt.n++] = line(p, r->mem_bw_schema);
	if (r->schemata.n)
		v[s->rdt.n++] = joined(p, r->schemata.v, r->schemata.n);
	s->rdt.own = str_empty(r->clos_id);
	s->rdt.group = s->rdt.own ? in->o->id : STR_EQ(r->clos_id, "/") ? "" : r->clos_id;
	s->rdt.make = s->rdt.own || s->rdt.n;
	s->rdt.monitor = r->enable_monitoring.v ? in->o->id : NULL;
}
