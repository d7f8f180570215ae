/* notify: a container that is a service tells systemd when it is ready, sd_notify(3) (engine-contract.md 1.8). The socket
 * that NOTIFY_SOCKET names is the host's; the container gets one of its own, in a directory of its state that is mounted
 * on /run/notify, and who has started it passes on what comes there: that it is ready, and nothing else. */
#pragma once
#include "base/err.h"
#include "store/record.h"
#include <stdbool.h>

/* Is there a socket of systemd's to pass things on to? NOTIFY_SOCKET is a path, or "@" and an abstract name. */
bool notify_asked(void);
/* Makes the directory in dir, a container's. 0 or -errno. */
int notify_make(int dir);
/* Listens in it. A descriptor; -1 when it is not asked for, or the container was created without it; -1 with e. */
int notify_listen(int dir, struct err *e);
/* Reads what has come. True when the container is ready and the host has been told, with the pid of its main process
 * unless that is 0 (the caller goes on being it). */
bool notify_take(int sock, pid_t main_pid);
/* The same until it is ready, or init (pidfd) has ended. Then waits until systemd has read it: whoever ends right after
 * speaking cannot be told from a stranger. */
void notify_wait(int sock, int pidfd, pid_t main_pid);
