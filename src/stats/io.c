/* io: bytes and requests for each block device. v1 blkio.* (cgroup-v1/blkio-controller.rst, block/bfq-iosched.rst), v2
 * io.stat (cgroup-v2.rst) in the names of v1. */
#include "base/str.h"
#include "stats/reader.h"
#include <stdio.h>
#include <string.h>

/* All the lists of struct oci_stats_io are of this type. */
struct list {
	struct oci_stats_io_entry **v;
	size_t *n;
};

static void add(struct stats *s, struct list l, const struct oci_stats_io_entry *e)
{
	*l.v = stats_room(s->a, *l.v, *l.n, sizeof **l.v);
	(*l.v)[(*l.n)++] = *e;
}

/* "8:16" into the numbers of e, which gets its booleans here. */
static bool read_device(char *word, struct oci_stats_io_entry *e)
{
	const char *major = strsep(&word, ":");

	*e = (struct oci_stats_io_entry){ { 0, true }, { 0, true }, NULL, { 0, true } };
	return word && str_u64(major, UINT32_MAX, &e->major.v) == 0 &&
	       str_u64(word, UINT32_MAX, &e->minor.v) == 0;
}

/* "8:16 Read 4096", in the lists of times and sectors "8:16 4096". The totals of all devices have none in front. */
static void read_v1_file(struct stats *s, int dir, const char *file, struct list l)
{
	char *text = stats_text(dir, file), *line;

	while ((line = text_line(&text))) {
		char *device = text_word(&line), *op = text_word(&line);
		const char *value = text_word(&line);
		struct oci_stats_io_entry e;

		if (!op || !read_device(device, &e) ||
		    str_u64(value ? value : op, UINT64_MAX, &e.value.v) < 0)
			continue;
		if (value)
			e.op = arena_str(s->a, op, strlen(op));
		add(s, l, &e);
	}
}

/* Each scheduler and the throttling count for themselves: the first that knows of a device is taken. */
static void read_v1(struct stats *s, int dir, const char *what, struct list l)
{
	static const char *const names[] = { "blkio.bfq.%s_recursive", "blkio.%s_recursive",
		                             "blkio.throttle.%s_recursive", "blkio.throttle.%s" };

	for (size_t i = 0; i < sizeof names / sizeof *names && !*l.n; i++) {
		const char *stem = strchr(names[i], '%');
		char file[80];

		snprintf(file, sizeof file, "%.*s%s%s", (int)(stem - names[i]), names[i], what,
		         stem + 2);
		read_v1_file(s, dir, file, l);
	}
}

/* "8:16 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0" */
static void read_v2(struct stats *s, int dir, struct list bytes, struct list ios)
{
	const struct {
		const char *key, *op;
		struct list list;
	} keys[] = { { "rbytes", "Read", bytes },    { "wbytes", "Write", bytes },
		     { "dbytes", "Discard", bytes }, { "rios", "Read", ios },
		     { "wios", "Write", ios },       { "dios", "Discard", ios } };
	char *text = stats_text(dir, "io.stat"), *line;

	while ((line = text_line(&text))) {
		struct oci_stats_io_entry e;
		char *word = text_word(&line);

		if (!word || !read_device(word, &e))
			continue;
		while ((word = text_word(&line))) {
			const char *key = strsep(&word, "=");

			for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
				if (!word || !STR_EQ(key, keys[i].key) ||
				    str_u64(word, UINT64_MAX, &e.value.v) < 0)
					continue;
				e.op = (char *)keys[i].op;
				add(s, keys[i].list, &e);
			}
		}
	}
}

void stats_io(struct stats *s, struct oci_stats_io *out)
{
	int v2 = stats_holder(s, STATS_V2, "io.stat");
	int v1 = v2 < 0 ? stats_holder(s, STATS_V1, "blkio.throttle.io_serviced") : -1;
#define LIST(m) ((struct list){ &out->m.v, &out->m.n })
	const struct {
		const char *what;
		struct list list;
	} files[] = {
		{ "io_service_bytes", LIST(service_bytes) },
		{ "io_serviced", LIST(serviced) },
		{ "io_queued", LIST(queued) },
		{ "io_service_time", LIST(service_time) },
		{ "io_wait_time", LIST(wait_time) },
		{ "io_merged", LIST(merged) },
		{ "time", LIST(time) },
		{ "sectors", LIST(sectors) },
	};

	for (size_t i = 0; v1 >= 0 && i < sizeof files / sizeof *files; i++)
		read_v1(s, v1, files[i].what, files[i].list);
	if (v2 >= 0)
		read_v2(s, v2, LIST(service_bytes), LIST(serviced));
	out->psi = stats_psi(s, "io.pressure");
#undef LIST
}
