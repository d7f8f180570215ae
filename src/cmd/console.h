/* console: the sockets over which a terminal's master travels (engine-contract.md 1.3, --console-socket). */
#pragma once
#include "base/err.h"

/* Connects to the AF_UNIX stream socket at path, which may be longer than an address (107 bytes) as long as its last
 * part is not. Does not wait for a listener that is full. A descriptor, or -1 with e. */
int console_connect(const char *path, struct err *e);
/* The same to another socket; what names it in errors. */
int console_connect_to(const char *what, const char *path, struct err *e);
/* The descriptor that came over sock, or -1 with e. */
int console_receive(int sock, struct err *e);
