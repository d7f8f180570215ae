/* features: what this nsrun can do (features.md), from the tables that its code works with. */
#include "base/caps.h"
#include "base/str.h"
#include "base/sys.h"
#include "cmd/cmd.h"
#include "libocispec-lite/ocispec.h"
#include "plan/kinds.h"
#include "plan/mountopt.h"
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#ifdef HAVE_SECCOMP
#include <seccomp.h>
#endif

#define MIN_VERSION "1.0.0"
#ifdef HAVE_SYSTEMD
#define SYSTEMD true
#else
#define SYSTEMD false
#endif

/* The words of a NULL-terminated list as one of the library's vectors. */
#define COPY(vec, list) copy_words(&(vec).v, &(vec).n, list, a)
static void copy_words(char ***v, size_t *n, const char *const *list, struct arena *a)
{
	*n = 0;
	while (list[*n])
		++*n;
	*v = NEW_N(a, char *, *n);
	memcpy(*v, list, *n * sizeof *list);
}

static struct oci_features_enabled *enabled(bool v, struct arena *a)
{
	struct oci_features_enabled *x = NEW(a, struct oci_features_enabled);

	x->enabled = (struct oci_bool){ v, true };
	return x;
}

#ifdef HAVE_SECCOMP
/* The row of a property, by its keys from the top: "linux", "seccomp", "flags". */
static const struct oci_field *row(const char *const *keys)
{
	const struct oci_schema *s = &oci_config_schema;
	const struct oci_field *f = NULL;

	for (; *keys; keys++) {
		f = NULL;
		for (size_t i = 0; s && i < s->n; i++)
			if (STR_EQ(s->fields[i].key, *keys))
				f = &s->fields[i];
		s = f ? f->sub : NULL;
	}
	return f;
}

/* The values that the decoder allows for a property. */
#define ALLOWED(...) (row((const char *const[]){ __VA_ARGS__, NULL })->words)

/* Does the kernel take a flag of seccomp(2)? With no filter it gets as far as EFAULT. */
static bool kernel_takes(const char *name)
{
	static const struct {
		const char *name;
		unsigned flag;
	} flags[] = {
		{ "SECCOMP_FILTER_FLAG_TSYNC", 1 << 0 },
		{ "SECCOMP_FILTER_FLAG_LOG", 1 << 1 },
		{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", 1 << 2 },
		{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 1 << 5 },
	};

	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		if (STR_EQ(flags[i].name, name))
			return sys_seccomp(SECCOMP_SET_MODE_FILTER, flags[i].flag, NULL) == -EFAULT;
	return false;
}

/* Takes a word out of a vector: the decoder knows it, this version does not do it. */
static void drop(size_t *n, char **v, const char *word)
{
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++)
		if (!STR_EQ(v[i], word))
			v[kept++] = v[i];
	*n = kept;
}
#endif

static struct oci_features_seccomp *seccomp_features(struct arena *a)
{
	struct oci_features_seccomp *s = NEW(a, struct oci_features_seccomp);

#ifdef HAVE_SECCOMP
	s->enabled = (struct oci_bool){ true, true };
	COPY(s->actions, ALLOWED("linux", "seccomp", "defaultAction"));
	COPY(s->operators, ALLOWED("linux", "seccomp", "syscalls", "args", "op"));
	COPY(s->archs, ALLOWED("linux", "seccomp", "architectures"));
	COPY(s->known_flags, ALLOWED("linux", "seccomp", "flags"));
	s->supported_flags.v = NEW_N(a, char *, s->known_flags.n);
	drop(&s->actions.n, s->actions.v, "SCMP_ACT_NOTIFY");
	for (size_t i = 0; i < s->known_flags.n; i++)
		if (kernel_takes(s->known_flags.v[i]))
			s->supported_flags.v[s->supported_flags.n++] = s->known_flags.v[i];
#else
	s->enabled = (struct oci_bool){ false, true };
#endif
	return s;
}

static struct oci_features_linux *linux_features(struct arena *a)
{
	struct oci_features_linux *l = NEW(a, struct oci_features_linux);
	char **types = NEW_N(a, char *, NAMESPACES);

	for (size_t i = 0; i < NAMESPACES; i++)
		types[i] = (char *)namespace_defs[i].type;
	l->namespaces.v = types;
	l->namespaces.n = NAMESPACES;
	COPY(l->capabilities, cap_words());
	l->cgroup = NEW(a, struct oci_features_cgroup);
	*l->cgroup = (struct oci_features_cgroup){ .v1 = { true, true },
		                                   .v2 = { true, true },
		                                   .systemd = { SYSTEMD, true },
		                                   .systemd_user = { SYSTEMD, true },
		                                   .rdma = { true, true } };
	l->seccomp = seccomp_features(a);
	l->apparmor = enabled(false, a);
	l->selinux = enabled(false, a);
	l->intel_rdt = NEW(a, struct oci_features_intel_rdt);
	l->intel_rdt->enabled = (struct oci_bool){ false, true };
	l->mount_extensions = NEW(a, struct oci_features_mount_extensions);
	l->mount_extensions->idmap = enabled(false, a);
	l->net_devices = enabled(false, a);
	return l;
}

static const char *seccomp_library(struct arena *a)
{
#ifdef HAVE_SECCOMP
	const struct scmp_version *v = seccomp_version();

	if (v)
		return arena_fmt(a, "%u.%u.%u", v->major, v->minor, v->micro);
#endif
	(void)a;
	return "none";
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	struct arena a = { 0 };
	struct oci_entry notes[] = {
		{ (char *)"io.github.seccomp.libseccomp.version", (char *)seccomp_library(&a) },
		{ (char *)"org.opencontainers.runc.checkpoint.enabled", (char *)"false" },
	};
	struct oci_features f = { .version_min = (char *)MIN_VERSION,
		                  .version_max = (char *)OCI_SPEC_VERSION,
		                  .linux_ = linux_features(&a) };

	(void)g, (void)in;
	f.hooks.v = (char **)hook_names;
	f.hooks.n = HOOK__N;
	copy_words(&f.mount_options.v, &f.mount_options.n, mountopt_words, &a);
	f.annotations.v = notes;
	f.annotations.n = sizeof notes / sizeof *notes;
	puts(oci_encode(&oci_features_schema, &f, OCI_INDENT_4, &a, NULL));
	arena_done(&a);
	return stdout_done(e);
}

/* Lines that engines take apart by their first words. */
int version_print(void)
{
	struct arena a = { 0 };

	printf("nsrun version %s\ncommit: %s\nspec: %s\nlibseccomp: %s\n", PACKAGE_VERSION,
	       *NSRUN_COMMIT ? NSRUN_COMMIT : "unknown", OCI_SPEC_VERSION, seccomp_library(&a));
	arena_done(&a);
	return 0;
}

static const struct flag flags[] = { { 0 } };

const struct command cmd_features = {
	.name = "features",
	.summary = "print what nsrun can do as JSON",
	.usage = "",
	.flags = flags,
	.run = run,
};
