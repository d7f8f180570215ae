/* resources: linux.resources; here pids, hugepageLimits, network, rdma and unified. config-linux.md#control-groups. */
#include "base/str.h"
#include "check/check.h"
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#define PIDS_MAX 4194304 /* PID_MAX_LIMIT of 64-bit kernels */

static void check_pids(struct check *k, const struct oci_pids *p)
{
	if (!p->limit.set)
		return;
	if (p->limit.v < -1 || p->limit.v > PIDS_MAX)
		bad(k, AT(p->limit), "write -1 for no limit",
		    "limit is %" PRId64 ", expected -1 to %d", p->limit.v, PIDS_MAX);
	if (p->limit.v != -1)
		check_controller(k, AT(p->limit), "pids", "pids");
}

/* "64KB", "2MB", "1GB" */
static bool page_size(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n && *s != '0' && s[n] && strchr("KMG", s[n]) && STR_EQ(s + n + 1, "B");
}

static void check_hugepages(struct check *k, const struct oci_resources *r)
{
	const struct oci_hugepage_limit *v = r->hugepage_limits.v;
	bool here = r->hugepage_limits.n &&
	            check_controller(k, AT(r->hugepage_limits), "hugetlb", "hugetlb");

	for (size_t i = 0; i < r->hugepage_limits.n; i++) {
		const char *size = v[i].page_size, *sizes = k->host->hugepage_sizes;

		if (!size)
			continue;
		if (!page_size(size))
			bad(k, AT(v[i].page_size), "write it as 64KB, 2MB or 1GB",
			    "\"%s\" is not the size of a huge page", size);
		else if (here && sizes && !str_listed(sizes, ' ', size))
			bad(k, AT(v[i].page_size),
			    *sizes ? arena_fmt(k->a, "use one of: %s", sizes) : "remove the limit",
			    "this host has no huge pages of %s", size);
		for (size_t j = 0; j < i; j++)
			if (v[j].page_size && STR_EQ(v[j].page_size, size))
				bad(k, AT(v[i].page_size), "remove one of the two",
				    "%s is listed twice", size);
	}
}

static void check_network(struct check *k, const struct oci_network *n)
{
	const struct oci_interface_priority *v = n->priorities.v;

	if (n->class_id.v)
		check_controller(k, AT(n->class_id), "net_cls", NULL);
	if (n->priorities.n)
		check_controller(k, AT(n->priorities), "net_prio", NULL);
	for (size_t i = 0; i < n->priorities.n; i++) {
		if (!v[i].name)
			continue;
		if (!*v[i].name || strpbrk(v[i].name, " /\t\n"))
			bad(k, AT(v[i].name), "name an interface, as in eth0",
			    "\"%s\" is not the name of a network interface", v[i].name);
		for (size_t j = 0; j < i; j++)
			if (v[j].name && STR_EQ(v[j].name, v[i].name))
				bad(k, AT(v[i].name), "remove one of the two", "%s is listed twice",
				    v[i].name);
	}
}

static void check_rdma(struct check *k, const struct oci_resources *r)
{
	for (size_t i = 0; i < r->rdma.n; i++) {
		const struct oci_rdma *d = &r->rdma.v[i];

		if (!*d->key || strpbrk(d->key, " \t\n"))
			bad(k, AT(*d), "name a device of /sys/class/infiniband",
			    "\"%s\" is not the name of an RDMA device", d->key);
		else if (!d->hca_handles.set && !d->hca_objects.set)
			bad(k, AT(*d), "add hcaHandles or hcaObjects",
			    "the RDMA device \"%s\" has no limit", d->key);
	}
	if (r->rdma.n)
		check_controller(k, AT(r->rdma), "rdma", "rdma");
}

/* A file of the container's cgroup: CONTROLLER.PARAM. Points dot at the first dot. */
static bool unified_key(const char *key, const char **dot)
{
	*dot = strchr(key, '.');
	for (const char *c = key; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_-.", *c))
			return false;
	return *dot && *dot > key && (*dot)[1];
}

/* Of the files that are there without a controller: what limits. The others would move or stop the container. */
static bool core_limit(const char *key)
{
	return str_starts(key, "cgroup.max.") || STR_EQ(key, "cgroup.pressure");
}

static void check_unified(struct check *k, const struct oci_entry *e)
{
	const char *dot;

	if (!unified_key(e->key, &dot)) {
		bad(k, AT(*e), "write it as CONTROLLER.PARAM, as in memory.high",
		    "\"%s\" is not the name of a cgroup file", e->key);
		return;
	}
	/* That it is no text is decode's business. */
	if (e->value && !e->value[strspn(e->value, "\n")])
		bad(k, AT(*e), "write what the file is to hold", "\"%s\" has no value", e->key);
	const char *controller = arena_str(k->a, e->key, (size_t)(dot - e->key));
	enum cgroup_host host = k->host->cgroup_host;
	if (host == CGROUP_HOST_V1 || host == CGROUP_HOST_NONE)
		bad(k, AT(*e), "use memory, cpu and the like instead",
		    "this host has no cgroup v2");
	else if (!STR_EQ(controller, "cgroup"))
		check_controller(k, AT(*e), NULL, controller);
	else if (!core_limit(e->key))
		bad(k, AT(*e),
		    "remove it: of these only cgroup.max.* and cgroup.pressure are limits",
		    "\"%s\" is not a limit", e->key);
}

void check_resources(struct check *k)
{
	const struct oci_linux *l = k->c->linux_;

	if (!l || !l->resources)
		return;
	const struct oci_resources *r = l->resources;
	check_device_rules(k, r);
	if (r->memory)
		check_memory(k, r->memory);
	if (r->cpu)
		check_cpu(k, r->cpu);
	if (r->pids)
		check_pids(k, r->pids);
	if (r->block_io)
		check_block_io(k, r->block_io);
	check_hugepages(k, r);
	if (r->network)
		check_network(k, r->network);
	check_rdma(k, r);
	for (size_t i = 0; i < r->unified.n; i++)
		check_unified(k, &r->unified.v[i]);
}
