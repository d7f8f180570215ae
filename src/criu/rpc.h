/* rpc: criu's messages as bytes, and back (criu.org/API). The only file that sees protobuf. */
#pragma once
#include "apply/criu_wire.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rpc_bytes {
	uint8_t *data; /* never freed: the helper's life is short */
	size_t len;
};

/* One answer of criu. */
struct rpc_answer {
	bool is_version, is_notify, success;
	int version;     /* 3.17.1: 31701 */
	char script[64]; /* notify: the event */
	int pid;         /* of a notification, or of what was restored; 0: none */
	int num;         /* errno, or 0 */
};

struct rpc_bytes rpc_version(void);
struct rpc_bytes rpc_request(const struct criu_request *rq);
/* Answers a notification. */
struct rpc_bytes rpc_notified(bool success);
/* False when that is no answer of criu's to a request of type verb, nor to rpc_version(). */
bool rpc_parse(const uint8_t *data, size_t len, enum criu_verb verb, struct rpc_answer *out);
/* criu's number of a verb's request is not ours. */
enum criu_verb rpc_verb(const struct criu_request *rq);
