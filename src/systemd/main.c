/* main: nsrun-systemd, the helper program that speaks to systemd for nsrun: one JSON request on stdin, one JSON reply
 * on stdout (apply/systemd_wire.h), and nothing else. */
#include "base/io.h"
#include "base/str.h"
#include "libocispec-lite/ocispec.h"
#include "systemd/unit.h"
#include <signal.h>
#include <unistd.h>

static const char *read_stdin(struct arena *a, size_t *len)
{
	size_t size = 65536, n = 0;
	char *text = arena_alloc(a, size, 1);

	for (;;) {
		ssize_t got = io_read_all(0, text + n, size - n);

		if (got < 0 || size > OCI_MAX_TEXT)
			return NULL;
		n += (size_t)got;
		if (n < size)
			break;
		text = arena_grow(a, text, size, 2 * size);
		size *= 2;
	}
	*len = n;
	return text;
}

static enum systemd_verb verb_of(const struct systemd_request *rq)
{
	unsigned i = 0;

	while (!STR_EQ(systemd_verbs[i], rq->verb))
		i++;
	return (enum systemd_verb)i;
}

static int serve(const struct systemd_request *rq, struct err *e)
{
	struct bus b = { .user = rq->user.v, .timeout = (unsigned)rq->timeout.v, .e = e };
	enum systemd_verb verb = verb_of(rq);

	if (verb != SYSTEMD_PING && str_empty(rq->unit))
		return err_set(e, ERR_BUG, "%s without a unit", rq->verb);
	if (bus_open(&b) < 0)
		return -1;
	switch (verb) {
	case SYSTEMD_PING: return 0;
	case SYSTEMD_START: return unit_start(&b, rq);
	case SYSTEMD_STOP: return unit_stop(&b, rq->unit);
	case SYSTEMD_SET: return unit_set(&b, rq);
	}
	return -1;
}

int main(void)
{
	struct arena a = { 0 };
	struct oci_diags diags = { 0 };
	struct err e = { 0 };
	size_t len = 0;

	signal(SIGPIPE, SIG_IGN);
	const char *text = read_stdin(&a, &len);
	const struct systemd_request *rq =
		text ? oci_decode(&systemd_request_schema, text, len, &a, &diags) : NULL;
	if (!rq)
		err_set(&e, ERR_BUG, "%s reads a request on stdin: %s", SYSTEMD_HELPER,
		        diags.first ? diags.first->what : "cannot read it");
	else
		serve(rq, &e);
	const struct systemd_reply reply = { .num = { (uint64_t)e.num, true },
		                             .what = e.kind == ERR_NONE ? NULL : e.what,
		                             .hint = *e.hint ? e.hint : NULL };
	text = oci_encode(&systemd_reply_schema, &reply, OCI_COMPACT, &a, &len);
	/* No clean-up: the kernel closes the connection, and nobody reads the memory any more. */
	_exit(io_write_all(1, text, len) < 0);
}
