/* hugetlb: huge pages by size (cgroup-v1/hugetlb.rst, cgroup-v2.rst). Reservations are counted where the kernel does
 * (5.7), because they are what a limit on them fails at. */
#include "base/fd.h"
#include "base/str.h"
#include "stats/reader.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#define PREFIX "hugetlb."

static bool number(int dir, const char *size, const char *what, uint64_t *out)
{
	char file[NAME_MAX + 1];

	snprintf(file, sizeof file, PREFIX "%s.%s", size, what);
	return stats_number(dir, file, out);
}

static void read_v1(int dir, struct oci_stats_hugetlb *h)
{
	bool rsvd = number(dir, h->key, "rsvd.usage_in_bytes", &h->usage.v);

	if (!rsvd)
		number(dir, h->key, "usage_in_bytes", &h->usage.v);
	number(dir, h->key, rsvd ? "rsvd.max_usage_in_bytes" : "max_usage_in_bytes", &h->max.v);
	number(dir, h->key, rsvd ? "rsvd.failcnt" : "failcnt", &h->failcnt.v);
}

static void read_v2(int dir, struct oci_stats_hugetlb *h)
{
	const struct stats_key failed = { "max", &h->failcnt.v, 1 };
	char events[NAME_MAX + 1];

	if (!number(dir, h->key, "rsvd.current", &h->usage.v))
		number(dir, h->key, "current", &h->usage.v);
	snprintf(events, sizeof events, PREFIX "%s.events", h->key);
	stats_keys(dir, events, &failed, 1);
}

/* "2MB" of "hugetlb.2MB.current" (in a), or NULL for any other file. */
static char *page_size(const char *file, const char *suffix, struct arena *a)
{
	size_t len;

	if (!str_starts(file, PREFIX))
		return NULL;
	file += strlen(PREFIX);
	len = strcspn(file, ".");
	return len && STR_EQ(file + len, suffix) ? arena_str(a, file, len) : NULL;
}

/* The directory tells which sizes there are. */
static void read_dir(struct stats *s, int dir, bool v2, struct oci_stats *out)
{
	autofd fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;

	if (!list)
		return;
	fd_take(&fd); /* closedir() closes it */
	while ((d = readdir(list))) {
		struct oci_stats_hugetlb h = { .usage.set = true,
			                       .max.set = true,
			                       .failcnt.set = true };

		h.key = page_size(d->d_name, v2 ? ".current" : ".usage_in_bytes", s->a);
		if (!h.key)
			continue;
		if (v2)
			read_v2(dir, &h);
		else
			read_v1(dir, &h);
		out->hugetlb.v = stats_room(s->a, out->hugetlb.v, out->hugetlb.n, sizeof h);
		out->hugetlb.v[out->hugetlb.n++] = h;
	}
	closedir(list);
}

void stats_hugetlb(struct stats *s, struct oci_stats *out)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->fd[i] >= 0)
			read_dir(s, s->fd[i], s->refs[i].v2, out);
}
