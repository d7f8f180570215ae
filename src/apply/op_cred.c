/* op_cred: who the program is and what it may. Each switch is read back: what is not as asked ends the create
 * (security.md R7). A filter may already be in and may fake success, which is why nothing is believed. */
#include "apply/ops.h"
#include "base/caps.h"
#include "base/sys.h"
#include "base/unsafe.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* Pseudo-terminals, admin-guide/devices.txt. */
#define PTY_MAJOR_FIRST 136
#define PTY_MAJOR_LAST  143

/* Pipes and terminals that are the program's stdio become the user's, so that it can open /dev/stdout. Nothing else
 * does: a log file keeps its owner. Where that is not possible, the program can still use what is open. */
static void own_stdio(uid_t uid)
{
	struct stat st;

	for (int fd = 0; fd <= 2; fd++) {
		if (fstat(fd, &st) < 0 || st.st_uid == uid)
			continue;
		bool pty = S_ISCHR(st.st_mode) && major(st.st_rdev) >= PTY_MAJOR_FIRST &&
		           major(st.st_rdev) <= PTY_MAJOR_LAST;
		if (pty || S_ISFIFO(st.st_mode) || unsafe("stdio"))
			(void)!fchown(fd, uid, (gid_t)-1);
	}
}

static int set_groups(struct run *r, const struct step *s)
{
	static gid_t now[NGROUPS_MAX];

	if (s->user.keep_groups || (r->groups_denied && s->user.n == 0) || unsafe("groups"))
		return 0;
	if (setgroups(s->user.n, s->user.groups) < 0)
		return run_sys(r, errno, "setgroups to %u groups", s->user.n);
	int n = getgroups(NGROUPS_MAX, now);
	if (n != (int)s->user.n || (n && memcmp(now, s->user.groups, (size_t)n * sizeof *now) != 0))
		return run_fail(r, EPERM, "the groups are not those that were set");
	return 0;
}

