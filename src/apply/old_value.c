/* old_value: see old_value.h. cgroup-v2.rst; cgroup-v1/ of the kernel's documentation. */
#include "apply/old_value.h"
#include "base/io.h"
#include "base/str.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SHOWN_MAX 16384 /* bytes of a file: a line for each device */

/* Files with a line for each device or interface: the names of some end like this, and what removes such a line. */
static const struct {
	const char *begin, *end, *none;
} line_files[] = {
	{ "io.max", "", "rbps=max wbps=max riops=max wiops=max" },
	{ "io.weight", "", "default" },
	{ "io.bfq.weight", "", "default" },
	{ "io.latency", "", "target=0" },
	{ "blkio.bfq.", "weight_device", "default" },
	{ "blkio.", "_device", "0" },
	{ "rdma.max", "", "hca_handle=max hca_object=max" },
	{ "misc.max", "", "max" },
	{ "dmem.max", "", "max" },
	{ "net_prio.ifpriomap", "", "0" },
};

/* What removes a line of file, NULL when it has one value only. */
static const char *line_remover(const char *file)
{
	for (size_t i = 0; i < sizeof line_files / sizeof *line_files; i++)
		if (str_starts(file, line_files[i].begin) && str_ends(file, line_files[i].end))
			return line_files[i].none;
	return NULL;
}

/* The line of text that begins with a word of n bytes, cut off from what follows; NULL: none. */
static char *find_line(char *text, const char *word, size_t n)
{
	for (char *line = text; *line;) {
		size_t len = strcspn(line, "\n");

		if (len > n && memcmp(line, word, n) == 0 && line[n] == ' ') {
			line[len] = '\0';
			return line;
		}
		line += len + (line[len] == '\n');
	}
	return NULL;
}

/* v1, and hugetlb on v2, show "no limit" as the largest number of bytes that whole pages make. */
static bool is_unlimited(const char *file, const char *shown)
{
	uint64_t v;

	return (str_starts(file, "memory.") || str_starts(file, "hugetlb.")) &&
	       str_u64(shown, UINT64_MAX, &v) == 0 && v > INT64_MAX / 2;
}

const char *old_value(const char *file, const char *text, char *shown, struct arena *a)
{
	const char *none = line_remover(file);
	size_t n = strcspn(text, " ");
	char *line;

	if (none && text[n] && !str_starts(text, "default ")) {
		line = find_line(shown, text, n);
		return line ? arena_str(a, line, strlen(line))
		            : arena_fmt(a, "%.*s %s", (int)n, text, none);
	}
	line = find_line(shown, "default", strlen("default"));
	if (!line)
		line = shown;
	line[strcspn(line, "\n")] = '\0';
	if (str_starts(line, "oom_kill_disable "))
		line += strlen("oom_kill_disable ");
	/* An idle cgroup shows a weight that nobody may write; it comes back with cpu.idle. */
	if (STR_EQ(file, "cpu.weight") && STR_EQ(line, "0"))
		return NULL;
	if (is_unlimited(file, line))
		return str_ends(file, ".max") ? "max" : "-1";
	/* A write of nothing would not reach the kernel. */
	return *line ? arena_str(a, line, strlen(line)) : "\n";
}

/* A v2 cpuset that nobody wrote to shows nothing and has its parent's, and the kernel takes no empty one while there are
 * processes in it (ENOSPC, cpuset.c): as it was is then what it had. */
static bool is_inherited(const char *file, const char *old)
{
	return old && STR_EQ(old, "\n") &&
	       (STR_EQ(file, "cpuset.cpus") || STR_EQ(file, "cpuset.mems"));
}

int old_value_read(int cgroup, const char *file, const char *text, const char **out,
                   struct arena *a)
{
	char shown[SHOWN_MAX], effective[32];
	ssize_t n = io_read_small(cgroup, file, shown, sizeof shown);

	if (n < 0)
		return (int)n;
	*out = old_value(file, text, shown, a);
	if (!is_inherited(file, *out))
		return 0;
	snprintf(effective, sizeof effective, "%s.effective", file);
	n = io_read_small(cgroup, effective, shown, sizeof shown);
	if (n > 0)
		*out = old_value(file, text, shown, a);
	return n == -ENOENT || n >= 0 ? 0 : (int)n;
}
