/* fuzz_state: the files of a state directory: the record of a container, and the journal of an update. */
#include "fuzz.h"
#include "store/journal.h"
#include "store/record.h"
#include "store/store.h"
#include <stdlib.h>
#include <string.h>

/* What was read can be written, and reads as the same again. */
static void round_trip(const struct record *r, struct arena *a)
{
	struct err e = { 0 };
	struct record again;
	size_t len, len_again;
	const char *text = record_encode(r, a, &len);

	fuzz_insist(record_decode(&again, text, len, "c1", a, &e) == 0,
	            "what was written is refused");
	const char *same = record_encode(&again, a, &len_again);
	fuzz_insist(len == len_again && memcmp(text, same, len) == 0, "the record changes");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct err e = { 0 };
	struct record r;
	struct journal j;
	char *text = fuzz_text(data, size);

	if (record_decode(&r, text, size, "c1", &a, &e) == 0)
		round_trip(&r, &a);
	else
		fuzz_insist(e.kind == ERR_STATE && *e.what && *e.hint, "a refusal without a word");
	e = (struct err){ 0 };
	int rc = journal_decode(&j, text, size, STORE_UPDATE, &a, &e);
	fuzz_insist(rc == 0 || *e.what, "a refusal without a word");
	for (size_t i = 0; rc == 0 && i < j.writes.n; i++)
		fuzz_insist(!strchr(j.writes.v[i].file, '/'), "a journal writes elsewhere");
	arena_done(&a);
	free(text);
	return 0;
}
