/* arena: memory with one lifetime. Nothing in it is freed alone; running out of memory ends the process. */
#pragma once
#include <stdalign.h>
#include <stddef.h>

/* {0} is an empty arena. */
struct arena {
	struct arena_chunk *head;
};

/* Frees everything; a is empty again. Works on a sealed arena too. */
void arena_done(struct arena *a);
/* Makes every page read-only. A later write is a bug and faults at the line that did it. */
void arena_seal(struct arena *a);
/* Keeps size bytes for the first time that there is no more memory: for who has begun what must not end half-way. */
void arena_spare(size_t size);
/* Zeroed memory, never NULL. align is a power of two of at most 16. */
void *arena_alloc(struct arena *a, size_t size, size_t align);
/* Grows an array whose last size was old bytes; copies. old may be NULL when old_size is 0. */
void *arena_grow(struct arena *a, const void *old, size_t old_size, size_t size);
/* A terminated copy of n bytes of s. */
char *arena_str(struct arena *a, const char *s, size_t n);
/* printf into the arena. */
char *arena_fmt(struct arena *a, const char *fmt, ...)
	__attribute__((nonnull(2), format(printf, 2, 3)));

#define NEW(a, T)      ((T *)arena_alloc((a), sizeof(T), alignof(T)))
#define NEW_N(a, T, n) ((T *)arena_alloc((a), sizeof(T) * (n), alignof(T)))
