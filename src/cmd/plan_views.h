/* plan_views: other ways to look at a plan than from its first step to its last. Nothing is touched. */
#pragma once
#include "apply/run.h"
#include "cmd/bundle.h"
#include "plan/plan.h"
#include <stdbool.h>

/* plan_diff.c: the steps that only one of two plans has, in their order, on stdout. What makes a step the same is the
 * process, the phase and what is done: not its number, and not its place in the config. */
void plan_diff(const struct plan *from, const struct plan *to, bool json, struct arena *a);

/* plan_why.c: why there is a step, what stands around it and what is known about its failures, on stdout. which: its
 * number, its kind, or a part of what plan prints of it. 0, or -1 with e: no step is like that. */
int plan_explain(const struct plan *p, const struct bundle *b, const char *which, bool json,
                 struct arena *a, struct err *e);

/* plan_filter.c: which system calls end in which action, from the compiled filter itself, on stdout. 0, or -1 with e. */
int filter_print(const struct plan *p, bool json, struct arena *a, struct err *e);

/* plan_filter.c, pure: runs a filter for a system call of an architecture (AUDIT_ARCH_*), whatever its arguments are:
 * all ways through it are gone. actions: those that are met, as SECCOMP_RET_* with their numbers, at most max of them.
 * Returns how many; 0: it is no filter that can be followed. */
size_t filter_follow(const struct sock_fprog *bpf, uint32_t arch, uint32_t nr, uint32_t *actions,
                     size_t max);
