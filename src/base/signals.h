/* signals: names and numbers of the signals, signal(7). Pure. */
#pragma once

/* "SIGHUP", "SIGINT" ...: for "did you mean". The real-time signals are not in it. NULL-terminated. */
extern const char *const signal_words[];

/* The number of "TERM", "SIGTERM", "sigterm", "15", "SIGRTMIN+3" or "RTMAX-1"; -1 when it is none. Numbers go from 0
 * (asks only whether the process is there) to 64. SIGRTMIN is 34, as for everyone who sends signals to containers. */
int signal_by_name(const char *text);
