/* birth: see birth.h. The only place that knows how the C library finds the data of a thread: x86-64 ELF TLS (Drepper, ELF
 * Handling For Thread-Local Storage, variant II) of a static program: the data, then at the thread pointer the head that
 * points to itself. */
#include "base/birth.h"
#include <errno.h>
#include <stdint.h>
#include <string.h>

#ifndef SHARED_BIRTH

pid_t birth_sharing(const struct clone_args *args, void (*fn)(void *), const void *arg, size_t n)
{
	(void)args, (void)fn, (void)arg, (void)n;
	return -ENOSYS;
}

#else
#include <elf.h>
#include <link.h>
#include <sched.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#define PAGE  ((size_t)4096)
#define STACK ((size_t)1 << 20)  /* init needs some 30 KiB, a copy-up of 64 levels (copyup.c) 400 */
#define WARM  ((size_t)32 << 10) /* of it are there at once: one fault instead of eight */
#define HEAD  ((size_t)2304)     /* of glibc's struct pthread, at the thread pointer */

/* The head's first words (System V ABI for x86-64; glibc's tcbhead_t). */
struct head {
	void *tcb, *dtv, *self;
};

static struct head *thread_pointer(void)
{
	struct head *tp;

	__asm__("mov %%fs:0, %0" : "=r"(tp));
	return tp;
}

/* Bytes of thread-local data below the thread pointer, and the alignment that it wants. */
static size_t tls_size(size_t *align)
{
	const ElfW(Phdr) *ph = (const void *)(uintptr_t)getauxval(AT_PHDR);

	for (unsigned long i = 0; ph && i < getauxval(AT_PHNUM); i++)
		if (ph[i].p_type == PT_TLS) {
			*align = ph[i].p_align > 64 ? ph[i].p_align : 64;
			return (ph[i].p_memsz + *align - 1) / *align * *align;
		}
	*align = 64;
	return 0;
}

/* clone3(2). The child begins at fn, with the stack of args. */
static long clone_to(const struct clone_args *args, void (*fn)(void *), void *arg)
{
	register void *r8 __asm__("r8") = arg;
	register void (*r9)(void *) __asm__("r9") = fn;
	long rc = SYS_clone3;

	__asm__ volatile("syscall\n"
	                 "	test %%rax, %%rax\n"
	                 "	jnz 1f\n"
	                 "	xor %%ebp, %%ebp\n"
	                 "	mov %%r8, %%rdi\n"
	                 "	call *%%r9\n"
	                 "	ud2\n"
	                 "1:\n"
	                 : "+a"(rc)
	                 : "D"(args), "S"(sizeof *args), "r"(r8), "r"(r9)
	                 : "rcx", "r11", "memory", "cc");
	return rc;
}

pid_t birth_sharing(const struct clone_args *args, void (*fn)(void *), const void *arg, size_t n)
{
	struct head *ours = thread_pointer();
	size_t align, tls = tls_size(&align);
	size_t top = (n + tls + 2 * align + PAGE + PAGE - 1) / PAGE * PAGE;
	struct clone_args a = *args;

	if (ours->tcb != ours || ours->self != ours || align > PAGE)
		return -ENOSYS;
	/* A page that nobody may touch, the stack, the copy of arg, the thread-local data with its head. */
	char *map = mmap(NULL, PAGE + STACK + top, PROT_READ | PROT_WRITE,
	                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
	if (map == MAP_FAILED)
		return -errno;
	char *stack = map + PAGE, *copy = stack + STACK;
	if (mprotect(map, PAGE, PROT_NONE) < 0) {
		int num = errno;

		munmap(map, PAGE + STACK + top);
		return -num;
	}
#ifdef MADV_POPULATE_WRITE
	(void)madvise(copy - WARM, WARM + top, MADV_POPULATE_WRITE);
#endif
	uintptr_t at = ((uintptr_t)copy + n + tls + align - 1) / align * align;
	struct head *theirs = (struct head *)at;

	memcpy(copy, arg, n);
	memcpy((char *)theirs - tls, (char *)ours - tls, tls + HEAD);
	theirs->tcb = theirs->self = theirs;
	a.flags |= CLONE_VM | CLONE_SETTLS;
	a.stack = (uintptr_t)stack;
	a.stack_size = STACK;
	a.tls = at;
	long pid = clone_to(&a, fn, copy);
	if (pid < 0)
		munmap(map, PAGE + STACK + top);
	return (pid_t)pid;
}
#endif
