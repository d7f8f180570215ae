/* op_filter: the filter is compiled on the host's side, where libseccomp may allocate, or found compiled; init inherits
 * it in memory. */
#include "apply/ops.h"
#include "apply/seccomp.h"
#include "base/fd.h"
#include "libocispec-lite/arena.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

/* A text that grows. */
struct text {
	struct arena *a;
	char *v;
	size_t n, size;
};

__attribute__((format(printf, 2, 3))) static void add(struct text *t, const char *fmt, ...)
{
	va_list ap, again;

	va_start(ap, fmt);
	va_copy(again, ap);
	size_t need = t->n + (size_t)vsnprintf(NULL, 0, fmt, again) + 1;
	va_end(again);
	if (need > t->size) {
		t->v = arena_grow(t->a, t->v, t->n, need * 2);
		t->size = need * 2;
	}
	t->n += (size_t)vsnprintf(t->v + t->n, t->size - t->n, fmt, ap);
	va_end(ap);
}

/* Strings have their length in front of them: no two profiles have the same text. */
static void add_string(struct text *t, const char *s)
{
	add(t, " %zu:%s", strlen(s), s);
}

static void add_action(struct text *t, const char *action, const struct oci_u64 *number)
{
	add_string(t, action);
	if (number->set)
		add(t, " %" PRIu64, number->v);
	add(t, "\n");
}

static void add_rule(struct text *t, const struct oci_seccomp_syscall *x)
{
	add(t, "rule");
	add_action(t, x->action, &x->errno_ret);
	for (size_t i = 0; i < x->args.n; i++) {
		const struct oci_seccomp_arg *a = &x->args.v[i];

		add(t, "arg %" PRIu64 " %" PRIu64 " %" PRIu64, a->index.v, a->value.v,
		    a->value_two.v);
		add_string(t, a->op);
		add(t, "\n");
	}
	add(t, "names");
	for (size_t i = 0; i < x->names.n; i++)
		add_string(t, x->names.v[i]);
	add(t, "\n");
}

/* All that the compiled filter depends on: the profile, the library, and the kernel, which libseccomp asks what it can. */
static void describe(const struct step *s, struct text *t)
{
	const struct oci_seccomp *p = s->filter.profile;
	char version[32];
	struct utsname u;

	uname(&u);
	add(t, "nsrun " PACKAGE_VERSION "\nlibseccomp %s\nLinux %s %s\nstrict %d\ndefault",
	    seccomp_library(version, sizeof version), u.release, u.machine, s->filter.strict);
	add_action(t, p->default_action, &p->default_errno_ret);
	for (size_t i = 0; i < p->architectures.n; i++) {
		add(t, "arch");
		add_string(t, p->architectures.v[i]);
		add(t, "\n");
	}
	for (size_t i = 0; i < p->syscalls.n; i++)
		add_rule(t, &p->syscalls.v[i]);
}

int op_filter(struct run *r, const struct step *s)
{
	autofd root = fd_take(&r->fd[SLOT_STORE]);
	struct arena a = { 0 };
	struct text t = { .a = &a };
	int rc = 0;

	if (s->filter.program) {
		r->bpf.len = (unsigned short)s->filter.n;
		r->bpf.filter = (struct sock_filter *)(uintptr_t)s->filter.program;
		return 0;
	}
	describe(s, &t);
	if (!seccomp_cache_load(root, t.v, t.n, &r->bpf)) {
		rc = seccomp_compile(r, s->filter.profile, s->filter.strict, &r->bpf);
		if (rc == 0)
			seccomp_cache_store(root, t.v, t.n, &r->bpf);
	}
	arena_done(&a);
	return rc;
}
