/* sdbus: the calls of libsystemd that the helper uses, loaded when they are needed: to build it takes no headers of
 * systemd, and to run nsrun without the systemd cgroup manager no library. sd-bus(3); libsystemd 237 or newer. */
#pragma once
#include "base/err.h"
#include <stddef.h>
#include <stdint.h>

struct sd_bus;
struct sd_bus_message;
struct sd_bus_slot;
struct sd_bus_error {
	const char *name, *message;
	int need_free;
};
typedef int sd_bus_handler(struct sd_bus_message *m, void *ctx, struct sd_bus_error *error);

/* Each is the sd_bus_* function of its name and returns what that returns: 0 or more, or -errno. */
extern struct sdbus {
	int (*open_system)(struct sd_bus **bus);
	int (*open_user)(struct sd_bus **bus);
	int (*is_ready)(struct sd_bus *bus);
	int (*process)(struct sd_bus *bus, struct sd_bus_message **m);
	int (*wait)(struct sd_bus *bus, uint64_t us);
	int (*match_signal_async)(struct sd_bus *bus, struct sd_bus_slot **slot, const char *sender,
	                          const char *path, const char *interface, const char *member,
	                          sd_bus_handler *f, sd_bus_handler *installed, void *ctx);
	int (*call)(struct sd_bus *bus, struct sd_bus_message *m, uint64_t us,
	            struct sd_bus_error *error, struct sd_bus_message **reply);
	int (*message_new_method_call)(struct sd_bus *bus, struct sd_bus_message **m,
	                               const char *destination, const char *path,
	                               const char *interface, const char *member);
	int (*message_append_basic)(struct sd_bus_message *m, char type, const void *p);
	int (*message_append_array)(struct sd_bus_message *m, char type, const void *p, size_t n);
	int (*message_open_container)(struct sd_bus_message *m, char type, const char *contents);
	int (*message_close_container)(struct sd_bus_message *m);
	int (*message_read_basic)(struct sd_bus_message *m, char type, void *p);
} sd;

/* Fills sd. 0, or -1 with e. */
int sdbus_load(struct err *e);
