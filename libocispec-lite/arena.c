/* arena: chunks from mmap, one bump pointer each. The newest chunk is the only one that is filled. */
#include "libocispec-lite/arena.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* 64 KiB hold a usual container: one mmap per start. Each further chunk doubles, up to 1 MiB. */
#define CHUNK_FIRST ((size_t)64 << 10)
#define CHUNK_LAST  ((size_t)1 << 20)

struct arena_chunk {
	struct arena_chunk *next;
	size_t size; /* of the mapping */
	size_t used; /* from the start of this header */
	size_t pad;  /* keeps what follows on 16 */
};

/* With AddressSanitizer what was not handed out is out of bounds, and so is a gap behind every piece. */
#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   __asan_poison_memory_region((p), (n))
#define UNPOISON(p, n) __asan_unpoison_memory_region((p), (n))
#define GAP            ((size_t)16)
#else
#define POISON(p, n)   ((void)0)
#define UNPOISON(p, n) ((void)0)
#define GAP            ((size_t)0)
#endif

static _Noreturn void out_of_memory(void)
{
	static const char text[] = "out of memory\n";
	ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)n; /* nobody is left to tell */
	_exit(1);
}

static struct arena_chunk *spare;

static struct arena_chunk *map_chunk(size_t size)
{
	struct arena_chunk *c =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (c == MAP_FAILED)
		return NULL;
	c->size = size;
	return c;
}

void arena_spare(size_t size)
{
	if (!spare)
		spare = map_chunk(size + sizeof *spare);
	if (!spare)
		out_of_memory();
}

static void chunk_add(struct arena *a, size_t need)
{
	size_t size = CHUNK_FIRST;

	while (size < CHUNK_LAST && a->head && size <= a->head->size)
		size *= 2;
	while (size < need) {
		if (size > SIZE_MAX / 4)
			out_of_memory();
		size *= 2;
	}
	struct arena_chunk *c = map_chunk(size);
	if (!c && spare && spare->size >= need) {
		c = spare;
		spare = NULL;
	}
	if (!c)
		out_of_memory();
	*c = (struct arena_chunk){ .next = a->head, .size = c->size, .used = sizeof(*c) };
	POISON(c + 1, c->size - sizeof(*c));
	a->head = c;
}

static size_t align_up(size_t n, size_t align)
{
	return (n + align - 1) & ~(align - 1);
}

void *arena_alloc(struct arena *a, size_t size, size_t align)
{
	struct arena_chunk *c = a->head;

	if (size > SIZE_MAX / 4)
		out_of_memory();
	if (!c || align_up(c->used, align) + size + GAP > c->size) {
		chunk_add(a, sizeof(*c) + size + align + GAP);
		c = a->head;
	}
	size_t at = align_up(c->used, align);
	c->used = at + size + GAP;
	char *p = (char *)c + at;
	UNPOISON(p, size);
	return p;
}

void *arena_grow(struct arena *a, const void *old, size_t old_size, size_t size)
{
	void *p = arena_alloc(a, size, alignof(max_align_t));

	if (old_size)
		memcpy(p, old, old_size < size ? old_size : size);
	return p;
}

char *arena_str(struct arena *a, const char *s, size_t n)
{
	char *p = arena_alloc(a, n + 1, 1);

	if (n)
		memcpy(p, s, n);
	return p;
}

char *arena_fmt(struct arena *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	size_t size = n > 0 ? (size_t)n + 1 : 1;
	char *p = arena_alloc(a, size, 1);
	va_start(ap, fmt);
	vsnprintf(p, size, fmt, ap);
	va_end(ap);
	return p;
}

void arena_seal(struct arena *a)
{
	for (struct arena_chunk *c = a->head, *next; c; c = next) {
		next = c->next;
		if (mprotect(c, c->size, PROT_READ) < 0)
			out_of_memory(); /* the only reason it can have */
	}
}

void arena_done(struct arena *a)
{
	for (struct arena_chunk *c = a->head, *next; c; c = next) {
		next = c->next;
		UNPOISON(c, c->size);
		munmap(c, c->size);
	}
	a->head = NULL;
}
