/* emit: phases and steps are appended to a plan here. */
#include "plan/emit.h"

void plan_phase(struct plan *p, enum lane lane, const char *name)
{
	/* A phase that got no step gives its place to the next one. */
	if (p->n && p->phases[p->n - 1].n == 0)
		p->n--;
	if (p->n == p->cap) {
		uint32_t cap = p->cap ? p->cap * 2 : 16;

		p->phases = arena_grow(p->arena, p->phases, p->n * sizeof *p->phases,
		                       cap * sizeof *p->phases);
		p->cap = cap;
	}
	p->phases[p->n++] = (struct phase){ .name = name, .lane = lane };
}

struct step *plan_step(struct plan *p, enum step_kind kind, struct origin why)
{
	struct phase *ph = &p->phases[p->n - 1];

	if (ph->n == ph->cap) {
		uint32_t cap = ph->cap ? ph->cap * 2 : 8;

		ph->steps = arena_grow(p->arena, ph->steps, ph->n * sizeof *ph->steps,
		                       cap * sizeof *ph->steps);
		ph->cap = cap;
	}
	p->n_steps++;
	struct step *s = &ph->steps[ph->n++];
	*s = (struct step){ .kind = kind, .why = why };
	return s;
}

const struct step *plan_at(const struct plan *p, uint32_t n, const struct phase **phase)
{
	for (uint32_t i = 0; i < p->n; i++) {
		const struct phase *ph = &p->phases[i];

		if (n < ph->n) {
			if (phase)
				*phase = ph;
			return &ph->steps[n];
		}
		n -= ph->n;
	}
	return NULL;
}

const struct step *plan_find(const struct plan *p, enum step_kind kind)
{
	const struct step *s;

	for (uint32_t n = 0; (s = plan_at(p, n, NULL)); n++)
		if (s->kind == kind)
			return s;
	return NULL;
}
