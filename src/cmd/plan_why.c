/* plan_why: see plan_views.h. */
#include "apply/hint.h"
#include "base/str.h"
#include "cmd/plan_views.h"
#include "libocispec-lite/rows.h"
#include <stdio.h>
#include <string.h>

struct failure {
	char *when, *advice;
};
struct reason {
	struct oci_u64 step;
	char *lane, *phase, *kind, *label;
	char *why, *place; /* place: where the member of the config is */
	char *before, *after;
	OCI_VEC(struct failure) failures;
};

/* clang-format off */
OCI_SCHEMA_LOCAL(failure,
	STR(failure, when,   "error",  0),
	STR(failure, advice, "advice", 0));
OCI_SCHEMA_LOCAL(reason,
	U64 (reason, step,     "step",     0),
	STR (reason, lane,     "lane",     0),
	STR (reason, phase,    "phase",    0),
	STR (reason, kind,     "kind",     0),
	STR (reason, label,    "label",    0),
	STR (reason, why,      "why",      0),
	STR (reason, place,    "place",    0),
	STR (reason, before,   "before",   0),
	STR (reason, after,    "after",    0),
	OBJS(reason, failures, "failures", 0, failure));
/* clang-format on */

static char *label(const struct plan *p, const struct step *s, struct arena *a)
{
	char text[512];

	if (!s)
		return NULL;
	step_label(s, p->cgroups, text, sizeof text);
	return arena_str(a, text, strlen(text));
}

static bool meant(const struct plan *p, uint32_t n, const struct step *s, const char *which,
                  struct arena *a)
{
	uint64_t number;

	if (str_u64(which, UINT32_MAX, &number) == 0)
		return number == n + 1;
	return STR_EQ(step_defs[s->kind].name, which) || strstr(label(p, s, a), which);
}

/* What is known about each errno, whatever its advice depends on. */
static void failures(struct reason *r, const struct plan *p, const struct step *s, struct arena *a)
{
	char text[64];

	r->failures.v = NEW_N(a, struct failure, 140);
	for (int num = 1; num < 134; num++) {
		const char *advice = hint_for(s, num, p);
		bool general = false;

		/* What holds for every step says nothing about this one. */
		for (size_t i = 0; i < hint_rows_n; i++)
			general |= hint_rows[i].kind == HINT_ANY && hint_rows[i].text == advice;
		if (!advice || general)
			continue;
		r->failures.v[r->failures.n++] =
			(struct failure){ arena_fmt(a, "%s", err_text(num, text, sizeof text)),
			                  (char *)(uintptr_t)advice };
	}
}

static struct reason reason(const struct plan *p, const struct bundle *b, uint32_t n,
                            struct arena *a)
{
	const struct phase *ph;
	const struct step *s = plan_at(p, n, &ph);
	unsigned line, col;
	char text[512];
	struct reason r = { .step = { n + 1, true },
		            .lane = (char *)(uintptr_t)lane_names[ph->lane],
		            .phase = (char *)(uintptr_t)ph->name,
		            .kind = (char *)(uintptr_t)step_defs[s->kind].name };

	r.label = label(p, s, a);
	r.before = n ? label(p, plan_at(p, n - 1, NULL), a) : NULL;
	r.after = label(p, plan_at(p, n + 1, NULL), a);
	plan_why(p, s, text, sizeof text);
	r.why = arena_str(a, text, strlen(text));
	if (*text == '/')
		r.place = oci_locate(b->text, b->len, text, &line, &col)
		                  ? arena_fmt(a, "%s:%u:%u %s", b->file, line, col, text)
		                  : r.why;
	failures(&r, p, s, a);
	return r;
}

static void print(const struct reason *r)
{
	printf("step %u: %s\n  done by  %s, in the phase %s\n", (unsigned)r->step.v, r->label,
	       r->lane, r->phase);
	if (r->place)
		printf("  because  %s asks for it\n", r->place);
	else
		printf("  because  %s\n", r->why);
	if (r->before)
		printf("  behind   %s\n", r->before);
	if (r->after)
		printf("  before   %s\n", r->after);
	for (size_t i = 0; i < r->failures.n; i++)
		printf("  %s\n      %s\n", r->failures.v[i].when, r->failures.v[i].advice);
}

int plan_explain(const struct plan *p, const struct bundle *b, const char *which, bool json,
                 struct arena *a, struct err *e)
{
	struct reason *v = NEW_N(a, struct reason, p->n_steps + 1);
	const struct step *s;
	size_t n = 0;

	for (uint32_t i = 0; (s = plan_at(p, i, NULL)); i++)
		if (meant(p, i, s, which, a))
			v[n++] = reason(p, b, i, a);
	if (!n) {
		err_set(e, ERR_USAGE, "the plan has no step \"%.100s\"", which);
		return err_hint(e,
		                "give a number of \"nsrun plan\", a kind (mount), or a part of a "
		                "line (/dev/pts)");
	}
	if (json) {
		puts(oci_encode_array(&reason_schema, v, n, OCI_INDENT_2, a, NULL));
		return 0;
	}
	for (size_t i = 0; i < n; i++) {
		if (i)
			putchar('\n');
		print(&v[i]);
	}
	return 0;
}
