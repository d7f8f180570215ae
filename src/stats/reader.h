/* reader: the files of a container's cgroups, and the few forms that their texts have (cgroup-v2.rst, "Interface
 * Files"). For stats/ only. */
#pragma once
#include "stats/stats.h"

enum stats_kind { STATS_V1, STATS_V2, STATS_ANY };

/* The descriptor of the cgroup, among those of kind, that has the file: so each controller is read where this host has
 * it. -1 when none has. */
int stats_holder(const struct stats *s, enum stats_kind kind, const char *file);

/* The text of a file of the cgroup dir ("": of dir itself), to be taken apart in place; it lives until the next call.
 * NULL when there is none, or more than 256 KiB. */
char *stats_text(int dir, const char *file);
/* The number that is all of a file; "max" is UINT64_MAX. False, and *out as it was, when it is not there. */
bool stats_number(int dir, const char *file, uint64_t *out);

/* The wanted lines of a file of "key number" lines. */
struct stats_key {
	const char *key;
	uint64_t *out;
	uint64_t scale;
};
void stats_keys(int dir, const char *file, const struct stats_key *keys, size_t n);

/* Cuts the next line, or the next word of a line, off a text. NULL at its end. Empty ones are skipped. */
char *text_line(char **text);
char *text_word(char **line);
/* A number, or "max", UINT64_MAX. */
bool text_number(const char *word, uint64_t *out);

/* An array of n items with room for one more: the old one, or a copy that is twice as long. */
void *stats_room(struct arena *a, const void *items, size_t n, size_t item);

/* Pressure of the cgroup, or NULL: v1, a kernel without CONFIG_PSI, psi=0. */
struct oci_psi *stats_psi(struct stats *s, const char *file);

/* Adds the interfaces of a net/dev (or NULL) to out. */
void stats_interfaces(char *text, struct oci_stats *out, struct arena *a);
