/* criu_wire: see criu_wire.h. */
#include "apply/criu_wire.h"
#include "libocispec-lite/rows.h"

const char *const criu_verbs[] = {
	[CRIU_DUMP] = "dump",
	[CRIU_PRE_DUMP] = "pre-dump",
	[CRIU_RESTORE] = "restore",
	[CRIU_RESTORE + 1] = NULL,
};
const char *const criu_modes[] = { "ignore", "none", "props", "soft", "full", "strict", NULL };
const char *const criu_locks[] = { "iptables", "nftables", "skip", NULL };

/* clang-format off */
OCI_SCHEMA_LOCAL(criu_root,
	STR (criu_root, controller, "controller", OCI_REQUIRED),
	STR (criu_root, path,       "path",       OCI_REQUIRED));

OCI_SCHEMA_LOCAL(criu_fd,
	STR (criu_fd, key, "key", OCI_REQUIRED),
	UPTO(criu_fd, fd,  "fd",  OCI_REQUIRED, INT32_MAX));

OCI_SCHEMA_LOCAL(criu_join,
	STR (criu_join, type, "type", OCI_REQUIRED),
	STR (criu_join, path, "path", OCI_REQUIRED));

OCI_SCHEMA_LOCAL(criu_server,
	STR (criu_server, address, "address", OCI_REQUIRED),
	UPTO(criu_server, port,    "port",    OCI_REQUIRED, UINT16_MAX));

OCI_SCHEMA(criu_request,
	STR (criu_request, criu,               "criu",              OCI_REQUIRED),
	WORD(criu_request, verb,               "verb",              OCI_REQUIRED, criu_verbs),
	U32 (criu_request, timeout,            "timeout",           OCI_REQUIRED),
	U32 (criu_request, start_timeout,      "startTimeout",      OCI_REQUIRED),
	UPTO(criu_request, pid,                "pid",               0, INT32_MAX),
	UPTO(criu_request, images,             "images",            OCI_REQUIRED, INT32_MAX),
	UPTO(criu_request, work,               "work",              OCI_REQUIRED, INT32_MAX),
	UPTO(criu_request, status_fd,          "statusFd",          0, INT32_MAX),
	STR (criu_request, root,               "root",              OCI_REQUIRED),
	STR (criu_request, log_file,           "logFile",           OCI_REQUIRED),
	STR (criu_request, parent,             "parent",            0),
	STR (criu_request, config_file,        "configFile",        0),
	STR (criu_request, freeze_cgroup,      "freezeCgroup",      0),
	STR (criu_request, lsm_profile,        "lsmProfile",        0),
	STR (criu_request, lsm_mount_context,  "lsmMountContext",   0),
	BOOL(criu_request, leave_running,      "leaveRunning",      0),
	BOOL(criu_request, ext_unix_sk,        "extUnixSk",         0),
	BOOL(criu_request, tcp_established,    "tcpEstablished",    0),
	BOOL(criu_request, tcp_close,          "tcpClose",          0),
	BOOL(criu_request, tcp_skip_in_flight, "tcpSkipInFlight",   0),
	BOOL(criu_request, link_remap,         "linkRemap",         0),
	BOOL(criu_request, shell_job,          "shellJob",          0),
	BOOL(criu_request, lazy_pages,         "lazyPages",         0),
	BOOL(criu_request, file_locks,         "fileLocks",         0),
	BOOL(criu_request, track_mem,          "trackMem",          0),
	BOOL(criu_request, auto_dedup,         "autoDedup",         0),
	BOOL(criu_request, orphan_pts_master,  "orphanPtsMaster",   0),
	WORD(criu_request, cgroups_mode,       "manageCgroupsMode", OCI_REQUIRED, criu_modes),
	WORD(criu_request, network_lock,       "networkLock",       0, criu_locks),
	U32 (criu_request, empty_ns,           "emptyNs",           0),
	OBJ (criu_request, page_server,        "pageServer",        0, criu_server),
	STRS(criu_request, external,           "external",          0),
	OBJS(criu_request, cgroup_roots,       "cgroupRoots",       0, criu_root),
	OBJS(criu_request, inherit,            "inherit",           0, criu_fd),
	OBJS(criu_request, join_ns,            "joinNs",            0, criu_join));

OCI_SCHEMA(criu_reply,
	STR (criu_reply, event,  "event",  0),
	UPTO(criu_reply, pid,    "pid",    0, INT32_MAX),
	UPTO(criu_reply, num,    "num",    0, INT32_MAX),
	STR (criu_reply, what,   "what",   0),
	STR (criu_reply, hint,   "hint",   0),
	BOOL(criu_reply, logged, "logged", 0));
/* clang-format on */
