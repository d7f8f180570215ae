/* process: the last mile, from the terminal to exec. The order is the point: read top to bottom. */
#include "base/str.h"
#include "plan/emit.h"
#include <sched.h>
#include <string.h>

/* SELinux labels a key by attr/keycreate of who makes it. */
static void emit_keyring(struct plan *p, const struct plan_in *in)
{
	const struct oci_process *proc = in->c->process;
	bool label = proc && !str_empty(proc->selinux_label);

	if (in->o->no_new_keyring)
		return;
	if (label)
		plan_label(p, FROM(proc->selinux_label), "attr/keycreate", proc->selinux_label);
	plan_step(p, STEP_KEYRING, NEED("no keys of ours"))->hostname.name = in->o->id;
	if (label)
		plan_label(p, NEED("later keys are labelled as usual"), "attr/keycreate", "");
}

void plan_terminal(struct plan *p, const struct plan_in *in)
{
	const struct oci_process *proc = in->c->process;

	/* Only the leader of a session without a terminal can be given one. */
	plan_step(p, STEP_SESSION, NEED("no controlling terminal of ours"));
	emit_keyring(p, in);
	if (!proc || !proc->terminal.v)
		return;
	struct step *s = plan_step(p, STEP_TTY, FROM(proc->terminal));
	s->tty.console = !p->enters;
	if (in->o->rows || in->o->cols) {
		s->tty.rows = in->o->rows;
		s->tty.cols = in->o->cols;
	} else if (proc->console_size) {
		s->tty.rows = (uint16_t)proc->console_size->height.v;
		s->tty.cols = (uint16_t)proc->console_size->width.v;
	}
}

/* A sysctl's path as sysctl(8) reads its name: the first separator decides. Behind a dot, dots and slashes change
 * places ("net.ipv4.conf.eth0/1.mtu"); behind a slash, all stays. */
static char *sysctl_path(struct arena *a, const char *name)
{
	char *path = arena_str(a, name, strlen(name));
	size_t first = strcspn(path, "./");

	if (path[first] == '.')
		for (char *x = path + first; *x; x++)
			*x = *x == '.' ? '/' : *x == '/' ? '.' : *x;
	return path;
}

static int emit_sysctl(struct plan *p, const struct plan_in *in, const struct oci_entry *x)
{
	const char *path = sysctl_path(p->arena, x->key);

	if (str_climbs(path))
		return err_set(in->e, ERR_CONFIG, "sysctl \"%s\" leads out of /proc/sys", x->key);
	/* The file is the host root's, whoever owns the namespace; the system call asks for the namespace's root. */
	if (strcmp(path, "kernel/domainname") == 0) {
		plan_step(p, STEP_DOMAINNAME, FROM(*x))->hostname.name = x->value;
		return 0;
	}
	struct step *s = plan_step(p, STEP_WRITE, FROM(*x));

	s->write.to = WRITE_SYSCTL;
	s->write.path = path;
	s->write.bytes = x->value;
	return 0;
}

int plan_names(struct plan *p, const struct plan_in *in)
{
	const struct oci_config *c = in->c;

	/* An empty name is none, as check/ has it: the UTS namespace may be the host's. */
	if (!str_empty(c->hostname))
		plan_step(p, STEP_HOSTNAME, FROM(c->hostname))->hostname.name = c->hostname;
	if (!str_empty(c->domainname))
		plan_step(p, STEP_DOMAINNAME, FROM(c->domainname))->hostname.name = c->domainname;
	for (size_t i = 0; c->linux_ && i < c->linux_->sysctl.n; i++)
		if (emit_sysctl(p, in, &c->linux_->sysctl.v[i]) < 0)
			return -1;
	return 0;
}

/* The directory is made while the root can be written to, and entered when all that is masked is masked: with the
 * set-up's rights, and where those are not enough (a root that NFS squashes) again with the user's. The last of the
 * steps has nothing to do when the one before has worked. */
