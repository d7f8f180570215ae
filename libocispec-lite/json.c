/* json: memory for yajl, and the checks on the text that yajl does not make. */
#include "libocispec-lite/json.h"
#include <stdint.h>
#include <string.h>

/* yajl's realloc does not say how much there was, so each piece knows. */
struct piece {
	alignas(max_align_t) size_t size;
};

static void *piece_new(void *arena, size_t size)
{
	struct piece *p = arena_alloc(arena, sizeof(*p) + size, alignof(max_align_t));

	p->size = size;
	return p + 1;
}

static void *piece_grow(void *arena, void *old, size_t size)
{
	size_t had = old ? ((struct piece *)old - 1)->size : 0;

	if (size <= had)
		return old;
	void *p = piece_new(arena, size);
	if (had)
		memcpy(p, old, had);
	return p;
}

static void piece_free(void *arena, void *p)
{
	(void)arena;
	(void)p;
}

yajl_alloc_funcs oci_json_memory(struct arena *a)
{
	return (yajl_alloc_funcs){
		.malloc = piece_new, .realloc = piece_grow, .free = piece_free, .ctx = a
	};
}

/* Length of the UTF-8 character at p, n > 0 bytes left; 0 when it is none (Unicode 15, table 3-7). */
static size_t utf8_length(const unsigned char *p, size_t n)
{
	unsigned char low = 0x80, high = 0xbf; /* bounds of the second byte */
	size_t len;

	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		len = 2;
	else if ((p[0] & 0xf0) == 0xe0)
		len = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f; /* no surrogates */
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f; /* nothing beyond U+10FFFF */
	if (n < len || p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

/* The code of a \uXXXX escape at p, or -1 when there is none. */
static int escape_code(const unsigned char *p, size_t n)
{
	int code = 0;

	if (n < 6 || p[0] != '\\' || p[1] != 'u')
		return -1;
	for (size_t i = 2; i < 6; i++) {
		unsigned char c = p[i];

		if (c >= '0' && c <= '9')
			code = code * 16 + c - '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			code = code * 16 + (c | 0x20) - 'a' + 10;
		else
			return -1;
	}
	return code;
}

/* Length of the escape at p; 0, with *why, when it stands for something that no string may hold. What is no escape at
 * all is left to yajl. */
static size_t escape_length(const unsigned char *p, size_t n, const char **why)
{
	int code = escape_code(p, n);

	if (code == 0) {
		*why = "a string holds U+0000";
		return 0;
	}
	if (code >= 0xd800 && code <= 0xdfff) {
		int low = code <= 0xdbff ? escape_code(p + 6, n - 6) : -1;

		if (low >= 0xdc00 && low <= 0xdfff)
			return 12;
		*why = "a string holds half of a surrogate pair";
		return 0;
	}
	return code > 0 ? 6 : n > 1 && p[1] < 0x80 ? 2 : 1;
}

size_t oci_json_sound(const char *text, size_t len, const char **why)
{
	const unsigned char *p = (const unsigned char *)text;
	const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
	size_t i = 0;

	while (i < len) {
		uint64_t w, x;
		size_t n;

		/* Eight bytes at once while all are ASCII and none is a backslash. */
		for (; len - i >= sizeof(w); i += sizeof(w)) {
			memcpy(&w, p + i, sizeof(w));
			x = w ^ (ones * '\\');
			if ((w | ((x - ones) & ~x)) & tops)
				break;
		}
		if (i == len)
			break;
		if (p[i] == '\\') {
			n = escape_length(p + i, len - i, why);
		} else {
			n = utf8_length(p + i, len - i);
			*why = "the text is not UTF-8 here";
		}
		if (n == 0)
			return i;
		i += n;
	}
	*why = NULL;
	return len;
}

size_t oci_json_next(const char *text, size_t len, size_t off)
{
	while (off < len && text[off] && strchr(" \t\r\n,:", text[off]))
		off++;
	return off;
}

bool oci_json_integer(const char *s, size_t len, bool *negative, uint64_t *magnitude)
{
	uint64_t n = 0;
	size_t i = 0;

	*negative = len && s[0] == '-';
	i += *negative;
	if (i == len || (s[i] == '0' && (*negative || len > 1)))
		return false;
	for (; i < len; i++) {
		if (s[i] < '0' || s[i] > '9' || __builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, (uint64_t)(s[i] - '0'), &n))
			return false;
	}
	*magnitude = n;
	return true;
}
