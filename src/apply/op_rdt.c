/* op_rdt: puts init into a class of resctrl and a monitoring group of its own. config-linux.md#intelrdt. */
#include "apply/ops.h"
#include "apply/rdt.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* The schemata of a class with hundreds of caches are a few KiB. */
#define SCHEMATA_MAX 16384

static int compare(struct run *r, const struct step *s, int class)
{
	char text[SCHEMATA_MAX];

	if (!s->rdt.n)
		return 0;
	ssize_t n = io_read_small(class, "schemata", text, sizeof text);
	if (n < 0)
		return run_sys(r, (int)-n, "read the schemata of /%s", s->rdt.group);
	for (uint32_t i = 0; i < s->rdt.n; i++)
		if (!rdt_schemata_match(text, s->rdt.schemata[i]))
			return run_fail(r, EEXIST, "the class /%s is there with other schemata",
			                s->rdt.group);
	return 0;
}

/* Opens the class, made where it may be. A descriptor or -errno; *made: it was not there. */
static int open_class(struct run *r, const struct step *s, int root, bool *made)
{
	const char *group = s->rdt.group;

	*made = false;
	if (*group && s->rdt.make) {
		int rc = rdt_make(root, group);

		if (rc < 0 && (rc != -EEXIST || s->rdt.own))
			return run_sys(r, -rc, "make the class %s/%s", RDT_MOUNT, group);
		*made = rc == 0;
	}
	autofd class =
		openat(root, *group ? group : ".", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (class < 0)
		return run_sys(r, errno, "open the class %s/%s", RDT_MOUNT, group);
	int rc = *made ? 0 : compare(r, s, class);
	return rc < 0 ? rc : fd_take(&class);
}

static int write_schemata(struct run *r, const struct step *s, int root, int class)
{
	for (uint32_t i = 0; i < s->rdt.n; i++) {
		const char *text = s->rdt.schemata[i];
		int rc = rdt_write(class, "schemata", text);
		char why[160];

		if (rc == 0)
			continue;
		/* The kernel's reason, which lies at the root. */
		if (io_read_small(root, "info/last_cmd_status", why, sizeof why) < 0)
			*why = '\0';
		return run_sys(r, -rc, "write %.*s%s%.*s", (int)strcspn(text, "\n"), text,
		               *why ? ": " : "", (int)strcspn(why, "\n"), why);
	}
	return 0;
}

static int enter(struct run *r, int group, const char *what)
{
	char pid[16];

	snprintf(pid, sizeof pid, "%d\n", r->pid);
	int rc = rdt_write(group, "tasks", pid);
	return rc < 0 ? run_sys(r, -rc, "put init into the %s", what) : 0;
}

static int monitor(struct run *r, const struct step *s, int class)
{
	char path[PATH_MAX];

	if (!s->rdt.monitor)
		return 0;
	snprintf(path, sizeof path, "mon_groups/%s", s->rdt.monitor);
	int rc = rdt_make(class, path);
	if (rc < 0)
		return run_sys(r, -rc, "make the monitoring group %s/%s/%s", RDT_MOUNT,
		               s->rdt.group, path);
	autofd group = openat(class, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return group < 0 ? -errno : enter(r, group, "monitoring group");
}

/* What it has made and cannot use, removal takes away: the intent record names it. */
int op_rdt(struct run *r, const struct step *s)
{
	autofd root = rdt_open();
	bool made;

	if (root == -ENODEV)
		return run_fail(r, ENODEV, "resctrl is not mounted at %s", RDT_MOUNT);
	if (root < 0)
		return run_sys(r, -root, "open %s", RDT_MOUNT);
	autofd class = open_class(r, s, root, &made);
	int rc = class < 0 ? class : write_schemata(r, s, root, class);
	if (rc == 0)
		rc = enter(r, class, "class");
	return rc == 0 ? monitor(r, s, class) : rc;
}
