/* labels: process.apparmorProfile and process.selinuxLabel. A label without the module that gives it a meaning would be
 * less protection than was asked for: refused. */
#include "base/str.h"
#include "check/check.h"
#include <string.h>

static bool printable(const char *s)
{
	while ((unsigned char)*s >= ' ' && *s != 0x7f)
		s++;
	return !*s;
}

void check_labels(struct check *k)
{
	const struct oci_process *p = k->c->process;

	if (!p)
		return;
	const char *profile = p->apparmor_profile, *label = p->selinux_label;

	/* "unconfined" asks for nothing. Podman looks for the file in backticks. */
	if (!str_empty(profile) && !k->host->apparmor && !STR_EQ(profile, "unconfined"))
		bad(k, AT(p->apparmor_profile),
		    "remove it, or boot a kernel with AppArmor (apparmor=1)",
		    "apparmor: config provided but apparmor not supported: there is no "
		    "`/proc/self/attr/apparmor/exec`");
	else if (!str_empty(profile) && !printable(profile))
		bad(k, AT(p->apparmor_profile), "correct it", "\"%s\" is not a profile", profile);
	if (!str_empty(label) && !k->host->selinux)
		bad(k, AT(p->selinux_label), "remove it, or boot a kernel with SELinux (selinux=1)",
		    "selinux label is specified in config, but selinux is disabled or not "
		    "supported");
	else if (!str_empty(label) && !printable(label))
		bad(k, AT(p->selinux_label), "write it as in system_u:system_r:container_t:s0",
		    "\"%s\" is not a label", label);
}
