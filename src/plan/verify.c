/* verify: the order rules of a container, asserted on the plan before anything is touched. */
#include "base/sys.h"
#include "plan/kinds.h"
#include "plan/plan.h"
#include <linux/seccomp.h>
#include <stdio.h>

/* What is known while the plan is walked from its first step to its last. */
struct walk {
	const struct plan *p;
	uint32_t have[LANE__N]; /* slots that a lane can see */
	bool alive[LANE__N];
	bool rooted, pivoted, returned, swept, nnp, filtered, user, dropped;
	bool listening; /* the filter may ask, and nobody is there yet who answers */
	bool published, waited, execd;
	bool scoped; /* systemd has made what it makes */
};

/* systemd makes the container's cgroup around init: until then there is nothing to write to or to enter. */
static const char *scope_first(const struct walk *w, const struct step *s)
{
	const struct cgroup_dir *d = w->p->cgroups;
	bool of_scope = false;

	switch ((int)s->kind) {
	case STEP_WRITE: of_scope = s->write.to == WRITE_CGROUP && d[s->write.index].scope; break;
	case STEP_DEVICES: of_scope = d[s->devices.index].scope; break;
	case STEP_DELEGATE: of_scope = d[s->delegate.index].scope; break;
	case STEP_ATTACH:
	case STEP_UNSHARE:
		for (uint32_t i = 0; i < w->p->n_cgroups; i++)
			of_scope |= d[i].scope;
		break;
	case STEP_CGROUP: return d[s->cgroup.index].scope ? "of what systemd makes" : NULL;
	default: break;
	}
	return of_scope && !w->scoped ? "before systemd has made the cgroup" : NULL;
}

static const char *namespaces_before(const struct walk *w, const struct step *s)
{
	if (w->rooted && (s->kind == STEP_JOIN || s->kind == STEP_UNSHARE))
		return "after the root file system was begun";
	if (w->rooted && s->kind == STEP_PROPAGATE)
		return "after mounts were made";
	return NULL;
}

/* A container without a mount namespace: its tree takes no more mounts once it is nobody's. */
static const char *return_in_order(const struct walk *w, const struct step *s)
{
	bool mounts = s->kind == STEP_COVER || s->kind == STEP_ATTR || s->kind == STEP_TTY;

	if (s->kind == STEP_RETURN && !w->p->host_mounts)
		return "of a container that has a mount namespace";
	if (w->returned && mounts)
		return "after the mount namespace of the set-up was left";
	if (w->p->host_mounts && !w->p->enters && !w->returned && s->kind == STEP_FDS)
		return "in a mount namespace that is not the container's";
	return NULL;
}

static const char *paths_in_order(const struct walk *w, const struct step *s)
{
	switch ((int)s->kind) {
	case STEP_ROOTFS:
	case STEP_MOUNT:
	case STEP_NODE: return w->pivoted ? "after the pivot: the host's paths are gone" : NULL;
	case STEP_COVER:
	case STEP_TTY:
	case STEP_CHDIR:
	case STEP_LOOKUP:
	case STEP_RETURN:
	case STEP_USER: return w->pivoted ? NULL : "before the pivot: it would touch the host";
	default: return NULL;
	}
}

static const char *rights_in_order(const struct walk *w, const struct step *s)
{
	if (w->dropped && step_defs[s->kind].admin)
		return "after the capabilities are gone";
	if (w->dropped && s->kind == STEP_SECCOMP && !w->nnp)
		return "after the capabilities are gone and without no_new_privs";
	if (s->kind == STEP_CAPS && !w->user)
		return "before the user is set: setresuid would take them back";
	if (w->filtered && (s->kind == STEP_SECCOMP || s->kind == STEP_FDS))
		return "after the filter is in";
	if (s->kind == STEP_SECCOMP && !w->swept)
		return "before the descriptors are closed";
	if (s->kind == STEP_EXEC && !w->dropped)
		return "with capabilities that nobody dropped";
	return NULL;
}

/* A notification that nobody can answer yet would hold init for ever. */
static const char *answers_in_order(const struct walk *w, enum lane lane, const struct step *s)
{
	if (s->kind == STEP_NOTIFY)
		return w->listening ? NULL : "without a listener";
	if (s->kind == STEP_UNLISTEN && !w->filtered)
		return "before the filter is in";
	return w->listening && lane == LANE_INIT ? "before the listener was handed over" : NULL;
}

static const char *life_in_order(const struct walk *w, const struct step *s)
{
	if (w->waited && s->kind != STEP_HOOK && s->kind != STEP_EXEC)
		return "can fail after create has returned";
	if (w->published && !w->waited && s->kind != STEP_WAIT)
		return "can fail after \"created\" was published";
	if (s->kind == STEP_PUBLISH && !w->dropped)
		return "before init is ready";
	if (s->kind == STEP_WAIT && !w->published)
		return "before \"created\" was published";
	if (s->kind == STEP_EXEC && !w->waited && !w->p->enters)
		return "without waiting for start";
	/* Whoever reads the pid file takes the process for one that runs its program. */
	if (s->kind == STEP_PUBLISH && w->p->enters && !w->execd)
		return "before the program runs";
	if (s->kind == STEP_HOOK && w->waited && s->hook.type != HOOK_START_CONTAINER)
		return "of another time than start";
	return NULL;
}

