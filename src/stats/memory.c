/* memory: v1 memory.*_in_bytes (cgroup-v1/memory.rst), v2 memory.* (cgroup-v2.rst). */
#include "base/str.h"
#include "stats/reader.h"
#include <stdio.h>
#include <string.h>

/* memory.stat as it is, and its key for the page cache. */
static void read_raw(struct stats *s, int dir, const char *cache, struct oci_stats_memory *out)
{
	char *text = stats_text(dir, "memory.stat"), *line;

	while ((line = text_line(&text))) {
		const char *key = text_word(&line), *value = text_word(&line);
		uint64_t v;

		if (!value || str_u64(value, UINT64_MAX, &v) < 0)
			continue;
		if (STR_EQ(key, cache))
			out->cache.v = v;
		out->raw.v = stats_room(s->a, out->raw.v, out->raw.n, sizeof *out->raw.v);
		out->raw.v[out->raw.n++] =
			(struct oci_entry){ arena_str(s->a, key, strlen(key)),
			                    arena_str(s->a, value, strlen(value)) };
	}
}

static void read_v1(struct stats *s, int dir, struct oci_stats_memory *out)
{
	const struct {
		const char *prefix;
		struct oci_stats_memory_entry *out;
	} entries[] = { { "memory.", out->usage },
		        { "memory.memsw.", out->swap },
		        { "memory.kmem.", out->kernel },
		        { "memory.kmem.tcp.", out->kernel_tcp } };

	for (size_t i = 0; i < sizeof entries / sizeof *entries; i++) {
		struct oci_stats_memory_entry *e = entries[i].out;
		const struct {
			const char *name;
			uint64_t *out;
		} files[] = { { "limit_in_bytes", &e->limit.v },
			      { "usage_in_bytes", &e->usage.v },
			      { "max_usage_in_bytes", &e->max.v },
			      { "failcnt", &e->failcnt.v } };

		for (size_t j = 0; j < sizeof files / sizeof *files; j++) {
			char name[64];

			snprintf(name, sizeof name, "%s%s", entries[i].prefix, files[j].name);
			stats_number(dir, name, files[j].out);
		}
	}
	read_raw(s, dir, "cache", out);
}

/* No limit and something is no limit. */
static uint64_t sum(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void read_v2(struct stats *s, int dir, struct oci_stats_memory *out)
{
	const struct stats_key failed = { "max", &out->usage->failcnt.v, 1 };
	const struct stats_key swap_failed = { "max", &out->swap->failcnt.v, 1 };
	uint64_t swap = 0, limit = 0;

	stats_number(dir, "memory.current", &out->usage->usage.v);
	stats_number(dir, "memory.max", &out->usage->limit.v);
	stats_number(dir, "memory.peak", &out->usage->max.v); /* 5.19 */
	stats_keys(dir, "memory.events", &failed, 1);
	stats_number(dir, "memory.swap.current", &swap);
	stats_number(dir, "memory.swap.max", &limit);
	stats_keys(dir, "memory.swap.events", &swap_failed, 1);
	/* As v1 counts. The peaks need not have come together, so there is no max. */
	out->swap->usage.v = sum(out->usage->usage.v, swap);
	out->swap->limit.v = sum(out->usage->limit.v, limit);
	read_raw(s, dir, "file", out);
}

void stats_memory(struct stats *s, struct oci_stats_memory *out)
{
	int v2 = stats_holder(s, STATS_V2, "memory.current");

	if (v2 >= 0)
		read_v2(s, v2, out);
	else
		read_v1(s, stats_holder(s, STATS_V1, "memory.usage_in_bytes"), out);
	out->psi = stats_psi(s, "memory.pressure");
}
