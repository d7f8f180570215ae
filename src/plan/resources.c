/* resources: linux.resources becomes writes to cgroup files (config-linux.md#control-groups, cgroup-v2.rst). */
#include "plan/resources.h"
#include "base/str.h"
#include "libocispec-lite/schema.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int lower_refuse(const struct plan_in *in, struct oci_at at, const char *hint, const char *fmt, ...)
{
	char text[sizeof in->e->what], pointer[sizeof in->e->where];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	err_set(in->e, ERR_CONFIG, "%s", text);
	if (oci_pointer(&oci_config_schema, in->c, at, pointer, sizeof pointer))
		err_where(in->e, "%s", pointer);
	return err_hint(in->e, "%s", hint);
}

/* Which of the container's cgroups has the controller; -1: none. */
static int find(const struct plan *p, const struct limit *x)
{
	for (uint32_t i = 0; i < p->n_cgroups; i++) {
		const struct cgroup_dir *d = &p->cgroups[i];
		const char *controller = d->v2 ? x->v2.controller : x->v1.controller;

		if (controller && str_listed(d->controllers, d->v2 ? ' ' : ',', controller))
			return (int)i;
	}
	return -1;
}

bool lower_on_v2(const struct lowering *l, const char *controller)
{
	const struct limit x = { .v1.controller = controller, .v2.controller = controller };
	int i = find(l->p, &x);

	return i >= 0 && l->p->cgroups[i].v2;
}

static int refuse_missing(struct lowering *l, const struct limit *x)
{
	const char *name = x->v1.controller;
	const char *hint = "remove the limit, or use a host that has the controller";

	if (x->v2.controller && (!name || l->in->host->cgroup_host == CGROUP_HOST_V2))
		name = x->v2.controller;
	else if (!x->v2.controller)
		hint = "remove it: only cgroup v1 has this setting";
	if (l->in->o->manager == CGROUP_MANAGER_DISABLED)
		return lower_refuse(l->in, x->at, "remove the limit, or --cgroup-manager disabled",
		                    "a limit needs controller \"%s\", but cgroups are disabled",
		                    name);
	return lower_refuse(l->in, x->at, hint, "cgroup controller \"%s\" is not available here",
	                    name);
}

static void ask(struct lowering *l, int index, const char *controller)
{
	l->asked |= 1u << index;
	if (!l->p->cgroups[index].v2)
		return;
	char word[64];
	snprintf(word, sizeof word, "+%s", controller);
	if (!str_listed(l->need, ' ', word))
		str_add(l->need, sizeof l->need, "%s%s", *l->need ? " " : "", word);
}

static void emit_write(struct lowering *l, int index, const struct limit *x, const struct knob *k)
{
	if (l->dry)
		return;
	struct step *s = plan_step(l->p, STEP_WRITE, (struct origin){ .at = x->at });

	s->lenient = x->lenient;
	s->write.to = WRITE_CGROUP;
	s->write.index = (uint8_t)index;
	s->write.path = k->file;
	s->write.bytes = k->text;
	s->write.or_path = k->or_file;
	s->write.or_bytes = k->or_text;
}

int lower_limit(struct lowering *l, const struct limit *x)
{
	int i = find(l->p, x);

	if (i < 0)
		return x->none ? 0 : refuse_missing(l, x);
	const struct knob *k = l->p->cgroups[i].v2 ? &x->v2 : &x->v1;
	if (!k->file)
		return x->none ? 0
		               : lower_refuse(
					 l->in, x->at, "remove it: only cgroup v1 has this setting",
					 "controller \"%s\" of cgroup v2 has nothing like this",
					 k->controller);
	ask(l, i, k->controller);
	emit_write(l, i, x, k);
	return 0;
}

int lower_number(struct lowering *l, const char *controller, struct oci_at at, const char *v1,
                 const char *v2, int64_t value, enum lenient lenient)
{
	bool none = value < 0;
	const char *text = none ? NULL : arena_fmt(l->p->arena, "%lld", (long long)value);
	struct limit x = {
		.at = at,
		.v1 = { .controller = controller, .file = v1, .text = none ? "-1" : text },
		.v2 = { .controller = controller, .file = v2, .text = none ? "max" : text },
		.none = none,
		.lenient = lenient,
	};

	return lower_limit(l, &x);
}

int lower_text(struct lowering *l, const char *controller, struct oci_at at, const char *v1,
               const char *v2, const char *text)
{
	struct limit x = {
		.at = at,
		.v1 = { .controller = controller, .file = v1, .text = text },
		.v2 = { .controller = v2 ? controller : NULL, .file = v2, .text = text },
	};

	return lower_limit(l, &x);
}

static int lower_pids(struct lowering *l)
{
	const struct oci_pids *pids = l->r->pids;
	const char *text;

	if (!pids || !pids->limit.set)
		return 0;
	text = pids->limit.v < 0 ? "max" : arena_fmt(l->p->arena, "%lld", (long long)pids->limit.v);
	struct limit x = { .at = AT(pids->limit),
		           .v1 = { .controller = "pids", .file = "pids.max", .text = text },
		           .v2 = { .controller = "pids", .file = "pids.max", .text = text },
		           .none = pids->limit.v < 0 };
	return lower_limit(l, &x);
}

