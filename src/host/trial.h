/* trial: what can only be seen by trying, in namespaces and mounts that end with the trial. For doctor. */
#pragma once

/* Can a user namespace be made, and anything be done with it? 0, or -errno. */
int trial_userns(void);

/* A user namespace that maps one id, for trial_idmap(); proc: procfs_open(). A descriptor or -errno. */
int trial_idmap_userns(int proc);
/* Can a mount of the file system at path (NULL: of a new tmpfs) be id-mapped? It is a detached copy that nobody sees.
 * mount_setattr(2). 0, or -errno. */
int trial_idmap(const char *path, int userns);
