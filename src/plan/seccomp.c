/* seccomp: which filter is made, where it is loaded, who gets its listener (config-linux.md#seccomp, seccomp(2)). */
#include "plan/seccomp.h"
#include "base/str.h"
#include "plan/emit.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <string.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) /* 5.19 */
#endif

uint32_t seccomp_flag(const char *word)
{
	static const struct {
		const char *word;
		uint32_t flag;
	} flags[] = {
		{ "SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC },
		{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
		{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
		{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
		  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV },
	};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (STR_EQ(flags[i].word, word))
			return flags[i].flag;
	return 0;
}

static const struct oci_entry *annotation(const struct plan_in *in, const char *key)
{
	for (size_t i = 0; i < in->c->annotations.n; i++)
		if (STR_EQ(in->c->annotations.v[i].key, key))
			return &in->c->annotations.v[i];
	return NULL;
}

static const struct oci_seccomp *profile_of(const struct plan_in *in)
{
	return in->c->linux_ ? in->c->linux_->seccomp : NULL;
}

/* Where the filter comes from, for the steps that it makes. False: there is none. */
static bool filter_origin(const struct plan_in *in, struct origin *why)
{
	const struct oci_entry *program = annotation(in, SECCOMP_PROGRAM);
	const struct oci_seccomp *profile = profile_of(in);

	if (program)
		*why = FROM(*program);
	else if (profile)
		*why = FROM(*profile);
	return program || profile;
}

/* The socket that the listener goes to; "" when there is none to go. */
static const char *receiver(const struct plan_in *in, struct origin *why)
{
	const struct oci_entry *x = annotation(in, SECCOMP_RECEIVER);
	const struct oci_seccomp *profile = profile_of(in);

	if (profile && !str_empty(profile->listener_path)) {
		*why = FROM(profile->listener_path);
		return profile->listener_path;
	}
	if (!x || !filter_origin(in, why))
		return "";
	*why = FROM(*x);
	return x->value;
}

/* Flags that are not there are not the same as none. SPEC_ALLOW is what everyone means who says nothing: without it
 * kernels before 5.16 slow the program down by their speculation mitigations. TSYNC means nothing to one thread. */
static uint32_t filter_flags(const struct oci_seccomp *profile)
{
	uint32_t flags = 0;

	if (!profile || !profile->flags.v)
		return SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	for (size_t i = 0; i < profile->flags.n; i++)
		flags |= seccomp_flag(profile->flags.v[i]);
	return flags & ~(uint32_t)SECCOMP_FILTER_FLAG_TSYNC;
}

/* check/ has measured it. */
static void decode_program(struct plan *p, struct step *s, const char *text)
{
	ssize_t size = str_base64(text, NULL, BPF_MAXINSNS * sizeof(struct sock_filter));
	struct sock_filter *program =
		NEW_N(p->arena, struct sock_filter, size > 0 ? (size_t)size / sizeof *program : 0);

	if (size > 0)
		str_base64(text, (uint8_t *)program, (size_t)size);
	s->filter.program = program;
	s->filter.n = size > 0 ? (uint32_t)((size_t)size / sizeof *program) : 0;
}

void plan_filter(struct plan *p, const struct plan_in *in)
{
	const struct oci_entry *program = annotation(in, SECCOMP_PROGRAM);
	const struct oci_entry *strict = annotation(in, SECCOMP_STRICT);
	struct origin why;

	if (!filter_origin(in, &why))
		return;
	struct step *s = plan_step(p, STEP_FILTER, why);
	if (program)
		decode_program(p, s, program->value);
	else
		s->filter.profile = profile_of(in);
	s->filter.strict = strict && !STR_EQ(strict->value, "0");
	const char *path = receiver(in, &why);
	if (*path)
		plan_step(p, STEP_AGENT, why)->agent.path = path;
}

/* The host takes the listener as a debugger would. An ordinary user may only do that to a process that is dumpable;
 * not where other processes of the container are, which could do it too. */
static bool must_be_dumpable(const struct plan *p, const struct plan_in *in)
{
	return !in->host->cap_sys_admin && !(p->join_ns & CLONE_NEWPID);
}

void plan_seccomp(struct plan *p, const struct plan_in *in)
{
	const struct oci_seccomp *profile = profile_of(in);
	struct origin why, to;

	if (!filter_origin(in, &why))
		return;
	const char *path = receiver(in, &to);
	struct step *s = plan_step(p, STEP_SECCOMP, why);
	s->seccomp.flags = filter_flags(profile);
	if (!*path)
		return;
	s->seccomp.flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	s->seccomp.dumpable = must_be_dumpable(p, in);
	plan_phase(p, LANE_HOST, "notify");
	s = plan_step(p, STEP_NOTIFY, to);
	s->agent.path = path;
	s->agent.metadata = profile ? profile->listener_metadata : NULL;
	plan_phase(p, LANE_INIT, "process");
	plan_step(p, STEP_UNLISTEN,
	          NEED("whoever waits for an answer must learn when the agent is gone"));
}
