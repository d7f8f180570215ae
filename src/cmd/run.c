/* run: create, start, attend, delete. */
#include "cmd/run.h"
#include "base/fd.h"
#include "base/interrupt.h"
#include "cmd/console.h"
#include "cmd/kill.h"
#include "cmd/log.h"
#include "cmd/notify.h"
#include "cmd/remove.h"
#include "cmd/start.h"
#include "store/store.h"
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>

#define REMOVE_WAIT 10000 /* ms for a command that has locked the container while we attended it */

static struct create_opts opts;
static bool detach, keep, no_subreaper;
static const struct flag flags[] = {
	CREATE_FLAGS(opts),
	{ "detach", 'd', FLAG_BOOL, NULL, "return when the program runs", .b = &detach },
	{ "keep", 0, FLAG_BOOL, NULL, "do not delete the container when it ends", .b = &keep },
	{ "no-subreaper", 0, FLAG_BOOL, NULL, "do not adopt orphans of the container",
	  .b = &no_subreaper },
	{ 0 },
};

/* Removes the container after its end, unless somebody else has done so. */
static int clean_up(struct container *c, struct err *e)
{
	struct err why = { 0 };
	autofd dir = store_lock(c->root, c->id, REMOVE_WAIT, &why);

	if (dir < 0 && why.num == ENOENT)
		return 0;
	if (dir < 0) {
		*e = why;
		return -1;
	}
	return remove_container(&c->record, c->root, dir, c->run.fd[SLOT_PROC], true, e);
}

/* The kernel has killed init, or a process for which a shell that is init ended in the same way. What it killed besides
 * is the program's affair. */
static void tell_oom(const struct container *c, int status)
{
	char text[OOM_TEXT];
	struct oom oom;

	if (status == 128 + SIGKILL && found_oom(&c->record, &oom))
		log_warn("the container %s", oom_text(&oom, text));
}

/* The container runs: stays with it until it ends. Its lock is free meanwhile, for kill, exec and delete. */
static int attend(struct container *c, struct attend *at, int master, struct err *e)
{
	store_unlock(c->dir);
	fd_close(&c->dir);
	int status = attend_wait(at, c->run.pidfd, c->run.pid, master, e);
	tell_oom(c, status);
	return status;
}

/* We stay the service's main process. */
static bool pass_on(int fd)
{
	return notify_take(fd, 0);
}

/* The end, however it came: -1 is a failure that e tells. */
static int finish(struct container *c, int rc, bool stays, struct err *e)
{
	struct err failed = { 0 };

	store_unlock(c->dir);
	fd_close(&c->dir);
	if ((rc >= 0 && stays) || clean_up(c, &failed) == 0)
		return rc;
	if (rc >= 0) {
		*e = failed;
		return -1;
	}
	log_warn("%s", failed.what);
	return rc;
}

int run_attend(struct container *c, struct attend *at, int console, bool stays, struct err *e)
{
	int master = console < 0 ? -1 : console_receive(console, e);

	if (console < 0 || master >= 0)
		return finish(c, attend(c, at, master, e), stays, e);
	kill_init_and_wait(&c->record, c->run.fd[SLOT_PROC], NULL);
	return finish(c, -1, stays, e);
}

static int run_container(struct container *c, struct attend *at, int console, struct err *e)
{
	struct run *r = &c->run;
	autofd master = console < 0 ? -1 : console_receive(console, e);
	autofd notify = notify_listen(c->dir, e);
	int rc = e->kind != ERR_NONE ? -1 : 0;

	if (rc == 0)
		rc = start_container(&c->record, c->dir, r->fd[SLOT_PROC], STATUS_CREATED, e);
	if (rc < 0) {
		kill_init_and_wait(&c->record, r->fd[SLOT_PROC], NULL);
		return finish(c, -1, false, e);
	}
	/* From here on they are for the container. */
	interrupt_end();
	at->also = notify;
	at->on_also = notify < 0 ? NULL : pass_on;
	if (!detach)
		return finish(c, attend(c, at, fd_take(&master), e), keep, e);
	store_unlock(c->dir);
	if (notify >= 0)
		notify_wait(notify, r->pidfd, r->pid);
	return 0;
}

/* Who asks for a terminal and stays gets it over a socket of our own. */
static int own_console(int pair[2], struct err *e)
{
	struct winsize size;

	pair[0] = pair[1] = -1;
	if (detach || opts.console_socket)
		return 0;
	if (attend_size(&size)) {
		opts.rows = size.ws_row;
		opts.cols = size.ws_col;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0)
		return 0;
	return err_sys(e, ERR_HOST, errno, "socketpair for the terminal");
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	struct attend at = { .signals = -1 };
	static struct container c; /* as in create */
	int pair[2];

	if (own_console(pair, e) < 0)
		return -1;
	autofd console = pair[0];
	opts.console = &console;
	opts.attend = detach ? NULL : &at;
	opts.subreaper = !no_subreaper;
	int rc = container_create(&c, g, &opts, in, pair[1], detach, e);
	if (rc == 0) {
		bool terminal = c.bundle.config->process && c.bundle.config->process->terminal.v;

		fd_close(&c.run.fd[SLOT_CONSOLE]);
		rc = run_container(&c, &at, terminal ? console : -1, e);
	}
	container_done(&c);
	if (!detach)
		attend_end(&at);
	return rc;
}

const struct command cmd_run = {
	.name = "run",
	.summary = "create a container, start it and wait for its end",
	.usage = "ID [BUNDLE]",
	.flags = flags,
	.min = 1,
	.max = 2,
	.id = true,
	.seals = true,
	.run = run,
};
