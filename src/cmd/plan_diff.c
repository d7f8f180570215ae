/* plan_diff: see plan_views.h. */
#include "base/str.h"
#include "cmd/plan_views.h"
#include "libocispec-lite/rows.h"
#include <stdio.h>
#include <string.h>

struct change {
	char *change; /* "-" or "+" */
	struct oci_u64 step;
	char *lane, *phase, *label, *why;
};

/* clang-format off */
OCI_SCHEMA_LOCAL(change,
	STR(change, change, "change", 0),
	U64(change, step,   "step",   0),
	STR(change, lane,   "lane",   0),
	STR(change, phase,  "phase",  0),
	STR(change, label,  "label",  0),
	STR(change, why,    "why",    0));
/* clang-format on */

static struct change *list(const struct plan *p, const char *mark, struct arena *a)
{
	struct change *v = NEW_N(a, struct change, p->n_steps + 1);
	const struct phase *ph;
	const struct step *s;
	char text[512];

	for (uint32_t n = 0; (s = plan_at(p, n, &ph)); n++) {
		v[n].change = (char *)(uintptr_t)mark;
		v[n].step = (struct oci_u64){ n + 1, true };
		v[n].lane = (char *)(uintptr_t)lane_names[ph->lane];
		v[n].phase = (char *)(uintptr_t)ph->name;
		step_label(s, p->cgroups, text, sizeof text);
		v[n].label = arena_str(a, text, strlen(text));
		plan_why(p, s, text, sizeof text);
		v[n].why = arena_str(a, text, strlen(text));
	}
	return v;
}

static bool same(const struct change *x, const struct change *y)
{
	return STR_EQ(x->label, y->label) && STR_EQ(x->phase, y->phase) && STR_EQ(x->lane, y->lane);
}

/* The longest common sequence of both: common[i * (m + 1) + j] is its length from the i-th and the j-th on. */
static uint16_t *compare(const struct change *x, size_t n, const struct change *y, size_t m,
                         struct arena *a)
{
	uint16_t *common = NEW_N(a, uint16_t, (n + 1) * (m + 1));

	for (size_t i = n; i-- > 0;)
		for (size_t j = m; j-- > 0;) {
			uint16_t down = common[(i + 1) * (m + 1) + j],
				 right = common[i * (m + 1) + j + 1];

			common[i * (m + 1) + j] =
				same(&x[i], &y[j])
					? (uint16_t)(common[(i + 1) * (m + 1) + j + 1] + 1)
				: down > right ? down
					       : right;
		}
	return common;
}

void plan_diff(const struct plan *from, const struct plan *to, bool json, struct arena *a)
{
	struct change *x = list(from, "-", a), *y = list(to, "+", a);
	size_t n = from->n_steps, m = to->n_steps, i = 0, j = 0, k = 0;
	const uint16_t *common = compare(x, n, y, m, a);
	struct change *out = NEW_N(a, struct change, n + m + 1);

	while (i < n || j < m) {
		if (i < n && j < m && same(&x[i], &y[j]))
			i++, j++;
		else if (j == m ||
		         (i < n && common[(i + 1) * (m + 1) + j] >= common[i * (m + 1) + j + 1]))
			out[k++] = x[i++];
		else
			out[k++] = y[j++];
	}
	if (json) {
		puts(oci_encode_array(&change_schema, out, k, OCI_INDENT_2, a, NULL));
		return;
	}
	for (size_t c = 0; c < k; c++)
		printf("%s %3u %s %-8s %-52s %s\n", out[c].change, (unsigned)out[c].step.v,
		       out[c].lane, out[c].phase, out[c].label, out[c].why);
}
