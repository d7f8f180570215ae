/* nearest: which word of a list was meant. */
#include "libocispec-lite/schema.h"
#include <string.h>

#define WORD_MAX                                                                                   \
	64 /* no word of the spec is longer; two rows of this many numbers stay on the stack */

/* Not toupper(): that asks the locale. */
static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned min(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Edits (insert, delete, replace, swap neighbours) that turn a into b; both are at most WORD_MAX long. */
static unsigned distance(const char *a, size_t an, const char *b, size_t bn)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *last = rows[1], *row = rows[2];

	for (size_t j = 0; j <= bn; j++)
		last[j] = (unsigned)j;
	for (size_t i = 1; i <= an; i++) {
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= bn; j++) {
			char x = lower(a[i - 1]), y = lower(b[j - 1]);

			row[j] = min(min(last[j], row[j - 1]) + 1, last[j - 1] + (x != y));
			if (i > 1 && j > 1 && x == lower(b[j - 2]) && y == lower(a[i - 2]))
				row[j] = min(row[j], before[j - 2] + 1);
		}
		unsigned *spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[bn];
}

const char *oci_nearest(const char *word, const char *const *list)
{
	size_t n = strnlen(word, WORD_MAX + 1);
	const char *found = NULL;
	unsigned best = WORD_MAX;

	if (n == 0 || n > WORD_MAX)
		return NULL;
	for (; *list; list++) {
		size_t m = strnlen(*list, WORD_MAX + 1);

		if (m > WORD_MAX)
			continue;
		unsigned d = distance(word, n, *list, m), limit = (unsigned)(n > m ? n : m) / 3;

		if (d <= limit && d < best) {
			best = d;
			found = *list;
		}
	}
	return found;
}
