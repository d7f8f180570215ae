/* record: what is kept about a container. Written twice: as an intent before anything is made (pid 0, intent.json), and
 * as the commit when init is ready (state.json), which takes the intent's place (security.md 3.2). Two names, because a
 * rename over an existing file makes ext4 write it to the disk first. */
#pragma once
#include "base/err.h"
#include "libocispec-lite/arena.h"
#include "libocispec-lite/schema.h"
#include <stddef.h>
#include <sys/types.h>

#define RECORD_FORMAT  1  /* a reader refuses a newer one */
#define RECORD_CGROUPS 20 /* no host has more hierarchies */

/* One cgroup directory that create makes. */
struct record_cgroup {
	char *mount, *path;
	struct oci_bool v2;
	struct oci_bool scope; /* of systemd's making */
	/* components at path's end that create makes; 0: until the commit not ours */
	struct oci_u64 made;
};

/* Where create puts init in resctrl. */
struct record_rdt {
	char *group; /* the class; "": the default one */
	struct oci_bool made,
		stays; /* create makes it; it is not the container's but has a closID */
	struct oci_bool
		monitored; /* with a monitoring group in it, called as the container, that create makes */
};

struct record {
	struct oci_u64 format;
	char *version; /* ociVersion of the config */
	char *id, *bundle, *rootfs, *created;
	struct oci_u64 owner; /* uid */
	struct oci_u64 creator, creator_start;
	/* of init; pid 0: not committed. start is proc_pid_stat(5)'s field 22 */
	struct oci_u64 pid, start;
	OCI_VEC(struct record_cgroup) cgroups;
	struct record_rdt *rdt;              /* NULL: none */
	char *unit;                          /* systemd: "nsrun-c1.scope"; else absent */
	struct oci_bool user_unit;           /* of the user's manager */
	char *manager;                       /* cgroupfs, systemd, disabled */
	struct oci_bool poststart, poststop; /* has hooks of that kind */
	OCI_VEC(struct oci_entry) annotations;
};

/* Text of r, in a. */
const char *record_encode(const struct record *r, struct arena *a, size_t *len);
/* Memory in a. 0, or -1 with e: not JSON, not ours, another container's, too new. */
int record_decode(struct record *out, const char *text, size_t len, const char *id, struct arena *a,
                  struct err *e);

/* Writes the intent, or with a pid the commit, into dir. 0 or -errno. */
int record_save(const struct record *r, int dir);
/* Reads the commit, or the intent where there is none; never hangs and never follows a link. 0, or -1 with e (e->num is ENOENT when there is none). */
int record_load(struct record *out, int dir, const char *id, struct arena *a, struct err *e);

enum status { STATUS_CREATING, STATUS_CREATED, STATUS_RUNNING, STATUS_PAUSED, STATUS_STOPPED };
extern const char *const status_names[];

/* Derived from the processes, never stored. dir: the container's; proc: procfs_open(). PAUSED is not seen here. */
enum status record_status(const struct record *r, int dir, int proc);
/* A pidfd of init when it is the process of the record (its start time matches) and alive; else -ESRCH, or -errno. */
int record_pidfd(const struct record *r, int proc);