/* Pages in use, and pages that are only reserved (5.7). */
static int lower_hugepages(struct lowering *l)
{
	struct arena *a = l->p->arena;

	for (size_t i = 0; i < l->r->hugepage_limits.n; i++) {
		const struct oci_hugepage_limit *h = &l->r->hugepage_limits.v[i];

		for (int reserved = 0; reserved < 2; reserved++) {
			const char *part = reserved ? ".rsvd" : "";
			const char *text = arena_fmt(a, "%llu", (unsigned long long)h->limit.v);
			struct limit x = {
				.at = AT(h->limit),
				.v1 = { .controller = "hugetlb", .text = text },
				.v2 = { .controller = "hugetlb", .text = text },
				.lenient = reserved ? SKIP_ENOENT : MUST,
			};

			x.v1.file = arena_fmt(a, "hugetlb.%s%s.limit_in_bytes", h->page_size, part);
			x.v2.file = arena_fmt(a, "hugetlb.%s%s.max", h->page_size, part);
			if (lower_limit(l, &x) < 0)
				return -1;
		}
	}
	return 0;
}

static int lower_rdma(struct lowering *l)
{
	for (size_t i = 0; i < l->r->rdma.n; i++) {
		const struct oci_rdma *d = &l->r->rdma.v[i];
		char handles[40] = "", objects[40] = "";

		if (d->hca_handles.set)
			snprintf(handles, sizeof handles, " hca_handle=%llu",
			         (unsigned long long)d->hca_handles.v);
		if (d->hca_objects.set)
			snprintf(objects, sizeof objects, " hca_object=%llu",
			         (unsigned long long)d->hca_objects.v);
		const char *text = arena_fmt(l->p->arena, "%s%s%s", d->key, handles, objects);
		if ((*handles || *objects) &&
		    lower_text(l, "rdma", AT(*d), "rdma.max", "rdma.max", text) < 0)
			return -1;
	}
	return 0;
}

static int lower_network(struct lowering *l)
{
	const struct oci_network *n = l->r->network;

	if (!n)
		return 0;
	if (n->class_id.v) {
		const char *id = arena_fmt(l->p->arena, "%llu", (unsigned long long)n->class_id.v);

		if (lower_text(l, "net_cls", AT(n->class_id), "net_cls.classid", NULL, id) < 0)
			return -1;
	}
	for (size_t i = 0; i < n->priorities.n; i++) {
		const struct oci_interface_priority *f = &n->priorities.v[i];
		const char *text = arena_fmt(l->p->arena, "%s %llu", f->name,
		                             (unsigned long long)f->priority.v);

		if (lower_text(l, "net_prio", AT(*f), "net_prio.ifpriomap", NULL, text) < 0)
			return -1;
	}
	return 0;
}

/* Files of the cgroup core limit it too; the others would move or stop the container while it is being made. */
static bool core_limit(const char *key)
{
	return str_starts(key, "cgroup.max.") || STR_EQ(key, "cgroup.pressure");
}

static int refuse_unified(struct lowering *l, const struct oci_entry *u, const char *controller)
{
	if (strchr(u->key, '/') || !strchr(u->key, '.'))
		return lower_refuse(l->in, AT(u->value), "write CONTROLLER.FILE: memory.high",
		                    "unified \"%s\" is not the name of a cgroup file", u->key);
	for (uint32_t i = 0; i < l->p->n_cgroups; i++)
		if (l->p->cgroups[i].v2)
			return lower_refuse(
				l->in, AT(u->value), "remove it, or enable the controller",
				"unified \"%s\" cannot be set: controller \"%s\" is not "
				"available under %s",
				u->key, controller, l->p->cgroups[i].mount);
	return lower_refuse(l->in, AT(u->value), "use the other members of linux.resources",
	                    "unified \"%s\" needs cgroup v2", u->key);
}

/* One entry of unified, as it is; a value of several lines is written line by line. */
static int lower_entry(struct lowering *l, const struct oci_entry *u)
{
	struct arena *a = l->p->arena;
	char *controller = arena_str(a, u->key, strcspn(u->key, "."));
	struct limit x = { .at = AT(u->value), .v2 = { .controller = controller, .file = u->key } };
	int i = strchr(u->key, '/') || !strchr(u->key, '.') ? -1 : find(l->p, &x);

	if (i >= 0)
		ask(l, i, controller);
	for (uint32_t j = 0; i < 0 && core_limit(u->key) && j < l->p->n_cgroups; j++)
		if (l->p->cgroups[j].v2)
			i = (int)j;
	if (i < 0)
		return refuse_unified(l, u, controller);
	l->asked |= 1u << i;
	for (const char *line = u->value; *line;) {
		size_t len = strcspn(line, "\n");

		x.v2.text = arena_str(a, line, len);
		if (len)
			emit_write(l, i, &x, &x.v2);
		line += len + (line[len] == '\n');
	}
	return 0;
}

int lower_resources(struct lowering *l)
{
	if (lower_devices(l) < 0 || lower_memory(l) < 0 || lower_cpu(l) < 0 || lower_pids(l) < 0 ||
	    lower_block_io(l) < 0 || lower_hugepages(l) < 0 || lower_rdma(l) < 0 ||
	    lower_network(l) < 0)
		return -1;
	/* Last: what the file names say wins over what was converted. */
	for (size_t i = 0; i < l->r->unified.n; i++)
		if (lower_entry(l, &l->r->unified.v[i]) < 0)
			return -1;
	return 0;
}
