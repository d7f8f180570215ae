/* commands: the list of commands and the global flags. */
#include "base/str.h"
#include "cmd/cmd.h"
#include <errno.h>
#include <stdio.h>

struct globals globals;

static const char *const log_formats[] = { "text", "json", NULL };
static const char *const log_levels[] = { "error", "warning", "debug", NULL };
static const char *const managers[] = { "cgroupfs", "systemd", "disabled", NULL };
static const char *const rootless_words[] = { "true", "false", "auto", NULL };
static const char *const formats[] = { "text", "json", NULL };

const struct flag global_flags[] = {
	{ "root", 0, FLAG_STRING, "DIR", "where states are kept (default: /run/nsrun)",
	  .s = &globals.root },
	{ "log", 0, FLAG_STRING, "FILE", "write errors to FILE too", .s = &globals.log },
	{ "log-format", 0, FLAG_STRING, "FORMAT", "text or json", .s = &globals.log_format,
	  .words = log_formats },
	{ "log-level", 0, FLAG_STRING, "LEVEL", "error, warning or debug", .s = &globals.log_level,
	  .words = log_levels },
	{ "debug", 0, FLAG_BOOL, NULL, "the same as --log-level debug", .b = &globals.debug },
	{ "trace", 0, FLAG_STRING, "FILE",
	  "write when each step began and ended to FILE; -: a timeline on stderr",
	  .s = &globals.trace },
	{ "cgroup-manager", 0, FLAG_STRING, "NAME", "cgroupfs, systemd or disabled",
	  .s = &globals.cgroup_manager, .words = managers },
	{ "systemd-cgroup", 0, FLAG_BOOL, NULL, "the same as --cgroup-manager systemd",
	  .b = &globals.systemd_cgroup },
	{ "systemd-log", 0, FLAG_BOOL, NULL, "accepted and ignored", .b = NULL },
	{ "rootless", 0, FLAG_STRING, "WHEN", "accepted and ignored: nsrun sees for itself",
	  .s = NULL, .words = rootless_words },
	{ "criu", 0, FLAG_STRING, "PATH", "accepted and ignored", .s = NULL },
	{ "version", 'v', FLAG_BOOL, NULL, "print the version", .b = &globals.version },
	{ "format", 0, FLAG_STRING, "FORMAT", "with --version: text or json", .s = &globals.format,
	  .words = formats },
	{ 0 },
};

const struct command *const commands[] = {
	&cmd_create,     &cmd_start,    &cmd_run,     &cmd_exec,   &cmd_state,
	&cmd_list,       &cmd_kill,     &cmd_pause,   &cmd_resume, &cmd_update,
	&cmd_mounts,     &cmd_ps,       &cmd_inspect, &cmd_stats,  &cmd_events,
	&cmd_checkpoint, &cmd_restore,  &cmd_delete,  &cmd_spec,   &cmd_check,
	&cmd_plan,       &cmd_features, &cmd_doctor,  &cmd_help,   NULL,
};

enum cgroup_manager globals_manager(const struct globals *g)
{
	if (g->systemd_cgroup || (g->cgroup_manager && STR_EQ(g->cgroup_manager, "systemd")))
		return CGROUP_MANAGER_SYSTEMD;
	if (g->cgroup_manager && STR_EQ(g->cgroup_manager, "disabled"))
		return CGROUP_MANAGER_DISABLED;
	return CGROUP_MANAGER_FS;
}

int globals_verify_manager(const struct globals *g, struct err *e)
{
#ifdef HAVE_SYSTEMD
	(void)g, (void)e;
	return 0;
#else
	if (globals_manager(g) != CGROUP_MANAGER_SYSTEMD)
		return 0;
	err_set(e, ERR_USAGE, "this nsrun was built without the systemd cgroup manager");
	return err_hint(e, "leave out --systemd-cgroup, or build with --enable-systemd");
#endif
}

int stdout_done(struct err *e)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return err_sys(e, ERR_HOST, errno, "write to stdout");
}
