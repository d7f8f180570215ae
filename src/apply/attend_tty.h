/* attend_tty: copies between our stdin and stdout and a container's terminal, and keeps our own terminal raw for as
 * long as it is ours. Part of attend; for one terminal at a time. Nothing here waits: attend polls. */
#pragma once
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#define ATTEND_TTY_FDS 3 /* stdin, master, stdout */

/* One direction: what was read and is not yet written. */
struct attend_half {
	int from, to; /* -1: has ended */
	bool from_nowait; /* pipes and sockets: ask the kernel not to wait for others who use the same one */
	bool to_nowait;
	size_t at, n;
	char buf[4096];
};

struct attend_tty {
	int master; /* -1: there is none, or none any more */
	int peer; /* the other side: held, so that a program that closes its terminal can open it again */
	int own_in,
		own_out; /* our terminal, opened anew: O_NONBLOCK on stdin would be everybody's */
	bool typed;      /* stdin is a terminal */
	bool front;      /* and we are in its foreground: it is raw, and read */
	bool saved;      /* before is its state when we came */
	bool rest; /* poll(2) promised what was not so: wait a little instead of asking again at once */
	bool line_open; /* what went in last was not the end of a line */
	int failed;     /* errno of a write to stdout */
	size_t drained; /* read after the program's end */
	struct termios before;
	struct attend_half in, out;
};

/* Takes master (-1: everything below does nothing). Copies the size of our terminal, and makes that raw. */
void attend_tty_begin(struct attend_tty *t, int master);
/* Descriptors to wait for; returns for how long, in ms, or -1. */
int attend_tty_poll(struct attend_tty *t, struct pollfd p[ATTEND_TTY_FDS]);
/* Moves what can be moved. */
void attend_tty_move(struct attend_tty *t, const struct pollfd p[ATTEND_TTY_FDS]);
/* Our window has another size. */
void attend_tty_resize(const struct attend_tty *t);
/* We were stopped, and whoever had the terminal meanwhile has set it as he likes. */
void attend_tty_resume(struct attend_tty *t);
/* After the program's end: is there anything of what it wrote that did not arrive? */
bool attend_tty_left(struct attend_tty *t);
/* Our terminal is as before, the master closed, also in the middle. */
void attend_tty_end(struct attend_tty *t);
