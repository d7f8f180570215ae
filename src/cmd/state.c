/* state: prints runtime.md#state as runc does: two spaces, its extra keys, no newline at the end. */
#include "cmd/found.h"
#include "libocispec-lite/ocispec.h"
#include <stdio.h>

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	struct found f;
	int rc = found_load(&f, g, in->operand[0], FOUND_UNLOCKED, e);

	if (rc == 0) {
		const struct oci_state s = found_state(&f, "");

		fputs(oci_encode(&oci_state_schema, &s, OCI_INDENT_2, &f.arena, NULL), stdout);
		rc = stdout_done(e);
	}
	found_done(&f);
	return rc;
}

static const struct flag flags[] = { { 0 } };

const struct command cmd_state = {
	.name = "state",
	.summary = "print the state of a container as JSON",
	.usage = "ID",
	.flags = flags,
	.min = 1,
	.max = 1,
	.id = true,
	.run = run,
};
