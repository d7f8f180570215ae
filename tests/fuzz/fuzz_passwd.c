/* fuzz_passwd: /etc/passwd: the container's, for HOME, and the host's, for the owners that `nsrun list` shows. */
#include "fuzz.h"
#include "src/apply/op_lookup.c"
#undef PROGRAM_MAX
#include "src/cmd/list.c"
#include <stdlib.h>
#include <string.h>

static void home(const char *text, size_t size, uid_t uid)
{
	struct passwd_line l = { 0 };

	for (size_t i = 0; i <= size; i++) {
		if (!passwd_byte(&l, i < size ? text[i] : '\n', uid))
			continue;
		size_t n = strnlen(l.home, sizeof l.home);
		fuzz_insist(n < sizeof l.home && l.home[0] == '/' && l.uid == uid,
		            "not this user's home");
		for (size_t j = 0; j < n; j++)
			fuzz_insist((unsigned char)l.home[j] >= ' ', "a control byte in HOME");
		return;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	char *text = fuzz_text(data, size);

	home(text, size, 0);
	home(text, size, 1000);
	home(text, size, 4294967294u);
	const char *name = owner_name(text, 1000, &a);
	fuzz_insist(!strpbrk(name, ":\n"), "an owner that is more than a name");
	owner_name(text, 0, &a);
	arena_done(&a);
	free(text);
	return 0;
}
