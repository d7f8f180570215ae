/* label: a step in a few words, for `nsrun plan` and for errors. */
#include "base/str.h"
#include "plan/kinds.h"
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

static void label_flags(uint32_t flags, char *b, size_t n)
{
	for (size_t i = 0; i < NAMESPACES; i++)
		if (flags & namespace_defs[i].flag)
			str_add(b, n, " %s", namespace_defs[i].type);
}

static void label_mount(const struct step *s, char *b, size_t n)
{
	if (s->mount.how & MOUNT_REMOUNT)
		str_add(b, n, " again %s", s->mount.target);
	else if (s->mount.how & MOUNT_BIND)
		str_add(b, n, " %s %s on %s", s->mount.how & MOUNT_REC ? "rbind" : "bind",
		        s->mount.source, s->mount.target);
	else
		str_add(b, n, " %s on %s", s->mount.fstype ? s->mount.fstype : "?",
		        s->mount.target);
}

static void label_node(const struct step *s, char *b, size_t n)
{
	static const char letter[] = { [NODE_CHAR] = 'c', [NODE_BLOCK] = 'b', [NODE_FIFO] = 'p' };

	if (s->node.type == NODE_LINK)
		str_add(b, n, " %s -> %s", s->node.path, s->node.link);
	else if (s->node.type == NODE_FIFO)
		str_add(b, n, " %s p %04o", s->node.path, (unsigned)s->node.mode);
	else
		str_add(b, n, " %s %c %u:%u %04o%s", s->node.path, letter[s->node.type],
		        major(s->node.dev), minor(s->node.dev), (unsigned)s->node.mode,
		        s->node.bind ? " (bind)" : "");
}

static void label_write(const struct step *s, const struct cgroup_dir *cgroups, char *b, size_t n)
{
	static const char *const where[] = { [WRITE_CGROUP] = "",
		                             [WRITE_INIT] = "/proc/<init>/",
		                             [WRITE_SELF] = "/proc/self/",
		                             [WRITE_SYSCTL] = "/proc/sys/" };

	if (s->write.to == WRITE_CGROUP && !cgroups[s->write.index].v2)
		str_add(b, n, " %s:", cgroups[s->write.index].controllers);
	else
		str_add(b, n, " ");
	str_add(b, n, "%s%s = %s", where[s->write.to], s->write.path, s->write.bytes);
}

static void label_cgroup(const struct cgroup_dir *c, char *b, size_t n)
{
	str_add(b, n, " %s%s", c->mount, c->path);
}

/* What each directory that is made on the way gets. */
static void label_realtime(const struct cgroup_dir *c, char *b, size_t n)
{
	if (c->rt_runtime)
		str_add(b, n, ", realtime %s us", c->rt_runtime);
	if (c->rt_period)
		str_add(b, n, ", realtime period %s us", c->rt_period);
}

static void label_rdt(const struct step *s, char *b, size_t n)
{
	str_add(b, n, " /%s", s->rdt.group);
	for (uint32_t i = 0; i < s->rdt.n; i++)
		for (const char *t = s->rdt.schemata[i]; *t; t += *t == '\n') {
			str_add(b, n, " %.*s", (int)strcspn(t, "\n"), t);
			t += strcspn(t, "\n");
		}
	if (s->rdt.monitor)
		str_add(b, n, ", monitored");
}

static void label_sched(const struct step *s, char *b, size_t n)
{
	str_add(b, n, " %s", s->sched.name);
	if (s->sched.priority)
		str_add(b, n, " priority %u", s->sched.priority);
	if (s->sched.nice)
		str_add(b, n, " nice %d", s->sched.nice);
	if (s->sched.runtime)
		str_add(b, n, " %llu of %llu ns", (unsigned long long)s->sched.runtime,
		        (unsigned long long)s->sched.period);
}

static unsigned count_bits(uint64_t set)
{
	return (unsigned)__builtin_popcountll(set);
}

