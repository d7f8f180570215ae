/* fuzz: what the fuzz targets share. Each is a libFuzzer target (tests/fuzz.sh), and with replay.c a plain program that
 * runs the files of its corpus once (tests/fuzz-replay.sh). */
#pragma once
#include "check/check.h"
#include "plan/plan.h"
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Says what is wrong and aborts, which is a finding. */
void fuzz_insist(bool ok, const char *what);
/* A copy with a NUL behind it, of just that size, so that a byte too far is noticed. free() it. */
char *fuzz_text(const uint8_t *data, size_t size);

/* The facts of the n-th kind of host; any n is one. Strings live in a. */
void fuzz_facts(unsigned n, struct facts *f, struct arena *a);
/* Every finding has a place in the value; all are looked at. */
void fuzz_findings(const struct check *k, const struct oci_schema *s, const void *root);
/* Plans must keep the rules and can be printed in both ways. */
void fuzz_plan(const struct plan *p);

/* A folder in memory for what is read from files; it is made once and goes at exit. Its descriptor. */
int fuzz_dir(void);
const char *fuzz_dir_path(void);
/* Makes the file anew. */
void fuzz_file(const char *name, const void *text, size_t len);
