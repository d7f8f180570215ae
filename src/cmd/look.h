/* look: what `inspect` knows of one container, or of the host: gathered at one moment, then printed or compared.
 * Gathering opens /proc through base/procfs.c only; all of its strings are made fit for a terminal and for JSON. What
 * cannot be read is absent. Everything lives in the arena that was given. */
#pragma once
#include "cmd/found.h"
#include "libocispec-lite/ocispec.h"
#include "plan/kinds.h"

struct look_namespace {
	char *type; /* as in config.json */
	struct oci_u64 inode;
	struct oci_bool host;     /* the same that nsrun itself is in */
	OCI_VEC(char *) shared;   /* with these containers, of the same state directory */
	struct oci_u64 owner;     /* inode of the user namespace that owns it; ioctl_ns(2) */
	struct oci_u64 owner_uid; /* user: who has made it */
	struct oci_u64 parent;    /* user and pid: inode of the one above, when we may see it */
};
struct look_map {
	struct oci_u64 inside, outside, count;
};
struct look_mount {
	char *target, *type, *source, *options;
	char *root;        /* what of the file system is mounted, when it is not all */
	char *propagation; /* "shared:5"; absent: private */
};
struct look_caps {
	OCI_VEC(char *) bounding, effective, permitted, inheritable, ambient;
};
struct look_seccomp {
	char *mode; /* disabled, strict, filter */
	struct oci_u64 filters;
};
struct look_limit {
	char *name, *unit;
	struct oci_u64 used, limit; /* limit absent: none */
};
struct look_rlimit {
	char *type, *soft, *hard, *unit;
};
struct look_fd {
	struct oci_u64 fd;
	char *target;
};
struct look_cgroup {
	char *controllers, *path;
};
struct look_hook {
	char *kind, *path;
	OCI_VEC(char *) args;
};

struct look {
	char *id, *status; /* absent: the host */
	struct oci_u64 pid;
	char *bundle, *rootfs, *created;
	OCI_VEC(char *) command;
	char *user; /* "1000:1000", of init, outside */
	OCI_VEC(struct look_namespace) namespaces;
	OCI_VEC(struct look_map) uids, gids;
	char *root; /* where init's root is, as far as we can name it */
	OCI_VEC(struct look_mount) mounts;
	struct look_caps *caps;
	struct oci_bool nnp;
	struct look_seccomp *seccomp;
	char *label; /* of the security module */
	OCI_VEC(struct look_cgroup) cgroups;
	OCI_VEC(struct look_limit) limits;
	OCI_VEC(struct look_rlimit) rlimits;
	OCI_VEC(struct look_fd) fds;
	OCI_VEC(struct look_hook) hooks;
	OCI_VEC(struct oci_entry) annotations;
};
extern const struct oci_schema look_schema;

/* Who is in which namespaces: the host (nsrun itself) first, then the containers that live, by id. */
struct look_peer {
	char *id;                   /* NULL: the host */
	uint64_t inode[NAMESPACES]; /* in the order of namespace_defs; 0: unknown */
};
struct look_peers {
	struct look_peer *v;
	size_t n;
};

/* Fills peers. root: of the store, or -1. 0, or -1 with e. */
int look_peers(struct look_peers *out, int root, int proc, struct arena *a, struct err *e);
/* The container that found_load() has found. 0, or -1 with e. */
int look_container(struct look *out, struct found *f, const struct look_peers *peers,
                   struct arena *a, struct err *e);
/* Of nsrun itself, and so of who called it. 0, or -1 with e. */
int look_host(struct look *out, int proc, const struct look_peers *peers, struct arena *a,
              struct err *e);

/* look_process.c: what /proc tells about the process whose directory is dir. */
void look_process(struct look *out, int dir, struct arena *a);
/* look_namespaces.c: the same, of its namespaces. self: ids that are not to be told as others; NULL: the host. */
void look_namespaces(struct look *out, int dir, const char *self, const struct look_peers *peers,
                     struct arena *a);
/* look_text.c: a copy of n bytes that is UTF-8 and moves no cursor: anything else is "?". */
char *look_text(struct arena *a, const char *s, size_t n);
/* look_text.c: all of a file of a /proc directory, at most 1 MiB, terminated; NULL: it cannot be read. */
char *look_file(int dir, const char *name, struct arena *a, size_t *len);

/* look_rows.c, pure: the document as lines of three parts, for people and for comparing. */
struct look_row {
	const char *section, *key, *value;
};
struct look_rows {
	struct look_row *v;
	size_t n;
};
void look_rows(struct look_rows *out, const struct look *l, struct arena *a);
/* What differs between two: a or b is absent where only the other has such a line. Pure. */
struct look_change {
	char *section, *key, *a, *b;
};
extern const struct oci_schema look_change_schema;
size_t look_diff(struct look_change **out, const struct look_rows *a, const struct look_rows *b,
                 struct arena *arena);

/* look_dot.c, pure: containers and the namespaces that they are in, as a graph for Graphviz. only: this container and
 * whom it shares with; NULL: all. In a. */
const char *look_dot(const struct look_peers *peers, const char *only, struct arena *a);
/* The same as a list: each namespace of the picture, with those of the picture that are in it. Pure; in a. */
struct look_shared {
	char *type;
	struct oci_u64 inode;
	struct oci_bool host; /* the host is in it */
	OCI_VEC(char *) containers;
};
extern const struct oci_schema look_shared_schema;
size_t look_shared(struct look_shared **out, const struct look_peers *peers, const char *only,
                   struct arena *a);
