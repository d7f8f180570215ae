/* unit: see unit.h. org.freedesktop.systemd1(5), systemd.scope(5). */
#include "systemd/unit.h"
#include "base/str.h"
#include "systemd/property.h"
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PROPERTIES_MAX 256
#define UNDO_TIMEOUT   2000000 /* us */

/* A unit that is being made or changed, and which of its properties this systemd does not have. */
struct change {
	const struct systemd_request *rq;
	bool start;
	bool dropped[PROPERTIES_MAX];
};

static int append_strings(struct bus *b, struct sd_bus_message *m, const char *first,
                          const char *second)
{
	int rc = sd.message_append_basic(m, 's', first);

	if (rc >= 0 && second)
		rc = sd.message_append_basic(m, 's', second);
	return rc < 0 ? bus_failed(b, -rc, "write a message to systemd") : 0;
}

/* PIDs=: the unit's first process. */
static int append_pid(struct bus *b, struct sd_bus_message *m, uint32_t pid)
{
	int rc;

	if (!pid)
		return 0;
	if ((rc = sd.message_open_container(m, 'r', "sv")) < 0 ||
	    (rc = sd.message_append_basic(m, 's', "PIDs")) < 0 ||
	    (rc = sd.message_open_container(m, 'v', "au")) < 0 ||
	    (rc = sd.message_append_array(m, 'u', &pid, sizeof pid)) < 0 ||
	    (rc = sd.message_close_container(m)) < 0 || (rc = sd.message_close_container(m)) < 0)
		return bus_failed(b, -rc, "write a message to systemd");
	return 0;
}

/* "a(sv)" */
static int append_properties(struct bus *b, struct sd_bus_message *m, const struct change *c)
{
	const struct systemd_request *rq = c->rq;
	int rc = sd.message_open_container(m, 'a', "(sv)");

	if (rc < 0)
		return bus_failed(b, -rc, "write a message to systemd");
	if (c->start && append_pid(b, m, (uint32_t)rq->pid.v) < 0)
		return -1;
	for (size_t i = 0; i < rq->properties.n; i++)
		if (!c->dropped[i] && property_append(b, m, &rq->properties.v[i]) < 0)
			return -1;
	rc = sd.message_close_container(m);
	return rc < 0 ? bus_failed(b, -rc, "write a message to systemd") : 0;
}

/* Is name a word of text? */
static bool names(const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *s = strstr(text, name); s; s = strstr(s + n, name))
		if ((s == text || !isalnum((unsigned char)s[-1])) && !isalnum((unsigned char)s[n]))
			return true;
	return false;
}

/* An older systemd lacks a property, or a value of it. Ours may be left out, because the limit itself is in the
 * cgroup; what an annotation asks for is not. False when there is nothing to leave out. */
static bool drop(struct change *c, const struct sd_bus_error *error)
{
	bool unknown, value;
	size_t hits = 0;

	if (!error->name || !error->message)
		return false;
	unknown = str_ends(error->name, ".PropertyReadOnly") ||
	          str_ends(error->name, ".UnknownProperty");
	value = str_ends(error->name, ".InvalidArgs");
	for (size_t i = 0; i < c->rq->properties.n; i++) {
		const struct systemd_property *p = &c->rq->properties.v[i];
		bool limit = STR_EQ(p->type, "t") || STR_EQ(p->type, "ay");

		if (c->dropped[i] || property_is_users(p) || !names(error->message, p->name) ||
		    !(unknown || (value && limit)))
			continue;
		c->dropped[i] = true;
		hits++;
	}
	return hits > 0;
}

static int reset_failed(struct bus *b, const char *unit)
{
	struct sd_bus_message *m = bus_message(b, "ResetFailedUnit");
	struct sd_bus_error ignored;

	if (!m || append_strings(b, m, unit, NULL) < 0)
		return -1;
	bus_call(b, m, &ignored, NULL);
	return b->e->kind == ERR_NONE ? 0 : -1;
}

/* A unit that is half there when the time is up must not come to life behind our back. Whether it works is not ours to
 * know: delete --force asks again. */
static void undo(struct bus *b, const char *unit)
{
	struct sd_bus_error ignored = { 0 };
	struct sd_bus_message *m = bus_message(b, "StopUnit");

	if (m && append_strings(b, m, unit, "replace") == 0)
		sd.call(b->bus, m, UNDO_TIMEOUT, &ignored, NULL);
}

