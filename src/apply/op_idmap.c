/* op_idmap: gives init's user namespace its ids: directly, or by newuidmap(1) and newgidmap(1). */
#include "apply/ops.h"
#include "apply/spawn.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define LINES  340 /* the kernel takes no more, user_namespaces(7) */
#define DIGITS 12  /* of one id and what separates it */

/* One write(2), whole: a map can be written once. */
static int write_file(struct run *r, pid_t pid, const char *name, const char *text, size_t len)
{
	char path[48];

	snprintf(path, sizeof path, "%d/%s", (int)pid, name);
	autofd fd = procfs_openat(r->fd[SLOT_PROC], path, O_WRONLY);
	if (fd < 0)
		return run_sys(r, -fd, "open %s", name);
	ssize_t n = write(fd, text, len);
	if (n == (ssize_t)len)
		return 0;
	return run_sys(r, n < 0 ? errno : EIO, "write \"%.*s\" to %s", (int)strcspn(text, "\n"),
	               text, name);
}

int idmap_write(struct run *r, pid_t pid, const char *name, const struct oci_id_mapping *m,
                size_t n)
{
	char text[LINES * 3 * DIGITS];
	size_t len = 0;

	for (size_t i = 0; i < n; i++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%u %u %u\n",
		                        (unsigned)m[i].container_id.v, (unsigned)m[i].host_id.v,
		                        (unsigned)m[i].size.v);
	return write_file(r, pid, name, text, len);
}

/* The helper is setuid or has file capabilities, and looks the ranges up in /etc/subuid or /etc/subgid. */
static int help_map(struct run *r, const char *helper, const struct oci_id_mapping *m, size_t n)
{
	char text[LINES * 3 + 1][DIGITS], *argv[LINES * 3 + 2], why[256];
	size_t argc = 0;
	struct spawned x;

	argv[argc++] = (char *)(uintptr_t)helper;
	snprintf(text[0], DIGITS, "%d", (int)r->pid);
	argv[argc++] = text[0];
	for (size_t i = 0; i < n; i++) {
		const uint64_t v[3] = { m[i].container_id.v, m[i].host_id.v, m[i].size.v };

		for (size_t j = 0; j < 3; j++) {
			char *word = text[1 + 3 * i + j];

			snprintf(word, DIGITS, "%u", (unsigned)v[j]);
			argv[argc++] = word;
		}
	}
	const struct spawn s = {
		.path = helper, .argv = argv, .n_argv = argc, .in = r->fd[SLOT_NULL], .dir = -1
	};
	spawn_run(&s, &x);
	if (spawn_ok(&x))
		return 0;
	spawn_text(&x, 0, why, sizeof why);
	return run_fail(r, x.error ? x.error : EPERM, "%s %s", helper, why);
}

int op_idmap(struct run *r, const struct step *s)
{
	int rc = 0;

	if (s->idmap.n_uid > LINES || s->idmap.n_gid > LINES)
		return run_fail(r, EINVAL, "more than %d id mappings", LINES);
	/* Before gid_map: without CAP_SETGID the kernel takes that only from who cannot drop groups any more. */
	if (s->idmap.deny_setgroups)
		rc = write_file(r, r->pid, "setgroups", "deny", 4);
	if (rc == 0)
		rc = s->idmap.newgidmap
		             ? help_map(r, s->idmap.newgidmap, s->idmap.gid, s->idmap.n_gid)
		             : idmap_write(r, r->pid, "gid_map", s->idmap.gid, s->idmap.n_gid);
	if (rc == 0)
		rc = s->idmap.newuidmap
		             ? help_map(r, s->idmap.newuidmap, s->idmap.uid, s->idmap.n_uid)
		             : idmap_write(r, r->pid, "uid_map", s->idmap.uid, s->idmap.n_uid);
	return rc;
}
