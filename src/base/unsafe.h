/* unsafe: protections that a test may switch off, to show that it notices when they are gone. Only in builds with
 * --enable-faults; in all others nothing can, and no trace of it is compiled. */
#pragma once
#include <stdbool.h>

/* Is word one of NSRUN_UNSAFE, "word,word"? tests/security/protections.tsv says which attack each word lets in. Safe
 * after clone. */
#ifdef ENABLE_FAULTS
bool unsafe(const char *word);
#else
#define unsafe(word) false
#endif
