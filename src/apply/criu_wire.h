/* criu_wire: what nsrun and its helper program nsrun-criu say to each other. The request is one JSON object on the helper's
 * stdin; its stdout is a SEQPACKET socket: it sends a JSON object for each event, is answered by one byte, and ends with
 * one that has no event. Descriptors are numbers of the helper. The two are built together and never meet another version. */
#pragma once
#include "libocispec-lite/schema.h"

#define CRIU_HELPER   "nsrun-criu"
#define CRIU_FD       3    /* the first descriptor of struct criu_call's fds in the helper */
#define CRIU_MESSAGE  4096 /* bytes of an event, at most */
#define CRIU_ACCEPTED "y"  /* the byte that answers an event; another one fails it */

struct criu_root {
	char *controller, *path; /* controller "": cgroup v2 */
};
struct criu_fd {
	char *key; /* "pipe:[123]" */
	struct oci_u64 fd;
};
struct criu_join {
	char *type, *path; /* "net", a file of that namespace */
};
struct criu_server {
	char *address;
	struct oci_u64 port;
};

/* Names are those of criu's options. */
struct criu_request {
	char *criu; /* its absolute path */
	char *verb; /* a word of criu_verbs */
	struct oci_u64 timeout,
		start_timeout; /* ms between two messages of criu, 0: for ever; until its first one */
	struct oci_u64 pid;    /* dump: init */
	struct oci_u64 images, work; /* descriptors of directories */
	struct oci_u64 status_fd;    /* 0: none */
	char *root; /* restore: made a mount point by the helper, in a namespace of its own */
	char *log_file, *parent, *config_file, *freeze_cgroup, *lsm_profile, *lsm_mount_context;
	struct oci_bool leave_running, ext_unix_sk, tcp_established, tcp_close, tcp_skip_in_flight,
		link_remap, shell_job, lazy_pages, file_locks, track_mem, auto_dedup,
		orphan_pts_master;
	char *cgroups_mode;      /* a word of criu_modes */
	char *network_lock;      /* a word of criu_locks, or NULL */
	struct oci_u64 empty_ns; /* CLONE_NEW... */
	struct criu_server *page_server;
	OCI_VEC(char *) external;
	OCI_VEC(struct criu_root) cgroup_roots;
	OCI_VEC(struct criu_fd) inherit;
	OCI_VEC(struct criu_join) join_ns;
};

/* With event: criu is at that point, and waits. Without: the end; what is NULL when it has worked. */
struct criu_reply {
	char *event;
	struct oci_u64 pid; /* init, where criu names it */
	struct oci_u64 num; /* errno, or 0 */
	char *what, *hint;
	struct oci_bool logged; /* criu has begun: its log knows more */
};

enum criu_verb { CRIU_DUMP, CRIU_PRE_DUMP, CRIU_RESTORE };
enum { CRIU_LOCK_IPTABLES = 1 };       /* criu's number of the first word of criu_locks */
extern const char *const criu_verbs[]; /* these lists: in criu's order, NULL-terminated */
extern const char *const criu_modes[];
extern const char *const criu_locks[];
extern const struct oci_schema criu_request_schema, criu_reply_schema;
