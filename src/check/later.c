/* later: properties of the spec that this version of nsrun does not carry out. Each is refused, none is skipped; what
 * is empty means nothing and passes. */
#include "base/str.h"
#include "check/check.h"
#include <string.h>

/* One property: whether the config gives it, and where. */
struct later {
	bool given;
	struct oci_at at;
	const char *what;
};

static void refuse(struct check *k, const struct later *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].given)
			bad(k, v[i].at, "remove it", "%s is not supported by this version of nsrun",
			    v[i].what);
}
#define REFUSE(k, v) refuse(k, v, sizeof(v) / sizeof *(v))

static void check_process_later(struct check *k, const struct oci_process *p)
{
	const struct later v[] = {
		{ p->scheduler, AT(p->scheduler), "scheduler" },
		{ p->io_priority, AT(p->io_priority), "ioPriority" },
		{ !str_empty(p->apparmor_profile), AT(p->apparmor_profile), "apparmorProfile" },
		{ !str_empty(p->selinux_label), AT(p->selinux_label), "selinuxLabel" },
	};

	REFUSE(k, v);
}

static bool uses_rdt(const struct oci_intel_rdt *r)
{
	return r && (!str_empty(r->clos_id) || r->schemata.n || !str_empty(r->l3_cache_schema) ||
	             !str_empty(r->mem_bw_schema) || r->enable_monitoring.v || r->enable_cmt.v ||
	             r->enable_mbm.v);
}

static bool uses_notify(const struct oci_seccomp *s)
{
	for (size_t i = 0; s && i < s->syscalls.n; i++)
		if (s->syscalls.v[i].action && STR_EQ(s->syscalls.v[i].action, "SCMP_ACT_NOTIFY"))
			return true;
	return s && !str_empty(s->listener_path);
}

static void check_linux_later(struct check *k, const struct oci_linux *l)
{
	const struct oci_time_offsets *t = l->time_offsets;
	const struct later v[] = {
		{ l->memory_policy, AT(l->memory_policy), "memoryPolicy" },
		{ l->personality, AT(l->personality), "personality" },
		{ !str_empty(l->mount_label), AT(l->mount_label), "mountLabel" },
		{ t && (t->boottime || t->monotonic), AT(l->time_offsets), "timeOffsets" },
		{ uses_rdt(l->intel_rdt), AT(l->intel_rdt), "intelRdt" },
		{ l->net_devices.n, AT(l->net_devices), "netDevices" },
		{ uses_notify(l->seccomp), AT(l->seccomp), "a seccomp listener" },
	};

	REFUSE(k, v);
}

static void check_mount_later(struct check *k, const struct oci_mount *m)
{
	const char *what = "an id-mapped mount";

	if (m->uid_mappings.n || m->gid_mappings.n)
		refuse(k, &(struct later){ true, AT(*m), what }, 1);
	for (size_t i = 0; i < m->options.n; i++) {
		const char *o = m->options.v[i];

		if (STR_EQ(o, "idmap") || STR_EQ(o, "ridmap") || str_starts(o, "idmap="))
			refuse(k, &(struct later){ true, AT(m->options.v[i]), what }, 1);
	}
}

void check_later(struct check *k)
{
	const struct oci_config *c = k->c;

	if (c->process)
		check_process_later(k, c->process);
	for (size_t i = 0; i < c->mounts.n; i++)
		check_mount_later(k, &c->mounts.v[i]);
	if (c->linux_)
		check_linux_later(k, c->linux_);
}
