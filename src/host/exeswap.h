/* exeswap: another mounting of our executable takes the place of the one that we were run from. */
#pragma once

/* Maps the file of fd, which is our executable as some other mount shows it, where our segments are, and makes it the
 * /proc/PID/exe of this process and its children: prctl(2) with PR_SET_MM, needs CAP_SYS_RESOURCE or
 * CAP_CHECKPOINT_RESTORE (or CAP_SYS_ADMIN). The kernel takes it only when nothing of the old file is mapped any more.
 *
 * Returns 0, or -errno; the program runs on in either case, and /proc/PID/exe is then the old one. For a process with
 * one thread. */
int exeswap(int fd);
