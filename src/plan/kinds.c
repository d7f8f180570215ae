/* kinds: the facts about each step kind, and the names of lanes, hooks and namespaces. */
#include "plan/kinds.h"
#include <linux/sched.h>
#include <stddef.h>
#include <string.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

#define R(s) SLOT_BIT(SLOT_##s)
#define H    LANE_BIT(LANE_HOST)
#define J    LANE_BIT(LANE_JOIN)
#define I    LANE_BIT(LANE_INIT)

/* clang-format off */
const struct step_def step_defs[STEP__N] = {
	/*                    name          lanes    reads                  writes     admin */
	[STEP_CGROUP]     = { "cgroup",     H,       0,                     R(CGROUP), true },
	[STEP_SCOPE]      = { "scope",      H,       R(PID) | R(PROC),      R(CGROUP), true },
	[STEP_DELEGATE]   = { "delegate",   H,       R(CGROUP),             0,         true },
	[STEP_DEVICES]    = { "devices",    H,       R(CGROUP),             0,         true },
	[STEP_ATTACH]     = { "attach",     I,       R(CGROUP),             0,         true },
	[STEP_FILTER]     = { "filter",     H,       0,                     R(BPF),    false },
	[STEP_AGENT]      = { "agent",      H,       0,                     R(AGENT), false },
	[STEP_FIFOS]      = { "fifos",      H,       R(STATE),              R(GO) | R(ERR), false },
	[STEP_OPEN_NS]    = { "open-ns",    H,       0,                     R(NS),     false },
	[STEP_TREE]       = { "tree",       H,       R(PROC),               R(TREES),  true },
	[STEP_CLONE]      = { "clone",      H | J,   0,                     R(PID),    true },
	[STEP_ADOPT]      = { "adopt",      H,       0,                     R(PID),    false },
	[STEP_IDMAP]      = { "idmap",      H,       R(PID) | R(PROC),      0,         true },
	[STEP_NOTIFY]     = { "notify",     H,       R(AGENT) | R(PID),     0,         false },
	[STEP_RDT]        = { "rdt",        H,       R(PID),                0,         true },
	[STEP_NETDEV]     = { "netdev",     H,       R(PID),                R(NET),    true },
	[STEP_PUBLISH]    = { "publish",    H,       R(PID) | R(STATE),     0,         false },
	[STEP_WRITE]      = { "write",      H | J | I, R(PROC),             0,         true },
	[STEP_HOOK]       = { "hook",       H | I,   0,                     0,         false },
	[STEP_RLIMIT]     = { "rlimit",     H | I,   R(PID),                0,         true },
	[STEP_SCHED]      = { "sched",      H | I,   R(PID),                0,         true },
	[STEP_IOPRIO]     = { "ioprio",     H | I,   R(PID),                0,         true },
	[STEP_JOIN]       = { "join",       J | I,   R(NS),                 0,         true },
	[STEP_UNSHARE]    = { "unshare",    J | I,   0,                     0,         true },
	[STEP_BECOME]     = { "become",     J | I,   0,                     0,         true },
	[STEP_AFFINITY]   = { "affinity",   I,       0,                     0,         false },
	[STEP_LINK_UP]    = { "link-up",    I,       0,                     0,         true },
	[STEP_PROPAGATE]  = { "propagate",  I,       0,                     0,         true },
	[STEP_ROOTFS]     = { "rootfs",     I,       0,                     R(ROOTFS), true },
	[STEP_ROOT]       = { "root",       I,       0,                     R(ROOTFS), false },
	[STEP_MOUNT]      = { "mount",      I,       R(ROOTFS) | R(PROC),   0,         true },
	[STEP_NODE]       = { "node",       I,       R(ROOTFS) | R(PROC),   0,         true },
	[STEP_PIVOT]      = { "pivot",      I,       R(ROOTFS) | R(PROC),   R(NULL),        true },
	[STEP_COVER]      = { "cover",      I,       R(ROOTFS) | R(NULL) | R(PROC), 0,         true },
	[STEP_ATTR]       = { "attr",       I,       R(ROOTFS) | R(PROC),   0,         true },
	[STEP_RETURN]     = { "return",     I,       R(ROOTFS) | R(NS),     R(ROOTFS), true },
	[STEP_SESSION]    = { "session",    I,       0,                     0,         false },
	[STEP_KEYRING]    = { "keyring",    I,       0,                     0,         false },
	[STEP_TTY]        = { "tty",        I,       R(ROOTFS) | R(CONSOLE), R(PTY),   true },
	[STEP_HOSTNAME]   = { "hostname",   I,       0,                     0,         true },
	[STEP_DOMAINNAME] = { "domainname", I,       0,                     0,         true },
	[STEP_UMASK]      = { "umask",      I,       0,                     0,         false },
	[STEP_PERSONALITY] = { "personality", I,     0,                     0,         false },
	[STEP_MEMPOLICY]  = { "mempolicy",  I,       0,                     0,         false },
	[STEP_CHDIR]      = { "chdir",      I,       0,                     0,         false },
	[STEP_FDS]        = { "fds",        I,       0,                     0,         false },
	[STEP_USER]       = { "user",       I,       0,                     0,         true },
	[STEP_CAPS]       = { "caps",       I,       0,                     0,         false },
	[STEP_NNP]        = { "nnp",        I,       0,                     0,         false },
	[STEP_SECCOMP]    = { "seccomp",    I,       R(BPF),                0,         false },
	[STEP_UNLISTEN]   = { "unlisten",   I,       0,                     0,         false },
	[STEP_LOOKUP]     = { "lookup",     I,       0,                     R(EXE),    false },
	[STEP_WAIT]       = { "wait",       I,       R(GO),                 0,         false },
	[STEP_EXEC]       = { "exec",       I,       R(EXE) | R(ERR),       0,         false },
};
/* clang-format on */

const char *const lane_names[LANE__N] = { "host", "join", "init" };

const char *const hook_names[HOOK__N] = {
	[HOOK_PRESTART] = "prestart",
	[HOOK_CREATE_RUNTIME] = "createRuntime",
	[HOOK_CREATE_CONTAINER] = "createContainer",
	[HOOK_START_CONTAINER] = "startContainer",
	[HOOK_POSTSTART] = "poststart",
	[HOOK_POSTSTOP] = "poststop",
};

/* User first: joining it gives the rights to join the others. Mount last: paths change with it. */
const struct namespace_def namespace_defs[NAMESPACES] = {
	{ "user", "user", CLONE_NEWUSER }, { "ipc", "ipc", CLONE_NEWIPC },
	{ "uts", "uts", CLONE_NEWUTS },    { "network", "net", CLONE_NEWNET },
	{ "pid", "pid", CLONE_NEWPID },    { "cgroup", "cgroup", CLONE_NEWCGROUP },
	{ "time", "time", CLONE_NEWTIME }, { "mount", "mnt", CLONE_NEWNS },
};

const struct namespace_def *namespace_by_type(const char *type)
{
	for (size_t i = 0; i < NAMESPACES; i++)
		if (strcmp(namespace_defs[i].type, type) == 0)
			return &namespace_defs[i];
	return NULL;
}

const struct namespace_def *namespace_by_flag(uint32_t flag)
{
	for (size_t i = 0; i < NAMESPACES; i++)
		if (namespace_defs[i].flag == flag)
			return &namespace_defs[i];
	return NULL;
}
