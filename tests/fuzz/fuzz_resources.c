/* fuzz_resources: the file of `nsrun update --resources`: decode, complete, check, merge, plan. The plan of an update
 * has no processes, so that plan_verify() has nothing to say about it. */
#include "fuzz.h"
#include "libocispec-lite/ocispec.h"
#include "plan/update.h"
#include <stdlib.h>
#include <string.h>

static const char stored[] =
	"{\"memory\":{\"limit\":33554432,\"swap\":67108864},\"cpu\":{\"quota\":50000,"
	"\"period\":100000,\"cpus\":\"0\"},\"pids\":{\"limit\":100},\"unified\":"
	"{\"memory.high\":\"1000000\"}}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct limits_now now = { .memory = 33554432,
		                        .swap = size % 2 ? 67108864 : -1,
		                        .usage = 1000000,
		                        .quota = 50000,
		                        .period = 100000 };
	const struct plan_opts o = { .id = "c1", .bundle = "/bundle" };
	const struct check_opts c = { 0 };
	struct oci_diags d = { 0 };
	struct arena a = { 0 };
	struct oci_linux l = { 0 };
	struct oci_config cfg = { .linux_ = &l };
	struct facts host;
	struct plan p;
	struct err e = { 0 };
	size_t len = 0;
	char *text = fuzz_text(data, size);
	struct oci_resources *old =
		oci_decode(&oci_resources_schema, stored, strlen(stored), &a, &d);

	fuzz_insist(old, "what is stored");
	fuzz_facts((unsigned)size, &host, &a);
	l.resources = oci_decode(&oci_resources_schema, text, size, &a, &d);
	if (l.resources) {
		struct check k = { .c = &cfg, .host = &host, .o = &c, .a = &a, .diags = &d };

		d = (struct oci_diags){ 0 };
		update_complete(l.resources, old, &now);
		check_resources(&k);
		fuzz_findings(&k, &oci_resources_schema, l.resources);
		struct oci_resources *merged = update_merge(old, l.resources, &a);
		oci_encode(&oci_resources_schema, merged, OCI_COMPACT, &a, &len);
		if (!d.n_fatal && plan_update(&p, &cfg, merged, &now, &host, &o, &a, &e) < 0)
			fuzz_insist(*e.what, "a refusal without a word");
	}
	arena_done(&a);
	free(text);
	return 0;
}
