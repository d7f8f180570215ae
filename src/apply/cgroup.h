/* cgroup: an existing container's cgroups, for delete, kill and for create that failed. Host lane only.
 * A ref names one directory, of a plan or of a record; one that does not exist is no error: its processes are gone.
 * A ref of a hierarchy's root is refused with -EINVAL. All return 0 or more, or -errno. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct cgroup_ref {
	const char *mount, *path; /* "/sys/fs/cgroup/memory", "/nsrun-c1" */
	bool v2;
	/* how many components at path's end were made for the container: 2 is its parent too */
	uint64_t made;
};

/* Sends sig to every process of the container, those in cgroups that it made included: by cgroup.kill (5.14) when it
 * is SIGKILL, else one by one while the freezer holds them. SIGKILL thaws what was frozen. */
int cgroup_kill_all(const struct cgroup_ref *refs, size_t n, int sig);

/* Removes the directories with everything below them, waiting up to ten seconds for processes that are dying, and the
 * parents that were made for them as far as they are empty. All are tried; the first failure is returned: -EBUSY when
 * processes are left. */
int cgroup_remove(const struct cgroup_ref *refs, size_t n);

/* The same without killing or waiting: false when something is left. A dead init's pid namespace has taken every
 * process along, so this is how nearly all end, at one rmdir for each. */
bool cgroup_remove_empty(const struct cgroup_ref *refs, size_t n);

/* The pids in the container's cgroups, at most max of them in out. Returns how many there are. */
ssize_t cgroup_procs(const struct cgroup_ref *refs, size_t n, pid_t *out, size_t max);

/* 1 when the container is frozen. */
int cgroup_frozen(const struct cgroup_ref *refs, size_t n);

/* Stops all processes of the container, by one freezer: v2's where it is in one, else v1's. Waits at most ms until
 * none runs any more; -ETIMEDOUT: some still do, the others are held until cgroup_thaw(). -ENOTSUP: there is none. */
int cgroup_freeze(const struct cgroup_ref *refs, size_t n, long ms);

/* Lets them go on, whatever froze them. */
int cgroup_thaw(const struct cgroup_ref *refs, size_t n);

/* Can a cgroup of ref's hierarchy have files of that controller? A v1 mount is named after all of its controllers. */
bool cgroup_may_have(const struct cgroup_ref *ref, const char *controller);

/* One directory: */
/* Opens it O_PATH without following a symlink on the way. */
int cgroup_open(const struct cgroup_ref *ref);
/* Is this cgroup (a descriptor) frozen itself? A v1 cgroup of another controller than the freezer is not. */
bool cgroup_is_frozen(int cgroup);
/* How many processes are in it, not counting its children. */
ssize_t cgroup_count(int cgroup);
