/* exeswap: see exeswap.h. */
#include "host/exeswap.h"
#include "base/io.h"
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

/* AddressSanitizer puts some between our variables, and they may not be read. */
#if defined(__SANITIZE_ADDRESS__)
#define RED_ZONES 1
#else
#define RED_ZONES 0
#endif

/* Of the linker: where our ELF header is in memory. */
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

struct range {
	char *start;
	size_t len;
};

static uintptr_t down(uintptr_t at)
{
	return at & ~((uintptr_t)getpagesize() - 1);
}

static struct range pages(uintptr_t base, uintptr_t at, size_t n)
{
	uintptr_t start = down(base + at), end = down(base + at + n + (size_t)getpagesize() - 1);

	return (struct range){ (char *)start, end - start };
}

/* What nobody has written to: the same bytes from the other mount, while they are executed. */
static int map_again(const ElfW(Phdr) * ph, uintptr_t base, int fd)
{
	struct range r = pages(base, ph->p_vaddr, ph->p_filesz);
	int prot = PROT_READ | (ph->p_flags & PF_X ? PROT_EXEC : 0);
	void *at = mmap(r.start, r.len, prot, MAP_PRIVATE | MAP_FIXED, fd,
	                (off_t)down((uintptr_t)ph->p_offset));

	return at == MAP_FAILED ? -errno : 0;
}

/* Data: a copy in memory of our own, put over it. Nothing between the two calls writes to data. */
static int copy_over(const ElfW(Phdr) * ph, uintptr_t base)
{
	struct range r = pages(base, ph->p_vaddr, ph->p_filesz);
	void *copy = mmap(NULL, r.len, PROT_READ | PROT_WRITE,
	                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (copy == MAP_FAILED)
		return -errno;
	memcpy(copy, r.start, r.len);
	if (mremap(copy, r.len, r.len, MREMAP_MAYMOVE | MREMAP_FIXED, r.start) != MAP_FAILED)
		return 0;
	int rc = -errno;
	munmap(copy, r.len);
	return rc;
}

/* What the dynamic linker has made read-only behind the relocations. */
static int protect(const ElfW(Phdr) * ph, uintptr_t base)
{
	uintptr_t start = down(base + ph->p_vaddr), end = down(base + ph->p_vaddr + ph->p_memsz);

	return mprotect((void *)start, end - start, PROT_READ) < 0 ? -errno : 0;
}

/* The n-th number of /proc/self/stat, proc_pid_stat(5); 0 when it is not there. What is in parentheses is our name. */
static uint64_t number(const char *stat, int n)
{
	const char *p = strrchr(stat, ')');

	for (int i = 2; p && i < n; i++)
		p = strchr(p + 1, ' ');
	return p ? strtoull(p + 1, NULL, 10) : 0;
}

/* The other way to say it, PR_SET_MM_MAP: takes CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN instead, and the layout of our
 * memory along with it, which stays as it is. */
static int set_map(int fd)
{
	char stat[1024];
	ssize_t n = io_read_small(AT_FDCWD, "/proc/self/stat", stat, sizeof stat);

	if (n < 0)
		return (int)n;
	struct prctl_mm_map map = {
		.start_code = number(stat, 26),
		.end_code = number(stat, 27),
		.start_data = number(stat, 45),
		.end_data = number(stat, 46),
		.start_brk = number(stat, 47),
		.brk = (uint64_t)(uintptr_t)sbrk(0),
		.start_stack = number(stat, 28),
		.arg_start = number(stat, 48),
		.arg_end = number(stat, 49),
		.env_start = number(stat, 50),
		.env_end = number(stat, 51),
		.exe_fd = (uint32_t)fd,
	};
	return prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof map, 0) < 0 ? -errno : 0;
}

int exeswap(int fd)
{
	const ElfW(Ehdr) *elf = &__ehdr_start;
	const ElfW(Phdr) *ph = (const void *)((const char *)elf + elf->e_phoff);
	uintptr_t base = 0;
	int rc = 0;

	if (RED_ZONES)
		return -ENOSYS;
	for (int i = 0; i < elf->e_phnum; i++)
		if (ph[i].p_type == PT_LOAD && ph[i].p_offset == 0)
			base = (uintptr_t)elf - ph[i].p_vaddr;
	for (int i = 0; i < elf->e_phnum && rc == 0; i++)
		if (ph[i].p_type == PT_LOAD)
			rc = ph[i].p_flags & PF_W ? copy_over(&ph[i], base)
			                          : map_again(&ph[i], base, fd);
	for (int i = 0; i < elf->e_phnum && rc == 0; i++)
		if (ph[i].p_type == PT_GNU_RELRO)
			rc = protect(&ph[i], base);
	if (rc == 0 && prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, (unsigned long)fd, 0, 0) < 0)
		rc = errno == EPERM ? set_map(fd) : -errno;
	return rc;
}
