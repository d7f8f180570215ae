/* mnt: what the mount ops share. A mount is made detached, gets its attributes while nobody can reach it, and is then
 * put on a verified descriptor (security.md R2). Init lane: no allocation. All return a descriptor or 0, or -errno. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Attributes to change: MOUNT_ATTR_*, those of rec_* for every mount below too; propagation is MS_SHARED ...
 * [| MS_REC], or 0. */
struct mnt_want {
	uint64_t set, clear, rec_set, rec_clear;
	unsigned long propagation;
};

/* MS_* of one mount as MOUNT_ATTR_*; cleared: those to be taken away. Access times are one field: naming one of them
 * clears the field. */
uint64_t mnt_attrs(unsigned long flags);
struct mnt_want mnt_want(unsigned long flags, unsigned long cleared);

/* A new file system, detached. */
struct mnt_fs {
	const char *type, *source; /* source may be NULL */
	const char *data;          /* comma-separated */
	const char *more;          /* one more option, or NULL */
	const char *drop;          /* name of an option of data to leave out, or NULL */
	unsigned long flags;       /* MS_* */
};
/* log gets the file system's own words about a refusal, or "". -ENOSYS also when fsconfig(2) cannot say what mount(2)
 * can: values of 256 bytes and more, iversion where the file system has no such option. */
int mnt_new(const struct mnt_fs *fs, char *log, size_t n);

/* A detached copy of what fd refers to, with what is mounted below when rec. */
int mnt_copy(int fd, bool rec);
/* Maps the ids of a detached mount, with those below it when rec: from those on disk to those of the host, as userns
 * has them. 5.12. */
int mnt_idmap(int tree, int userns, bool rec);
/* MS_SHARED ... [| MS_REC]; 0: nothing to do. proc: SLOT_PROC. */
int mnt_propagate(int proc, int fd, unsigned long propagation);
/* Changes an attached mount; before 5.12 by remounting it (-ENOSYS for recursive attributes). proc: SLOT_PROC. */
int mnt_change(int proc, int fd, const struct mnt_want *w);
/* Puts a detached mount on target, changed as wanted. tree then refers to it there. */
int mnt_put(int proc, int tree, int target, const struct mnt_want *w);

/* mount(2) on a descriptor: through proc's self/fd, never by the path's name. */
int mnt_mount(int proc, int fd, const char *source, const char *type, unsigned long flags,
              const char *data);
/* mount(2) with MS_REMOUNT: all flags of the mount become the given ones. Where the kernel refuses to take away what
 * the owner of the mount has locked, those stay, unless they are in cleared: -EPERM. */
int mnt_remount(int proc, int fd, unsigned long flags, unsigned long cleared, const char *data);
