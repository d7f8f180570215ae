/* resources_devices: linux.resources.devices as writes (v1) or as a program (v2). Without rules in the config there is
 * nothing to do: the spec asks for none. */
#include "plan/device_rules.h"
#include "plan/resources.h"
#include <string.h>

/* Device rules need the host's CAP_SYS_ADMIN. An ordinary user cannot open what the rules are about in any case: user
 * namespaces allow no device nodes. */
static bool may_rule(const struct facts *host)
{
	return host->cap_sys_admin && !host->in_userns;
}

struct lines {
	struct lowering *l;
	int index;
};

static struct origin reason(const struct lowering *l, size_t rule)
{
	if (rule < l->r->devices.n)
		return FROM(l->r->devices.v[rule]);
	return SPEC("default devices");
}

static void emit_line(void *ctx, size_t rule, bool allow, const char *line)
{
	struct lines *x = ctx;
	struct plan *p = x->l->p;

	if (x->l->dry)
		return;
	struct step *s = plan_step(p, STEP_WRITE, reason(x->l, rule));

	s->lenient = may_rule(x->l->in->host) ? MUST : SKIP_EPERM;
	s->write.to = WRITE_CGROUP;
	s->write.index = (uint8_t)x->index;
	s->write.path = allow ? "devices.allow" : "devices.deny";
	s->write.bytes = arena_str(p->arena, line, strlen(line));
}

static int emit_lines(struct lowering *l, int index, const struct device_rule *rules, size_t n)
{
	struct lines x = { l, index };
	size_t bad = device_rules_v1(rules, n, emit_line, &x);

	if (bad == n)
		return 0;
	if (bad >= l->r->devices.n)
		return lower_refuse(l->in, AT(l->r->devices),
		                    "begin the list with {\"allow\": false, \"access\": \"rwm\"}",
		                    "on cgroup v1 these device rules leave out default devices");
	return lower_refuse(l->in, AT(l->r->devices.v[bad]),
	                    "write the earlier rule narrower, or use cgroup v2",
	                    "cgroup v1 cannot take back a part of an earlier device rule");
}

static void emit_program(struct lowering *l, int index, const struct device_rule *rules, size_t n)
{
	struct bpf_insn *program = NEW_N(l->p->arena, struct bpf_insn, DEVICE_INSNS(n));
	struct step *s = plan_step(l->p, STEP_DEVICES, FROM(l->r->devices));

	s->lenient = may_rule(l->in->host) ? MUST : SKIP_EPERM;
	s->devices.program = program;
	s->devices.n = (uint32_t)device_rules_bpf(rules, n, program);
	s->devices.index = (uint8_t)index;
}

/* The v1 hierarchy, else any v2 one; -1: neither. */
static int find(const struct plan *p)
{
	int v2 = -1;

	for (uint32_t i = 0; i < p->n_cgroups; i++) {
		if (p->cgroups[i].v2)
			v2 = (int)i;
		else if (strcmp(p->cgroups[i].controllers, "devices") == 0)
			return (int)i;
	}
	return v2;
}

int lower_devices(struct lowering *l)
{
	size_t own = l->r->devices.n, n = own + DEVICE_DEFAULTS;
	int index = find(l->p);

	if (!own || l->in->o->manager == CGROUP_MANAGER_DISABLED)
		return 0;
	if (index < 0)
		return !may_rule(l->in->host)
		               ? 0
		               : lower_refuse(l->in, AT(l->r->devices),
		                              "remove the rules, or mount the devices controller",
		                              "there is no cgroup that could hold device rules");
	if (may_rule(l->in->host))
		l->asked |= 1u << index;
	struct device_rule *rules = NEW_N(l->p->arena, struct device_rule, n);
	for (size_t i = 0; i < own; i++)
		rules[i] = device_rule_from(&l->r->devices.v[i]);
	memcpy(rules + own, device_defaults, sizeof device_defaults);
	if (!l->p->cgroups[index].v2)
		return emit_lines(l, index, rules, n);
	if (!l->dry)
		emit_program(l, index, rules, n);
	return 0;
}
