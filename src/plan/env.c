/* env: the program's arguments and environment as execve(2) wants them. */
#include "plan/emit.h"
#include <string.h>

char **plan_vector(struct plan *p, char *const *v, size_t n)
{
	char **out = NEW_N(p->arena, char *, n + 1);

	if (n)
		memcpy(out, v, n * sizeof *v);
	return out;
}

static size_t name_len(const char *entry)
{
	return strcspn(entry, "=");
}

static bool same_name(const char *a, const char *b)
{
	size_t n = name_len(a);

	return n == name_len(b) && memcmp(a, b, n) == 0;
}

/* FNV-1a of the name. */
static uint32_t name_hash(const char *entry)
{
	uint32_t h = 2166136261u;

	for (; *entry && *entry != '='; entry++)
		h = (h ^ (unsigned char)*entry) * 16777619u;
	return h;
}

/* Drops every entry that a later one of the same name replaces; the order of the rest stays. Returns how many are left.
 * From the end on, a name that is in the table already has a later entry. */
static size_t keep_last(struct arena *a, char **v, size_t n)
{
	size_t size = 16, kept = n;

	while (size < 2 * n)
		size *= 2;
	const char **table = NEW_N(a, const char *, size);
	for (size_t i = n; i-- > 0;) {
		size_t at = name_hash(v[i]) & (size - 1);

		while (table[at] && !same_name(table[at], v[i]))
			at = (at + 1) & (size - 1);
		if (!table[at])
			v[--kept] = v[i];
		table[at] = v[i];
	}
	memmove(v, v + kept, (n - kept) * sizeof *v);
	return n - kept;
}

struct plan_env plan_env(struct plan *p, const struct plan_in *in)
{
	const struct oci_process *proc = in->c->process;
	struct plan_env out = { 0 };
	size_t n = proc->env.n;

	out.v = NEW_N(p->arena, char *, n + 4);
	if (n)
		memcpy(out.v, proc->env.v, n * sizeof *out.v);
	if (in->o->listen_fds) {
		out.v[n++] = arena_fmt(p->arena, "LISTEN_FDS=%u", in->o->listen_fds);
		out.v[n++] = arena_fmt(p->arena, "LISTEN_PID=1");
	}
	if (in->o->notify)
		out.v[n++] = arena_fmt(p->arena, "NOTIFY_SOCKET=" NOTIFY_TARGET "/notify.sock");
	out.n = (uint32_t)keep_last(p->arena, out.v, n);
	/* What keep_last() moved down is still behind the end. */
	memset(out.v + out.n, 0, (n - out.n) * sizeof *out.v);
	for (uint32_t i = 0; i < out.n; i++) {
		if (strncmp(out.v[i], "PATH=", 5) == 0)
			out.path = out.v[i] + 5;
		if (strncmp(out.v[i], "HOME=", 5) == 0)
			out.home = true;
	}
	return out;
}
