/* rpc: see rpc.h. */
#include "criu/rpc.h"
#include "base/str.h"
#include "criu/rpc.pb-c.h"
#include "libocispec-lite/arena.h"
#include <stdio.h>
#include <string.h>

/* Numbers of the protocol: the type of a request. */
enum { TYPE_NOTIFY = 6, TYPE_VERSION = 10 };
static const int types[] = { [CRIU_DUMP] = 1, [CRIU_PRE_DUMP] = 4, [CRIU_RESTORE] = 2 };

#define LOG_LEVEL 4 /* debug: what a failure is understood by */

static struct arena arena; /* ends with the program */

/* Never nothing: protobuf-c wants an address for no bytes too. */
static void *make(size_t n, size_t size)
{
	return arena_alloc(&arena, (n + 1) * size, _Alignof(max_align_t));
}

static struct rpc_bytes pack(const Rpc__Req *q)
{
	struct rpc_bytes b = { .len = rpc__req__get_packed_size(q) };

	b.data = make(b.len, 1);
	rpc__req__pack(q, b.data);
	return b;
}

struct rpc_bytes rpc_version(void)
{
	Rpc__Req q = RPC__REQ__INIT;

	q.type = TYPE_VERSION;
	q.has_keep_open = q.keep_open = 1;
	return pack(&q);
}

struct rpc_bytes rpc_notified(bool success)
{
	Rpc__Req q = RPC__REQ__INIT;

	q.type = TYPE_NOTIFY;
	q.has_notify_success = 1;
	q.notify_success = success;
	return pack(&q);
}

/* The place of a word in a list, or -1 without a word. */
static int place(const char *const *list, const char *word)
{
	int i = 0;

	if (!word)
		return -1;
	while (!STR_EQ(list[i], word))
		i++;
	return i;
}

enum criu_verb rpc_verb(const struct criu_request *rq)
{
	return (enum criu_verb)place(criu_verbs, rq->verb);
}

#define SET(o, member, value) ((o)->has_##member = 1, (o)->member = (value))
#define SET_IF(o, member, flag)                                                                    \
	do {                                                                                       \
		if ((flag).v)                                                                      \
			SET(o, member, 1);                                                         \
	} while (0)

static void set_flags(Rpc__Opts *o, const struct criu_request *rq)
{
	SET_IF(o, leave_running, rq->leave_running);
	SET_IF(o, ext_unix_sk, rq->ext_unix_sk);
	SET_IF(o, tcp_established, rq->tcp_established);
	SET_IF(o, tcp_close, rq->tcp_close);
	SET_IF(o, tcp_skip_in_flight, rq->tcp_skip_in_flight);
	SET_IF(o, link_remap, rq->link_remap);
	SET_IF(o, shell_job, rq->shell_job);
	SET_IF(o, lazy_pages, rq->lazy_pages);
	SET_IF(o, file_locks, rq->file_locks);
	SET_IF(o, track_mem, rq->track_mem);
	SET_IF(o, auto_dedup, rq->auto_dedup);
	SET_IF(o, orphan_pts_master, rq->orphan_pts_master);
}

static void set_values(Rpc__Opts *o, const struct criu_request *rq)
{
	int lock = place(criu_locks, rq->network_lock);

	o->images_dir_fd = (int)rq->images.v;
	SET(o, work_dir_fd, (int)rq->work.v);
	SET(o, log_level, LOG_LEVEL);
	o->log_file = rq->log_file;
	o->root = rq->root;
	o->parent_img = rq->parent;
	o->config_file = rq->config_file;
	o->freeze_cgroup = rq->freeze_cgroup;
	o->lsm_profile = rq->lsm_profile;
	o->lsm_mount_context = rq->lsm_mount_context;
	SET(o, notify_scripts, 1);
	/* A mount of the container that is a slave of one of the host's. */
	SET(o, ext_masters, 1);
	/* Device nodes of the same number as what was open will do. */
	SET(o, evasive_devices, 1);
	SET(o, manage_cgroups, 1);
	SET(o, manage_cgroups_mode, place(criu_modes, rq->cgroups_mode));
	if (rq->pid.v)
		SET(o, pid, (int)rq->pid.v);
	if (rq->status_fd.v)
		SET(o, status_fd, (int)rq->status_fd.v);
	if (rq->empty_ns.v)
		SET(o, empty_ns, (uint32_t)rq->empty_ns.v);
	if (lock >= 0)
		SET(o, network_lock, CRIU_LOCK_IPTABLES + lock);
	/* What is restored becomes a child of who started criu, not of criu. */
	if (rpc_verb(rq) == CRIU_RESTORE)
		SET(o, rst_sibling, 1);
}

