/* bus: see bus.h. org.freedesktop.systemd1(5). */
#include "systemd/bus.h"
#include "base/str.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define DESTINATION "org.freedesktop.systemd1"
#define PATH        "/org/freedesktop/systemd1"
#define MANAGER     "org.freedesktop.systemd1.Manager"
#define NO_CGROUPFS "or use --cgroup-manager cgroupfs"

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* What is left, 0 at the deadline. */
static uint64_t left_us(const struct bus *b)
{
	uint64_t now = now_us();

	return now < b->deadline ? b->deadline - now : 0;
}

static int timed_out(struct bus *b)
{
	if (b->timeout % 1000)
		err_set(b->e, ERR_HOST, "systemd did not answer within %u ms", b->timeout);
	else
		err_set(b->e, ERR_HOST, "systemd did not answer within %u s", b->timeout / 1000);
	b->e->num = ETIMEDOUT;
	return err_hint(b->e,
	                "look what keeps it busy (systemctl %slist-jobs, journalctl), " NO_CGROUPFS,
	                b->user ? "--user " : "");
}

static int not_connected(struct bus *b, int num)
{
	/* sd-bus says so where it knows no address. */
	if (num == ENOMEDIUM)
		err_set(b->e, ERR_HOST,
		        "cannot connect to the systemd bus: nothing says where it is");
	else
		err_sys(b->e, ERR_HOST, num, "cannot connect to the systemd bus");
	if (b->user)
		return err_hint(
			b->e,
			"set XDG_RUNTIME_DIR or DBUS_SESSION_BUS_ADDRESS as a login does (loginctl "
			"enable-linger, package dbus-user-session), " NO_CGROUPFS);
	return err_hint(
		b->e,
		"start the system bus (package dbus: systemctl start dbus.socket), " NO_CGROUPFS);
}

int bus_failed(struct bus *b, int num, const char *what)
{
	if (num == ETIMEDOUT)
		return timed_out(b);
	return err_sys(b->e, ERR_HOST, num, "%s", what);
}

/* One round of the connection: whatever has come is handled, or waited for. */
static int turn(struct bus *b)
{
	int rc = sd.process(b->bus, NULL);
	uint64_t left = left_us(b);

	if (rc == 0 && !left)
		return -ETIMEDOUT;
	if (rc == 0)
		rc = sd.wait(b->bus, left);
	return rc < 0 && rc != -EINTR ? rc : 0;
}

static int on_job_removed(struct sd_bus_message *m, void *ctx, struct sd_bus_error *error)
{
	const char *job = NULL, *unit, *result;
	struct bus *b = ctx;
	uint32_t id;

	(void)error;
	if (b->job && sd.message_read_basic(m, 'u', &id) > 0 &&
	    sd.message_read_basic(m, 'o', &job) > 0 && sd.message_read_basic(m, 's', &unit) > 0 &&
	    sd.message_read_basic(m, 's', &result) > 0 && STR_EQ(job, b->job))
		snprintf(b->result, sizeof b->result, "%s", result);
	return 0;
}

int bus_open(struct bus *b)
{
	int rc;

	b->deadline = now_us() + (uint64_t)b->timeout * 1000;
	if (sdbus_load(b->e) < 0)
		return -1;
	rc = b->user ? sd.open_user(&b->bus) : sd.open_system(&b->bus);
	/* The library itself would wait longer for whoever listens and says nothing. */
	while (rc >= 0 && (rc = sd.is_ready(b->bus)) == 0)
		rc = turn(b);
	if (rc < 0)
		return rc == -ETIMEDOUT ? timed_out(b) : not_connected(b, -rc);
	/* Before any job is begun, and not waited for: what follows arrives behind it. Whoever begins a job is told its
	 * end, without a subscription. */
	rc = sd.match_signal_async(b->bus, NULL, DESTINATION, PATH, MANAGER, "JobRemoved",
	                           on_job_removed, NULL, b);
	return rc < 0 ? not_connected(b, -rc) : 0;
}

struct sd_bus_message *bus_message(struct bus *b, const char *member)
{
	struct sd_bus_message *m = NULL;
	int rc = sd.message_new_method_call(b->bus, &m, DESTINATION, PATH, MANAGER, member);

	if (rc < 0)
		bus_failed(b, -rc, "make a message for systemd");
	return rc < 0 ? NULL : m;
}

/* Errors that are about the way to systemd, not from it. */
static int no_answer(struct bus *b, int rc, const struct sd_bus_error *error)
{
	static const char *const late[] = { "NoReply", "Timeout", "TimedOut" };
	static const char prefix[] = "org.freedesktop.DBus.Error.";

	if (rc == -ETIMEDOUT)
		return timed_out(b);
	if (!error->name)
		return not_connected(b, -rc);
	if (!str_starts(error->name, prefix))
		return 0;
	const char *name = error->name + strlen(prefix);
	for (size_t i = 0; i < sizeof late / sizeof *late; i++)
		if (STR_EQ(name, late[i]))
			return timed_out(b);
	if (STR_EQ(name, "ServiceUnknown") || STR_EQ(name, "NameHasNoOwner")) {
		err_set(b->e, ERR_HOST, "systemd does not answer on this bus: %s", error->message);
		return err_hint(b->e, "check that systemd runs here, " NO_CGROUPFS);
	}
	return 0;
}

int bus_call(struct bus *b, struct sd_bus_message *m, struct sd_bus_error *error,
             struct sd_bus_message **reply)
{
	uint64_t left = left_us(b);

	*error = (struct sd_bus_error){ 0 };
	if (!left)
		return timed_out(b);
	int rc = sd.call(b->bus, m, left, error, reply);
	if (rc >= 0)
		return 0;
	no_answer(b, rc, error);
	return -1;
}

bool bus_error_is(const struct sd_bus_error *error, const char *name)
{
	return error->name && str_starts(error->name, DESTINATION ".") &&
	       STR_EQ(error->name + strlen(DESTINATION "."), name);
}

int bus_refused(struct bus *b, const struct sd_bus_error *error, const char *what)
{
	if (b->e->kind != ERR_NONE)
		return -1;
	err_set(b->e, ERR_HOST, "%s: %s", what, error->message ? error->message : error->name);
	if (str_ends(error->name, ".AccessDenied") ||
	    str_ends(error->name, ".InteractiveAuthorizationRequired"))
		return err_hint(b->e, "run as root, or as a user whose own systemd manager runs");
	return -1;
}

int bus_wait_job(struct bus *b, struct sd_bus_message *m)
{
	int rc = sd.message_read_basic(m, 'o', &b->job);

	b->result[0] = '\0';
	while (rc >= 0 && !b->result[0])
		rc = turn(b);
	b->job = NULL;
	return rc < 0 ? bus_failed(b, -rc, "wait for systemd's job") : 0;
}
