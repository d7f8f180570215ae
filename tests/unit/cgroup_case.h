/* cgroup_case: what tests of the cgroup planners share: hosts of every kind, and a plan as text. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "libocispec-lite/ocispec.h"
#include "plan/emit.h"
#include "plan/resources.h"
#include <stdio.h>
#include <string.h>

#define V1(c, path)                                                                                \
	{                                                                                          \
		.controllers = c, .mount = "/cg/" c, .own = path, .writable = true                 \
	}

/* Root, host namespace: what may be done is all there. */
#define ROOT .cap_sys_admin = true, .cap_setid = true

static const struct facts v1_host = {
	ROOT,
	.cgroup_host = CGROUP_HOST_V1,
	.hierarchy = { V1("name=systemd", "/"), V1("cpu,cpuacct", "/a"), V1("memory", "/m"),
	               V1("pids", "/"), V1("devices", "/"), V1("cpuset", "/"), V1("blkio", "/"),
	               V1("hugetlb", "/"), V1("net_cls,net_prio", "/"), V1("rdma", "/") },
	.n_hierarchies = 10,
};
static const struct facts hybrid_host = {
	ROOT,
	.cgroup_host = CGROUP_HOST_HYBRID,
	.hierarchy = { V1("memory", "/m"),
	               V1("cpu", "/"),
	               V1("pids", "/"),
	               V1("devices", "/"),
	               { .controllers = "hugetlb",
	                 .mount = "/cg/unified",
	                 .own = "/u/own",
	                 .v2 = true,
	                 .writable = true } },
	.n_hierarchies = 5,
};
static const struct facts v2_host = {
	ROOT,
	.cgroup_host = CGROUP_HOST_V2,
	.hierarchy = { { .controllers = "cpuset cpu io memory hugetlb pids rdma misc",
	                 .mount = "/cg",
	                 .own = "/s/own",
	                 .v2 = true,
	                 .writable = true } },
	.n_hierarchies = 1,
};
static const struct facts no_host = { ROOT, .cgroup_host = CGROUP_HOST_NONE };
static const struct facts user_host = {
	.euid = 1000,
	.cgroup_host = CGROUP_HOST_V2,
	.hierarchy = { { .controllers = "memory pids",
	                 .mount = "/cg",
	                 .own = "/s/own",
	                 .v2 = true } },
	.n_hierarchies = 1,
};

static char text[8192];
static struct err e;
static struct arena arena;

static inline void show(const struct plan *p)
{
	const struct step *s;

	*text = '\0';
	for (uint32_t n = 0; (s = plan_at(p, n, NULL)); n++) {
		char line[512];

		if (s->kind == STEP_CGROUP)
			snprintf(line, sizeof line, "cgroup %s%s",
			         p->cgroups[s->cgroup.index].mount,
			         p->cgroups[s->cgroup.index].path);
		else if (s->kind == STEP_DEVICES)
			snprintf(line, sizeof line, "devices %u", s->devices.n);
		else
			snprintf(line, sizeof line, "%s/%s=%s%s%s%s%s",
			         p->cgroups[s->write.index].mount + 3, s->write.path,
			         s->write.bytes, s->write.or_path ? "|" : "",
			         s->write.or_path ? s->write.or_path : "",
			         s->write.or_path ? "=" : "",
			         s->write.or_path ? s->write.or_bytes : "");
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s\n", line,
		         s->lenient == MUST          ? ""
		         : s->lenient == SKIP_ENOENT ? " ?"
		                                     : " (may)");
	}
}

static struct plan plan;

static inline int lower(const struct facts *host, const char *path, struct oci_resources *r,
                        enum cgroup_manager manager)
{
	static struct oci_linux l;
	static struct oci_config c;
	static const struct plan_opts o_fs = { .id = "c1" };
	static const struct plan_opts o_off = { .id = "c1", .manager = CGROUP_MANAGER_DISABLED };
	const struct plan_in in = { &c, host, manager ? &o_off : &o_fs, &e };

	l = (struct oci_linux){ .cgroups_path = (char *)path, .resources = r };
	c = (struct oci_config){ .linux_ = &l };
	e = (struct err){ 0 };
	arena_done(&arena);
	plan = (struct plan){ .config = &c, .arena = &arena };
	plan_phase(&plan, LANE_HOST, "test");
	if (plan_cgroup(&plan, &in) < 0 || plan_resources(&plan, &in) < 0)
		return -1;
	show(&plan);
	return 0;
}

/* Only the writes. */
static inline const char *writes(const struct facts *host, struct oci_resources *r)
{
	if (lower(host, NULL, r, CGROUP_MANAGER_FS) < 0)
		fail_msg("%s (%s)", e.what, e.where);
	char *s = text;
	while (strncmp(s, "cgroup ", 7) == 0)
		s = strchr(s, '\n') + 1;
	return s;
}

static inline void refused(const struct facts *host, struct oci_resources *r, const char *what,
                           const char *where)
{
	assert_int_equal(lower(host, NULL, r, CGROUP_MANAGER_FS), -1);
	assert_int_equal(e.kind, ERR_CONFIG);
	if (!strstr(e.what, what))
		fail_msg("\"%s\" is not in \"%s\"", what, e.what);
	assert_string_equal(e.where, where);
	assert_true(*e.hint);
}