/* One StartTransientUnit or SetUnitProperties. */
static int request(struct bus *b, const struct change *c, struct sd_bus_error *error,
                   struct sd_bus_message **reply)
{
	const int runtime = 1; /* not for the next boot */
	struct sd_bus_message *m =
		bus_message(b, c->start ? "StartTransientUnit" : "SetUnitProperties");
	int rc;

	*error = (struct sd_bus_error){ 0 };
	if (!m || append_strings(b, m, c->rq->unit, c->start ? "replace" : NULL) < 0)
		return -1;
	if (!c->start && (rc = sd.message_append_basic(m, 'b', &runtime)) < 0)
		return bus_failed(b, -rc, "write a message to systemd");
	if (append_properties(b, m, c) < 0)
		return -1;
	/* No auxiliary units. */
	if (c->start && ((rc = sd.message_open_container(m, 'a', "(sa(sv))")) < 0 ||
	                 (rc = sd.message_close_container(m)) < 0))
		return bus_failed(b, -rc, "write a message to systemd");
	return bus_call(b, m, error, reply);
}

static int exists(struct bus *b, const char *unit)
{
	err_set(b->e, ERR_HOST, "systemd has a unit %s already", unit);
	b->e->num = EEXIST;
	return err_hint(b->e,
	                "use another name in cgroupsPath, or stop that one: systemctl %sstop %s",
	                b->user ? "--user " : "", unit);
}

/* Asks until systemd takes it: without what it does not know, and once more when a dead unit had the name. */
static int negotiate(struct bus *b, struct change *c, struct sd_bus_message **reply)
{
	bool reset = false;

	for (;;) {
		struct sd_bus_error error;
		char what[200];

		if (request(b, c, &error, reply) == 0)
			return 0;
		if (b->e->kind != ERR_NONE)
			return -1;
		if (c->start && bus_error_is(&error, "UnitExists")) {
			if (reset)
				return exists(b, c->rq->unit);
			reset = true;
			if (reset_failed(b, c->rq->unit) < 0)
				return -1;
			continue;
		}
		if (drop(c, &error))
			continue;
		snprintf(what, sizeof what, "systemd does not %s %s", c->start ? "start" : "change",
		         c->rq->unit);
		b->e->num = EINVAL;
		return bus_refused(b, &error, what);
	}
}

static int too_many(struct bus *b, const struct systemd_request *rq)
{
	return rq->properties.n <= PROPERTIES_MAX
	               ? 0
	               : err_set(b->e, ERR_CONFIG, "%zu properties for one unit, at most %d",
	                         rq->properties.n, PROPERTIES_MAX);
}

int unit_start(struct bus *b, const struct systemd_request *rq)
{
	struct change c = { .rq = rq, .start = true };
	struct sd_bus_message *reply = NULL;

	if (too_many(b, rq) < 0)
		return -1;
	if (negotiate(b, &c, &reply) < 0 || bus_wait_job(b, reply) < 0) {
		if (b->e->num == ETIMEDOUT)
			undo(b, rq->unit);
		return -1;
	}
	if (STR_EQ(b->result, "done"))
		return 0;
	err_set(b->e, ERR_HOST, "systemd could not start %s: its job ended as \"%s\"", rq->unit,
	        b->result);
	return err_hint(b->e, "see what systemd says: journalctl %s-u %s", b->user ? "--user " : "",
	                rq->unit);
}

int unit_stop(struct bus *b, const char *unit)
{
	struct sd_bus_message *m = bus_message(b, "StopUnit"), *reply = NULL;
	struct sd_bus_error error;
	char what[200];

	if (!m || append_strings(b, m, unit, "replace") < 0)
		return -1;
	if (bus_call(b, m, &error, &reply) == 0) {
		if (bus_wait_job(b, reply) < 0)
			return -1;
	} else if (b->e->kind != ERR_NONE) {
		return -1;
	} else if (!bus_error_is(&error, "NoSuchUnit")) {
		snprintf(what, sizeof what, "systemd does not stop %s", unit);
		return bus_refused(b, &error, what);
	}
	/* One that has failed (its processes were killed for want of memory) would keep the name. */
	return reset_failed(b, unit);
}

int unit_set(struct bus *b, const struct systemd_request *rq)
{
	struct change c = { .rq = rq };

	return too_many(b, rq) < 0 ? -1 : negotiate(b, &c, NULL);
}
