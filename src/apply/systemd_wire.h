/* systemd_wire: what nsrun and its helper program nsrun-systemd say to each other, one JSON object each way. The two are
 * built together and never meet another version. */
#pragma once
#include "libocispec-lite/schema.h"

#define SYSTEMD_HELPER "nsrun-systemd"

/* struct unit_property of plan/step.h. */
struct systemd_property {
	char *name, *type, *text;
};

struct systemd_request {
	char *verb; /* a word of systemd_verbs */
	struct oci_bool user;
	struct oci_u64 timeout; /* ms, for all of it */
	char *unit;             /* "c1.scope"; ping: absent */
	struct oci_u64 pid;     /* start: the unit's first process; 0: none */
	OCI_VEC(struct systemd_property) properties;
};

/* Without what it is done. */
struct systemd_reply {
	struct oci_u64 num; /* errno, or 0 */
	char *what, *hint;
};

enum systemd_verb { SYSTEMD_PING, SYSTEMD_START, SYSTEMD_STOP, SYSTEMD_SET };
extern const char *const systemd_verbs[]; /* in the order of the enum; NULL-terminated */
extern const struct oci_schema systemd_request_schema, systemd_reply_schema;
