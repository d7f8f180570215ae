/* doctor_programs: see doctor.h. Nothing is run: a program that is there is taken for one that works. */
#include "apply/helper.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "cmd/doctor.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_SETTINGS (1u << 20)

bool doctor_which(const char *name, char *path, size_t n)
{
	const char *dirs = getenv("PATH");

	for (const char *d = dirs ? dirs : "/usr/bin:/bin";; d++) {
		size_t len = strcspn(d, ":");

		snprintf(path, n, "%.*s/%s", len ? (int)len : 1, len ? d : ".", name);
		if (access(path, X_OK) == 0)
			return true;
		d += len;
		if (!*d)
			return false;
	}
}

/* Our name in /etc/passwd, "" when there is none. Read by hand: the name service would load libraries for it. */
static const char *user_name(uid_t uid, char *buf, size_t n)
{
	const char *text;
	char want[32];
	size_t len;

	*buf = '\0';
	snprintf(want, sizeof want, ":%u:", uid);
	if (io_load(AT_FDCWD, "/etc/passwd", MAX_SETTINGS, &text, &len) < 0)
		return buf;
	for (const char *end = text + len; text < end;) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t size = (size_t)((stop ? stop : end) - text);
		const char *name = memchr(text, ':', size);
		const char *id = name ? memchr(name + 1, ':', size - (size_t)(name + 1 - text))
		                      : NULL;

		if (id && size - (size_t)(id - text) >= strlen(want) &&
		    memcmp(id, want, strlen(want)) == 0) {
			snprintf(buf, n, "%.*s", (int)(name - text), text);
			return buf;
		}
		text += size + 1;
	}
	return buf;
}

/* How many ids a file like /etc/subuid gives the user: lines of "name:first:count", subuid(5). */
static uint64_t subordinate(const char *file, const char *user, uid_t uid)
{
	const char *text;
	uint64_t sum = 0;
	size_t len;
	char number[16];

	snprintf(number, sizeof number, "%u", uid);
	if (io_load(AT_FDCWD, file, MAX_SETTINGS, &text, &len) < 0)
		return 0;
	for (const char *end = text + len; text < end;) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((stop ? stop : end) - text);
		char line[256], count[32];

		snprintf(line, sizeof line, "%.*s", n < 255 ? (int)n : 255, text);
		text += n + 1;
		char *second = strchr(line, ':'), *third = second ? strchr(second + 1, ':') : NULL;
		uint64_t v;

		if (!third)
			continue;
		*second = '\0';
		snprintf(count, sizeof count, "%.31s", third + 1);
		if ((STR_EQ(line, user) || STR_EQ(line, number)) &&
		    str_u64(count, UINT32_MAX, &v) == 0)
			sum += v;
	}
	return sum;
}

static void subids(struct diagnosis *d, const struct facts *f, const char *file)
{
	char user[64];
	uint64_t n = subordinate(file, user_name(f->euid, user, sizeof user), f->euid);

	finding(d, "users", file, n || f->cap_setid ? VERDICT_YES : VERDICT_NO,
	        n              ? arena_fmt(d->a, "%llu ids", (unsigned long long)n)
	        : f->cap_setid ? "not needed: any id can be mapped"
	                       : "no ids for this user: only the own id can be mapped",
	        "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER");
}

static void program(struct diagnosis *d, const char *group, const char *name, const char *lost,
                    const char *advice)
{
	char path[PATH_MAX];
	bool found = doctor_which(name, path, sizeof path);

	finding(d, group, name, found ? VERDICT_YES : VERDICT_NO,
	        found ? arena_fmt(d->a, "%s", path) : arena_fmt(d->a, "missing: %s", lost), advice);
}

static void helper(struct diagnosis *d, const char *name, const char *lost, const char *advice)
{
	char path[PATH_MAX];
	bool found = helper_find(name, path, sizeof path);

	finding(d, "programs", name, found ? VERDICT_YES : VERDICT_NO,
	        found ? arena_fmt(d->a, "%s", path) : arena_fmt(d->a, "missing: %s", lost), advice);
}

