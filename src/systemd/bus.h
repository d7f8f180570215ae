/* bus: a connection to systemd, and calls over it that end at a deadline. */
#pragma once
#include "base/err.h"
#include "systemd/sdbus.h"
#include <stdbool.h>

struct bus {
	struct sd_bus *bus;
	bool user;
	unsigned timeout;  /* ms, as it was asked for */
	uint64_t deadline; /* us, CLOCK_MONOTONIC */
	struct err *e;
	const char *job; /* object path of the one that is waited for */
	char result[32]; /* what became of it, or "" */
};

/* Connects b, whose user, timeout and e are set. 0, or -1 with b->e. */
int bus_open(struct bus *b);

/* A call of systemd's manager, to be filled. NULL with b->e. */
struct sd_bus_message *bus_message(struct bus *b, const char *member);
/* Sends m and waits for the reply (may be NULL). 0, or -1: then either error says what systemd has refused and b->e is
 * as it was, or it is about the bus and in b->e. */
int bus_call(struct bus *b, struct sd_bus_message *m, struct sd_bus_error *error,
             struct sd_bus_message **reply);
/* Makes an error of what systemd has refused: "WHAT: its words". Returns -1. */
int bus_refused(struct bus *b, const struct sd_bus_error *error, const char *what);
/* Is error that one of org.freedesktop.systemd1? */
bool bus_error_is(const struct sd_bus_error *error, const char *name);

/* Waits until the job whose object path the reply m holds is done. 0 and b->result ("done"), or -1 with b->e. */
int bus_wait_job(struct bus *b, struct sd_bus_message *m);

/* A message that could not be put together. Returns -1. */
int bus_failed(struct bus *b, int num, const char *what);
