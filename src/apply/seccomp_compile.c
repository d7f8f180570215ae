/* seccomp_compile: a profile of linux.seccomp becomes BPF, with libseccomp. */
#include "apply/ops.h"
#include "apply/seccomp.h"
#include <errno.h>
#include <stdio.h>

#ifndef HAVE_SECCOMP

int seccomp_compile(struct run *r, const struct oci_seccomp *profile, bool strict,
                    struct sock_fprog *bpf)
{
	(void)profile;
	(void)strict;
	(void)bpf;
	return run_fail(r, ENOSYS, "this nsrun was built without seccomp");
}

const char *seccomp_library(char *buf, size_t n)
{
	snprintf(buf, n, "none");
	return buf;
}

uint32_t seccomp_arch(const char *word)
{
	(void)word;
	return 0;
}

uint32_t seccomp_native(void)
{
	return 0;
}

bool seccomp_call_name(uint32_t nr, char *buf, size_t n)
{
	(void)nr, (void)buf, (void)n;
	return false;
}

#else
#include "base/fd.h"
#include "base/str.h"
#include <ctype.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define MAX_ARGS   6  /* of a system call */
#define MAX_ARCHS  32 /* the spec has 23 */
#define ARCH_START "SCMP_ARCH_"

/* Numbers of system calls begin at one of these, and end before what is TABLE above it: the kernel had 470 in 2025, and
 * gets five a year. What ARM has above is its own, and no sign of how new a profile is. */
#define X32_BASE   0x40000000
#define TABLE      512
#define OWN        0xf0000

struct compiler {
	struct run *r;
	const struct oci_seccomp *profile;
	bool strict;
	uint32_t fallback; /* the default action */
	/* One architecture at a time: what is newer than the profile differs between them. */
	scmp_filter_ctx ctx;
	uint32_t arch;
};

/* The action with its number for the program; errno where the profile gives none is EPERM. 0 is no action that the
 * profile can ask for (SCMP_ACT_KILL_THREAD is), so a bool says whether the word is known. */
