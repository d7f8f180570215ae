/*
 * count.c - counts the instructions of a static program and of all its processes, exactly, in an emulator.
 *
 *	count FILE PROGRAM [ARGUMENT]...
 *
 * libunicorn executes the instructions; system calls are made for real, by the process that emulates, on the same
 * addresses. So a clone(2) is one of the emulator, whose child goes on counting, and an execve(2) ends it. The processor
 * that PROGRAM sees is always the same one, there is no vDSO, and all addresses are fixed: the count depends on the program,
 * its arguments and what the kernel answers, not on the machine, its load or its counters. FILE gets one number: the
 * instructions of all processes from their beginning until they end, execute something, or wait after the end of the first.
 * The exit status is that of PROGRAM; 77 when this machine cannot do it.
 *
 * What does not hold in here: /proc/self/exe is this program, which has to lie on a read-only mount, as nsrun then leaves it
 * alone; handlers of signals would be run natively; who would share memory gets a copy of it.
 */
#if defined __x86_64__ && __has_include(<unicorn/unicorn.h>)
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unicorn/unicorn.h>
#include <unistd.h>

/* All memory of the program is taken from here, in this order: its file, its heap, its mappings, its stack. */
#define MEMORY   ((uint64_t)1 << 36)
#define SIZE     ((uint64_t)256 << 20)
#define HEAP     (MEMORY + ((uint64_t)32 << 20))
#define MAPPINGS (MEMORY + ((uint64_t)96 << 20))
#define STACK    (MEMORY + SIZE)
#define PAGE     ((uint64_t)4096)
#define UP(n)    (((n) + PAGE - 1) & ~(PAGE - 1))
#define DOWN(n)  ((n) & ~(PAGE - 1))

static uint64_t heap_end = HEAP, next_mapping = MAPPINGS;
static volatile uint64_t *counted; /* shared by all processes */

static void die(const char *what)
{
	fprintf(stderr, "count: %s: %s\n", what, strerror(errno));
	exit(125);
}

static long call(long nr, const uint64_t *a)
{
	register uint64_t r10 __asm__("r10") = a[3];
	register uint64_t r8 __asm__("r8") = a[4];
	register uint64_t r9 __asm__("r9") = a[5];
	long result;

	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
	                 : "rcx", "r11", "memory");
	return result;
}

/* Pages that were given back stay ours: the emulator may read ahead in them. */
static long unmap(uint64_t at, uint64_t len)
{
	uint64_t reserve[] = { at,         UP(len),
		               PROT_NONE,  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE,
		               UINT64_MAX, 0 };

	return call(SYS_mmap, reserve) < 0 ? -EINVAL : 0;
}

static long set_heap(uint64_t end)
{
	uint64_t more[] = { UP(heap_end),
		            UP(end) - UP(heap_end),
		            PROT_READ | PROT_WRITE,
		            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
		            UINT64_MAX,
		            0 };

	if (end < HEAP || end > MAPPINGS)
		return (long)heap_end;
	if (UP(end) > UP(heap_end) && call(SYS_mmap, more) < 0)
		return (long)heap_end;
	heap_end = end;
	return (long)end;
}

static long map(long nr, uint64_t *a)
{
	uint64_t len = UP(nr == SYS_mmap ? a[1] : a[2]), at = next_mapping;
	bool fixed = a[3] & (nr == SYS_mmap ? MAP_FIXED : MREMAP_FIXED);

	if (!fixed && nr == SYS_mmap) {
		a[0] = at;
		a[3] |= MAP_FIXED;
	} else if (!fixed) {
		a[4] = at;
		a[3] |= MREMAP_MAYMOVE | MREMAP_FIXED;
	}
	if (!fixed)
		next_mapping += len;
	uint64_t from = a[0], old = a[1];
	long result = call(nr, a);
	if (nr == SYS_mremap && result >= 0)
		unmap(from, old);
	return result;
}