/* Setting ids takes back what went before: the parent-death signal and the dumpable flag, prctl(2). */
static int still_guarded(const struct run *r)
{
	if (not_dumpable() < 0)
		return -errno;
	if (r->deathsig && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

int op_user(struct run *r, const struct step *s)
{
	uid_t uid = s->user.uid, u[3] = { (uid_t)-1, (uid_t)-1, (uid_t)-1 };
	gid_t gid = s->user.gid, g[3] = { (gid_t)-1, (gid_t)-1, (gid_t)-1 };
	int rc = set_groups(r, s);

	if (rc < 0)
		return rc;
	own_stdio(uid);
	/* CAPS needs the capabilities that setresuid(2) would take. */
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return -errno;
	if (setresgid(gid, gid, gid) < 0)
		return run_sys(r, errno, "setresgid to %u", (unsigned)gid);
	if (setresuid(uid, uid, uid) < 0)
		return run_sys(r, errno, "setresuid to %u", (unsigned)uid);
	if (getresuid(&u[0], &u[1], &u[2]) < 0 || getresgid(&g[0], &g[1], &g[2]) < 0)
		return run_sys(r, errno, "read the ids back");
	for (int i = 0; i < 3; i++)
		if ((u[i] != uid || g[i] != gid) && !unsafe("ids"))
			return run_fail(r, EPERM, "the ids are %u:%u and not %u:%u", (unsigned)u[i],
			                (unsigned)g[i], (unsigned)uid, (unsigned)gid);
	return still_guarded(r);
}

static uint64_t bit(int cap)
{
	return (uint64_t)1 << cap;
}

/* Drops from the bounding set what was not asked for, and looks at each once, behind it. What we do not have ourselves
 * stays away: to drop it takes CAP_SETPCAP all the same, so that only what is there then is a failure. */
static int drop_bounding(struct run *r, uint64_t keep, uint64_t *left)
{
	*left = 0;
	for (int i = 0; i < 64; i++) {
		int drop = keep & bit(i) ? 0 : prctl(PR_CAPBSET_DROP, i, 0, 0, 0);
		int num = errno;
		int has = prctl(PR_CAPBSET_READ, i, 0, 0, 0);

		if (has < 0 && errno == EINVAL)
			break; /* the kernel knows no more */
		if (has < 0)
			return run_sys(r, errno, "read the bounding set");
		if (has && drop < 0)
			return run_sys(r, num, "drop %s from the bounding set",
			               cap_name(i) ? cap_name(i) : "a capability");
		if (has)
			*left |= bit(i);
	}
	if (*left & ~keep)
		return run_fail(r, EPERM, "the bounding set still has what was dropped");
	return 0;
}

/* possible: what is permitted and inheritable, verified. The kernel keeps the ambient set within it, capabilities(7). */
static int raise_ambient(struct run *r, uint64_t ambient, uint64_t possible)
{
	uint64_t now = 0;

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return run_sys(r, errno, "clear the ambient set");
	for (int i = 0; i < 64; i++)
		if (ambient & bit(i) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
			return run_sys(r, errno, "raise %s in the ambient set",
			               cap_name(i) ? cap_name(i) : "a capability");
	for (int i = 0; i < 64; i++)
		if (possible & bit(i) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) == 1)
			now |= bit(i);
	return now == ambient ? 0 : run_fail(r, EPERM, "the ambient set is not what was asked");
}

/* A set as capset(2) takes it, and back. */
#define WORDS(mask) ((uint32_t[2]){ (uint32_t)(mask), (uint32_t)((mask) >> 32) })
static uint64_t mask_of(const uint32_t w[2])
{
	return (uint64_t)w[1] << 32 | w[0];
}

static int set_sets(struct run *r, uint64_t effective, uint64_t permitted, uint64_t inheritable)
{
	uint32_t e[2] = { ~0u, ~0u }, p[2] = { ~0u, ~0u }, i[2] = { ~0u, ~0u };
	int rc = sys_capset(WORDS(effective), WORDS(permitted), WORDS(inheritable));

	if (rc < 0)
		return run_sys(r, -rc, "set the capabilities");
	rc = sys_capget(e, p, i);
	if (rc < 0)
		return run_sys(r, -rc, "read the capabilities back");
	if (mask_of(e) != effective || mask_of(p) != permitted || mask_of(i) != inheritable)
		return run_fail(r, EPERM, "the capabilities are not those that were set");
	return 0;
}

/* Exactly the sets of the config, less what we were never given: that is not ours to grant (config.md#linux-process:
 * a warning, which check has made). */
int op_caps(struct run *r, const struct step *s)
{
	uint32_t e[2], p[2], i[2];
	uint64_t bounding;
	int rc = sys_capget(e, p, i);

	if (rc < 0)
		return run_sys(r, -rc, "read the capabilities");
	uint64_t held = mask_of(p);
	/* A switch to another user has emptied the effective set. */
	rc = set_sets(r, held, held, mask_of(i));
	if (rc < 0)
		return rc;
	rc = drop_bounding(r, s->caps.bounding, &bounding);
	if (rc < 0)
		return rc;
	uint64_t permitted = s->caps.permitted & held;
	/* The kernel lets nothing become inheritable that is out of bounds or not held. */
	uint64_t inheritable = s->caps.inheritable & (mask_of(i) | (bounding & held));
	if (unsafe("caps"))
		inheritable = permitted = bounding & held;
	rc = set_sets(r, s->caps.effective & permitted, permitted, inheritable);
	if (rc < 0)
		return rc;
	if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		return -errno;
	rc = raise_ambient(r, s->caps.ambient & permitted & inheritable, permitted & inheritable);
	return rc < 0 ? rc : still_guarded(r);
}

int op_nnp(struct run *r, const struct step *s)
{
	(void)s;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return run_fail(r, EPERM, "no_new_privs is not set");
	return 0;
}

int op_rlimit(struct run *r, const struct step *s)
{
	const struct rlimit *want = &s->rlimit.limit;
	pid_t pid = r->lane == LANE_HOST ? r->pid : 0;
	struct rlimit now;

	if (prlimit(pid, (enum __rlimit_resource)s->rlimit.resource, want, NULL) == 0)
		return 0;
	int num = errno;
	if (num == EPERM &&
	    prlimit(pid, (enum __rlimit_resource)s->rlimit.resource, NULL, &now) == 0 &&
	    want->rlim_max > now.rlim_max)
		return run_fail(r, num,
		                "%s: operation not permitted: the hard limit is %llu, and raising "
		                "it to %llu takes CAP_SYS_RESOURCE",
		                s->rlimit.name, (unsigned long long)now.rlim_max,
		                (unsigned long long)want->rlim_max);
	return -num;
}
