/* interrupt: see interrupt.h. A handler that only takes notes, and no descriptor: these may be what runs out. */
#include "base/interrupt.h"
#include <stddef.h>
#include <time.h>

static const int asked[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
#define N_ASKED (sizeof asked / sizeof *asked)

static struct sigaction old_action[N_ASKED];
static sigset_t watched, old_mask;
static bool begun;
static volatile sig_atomic_t first, last;
static volatile unsigned count;

static void take(int sig)
{
	if (!first)
		first = sig;
	last = sig;
	count++;
}

void interrupt_begin(void)
{
	const struct sigaction action = { .sa_handler = take };

	if (begun)
		return;
	begun = true;
	sigemptyset(&watched);
	for (size_t i = 0; i < N_ASKED; i++)
		if (sigaction(asked[i], NULL, &old_action[i]) == 0 &&
		    old_action[i].sa_handler != SIG_IGN)
			sigaddset(&watched, asked[i]);
	sigprocmask(SIG_BLOCK, &watched, &old_mask);
	for (size_t i = 0; i < N_ASKED; i++)
		if (sigismember(&watched, asked[i]) == 1)
			sigaction(asked[i], &action, NULL);
}

void interrupt_end(void)
{
	if (!begun)
		return;
	begun = false;
	for (size_t i = 0; i < N_ASKED; i++)
		if (sigismember(&watched, asked[i]) == 1)
			sigaction(asked[i], &old_action[i], NULL);
	sigprocmask(SIG_SETMASK, &old_mask, NULL);
}

void interrupt_open(sigset_t *mask)
{
	for (size_t i = 0; begun && i < N_ASKED; i++)
		if (sigismember(&watched, asked[i]) == 1)
			sigdelset(mask, asked[i]);
}

int interrupt_poll(struct pollfd *p, nfds_t n, int timeout)
{
	const struct timespec t = { .tv_sec = timeout / 1000,
		                    .tv_nsec = timeout % 1000 * 1000000L };
	sigset_t mask;

	sigprocmask(SIG_BLOCK, NULL, &mask);
	interrupt_open(&mask);
	return ppoll(p, n, timeout < 0 ? NULL : &t, &mask);
}

bool interrupt_pending(void)
{
	const struct timespec none = { 0 };
	int sig = begun ? sigtimedwait(&watched, NULL, &none) : -1;

	if (sig > 0)
		take(sig);
	return sig > 0;
}

unsigned interrupt_count(void)
{
	return count;
}

int interrupt_signal(void)
{
	return first;
}

const char *interrupt_name(void)
{
	switch (last) {
	case SIGHUP: return "SIGHUP";
	case SIGINT: return "SIGINT";
	case SIGQUIT: return "SIGQUIT";
	default: return "SIGTERM";
	}
}
