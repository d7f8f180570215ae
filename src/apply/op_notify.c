/* op_notify: who answers the filter's notifications gets its listener, before init makes another system call than those
 * that no filter may ask about (config-linux.md#seccomp, listenerPath; seccomp_unotify(2)). Host lane only. */
#include "apply/ops.h"
#include "base/fd.h"
#include "base/rights.h"
#include "base/sys.h"
#include "libocispec-lite/ocispec.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#define PATIENCE 10 /* seconds for an agent that does not accept or read */

/* Before anything is made: an agent that is not there must cost nothing. */
int op_agent(struct run *r, const struct step *s)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	autofd fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (strlen(s->agent.path) >= sizeof to.sun_path)
		return -ENAMETOOLONG;
	memcpy(to.sun_path, s->agent.path, strlen(s->agent.path));
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0)
		return run_sys(r, errno, "connect to the seccomp agent %s", s->agent.path);
	r->fd[SLOT_AGENT] = fd_take(&fd);
	return 0;
}

static const char *encode_state(const struct run *r, const char *metadata, struct arena *a,
                                size_t *len)
{
	static char *fds[] = { (char *)"seccompFd" };
	const struct oci_config *c = r->plan->config;
	struct oci_state state = { .version = (char *)OCI_SPEC_VERSION,
		                   .id = (char *)(uintptr_t)r->id,
		                   .pid = { r->target ? r->target : r->pid, true },
		                   .status = (char *)(r->target ? "running" : "creating"),
		                   .bundle = (char *)(uintptr_t)r->bundle };
	struct oci_process_state process = { .version = (char *)OCI_SPEC_VERSION,
		                             .pid = { r->pid, true },
		                             .metadata = (char *)(uintptr_t)metadata,
		                             .state = &state };

	state.annotations.v = c->annotations.v;
	state.annotations.n = c->annotations.n;
	process.fds.v = fds;
	process.fds.n = 1;
	return oci_encode(&oci_process_state_schema, &process, OCI_COMPACT, a, len);
}

/* The text with the descriptor; when it does not go at once, the rest of it goes without. */
static int send_state(int sock, int listener, const char *text, size_t len)
{
	while (len) {
		ssize_t n = rights_send(sock, listener, text, len, 0);

		if (n < 0)
			return n == -EAGAIN ? -ETIMEDOUT : (int)n;
		listener = -1;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

int op_notify(struct run *r, const struct step *s)
{
	autofd agent = fd_take(&r->fd[SLOT_AGENT]);
	autofd listener = sys_pidfd_getfd(r->pidfd, r->board->listener);
	struct arena a = { 0 };
	size_t len = 0;

	if (listener == -ENOSYS)
		return run_fail(r, ENOSYS,
		                "linux.seccomp.listenerPath needs pidfd_getfd(2), Linux 5.6");
	if (listener < 0)
		return run_sys(r, -listener, "take the seccomp listener from init");
	const char *text = encode_state(r, s->agent.metadata, &a, &len);
	int rc = send_state(agent, listener, text, len);
	arena_done(&a);
	return rc < 0 ? run_sys(r, -rc, "send the seccomp listener to %s", s->agent.path) : 0;
}
