/* path: the one file that opens paths inside a rootfs (security.md R1). Every path is resolved from a directory
 * descriptor by openat2(2) with RESOLVE_IN_ROOT: symlinks cannot lead out of it, magic links are refused.
 * Nothing here takes a joined string. All return a descriptor or 0, or -errno. Safe after clone. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum path_how {
	PATH_DEFAULT = 0,
	PATH_NO_LINKS = 1 << 0,  /* no component may be a symlink: -ELOOP (proc, sys: R14) */
	PATH_NO_FOLLOW = 1 << 1, /* the last component may be a symlink; it is opened itself */
};

/* Opens an existing path in root with O_PATH | O_CLOEXEC. "" or "/" is root itself. -EAGAIN races are retried with
 * a bound, then -EAGAIN. */
int path_open(int root, const char *path, enum path_how how);
/* The same for reading or writing: flags as for open(2), without O_CREAT. */
int path_open_file(int root, const char *path, int flags, enum path_how how);

/* Opens the directory that holds path's last component, making the missing directories (mode 0755, owned by the
 * caller), and points *name at that component. Nothing is made outside root: each directory is made with mkdirat(2)
 * on its parent's descriptor and opened again without following links. */
int path_parent(int root, const char *path, const char **name);
/* Opens path O_PATH, made first when it is missing: as a directory (mode 0755), or as an empty regular file. */
int path_make_dir(int root, const char *path, enum path_how how);
int path_make_file(int root, const char *path, enum path_how how);
