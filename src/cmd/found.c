/* found: see found.h. */
#include "cmd/found.h"
#include "base/engine_texts.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include "cmd/update.h"
#include "libocispec-lite/ocispec.h"
#include "store/store.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

int found_open(struct found *f, const struct globals *g, const char *id, int wait_ms, struct err *e)
{
	struct err root = { 0 };

	*f = (struct found){ .dir = -1, .proc = -1 };
	f->root = store_open(g->root, false, &root);
	if (f->root < 0 && root.num == ENOENT) {
		err_set(e, ERR_STATE, TEXT_NO_CONTAINER ": %s", id);
		e->num = ENOENT;
		return err_hint(e, "%s", root.what);
	}
	if (f->root < 0) {
		*e = root;
		return -1;
	}
	f->proc = procfs_open();
	if (f->proc < 0)
		return err_sys(e, ERR_HOST, -f->proc, "open /proc");
	f->dir = wait_ms == FOUND_UNLOCKED ? store_peek(f->root, id, e)
	                                   : store_lock(f->root, id, wait_ms, e);
	return f->dir < 0 ? -1 : 0;
}

int found_load(struct found *f, const struct globals *g, const char *id, int wait_ms, struct err *e)
{
	if (found_open(f, g, id, wait_ms, e) < 0 ||
	    record_load(&f->record, f->dir, id, &f->arena, e) < 0)
		return -1;
	if (wait_ms != FOUND_UNLOCKED)
		update_recover(f->dir, &f->record);
	return 0;
}

_Static_assert(RECORD_CGROUPS >= FACTS_HIERARCHIES, "a plan's cgroups fit into a record");

size_t found_cgroups(const struct record *r, struct cgroup_ref out[RECORD_CGROUPS])
{
	bool committed = r->pid.v != 0;
	size_t n = 0;

	for (size_t i = 0; i < r->cgroups.n; i++) {
		const struct record_cgroup *c = &r->cgroups.v[i];

		if (committed || c->made.v)
			out[n++] = (struct cgroup_ref){ c->mount, c->path, c->v2.v, c->made.v };
	}
	return n;
}

bool found_oom(const struct record *r, struct oom *out)
{
	struct cgroup_ref refs[RECORD_CGROUPS];

	return oom_read(refs, found_cgroups(r, refs), out) == 0 && out->kills > 0;
}

bool found_own_pids(const struct found *f)
{
	char path[32], text[4096];

	snprintf(path, sizeof path, "%d/status", (int)f->record.pid.v);
	autofd fd = procfs_openat(f->proc, path, O_RDONLY);
	if (fd < 0 || io_read_small(fd, "", text, sizeof text) < 0)
		return false;
	/* Its pids, from the namespace of this procfs to its own. */
	char *pids = strstr(text, "\nNSpid:");
	if (!pids)
		return false;
	pids[1 + strcspn(pids + 1, "\n")] = '\0';
	return str_ends(pids, "\t1");
}

bool found_shares(const struct found *f, const char *file)
{
	struct stat theirs, ours;
	char path[32];

	snprintf(path, sizeof path, "%d/ns", (int)f->record.pid.v);
	autofd dir = procfs_openat(f->proc, path, O_PATH | O_DIRECTORY);
	autofd self = procfs_openat(f->proc, "self/ns", O_PATH | O_DIRECTORY);

	return dir >= 0 && self >= 0 && fstatat(dir, file, &theirs, 0) == 0 &&
	       fstatat(self, file, &ours, 0) == 0 && theirs.st_ino == ours.st_ino &&
	       theirs.st_dev == ours.st_dev;
}

int found_creating(const char *id, struct err *e)
{
	err_set(e, ERR_STATE, "container %s is still being created", id);
	return err_hint(e, "wait until \"nsrun create\" has ended");
}

int found_no_cgroup(const char *id, struct err *e)
{
	err_set(e, ERR_STATE, "container %s has no cgroup", id);
	return err_hint(e,
	                "create it where cgroups can be made, without --cgroup-manager disabled");
}

enum status found_status(const struct found *f)
{
	enum status status = record_status(&f->record, f->dir, f->proc);
	struct cgroup_ref refs[RECORD_CGROUPS];
	size_t n = found_cgroups(&f->record, refs);

	if (status != STATUS_RUNNING && status != STATUS_CREATED)
		return status;
	return cgroup_frozen(refs, n) == 1 ? STATUS_PAUSED : status;
}

struct oci_state found_state(const struct found *f, const char *owner)
{
	const struct record *r = &f->record;
	enum status status = found_status(f);
	struct oci_state s = { .version = r->version,
		               .id = r->id,
		               .pid = { status == STATUS_STOPPED ? 0 : (int64_t)r->pid.v, true },
		               .status = (char *)status_names[status],
		               .bundle = r->bundle,
		               .rootfs = r->rootfs,
		               .created = r->created,
		               .owner = (char *)owner };

	s.annotations.v = r->annotations.v;
	s.annotations.n = r->annotations.n;
	return s;
}

void found_done(struct found *f)
{
	fd_close(&f->dir);
	fd_close(&f->proc);
	fd_close(&f->root);
	arena_done(&f->arena);
}
