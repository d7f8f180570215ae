/* store: see store.h. */
#include "store/store.h"
#include "base/engine_texts.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include "base/unsafe.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#define DEFAULT_ROOT "/run/nsrun"
#define ID_MAX       255
#define CLAIM_WAIT   1000 /* ms; a create that has just made its directory waits for those who peek */

/* What nsrun puts into a container's directory; the temporary names are io_replace()'s. */
static const char *const known_files[] = { STORE_GO,        STORE_ERR,
	                                   STORE_CONFIG,    "." STORE_CONFIG ".tmp",
	                                   STORE_INTENT,    "." STORE_INTENT ".tmp",
	                                   STORE_STATE,     "." STORE_STATE ".tmp",
	                                   STORE_UPDATE,    "." STORE_UPDATE ".tmp",
	                                   STORE_RESOURCES, STORE_NOTIFY };

static bool id_ok(const char *id)
{
	size_t n = strlen(id);

	if (n == 0 || n > ID_MAX || id[0] == '-' || STR_EQ(id, ".") || STR_EQ(id, "..") ||
	    STR_EQ(id, STORE_CACHE))
		return false;
	return strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+.-") ==
	       n;
}

int store_check_id(const char *id, struct err *e)
{
	if (id_ok(id) || unsafe("id"))
		return 0;
	err_set(e, ERR_USAGE, "\"%.80s\": " TEXT_BAD_ID, id);
	return err_hint(e, "use 1 to %d letters, digits, \"_\", \"+\", \".\" or \"-\"", ID_MAX);
}

/* Is root of this user namespace somebody else outside? The initial namespace maps every id onto itself. */
static bool in_userns(void)
{
	autofd proc = procfs_open();
	autofd fd = proc < 0 ? -1 : procfs_openat(proc, "self/uid_map", O_RDONLY);
	char map[256];
	unsigned inside, outside, count;

	if (fd < 0 || io_read_small(fd, "", map, sizeof map) < 0)
		return false;
	return sscanf(map, "%u %u %u", &inside, &outside, &count) != 3 || inside || outside ||
	       count != UINT32_MAX;
}

/* The root of one who has no /run of their own. Never in /tmp, where others can be first. */
static int ordinary_root(char *path, size_t n, struct err *e)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	char fallback[64];

	snprintf(fallback, sizeof fallback, "/run/user/%u", geteuid());
	if (str_empty(runtime) && access(fallback, W_OK) == 0)
		runtime = fallback;
	if (str_empty(runtime) || *runtime != '/') {
		err_set(e, ERR_USAGE, "no place for the state: XDG_RUNTIME_DIR is not set");
		return err_hint(e, "give one with --root DIR, or log in with a session manager");
	}
	if (snprintf(path, n, "%s/nsrun", runtime) >= (int)n)
		return err_sys(e, ERR_USAGE, ENAMETOOLONG, "XDG_RUNTIME_DIR");
	return 0;
}

/* Is the user root for the whole machine? In a user namespace root is whom $USER says. */
static bool is_root(void)
{
	const char *user = getenv("USER");

	return geteuid() == 0 && ((user && STR_EQ(user, "root")) || !in_userns());
}

/* Makes path and its parents. The sticky bit keeps cleaners of temporary directories away from an ordinary user's. */
static int make_dirs(char *path, struct err *e)
{
	mode_t sticky = geteuid() == 0 ? 0 : S_ISVTX;

	for (char *p = path + 1; *p; p++) {
		if (*p != '/')
			continue;
		*p = '\0';
		int rc = mkdir(path, 0700);
		int num = rc < 0 ? errno : 0;
		*p = '/';
		/* EACCES, EROFS: it may exist all the same; the last mkdir knows. */
		if (num && num != EEXIST && num != EACCES && num != EROFS && num != EPERM)
			return err_sys(e, ERR_HOST, num, "make the state root %s", path);
	}
	if (mkdir(path, 0700 | sticky) < 0 && errno != EEXIST)
		return err_sys(e, ERR_HOST, errno, "make the state root %s", path);
	return 0;
}

static int root_verify(int fd, const char *path, struct err *e)
{
	struct stat st, top;

	if (fstat(fd, &st) < 0 || stat("/", &top) < 0)
		return err_sys(e, ERR_HOST, errno, "state root %s", path);
	if (st.st_dev == top.st_dev && st.st_ino == top.st_ino)
		return err_set(e, ERR_USAGE, "the state root must not be \"/\"");
	if (unsafe("state"))
		return 0;
	if (st.st_uid != geteuid()) {
		err_set(e, ERR_HOST, "the state root %s belongs to uid %u, not to us (%u)", path,
		        st.st_uid, geteuid());
		return err_hint(e, "give a directory of your own with --root DIR");
	}
	if (st.st_mode & (S_IWGRP | S_IWOTH)) {
		err_set(e, ERR_HOST, "the state root %s can be written by others", path);
		return err_hint(e, "run chmod go-w %s, or give another with --root DIR", path);
	}
	return 0;
}

int store_path(const char *root, char *path, size_t n, struct err *e)
{
	if (!root && is_root())
		root = DEFAULT_ROOT;
	if (!root)
		return ordinary_root(path, n, e);
	if (snprintf(path, n, "%s", root) >= (int)n)
		return err_sys(e, ERR_USAGE, ENAMETOOLONG, "--root");
	return 0;
}

