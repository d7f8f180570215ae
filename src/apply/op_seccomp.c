/* op_seccomp: the profile becomes BPF on the host's side, where libseccomp may allocate; init only loads it. */
#include "apply/ops.h"
#include "base/fd.h"
#include "base/sys.h"
#include <errno.h>
#include <linux/seccomp.h>

#ifndef SECCOMP_FILTER_FLAG_SPEC_ALLOW
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW (1UL << 2)
#endif

int op_seccomp(struct run *r, const struct step *s)
{
	unsigned flags = s->filter.flags;
	int rc = sys_seccomp(SECCOMP_SET_MODE_FILTER, flags, &r->bpf);

	/* Some architectures and old kernels do not know SPEC_ALLOW; it only makes things faster. */
	if (rc == -EINVAL && (flags & SECCOMP_FILTER_FLAG_SPEC_ALLOW)) {
		flags &= ~(unsigned)SECCOMP_FILTER_FLAG_SPEC_ALLOW;
		rc = sys_seccomp(SECCOMP_SET_MODE_FILTER, flags, &r->bpf);
	}
	return rc < 0 ? rc : 0;
}

#ifndef HAVE_SECCOMP

int op_filter(struct run *r, const struct step *s)
{
	(void)s;
	return run_fail(r, ENOSYS, "this nsrun was built without seccomp");
}

#else
#include <ctype.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>

#define MAX_ARGS   6 /* of a system call */
#define ARCH_START "SCMP_ARCH_"

struct filter {
	struct run *r;
	scmp_filter_ctx ctx;
	uint32_t fallback; /* the default action */
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
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (strcmp(table[i].word, word) == 0) {
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
		if (strcmp(table[i].word, word) == 0) {
			*out = table[i].op;
			return true;
		}
	return false;
}

/* "SCMP_ARCH_X86_64" is "x86_64" to libseccomp. The native one is in from the start. */
static int add_arch(struct filter *f, const char *word)
{
	char name[32] = "";

	if (strncmp(word, ARCH_START, strlen(ARCH_START)) == 0)
		for (size_t i = 0; word[strlen(ARCH_START) + i] && i + 1 < sizeof name; i++)
			name[i] = (char)tolower((unsigned char)word[strlen(ARCH_START) + i]);
	uint32_t token = seccomp_arch_resolve_name(name);
	if (!token)
		return run_fail(f->r, EINVAL, "libseccomp does not know the architecture %s", word);
	int rc = seccomp_arch_add(f->ctx, token);
	if (rc < 0 && rc != -EEXIST)
		return run_sys(f->r, -rc, "architecture %s", word);
	return 0;
}

/* One system call of a rule. libseccomp takes one comparison for each argument; a rule that has more of them is meant,
 * since Docker's first profiles, as one rule for each. */
static int add_call(struct filter *f, const char *name, uint32_t action,
                    const struct scmp_arg_cmp *args, unsigned n, bool apart)
{
	int nr = seccomp_syscall_resolve_name(name), rc = 0;

	/* A name of another kernel or architecture. */
	if (nr == __NR_SCMP_ERROR)
		return 0;
	if (!apart)
		rc = seccomp_rule_add_array(f->ctx, action, nr, n, args);
	else
		for (unsigned i = 0, ok = 1; ok && i < n; i++) {
			rc = seccomp_rule_add_array(f->ctx, action, nr, 1, &args[i]);
			ok = rc >= 0;
		}
	return rc < 0 ? run_sys(f->r, -rc, "seccomp rule for %s", name) : 0;
}

static int add_rule(struct filter *f, const struct oci_seccomp_syscall *x)
{
	struct scmp_arg_cmp args[MAX_ARGS * 4];
	const size_t max = sizeof args / sizeof *args;
	unsigned seen = 0;
	bool apart = false;
	uint32_t action;

	if (!action_of(x->action, &x->errno_ret, &action))
		return run_fail(f->r, EINVAL, "unknown seccomp action %s", x->action);
	/* libseccomp refuses a rule that changes nothing. */
	if (action == f->fallback)
		return 0;
	if (x->args.n > max)
		return run_fail(f->r, E2BIG, "a seccomp rule with more than %zu args", max);
	for (size_t i = 0; i < x->args.n; i++) {
		const struct oci_seccomp_arg *a = &x->args.v[i];

		if (a->index.v >= MAX_ARGS || !compare_of(a->op, &args[i].op))
			return run_fail(f->r, EINVAL, "unknown seccomp comparison %s", a->op);
		args[i].arg = (unsigned)a->index.v;
		args[i].datum_a = a->value.v;
		args[i].datum_b = a->value_two.v;
		apart |= seen >> a->index.v & 1;
		seen |= 1u << a->index.v;
	}
	for (size_t i = 0; i < x->names.n; i++) {
		int rc = add_call(f, x->names.v[i], action, args, (unsigned)x->args.n, apart);

		if (rc < 0)
			return rc;
	}
	return 0;
}

/* The compiled filter, in memory that init inherits. */
static int export(struct filter *f)
{
	struct sock_fprog *bpf = &f->r->bpf;
	autofd fd = memfd_create("seccomp", MFD_CLOEXEC);

	if (fd < 0)
		return -errno;
	int rc = seccomp_export_bpf(f->ctx, fd);
	if (rc < 0)
		return run_sys(f->r, -rc, "compile the seccomp profile");
	off_t size = lseek(fd, 0, SEEK_END);
	if (size < (off_t)sizeof *bpf->filter)
		return -EIO;
	if ((size_t)size / sizeof *bpf->filter > BPF_MAXINSNS)
		return run_fail(f->r, E2BIG,
		                "the seccomp profile needs %zu instructions, the "
		                "kernel takes %d",
		                (size_t)size / sizeof *bpf->filter, BPF_MAXINSNS);
	void *map = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	bpf->filter = map;
	bpf->len = (unsigned short)((size_t)size / sizeof *bpf->filter);
	return 0;
}

static int build(struct filter *f, const struct oci_seccomp *profile)
{
	int rc = 0;

	/* A binary tree instead of a chain of comparisons; it is only faster. */
#if SCMP_VER_MAJOR > 2 || (SCMP_VER_MAJOR == 2 && SCMP_VER_MINOR >= 5)
	(void)seccomp_attr_set(f->ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
#endif
	for (size_t i = 0; rc == 0 && i < profile->architectures.n; i++)
		rc = add_arch(f, profile->architectures.v[i]);
	for (size_t i = 0; rc == 0 && i < profile->syscalls.n; i++)
		rc = add_rule(f, &profile->syscalls.v[i]);
	return rc < 0 ? rc : export(f);
}

int op_filter(struct run *r, const struct step *s)
{
	const struct oci_seccomp *profile = s->filter.profile;
	struct filter f = { .r = r };

	if (!action_of(profile->default_action, &profile->default_errno_ret, &f.fallback))
		return run_fail(r, EINVAL, "unknown seccomp action %s", profile->default_action);
	f.ctx = seccomp_init(f.fallback);
	if (!f.ctx)
		return -ENOMEM;
	int rc = build(&f, profile);
	seccomp_release(f.ctx);
	return rc;
}
#endif