static void systemd(struct diagnosis *d, const struct facts *f)
{
	bool booted = access("/run/systemd/system", F_OK) == 0;
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	const char *bus = f->euid || f->in_userns
	                          ? arena_fmt(d->a, "%s/bus", runtime ? runtime : "/run/user/?")
	                          : "/run/dbus/system_bus_socket";

	finding(d, "programs", "systemd", booted ? VERDICT_YES : VERDICT_NO,
	        booted ? "runs" : "does not run: no --systemd-cgroup",
	        "nothing: the default cgroup manager needs no systemd");
	if (booted)
		finding(d, "programs", "bus", access(bus, F_OK) == 0 ? VERDICT_YES : VERDICT_NO,
		        bus,
		        "log in through systemd-logind, or enable lingering: loginctl enable-linger");
}

void doctor_programs(struct diagnosis *d, const struct facts *f)
{
	const char *ids = f->cap_setid ? "not needed by root"
	                               : "an ordinary user can map no id but the own";

	program(d, "users", "newuidmap", ids, "install uidmap (shadow-utils)");
	program(d, "users", "newgidmap", ids, "install uidmap (shadow-utils)");
	subids(d, f, "/etc/subuid");
	subids(d, f, "/etc/subgid");
	systemd(d, f);
	helper(d, "nsrun-systemd", "no --systemd-cgroup",
	       "build without --disable-systemd, install it");
	helper(d, "nsrun-criu", "no checkpoint and restore",
	       "build where protobuf-c and its compiler are, install it");
	program(d, "programs", "criu", "no checkpoint and restore", "install criu 3.11 or later");
	program(d, "programs", "ps", "ps prints --format json only", "install procps");
}

static bool names_nsrun(int dir, const char *file)
{
	const char *text;
	size_t len;

	return io_load(dir, file, MAX_SETTINGS, &text, &len) == 0 && memmem(text, len, "nsrun", 5);
}

/* Is nsrun in the file, or, of a directory, in one of its files? */
static bool configured(const char *path)
{
	DIR *dir = opendir(path);
	bool found = false;

	if (!dir)
		return names_nsrun(AT_FDCWD, path);
	for (struct dirent *x; !found && (x = readdir(dir));)
		found = *x->d_name != '.' && names_nsrun(dirfd(dir), x->d_name);
	closedir(dir);
	return found;
}

void doctor_engines(struct diagnosis *d)
{
	static const struct {
		const char *program, *places[4], *advice;
	} engines[] = {
		{ "podman",
		  { "/etc/containers/containers.conf", "/etc/containers/containers.conf.d" },
		  "make install-engines, or call it with --runtime" },
		{ "docker",
		  { "/etc/docker/daemon.json" },
		  "name nsrun in /etc/docker/daemon.json: contrib/engines" },
		{ "containerd",
		  { "/etc/containerd/config.toml", "/etc/containerd/conf.d" },
		  "make install-engines, or call ctr with --runc-binary" },
		{ "crio",
		  { "/etc/crio/crio.conf", "/etc/crio/crio.conf.d" },
		  "make install-engines" },
		{ "buildah", { NULL }, NULL },
	};
	char path[PATH_MAX];
	size_t n = 0;

	for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
		bool set = !engines[i].places[0];

		if (!doctor_which(engines[i].program, path, sizeof path))
			continue;
		n++;
		for (const char *const *p = engines[i].places; *p && !set; p++)
			set = configured(*p);
		finding(d, "engines", engines[i].program, set ? VERDICT_YES : VERDICT_NO,
		        !engines[i].places[0] ? "has no settings: call it with --runtime"
		        : set                 ? "knows nsrun"
		                              : "does not know nsrun",
		        engines[i].advice);
	}
	if (!n)
		finding(d, "engines", "all", VERDICT_NO, "none is installed",
		        "nothing, if nsrun is used alone");
}
