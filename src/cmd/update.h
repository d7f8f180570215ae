/* update: the parts of `nsrun update`. */
#pragma once
#include "apply/transaction.h"
#include "cmd/found.h"
#include "cmd/input.h"
#include "plan/update.h"

/* What the command line or -r asks for, and how places in it are called. */
struct asked {
	struct oci_resources *resources;
	struct input in; /* -r: what it names; text is NULL where flags ask */
};

extern const struct flag update_flags[];
/* Reads the flags that were given, or what -r names, with the strict decoder. Memory in a. 0, or -1 with e. */
int asked_read(struct asked *out, struct arena *a, struct err *e);
/* The place of a JSON pointer below linux.resources: "stdin:1:30 /memory/limit", "--memory". */
void asked_place(const struct asked *x, const char *pointer, char *buf, size_t n);

/* A container's cgroups as they are now. */
struct limited {
	struct facts host; /* of this machine, but its hierarchies are the container's cgroups */
	struct limits_now now;
	int cgroup[RECORD_CGROUPS]; /* of record.cgroups, -1 when not there */
};
/* c is what will be checked against the facts. 0, or -1 with e. */
int limited_open(struct limited *out, const struct oci_config *c, struct found *f, struct err *e);
void limited_close(struct limited *x);

/* Writes t's changes as a transaction: a journal first, then the files (and the unit of systemd) by a process that
 * outlives us, merged as the new resources.json last. 0, or -1 with e: all is as it was. */
int update_transact(struct transaction *t, struct found *f, struct oci_resources *merged,
                    struct err *e);
/* Undoes the update that a killed process has left behind, if there is one. The directory is locked. A failure is a
 * warning: the command that found it goes on. */
void update_recover(int dir, const struct record *r);
/* For struct transaction's also: the properties of the systemd unit of ctx, a struct record. */
int update_unit(void *ctx, const struct transaction *t, bool back, struct err *e);
