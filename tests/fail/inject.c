/* inject: runs a program under ptrace(2), and kills one of its processes at one of its system calls, or makes that call
 * fail.
 *
 *	inject PROCESS CALL ACTION FILE PROGRAM [ARGUMENT]...
 *
 * PROCESS counts from 0, the program itself, in the order of birth; CALL counts the system calls of each from 1, 0: none;
 * those of another program that a child executes do not count.
 * ACTION is kill, or the number of an errno. FILE gets one line for each process: "PID CALLS", and "hit NUMBER" for the
 * system call that was met. The exit status is the program's, 128 + N when a signal ended it, 124 after a minute.
 * strace -e inject counts per process too, but cannot choose one. */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX 64
#define OPTIONS                                                                                    \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |  \
	 PTRACE_O_TRACEEXEC)

static struct process {
	pid_t pid;
	long calls;
	bool inside;   /* in a system call */
	bool executed; /* the container's program: its calls are not ours */
} processes[MAX];
static int n_processes;
static volatile sig_atomic_t late;

static void on_alarm(int sig)
{
	(void)sig;
	late = 1;
}

static struct process *find(pid_t pid)
{
	for (int i = 0; i < n_processes; i++)
		if (processes[i].pid == pid)
			return &processes[i];
	if (n_processes == MAX)
		exit(125);
	processes[n_processes].pid = pid;
	return &processes[n_processes++];
}

#ifdef __x86_64__
static long number(pid_t pid)
{
	struct user_regs_struct r;

	return ptrace(PTRACE_GETREGS, pid, NULL, &r) < 0 ? -1 : (long)r.orig_rax;
}

/* At the entry: the kernel is to make no call at all. */
static void skip_call(pid_t pid)
{
	struct user_regs_struct r;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &r) < 0)
		return;
	r.orig_rax = (unsigned long)-1;
	ptrace(PTRACE_SETREGS, pid, NULL, &r);
}

/* At the exit. */
static void set_result(pid_t pid, long result)
{
	struct user_regs_struct r;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &r) < 0)
		return;
	r.rax = (unsigned long)result;
	ptrace(PTRACE_SETREGS, pid, NULL, &r);
}
#elif defined __aarch64__
static long number(pid_t pid)
{
	int n = -1;
	struct iovec v = { &n, sizeof n };

	return ptrace(PTRACE_GETREGSET, pid, NT_ARM_SYSTEM_CALL, &v) < 0 ? -1 : n;
}

static void skip_call(pid_t pid)
{
	int n = -1;
	struct iovec v = { &n, sizeof n };

	ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &v);
}

static void set_result(pid_t pid, long result)
{
	struct user_regs_struct r;
	struct iovec v = { &r, sizeof r };

	if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &v) < 0)
		return;
	r.regs[0] = (unsigned long)result;
	ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &v);
}
#else
#error "how are the results of system calls set here?"
#endif

/* What cannot fail: nobody looks. brk(2) says where the end is, not why it has not moved. */
static bool cannot_fail(long nr)
{
	static const long always[] = { SYS_exit,    SYS_exit_group, SYS_rt_sigreturn, SYS_brk,
		                       SYS_getpid,  SYS_getppid,    SYS_gettid,       SYS_getuid,
		                       SYS_geteuid, SYS_getgid,     SYS_getegid,      SYS_umask };

	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		if (always[i] == nr)
			return true;
	return false;
}

static bool started; /* the program runs: what came before is our own */
static long
	hit = -1,
	failing; /* its number; the errno to set at its exit, 0 when there is none or it is set */

/* A process is at the entry of a call, or behind it. */
static void on_call(struct process *p, bool chosen, long call, const char *action)
{
	p->inside = !p->inside;
	if (!p->inside) {
		if (failing && chosen && p->calls == call) {
			set_result(p->pid, -failing);
			failing = 0;
		}
		return;
	}
	if (p->executed)
		return;
	p->calls++;
	if (!chosen || !started || p->calls != call)
		return;
	hit = number(p->pid);
	if (strcmp(action, "kill") == 0) {
		kill(p->pid, SIGKILL);
	} else if (!cannot_fail(hit)) {
		failing = atol(action);
		/* It always closes, whatever it says. */
		if (hit != SYS_close)
			skip_call(p->pid);
	}
}

/* A stop that is no call's: the signal to go on with. */
static int on_stop(struct process *p, int status)
{
	if (status >> 16 == PTRACE_EVENT_EXEC) {
		p->executed = started && p != processes;
		if (!started)
			p->calls = 0;
		started = true;
	}
	return status >> 16 ? 0 : WSTOPSIG(status);
}

static int trace(pid_t main, int which, long call, const char *action)
{
	int status, rc = -1;

	/* Nobody else would give a child its result. */
	while (rc < 0 || failing) {
		pid_t pid = waitpid(-1, &status, __WALL);

		if (late) {
			for (int i = 0; i < n_processes; i++)
				kill(processes[i].pid, SIGKILL);
			return 124;
		}
		if (pid < 0)
			return 125;
		struct process *p = find(pid);
		if (!WIFSTOPPED(status)) {
			if (p - processes == which)
				failing = 0;
			if (pid == main)
				rc = WIFEXITED(status) ? WEXITSTATUS(status)
				                       : 128 + WTERMSIG(status);
			continue;
		}
		int sig = 0;
		if (WSTOPSIG(status) == (SIGTRAP | 0x80))
			on_call(p, p - processes == which, call, action);
		else
			sig = on_stop(p, status);
		ptrace(PTRACE_SYSCALL, pid, NULL, (long)sig);
	}
	return rc;
}

int main(int argc, char **argv)
{
	if (argc < 6)
		return 2;
	int go[2];
	char c = 0;
	if (pipe(go) < 0)
		return 125;
	pid_t pid = fork();
	if (pid == 0) {
		close(go[1]);
		if (read(go[0], &c, 1) != 1)
			_exit(127);
		close(go[0]);
		execv(argv[5], argv + 5);
		_exit(127);
	}
	close(go[0]);
	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = on_alarm }, NULL);
	alarm(60);
	/* Seized: children are then born without a SIGSTOP, which would stop them for good when we end first. A stop is
	 * asked for to begin with the calls. */
	if (ptrace(PTRACE_SEIZE, pid, NULL, OPTIONS) < 0 ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0 || waitpid(pid, NULL, __WALL) != pid)
		return 125;
	find(pid);
	if (write(go[1], &c, 1) != 1)
		return 125;
	close(go[1]);
	ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	int rc = trace(pid, atoi(argv[1]), atol(argv[2]), argv[3]);
	FILE *out = fopen(argv[4], "w");
	for (int i = 0; out && i < n_processes; i++)
		fprintf(out, "%d %ld\n", (int)processes[i].pid, processes[i].calls);
	if (out && hit >= 0)
		fprintf(out, "hit %ld\n", hit);
	if (out)
		fclose(out);
	return rc;
}
