/* features: what this nsrun can do (features.md), from the tables that its code works with. */
#include "apply/seccomp.h"
#include "base/caps.h"
#include "base/str.h"
#include "base/sys.h"
#include "cmd/cmd.h"
#include "host/kernel.h"
#include "libocispec-lite/ocispec.h"
#include "libocispec-lite/rows.h"
#include "plan/kinds.h"
#include "plan/mountopt.h"
#include "plan/seccomp.h"
#include <errno.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

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

/* Annotations of a config that change what nsrun does; a prefix ends with a full stop. */
static const char *const unsafe_annotations[] = { "org.criu.config", "org.systemd.property.",
	                                          "run.oci.", NULL };

#ifdef HAVE_CRIU
#define CHECKPOINT "true"
#else
#define CHECKPOINT "false"
#endif

static struct oci_features_enabled *enabled(bool v, struct arena *a)
{
	struct oci_features_enabled *x = NEW(a, struct oci_features_enabled);

	x->enabled = (struct oci_bool){ v, true };
	return x;
}

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

#ifdef HAVE_SECCOMP
/* Does the kernel take a flag of seccomp(2)? With no filter it gets as far as EFAULT. One of them has a meaning only
 * beside a listener. */
static bool kernel_takes(const char *name)
{
	uint32_t flag = seccomp_flag(name);

	return sys_seccomp(SECCOMP_SET_MODE_FILTER, flag, NULL) == -EFAULT ||
	       sys_seccomp(SECCOMP_SET_MODE_FILTER, flag | SECCOMP_FILTER_FLAG_NEW_LISTENER,
	                   NULL) == -EFAULT;
}

/* The words of from that are known, into to, which has room for them. */
static void keep(char **to, size_t *n, char *const *from, size_t count,
                 bool (*known)(const char *word))
{
	*n = 0;
	for (size_t i = 0; i < count; i++)
		if (known(from[i]))
			to[(*n)++] = from[i];
}

static bool library_knows(const char *arch)
{
	return seccomp_arch(arch);
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
	keep(s->archs.v, &s->archs.n, s->archs.v, s->archs.n, library_knows);
	keep(s->supported_flags.v, &s->supported_flags.n, s->known_flags.v, s->known_flags.n,
	     kernel_takes);
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
	l->apparmor = enabled(true, a);
	l->selinux = enabled(true, a);
	l->memory_policy = NEW(a, struct oci_features_memory_policy);
	COPY(l->memory_policy->modes, ALLOWED("linux", "memoryPolicy", "mode"));
	COPY(l->memory_policy->flags, ALLOWED("linux", "memoryPolicy", "flags"));
	l->intel_rdt = NEW(a, struct oci_features_intel_rdt);
	*l->intel_rdt = (struct oci_features_intel_rdt){ .enabled = { true, true },
		                                         .schemata = { true, true },
		                                         .monitoring = { true, true } };
	l->mount_extensions = NEW(a, struct oci_features_mount_extensions);
	l->mount_extensions->idmap = enabled(true, a);
	l->net_devices = enabled(true, a);
	return l;
}

/* "mount_setattr cpu.idle": the rungs that are not here. */
static const char *missing(char *buf, size_t n)
{
	*buf = '\0';
	for (const struct kernel_rung *x = kernel_rungs; x->name; x++) {
		enum kernel_answer is = kernel_ask(x);

		if (is == KERNEL_LACKS || is == KERNEL_DENIES)
			str_add(buf, n, "%s%s", *buf ? " " : "", x->name);
	}
	return buf;
}

#define NOTE(k, v)                                                                                 \
	{                                                                                          \
		(char *)(uintptr_t)(k), (char *)(uintptr_t)(v)                                     \
	}
static void print_json(void)
{
	struct arena arena = { 0 }, *a = &arena;
	char library[32], lacks[512];
	struct oci_entry notes[] = {
		NOTE("io.github.seccomp.libseccomp.version",
		     seccomp_library(library, sizeof library)),
		NOTE("io.nsrun.commit", NSRUN_COMMIT),
		NOTE("io.nsrun.kernel.missing", missing(lacks, sizeof lacks)),
		NOTE("io.nsrun.kernel.oldest", KERNEL_OLDEST),
		NOTE("io.nsrun.version", PACKAGE_VERSION),
		NOTE("org.opencontainers.runc.checkpoint.enabled", CHECKPOINT),
	};
	struct oci_features f = { .version_min = (char *)MIN_VERSION,
		                  .version_max = (char *)OCI_SPEC_VERSION,
		                  .linux_ = linux_features(a) };

	f.hooks.v = (char **)hook_names;
	f.hooks.n = HOOK__N;
	COPY(f.mount_options, mountopt_words);
	f.annotations.v = notes;
	f.annotations.n = sizeof notes / sizeof *notes;
	COPY(f.unsafe_annotations, unsafe_annotations);
	puts(oci_encode(&oci_features_schema, &f, OCI_INDENT_4, a, NULL));
	arena_done(a);
}