static const char *lane_can(const struct walk *w, enum lane lane, const struct step *s)
{
	const struct step_def *d = &step_defs[s->kind];

	if (!(d->lanes & LANE_BIT(lane)))
		return "in the wrong lane";
	if (!w->alive[lane])
		return "in a process that does not exist";
	/* A container without a process has no program to find; start says so. */
	uint32_t reads = s->kind == STEP_EXEC && !s->exec.argv ? SLOT_BIT(SLOT_ERR) : d->reads;

	if (s->kind == STEP_EXEC && w->p->enters)
		reads = SLOT_BIT(SLOT_EXE);
	if (s->kind == STEP_JOIN && s->join.target)
		reads = SLOT_BIT(SLOT_TARGET);
	if (s->kind == STEP_OPEN_NS && !s->open_ns.path)
		reads = SLOT_BIT(SLOT_TARGET);
	if (s->kind == STEP_MOUNT && s->mount.tree)
		reads |= SLOT_BIT(SLOT_TREES);
	if (s->kind == STEP_TREE && s->tree.how & MOUNT_IDMAP && !s->tree.maps)
		reads |= SLOT_BIT(SLOT_NS);
	if (reads & ~w->have[lane])
		return "reads a slot that nobody wrote for it";
	if (lane == LANE_INIT && w->execd)
		return "after exec";
	if (s->kind == STEP_CLONE && w->alive[s->clone.lane])
		return "of a process that exists already";
	if (s->kind == STEP_CLONE && s->clone.shares &&
	    (w->p->new_ns & CLONE_NEWUSER || (w->p->new_ns | w->p->join_ns) & CLONE_NEWTIME))
		return "shares its memory, and is born into a namespace that only who shares none can be";
	return NULL;
}

static void note(struct walk *w, enum lane lane, const struct step *s)
{
	w->have[lane] |= step_defs[s->kind].writes;
	switch ((int)s->kind) {
	case STEP_CLONE:
		/* A child sees what its parent had open, and knows itself. */
		w->alive[s->clone.lane] = true;
		w->have[s->clone.lane] = w->have[lane];
		if (lane == LANE_JOIN)
			w->alive[LANE_JOIN] = false;
		break;
	case STEP_SCOPE: w->scoped = true; break;
	case STEP_ROOT: w->rooted = w->pivoted = true; break;
	case STEP_ROOTFS: w->rooted = true; break;
	case STEP_PIVOT: w->pivoted = true; break;
	case STEP_RETURN: w->returned = true; break;
	case STEP_FDS:
		w->swept = true;
		w->have[lane] &= SLOT_BIT(SLOT_GO) | SLOT_BIT(SLOT_ERR) | SLOT_BIT(SLOT_BPF) |
		                 SLOT_BIT(SLOT_EXE) | SLOT_BIT(SLOT_PID);
		break;
	case STEP_NNP: w->nnp = true; break;
	case STEP_SECCOMP:
		w->filtered = true;
		w->listening = s->seccomp.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER;
		break;
	case STEP_NOTIFY: w->listening = false; break;
	case STEP_USER: w->user = true; break;
	case STEP_CAPS: w->dropped = true; break;
	case STEP_PUBLISH: w->published = true; break;
	case STEP_WAIT: w->waited = true; break;
	case STEP_EXEC: w->execd = true; break;
	default: break;
	}
}

static const char *refuse(const struct walk *w, enum lane lane, const struct step *s)
{
	const char *why = lane_can(w, lane, s);

	if (!why)
		why = scope_first(w, s);
	if (!why && lane == LANE_INIT)
		why = namespaces_before(w, s);
	if (!why && lane == LANE_INIT)
		why = paths_in_order(w, s);
	if (!why && lane == LANE_INIT)
		why = return_in_order(w, s);
	if (!why && lane == LANE_INIT)
		why = rights_in_order(w, s);
	if (!why)
		why = answers_in_order(w, lane, s);
	if (!why)
		why = life_in_order(w, s);
	return why;
}

int plan_verify(const struct plan *p, struct err *e)
{
	struct walk w = { .p = p };
	uint32_t n = 0;

	if (p->n_steps > PLAN_STEPS)
		return err_set(e, ERR_CONFIG, "the config needs %u steps, more than %d", p->n_steps,
		               PLAN_STEPS);
	w.alive[LANE_HOST] = true;
	w.have[LANE_HOST] = SLOT_BIT(SLOT_STATE) | SLOT_BIT(SLOT_PROC) | SLOT_BIT(SLOT_NULL) |
	                    SLOT_BIT(SLOT_CONSOLE);
	if (p->enters)
		w.have[LANE_HOST] |= SLOT_BIT(SLOT_TARGET);
	for (uint32_t i = 0; i < p->n; i++) {
		const struct phase *ph = &p->phases[i];

		for (uint32_t j = 0; j < ph->n; j++, n++) {
			const char *why = refuse(&w, ph->lane, &ph->steps[j]);

			if (why)
				return err_set(e, ERR_BUG, "step %u %s: %s", n + 1,
				               step_defs[ph->steps[j].kind].name, why);
			note(&w, ph->lane, &ph->steps[j]);
		}
	}
	if (!w.execd)
		return err_set(e, ERR_BUG, "a plan without exec");
	return 0;
}
