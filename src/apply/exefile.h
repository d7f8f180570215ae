/* exefile: would execve(2) of a file work here, and if not, why? Looks at what the kernel's "no such file or directory"
 * does not say: the interpreter of a script, the ELF loader, the mount, the machine. Allocates nothing. */
#pragma once
#include <stddef.h>

/* 0 when nothing speaks against it. Otherwise the errno that execve(2) would give, and in why (n bytes) its cause, or ""
 * when there is nothing to add ("interpreter /bin/foo of its #! line not found"). */
int exefile_check(const char *path, char *why, size_t n);

/* After execve(2) said ENOEXEC: why, into buf. "" when nothing is known. A foreign machine is no fault before that:
 * binfmt_misc may know how to run it. */
void exefile_format(const char *path, char *why, size_t n);
