/* plan_filter: see plan_views.h. The filter is read as the kernel reads it: seccomp(2), classic BPF. */
#include "apply/seccomp.h"
#include "base/str.h"
#include "cmd/plan_views.h"
#include "libocispec-lite/rows.h"
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALLS                                                                                      \
	1024 /* numbers that are asked for; no architecture of ours has more, but for its base */
#define STEPS   200000 /* of one call: rules with arguments branch */
#define ACTIONS 8      /* different ones of one call */
#define WIDTH   100

struct walk {
	const struct sock_fprog *bpf;
	uint32_t arch, nr;
	uint32_t *actions;
	size_t n, max, steps;
};

static bool note(struct walk *w, uint32_t action)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->actions[i] == action)
			return true;
	if (w->n == w->max)
		return false;
	w->actions[w->n++] = action;
	return true;
}

static bool jumps(const struct sock_filter *f, uint32_t a)
{
	switch (BPF_OP(f->code)) {
	case BPF_JEQ: return a == f->k;
	case BPF_JGT: return a > f->k;
	case BPF_JGE: return a >= f->k;
	default: return a & f->k;
	}
}

/* From instruction pc on; known: the accumulator does not come from an argument. False: it cannot be followed. */
static bool walk(struct walk *w, size_t pc, uint32_t acc, bool known)
{
	for (; pc < w->bpf->len && w->steps < STEPS; w->steps++) {
		const struct sock_filter *f = &w->bpf->filter[pc++];

		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			known = f->k < offsetof(struct seccomp_data, instruction_pointer);
			acc = f->k == offsetof(struct seccomp_data, nr) ? w->nr : w->arch;
			continue;
		case BPF_ALU | BPF_AND | BPF_K: acc &= f->k; continue;
		case BPF_RET | BPF_K: return note(w, f->k);
		case BPF_JMP | BPF_JA: pc += f->k; continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			if (!known && !walk(w, pc + f->jt, acc, false))
				return false;
			pc += known && jumps(f, acc) ? f->jt : f->jf;
			continue;
		default: return false;
		}
	}
	return false;
}

size_t filter_follow(const struct sock_fprog *bpf, uint32_t arch, uint32_t nr, uint32_t *actions,
                     size_t max)
{
	struct walk w = { .bpf = bpf, .arch = arch, .nr = nr, .actions = actions, .max = max };

	return walk(&w, 0, 0, true) ? w.n : 0;
}

static char *action_name(uint32_t action, struct arena *a)
{
	unsigned data = action & SECCOMP_RET_DATA;

	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_KILL_PROCESS: return arena_fmt(a, "SCMP_ACT_KILL_PROCESS");
	case SECCOMP_RET_KILL_THREAD: return arena_fmt(a, "SCMP_ACT_KILL_THREAD");
	case SECCOMP_RET_TRAP: return arena_fmt(a, "SCMP_ACT_TRAP");
	case SECCOMP_RET_ERRNO: return arena_fmt(a, "SCMP_ACT_ERRNO(%u)", data);
	case SECCOMP_RET_USER_NOTIF: return arena_fmt(a, "SCMP_ACT_NOTIFY");
	case SECCOMP_RET_TRACE: return arena_fmt(a, "SCMP_ACT_TRACE(%u)", data);
	case SECCOMP_RET_LOG: return arena_fmt(a, "SCMP_ACT_LOG");
	case SECCOMP_RET_ALLOW: return arena_fmt(a, "SCMP_ACT_ALLOW");
	default: return arena_fmt(a, "%#x", action);
	}
}

struct group {
	char *action; /* "A", or "A or B" by the call's arguments */
	OCI_VEC(char *) calls;
};

/* clang-format off */
OCI_SCHEMA_LOCAL(group,
	STR (group, action, "action",   0),
	STRS(group, calls,  "syscalls", 0));
/* clang-format on */

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static char *outcome(const struct sock_fprog *bpf, uint32_t arch, uint32_t nr, struct arena *a)
{
	uint32_t actions[ACTIONS];
	size_t n = filter_follow(bpf, arch, nr, actions, ACTIONS);
	char *text = n ? action_name(actions[0], a) : arena_fmt(a, "unknown");

	/* The same ones in whatever order. */
	if (n > 1) {
		qsort(actions, n, sizeof *actions, by_number);
		text = action_name(actions[0], a);
	}
	for (size_t i = 1; i < n; i++)
		text = arena_fmt(a, "%s or %s", text, action_name(actions[i], a));
	return n > 1 ? arena_fmt(a, "%s, by its arguments", text) : text;
}

static size_t collect(struct group *v, const struct sock_fprog *bpf, struct arena *a)
{
	uint32_t arch = seccomp_native();
	char name[64];
	size_t n = 0;

	for (uint32_t nr = 0; nr < CALLS; nr++) {
		if (!seccomp_call_name(nr, name, sizeof name))
			continue;
		char *action = outcome(bpf, arch, nr, a);
		size_t i = 0;

		while (i < n && !STR_EQ(v[i].action, action))
			i++;
		if (i == n) {
			v[n].action = action;
			v[n++].calls.v = NEW_N(a, char *, CALLS);
		}
		v[i].calls.v[v[i].calls.n++] = arena_str(a, name, strlen(name));
	}
	return n;
}

static void print(const struct group *g)
{
	size_t column = 0;

	printf("%s: %zu system calls\n", g->action, g->calls.n);
	for (size_t i = 0; i < g->calls.n; i++) {
		size_t len = strlen(g->calls.v[i]);

		if (column && column + 1 + len > WIDTH) {
			putchar('\n');
			column = 0;
		}
		column += (size_t)printf("%s%s", column ? " " : "    ", g->calls.v[i]);
	}
	putchar('\n');
}

int filter_print(const struct plan *p, bool json, struct arena *a, struct err *e)
{
	const struct step *s = plan_find(p, STEP_FILTER);
	struct group *v = NEW_N(a, struct group, CALLS);
	struct run r = { .plan = p };
	size_t n = 0;

	if (!s && !json)
		puts("no filter: every system call is allowed");
	if (s && s->filter.program)
		r.bpf = (struct sock_fprog){ (unsigned short)s->filter.n,
			                     (struct sock_filter *)(uintptr_t)s->filter.program };
	else if (s) {
		int rc = seccomp_compile(&r, s->filter.profile, s->filter.strict, &r.bpf);

		if (rc < 0 && r.err.kind == ERR_NONE)
			err_sys(&r.err, ERR_HOST, -rc, "compile the seccomp profile");
		if (rc < 0) {
			*e = r.err;
			return -1;
		}
	}
	if (s)
		n = collect(v, &r.bpf, a);
	if (json)
		puts(oci_encode_array(&group_schema, v, n, OCI_INDENT_2, a, NULL));
	for (size_t i = 0; i < n && !json; i++)
		print(&v[i]);
	return 0;
}