int store_open(const char *root, bool make, struct err *e)
{
	char path[PATH_MAX];

	if (store_path(root, path, sizeof path, e) < 0)
		return -1;
	autofd fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && make) {
		if (make_dirs(path, e) < 0)
			return -1;
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return err_sys(e, ERR_HOST, errno, "state root %s", path);
	return root_verify(fd, path, e) < 0 ? -1 : fd_take(&fd);
}

static int open_dir(int root, const char *id)
{
	int fd = openat(root, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

/* Tries for at most wait_ms: a command must never hang because another one does. */
static int lock_dir(int fd, int wait_ms)
{
	const struct timespec pause = { .tv_nsec = 2000000 };

	for (int left = wait_ms; flock(fd, LOCK_EX | LOCK_NB) < 0; left -= 2) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -errno;
		if (left <= 0)
			return -EWOULDBLOCK;
		nanosleep(&pause, NULL);
	}
	return 0;
}

/* 0, -ENOENT for a directory that was removed, -errno where that cannot be told. */
static int still_linked(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	return st.st_nlink > 0 ? 0 : -ENOENT;
}

int store_claim(int root, const char *id, struct err *e)
{
	if (mkdirat(root, id, 0700) < 0) {
		if (errno != EEXIST)
			return err_sys(e, ERR_HOST, errno, "make the state directory of %s", id);
		err_set(e, ERR_STATE, TEXT_EXISTS ": %s", id);
		return err_hint(e, "choose another id, or run \"nsrun delete --force %s\"", id);
	}
	autofd fd = open_dir(root, id);
	int rc = fd < 0 ? fd : lock_dir(fd, CLAIM_WAIT);
	bool busy = fd >= 0 && rc == -EWOULDBLOCK;

	if (rc == 0)
		rc = still_linked(fd);
	if (rc == 0)
		return fd_take(&fd);
	err_sys(e, ERR_HOST, -rc, "claim the state directory of %s", id);
	/* A delete --force that came between the two calls removes it, or has done so. */
	if (!busy && rc != -ENOENT)
		unlinkat(root, id, AT_REMOVEDIR);
	return -1;
}

static int missing(const char *id, int num, struct err *e)
{
	if (num != ENOENT)
		return err_sys(e, ERR_STATE, num, "open the state directory of %s", id);
	err_set(e, ERR_STATE, TEXT_NO_CONTAINER ": %s", id);
	if (e && e->kind == ERR_STATE && !e->num)
		e->num = ENOENT;
	return err_hint(e, "run \"nsrun list\" to see those of this --root");
}

int store_peek(int root, const char *id, struct err *e)
{
	int fd = open_dir(root, id);

	return fd < 0 ? missing(id, -fd, e) : fd;
}

int store_lock(int root, const char *id, int wait_ms, struct err *e)
{
	autofd fd = store_peek(root, id, e);

	if (fd < 0)
		return -1;
	int rc = lock_dir(fd, wait_ms);
	if (rc == -EWOULDBLOCK) {
		err_sys(e, ERR_STATE, EWOULDBLOCK, "container %s is busy with another command", id);
		return err_hint(e, "try again when it is done");
	}
	if (rc < 0)
		return err_sys(e, ERR_STATE, -rc, "lock the state directory of %s", id);
	/* Deleted while we waited; the name may be a new container's by now. */
	rc = still_linked(fd);
	return rc < 0 ? missing(id, -rc, e) : fd_take(&fd);
}

void store_unlock(int dir)
{
	flock(dir, LOCK_UN);
}

/* Something of a known name that is not a file can only be a tamperer's; an empty directory goes too. */
static int remove_file(int dir, const char *name)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno == EISDIR && unlinkat(dir, name, AT_REMOVEDIR) == 0)
		return 0;
	return -errno;
}

/* The socket in its directory; the directory is one of the known names. */
static void remove_socket(int dir)
{
	autofd fd = openat(dir, STORE_NOTIFY, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		unlinkat(fd, STORE_NOTIFY_SOCKET, 0);
}

int store_remove(int root, int dir, const char *id, struct err *e)
{
	remove_socket(dir);
	for (size_t i = 0; i < sizeof known_files / sizeof *known_files; i++) {
		int rc = remove_file(dir, known_files[i]);

		if (rc < 0)
			return err_sys(e, ERR_STATE, -rc, "remove %s/%s of the state root", id,
			               known_files[i]);
	}
	if (unlinkat(root, id, AT_REMOVEDIR) < 0 && errno != ENOENT) {
		err_sys(e, ERR_STATE, errno, "remove the state directory of %s", id);
		return err_hint(e, "look for files in it that are not nsrun's");
	}
	return 0;
}

/* A stream of its own on dir: reading one moves the offset of all copies of a descriptor. */
static DIR *dir_stream(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (!d && fd >= 0)
		fd_close(&fd);
	return d;
}

bool store_is_empty(int dir)
{
	DIR *d = dir_stream(dir);
	bool empty = d;

	for (struct dirent *x; d && (x = readdir(d));)
		if (!STR_EQ(x->d_name, ".") && !STR_EQ(x->d_name, ".."))
			empty = false;
	if (d)
		closedir(d);
	return empty;
}

int store_each(int root, void (*each)(void *ctx, const char *id), void *ctx, struct err *e)
{
	DIR *d = dir_stream(root);

	if (!d)
		return err_sys(e, ERR_HOST, errno, "read the state root");
	for (struct dirent *x; (x = readdir(d));)
		if (id_ok(x->d_name) && (x->d_type == DT_DIR || x->d_type == DT_UNKNOWN))
			each(ctx, x->d_name);
	closedir(d);
	return 0;
}
