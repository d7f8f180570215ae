/* seccomp: the words of linux.seccomp that mean something to the kernel, and the annotations beside it. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

struct oci_config;
struct oci_seccomp;

/* crun's annotations: a program instead of the profile, in base64; who gets the listener; whether a system call that
 * libseccomp does not know is an error ("0": it is not). */
#define SECCOMP_PROGRAM  "run.oci.seccomp_bpf_data"
#define SECCOMP_RECEIVER "run.oci.seccomp.receiver"
#define SECCOMP_STRICT   "run.oci.seccomp_fail_unknown_syscall"

/* What the kernel calls a word of linux.seccomp.flags, seccomp(2); 0: not a flag. */
uint32_t seccomp_flag(const char *word);
