/* criu_log: see criu_log.h. */
#include "apply/criu_log.h"
#include "base/str.h"
#include <string.h>

#define SHOWN 3

static const char mark[] = "Error (";

/* The message of a line: what follows "Error (file.c:12): ". NULL when it is none, or says nothing. */
static const char *message(const char *line, size_t *len)
{
	static const char *const nothing[] = { "Dumping FAILED.", "Restoring FAILED.",
		                               "Pre-dumping FAILED.", "exited, ",
		                               /* It goes on with fewer descriptors. */
		                               "rlimit: Can't setup RLIMIT_NOFILE for self" };
	size_t n = *len;
	const char *s = memmem(line, n, mark, sizeof mark - 1);
	const char *text = s ? memmem(s, n - (size_t)(s - line), "): ", 3) : NULL;

	if (!text)
		return NULL;
	text += 3;
	*len = n - (size_t)(text - line);
	for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
		if (strncmp(text, nothing[i], strlen(nothing[i])) == 0)
			return NULL;
	return text;
}

void criu_log_errors(const char *text, char *buf, size_t n)
{
	struct {
		const char *text;
		size_t len;
	} found[SHOWN];
	size_t count = 0;

	for (const char *line = text; *line; line += *line == '\n') {
		size_t len = strcspn(line, "\n"), kept = len;
		const char *s = message(line, &kept);

		if (s && kept) {
			if (count == SHOWN) {
				memmove(found, found + 1, sizeof found - sizeof *found);
				count--;
			}
			found[count].text = s;
			found[count++].len = kept;
		}
		line += len;
	}
	*buf = '\0';
	for (size_t i = 0; i < count; i++)
		str_add(buf, n, "%s%.*s", i ? "; " : "", (int)found[i].len, found[i].text);
}
