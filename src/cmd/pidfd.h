/* pidfd: --pidfd-socket, over which a caller gets a pidfd of the process that was made for it (engine-contract.md 1.3). */
#pragma once
#include "base/err.h"
#include "libocispec-lite/config.h"

/* Connects to the AF_UNIX stream socket at path, before anything is made. A descriptor, or -1 with e. */
int pidfd_connect(const char *path, struct err *e);
/* Sends one message, "pidfd" with the descriptor beside it. Does not wait for a peer that does not read. 0 or -errno. */
int pidfd_send(int sock, int pidfd);
/* What the annotation run.oci.pidfd_receiver says, or NULL. */
const char *pidfd_receiver(const struct oci_config *c);
