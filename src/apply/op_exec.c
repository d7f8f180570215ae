/* op_exec: the fifos between start and init, the wait, and execve. */
#include "apply/exefile.h"
#include "apply/ops.h"
#include "apply/spawn.h"
#include "base/engine_texts.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/unsafe.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static int fifo(struct run *r, const char *name)
{
	int dir = r->fd[SLOT_STATE];

	if (mkfifoat(dir, name, 0600) < 0)
		return run_sys(r, errno, "make the fifo %s", name);
	/* For both: an open for one side waits for the other. */
	int fd = openat(dir, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	return fd < 0 ? run_sys(r, errno, "open the fifo %s", name) : fd;
}

/* Init inherits both. A reader of "go" means that init still waits: the driver closes the host's copies when init is
 * born. */
int op_fifos(struct run *r, const struct step *s)
{
	(void)s;
	int go = fifo(r, "go");
	if (go < 0)
		return go;
	r->fd[SLOT_GO] = go;
	int err = fifo(r, "err");
	if (err < 0)
		return err;
	r->fd[SLOT_ERR] = err;
	/* Nobody else needs it, and descriptors may be few. */
	fd_close(&r->fd[SLOT_STATE]);
	return 0;
}

/* Up to here all signals are blocked; a created container can be killed by any that has a default. Only read(2): the
 * filter may be in. */
int op_wait(struct run *r, const struct step *s)
{
	int rc = signals_reset();
	ssize_t n;
	char go;

	(void)s;
	if (rc < 0)
		return rc;
	do
		n = read(r->fd[SLOT_GO], &go, 1);
	while (n < 0 && errno == EINTR);
	return n == 1 ? 0 : n < 0 ? -errno : -EIO;
}

int op_exec(struct run *r, const struct step *s)
{
	char text[64], why[200];

	/* Behind WAIT they are as they ought to be. */
	if (r->plan->enters && signals_reset() < 0)
		return -errno;
	if (!s->exec.argv)
		return run_fail(r, EINVAL, "process is not set in config.json");
	execve(r->exe, s->exec.argv, unsafe("env") ? environ : r->envp ? r->envp : s->exec.envp);
	int num = errno;
	if (num == ENOEXEC)
		exefile_format(r->exe, why, sizeof why);
	else
		exefile_check(r->exe, why, sizeof why);
	return run_fail(r, num, TEXT_EXEC "%s%s%s", r->exe, err_text(num, text, sizeof text),
	                *why ? ": " : "", why);
}