/* clone3(2): a child with a stack and a thread pointer of its own has them in memory of its own here. */
static long clone_new(uc_engine *uc, const uint64_t a[6])
{
	struct clone_args args = { 0 };

	memcpy(&args, (const void *)a[0], a[1] < sizeof args ? a[1] : sizeof args);
	uint64_t tls = args.flags & CLONE_SETTLS ? args.tls : 0, top = args.stack + args.stack_size;
	args.flags &= ~(uint64_t)(CLONE_VM | CLONE_SETTLS | CLONE_VFORK);
	args.tls = args.stack = args.stack_size = 0;
	long result = call(SYS_clone3, (uint64_t[6]){ (uint64_t)&args, sizeof args });
	if (result == 0 && top)
		uc_reg_write(uc, UC_X86_REG_RSP, &top);
	if (result == 0 && tls)
		uc_reg_write(uc, UC_X86_REG_FS_BASE, &tls);
	return result;
}

static void on_syscall(uc_engine *uc, void *user)
{
	static const int regs[] = { UC_X86_REG_RDI, UC_X86_REG_RSI, UC_X86_REG_RDX,
		                    UC_X86_REG_R10, UC_X86_REG_R8,  UC_X86_REG_R9 };
	uint64_t a[6], nr, stack = 0;
	long result;

	(void)user;
	uc_reg_read(uc, UC_X86_REG_RAX, &nr);
	for (int i = 0; i < 6; i++)
		uc_reg_read(uc, regs[i], &a[i]);
	switch (nr) {
	case SYS_brk: result = set_heap(a[0]); break;
	case SYS_mmap:
	case SYS_mremap: result = map((long)nr, a); break;
	case SYS_munmap: result = unmap(a[0], a[1]); break;
	case SYS_arch_prctl: /* ARCH_SET_FS */
		result = a[0] == 0x1002 ? 0 : -EINVAL;
		if (result == 0)
			uc_reg_write(uc, UC_X86_REG_FS_BASE, &a[1]);
		break;
	/* The C library's own, of which the emulator's has one already. */
	case SYS_set_tid_address: result = getpid(); break;
	case SYS_set_robust_list:
	case SYS_rseq: result = -ENOSYS; break;
	case SYS_vfork:
	case SYS_fork: result = call(SYS_clone, (uint64_t[6]){ SIGCHLD }); break;
	case SYS_clone:
		stack = a[1];
		a[1] = 0;
		a[0] &= ~(uint64_t)(CLONE_VM | CLONE_SETTLS | CLONE_VFORK);
		result = call(SYS_clone, a);
		if (result == 0 && stack)
			uc_reg_write(uc, UC_X86_REG_RSP, &stack);
		break;
	case SYS_clone3: result = clone_new(uc, a); break;
	default: result = call((long)nr, a); break;
	}
	uc_reg_write(uc, UC_X86_REG_RAX, &result);
}

static void on_instruction(uc_engine *uc, uint64_t at, uint32_t size, void *user)
{
	(void)uc, (void)at, (void)size, (void)user;
	__atomic_fetch_add(counted, 1, __ATOMIC_RELAXED);
}

/* Maps a static PIE; returns its header, which is its first page. */
static const Elf64_Ehdr *load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf64_Ehdr head;
	Elf64_Phdr ph[32];

	if (fd < 0 || pread(fd, &head, sizeof head, 0) != sizeof head)
		die(path);
	if (head.e_type != ET_DYN || head.e_phnum > 32 ||
	    pread(fd, ph, head.e_phnum * sizeof *ph, (off_t)head.e_phoff) < 0) {
		fprintf(stderr, "count: %s is no static PIE\n", path);
		exit(77);
	}
	for (int i = 0; i < head.e_phnum; i++) {
		char *at = (char *)MEMORY + ph[i].p_vaddr;

		if (ph[i].p_type == PT_INTERP) {
			fprintf(stderr, "count: %s is not static\n", path);
			exit(77);
		}
		if (ph[i].p_type != PT_LOAD)
			continue;
		if (mprotect((void *)DOWN((uint64_t)at), UP((uint64_t)at % PAGE + ph[i].p_memsz),
		             PROT_READ | PROT_WRITE) < 0 ||
		    pread(fd, at, ph[i].p_filesz, (off_t)ph[i].p_offset) != (ssize_t)ph[i].p_filesz)
			die(path);
	}
	close(fd);
	return (const Elf64_Ehdr *)MEMORY;
}

