/* cmd: what every command gets, and the commands. */
#pragma once
#include "cmd/cli.h"
#include "plan/plan.h"

/* The global flags of engine-contract.md 1.1. Strings are argv's, NULL when absent. */
struct globals {
	const char *root, *log, *log_format, *log_level, *cgroup_manager, *trace, *format;
	bool debug, systemd_cgroup, version;
};

extern struct globals globals; /* filled by global_flags */
/* --systemd-cgroup and --cgroup-manager in one. */
enum cgroup_manager globals_manager(const struct globals *g);
/* 0, or -1 with e when no container can be made with that manager. */
int globals_verify_manager(const struct globals *g, struct err *e);

extern const struct flag global_flags[];       /* commands.c */
extern const struct command *const commands[]; /* NULL-terminated, in the order of help */

extern const struct command cmd_create, cmd_start, cmd_state, cmd_kill, cmd_delete, cmd_run,
	cmd_list, cmd_mounts, cmd_update, cmd_pause, cmd_resume, cmd_ps, cmd_events, cmd_stats,
	cmd_spec, cmd_plan, cmd_exec, cmd_check, cmd_features, cmd_help, cmd_checkpoint,
	cmd_restore, cmd_inspect, cmd_doctor;

/* `nsrun --version`, as text or JSON. */
void version_print(bool json);
/* Flushes stdout: 0, or -1 with e when what was printed did not arrive. */
int stdout_done(struct err *e);
