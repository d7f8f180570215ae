/* criu_log: why criu failed, out of what it has logged. */
#pragma once
#include <stddef.h>

/* The last errors in text ("(00.52) Error (criu/mount.c:753): mnt: ..."), without time and place, the last ones first to
 * give way, as "A; B" into buf. What only says that it failed is left out. "" when there are none. */
void criu_log_errors(const char *text, char *buf, size_t n);
