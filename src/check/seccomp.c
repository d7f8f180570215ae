/* seccomp: linux.seccomp and the annotations beside it. config-linux.md#seccomp, seccomp(2). Names of system calls are
 * not judged: a profile may name some that this machine does not have. */
#include "base/str.h"
#include "check/check.h"
#include <errno.h>
#include <inttypes.h>
#include <linux/filter.h>
#include <string.h>
#include <sys/un.h>

#define ERRNO_MAX 4095u  /* MAX_ERRNO: the kernel cuts what is above */
#define TRACE_MAX 65535u /* 16 bits of data for the tracer */
#define INDEX_MAX 5u     /* a system call has six arguments */

#define ANNOTATION "run.oci.seccomp"
#define PROGRAM    ANNOTATION "_bpf_data"
#define RECEIVER   ANNOTATION ".receiver"
#define PLUGINS    ANNOTATION ".plugins"

static bool is(const char *word, const char *want)
{
	return word && STR_EQ(word, want);
}

static bool is_notify(const char *action)
{
	return is(action, "SCMP_ACT_NOTIFY");
}

static void check_errno(struct check *k, const char *action, const struct oci_u64 *e,
                        const char *key)
{
	uint64_t max = is(action, "SCMP_ACT_TRACE") ? TRACE_MAX : ERRNO_MAX;

	if (!e->set || str_empty(action))
		return;
	if (!is(action, "SCMP_ACT_ERRNO") && !is(action, "SCMP_ACT_TRACE"))
		bad(k, AT(*e), "remove it", "%s has no meaning for %s", key, action);
	else if (e->v > max)
		bad(k, AT(*e), "use a number of errno(3)",
		    "%s is %" PRIu64 ", expected 0 to %" PRIu64, key, e->v, max);
}

static void check_arg(struct check *k, const struct oci_seccomp_arg *a)
{
	if (a->index.set && a->index.v > INDEX_MAX)
		bad(k, AT(a->index), "count from 0", "index is %" PRIu64 ", expected 0 to %u",
		    a->index.v, INDEX_MAX);
	if (a->value_two.v && !str_empty(a->op) && !is(a->op, "SCMP_CMP_MASKED_EQ"))
		warn(k, AT(a->value_two), "remove it", "valueTwo has no meaning for %s", a->op);
}

static void check_rule(struct check *k, const struct oci_seccomp_syscall *s)
{
	if (!s->names.n)
		bad(k, AT(s->names), "name at least one system call",
		    "the rule names no system call");
	for (size_t i = 0; i < s->names.n; i++) {
		if (!*s->names.v[i])
			bad(k, AT(s->names.v[i]), "remove it",
			    "the name of a system call is empty");
		/* Whoever holds the listener is told by write(2) itself: the call would never return. */
		if (is_notify(s->action) && STR_EQ(s->names.v[i], "write"))
			bad(k, AT(s->names.v[i]), "use another action for write",
			    "SCMP_ACT_NOTIFY cannot be used for the write syscall");
	}
	check_errno(k, s->action, &s->errno_ret, "errnoRet");
	for (size_t i = 0; i < s->args.n; i++)
		check_arg(k, &s->args.v[i]);
}

static bool has_notify(const struct oci_seccomp *s)
{
	for (size_t i = 0; i < s->syscalls.n; i++)
		if (is_notify(s->syscalls.v[i].action))
			return true;
	return is_notify(s->default_action);
}

static const struct oci_entry *annotation(const struct check *k, const char *key)
{
	for (size_t i = 0; i < k->c->annotations.n; i++)
		if (is(k->c->annotations.v[i].key, key))
			return &k->c->annotations.v[i];
	return NULL;
}

static void check_socket(struct check *k, struct oci_at at, const char *path)
{
	const size_t max = sizeof((struct sockaddr_un *)0)->sun_path - 1;

	check_absolute(k, at, path);
	if (strlen(path) > max)
		bad(k, at, "shorten it", "the path of the socket is longer than %zu bytes", max);
}

/* Who would wait for a connection that never comes is told. */
static void check_used(struct check *k, struct oci_at at, const char *what, bool notify)
{
	if (!notify && !annotation(k, PROGRAM))
		bad(k, at, "remove it, or use SCMP_ACT_NOTIFY in a rule",
		    "%s is given, but no rule has SCMP_ACT_NOTIFY", what);
}

