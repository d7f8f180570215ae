/* check: the list of checks, and how findings are made. */
#include "check/check.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TEXT_MAX    400 /* bytes of a finding: values of the config are quoted, and may be long */
#define POINTER_MAX 512

/* Has decode refused this very value? Then what is wrong with it has been said. */
static bool refused(const struct check *k, struct oci_at at)
{
	char pointer[POINTER_MAX];

	if (!k->diags->n_fatal ||
	    !oci_pointer(&oci_config_schema, k->c, at, pointer, sizeof pointer))
		return false;
	for (const struct oci_diag *d = k->diags->first; d; d = d->next)
		if (d->severity == OCI_FATAL && d->pointer && strcmp(d->pointer, pointer) == 0)
			return true;
	return false;
}

static void __attribute__((format(printf, 5, 0)))
add(struct check *k, enum oci_severity severity, struct oci_at at, const char *hint,
    const char *fmt, va_list ap)
{
	char text[TEXT_MAX];

	if (refused(k, at))
		return;
	int n = vsnprintf(text, sizeof text, fmt, ap);
	if (n >= TEXT_MAX)
		snprintf(text + TEXT_MAX - 4, 4, "...");
	for (char *c = text; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	oci_diag_add(k->diags, k->a, severity, arena_str(k->a, text, strlen(text)), hint)->at = at;
}

void bad(struct check *k, struct oci_at at, const char *hint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(k, OCI_FATAL, at, hint, fmt, ap);
	va_end(ap);
}

void warn(struct check *k, struct oci_at at, const char *hint, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(k, OCI_WARN, at, hint, fmt, ap);
	va_end(ap);
}

void bad_word(struct check *k, struct oci_at at, const char *word, const char *const *words,
              const char *hint, const char *fmt, ...)
{
	const char *near = oci_nearest(word, words);
	va_list ap;

	if (near)
		hint = arena_fmt(k->a, "did you mean \"%s\"?", near);
	va_start(ap, fmt);
	add(k, OCI_FATAL, at, hint, fmt, ap);
	va_end(ap);
}

void warn_word(struct check *k, struct oci_at at, const char *word, const char *const *words,
               const char *hint, const char *fmt, ...)
{
	const char *near = oci_nearest(word, words);
	va_list ap;

	if (near)
		hint = arena_fmt(k->a, "did you mean \"%s\"?", near);
	va_start(ap, fmt);
	add(k, OCI_WARN, at, hint, fmt, ap);
	va_end(ap);
}

void check_exec(struct check *k)
{
	check_process(k);
	check_user(k);
	check_scheduler(k);
	check_labels(k);
	check_capabilities(k);
}

void check_config(struct check *k)
{
	check_top(k);
	check_exec(k);
	check_domain(k);
	check_mounts(k);
	check_hooks(k);
	check_namespaces(k);
	check_id_maps(k);
	check_devices(k);
	check_cgroup(k);
	check_annotations(k);
	check_resources(k);
	check_seccomp(k);
	check_sysctl(k);
	check_net_devices(k);
	check_rdt(k);
}
