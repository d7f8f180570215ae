/* seccomp: what op_filter.c is made of. Host lane only. */
#pragma once
#include "apply/run.h"
#include <stddef.h>

/* seccomp_compile.c: compiles a profile with libseccomp into bpf, whose memory lives until exit. strict: a name that
 * libseccomp does not know is an error; otherwise it is one of another kernel, and skipped. 0 or -errno with r->err
 * or without. */
int seccomp_compile(struct run *r, const struct oci_seccomp *profile, bool strict,
                    struct sock_fprog *bpf);
/* "2.5.4", into buf, or "none". */
const char *seccomp_library(char *buf, size_t n);
/* libseccomp's token for "SCMP_ARCH_X86_64" (seccomp_arch_resolve_name(3)), 0 when it does not know it. */
uint32_t seccomp_arch(const char *word);
/* Our own architecture, AUDIT_ARCH_*; 0 in a build without libseccomp. */
uint32_t seccomp_native(void);
/* The name of its system call of that number, into buf; false when it has none. */
bool seccomp_call_name(uint32_t nr, char *buf, size_t n);

/* seccomp_cache.c: compiled filters in .cache/seccomp of the state root, each beside the whole text that it was
 * compiled from. Who looks for a text gets the filter of that very text or nothing: the file's name is only where to
 * look. A directory or file that is not ours alone is as good as none. */

/* True, and *bpf filled with memory that lives until exit, when there is a filter for the text. */
bool seccomp_cache_load(int root, const char *text, size_t len, struct sock_fprog *bpf);
/* Keeps a filter. The oldest give way when there are too many. A failure is nobody's business: the next create
 * compiles again. */
void seccomp_cache_store(int root, const char *text, size_t len, const struct sock_fprog *bpf);
