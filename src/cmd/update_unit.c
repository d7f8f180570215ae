/* update_unit: the systemd unit of a container has the limits of its cgroups as properties, so that a daemon-reload
 * writes the same values again. */
#include "apply/systemd.h"
#include "base/io.h"
#include "base/str.h"
#include "cmd/update.h"
#include "plan/systemd.h"
#include <string.h>

#define QUOTA  "cpu.cfs_quota_us"
#define PERIOD "cpu.cfs_period_us"

/* What the file of a cgroup will hold: the value of a change, or what is there. */
static const char *value(const struct transaction *t, uint8_t index, const char *file, bool back,
                         struct arena *a)
{
	char text[64];

	for (size_t i = 0; i < t->n; i++) {
		const struct change *c = &t->change[i];

		if (c->index == index && STR_EQ(c->file, file))
			return back ? c->old : c->text;
	}
	if (io_read_small(t->cgroup[index], file, text, sizeof text) < 0)
		return NULL;
	return arena_str(a, text, strcspn(text, "\n"));
}

/* v1 has two files for what systemd has one property for. NULL: there is nothing to tell. */
static const char *bandwidth(const struct transaction *t, uint8_t index, bool back, struct arena *a)
{
	const char *quota = value(t, index, QUOTA, back, a);
	const char *period = value(t, index, PERIOD, back, a);

	return quota && period ? arena_fmt(a, "%s %s", quota, period) : NULL;
}

int update_unit(void *ctx, const struct transaction *t, bool back, struct err *e)
{
	const struct record *r = ctx;
	struct arena a = { 0 };
	struct unit_property *all = NEW_N(&a, struct unit_property, 2 * t->n + 1);
	struct scope scope = { .unit = r->unit, .user = r->user_unit.v, .properties = all };
	int rc = 0;

	for (size_t i = 0; i < t->n; i++) {
		const struct change *c = &t->change[i];
		const char *file = c->file, *text = back ? c->old : c->text;
		bool v2 = r->cgroups.v[c->index].v2.v;

		if (!v2 && (STR_EQ(file, QUOTA) || STR_EQ(file, PERIOD))) {
			file = QUOTA;
			text = bandwidth(t, c->index, back, &a);
		}
		if (text)
			scope.n += (uint32_t)systemd_properties(v2, file, text, all + scope.n, &a);
	}
	if (scope.n)
		rc = systemd_call(&(struct systemd_call){ .verb = "set", .scope = &scope }, e);
	arena_done(&a);
	return rc;
}
