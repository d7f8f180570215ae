/* fuzz_decode: any bytes through decode, pointer, locate and encode. With FUZZ_REPLAY it is a plain program that runs
 * the files given as arguments once; without, a libFuzzer target. */
#include "libocispec-lite/ocispec.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void insist(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz_decode: %s\n", what);
	abort();
}

/* Every finding must have a place, and one that the text has. */
static void look_at(const struct oci_diags *d, const char *text, size_t len)
{
	unsigned line, col, n = 0;

	for (const struct oci_diag *g = d->first; g; g = g->next) {
		insist(g->offset <= len && g->pointer && g->what, "a finding without a place");
		oci_locate_offset(text, len, g->offset, &line, &col);
		insist(line >= 1 && col >= 1, "a place before the first line");
		/* Each one scans the text again. */
		if (n++ < 8)
			oci_locate(text, len, g->pointer, &line, &col);
	}
}

/* Whatever was decoded can be encoded, and that decodes to the same again. */
static void round_trip(const struct oci_schema *s, const void *v, struct arena *a)
{
	struct oci_diags d = { 0 };
	size_t len, again_len;
	const char *text = oci_encode(s, v, OCI_COMPACT, a, &len);
	const void *same = oci_decode(s, text, len, a, &d);

	insist(same && !d.first, "what was encoded does not decode");
	const char *again = oci_encode(s, same, OCI_COMPACT, a, &again_len);
	insist(len == again_len && memcmp(text, again, len) == 0, "encode differs");
	oci_encode(s, v, OCI_INDENT_2, a, &len);
}

/* The address of each member leads to a pointer. */
static void point(const struct oci_schema *s, const void *v)
{
	char buf[64];

	for (size_t i = 0; i < s->n; i++) {
		const struct oci_field *f = &s->fields[i];
		struct oci_at at = { (const char *)v + f->off, f->size };

		insist(!f->size || oci_pointer(s, v, at, buf, sizeof(buf)), "a member is lost");
	}
	insist(!oci_pointer(s, v, (struct oci_at){ buf, 1 }, buf, sizeof(buf)), "a stray is found");
}

static void try(const struct oci_schema *s, const char *text, size_t len)
{
	struct arena a = { 0 };
	struct oci_diags d = { 0 };
	void *v = oci_decode_lenient(s, text, len, &a, &d);

	look_at(&d, text, len);
	if (v) {
		point(s, v);
		oci_encode(s, v, OCI_COMPACT, &a, NULL);
	}
	if (!d.n_fatal) {
		insist(v, "neither a value nor a finding");
		round_trip(s, v, &a);
	}
	arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct oci_schema *const schemas[] = { &oci_config_schema, &oci_state_schema,
		                                            &oci_features_schema };
	struct arena a = { 0 };
	struct oci_diags d = { 0 };
	void *v;
	size_t n;
	/* A copy of its own, so that a byte too far is noticed. */
	char *text = malloc(size ? size : 1);

	if (!text)
		return 0;
	if (size)
		memcpy(text, data, size);
	for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++)
		try(schemas[i], text, size);
	if (oci_decode_array(&oci_mount_schema, text, size, &a, &v, &n, &d) == 0)
		oci_encode_array(&oci_mount_schema, v, n, OCI_INDENT_4, &a, NULL);
	look_at(&d, text, size);
	arena_done(&a);
	free(text);
	return 0;
}

#ifdef FUZZ_REPLAY
int main(int argc, char **argv)
{
	static uint8_t buf[OCI_MAX_TEXT + 2];

	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");

		if (!f) {
			perror(argv[i]);
			return 1;
		}
		size_t n = fread(buf, 1, sizeof(buf), f);
		fclose(f);
		LLVMFuzzerTestOneInput(buf, n);
	}
	return 0;
}
#endif
