/* rights: one message over a socket, with a descriptor beside it (unix(7), SCM_RIGHTS). Safe after clone. */
#pragma once
#include <stddef.h>
#include <sys/types.h>

/* Sends len bytes, at least one where the socket is a stream, and fd unless that is -1; the caller keeps its own. flags
 * as for sendmsg(2), with MSG_NOSIGNAL. How many bytes went, fd with the first of them, or -errno. */
ssize_t rights_send(int sock, int fd, const void *bytes, size_t len, int flags);