void plan_cwd(struct plan *p, const struct plan_in *in)
{
	const struct oci_process *proc = in->c->process;

	if (!proc || strcmp(proc->cwd, "/") == 0)
		return;
	struct step *s = plan_step(p, STEP_CHDIR, FROM(proc->cwd));
	s->chdir.path = proc->cwd;
	s->chdir.create = true;
	s->lenient = SKIP_EPERM;
}

static void emit_chdir(struct plan *p, const struct oci_process *proc, enum lenient lenient)
{
	struct step *s = plan_step(p, STEP_CHDIR, FROM(proc->cwd));

	s->chdir.path = proc->cwd;
	s->lenient = lenient;
}

static void emit_lookup(struct plan *p, const struct plan_in *in)
{
	const struct oci_process *proc = in->c->process;
	struct plan_env env = plan_env(p, in);
	struct step *s = plan_step(p, STEP_LOOKUP, FROM(proc->args));

	s->lookup.file = proc->args.n ? proc->args.v[0] : "";
	s->lookup.path_env = env.path;
	if (!env.home) {
		s->lookup.envp = env.v;
		s->lookup.n_env = env.n;
	}
}

int plan_process(struct plan *p, const struct plan_in *in)
{
	const struct oci_process *proc = in->c->process;
	bool nnp = proc && proc->no_new_privileges.v;
	const struct oci_user *user = proc ? proc->user : NULL;
	struct step *s;

	s = plan_step(p, STEP_UMASK,
	              user && user->umask.set ? FROM(user->umask) : NEED("one umask for all"));
	s->umask.mask = user && user->umask.set ? (mode_t)user->umask.v : 0022;
	if (proc)
		emit_chdir(p, proc, SKIP_EPERM);
	plan_labels(p, in);
	plan_domain(p, in);
	/* The cgroup decides what may be asked for (realtime bandwidth, cpuset), and so do the limits below. */
	if (!host_ranks(p, in))
		plan_ranks(p, in);
	plan_step(p, STEP_FDS, NEED("no descriptor of ours may reach the program"))->fds.preserve =
		in->o->preserve_fds;

	/* When our descriptors have moved, for they may lie above the new limit; and before the user is another: changing
	 * the limits of somebody else's process takes CAP_SYS_RESOURCE even to lower them. */
	if (!((p->new_ns | p->join_ns) & CLONE_NEWUSER))
		plan_rlimits(p, in);
	/* Without no_new_privs the filter takes CAP_SYS_ADMIN, so it goes in before the drop, and the profile must
	 * allow setresuid(2), capset(2) and what else follows. */
	if (!nnp)
		plan_seccomp(p, in);
	plan_user(p, in);
	plan_caps(p, in);
	/* With the user's rights from here on: what the program could not reach is an error now, not at exec. */
	if (proc) {
		emit_chdir(p, proc, MUST);
		emit_lookup(p, in);
	}
	if (nnp) {
		plan_step(p, STEP_NNP, FROM(proc->no_new_privileges));
		plan_seccomp(p, in);
	}
	return 0;
}

static void emit_exec(struct plan *p, const struct plan_in *in)
{
	const struct oci_process *proc = in->c->process;
	struct step *s =
		plan_step(p, STEP_EXEC, proc ? FROM(proc->args) : SPEC("lifecycle 9: the program"));

	if (proc) {
		s->exec.argv = plan_vector(p, proc->args.v, proc->args.n);
		s->exec.envp = plan_env(p, in).v;
	}
}

/* Between WAIT and EXEC only startContainer hooks: nothing else may fail after create has returned. */
void plan_start(struct plan *p, const struct plan_in *in)
{
	if (!p->enters) {
		plan_step(p, STEP_WAIT, SPEC("lifecycle 6: start"));
		plan_hooks(p, in, HOOK_START_CONTAINER);
	}
	emit_exec(p, in);
}
