/* banned: calls that cannot be used safely. Included by the compiler command line, before everything else. */
#pragma once
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* Macros of a fortified glibc under clang; only a plain name can be poisoned without a warning. */
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok strtok_r gets atoi atol   \
	atoll system popen tmpnam tempnam mktemp realpath
