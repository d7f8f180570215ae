/* signals: see signals.h. */
#include "base/signals.h"
#include "base/str.h"
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* Not libc's SIGRTMIN: the receiver may have another libc, and glibc's value is what people mean. */
#define RT_MIN 34
#define RT_MAX 64

#define PREFIX 3 /* strlen("SIG") */

const char *const signal_words[] = {
	"SIGHUP",  "SIGINT",    "SIGQUIT", "SIGILL",  "SIGTRAP",   "SIGABRT", "SIGBUS",
	"SIGFPE",  "SIGKILL",   "SIGUSR1", "SIGSEGV", "SIGUSR2",   "SIGPIPE", "SIGALRM",
	"SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP",   "SIGTSTP", "SIGTTIN",
	"SIGTTOU", "SIGURG",    "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH",
	"SIGIO",   "SIGPWR",    "SIGSYS",  "SIGCLD",  "SIGIOT",    "SIGPOLL", NULL,
};

/* In the order of signal_words[]; the last three are second names. */
static const int numbers[] = {
	SIGHUP,   SIGINT,  SIGQUIT, SIGILL,  SIGTRAP, SIGABRT, SIGBUS,    SIGFPE,    SIGKILL,
	SIGUSR1,  SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGCHLD,   SIGCONT,
	SIGSTOP,  SIGTSTP, SIGTTIN, SIGTTOU, SIGURG,  SIGXCPU, SIGXFSZ,   SIGVTALRM, SIGPROF,
	SIGWINCH, SIGIO,   SIGPWR,  SIGSYS,  SIGCHLD, SIGABRT, SIGIO,
};
_Static_assert(sizeof numbers / sizeof *numbers == sizeof signal_words / sizeof *signal_words - 1,
               "a signal without a number");

/* "RTMIN", "RTMIN+3", "RTMAX-3"; -1 for anything else. */
static int realtime(const char *name)
{
	bool from_min = strncasecmp(name, "RTMIN", 5) == 0;
	const char *rest = name + 5;
	uint64_t n = 0;

	if (!from_min && strncasecmp(name, "RTMAX", 5) != 0)
		return -1;
	if (*rest &&
	    (*rest != (from_min ? '+' : '-') || str_u64(rest + 1, RT_MAX - RT_MIN, &n) < 0))
		return -1;
	return from_min ? RT_MIN + (int)n : RT_MAX - (int)n;
}

int signal_by_name(const char *text)
{
	uint64_t n;

	if (str_u64(text, RT_MAX, &n) == 0)
		return (int)n;
	if (strncasecmp(text, "SIG", PREFIX) == 0)
		text += PREFIX;
	for (size_t i = 0; signal_words[i]; i++)
		if (strcasecmp(signal_words[i] + PREFIX, text) == 0)
			return numbers[i];
	return realtime(text);
}
