/* sdbus: see sdbus.h. */
#include "systemd/sdbus.h"
#include <dlfcn.h>
#include <string.h>

#define LIBRARY "libsystemd.so.0"

struct sdbus sd;

/* clang-format off */
#define CALL(member) { "sd_bus_" #member, offsetof(struct sdbus, member) }
static const struct {
	const char *name;
	size_t at;
} calls[] = {
	CALL(open_system),
	CALL(open_user),
	CALL(is_ready),
	CALL(process),
	CALL(wait),
	CALL(match_signal_async),
	CALL(call),
	CALL(message_new_method_call),
	CALL(message_append_basic),
	CALL(message_append_array),
	CALL(message_open_container),
	CALL(message_close_container),
	CALL(message_read_basic),
};
/* clang-format on */
_Static_assert(sizeof calls / sizeof *calls * sizeof(void *) == sizeof sd,
               "every member has its row");

int sdbus_load(struct err *e)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (!library) {
		err_set(e, ERR_HOST, LIBRARY " is missing: %s", dlerror());
		return err_hint(
			e, "install it (package libsystemd0, systemd-libs or libsystemd), or use "
			   "--cgroup-manager cgroupfs");
	}
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		void *p = dlsym(library, calls[i].name);

		if (!p) {
			err_set(e, ERR_HOST, LIBRARY " has no %s", calls[i].name);
			return err_hint(e, "install systemd 237 or newer");
		}
		memcpy((char *)&sd + calls[i].at, &p, sizeof p);
	}
	return 0;
}
