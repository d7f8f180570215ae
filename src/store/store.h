/* store: the state root and the one directory of each container in it: found, claimed, locked, listed, removed. */
#pragma once
#include "base/err.h"
#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#define STORE_GO        "go"             /* fifo: start writes, init reads */
#define STORE_ERR       "err"            /* fifo: init writes a struct err, start reads */
#define STORE_CONFIG    "config.json"    /* as it was at create; runtime.md#lifecycle 1 */
#define STORE_INTENT    "intent.json"    /* struct record before the commit: pid 0 */
#define STORE_STATE     "state.json"     /* struct record from the commit on */
#define STORE_UPDATE    "update.json"    /* struct journal of an update that has not ended */
#define STORE_RESOURCES "resources.json" /* the same of the last one that has */

#define STORE_NOTIFY        "notify"      /* directory of what the container speaks to systemd by */
#define STORE_NOTIFY_SOCKET "notify.sock" /* in it; bound again by each start */

#define STORE_CACHE ".cache" /* of the root: what apply/seccomp_cache.c keeps; not a container */

/* A container id is a token (security.md R9): [A-Za-z0-9_+.-]{1,255}, not ".", ".." or ".cache", no leading "-".
 * 0, or -1. */
int store_check_id(const char *id, struct err *e);

/* The state root: root (--root) or, when NULL, /run/nsrun for root and $XDG_RUNTIME_DIR/nsrun for others. With make
 * it is made, 0700. Refused when it is "/", another's, or writable by others. A descriptor, or -1 with e; e->num is
 * ENOENT when there is none. */
int store_open(const char *root, bool make, struct err *e);
/* Its path, as it is or would be, not absolute where --root is not. 0, or -1 with e. */
int store_path(const char *root, char *path, size_t n, struct err *e);

/* Makes the container's directory, which is the only test of existence, and locks it until the descriptor is closed
 * everywhere or store_unlock(). A descriptor, or -1 with e. */
int store_claim(int root, const char *id, struct err *e);
/* Opens an existing one and locks it; waits at most wait_ms for another command. A descriptor, or -1 with e: e->num
 * is ENOENT when there is none, EWOULDBLOCK when it stayed locked. */
int store_lock(int root, const char *id, int wait_ms, struct err *e);
/* Opens it without a lock: state, list. */
int store_peek(int root, const char *id, struct err *e);
/* Also for copies of the descriptor that init may still have. */
void store_unlock(int dir);

/* Removes what nsrun made in dir, then the directory itself. It is no error that something is gone already. 0, or -1
 * with e naming what is left. */
int store_remove(int root, int dir, const char *id, struct err *e);
/* Has dir nothing in it? Then create was killed before it made anything. */
bool store_is_empty(int dir);

/* Calls each() for every entry of root that could be a container, in no order. 0, or -1 with e. */
int store_each(int root, void (*each)(void *ctx, const char *id), void *ctx, struct err *e);
