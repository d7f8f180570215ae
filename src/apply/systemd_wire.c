/* systemd_wire: see systemd_wire.h. */
#include "apply/systemd_wire.h"
#include "libocispec-lite/rows.h"

const char *const systemd_verbs[] = {
	[SYSTEMD_PING] = "ping", [SYSTEMD_START] = "start", [SYSTEMD_STOP] = "stop",
	[SYSTEMD_SET] = "set",   [SYSTEMD_SET + 1] = NULL,
};

/* clang-format off */
OCI_SCHEMA_LOCAL(systemd_property,
	STR (systemd_property, name, "name", OCI_REQUIRED),
	STR (systemd_property, type, "type", OCI_REQUIRED),
	STR (systemd_property, text, "text", OCI_REQUIRED));

OCI_SCHEMA(systemd_request,
	WORD(systemd_request, verb,       "verb",       OCI_REQUIRED, systemd_verbs),
	BOOL(systemd_request, user,       "user",       OCI_REQUIRED),
	U32 (systemd_request, timeout,    "timeout",    OCI_REQUIRED),
	STR (systemd_request, unit,       "unit",       0),
	UPTO(systemd_request, pid,        "pid",        0, INT32_MAX),
	OBJS(systemd_request, properties, "properties", 0, systemd_property));

OCI_SCHEMA(systemd_reply,
	UPTO(systemd_reply, num,  "num",  OCI_REQUIRED, INT32_MAX),
	STR (systemd_reply, what, "what", 0),
	STR (systemd_reply, hint, "hint", 0));
/* clang-format on */
