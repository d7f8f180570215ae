/* op_hook: runs one hook with the container's state on stdin (config.md#posix-platform-hooks, runtime.md#state). */
#include "apply/ops.h"
#include "apply/spawn.h"
#include "base/fd.h"
#include "base/io.h"
#include "libocispec-lite/ocispec.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* The state as one line of JSON: a head that needs no encoder, because an id is a token, and the tail that the command
 * has encoded before init was born. Written to memory, so that a hook that reads nothing stops nobody. */
static int state_file(const struct run *r, const char *status, pid_t pid)
{
	autofd fd = memfd_create("state", MFD_CLOEXEC);
	char head[512];
	int rc;

	if (fd < 0)
		return -errno;
	int n = snprintf(head, sizeof head,
	                 "{\"ociVersion\":\"%s\",\"id\":\"%s\",\"status\":\"%s\"", OCI_SPEC_VERSION,
	                 r->id, status);
	if (pid)
		n += snprintf(head + n, sizeof head - (size_t)n, ",\"pid\":%d", (int)pid);
	if ((rc = io_write_all(fd, head, (size_t)n)) < 0 ||
	    (rc = io_write_all(fd, r->state_tail, strlen(r->state_tail))) < 0)
		return rc;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	return fd_take(&fd);
}

/* The hook's exit as an errno for the driver's hints; the text says it better. */
static int failure(const struct spawned *x)
{
	if (x->error)
		return x->error;
	return x->interrupted ? EINTR : x->timed_out ? ETIMEDOUT : ECANCELED;
}

/* prefix: which hook it is, where the driver does not say so. */
static int run_one(struct run *r, const struct oci_hook *hook, enum hook_type type, uint32_t index,
                   const char *status, pid_t pid, const char *prefix)
{
	const struct oci_process *proc = r->plan->config->process;
	struct spawn s = {
		.path = hook->path,
		.argv = hook->args.v,
		.n_argv = hook->args.n,
		.envp = hook->env.v,
		.n_envp = hook->env.n,
		.dir = -1,
		.timeout = hook->timeout.set ? (unsigned)hook->timeout.v : 0,
		/* Init's hooks end with init, which the host ends. */
		.interrupts = r->lane == LANE_HOST,
		.filtered = type == HOOK_START_CONTAINER,
	};
	struct spawned x;
	char text[200];

	/* The container's own hook sees what the container's program sees, as runc has it. */
	if (type == HOOK_START_CONTAINER && !hook->env.v && proc) {
		s.envp = proc->env.v;
		s.n_envp = proc->env.n;
	}
	if (type == HOOK_CREATE_CONTAINER)
		s.dir = r->fd[SLOT_ROOTFS];
	else if (type != HOOK_START_CONTAINER)
		s.cwd = r->bundle;
	autofd in = state_file(r, status, pid);
	if (in < 0)
		return run_sys(r, -in, "state for the %s hook %u", hook_names[type], index);
	s.in = in;
	spawn_run(&s, &x);
	if (spawn_ok(&x))
		return 0;
	spawn_text(&x, s.timeout, text, sizeof text);
	return run_fail(r, failure(&x), "%s%s", prefix, text);
}

int hook_run(struct run *r, const struct oci_hook *hook, enum hook_type type, uint32_t index,
             const char *status, pid_t pid)
{
	char prefix[200];

	snprintf(prefix, sizeof prefix, "hook %s %u %.150s: ", hook_names[type], index, hook->path);
	return run_one(r, hook, type, index, status, pid, prefix);
}

int op_hook(struct run *r, const struct step *s)
{
	bool started = s->hook.type == HOOK_START_CONTAINER;

	/* In the container the pid is the one that the container knows. */
	return run_one(r, s->hook.hook, s->hook.type, s->hook.index,
	               started ? "created" : "creating", r->lane == LANE_HOST ? r->pid : getpid(),
	               "");
}
