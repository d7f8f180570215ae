/* fd: who owns a descriptor is written in the code. -1 is "none". Everything is born O_CLOEXEC. */
#pragma once
#include <errno.h>
#include <unistd.h>

/* Closes *fd unless it is -1; never fails, keeps errno, leaves -1. */
static inline void fd_close(int *fd)
{
	int e = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = e;
}

/* Gives the descriptor away: the cleanup of an autofd does not close it any more. */
static inline int fd_take(int *fd)
{
	int x = *fd;

	*fd = -1;
	return x;
}

/* autofd fd = open(...);  ...  return fd_take(&fd); */
#define autofd __attribute__((cleanup(fd_close))) int
