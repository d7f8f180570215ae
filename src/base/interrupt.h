/* interrupt: the signals by which somebody asks a command to end (SIGHUP, SIGINT, SIGQUIT, SIGTERM). While a command has
 * something to take back they are held back, and come only in the waits that say so: a hung hook can be ended, and
 * nothing is left half-way. */
#pragma once
#include <poll.h>
#include <signal.h>
#include <stdbool.h>

/* From here on the four are blocked; those that our caller ignored stay ignored. Again: no change. */
void interrupt_begin(void);
/* They have again the effect and the mask that they had before. One that waits comes now. */
void interrupt_end(void);
/* Takes the four out of a mask for ppoll(2), when they are held back. */
void interrupt_open(sigset_t *mask);
/* poll(2) that they end: then -1 with EINTR, and interrupt_count() has grown. What is ready goes before them. */
int interrupt_poll(struct pollfd *p, nfds_t n, int timeout);
/* Has one come that nobody has waited for? Takes it. */
bool interrupt_pending(void);
/* How many have been taken. */
unsigned interrupt_count(void);
/* The first of them, or 0: then the command's exit status is 128 + this. */
int interrupt_signal(void);
/* "SIGTERM": the last one taken. */
const char *interrupt_name(void);
