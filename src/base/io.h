/* io: whole files, read and written at a directory descriptor. 0 or more on success, -errno on failure. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Reads at most n - 1 bytes of a file and terminates buf. path "" means dirfd itself. Returns the length;
 * -EFBIG when there is more. For kernel files and other small ones; opened O_NONBLOCK | O_NOFOLLOW. */
ssize_t io_read_small(int dirfd, const char *path, char *buf, size_t n);

/* Writes the whole text with one write(2) to an existing file (kernel files want it whole). -EIO on a short write. */
int io_write_kernel(int dirfd, const char *path, const char *text, size_t len);

/* Writes all of buf to fd, going on after EINTR and short writes. */
int io_write_all(int fd, const void *buf, size_t len);
/* Reads until n bytes or end of file. Returns the count. */
ssize_t io_read_all(int fd, void *buf, size_t n);

/* Replaces path in dirfd at once: O_EXCL temporary file beside it, written, renamed over it. The temporary name is
 * ".<path>.tmp"; a stale one of a killed process is removed first (the caller holds the lock). Mode as given. */
int io_replace(int dirfd, const char *path, const char *text, size_t len, mode_t mode);

/* Maps a regular file of at most max bytes read-only into memory that lives until exit; *len is its size. An empty
 * file gives "" and 0. -ENOTSUP when it is not a regular file (fifos and devices do not hang), -EFBIG when larger. */
int io_load(int dirfd, const char *path, size_t max, const char **text, size_t *len);

/* access(2) with the effective ids; mode: F_OK or R_OK, W_OK, X_OK. 0 when they may, -errno. A filter that does not know
 * faccessat2(2) (Linux 5.8) says EPERM to it: then the real ids are asked about. */
int io_may(const char *path, int mode);
