/* start: where the kernel enters the static program, before the C library.
 *
 * A static PIE relocates itself: nearly every page of its data is written to before main(), and each is a page fault. Here
 * all of them are asked for at once: madvise(2) with MADV_POPULATE_WRITE, Linux 5.14; where that fails nothing is lost. Any
 * other machine than this one enters the C library at once (configure.ac). */
#include <link.h>
#include <stdint.h>
#include <sys/syscall.h>

#define PAGE                4096
#define MADV_POPULATE_WRITE 23

/* Of the linker: where our ELF header is in memory. Hidden, as everything here: nothing is relocated yet. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

/* The thread pointer, and so the canary, is not there yet. */
#if __has_attribute(no_stack_protector)
#define NO_CANARY __attribute__((no_stack_protector))
#else
#define NO_CANARY
#endif

NO_CANARY void start_populate(void) __attribute__((visibility("hidden")));

NO_CANARY static void populate(uintptr_t at, uintptr_t n)
{
	long rc = SYS_madvise;

	__asm__ volatile("syscall"
	                 : "+a"(rc)
	                 : "D"(at), "S"(n), "d"(MADV_POPULATE_WRITE)
	                 : "rcx", "r11", "memory");
}

void start_populate(void)
{
	uintptr_t elf = (uintptr_t)&__ehdr_start;
	const ElfW(Phdr) *ph = (const void *)(elf + __ehdr_start.e_phoff);

	for (int i = 0; i < __ehdr_start.e_phnum; i++)
		if (ph[i].p_type == PT_LOAD && ph[i].p_flags & PF_W) {
			uintptr_t at = elf + ph[i].p_vaddr, before = at % PAGE;

			populate(at - before, ph[i].p_filesz + before);
		}
}

/* The stack and rdx are as the kernel left them when the C library begins (System V ABI, process initialization). */
__asm__(".globl nsrun_start\n"
        ".hidden nsrun_start\n"
        ".type nsrun_start, @function\n"
        "nsrun_start:\n"
        "	endbr64\n"
        "	push %rdx\n"
        "	mov %rsp, %rbx\n"
        "	and $-16, %rsp\n"
        "	call start_populate\n"
        "	mov %rbx, %rsp\n"
        "	pop %rdx\n"
        "	jmp _start\n");
