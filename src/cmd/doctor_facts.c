/* doctor_facts: see doctor.h. Pure. */
#include "base/str.h"
#include "cmd/doctor.h"
#include "plan/kinds.h"
#include <sched.h>
#include <stdio.h>
#include <string.h>

static const struct hierarchy *holder(const struct facts *f, const char *controller)
{
	for (uint32_t i = 0; i < f->n_hierarchies; i++) {
		const struct hierarchy *h = &f->hierarchy[i];

		if (str_listed(h->controllers, h->v2 ? ' ' : ',', controller))
			return h;
	}
	return NULL;
}

static void controllers(struct diagnosis *d, const struct facts *f)
{
	static const struct {
		const char *name, *lost;
	} wanted[] = { { "memory", "memory limits" },
		       { "pids", "limits of tasks" },
		       { "cpu", "shares and quotas of cpu time" },
		       { "cpuset", "cpus and memory nodes to run on" },
		       { "io", "I/O limits" },
		       { "hugetlb", "limits of huge pages" } };

	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		const char *name = wanted[i].name;
		const struct hierarchy *h = holder(f, name);

		/* v1 calls it so. */
		if (!h && STR_EQ(name, "io"))
			h = holder(f, "blkio");
		if (!h)
			finding(d, "cgroups", name, VERDICT_NO,
			        arena_fmt(d->a, "missing: no %s", wanted[i].lost),
			        "enable it: kernel configuration, cgroup_disable= and cgroup_enable= of "
			        "the kernel's command line; or delegation of a v2 cgroup");
		else if (!h->writable)
			finding(d, "cgroups", name, VERDICT_NO,
			        arena_fmt(d->a, "%s%s may not be written to", h->mount,
			                  STR_EQ(h->own, "/") ? "" : h->own),
			        f->euid ? "run it below systemd with delegation: systemd-run --user --scope "
			                  "-p Delegate=yes ..., or use --systemd-cgroup"
			                : "mount /sys/fs/cgroup writable, or have the container around "
			                  "this one delegate a cgroup");
		else
			finding(d, "cgroups", name, VERDICT_YES,
			        arena_fmt(d->a, "%s, %s", h->v2 ? "v2" : "v1", h->mount), NULL);
	}
}

void doctor_cgroups(struct diagnosis *d, const struct facts *f)
{
	static const char *const kinds[] = { [CGROUP_HOST_NONE] = "none",
		                             [CGROUP_HOST_V1] = "v1",
		                             [CGROUP_HOST_HYBRID] = "hybrid: v1, with v2 beside it",
		                             [CGROUP_HOST_V2] = "v2" };

	finding(d, "cgroups", "hierarchies",
	        f->cgroup_host == CGROUP_HOST_NONE ? VERDICT_NO : VERDICT_YES,
	        kinds[f->cgroup_host],
	        "mount cgroup2 on /sys/fs/cgroup to have limits; without, use "
	        "--cgroup-manager disabled");
	if (f->cgroup_host != CGROUP_HOST_NONE)
		controllers(d, f);
}

void doctor_namespaces(struct diagnosis *d, const struct facts *f)
{
	for (size_t i = 0; i < NAMESPACES; i++) {
		const struct namespace_def *n = &namespace_defs[i];
		bool has = f->namespaces & n->flag;

		finding(d, "namespaces", n->type,
		        has                      ? VERDICT_YES
		        : n->flag == CLONE_NEWNS ? VERDICT_FATAL
		                                 : VERDICT_NO,
		        has ? "this kernel has them" : "this kernel has none",
		        "boot a kernel that was built with them");
	}
}
