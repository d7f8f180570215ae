/* exefile: see exefile.h. */
#include "apply/exefile.h"
#include "base/fd.h"
#include "base/io.h"
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define HEAD      256 /* bytes of a file that the kernel looks at (BINPRM_BUF_SIZE) */
#define SCRIPTS   4   /* scripts that interpret scripts, at most */
#define MAX_PHDRS 64

#if defined(__x86_64__)
#define OUR_MACHINE EM_X86_64
#elif defined(__i386__)
#define OUR_MACHINE EM_386
#elif defined(__aarch64__)
#define OUR_MACHINE EM_AARCH64
#elif defined(__arm__)
#define OUR_MACHINE EM_ARM
#elif defined(__riscv)
#define OUR_MACHINE EM_RISCV
#elif defined(__powerpc64__)
#define OUR_MACHINE EM_PPC64
#elif defined(__s390x__)
#define OUR_MACHINE EM_S390
#elif defined(__loongarch__)
#define OUR_MACHINE EM_LOONGARCH
#elif defined(__mips__)
#define OUR_MACHINE EM_MIPS
#else
#error "name this machine for ELF"
#endif
#ifndef EM_LOONGARCH
#define EM_LOONGARCH 258
#endif

/* As the program would: behind the pivot "/" is the container's, and the rights are the user's. A fifo hangs nobody. */
static int open_file(const char *path)
{
	return openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* The first directory on the way that may not be searched, into why. */
static void find_closed(const char *path, char *why, size_t n)
{
	char part[PATH_MAX];
	struct stat st;
	size_t end = 0, good = 0;

	if (strlen(path) >= sizeof part)
		return;
	while (path[end]) {
		end += 1 + strcspn(path + end + 1, "/");
		snprintf(part, sizeof part, "%.*s", (int)end, path);
		if (fstatat(AT_FDCWD, part, &st, 0) < 0)
			break;
		good = end;
	}
	snprintf(part, sizeof part, "%.*s", (int)good, path);
	if (!good)
		snprintf(part, sizeof part, "%s", *path == '/' ? "/" : ".");
	snprintf(why, n, "no search permission on %.150s", part);
}

/* Is it there, a program, and ours to execute? */
static int check_access(const char *path, char *why, size_t n)
{
	struct stat st;
	struct statvfs fs;

	if (fstatat(AT_FDCWD, path, &st, 0) < 0) {
		int num = errno;

		if (num == EACCES)
			find_closed(path, why, n);
		return num;
	}
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (!S_ISREG(st.st_mode)) {
		snprintf(why, n, "not a regular file");
		return EACCES;
	}
	int num = -io_may(path, X_OK);
	if (num == 0)
		return 0;
	if (num == EACCES && statvfs(path, &fs) == 0 && (fs.f_flag & ST_NOEXEC))
		snprintf(why, n, "its file system is mounted noexec");
	else if (num == EACCES)
		snprintf(why, n, "its mode is %04o", (unsigned)st.st_mode & 07777);
	return num;
}

/* The interpreter that the kernel takes from "#! /bin/sh -e\n", fs/binfmt_script.c. 0, or ENOEXEC. */
static int script_interpreter(const char *head, size_t len, char *interp, bool *crlf)
{
	size_t at = 2, line;

	for (line = at; line < len && head[line] != '\n' && head[line]; line++)
		;
	while (at < line && (head[at] == ' ' || head[at] == '\t'))
		at++;
	size_t end = at;
	while (end < line && head[end] != ' ' && head[end] != '\t')
		end++;
	if (end == at)
		return ENOEXEC;
	*crlf = head[end - 1] == '\r';
	memcpy(interp, head + at, end - at);
	interp[end - at] = '\0';
	if (*crlf)
		interp[end - at - 1] = '\0';
	return 0;
}

/* The loader that a native ELF program names, or "". Whatever is odd is left to the kernel. */
static void elf_interpreter(int fd, const ElfW(Ehdr) * e, char *interp, size_t n)
{
	ElfW(Phdr) ph[MAX_PHDRS];
	size_t count = e->e_phnum < MAX_PHDRS ? e->e_phnum : MAX_PHDRS;

	*interp = '\0';
	if (e->e_phentsize != sizeof *ph ||
	    pread(fd, ph, count * sizeof *ph, (off_t)e->e_phoff) != (ssize_t)(count * sizeof *ph))
		return;
	for (size_t i = 0; i < count; i++) {
		if (ph[i].p_type != PT_INTERP || ph[i].p_filesz > n)
			continue;
		if (pread(fd, interp, ph[i].p_filesz, (off_t)ph[i].p_offset) !=
		            (ssize_t)ph[i].p_filesz ||
		    interp[ph[i].p_filesz - 1])
			*interp = '\0';
		return;
	}
}

static bool is_elf(const char *head, size_t len)
{
	return len >= sizeof(ElfW(Ehdr)) && memcmp(head, ELFMAG, SELFMAG) == 0;
}

static bool is_native(const ElfW(Ehdr) * e)
{
	return e->e_ident[EI_CLASS] == (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) &&
	       e->e_machine == OUR_MACHINE;
}

/* A name for errors, with what does not print made visible. */
static const char *printable(char *text)
{
	for (char *x = text; *x; x++)
		if ((unsigned char)*x < ' ' || *x == 127)
			*x = '?';
	return text;
}

/* The interpreter of a script: found, or why not. */
static int check_interpreter(char *interp, bool crlf, char *why, size_t n)
{
	char inner[200] = "";
	int num = crlf ? ENOENT : check_access(interp, inner, sizeof inner);

	if (!num)
		return 0;
	if (crlf)
		snprintf(why, n,
		         "its #! line ends with CR LF, so that interpreter \"%s\\r\" is not found",
		         printable(interp));
	else
		snprintf(why, n, "interpreter %s of its #! line %s%s%s", printable(interp),
		         num == ENOENT ? "not found" : "cannot be executed", *inner ? ": " : "",
		         inner);
	return num == EISDIR ? EACCES : num;
}

static int check_loader(int fd, const char *head, char *why, size_t n)
{
	char interp[PATH_MAX];
	ElfW(Ehdr) e;

	memcpy(&e, head, sizeof e);
	if (!is_native(&e))
		return 0;
	elf_interpreter(fd, &e, interp, sizeof interp);
	int num = *interp ? -io_may(interp, F_OK) : 0;
	if (num == 0)
		return 0;
	snprintf(why, n, "its ELF loader %.150s %s", printable(interp),
	         num == ENOENT ? "not found" : "cannot be reached");
	return num;
}

int exefile_check(const char *path, char *why, size_t n)
{
	char file[PATH_MAX], head[HEAD], interp[HEAD];
	bool crlf;

	*why = '\0';
	int num = check_access(path, why, n);
	snprintf(file, sizeof file, "%s", path);
	for (int i = 0; num == 0 && i <= SCRIPTS; i++) {
		autofd fd = open_file(file);
		/* May be executed but not read: the kernel will tell. */
		ssize_t len = fd < 0 ? 0 : read(fd, head, sizeof head);

		if (len > 2 && head[0] == '#' && head[1] == '!') {
			if (script_interpreter(head, (size_t)len, interp, &crlf) != 0)
				break;
			num = check_interpreter(interp, crlf, why, n);
			snprintf(file, sizeof file, "%s", interp);
			continue;
		}
		if (len > 0 && is_elf(head, (size_t)len))
			num = check_loader(fd, head, why, n);
		break;
	}
	return num;
}

static const char *machine_name(unsigned machine)
{
	switch (machine) {
	case EM_X86_64: return "x86-64";
	case EM_386: return "x86";
	case EM_AARCH64: return "arm64";
	case EM_ARM: return "arm";
	case EM_RISCV: return "riscv";
	case EM_PPC64: return "ppc64";
	case EM_S390: return "s390";
	case EM_LOONGARCH: return "loongarch";
	case EM_MIPS: return "mips";
	default: return "another machine";
	}
}

void exefile_format(const char *path, char *why, size_t n)
{
	char head[HEAD];
	ElfW(Ehdr) e;
	autofd fd = open_file(path);
	ssize_t len = fd < 0 ? -1 : read(fd, head, sizeof head);

	*why = '\0';
	if (len < 0)
		return;
	if (len == 0)
		snprintf(why, n, "it is empty");
	else if (len > 2 && head[0] == '#' && head[1] == '!')
		snprintf(why, n, "its #! line names no interpreter that runs");
	else if (!is_elf(head, (size_t)len))
		snprintf(why, n, "neither a program nor a script with a #! line");
	else {
		memcpy(&e, head, sizeof e);
		if (!is_native(&e))
			snprintf(why, n, "it is for %s, this machine is %s",
			         machine_name(e.e_machine), machine_name(OUR_MACHINE));
	}
}
