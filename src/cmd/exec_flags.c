/* exec_flags: the flags of `nsrun exec` (engine-contract.md 1.4), and the process that they or --process ask for. */
#include "base/caps.h"
#include "base/io.h"
#include "base/str.h"
#include "cmd/exec.h"
#include "libocispec-lite/schema.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

struct exec_opts exec_opts;

/* clang-format off */
const struct flag exec_flags[] = {
	{ "process", 'p', FLAG_STRING, "FILE", "take the process from a JSON object; the flags that describe one are ignored", .s = &exec_opts.process },
	{ "detach", 'd', FLAG_BOOL, NULL, "return when the program runs", .b = &exec_opts.detach },
	{ "tty", 't', FLAG_BOOL, NULL, "give it a terminal", .b = &exec_opts.tty },
	{ "user", 'u', FLAG_STRING, "UID[:GID]", "run as these ids", .s = &exec_opts.user },
	{ "additional-gids", 'g', FLAG_REPEAT, "GID", "with this group too", .r = &exec_opts.groups },
	{ "env", 'e', FLAG_REPEAT, "NAME=VALUE", "set a variable of the environment", .r = &exec_opts.env },
	{ "cwd", 0, FLAG_STRING, "DIR", "run in DIR", .s = &exec_opts.cwd },
	{ "cap", 'c', FLAG_REPEAT, "CAP", "with this capability too", .r = &exec_opts.caps },
	{ "no-new-privs", 0, FLAG_BOOL, NULL, "set no_new_privs", .b = &exec_opts.no_new_privs },
	{ "apparmor", 0, FLAG_STRING, "PROFILE", "run under this AppArmor profile", .s = &exec_opts.apparmor },
	{ "process-label", 0, FLAG_STRING, "LABEL", "run with this SELinux label", .s = &exec_opts.label },
	{ "cgroup", 0, FLAG_REPEAT, "[CTRL[,CTRL]:]PATH", "in a cgroup below the container's", .r = &exec_opts.cgroups },
	{ "pid-file", 0, FLAG_STRING, "FILE", "write its pid to FILE when it runs", .s = &exec_opts.pid_file },
	{ "console-socket", 0, FLAG_STRING, "PATH", "send the terminal's master to this socket", .s = &exec_opts.console_socket },
	{ "pidfd-socket", 0, FLAG_STRING, "PATH", "send a pidfd of the process to this socket", .s = &exec_opts.pidfd_socket },
	{ "preserve-fds", 0, FLAG_UINT, "N", "keep N more descriptors from 3 on", .u = &exec_opts.preserve_fds, .max = 1024 },
	{ "ignore-paused", 0, FLAG_BOOL, NULL, "also when the container is paused: it runs when that ends", .b = &exec_opts.ignore_paused },
	{ "no-subreaper", 0, FLAG_BOOL, NULL, "do not adopt orphans of the process", .b = &exec_opts.no_subreaper },
	{ 0 },
};
/* clang-format on */

static int read_file(struct asked_process *p, struct arena *a, struct err *e)
{
	struct oci_diags diags = { 0 };
	unsigned line, col;

	p->file = exec_opts.process;
	int rc = io_load(AT_FDCWD, p->file, OCI_MAX_TEXT, &p->text, &p->len);
	if (rc < 0) {
		if (rc == -ENOTSUP)
			err_set(e, ERR_CONFIG, "the process file is not a regular file");
		else
			err_sys(e, ERR_CONFIG, -rc, "read the process file");
		return err_where(e, "%s", p->file);
	}
	p->process = oci_decode(&oci_process_schema, p->text, p->len, a, &diags);
	if (p->process)
		return 0;
	const struct oci_diag *d = diags.first;
	while (d->severity != OCI_FATAL)
		d = d->next;
	err_set(e, ERR_CONFIG, "%s", d->what);
	if (!d->pointer || !oci_locate(p->text, p->len, d->pointer, &line, &col))
		oci_locate_offset(p->text, p->len, d->offset, &line, &col);
	err_where(e, "%.100s:%u:%u %.60s", p->file, line, col, d->pointer ? d->pointer : "");
	return d->hint ? err_hint(e, "%s", d->hint) : -1;
}

static int bad_user(const char *text, struct err *e)
{
	err_set(e, ERR_USAGE, "flag --user is \"%s\", expected UID or UID:GID, in digits", text);
	return err_hint(e, "names are not looked up: the container's /etc/passwd is not trusted");
}

/* Digits only, and nothing that setresuid(2) takes for "unchanged" (security.md R7). */
static int set_user(struct oci_process *p, const char *text, struct arena *a, struct err *e)
{
	const char *colon = strchr(text, ':');
	size_t n = colon ? (size_t)(colon - text) : strlen(text);
	struct oci_user *u = NEW(a, struct oci_user);
	uint32_t id;

	if (p->user)
		*u = *p->user;
	if (str_id(arena_str(a, text, n), &id) < 0)
		return bad_user(text, e);
	u->uid = (struct oci_u64){ id, true };
	if (colon) {
		if (str_id(colon + 1, &id) < 0)
			return bad_user(text, e);
		u->gid = (struct oci_u64){ id, true };
	}
	p->user = u;
	return 0;
}

static int add_groups(struct oci_process *p, const struct cli_strings *more, struct arena *a,
                      struct err *e)
{
	struct oci_user *u = NEW(a, struct oci_user);
	uint32_t id;

