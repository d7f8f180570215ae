/* unsafe: see unsafe.h. */
#include "base/unsafe.h"
#include <stdlib.h>
#include <string.h>

#ifdef ENABLE_FAULTS
bool unsafe(const char *word)
{
	const char *list = getenv("NSRUN_UNSAFE");
	size_t n = strlen(word);

	for (; list && *list; list += *list == ',') {
		size_t len = strcspn(list, ",");

		if (len == n && memcmp(list, word, n) == 0)
			return true;
		list += len;
	}
	return false;
}
#endif