static bool action_of(const char *word, const struct oci_u64 *number, uint32_t *out)
{
	uint32_t n = number->set ? (uint32_t)number->v : EPERM;
	const struct {
		const char *word;
		uint32_t action;
	} table[] = {
		{ "SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD },
		{ "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS },
		{ "SCMP_ACT_TRAP", SCMP_ACT_TRAP },
		{ "SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(n) },
		{ "SCMP_ACT_TRACE", SCMP_ACT_TRACE(n) },
		{ "SCMP_ACT_ALLOW", SCMP_ACT_ALLOW },
		{ "SCMP_ACT_LOG", SCMP_ACT_LOG },
		{ "SCMP_ACT_NOTIFY", SCMP_ACT_NOTIFY },
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (STR_EQ(table[i].word, word)) {
			*out = table[i].action;
			return true;
		}
	return false;
}

static bool compare_of(const char *word, enum scmp_compare *out)
{
	static const struct {
		const char *word;
		enum scmp_compare op;
	} table[] = {
		{ "SCMP_CMP_NE", SCMP_CMP_NE },
		{ "SCMP_CMP_LT", SCMP_CMP_LT },
		{ "SCMP_CMP_LE", SCMP_CMP_LE },
		{ "SCMP_CMP_EQ", SCMP_CMP_EQ },
		{ "SCMP_CMP_GE", SCMP_CMP_GE },
		{ "SCMP_CMP_GT", SCMP_CMP_GT },
		{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (STR_EQ(table[i].word, word)) {
			*out = table[i].op;
			return true;
		}
	return false;
}

const char *seccomp_library(char *buf, size_t n)
{
	const struct scmp_version *v = seccomp_version();

	snprintf(buf, n, "%u.%u.%u", v->major, v->minor, v->micro);
	return buf;
}

/* "SCMP_ARCH_X86_64" is "x86_64" to libseccomp. */
uint32_t seccomp_arch(const char *word)
{
	char name[32] = "";

	if (str_starts(word, ARCH_START))
		for (size_t i = 0; word[strlen(ARCH_START) + i] && i + 1 < sizeof name; i++)
			name[i] = (char)tolower((unsigned char)word[strlen(ARCH_START) + i]);
	return seccomp_arch_resolve_name(name);
}

uint32_t seccomp_native(void)
{
	return seccomp_arch_native();
}

bool seccomp_call_name(uint32_t nr, char *buf, size_t n)
{
	char *name = seccomp_syscall_resolve_num_arch(seccomp_arch_native(), (int)nr);

	if (!name)
		return false;
	snprintf(buf, n, "%s", name);
	free(name);
	return true;
}

/* One system call of a rule. libseccomp takes one comparison for each argument; a rule that has more of them is meant,
 * since Docker's first profiles, as one rule for each. */
static int add_call(struct compiler *c, const char *name, uint32_t action,
                    const struct scmp_arg_cmp *args, unsigned n, bool apart)
{
	int nr = seccomp_syscall_resolve_name(name), rc = 0;

	/* A name of another kernel or architecture. */
	if (nr == __NR_SCMP_ERROR)
		return c->strict ? run_fail(c->r, EFAULT, "unknown system call %.100s", name) : 0;
	if (!apart)
		rc = seccomp_rule_add_array(c->ctx, action, nr, n, args);
	else
		for (unsigned i = 0; rc == 0 && i < n; i++)
			rc = seccomp_rule_add_array(c->ctx, action, nr, 1, &args[i]);
	return rc < 0 ? run_sys(c->r, -rc, "seccomp rule for %.100s", name) : 0;
}

static int add_rule(struct compiler *c, const struct oci_seccomp_syscall *x)
{
	struct scmp_arg_cmp args[MAX_ARGS * 4];
	const size_t max = sizeof args / sizeof *args;
	unsigned seen = 0;
	bool apart = false;
	uint32_t action;

	if (!action_of(x->action, &x->errno_ret, &action))
		return run_fail(c->r, EINVAL, "unknown seccomp action %s", x->action);
	/* libseccomp refuses a rule that changes nothing. */
	if (action == c->fallback)
		return 0;
	if (x->args.n > max)
		return run_fail(c->r, E2BIG, "a seccomp rule with more than %zu args", max);
	for (size_t i = 0; i < x->args.n; i++) {
		const struct oci_seccomp_arg *a = &x->args.v[i];

		if (a->index.v >= MAX_ARGS || !compare_of(a->op, &args[i].op))
			return run_fail(c->r, EINVAL, "unknown seccomp comparison %s", a->op);
		args[i].arg = (unsigned)a->index.v;
		args[i].datum_a = a->value.v;
		args[i].datum_b = a->value_two.v;
		apart |= seen >> a->index.v & 1;
		seen |= 1u << a->index.v;
	}
	for (size_t i = 0; i < x->names.n; i++) {
		int rc = add_call(c, x->names.v[i], action, args, (unsigned)x->args.n, apart);

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* The highest number that the profile names on this architecture; -1 when there is none. */
static int newest_named(const struct compiler *c)
{
	const struct oci_seccomp *p = c->profile;
	int newest = -1;

	for (size_t i = 0; i < p->syscalls.n; i++)
		for (size_t j = 0; j < p->syscalls.v[i].names.n; j++) {
			int nr = seccomp_syscall_resolve_name_arch(c->arch,
			                                           p->syscalls.v[i].names.v[j]);

			if (nr > newest && (nr & ~X32_BASE) < OWN)
				newest = nr;
		}
	return newest;
}

/* libc tries a new system call and goes back to an old one only at ENOSYS; a profile that is older than both says
 * EPERM. What is newer than all that a profile names is therefore unknown, not forbidden (runc has the same rule). A
 * profile that kills or asks means it. Numbers without a name libseccomp takes only of our own architecture. */
static int add_newer(struct compiler *c)
{
	const uint32_t unknown = SCMP_ACT_ERRNO(ENOSYS);
	int newest = newest_named(c), rc = 0;

	if ((c->fallback & 0xffff0000) != SCMP_ACT_ERRNO(0) || c->fallback == unknown || newest < 0)
		return 0;
	int base = newest & X32_BASE;
	/* MIPS: 4000, 5000 and 6000. */
	base += (newest - base) / 1000 * 1000;
	for (int nr = newest + 1; rc == 0 && nr < base + TABLE; nr++) {
		char *name = seccomp_syscall_resolve_num_arch(c->arch, nr);

		if (name)
			rc = seccomp_rule_add(c->ctx, unknown, seccomp_syscall_resolve_name(name),
			                      0);
		else if (c->arch == seccomp_arch_native())
			rc = seccomp_rule_add(c->ctx, unknown, nr, 0);
		free(name);
	}
	return rc < 0 ? run_sys(c->r, -rc, "seccomp rules for new system calls") : 0;
}

/* The rules for one architecture, in c->ctx. */
static int build(struct compiler *c)
{
	int rc = 0;

	c->ctx = seccomp_init(c->fallback);
	if (!c->ctx)
		return -ENOMEM;
		/* A binary tree instead of a chain of comparisons; it is only faster. */
#if SCMP_VER_MAJOR > 2 || (SCMP_VER_MAJOR == 2 && SCMP_VER_MINOR >= 5)
	(void)seccomp_attr_set(c->ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
#endif
	if (c->arch != seccomp_arch_native()) {
		rc = seccomp_arch_add(c->ctx, c->arch);
		if (rc == 0)
			rc = seccomp_arch_remove(c->ctx, seccomp_arch_native());
		if (rc < 0)
			return run_sys(c->r, -rc, "seccomp architecture %#x", c->arch);
	}
	for (size_t i = 0; rc == 0 && i < c->profile->syscalls.n; i++)
		rc = add_rule(c, &c->profile->syscalls.v[i]);
	return rc < 0 ? rc : add_newer(c);
}

/* The compiled filter, in memory that init inherits. */
static int export(struct compiler *c, scmp_filter_ctx ctx, struct sock_fprog *bpf)
{
	autofd fd = memfd_create("seccomp", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	int rc = seccomp_export_bpf(ctx, fd);
	if (rc < 0)
		return run_sys(c->r, -rc, "compile the seccomp profile");
	off_t size = lseek(fd, 0, SEEK_END);
	if (size < (off_t)sizeof *bpf->filter)
		return -EIO;
	size_t n = (size_t)size / sizeof *bpf->filter;
	if (n > BPF_MAXINSNS)
		return run_fail(c->r, E2BIG,
		                "the seccomp profile needs %zu instructions, the kernel takes %d",
		                n, BPF_MAXINSNS);
	void *map = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	bpf->filter = map;
	bpf->len = (unsigned short)n;
	return 0;
}

/* Our own architecture, always there, then those of the profile, each once. How many, or -errno. */
static int list_archs(struct run *r, const struct oci_seccomp *profile, uint32_t archs[MAX_ARCHS])
{
	int n = 1;

	archs[0] = seccomp_arch_native();
	for (size_t i = 0; i < profile->architectures.n; i++) {
		const char *word = profile->architectures.v[i];
		uint32_t arch = seccomp_arch(word);
		int at = 0;

		if (!arch)
			return run_fail(r, EFAULT, "libseccomp does not know the architecture %s",
			                word);
		while (at < n && archs[at] != arch)
			at++;
		if (at == MAX_ARCHS)
			return -E2BIG;
		archs[at] = arch;
		n += at == n;
	}
	return n;
}

int seccomp_compile(struct run *r, const struct oci_seccomp *profile, bool strict,
                    struct sock_fprog *bpf)
{
	struct compiler c = { .r = r, .profile = profile, .strict = strict };
	uint32_t archs[MAX_ARCHS];
	scmp_filter_ctx all = NULL;
	int n = list_archs(r, profile, archs), rc = n < 0 ? n : 0;

	if (!action_of(profile->default_action, &profile->default_errno_ret, &c.fallback))
		rc = run_fail(r, EINVAL, "unknown seccomp action %s", profile->default_action);
	for (int i = 0; rc == 0 && i < n; i++) {
		c.arch = archs[i];
		rc = build(&c);
		if (rc == 0 && all)
			rc = seccomp_merge(all, c.ctx);
		else if (rc == 0)
			all = c.ctx;
		/* What was merged belongs to all. */
		if (rc < 0 && c.ctx)
			seccomp_release(c.ctx);
	}
	if (rc == 0)
		rc = export(&c, all, bpf);
	if (all)
		seccomp_release(all);
	return rc;
}
#endif
