/* process: args, cwd, env, terminal, rlimits, oomScoreAdj. config.md. */
#include "base/rlimits.h"
#include "base/str.h"
#include "check/check.h"
#include <inttypes.h>
#include <limits.h>

#define OOM_ADJ_MAX 1000 /* proc_pid_oom_score_adj(5) */

static void check_args(struct check *k, const struct oci_process *p)
{
	if (p->args.n == 0)
		bad(k, AT(p->args), "name the program to run", "process.args is empty");
	else if (str_empty(p->args.v[0]))
		bad(k, AT(p->args.v[0]), "name the program to run", "executable path is empty");
}

/* The phrases are those that engines know from runc. */
static void check_terminal(struct check *k, const struct oci_process *p)
{
	const struct check_opts *o = k->o;
	const struct oci_box *b = p->console_size;

	if (o->lifecycle && o->console_socket && (!o->detach || !p->terminal.v))
		bad(k, AT(p->terminal),
		    "remove --console-socket, or set process.terminal and detach",
		    "cannot use console socket if nsrun will not detach or allocate tty");
	if (o->lifecycle && o->detach && p->terminal.v && !o->console_socket)
		bad(k, AT(p->terminal), "give --console-socket, or set process.terminal to false",
		    "cannot allocate tty if nsrun will detach without setting console socket");
	/* Without a terminal the size is ignored (config.md). */
	if (b && p->terminal.v && (b->height.v > USHRT_MAX || b->width.v > USHRT_MAX))
		bad(k, AT(p->console_size), "use a smaller one",
		    "a terminal has at most %d rows and columns", USHRT_MAX);
}

static void check_rlimit(struct check *k, const struct oci_process *p, size_t i)
{
	const struct oci_rlimit *r = &p->rlimits.v[i];

	if (r->soft.set && r->hard.set && r->soft.v > r->hard.v)
		bad(k, AT(r->soft), "raise hard, or lower soft",
		    "the soft limit %" PRIu64 " is above the hard limit %" PRIu64, r->soft.v,
		    r->hard.v);
	if (!r->type)
		return;
	if (rlimit_by_name(r->type) < 0)
		bad_word(k, AT(r->type), r->type, rlimit_words, "see getrlimit(2)",
		         "\"%s\" is not a resource limit", r->type);
	for (size_t j = 0; j < i; j++)
		if (p->rlimits.v[j].type && STR_EQ(p->rlimits.v[j].type, r->type)) {
			bad(k, AT(r->type), "remove one of the two", "%s is listed twice", r->type);
			return;
		}
}

static void check_oom(struct check *k, const struct oci_process *p)
{
	int64_t v = p->oom_score_adj.v;

	if (!p->oom_score_adj.set)
		return;
	if (v < -OOM_ADJ_MAX || v > OOM_ADJ_MAX)
		bad(k, AT(p->oom_score_adj), "use a value in this range",
		    "oomScoreAdj is %" PRId64 ", expected %d to %d", v, -OOM_ADJ_MAX, OOM_ADJ_MAX);
	else if (v < 0 && !k->host->cap_sys_admin)
		warn(k, AT(p->oom_score_adj), "use 0 or more",
		     "an ordinary user may not lower oom_score_adj: it may stay as it is");
}

void check_process(struct check *k)
{
	const struct oci_process *p = k->c->process;

	/* None is legal for create (config.md); there is nothing to start then. */
	if (!p)
		return;
	check_args(k, p);
	check_absolute(k, AT(p->cwd), p->cwd);
	check_env(k, p->env.v, p->env.n);
	check_terminal(k, p);
	for (size_t i = 0; i < p->rlimits.n; i++)
		check_rlimit(k, p, i);
	check_oom(k, p);
	if (p->exec_cpu_affinity) {
		check_list(k, AT(p->exec_cpu_affinity->initial), p->exec_cpu_affinity->initial);
		check_list(k, AT(p->exec_cpu_affinity->final), p->exec_cpu_affinity->final);
	}
}
