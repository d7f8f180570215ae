/* scope: the step that has systemd make the container's scope, and the properties that it gets. */
#include "plan/scope.h"
#include "base/str.h"
#include "plan/device_rules.h"
#include "plan/resources.h"
#include "plan/systemd.h"
#include <string.h>

#define PROPERTY "org.systemd.property."

struct properties {
	struct unit_property *v; /* has room for all */
	uint32_t n;
};

/* Of two properties of one name the last wins. */
static void set(struct properties *l, const char *name, const char *type, const char *text)
{
	uint32_t i = 0;

	while (i < l->n && !STR_EQ(l->v[i].name, name))
		i++;
	l->v[i] = (struct unit_property){ .name = name, .type = type, .text = text };
	l->n += i == l->n;
}

static void set_usual(struct properties *l, const struct plan_in *in, const struct scope *s,
                      struct arena *a)
{
	bool v2 = in->host->cgroup_host == CGROUP_HOST_V2;

	set(l, "Description", "s", arena_fmt(a, "nsrun container %s", in->o->id));
	set(l, "Slice", "s", s->slice);
	/* Below the scope's cgroup everything is ours. */
	set(l, "Delegate", "b", "true");
	set(l, "MemoryAccounting", "b", "true");
	set(l, "CPUAccounting", "b", "true");
	set(l, v2 ? "IOAccounting" : "BlockIOAccounting", "b", "true");
	set(l, "TasksAccounting", "b", "true");
	/* A container is not stopped at the beginning of a shutdown: its engine does that. */
	set(l, "DefaultDependencies", "b", "false");
	set(l, "CollectMode", "s", "inactive-or-failed");
}

/* What the writes of the limits mean to systemd. */
static void set_limits(struct properties *l, const struct plan *p, const struct step *s, uint32_t n)
{
	const char *period = NULL;

	for (uint32_t i = 0; i < n; i++) {
		struct unit_property out[2];
		size_t found;

		if (s[i].kind != STEP_WRITE)
			continue;
		bool v2 = p->cgroups[s[i].write.index].v2;
		const char *file = s[i].write.path, *text = s[i].write.bytes;
		if (STR_EQ(file, "cpu.cfs_period_us"))
			period = text;
		if (STR_EQ(file, "cpu.cfs_quota_us") && period)
			text = arena_fmt(p->arena, "%s %s", text, period);
		found = systemd_properties(v2, file, text, out, p->arena);
		if (!found && s[i].write.or_path)
			found = systemd_properties(v2, s[i].write.or_path, s[i].write.or_bytes, out,
			                           p->arena);
		for (size_t j = 0; j < found; j++)
			set(l, out[j].name, out[j].type, out[j].text);
	}
}

/* systemd's rules are not as fine as the config's, so it gets what allows no less: our own rules apply as well. */
static void set_devices(struct properties *l, const struct plan_in *in, const struct scope *s,
                        struct arena *a)
{
	const struct oci_resources *r = in->c->linux_ ? in->c->linux_->resources : NULL;

	/* The manager of an ordinary user has no right to restrict devices. */
	if (!r || !r->devices.n || s->user)
		return;
	struct device_rule *rules = NEW_N(a, struct device_rule, r->devices.n + DEVICE_DEFAULTS);
	for (size_t i = 0; i < r->devices.n; i++)
		rules[i] = device_rule_from(&r->devices.v[i]);
	memcpy(rules + r->devices.n, device_defaults, sizeof device_defaults);
	const char *allow = device_rules_systemd(rules, r->devices.n + DEVICE_DEFAULTS, a);
	if (!allow)
		return;
	set(l, "DevicePolicy", "s", "strict");
	set(l, "DeviceAllow", "a(ss)", allow);
}

/* "20" or "uint64 20" seconds as a GVariant of microseconds; NULL: not a plain number. */
static const char *microseconds(const char *text, struct arena *a)
{
	const char *space = strrchr(text, ' ');
	uint64_t v;

	if (str_u64(space ? space + 1 : text, UINT64_MAX / 1000000, &v) < 0)
		return NULL;
	return arena_fmt(a, "uint64 %llu", (unsigned long long)v * 1000000);
}

/* An annotation org.systemd.property.NAME. systemctl(1) speaks of TimeoutStopSec; on the bus it is TimeoutStopUSec. */
static int set_annotation(struct properties *l, const struct plan_in *in, const struct oci_entry *x,
                          struct arena *a)
{
	const char *name = x->key + strlen(PROPERTY), *text = x->value;
	size_t n = strlen(name);

	if (n > 3 && str_ends(name, "Sec") && name[n - 4] >= 'a' && name[n - 4] <= 'z') {
		name = arena_fmt(a, "%.*sUSec", (int)n - 3, name);
		text = microseconds(text, a);
	}
	if (!text)
		return lower_refuse(
			in, AT(x->value), "write a whole number",
			"the property %s takes seconds, and \"%s\" is no number of them",
			x->key + strlen(PROPERTY), x->value);
	set(l, name, "v", text);
	return 0;
}

static struct origin reason(const struct plan_in *in)
{
	if (in->c->linux_ && !str_empty(in->c->linux_->cgroups_path))
		return FROM(in->c->linux_->cgroups_path);
	return SPEC("linux.cgroupsPath");
}

int plan_scope(struct plan *p, const struct plan_in *in)
{
	struct phase *ph = &p->phases[p->n - 1];
	uint32_t at = ph->n;
	struct arena *a = p->arena;
	struct scope *s = &plan_step(p, STEP_SCOPE, reason(in))->scope;
	struct properties l;

	if (scope_name(in, a, s) < 0 || plan_resources(p, in) < 0)
		return -1;
	/* The steps may have moved. */
	s = &ph->steps[at].scope;
	l.v = NEW_N(a, struct unit_property, 16 + 2 * (ph->n - at) + in->c->annotations.n);
	l.n = 0;
	set_usual(&l, in, s, a);
	set_limits(&l, p, ph->steps + at + 1, ph->n - at - 1);
	set_devices(&l, in, s, a);
	for (size_t i = 0; i < in->c->annotations.n; i++)
		if (str_starts(in->c->annotations.v[i].key, PROPERTY) &&
		    set_annotation(&l, in, &in->c->annotations.v[i], a) < 0)
			return -1;
	s->properties = l.v;
	s->n = l.n;
	return 0;
}
