/* namespaces: linux.namespaces and linux.timeOffsets. config-linux.md, namespaces(7). */
#include "base/str.h"
#include "base/sys.h"
#include "check/check.h"
#include <inttypes.h>
#include <string.h>

#define NSEC_PER_SEC 1000000000u

static const struct {
	const char *type;
	uint32_t flag;
} kinds[] = { { "mount", CLONE_NEWNS },      { "pid", CLONE_NEWPID },  { "network", CLONE_NEWNET },
	      { "uts", CLONE_NEWUTS },       { "ipc", CLONE_NEWIPC },  { "user", CLONE_NEWUSER },
	      { "cgroup", CLONE_NEWCGROUP }, { "time", CLONE_NEWTIME } };

static void check_kernel(struct check *k, const struct oci_namespace *ns)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (STR_EQ(ns->type, kinds[i].type) && !(k->host->namespaces & kinds[i].flag))
			bad(k, AT(ns->type), "remove it, or boot a kernel that has them",
			    "%s namespaces aren't enabled in the kernel", ns->type);
}

static void check_namespace(struct check *k, size_t i)
{
	const struct oci_namespace *v = k->c->linux_->namespaces.v, *ns = &v[i];

	if (!str_empty(ns->path))
		check_absolute(k, AT(ns->path), ns->path);
	if (str_empty(ns->type))
		return;
	for (size_t j = 0; j < i; j++)
		if (!str_empty(v[j].type) && STR_EQ(v[j].type, ns->type)) {
			bad(k, AT(v[i].type), "remove one of the two",
			    "the %s namespace is listed twice", ns->type);
			return;
		}
	check_kernel(k, ns);
}

/* A clock ends at half of what the kernel can count, KTIME_SEC_MAX / 2; whether it would begin before 0 depends on how
 * long the machine runs. */
#define SECS_MAX INT64_C(4611686018)

static void check_offset(struct check *k, const struct oci_time_offset *o)
{
	if (o && o->nanosecs.set && o->nanosecs.v >= NSEC_PER_SEC)
		bad(k, AT(o->nanosecs), "put whole seconds into secs",
		    "nanosecs is %llu, expected 0 to %u", (unsigned long long)o->nanosecs.v,
		    NSEC_PER_SEC - 1);
	if (o && (o->secs.v > SECS_MAX || o->secs.v < -SECS_MAX))
		bad(k, AT(o->secs), "use fewer seconds",
		    "secs is %" PRId64 ", expected %" PRId64 " to %" PRId64, o->secs.v, -SECS_MAX,
		    SECS_MAX);
}

static void check_time_offsets(struct check *k, const struct oci_linux *l)
{
	const struct oci_time_offsets *t = l->time_offsets;

	if (!t || (!t->boottime && !t->monotonic))
		return;
	enum ns_use use = check_ns(k, "time");
	if (use == NS_ABSENT)
		bad(k, AT(l->time_offsets), "add {\"type\": \"time\"} to linux.namespaces",
		    "time namespace offsets specified, but time namespace isn't enabled in the config");
	if (use == NS_JOINED)
		bad(k, AT(l->time_offsets), "remove the offsets or the path of the time namespace",
		    "time namespace enabled, but both namespace path and time offsets specified -- "
		    "you may only provide one");
	check_offset(k, t->boottime);
	check_offset(k, t->monotonic);
}

/* Its tree is made in a mount namespace that init leaves again. setns(2) takes CAP_SYS_ADMIN where the host's belongs. */
static void check_mount_absent(struct check *k, struct oci_at at)
{
	static const char hint[] = "add {\"type\": \"mount\"} to linux.namespaces";

	if (check_ns(k, "mount") != NS_ABSENT)
		return;
	if (check_ns(k, "user") != NS_ABSENT)
		bad(k, at, hint,
		    "a container with a user namespace cannot be in the host's mount namespace");
	else
		warn(k, at, hint,
		     "without a mount namespace the container can see the host's mounts, and with "
		     "CAP_SYS_ADMIN change them");
}

void check_namespaces(struct check *k)
{
	const struct oci_linux *l = k->c->linux_;
	struct oci_at at = l ? AT(l->namespaces) : AT(k->c->linux_);

	for (size_t i = 0; l && i < l->namespaces.n; i++)
		check_namespace(k, i);
	check_mount_absent(k, at);
	if (!k->host->cap_sys_admin && check_ns(k, "user") == NS_ABSENT)
		/* plan and check may be asked by anyone, about a bundle that root will run. */
		(k->o->lifecycle ? bad : warn)(
			k, at,
			"add a user namespace and id mappings, as \"nsrun spec --rootless\" writes them",
			"an ordinary user cannot make a container without a user namespace");
	if (l)
		check_time_offsets(k, l);
}
