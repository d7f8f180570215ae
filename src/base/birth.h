/* birth: a child process that shares our memory until it executes a program. */
#pragma once
#include <linux/sched.h>
#include <stddef.h>
#include <sys/types.h>

/* As clone3(2) with CLONE_VM added to args, for a child that runs fn on a copy of the n bytes at arg, with a stack and an
 * errno of its own, while we go on. No page table is copied, and nobody pays for the first write to each page: with fork(2)
 * that is most of what a birth costs.
 *
 * fn does not return. Until the child has executed or ended, it and we share what is in memory: none frees or changes what
 * the other reads, and the child calls no malloc(3) or stdio. The child's stack stays until we end. When the kernel kills
 * one for want of memory, it kills both.
 *
 * The pid, or -errno; -ENOSYS where this is not built in (configure.ac, SHARED_BIRTH) or the kernel or a filter has no
 * clone3(2). */
pid_t birth_sharing(const struct clone_args *args, void (*fn)(void *), const void *arg, size_t n);