/* What has text for people as well. */
struct rung {
	char *name, *since, *here;
	struct oci_bool needed;
	char *text;
};
struct kernel {
	char *release, *oldest;
	OCI_VEC(struct rung) features;
};
struct version {
	char *version, *commit, *spec, *libseccomp;
};

/* clang-format off */
OCI_SCHEMA_LOCAL(rung,
	STR (rung, name,   "name",   0),
	STR (rung, since,  "since",  0),
	STR (rung, here,   "here",   0),
	BOOL(rung, needed, "needed", 0),
	STR (rung, text,   "text",   0));

OCI_SCHEMA_LOCAL(kernel,
	STR (kernel, release,  "release",  0),
	STR (kernel, oldest,   "oldest",   0),
	OBJS(kernel, features, "features", OCI_REQUIRED, rung));

OCI_SCHEMA_LOCAL(version,
	STR(version, version,    "version",    0),
	STR(version, commit,     "commit",     0),
	STR(version, spec,       "spec",       0),
	STR(version, libseccomp, "libseccomp", 0));
/* clang-format on */

static void print_kernel(bool json)
{
	static const char *const answers[] = { [KERNEL_HAS] = "yes",
		                               [KERNEL_LACKS] = "no",
		                               [KERNEL_DENIES] = "denied",
		                               [KERNEL_HIDES] = "unknown" };
	struct arena a = { 0 };
	struct utsname u;
	struct kernel k = { .release = uname(&u) < 0 ? str_word("unknown") : u.release,
		            .oldest = str_word(KERNEL_OLDEST) };
	size_t n = 0;

	while (kernel_rungs[n].name)
		n++;
	k.features.v = NEW_N(&a, struct rung, n);
	k.features.n = n;
	for (size_t i = 0; i < n; i++) {
		const struct kernel_rung *x = &kernel_rungs[i];

		k.features.v[i] = (struct rung){ str_word(x->name),
			                         str_word(x->since),
			                         str_word(answers[kernel_ask(x)]),
			                         { x->kind & RUNG_NEEDED, true },
			                         str_word(x->text) };
	}
	if (json) {
		puts(oci_encode(&kernel_schema, &k, OCI_INDENT_2, &a, NULL));
		arena_done(&a);
		return;
	}
	printf("Linux %s; the oldest that nsrun supports is %s\n", k.release, k.oldest);
	printf("%-39s %-5s %-7s %s\n", "WHAT", "SINCE", "HERE", "WHAT FOR, OR WHAT IS LOST");
	for (size_t i = 0; i < n; i++) {
		const struct rung *x = &k.features.v[i];

		printf("%-39s %-5s %-7s %s%s\n", x->name, x->since, x->here,
		       x->needed.v ? "needed: " : "without it: ", x->text);
	}
	arena_done(&a);
}

static bool kernel;
static const char *format;
static const char *const formats[] = { "table", "json", NULL };
static const struct flag flags[] = {
	{ "kernel", 0, FLAG_BOOL, NULL,
	  "print what of this kernel is used, and what is lost without it", .b = &kernel },
	{ "format", 'f', FLAG_STRING, "FORMAT", "table or json", .s = &format, .words = formats },
	{ 0 },
};

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	bool table = format && STR_EQ(format, "table");

	(void)g, (void)in;
	if (table && !kernel) {
		err_set(e, ERR_USAGE, "the features are JSON only");
		return err_hint(e, "leave out --format, or add --kernel");
	}
	if (kernel)
		print_kernel(format && !table);
	else
		print_json();
	return stdout_done(e);
}

/* Of the text engines take the lines apart by their first words. */
void version_print(bool json)
{
	struct arena a = { 0 };
	char library[32];
	struct version v = { .version = str_word(PACKAGE_VERSION),
		             .commit = str_word(*NSRUN_COMMIT ? NSRUN_COMMIT : "unknown"),
		             .spec = str_word(OCI_SPEC_VERSION),
		             .libseccomp = str_word(seccomp_library(library, sizeof library)) };

	if (json)
		puts(oci_encode(&version_schema, &v, OCI_INDENT_2, &a, NULL));
	else
		printf("nsrun version %s\ncommit: %s\nspec: %s\nlibseccomp: %s\n", v.version,
		       v.commit, v.spec, v.libseccomp);
	arena_done(&a);
}

const struct command cmd_features = {
	.name = "features",
	.summary = "print what nsrun can do as JSON",
	.usage = "",
	.flags = flags,
	.run = run,
};