	if (!more->n)
		return 0;
	if (p->user)
		*u = *p->user;
	size_t n = u->additional_gids.n;
	uint64_t *v = NEW_N(a, uint64_t, n + more->n);
	for (size_t i = 0; i < n; i++)
		v[i] = u->additional_gids.v[i];
	for (size_t i = 0; i < more->n; i++) {
		if (str_id(more->v[i], &id) < 0)
			return err_set(e, ERR_USAGE,
			               "flag --additional-gids is \"%s\", expected a gid in digits",
			               more->v[i]);
		v[n++] = id;
	}
	u->additional_gids.v = v;
	u->additional_gids.n = n;
	p->user = u;
	return 0;
}

struct names {
	char **v;
	size_t n;
};

static struct names with(struct arena *a, char *const *v, size_t n, const char *more)
{
	struct names out = { NEW_N(a, char *, n + 1), n };

	if (n)
		memcpy(out.v, v, n * sizeof *v);
	for (size_t i = 0; i < n; i++)
		if (STR_EQ(v[i], more))
			return out;
	out.v[out.n++] = (char *)(uintptr_t)more;
	return out;
}

#define ADD(set)                                                                                   \
	do {                                                                                       \
		struct names s_ = with(a, c->set.v, c->set.n, name);                               \
		c->set.v = s_.v;                                                                   \
		c->set.n = s_.n;                                                                   \
	} while (0)

/* As runc adds them: what is inheritable stays as it is, or a file's capabilities would be given to all that the process
 * runs (CVE-2022-29162); what is inheritable already becomes ambient. */
static int add_caps(struct oci_process *p, const struct cli_strings *more, struct arena *a,
                    struct err *e)
{
	struct oci_capabilities *c = NEW(a, struct oci_capabilities);

	if (!more->n)
		return 0;
	if (p->capabilities)
		*c = *p->capabilities;
	p->capabilities = c;
	for (size_t i = 0; i < more->n; i++) {
		const char *name = more->v[i];

		if (cap_by_name(name) < 0) {
			const char *full = arena_fmt(a, "CAP_%s", name);
			const char *near = cap_by_name(full) >= 0 ? full
			                                          : oci_nearest(name, cap_words());

			err_set(e, ERR_USAGE, "flag --cap: \"%s\" is not a capability", name);
			return near ? err_hint(e, "did you mean \"%s\"?", near)
			            : err_hint(e, "see capabilities(7)");
		}
		ADD(bounding);
		ADD(permitted);
		ADD(effective);
		for (size_t j = 0; j < c->inheritable.n; j++)
			if (STR_EQ(c->inheritable.v[j], name)) {
				ADD(ambient);
				break;
			}
	}
	return 0;
}

static void add_env(struct oci_process *p, const struct cli_strings *more, struct arena *a)
{
	char **v = NEW_N(a, char *, p->env.n + more->n);

	if (p->env.n)
		memcpy(v, p->env.v, p->env.n * sizeof *v);
	for (size_t i = 0; i < more->n; i++)
		v[p->env.n + i] = (char *)(uintptr_t)more->v[i];
	p->env.v = v;
	p->env.n += more->n;
}

static int from_flags(struct asked_process *out, const struct oci_process *base, char **args,
                      size_t n, struct arena *a, struct err *e)
{
	const struct exec_opts *o = &exec_opts;
	struct oci_process *p = NEW(a, struct oci_process);

	if (!n) {
		err_set(e, ERR_USAGE, "no command is given");
		return err_hint(e, "write it behind the id, as in \"nsrun exec c1 ls -l\"");
	}
	if (base)
		*p = *base;
	else
		p->cwd = (char *)(uintptr_t) "/";
	p->args.v = args;
	p->args.n = n;
	p->terminal = (struct oci_bool){ o->tty, true };
	if (o->cwd)
		p->cwd = (char *)(uintptr_t)o->cwd;
	if (o->no_new_privs)
		p->no_new_privileges = (struct oci_bool){ true, true };
	if (o->apparmor)
		p->apparmor_profile = (char *)(uintptr_t)o->apparmor;
	if (o->label)
		p->selinux_label = (char *)(uintptr_t)o->label;
	add_env(p, &o->env, a);
	if ((o->user && set_user(p, o->user, a, e) < 0) || add_groups(p, &o->groups, a, e) < 0 ||
	    add_caps(p, &o->caps, a, e) < 0)
		return -1;
	out->process = p;
	return 0;
}

int exec_process(struct asked_process *p, const struct oci_process *base, char **args, size_t n,
                 struct arena *a, struct err *e)
{
	*p = (struct asked_process){ 0 };
	if (!exec_opts.process)
		return from_flags(p, base, args, n, a, e);
	if (read_file(p, a, e) < 0)
		return -1;
	if (exec_opts.tty)
		p->process->terminal = (struct oci_bool){ true, true };
	/* It is the container's to say where others may run in it (config.md, execCPUAffinity). */
	if (base && !p->process->exec_cpu_affinity)
		p->process->exec_cpu_affinity = base->exec_cpu_affinity;
	return 0;
}

void exec_place(const struct asked_process *p, const struct bundle *b, struct err *e)
{
	static const char above[] = "/process";
	char pointer[sizeof e->where];
	unsigned line, col;

	if (!str_starts(e->where, above)) {
		bundle_locate(b, e);
		return;
	}
	snprintf(pointer, sizeof pointer, "%s", e->where + strlen(above));
	if (p->file && oci_locate(p->text, p->len, pointer, &line, &col))
		snprintf(e->where, sizeof e->where, "%.100s:%u:%u %.60s", p->file, line, col,
		         pointer);
}
