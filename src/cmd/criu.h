/* criu: what checkpoint and restore share: their flags, and the request to criu that follows from flags, config and plan.
 * What is asked of criu is data (struct criu_request) before anything is done. */
#pragma once
#include "apply/criu.h"
#include "cmd/cmd.h"
#include "plan/plan.h"
#include "store/record.h"
#include <limits.h>

struct criu_flags {
	const char *image_path, *work_path, *parent_path, *page_server;
	const char *cgroups_mode, *network_lock, *lsm_profile, *lsm_mount_context;
	struct cli_strings empty_ns;
	uint32_t status_fd;
	bool leave_running, tcp_established, tcp_close, tcp_skip_in_flight, link_remap, ext_unix_sk,
		shell_job, lazy_pages, file_locks, pre_dump, auto_dedup;
};

extern const char *const criu_mode_words[], *const criu_empty_words[];

/* The rows that both commands have. */
/* clang-format off */
#define CRIU_FLAGS(o)                                                                              \
	{ "image-path", 0, FLAG_STRING, "DIR", "where the images are (default: checkpoint)",       \
	  .s = &(o).image_path },                                                                  \
	{ "work-path", 0, FLAG_STRING, "DIR", "where criu logs (default: that of the images)",     \
	  .s = &(o).work_path },                                                                   \
	{ "tcp-established", 0, FLAG_BOOL, NULL, "allow open TCP connections",                     \
	  .b = &(o).tcp_established },                                                             \
	{ "tcp-close", 0, FLAG_BOOL, NULL, "close open TCP connections", .b = &(o).tcp_close },    \
	{ "ext-unix-sk", 0, FLAG_BOOL, NULL, "allow unix sockets that lead out of the container",  \
	  .b = &(o).ext_unix_sk },                                                                 \
	{ "shell-job", 0, FLAG_BOOL, NULL, "allow a terminal that is not the container's",         \
	  .b = &(o).shell_job },                                                                   \
	{ "lazy-pages", 0, FLAG_BOOL, NULL, "move memory when it is used (userfaultfd)",           \
	  .b = &(o).lazy_pages },                                                                  \
	{ "file-locks", 0, FLAG_BOOL, NULL, "allow locked files", .b = &(o).file_locks },          \
	{ "manage-cgroups-mode", 0, FLAG_STRING, "MODE",                                           \
	  "soft, full, strict or ignore (default: soft)", .s = &(o).cgroups_mode,                  \
	  .words = criu_mode_words },                                                              \
	{ "empty-ns", 0, FLAG_REPEAT, "TYPE", "leave a namespace's contents alone: network",       \
	  .r = &(o).empty_ns, .words = criu_empty_words },                                         \
	{ "auto-dedup", 0, FLAG_BOOL, NULL, "punch out of older images what newer ones have",      \
	  .b = &(o).auto_dedup },                                                                  \
	{ "network-lock", 0, FLAG_STRING, "HOW", "iptables, nftables or skip (default: criu's)",   \
	  .s = &(o).network_lock, .words = criu_locks }
/* clang-format on */

/* What a request is made of. Pure data. */
struct criu_in {
	enum criu_verb verb;
	const struct criu_flags *flags;
	const struct record *record;
	const struct plan *plan; /* of the config */
	const char *criu;        /* its path */
	const char *config_file; /* or NULL */
	char *const *
		stdio; /* what init's descriptors 0-2 are, as criu names them; "": nobody's business */
	size_t n_stdio;
	/* dump: the inodes of init's namespaces that were joined by path, 0: not joined */
	uint64_t net_ns, pid_ns;
	/* dump: is path, which is to be masked, a file in the container? */
	bool (*is_file)(void *ctx, const char *path);
	void *ctx;
	/* The descriptors as the helper has them; 0: none. stdio_fd: of three in a row. */
	uint32_t images, work, status_fd, stdio_fd, net_ns_fd, pid_ns_fd;
};

/* Request for criu, memory in a. NULL with e: the flags or the config ask for what criu cannot do. */
struct criu_request *criu_request_make(const struct criu_in *in, struct arena *a, struct err *e);
/* ADDRESS:PORT. 0, or -1 with e. */
int criu_server_parse(const char *text, struct criu_server *out, struct arena *a, struct err *e);

/* The directories of a call, opened; made when verb makes images. */
struct criu_dirs {
	int images, work;
	char image_path[PATH_MAX], log[PATH_MAX + 16]; /* absolute */
};
int criu_dirs_open(struct criu_dirs *d, const struct criu_flags *f, enum criu_verb verb,
                   struct err *e);
void criu_dirs_done(struct criu_dirs *d);

/* descriptors.json of the images: what 0-2 were. Other runtimes have the same file. 0 or -errno. */
int criu_stdio_save(int images, const char *const stdio[3]);
/* 0, with "" for what is not known, or -1 with e. Memory in a. */
int criu_stdio_load(int images, char *stdio[3], struct arena *a, struct err *e);

/* The configuration file for criu: that of the annotation org.criu.config, else of the host; NULL: none. -1 with e. */
int criu_config_file(const struct record *r, const char **out, struct err *e);
/* The path of a namespace that the config joins, or NULL. */
const char *criu_joined(const struct oci_config *c, const char *type);