/* What the kernel puts on a stack; returns where it begins. */
static uint64_t make_stack(const Elf64_Ehdr *head, char **argv)
{
	static char random[16];
	size_t argc = 0, n = 0;
	uint64_t words[128], size = PAGE * 256;

	if (mprotect((void *)(STACK - size), size, PROT_READ | PROT_WRITE) < 0)
		die("stack");
	/* Strings first: the emulated program reads none of our own memory. */
	char *text = (char *)STACK - 2 * PAGE;
	memcpy(text - sizeof random, random, sizeof random);
	words[n++] = 0;
	for (; argv[argc] && argc < 64; argc++) {
		words[n++] = (uint64_t)text;
		text = stpcpy(text, argv[argc]) + 1;
	}
	words[0] = argc;
	words[n++] = 0;
	words[n++] = (uint64_t)text;
	stpcpy(text, "TZ=UTC0"); /* no file is read for it */
	words[n++] = 0;
	uint64_t aux[] = { AT_PHDR,   MEMORY + head->e_phoff,
		           AT_PHENT,  sizeof(Elf64_Phdr),
		           AT_PHNUM,  head->e_phnum,
		           AT_PAGESZ, PAGE,
		           AT_ENTRY,  MEMORY + head->e_entry,
		           AT_RANDOM, STACK - 2 * PAGE - sizeof random,
		           AT_SECURE, 0,
		           AT_CLKTCK, 100,
		           AT_NULL,   0 };
	memcpy(words + n, aux, sizeof aux);
	n += sizeof aux / sizeof *aux;
	return (uint64_t)memcpy((char *)(STACK - 8 * PAGE), words, n * sizeof *words);
}

static int emulate(char **argv)
{
	const Elf64_Ehdr *head = load(argv[0]);
	uint64_t stack = make_stack(head, argv), end = 0;
	uc_hook hooks[2];
	uc_engine *uc;
	uc_err rc = uc_open(UC_ARCH_X86, UC_MODE_64, &uc);

	if (rc == UC_ERR_OK)
		rc = uc_mem_map_ptr(uc, MEMORY, SIZE, UC_PROT_ALL, (void *)MEMORY);
	if (rc == UC_ERR_OK)
		rc = uc_reg_write(uc, UC_X86_REG_RSP, &stack);
	if (rc == UC_ERR_OK)
		rc = uc_hook_add(uc, &hooks[0], UC_HOOK_INSN, (void *)on_syscall, NULL, 1, 0,
		                 UC_X86_INS_SYSCALL);
	if (rc == UC_ERR_OK)
		rc = uc_hook_add(uc, &hooks[1], UC_HOOK_CODE, (void *)on_instruction, NULL, 1, 0);
	if (rc == UC_ERR_OK)
		rc = uc_emu_start(uc, MEMORY + head->e_entry, 0, 0, 0);
	uc_reg_read(uc, UC_X86_REG_RIP, &end);
	fprintf(stderr, "count: the emulator stopped at %#lx: %s\n", end - MEMORY, uc_strerror(rc));
	return 125;
}

int main(int argc, char **argv)
{
	uint64_t before = 0;
	int status;

	if (argc < 3)
		return 2;
	counted = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (counted == MAP_FAILED ||
	    mmap((void *)MEMORY, SIZE, PROT_NONE,
	         MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE | MAP_NORESERVE, -1,
	         0) == MAP_FAILED)
		die("mmap");
	pid_t pid = fork();
	if (pid == 0)
		_exit(emulate(argv + 2));
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		die("fork");
	/* Who is left takes the steps to where it waits. */
	while (before != *counted) {
		before = *counted;
		nanosleep(&(struct timespec){ .tv_nsec = 300000000 }, NULL);
	}
	FILE *out = fopen(argv[1], "w");
	if (!out || fprintf(out, "%lu\n", before) < 0 || fclose(out) != 0)
		die(argv[1]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
#else
#include <stdio.h>

int main(void)
{
	fputs("count: built without libunicorn, or not for x86-64\n", stderr);
	return 77;
}
#endif
