/* deny: runs a program for which some system calls fail, as on a kernel or under a filter that does not have them.
 *
 *	deny ERRNO CALL[,CALL]... PROGRAM [ARGUMENT]...
 *
 * ERRNO and CALL are names of the tables. The program's children inherit it. Without libseccomp, so
 * that builds without it are tested too. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX 32

/* clang-format off */
static const struct {
	const char *name;
	unsigned number; /* from pidfd_send_signal on the same on every architecture */
} names[] = {
	{ "bpf", SYS_bpf },
	{ "capset", SYS_capset },
	{ "clone3", 435 },
	{ "close_range", 436 },
	{ "execveat", SYS_execveat },
	{ "faccessat2", 439 },
	{ "fsconfig", 431 },
	{ "fsmount", 432 },
	{ "fsopen", 430 },
	{ "ioprio_set", SYS_ioprio_set },
	{ "keyctl", SYS_keyctl },
	{ "memfd_create", SYS_memfd_create },
	{ "mknodat", SYS_mknodat },
	{ "mount_setattr", 442 },
	{ "move_mount", 429 },
	{ "mremap", SYS_mremap },
	{ "open_tree", 428 },
	{ "openat2", 437 },
	{ "personality", SYS_personality },
	{ "pidfd_getfd", 438 },
	{ "pidfd_open", 434 },
	{ "pidfd_send_signal", 424 },
	{ "pivot_root", SYS_pivot_root },
	{ "prlimit64", SYS_prlimit64 },
	{ "sched_setattr", SYS_sched_setattr },
	{ "seccomp", SYS_seccomp },
	{ "set_mempolicy", SYS_set_mempolicy },
	{ "setdomainname", SYS_setdomainname },
	{ "setgroups", SYS_setgroups },
	{ "sethostname", SYS_sethostname },
	{ "setns", SYS_setns },
	{ "setresuid", SYS_setresuid },
};

static const struct {
	const char *name;
	unsigned num;
} errors[] = {
	{ "EACCES", EACCES },
	{ "EAGAIN", EAGAIN },
	{ "EBUSY", EBUSY },
	{ "EDQUOT", EDQUOT },
	{ "EINVAL", EINVAL },
	{ "EIO", EIO },
	{ "ENFILE", ENFILE },
	{ "ENODEV", ENODEV },
	{ "ENOMEM", ENOMEM },
	{ "ENOSPC", ENOSPC },
	{ "ENOSYS", ENOSYS },
	{ "EOPNOTSUPP", EOPNOTSUPP },
	{ "EPERM", EPERM },
	{ "EROFS", EROFS },
	{ "ESRCH", ESRCH },
	{ "EUCLEAN", EUCLEAN },
	{ "EUSERS", EUSERS },
};
/* clang-format on */

static int fail(const char *what)
{
	fprintf(stderr, "deny: %s: %s\n", what, strerror(errno));
	return 125;
}

static int number_of(const char *name, unsigned *number)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i].name, name) == 0) {
			*number = names[i].number;
			return 0;
		}
	errno = EINVAL;
	return -1;
}

/* Each call is one comparison, which skips the return behind it. */
static int install(unsigned num, const unsigned *calls, int n)
{
	struct sock_filter code[2 + 2 * MAX] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	struct sock_fprog program = { .filter = code, .len = 1 };

	for (int i = 0; i < n; i++) {
		code[program.len++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, calls[i], 0, 1);
		code[program.len++] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | num);
	}
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	/* Only who may not do without: no_new_privs would change what the program may. */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0)
		return 0;
	if (errno != EACCES || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static unsigned error_of(const char *name)
{
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
		if (strcmp(errors[i].name, name) == 0)
			return errors[i].num;
	return 0;
}

int main(int argc, char **argv)
{
	unsigned calls[MAX];
	int n = 0;

	if (argc < 4 || !error_of(argv[1])) {
		fputs("deny ERRNO CALL[,CALL]... PROGRAM [ARGUMENT]...\n", stderr);
		return 125;
	}
	for (char *name = strtok(argv[2], ","); name; name = strtok(NULL, ",")) {
		if (n == MAX || number_of(name, &calls[n++]) < 0)
			return fail(name);
	}
	if (install(error_of(argv[1]), calls, n) < 0)
		return fail("install the filter");
	execvp(argv[3], argv + 3);
	return fail(argv[3]);
}
