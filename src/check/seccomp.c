/* seccomp: linux.seccomp. config-linux.md#seccomp, seccomp(2). Names of system calls are not judged: a profile may
 * name some that this machine does not have. */
#include "base/str.h"
#include "check/check.h"
#include <inttypes.h>
#include <string.h>
#include <sys/un.h>

#define ERRNO_MAX 4095u  /* MAX_ERRNO: the kernel cuts what is above */
#define TRACE_MAX 65535u /* 16 bits of data for the tracer */
#define INDEX_MAX 5u     /* a system call has six arguments */

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

static void check_listener(struct check *k, const struct oci_seccomp *s)
{
	bool notify = has_notify(s), path = !str_empty(s->listener_path);

	if (is_notify(s->default_action))
		bad(k, AT(s->default_action), "use SCMP_ACT_NOTIFY for single system calls",
		    "SCMP_ACT_NOTIFY cannot be the default action");
	if (notify && !path)
		bad(k, AT(s->listener_path), "add listenerPath",
		    "SCMP_ACT_NOTIFY is used, but there is no listenerPath");
	if (!str_empty(s->listener_metadata) && !path)
		bad(k, AT(s->listener_metadata), "add listenerPath, or remove listenerMetadata",
		    "listenerMetadata is given, but there is no listenerPath");
	if (path) {
		check_absolute(k, AT(s->listener_path), s->listener_path);
		if (strlen(s->listener_path) >= sizeof((struct sockaddr_un *)0)->sun_path)
			bad(k, AT(s->listener_path), "shorten it",
			    "the path of the socket is longer than %zu bytes",
			    sizeof((struct sockaddr_un *)0)->sun_path - 1);
	}
	for (size_t i = 0; i < s->flags.n && !notify; i++)
		if (is(s->flags.v[i], "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"))
			bad(k, AT(s->flags.v[i]), "remove it",
			    "%s needs a rule with SCMP_ACT_NOTIFY", s->flags.v[i]);
}

void check_seccomp(struct check *k)
{
	const struct oci_linux *l = k->c->linux_;

	if (!l || !l->seccomp)
		return;
	const struct oci_seccomp *s = l->seccomp;
	if (!k->host->seccomp)
		bad(k, AT(l->seccomp), "build nsrun with libseccomp, or remove linux.seccomp",
		    "this nsrun was built without seccomp");
	check_errno(k, s->default_action, &s->default_errno_ret, "defaultErrnoRet");
	for (size_t i = 0; i < s->syscalls.n; i++)
		check_rule(k, &s->syscalls.v[i]);
	check_listener(k, s);
}
