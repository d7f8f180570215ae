/* helper: where nsrun's helper programs are. They load what a static program cannot. */
#pragma once
#include <stddef.h>

/* The absolute path of nsrun, or NULL when nobody knows. Set by main. */
extern const char *(*helper_self)(void);

/* The helper of that name beside our own executable, which is how it lies in a build, or the installed one (never by the
 * environment). In buf; NULL when there is none, which helper_installed() should have been. */
const char *helper_find(const char *name, char *buf, size_t n);
/* Where it is when nsrun is installed; in buf. */
const char *helper_installed(const char *name, char *buf, size_t n);