static void check_listener(struct check *k, const struct oci_seccomp *s)
{
	bool notify = has_notify(s), path = !str_empty(s->listener_path);
	const struct oci_entry *receiver = annotation(k, RECEIVER);

	if (is_notify(s->default_action))
		bad(k, AT(s->default_action), "use SCMP_ACT_NOTIFY for single system calls",
		    "SCMP_ACT_NOTIFY cannot be the default action");
	if (notify && !path && !receiver)
		bad(k, AT(s->listener_path), "add listenerPath",
		    "SCMP_ACT_NOTIFY is used, but there is no listenerPath");
	if (!str_empty(s->listener_metadata) && !path && !receiver)
		bad(k, AT(s->listener_metadata), "add listenerPath, or remove listenerMetadata",
		    "listenerMetadata is given, but there is no listenerPath");
	if (path) {
		check_socket(k, AT(s->listener_path), s->listener_path);
		check_used(k, AT(s->listener_path), "listenerPath", notify);
	} else if (receiver) {
		check_used(k, AT(*receiver), "the annotation " RECEIVER, notify);
	}
	for (size_t i = 0; i < s->flags.n && !notify; i++)
		if (is(s->flags.v[i], "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"))
			bad(k, AT(s->flags.v[i]), "remove it",
			    "%s needs a rule with SCMP_ACT_NOTIFY", s->flags.v[i]);
}

static void check_program(struct check *k, const struct oci_entry *x)
{
	const size_t one = sizeof(struct sock_filter);
	ssize_t size = str_base64(x->value, NULL, BPF_MAXINSNS * one);

	if (size == -EINVAL)
		bad(k, AT(*x), "encode the program with base64 -w 0",
		    "the annotation %s is not base64", x->key);
	else if (size == -E2BIG)
		bad(k, AT(*x), "make the program smaller",
		    "the program in %s has more than %d instructions", x->key, BPF_MAXINSNS);
	else if (size == 0)
		bad(k, AT(*x), "give a program, or remove it", "the program in %s is empty",
		    x->key);
	else if ((size_t)size % one)
		bad(k, AT(*x), "give an array of struct sock_filter",
		    "the program in %s has %zd bytes, expected a multiple of %zu", x->key, size,
		    one);
}

static void check_own(struct check *k)
{
	const struct oci_entry *program = annotation(k, PROGRAM);
	const struct oci_entry *receiver = annotation(k, RECEIVER);
	const struct oci_entry *plugins = annotation(k, PLUGINS);
	bool profile = k->c->linux_ && k->c->linux_->seccomp;

	if (plugins)
		bad(k, AT(*plugins),
		    "remove it, and let a process listen at linux.seccomp.listenerPath",
		    "the annotation %s is not supported: nsrun loads no code of others", PLUGINS);
	if (program)
		check_program(k, program);
	if (program && profile && k->c->linux_->seccomp->syscalls.n)
		warn(k, AT(k->c->linux_->seccomp->syscalls), "remove it, or the annotation",
		     "the rules are not used: the annotation %s takes their place", PROGRAM);
	if (receiver)
		check_socket(k, AT(*receiver), receiver->value);
	if (receiver && !program && !profile)
		warn(k, AT(*receiver), "add linux.seccomp, or remove it",
		     "the annotation %s has no meaning without a filter", RECEIVER);
}

void check_seccomp(struct check *k)
{
	const struct oci_linux *l = k->c->linux_;

	check_own(k);
	if (!l || !l->seccomp)
		return;
	const struct oci_seccomp *s = l->seccomp;
	if (!k->host->seccomp && !annotation(k, PROGRAM))
		bad(k, AT(l->seccomp), "build nsrun with libseccomp, or remove linux.seccomp",
		    "this nsrun was built without seccomp");
	check_errno(k, s->default_action, &s->default_errno_ret, "defaultErrnoRet");
	for (size_t i = 0; i < s->syscalls.n; i++)
		check_rule(k, &s->syscalls.v[i]);
	check_listener(k, s);
}
