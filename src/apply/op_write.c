/* op_write: one write(2) of a whole value to one kernel file. */
#include "apply/ops.h"
#include "base/engine_texts.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

static int write_proc(struct run *r, const char *folder, const char *path, const char *bytes)
{
	char full[PATH_MAX];
	size_t len = strlen(bytes);
	ssize_t rc;

	if (snprintf(full, sizeof full, "%s/%s", folder, path) >= (int)sizeof full)
		return -ENAMETOOLONG;
	autofd fd = procfs_openat(r->fd[SLOT_PROC], full, O_WRONLY);
	if (fd < 0)
		return fd;
	do
		rc = write(fd, bytes, len);
	while (rc < 0 && errno == EINTR);
	if (rc < 0)
		return -errno;
	return (size_t)rc == len ? 0 : -EIO;
}

static int write_to(struct run *r, const struct step *s, const char *path, const char *bytes)
{
	char pid[24];

	switch (s->write.to) {
	case WRITE_CGROUP:
		return io_write_kernel(r->cgroup[s->write.index], path, bytes, strlen(bytes));
	case WRITE_INIT: snprintf(pid, sizeof pid, "%d", (int)r->pid); break;
	case WRITE_SELF: return write_proc(r, "self", path, bytes);
	case WRITE_SYSCTL: return write_proc(r, "sys", path, bytes);
	}
	return write_proc(r, pid, path, bytes);
}

/* Podman looks for the file in backticks to know that a security module has refused. */
static int explain_label(struct run *r, int num, const struct step *s)
{
	if (num == ENOENT)
		return run_fail(r, num, TEXT_LABEL ": the profile is not loaded", s->write.path);
	return run_sys(r, num, TEXT_LABEL, s->write.path);
}

static int explain(struct run *r, int num, const struct step *s)
{
	if (s->write.to != WRITE_SELF)
		return -num;
	if (strncmp(s->write.path, "attr/", 5) == 0)
		return explain_label(r, num, s);
	if (num == ERANGE)
		return run_fail(r, num,
		                "the clock would be below 0, or beyond what can be counted");
	return -num;
}

int op_write(struct run *r, const struct step *s)
{
	int rc;

	/* A cgroup that could not be made was one of which nothing is asked. */
	if (s->write.to == WRITE_CGROUP && r->cgroup[s->write.index] < 0)
		return 0;
	rc = write_to(r, s, s->write.path, s->write.bytes);
	if (rc == -ENOENT && s->write.or_path)
		rc = write_to(r, s, s->write.or_path, s->write.or_bytes);
	if (s->lenient == SKIP_ENOENT && rc == -ENOENT)
		return 0;
	if (s->lenient == SKIP_EPERM && (rc == -EPERM || rc == -EACCES || rc == -EROFS))
		return 0;
	return rc < 0 ? explain(r, -rc, s) : 0;
}
