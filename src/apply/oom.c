/* oom: see oom.h. cgroup-v2 "memory.events", cgroup-v1/memory "memory.oom_control". */
#include "apply/oom.h"
#include "apply/cgroup_dir.h"
#include "base/fd.h"
#include "base/human.h"
#include "base/io.h"
#include "base/str.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define V1_NONE                                                                                    \
	0x7ffffffffffff000u /* v1 has no word for "no limit": whole pages below 2^63 (or more of 64 KiB) */

/* The number in a file, or behind key in a file of lines "key number". 0 when there is none. */
static uint64_t number(int cgroup, const char *file, const char *key)
{
	size_t len = key ? strlen(key) : 0;
	char text[1024];
	uint64_t v = 0;

	if (io_read_small(cgroup, file, text, sizeof text) < 0)
		return 0;
	for (char *line = text; *line;) {
		char *end = line + strcspn(line, "\n");
		char *next = *end ? end + 1 : end;

		*end = '\0';
		if (!key && str_u64(line, UINT64_MAX, &v) == 0)
			return v;
		if (key && strncmp(line, key, len) == 0 && line[len] == ' ' &&
		    str_u64(line + len + 1, UINT64_MAX, &v) == 0)
			return v;
		line = next;
	}
	return 0;
}

/* v1 counts a kill where the process was, and nowhere above. */
static uint64_t kills_below(int cgroup, unsigned depth)
{
	uint64_t sum = number(cgroup, "memory.oom_control", "oom_kill");
	autofd dir = cgroup_open_dir(cgroup, ".", O_RDONLY);
	struct cgroup_children c = { .dir = dir };
	char name[NAME_MAX + 1];

	while (dir >= 0 && depth && cgroup_next_child(&c, name)) {
		autofd child = cgroup_open_dir(dir, name, O_PATH);

		sum += child < 0 ? 0 : kills_below(child, depth - 1);
	}
	return sum;
}

/* Was a v1 limit reached? failcnt tells, on kernels that count (not 6.18); else the peak, less what was asked for at
 * once: the OOM killer comes for at most 8 pages (PAGE_ALLOC_COSTLY_ORDER). */
static bool reached_v1(int cgroup, const char *kind)
{
	static const char *const files[] = { "failcnt", "limit_in_bytes", "max_usage_in_bytes" };
	uint64_t v[3], slack = 8 * (uint64_t)sysconf(_SC_PAGESIZE);
	char file[64];

	for (size_t i = 0; i < 3; i++) {
		snprintf(file, sizeof file, "memory.%s%s", kind, files[i]);
		v[i] = number(cgroup, file, NULL);
	}
	return v[0] > 0 || (v[1] > 0 && v[2] + slack >= v[1]);
}

static void read_v1(int cgroup, struct oom *out)
{
	uint64_t limit = number(cgroup, "memory.limit_in_bytes", NULL);

	out->kills = kills_below(cgroup, CGROUP_DEPTH);
	out->limit = limit >= (V1_NONE & ~0xffffull) ? UINT64_MAX : limit;
	out->peak = number(cgroup, "memory.max_usage_in_bytes", NULL);
	out->at_limit = reached_v1(cgroup, "") || reached_v1(cgroup, "memsw.");
}

static void read_v2(int cgroup, struct oom *out)
{
	char text[32];

	/* "max" is no number. */
	if (io_read_small(cgroup, "memory.max", text, sizeof text) > 0 && !str_starts(text, "max"))
		out->limit = number(cgroup, "memory.max", NULL);
	out->kills = number(cgroup, "memory.events", "oom_kill");
	out->peak = number(cgroup, "memory.peak", NULL);
	/* What the container limits below its own cgroup is in memory.events too. */
	out->at_limit = number(cgroup, "memory.events.local", "oom") > 0;
}

int oom_read(const struct cgroup_ref *refs, size_t n, struct oom *out)
{
	*out = (struct oom){ .limit = UINT64_MAX };
	for (size_t i = 0; i < n; i++) {
		const char *file = refs[i].v2 ? "memory.events" : "memory.oom_control";
		autofd fd = cgroup_open(&refs[i]);

		if (fd < 0 && fd != -ENOENT)
			return fd_take(&fd);
		if (fd < 0 || faccessat(fd, file, F_OK, 0) < 0)
			continue;
		if (refs[i].v2)
			read_v2(fd, out);
		else
			read_v1(fd, out);
		return 0;
	}
	return -ENOENT;
}

const char *oom_text(const struct oom *o, char buf[OOM_TEXT])
{
	char size[HUMAN_SIZE];

	if (o->at_limit && o->limit != UINT64_MAX)
		snprintf(buf, OOM_TEXT, "was OOM-killed at limit %s (%llu bytes)",
		         human_size(size, o->limit), (unsigned long long)o->limit);
	else
		snprintf(buf, OOM_TEXT,
		         "was OOM-killed: the host, or a cgroup above or below its "
		         "own, ran out of memory");
	return buf;
}

int oom_error(const struct oom *o, struct err *e)
{
	char text[OOM_TEXT], peak[HUMAN_SIZE];

	oom_text(o, text);
	if (o->peak)
		str_add(text, sizeof text, ", peak use %s", human_size(peak, o->peak));
	err_set(e, ERR_STEP, "init %s", text);
	if (!o->at_limit)
		return err_hint(e,
		                "free memory on the host, or raise the limit of the cgroup above");
	err_where(e, "/linux/resources/memory/limit");
	return err_hint(e, "raise /linux/resources/memory/limit: init itself needs about 1 MiB");
}
