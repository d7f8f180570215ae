/* doctor_host: see doctor.h. */
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include "cmd/doctor.h"
#include "host/kernel.h"
#include "host/trial.h"
#include "plan/kinds.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

void doctor_kernel(struct diagnosis *d)
{
	struct utsname u;

	finding(d, "kernel", "release", VERDICT_YES,
	        arena_fmt(d->a, "Linux %s; the oldest supported is " KERNEL_OLDEST,
	                  uname(&u) < 0 ? "unknown" : u.release),
	        NULL);
	for (const struct kernel_rung *x = kernel_rungs; x->name; x++) {
		enum kernel_answer is = kernel_ask(x);
		bool needed = x->kind & RUNG_NEEDED;
		const char *text =
			arena_fmt(d->a, "%s%s", needed ? "needed: " : "without it: ", x->text);

		if (is == KERNEL_HAS)
			finding(d, "kernel", x->name, VERDICT_YES,
			        arena_fmt(d->a, "since Linux %s", x->since), NULL);
		else if (is == KERNEL_HIDES)
			finding(d, "kernel", x->name, VERDICT_UNKNOWN, text,
			        "look again where a v2 cgroup has children");
		else
			finding(d, "kernel", x->name, needed ? VERDICT_FATAL : VERDICT_NO, text,
			        is == KERNEL_DENIES
			                ? "allow it in the seccomp profile that nsrun itself runs under"
			                : arena_fmt(d->a, "boot Linux %s or newer", x->since));
	}
}

/* The one number, or word, of a file of /proc/sys; "" when it is not there. */
static const char *sysctl(int proc, const char *path, char *buf, size_t n)
{
	autofd fd = procfs_openat(proc, path, O_RDONLY);

	if (fd < 0 || io_read_small(fd, "", buf, n) < 0)
		*buf = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	return buf;
}

void doctor_limits(struct diagnosis *d, int proc)
{
	char path[64], text[64];

	for (size_t i = 0; i < NAMESPACES; i++) {
		const char *file = namespace_defs[i].file;

		snprintf(path, sizeof path, "sys/user/max_%s_namespaces", file);
		if (!*sysctl(proc, path, text, sizeof text))
			continue;
		bool none = STR_EQ(text, "0");

		finding(d, "limits", arena_fmt(d->a, "user.max_%s_namespaces", file),
		        none ? VERDICT_NO : VERDICT_YES, arena_fmt(d->a, "%s", text),
		        arena_fmt(d->a, "sysctl user.max_%s_namespaces=10000", file));
	}
}

static const char *userns_advice(int proc, int num)
{
	char text[64];

	if (num == ENOSPC)
		return "sysctl user.max_user_namespaces=10000";
	if (STR_EQ(sysctl(proc, "sys/kernel/unprivileged_userns_clone", text, sizeof text), "0"))
		return "sysctl kernel.unprivileged_userns_clone=1";
	if (STR_EQ(sysctl(proc, "sys/kernel/apparmor_restrict_unprivileged_userns", text,
	                  sizeof text),
	           "1"))
		return "give nsrun an AppArmor profile with \"userns,\", or sysctl "
		       "kernel.apparmor_restrict_unprivileged_userns=0";
	return "allow unshare(2) with CLONE_NEWUSER in the seccomp profile that nsrun runs under";
}

void doctor_users(struct diagnosis *d, const struct facts *f, int proc)
{
	int num = -trial_userns();
	char text[64];

	/* Who may do all of it needs none. */
	finding(d, "users", "user namespaces",
	        num == 0           ? VERDICT_YES
	        : f->cap_sys_admin ? VERDICT_NO
	                           : VERDICT_FATAL,
	        num == 0 ? "one can be made" : err_text(num, text, sizeof text),
	        userns_advice(proc, num));
	finding(d, "users", "root", f->cap_sys_admin ? VERDICT_YES : VERDICT_NO,
	        f->cap_sys_admin ? f->in_userns ? "of a user namespace" : "of the machine"
	                         : "we are not: each container needs a user namespace",
	        "nothing, if containers of an ordinary user are what you want: nsrun spec "
	        "--rootless");
	if (f->setgroups_denied)
		finding(d, "users", "setgroups", VERDICT_NO,
		        "denied in the user namespace around us: no additionalGids",
		        "map the namespace around nsrun with newgidmap");
}

static void actions(struct diagnosis *d, int proc)
{
	static const char *const wanted[] = { "kill_process", "kill_thread", "trap", "errno",
		                              "user_notif",   "trace",       "log",  "allow" };
	char text[256];

	sysctl(proc, "sys/kernel/seccomp/actions_avail", text, sizeof text);
	if (!*text) {
		finding(d, "security", "seccomp", VERDICT_NO,
		        "this kernel has no filters of system calls",
		        "boot a kernel with CONFIG_SECCOMP_FILTER, or leave linux.seccomp out");
		return;
	}
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if (!str_listed(text, ' ', wanted[i]))
			finding(d, "security", arena_fmt(d->a, "seccomp %s", wanted[i]), VERDICT_NO,
			        "this kernel has no such action", "boot a newer kernel");
	finding(d, "security", "seccomp actions", VERDICT_YES, arena_fmt(d->a, "%s", text), NULL);
}

void doctor_security(struct diagnosis *d, const struct facts *f, int proc)
{
	char text[256];
	struct statfs fs;

	finding(d, "security", "libseccomp", f->seccomp ? VERDICT_YES : VERDICT_NO,
	        f->seccomp ? "in this build" : "not in this build: linux.seccomp is refused",
	        "build without --disable-seccomp");
	actions(d, proc);
	bool apparmor = io_read_small(AT_FDCWD, "/sys/module/apparmor/parameters/enabled", text,
	                              sizeof text) > 0 &&
	                *text == 'Y';
	bool selinux = statfs("/sys/fs/selinux", &fs) == 0 && fs.f_type == SELINUX_MAGIC;

	finding(d, "security", "AppArmor", apparmor ? VERDICT_YES : VERDICT_NO,
	        apparmor ? "enabled" : "not enabled: process.apparmorProfile is refused",
	        "boot with security=apparmor to use it");
	finding(d, "security", "SELinux", selinux ? VERDICT_YES : VERDICT_NO,
	        selinux ? "enabled" : "not enabled: process.selinuxLabel is refused",
	        "boot with security=selinux and a policy to use it");
	ssize_t n = io_read_small(AT_FDCWD, "/sys/kernel/security/lsm", text, sizeof text);
	if (n > 0)
		finding(d, "security", "modules", VERDICT_YES, arena_fmt(d->a, "%s", text), NULL);
}
