/* copyup: copies what a directory holds into a new tmpfs (tmpcopyup). Init lane: no allocation. */
#pragma once

/* Copies files, directories, symlinks, nodes with modes and owners from the directory from (any descriptor of it) into
 * to; links are copied, never followed. proc: SLOT_PROC. 0 or -errno; -ENAMETOOLONG when deeper than 64, -EOVERFLOW
 * beyond 65,536 entries. */
int copyup(int proc, int from, int to);
