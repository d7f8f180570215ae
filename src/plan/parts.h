/* parts: what steps point to: the container's cgroup directories, a systemd scope, id maps. Strings are borrowed from the
 * config or live in the plan's arena. */
#pragma once
#include "libocispec-lite/config.h"
#include <stdbool.h>
#include <stdint.h>

/* One directory of the container; its index in plan.cgroups is that of its descriptor in run.cgroup[]. */
struct cgroup_dir {
	/* as in facts: "memory", "cpu,cpuacct", "name=systemd"; v2: "cpu memory ..." */
	const char *controllers;
	const char *mount;  /* "/sys/fs/cgroup/memory" */
	const char *path;   /* below mount: "/nsrun-c1", without ".." */
	const char *enable; /* v2: controllers to enable on the way where possible: "+cpu +io" */
	const char *need;   /* v2: those that a limit needs: "+memory", or "" */
	/* v1 cpu: a child's realtime comes out of its parent's, so each directory that is made on the way gets them;
	 * NULL: none asked for */
	const char *rt_period, *rt_runtime;
	bool v2;
	bool scope;    /* systemd makes it (STEP_SCOPE), not we */
	bool optional; /* nothing is asked of it: not being allowed there is no error */
};

/* One property of a systemd unit, systemd.resource-control(5) and org.freedesktop.systemd1(5). */
struct unit_property {
	const char *name; /* "MemoryMax" */
	/* D-Bus signature "s", "b", "t", "ay", "a(ss)" ...; "v": text is a GVariant's (org.systemd.property.*) */
	const char *type;
	/* t: decimal, UINT64_MAX is "no limit"; b: "true" or "false"; ay: hexadecimal; a(ss): "path rwm" per line */
	const char *text;
};

/* A transient scope. */
struct scope {
	const char *unit;  /* "nsrun-c1.scope" */
	const char *slice; /* "system.slice"; "-.slice": the root one */
	/* "container": the payload's own cgroup below the scope's (v2), which systemd leaves alone; "": none */
	const char *subgroup;
	bool user; /* of the user's manager, not the system's */
	const struct unit_property *properties;
	uint32_t n;
};

/* The ids of a user namespace; of a mount, those of the file system as the host sees them (user_namespaces(7),
 * mount_setattr(2)). */
struct id_maps {
	const struct oci_id_mapping *uid, *gid;
	size_t n_uid, n_gid;
};
