/* look_text: see look.h. What a container has named is not trusted to be text. */
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "cmd/look.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define FIRST_SIZE 4096u
#define MAX_SIZE   (1u << 20)

/* How many bytes the character at s has, or 0: not UTF-8 (RFC 3629), or a control character. */
static size_t printable(const unsigned char *s, size_t n)
{
	static const struct {
		unsigned char mask, lead;
		uint32_t least;
	} forms[] = { { 0x80, 0x00, ' ' },
		      { 0xe0, 0xc0, 0xa0 },
		      { 0xf0, 0xe0, 0x800 },
		      { 0xf8, 0xf0, 0x10000 } };

	for (size_t len = 1; len <= sizeof forms / sizeof *forms; len++) {
		if ((*s & forms[len - 1].mask) != forms[len - 1].lead)
			continue;
		uint32_t c = *s & (unsigned char)~forms[len - 1].mask;

		for (size_t i = 1; i < len; i++) {
			if (i >= n || (s[i] & 0xc0) != 0x80)
				return 0;
			c = c << 6 | (s[i] & 0x3f);
		}
		/* The least also leaves out the control characters of Latin 1, U+0080 to U+009F. */
		if (c < forms[len - 1].least || c > 0x10ffff || (c >= 0xd800 && c < 0xe000) ||
		    c == 0x7f)
			return 0;
		return len;
	}
	return 0;
}

char *look_text(struct arena *a, const char *s, size_t n)
{
	char *out = arena_str(a, s, n);

	for (size_t i = 0; i < n;) {
		size_t len = printable((const unsigned char *)s + i, n - i);

		if (!len)
			out[i] = '?';
		i += len ? len : 1;
	}
	return out;
}

char *look_file(int dir, const char *name, struct arena *a, size_t *len)
{
	autofd fd = procfs_openat(dir, name, O_RDONLY);
	size_t size = FIRST_SIZE, n = 0;
	char *buf = fd < 0 ? NULL : arena_alloc(a, size, 1);

	while (buf) {
		ssize_t got = io_read_all(fd, buf + n, size - 1 - n);

		if (got < 0)
			return NULL;
		n += (size_t)got;
		if (n < size - 1 || size == MAX_SIZE)
			break;
		buf = arena_grow(a, buf, size, 2 * size);
		size *= 2;
	}
	if (buf)
		buf[n] = '\0';
	if (len)
		*len = n;
	return buf;
}