/* An array of n messages and of the pointers that protobuf-c wants to them. */
#define LIST(o, member, type, init, count)                                                         \
	type *all_##member = make(count, sizeof(type));                                            \
	(o)->n_##member = count;                                                                   \
	(o)->member = make(count, sizeof(type *));                                                 \
	for (size_t i = 0; i < (count); i++) {                                                     \
		all_##member[i] = (type)init;                                                      \
		(o)->member[i] = &all_##member[i];                                                 \
	}

static void set_lists(Rpc__Opts *o, const struct criu_request *rq)
{
	LIST(o, cg_root, Rpc__CgroupRoot, RPC__CGROUP_ROOT__INIT, rq->cgroup_roots.n);
	LIST(o, inherit_fd, Rpc__InheritFd, RPC__INHERIT_FD__INIT, rq->inherit.n);
	LIST(o, join_ns, Rpc__JoinNs, RPC__JOIN_NS__INIT, rq->join_ns.n);

	o->n_external = rq->external.n;
	o->external = rq->external.v;
	for (size_t i = 0; i < rq->cgroup_roots.n; i++) {
		o->cg_root[i]->ctrl = rq->cgroup_roots.v[i].controller;
		o->cg_root[i]->path = rq->cgroup_roots.v[i].path;
	}
	for (size_t i = 0; i < rq->inherit.n; i++) {
		o->inherit_fd[i]->key = rq->inherit.v[i].key;
		o->inherit_fd[i]->fd = (int)rq->inherit.v[i].fd.v;
	}
	for (size_t i = 0; i < rq->join_ns.n; i++) {
		o->join_ns[i]->ns = rq->join_ns.v[i].type;
		o->join_ns[i]->ns_file = rq->join_ns.v[i].path;
	}
}

struct rpc_bytes rpc_request(const struct criu_request *rq)
{
	Rpc__Req q = RPC__REQ__INIT;
	Rpc__Opts o = RPC__OPTS__INIT;
	Rpc__Server ps = RPC__SERVER__INIT;

	set_flags(&o, rq);
	set_values(&o, rq);
	set_lists(&o, rq);
	if (rq->page_server) {
		ps.address = rq->page_server->address;
		SET(&ps, port, (int)rq->page_server->port.v);
		o.ps = &ps;
	}
	q.type = types[rpc_verb(rq)];
	q.opts = &o;
	return pack(&q);
}

bool rpc_parse(const uint8_t *data, size_t len, enum criu_verb verb, struct rpc_answer *out)
{
	const Rpc__Resp *r = rpc__resp__unpack(NULL, len, data);

	*out = (struct rpc_answer){ 0 };
	if (!r)
		return false;
	out->is_version = r->type == TYPE_VERSION && r->version;
	out->is_notify = r->type == TYPE_NOTIFY && r->notify && r->notify->script;
	/* A request that it could not read it answers with type 0. */
	if (!out->is_version && !out->is_notify && r->type != types[verb] &&
	    (r->type || r->success))
		return false;
	out->success = r->success;
	out->num = r->has_cr_errno ? r->cr_errno : 0;
	if (out->is_version)
		out->version = r->version->major * 10000 + r->version->minor * 100 +
		               (r->version->has_sublevel ? r->version->sublevel : 0);
	if (out->is_notify) {
		snprintf(out->script, sizeof out->script, "%s", r->notify->script);
		out->pid = r->notify->has_pid ? r->notify->pid : 0;
	} else if (r->restore) {
		out->pid = r->restore->pid;
	}
	return true;
}