/* long: one case a kind */
void step_label(const struct step *s, const struct cgroup_dir *cgroups, char *b, size_t n)
{
	snprintf(b, n, "%s", step_defs[s->kind].name);
	switch (s->kind) {
	case STEP_CGROUP:
		label_cgroup(&cgroups[s->cgroup.index], b, n);
		if (s->cgroup.existing)
			str_add(b, n, " as it is");
		label_realtime(&cgroups[s->cgroup.index], b, n);
		return;
	case STEP_SCOPE:
		str_add(b, n, " %s%s in %s%s%s", s->scope.user ? "--user " : "", s->scope.unit,
		        s->scope.slice, *s->scope.subgroup ? ", init below it in " : "",
		        s->scope.subgroup);
		return;
	case STEP_DELEGATE:
		label_cgroup(&cgroups[s->delegate.index], b, n);
		str_add(b, n, " to uid %u", (unsigned)s->delegate.uid);
		return;
	case STEP_DEVICES: label_cgroup(&cgroups[s->devices.index], b, n); return;
	case STEP_WRITE: label_write(s, cgroups, b, n); return;
	case STEP_OPEN_NS:
		if (s->open_ns.path)
			str_add(b, n, " %s", s->open_ns.path);
		else
			label_flags(s->open_ns.flag, b, n);
		return;
	case STEP_TREE:
		str_add(b, n, " %s%s%s", s->tree.source,
		        s->tree.how & MOUNT_IDMAP ? ", id-mapped" : "",
		        s->tree.how & MOUNT_IDMAP_REC ? " with all below" : "");
		return;
	case STEP_CLONE:
		str_add(b, n, " %s", lane_names[s->clone.lane]);
		if (s->clone.flags)
			str_add(b, n, ":");
		label_flags(s->clone.flags, b, n);
		if (s->clone.shares)
			str_add(b, n, ", in our memory until exec");
		return;
	case STEP_JOIN:
	case STEP_UNSHARE: label_flags(s->join.flags, b, n); return;
	case STEP_IDMAP:
		str_add(b, n, " uid %zu, gid %zu entries%s", s->idmap.n_uid, s->idmap.n_gid,
		        s->idmap.newuidmap        ? " by newuidmap"
		        : s->idmap.deny_setgroups ? ", setgroups denied"
		                                  : "");
		return;
	case STEP_FILTER:
		if (s->filter.program)
			str_add(b, n, " of %u instructions", s->filter.n);
		return;
	case STEP_AGENT: str_add(b, n, " %s", s->agent.path); return;
	case STEP_RDT: label_rdt(s, b, n); return;
	case STEP_NETDEV: str_add(b, n, " %s as %s", s->netdev.host, s->netdev.name); return;
	case STEP_HOOK:
		str_add(b, n, " %s %u %s", hook_names[s->hook.type], s->hook.index,
		        s->hook.hook->path);
		return;
	case STEP_RLIMIT:
		str_add(b, n, " %s %llu:%llu", s->rlimit.name,
		        (unsigned long long)s->rlimit.limit.rlim_cur,
		        (unsigned long long)s->rlimit.limit.rlim_max);
		return;
	case STEP_AFFINITY:
		str_add(b, n, " %s", s->affinity.mask ? s->affinity.cpus : "of the cgroup");
		return;
	case STEP_SCHED: label_sched(s, b, n); return;
	case STEP_IOPRIO: str_add(b, n, " %s %d", s->ioprio.name, s->ioprio.level); return;
	case STEP_PERSONALITY: str_add(b, n, " %s", s->personality.name); return;
	case STEP_MEMPOLICY:
		str_add(b, n, " %s%s%s", s->mempolicy.name, s->mempolicy.bits ? " " : "",
		        s->mempolicy.bits ? s->mempolicy.nodes : "");
		return;
	case STEP_ROOTFS: str_add(b, n, " %s", s->rootfs.path); return;
	case STEP_MOUNT: label_mount(s, b, n); return;
	case STEP_NODE: label_node(s, b, n); return;
	case STEP_COVER:
		str_add(b, n, " %s%s", s->cover.path,
		        s->cover.how == COVER_READONLY ? " read-only" : "");
		return;
	case STEP_ATTR: str_add(b, n, " %s", s->attr.target); return;
	case STEP_PIVOT:
		if (s->pivot.how == PIVOT_MOVE)
			str_add(b, n, " by MS_MOVE and chroot");
		return;
	case STEP_TTY:
		if (s->tty.rows || s->tty.cols)
			str_add(b, n, " %ux%u", s->tty.cols, s->tty.rows);
		return;
	case STEP_HOSTNAME:
	case STEP_DOMAINNAME:
	case STEP_KEYRING: str_add(b, n, " %s", s->hostname.name); return;
	case STEP_UMASK: str_add(b, n, " %04o", (unsigned)s->umask.mask); return;
	case STEP_CHDIR:
		str_add(b, n, " %s%s", s->chdir.path, s->chdir.create ? ", made if missing" : "");
		return;
	case STEP_FDS: str_add(b, n, " keep 0-%u", s->fds.preserve + 2); return;
	case STEP_USER:
		str_add(b, n, " %u:%u", (unsigned)s->user.uid, (unsigned)s->user.gid);
		if (s->user.n)
			str_add(b, n, " +%u groups", s->user.n);
		if (s->user.keep_groups)
			str_add(b, n, ", the caller's groups stay");
		return;
	case STEP_CAPS:
		str_add(b, n,
		        " bounding %u, permitted %u, effective %u, inheritable %u, ambient %u",
		        count_bits(s->caps.bounding), count_bits(s->caps.permitted),
		        count_bits(s->caps.effective), count_bits(s->caps.inheritable),
		        count_bits(s->caps.ambient));
		return;
	case STEP_ROOT:
		if (s->root.target)
			str_add(b, n, " of init");
		return;
	case STEP_LOOKUP: str_add(b, n, " %s", s->lookup.file); return;
	case STEP_EXEC:
		if (s->exec.argv)
			str_add(b, n, " %s", s->exec.argv[0]);
		return;
	case STEP_ATTACH:
	case STEP_FIFOS:
	case STEP_ADOPT:
	case STEP_PUBLISH:
	case STEP_BECOME:
	case STEP_LINK_UP:
	case STEP_PROPAGATE:
	case STEP_RETURN:
	case STEP_SESSION:
	case STEP_NNP:
	case STEP_NOTIFY:
	case STEP_SECCOMP:
	case STEP_UNLISTEN:
	case STEP_WAIT:
	case STEP__N: return;
	}
}
