/* exec: what the command is asked for, and where in the container it puts the process. */
#pragma once
#include "cmd/bundle.h"
#include "cmd/cmd.h"
#include "cmd/found.h"

struct exec_opts {
	const char *process, *pid_file, *console_socket, *pidfd_socket, *user, *cwd, *apparmor,
		*label;
	struct cli_strings env, caps, groups, cgroups;
	bool tty, detach, no_new_privs, ignore_paused, no_subreaper;
	uint32_t preserve_fds;
};
extern struct exec_opts exec_opts; /* filled by exec_flags */
extern const struct flag exec_flags[];

/* The process that was asked for, and the text that it came from. */
struct asked_process {
	const char *file, *text; /* of --process; NULL: the flags and the command line */
	size_t len;
	struct oci_process *process;
};

/* Reads --process, or makes a process of the config's, the flags and args. Memory in a. 0, or -1 with e. */
int exec_process(struct asked_process *p, const struct oci_process *base, char **args, size_t n,
                 struct arena *a, struct err *e);
/* A pointer in e->where gets its place: in the file of --process, or in the container's config. */
void exec_place(const struct asked_process *p, const struct bundle *b, struct err *e);

/* Where the process goes: the container's cgroups, or those below them that --cgroup names. In v2 a cgroup that gives
 * controllers to its children takes no processes: then it is the one that init is in by now. Memory in a. 0, or -1
 * with e. */
int exec_cgroups(const struct found *f, const struct cli_strings *asked, struct cgroup_dir *out,
                 uint32_t *n, struct arena *a, struct err *e);
