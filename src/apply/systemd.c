/* systemd: see systemd.h. */
#include "apply/systemd.h"
#include "apply/helper.h"
#include "apply/spawn.h"
#include "apply/systemd_wire.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "libocispec-lite/ocispec.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define GRACE     5 /* s: for a helper to tell us that its time was up, and to stop what it began */
#define REPLY_MAX 65536 /* bytes */

/* All of its environment: where the bus is. */
static size_t bus_environment(char **envp, struct arena *a)
{
	static const char *const names[] = { "DBUS_SYSTEM_BUS_ADDRESS", "DBUS_SESSION_BUS_ADDRESS",
		                             "XDG_RUNTIME_DIR" };
	size_t n = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = getenv(names[i]);

		if (value)
			envp[n++] = arena_fmt(a, "%s=%s", names[i], value);
	}
	return n;
}

/* The request as a file, so that neither side ever waits for the other. */
static int request_file(const struct systemd_call *q, unsigned timeout, struct arena *a)
{
	const struct scope *s = q->scope;
	struct systemd_request rq = { .verb = (char *)q->verb,
		                      .user = { s->user, true },
		                      .timeout = { timeout, true },
		                      .unit = (char *)s->unit,
		                      .pid = { (uint64_t)q->pid, true } };
	autofd fd = memfd_create("request", MFD_CLOEXEC);
	size_t len;

	if (fd < 0)
		return -errno;
	rq.properties.n = s->n;
	rq.properties.v = NEW_N(a, struct systemd_property, s->n);
	for (uint32_t i = 0; i < s->n; i++)
		rq.properties.v[i] = (struct systemd_property){ (char *)s->properties[i].name,
			                                        (char *)s->properties[i].type,
			                                        (char *)s->properties[i].text };
	const char *text = oci_encode(&systemd_request_schema, &rq, OCI_COMPACT, a, &len);
	int rc = io_write_all(fd, text, len);
	if (rc < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return rc < 0 ? rc : -errno;
	return fd_take(&fd);
}

/* What the helper has written to fd, or NULL when that is no reply. */
static const struct systemd_reply *read_reply(int fd, struct arena *a)
{
	struct oci_diags diags = { 0 };
	char *text = arena_alloc(a, REPLY_MAX, 1);

	if (lseek(fd, 0, SEEK_SET) < 0)
		return NULL;
	ssize_t len = io_read_all(fd, text, REPLY_MAX);
	return len > 0 ? oci_decode(&systemd_reply_schema, text, (size_t)len, a, &diags) : NULL;
}

static int explain(const struct spawned *x, const struct systemd_reply *reply, const char *helper,
                   unsigned timeout, struct err *e)
{
	char text[700];

	if (reply && !reply->what)
		return 0;
	if (reply) {
		err_set(e, ERR_HOST, "%s", reply->what);
		if (e && !e->num)
			e->num = (int)reply->num.v;
		return reply->hint ? err_hint(e, "%s", reply->hint) : -1;
	}
	if (x->interrupted) {
		err_set(e, ERR_HOST, "interrupted by %s: systemd has not answered yet",
		        x->interrupted);
		if (e)
			e->num = EINTR;
		return err_hint(e,
		                "look what keeps systemd busy, or use --cgroup-manager cgroupfs");
	}
	if (x->timed_out) {
		err_set(e, ERR_HOST, "systemd did not answer within %u s", timeout / 1000);
		return err_hint(e, "look what keeps %s waiting: its bus, or a library", helper);
	}
	spawn_text(x, 0, text, sizeof text);
	err_set(e, ERR_HOST, "%s: %.200s", helper, text);
	return err_hint(e, "install nsrun again: its helper program does not work here");
}

static int ask(const struct systemd_call *q, unsigned timeout, struct arena *a, struct err *e)
{
	char buf[PATH_MAX], *envp[4];
	const char *helper = helper_find(SYSTEMD_HELPER, buf, sizeof buf);
	struct spawned x;

	if (!helper) {
		err_set(e, ERR_HOST, "the helper program %s is missing: no %s", SYSTEMD_HELPER,
		        helper_installed(SYSTEMD_HELPER, buf, sizeof buf));
		return err_hint(e, "install it (make install), or use --cgroup-manager cgroupfs");
	}
	autofd in = request_file(q, timeout, a);
	autofd out = memfd_create("reply", MFD_CLOEXEC);
	if (in < 0 || out < 0)
		return err_sys(e, ERR_HOST, in < 0 ? -in : errno, "write a request to systemd");
	const struct spawn s = { .path = helper,
		                 .envp = envp,
		                 .n_envp = bus_environment(envp, a),
		                 .in = in,
		                 .out = out,
		                 .dir = -1,
		                 .cwd = "/",
		                 .timeout = (timeout + 999) / 1000 + GRACE,
		                 .interrupts = true };

	spawn_run(&s, &x);
	return explain(&x, read_reply(out, a), helper, timeout, e);
}

int systemd_call(const struct systemd_call *q, struct err *e)
{
	unsigned timeout = q->timeout_ms ? q->timeout_ms : SYSTEMD_TIMEOUT;
	struct arena a = { 0 };

#ifdef ENABLE_FAULTS
	const char *text = getenv("NSRUN_SYSTEMD_TIMEOUT");
	uint64_t ms;

	if (text && str_u64(text, UINT32_MAX, &ms) == 0)
		timeout = (unsigned)ms;
#endif
	int rc = ask(q, timeout, &a, e);
	arena_done(&a);
	return rc;
}
