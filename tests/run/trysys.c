/* trysys: makes system calls and prints how each ended, for tests of filters. Runs inside a container, so link it
 * statically.
 *
 *	trysys [32:]CALL[,ARGUMENT]...
 *
 * A CALL is a number, or a name of the table; with 32: it is made as a 32-bit program makes it (x86 only). One line
 * for each: 0, or the errno. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX 6

static const struct {
	const char *name;
	long number;
} names[] = {
	{ "chroot", SYS_chroot }, { "close", SYS_close },
	{ "dup", SYS_dup },       { "getpid", SYS_getpid },
	{ "kill", SYS_kill },     { "mkdirat", SYS_mkdirat },
	{ "uname", SYS_uname },   { "personality", SYS_personality },
};

static long number_of(const char *word)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i].name, word) == 0)
			return names[i].number;
	return strtol(word, NULL, 0);
}

static int call_32(long number, const long *arg)
{
	long rc = -ENOTSUP;

#ifdef __x86_64__
	__asm__ volatile("int $0x80"
	                 : "=a"(rc)
	                 : "a"(number), "b"(arg[0]), "c"(arg[1]), "d"(arg[2]), "S"(arg[3]),
	                   "D"(arg[4])
	                 : "memory", "r8", "r9", "r10", "r11");
#else
	(void)number;
	(void)arg;
#endif
	return rc < 0 ? (int)-rc : 0;
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		int compat = strncmp(argv[i], "32:", 3) == 0, n = 0;
		char *word = strtok(argv[i] + (compat ? 3 : 0), ",");
		long number = word ? number_of(word) : -1, arg[MAX] = { 0 };

		while (n < MAX && (word = strtok(NULL, ",")))
			arg[n++] = (long)strtoul(word, NULL, 0);
		if (compat)
			printf("%d\n", call_32(number, arg));
		else
			printf("%d\n",
			       syscall(number, arg[0], arg[1], arg[2], arg[3], arg[4], arg[5]) < 0
			               ? errno
			               : 0);
		fflush(stdout);
	}
	return 0;
}
