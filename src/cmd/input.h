/* input: a JSON document that a command takes from a file or from stdin, and places in it. */
#pragma once
#include "base/err.h"
#include "libocispec-lite/ocispec.h"

struct input {
	const char *name, *text; /* "stdin" or the file, and its content */
	size_t len;
};

/* Reads FILE, or stdin for "-"; a pipe will do, as engines give one. Memory in a. 0, or -1 with e. */
int input_read(struct input *in, const char *file, struct arena *a, struct err *e);
/* The place of a JSON pointer: "stdin:1:30 /0/type". */
void input_place(const struct input *in, const char *pointer, char *buf, size_t n);
/* The same of what the decoder found, which may be somewhere between the values. */
void input_place_diag(const struct input *in, const struct oci_diag *d, char *buf, size_t n);
