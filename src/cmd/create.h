/* create: the making of a container, shared by create and run. */
#pragma once
#include "apply/attend.h"
#include "apply/run.h"
#include "cmd/bundle.h"
#include "cmd/cmd.h"
#include "cmd/pid_file.h"
#include "store/record.h"

struct create_opts {
	const char *bundle, *config, *pid_file, *console_socket, *pidfd_socket;
	bool no_pivot, no_new_keyring;
	uint32_t preserve_fds;
	/* No flags: the size of our terminal, when we stay at it; who stays begins to attend when the id is claimed. */
	uint16_t rows, cols;
	struct attend *attend;
	bool subreaper;
	int *console; /* the other end of what the terminal is sent to: closed when none comes. Or NULL */
};

/* The rows of flags that fill a struct create_opts. */
#define CREATE_FLAGS(o)                                                                            \
	{ "bundle",        'b', FLAG_STRING, "DIR", "the bundle (default: this directory)",        \
	  .s = &(o).bundle },                                                                      \
		{ "config",                                                                        \
		  'f',                                                                             \
		  FLAG_STRING,                                                                     \
		  "FILE",                                                                          \
		  "use FILE of the bundle instead of config.json",                                 \
		  .s = &(o).config },                                                              \
		{ "pid-file",        0, FLAG_STRING, "FILE", "write the pid of init to FILE",      \
		  .s = &(o).pid_file },                                                            \
		{ "console-socket",                                                                \
		  0,                                                                               \
		  FLAG_STRING,                                                                     \
		  "PATH",                                                                          \
		  "send the terminal's master to this socket",                                     \
		  .s = &(o).console_socket },                                                      \
		{ "pidfd-socket",                                                                  \
		  0,                                                                               \
		  FLAG_STRING,                                                                     \
		  "PATH",                                                                          \
		  "send a pidfd of init to this socket",                                           \
		  .s = &(o).pidfd_socket },                                                        \
		{ "preserve-fds",                                                                  \
		  0,                                                                               \
		  FLAG_UINT,                                                                       \
		  "N",                                                                             \
		  "keep N more descriptors from 3 on",                                             \
		  .u = &(o).preserve_fds,                                                          \
		  .max = 1024 },                                                                   \
		{ "no-pivot",                                                                      \
		  0,                                                                               \
		  FLAG_BOOL,                                                                       \
		  NULL,                                                                            \
		  "move the root instead of pivot_root(2) (initramfs)",                            \
		  .b = &(o).no_pivot },                                                            \
	{                                                                                          \
		"no-new-keyring", 0, FLAG_BOOL, NULL, "keep the caller's session keyring",         \
			.b = &(o).no_new_keyring                                                   \
	}

/* A container that is being made, or was. Closed by container_done(), which leaves the container alone. */
struct container {
	const char *id;
	int root, dir; /* state root, the container's directory (locked) */
	struct pid_file pid_file;
	int pidfd_socket;   /* connected, or -1 */
	const char *notify; /* the directory of its notify socket, or NULL */
	struct bundle bundle;
	struct facts facts;
	struct plan plan;
	struct run run;
	struct record record;
	struct arena arena; /* sealed while init is made */
};

/* Descriptors that systemd, or an engine in its place, passes on: sd_listen_fds(3). */
uint32_t listen_fds(void);
/* What is to be preserved, from descriptor 3 on, must have come from our caller: our own descriptors are close-on-exec.
 * 0, or -1 with e. */
int verify_preserved(uint32_t n, struct err *e);

/* Makes the container up to "created". in: ID [BUNDLE]. console: who gets the terminal instead of --console-socket,
 * or -1; taken. detach: nobody stays to hold a terminal. 0, or -1 with e and nothing left behind. */
int container_create(struct container *c, const struct globals *g, const struct create_opts *o,
                     const struct cli *in, int console, bool detach, struct err *e);
void container_done(struct container *c);
/* Where the notify socket of such a container is, in a; NULL when none is asked for, or with e. */
const char *create_notify(const struct globals *g, const char *id, const struct oci_config *config,
                          struct arena *a, struct err *e);

/* Its parts, for restore. Up to the claim of the id: config checked, planned, intent written. Nothing else is made: 0,
 * or -1 with e and nothing left behind. */
int container_begin(struct container *c, const struct globals *g, const struct create_opts *o,
                    const struct cli *in, int console, bool detach, struct err *e);
/* Commits: pid file (NULL: none) and state, of init run->pid. run->ctx is the container. 0 or -errno, maybe with run->err. */
int container_publish(struct run *run, const char *pid_file);
/* After a failure: what delete --force does. */
void container_clean_up(struct container *c);
