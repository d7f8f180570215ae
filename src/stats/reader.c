/* reader: see reader.h. */
#include "stats/reader.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include <fcntl.h>
#include <string.h>

#define TEXT_MAX (256 * 1024)

int stats_open(struct stats *s, const struct cgroup_ref *refs, size_t n, struct arena *a)
{
	bool found = false;

	*s = (struct stats){ .refs = refs, .n = n, .a = a };
	if (n > STATS_CGROUPS)
		return -E2BIG;
	for (size_t i = 0; i < n; i++)
		s->fd[i] = -1;
	for (size_t i = 0; i < n; i++) {
		int fd = cgroup_open(&refs[i]);

		if (fd < 0 && fd != -ENOENT) {
			stats_done(s);
			return fd;
		}
		s->fd[i] = fd < 0 ? -1 : fd;
		found = found || fd >= 0;
	}
	return found ? 0 : -ENOENT;
}

void stats_done(struct stats *s)
{
	for (size_t i = 0; i < s->n; i++)
		fd_close(&s->fd[i]);
	s->n = 0;
}

int stats_holder(const struct stats *s, enum stats_kind kind, const char *file)
{
	for (size_t i = 0; i < s->n; i++) {
		bool fits = kind == STATS_ANY || s->refs[i].v2 == (kind == STATS_V2);

		if (fits && s->fd[i] >= 0 &&
		    faccessat(s->fd[i], file, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			return s->fd[i];
	}
	return -1;
}

char *stats_text(int dir, const char *file)
{
	static char text[TEXT_MAX];
	ssize_t len = dir < 0 ? -ENOENT : io_read_small(dir, file, text, sizeof text);

	return len < 0 ? NULL : text;
}

bool stats_number(int dir, const char *file, uint64_t *out)
{
	char *text = stats_text(dir, file);
	char *line = text ? text_line(&text) : NULL;
	char *word = line ? text_word(&line) : NULL;

	return word && text_number(word, out);
}

void stats_keys(int dir, const char *file, const struct stats_key *keys, size_t n)
{
	char *text = stats_text(dir, file), *line;

	while ((line = text_line(&text))) {
		const char *key = text_word(&line), *value = text_word(&line);
		uint64_t v;

		if (!value || !text_number(value, &v))
			continue;
		for (size_t i = 0; i < n; i++)
			if (STR_EQ(key, keys[i].key))
				*keys[i].out = v * keys[i].scale;
	}
}

static char *cut(char **rest, const char *ends)
{
	char *start;

	do
		start = strsep(rest, ends);
	while (start && !*start);
	return start;
}

char *text_line(char **text)
{
	return cut(text, "\n");
}

char *text_word(char **line)
{
	return cut(line, " \t");
}

bool text_number(const char *word, uint64_t *out)
{
	if (STR_EQ(word, "max")) {
		*out = UINT64_MAX;
		return true;
	}
	return str_u64(word, UINT64_MAX, out) == 0;
}

void *stats_room(struct arena *a, const void *items, size_t n, size_t item)
{
	/* Full whenever n is a power of two from 8 on: nobody has to carry the capacity. */
	if (n && (n < 8 || n & (n - 1)))
		return (void *)items;
	return arena_grow(a, n ? items : NULL, n * item, (n ? 2 * n : 8) * item);
}
