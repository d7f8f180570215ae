/* sample: what `stats` shows of each container, read at one moment. */
#pragma once
#include "base/err.h"
#include "libocispec-lite/arena.h"
#include "libocispec-lite/schema.h"

struct sample_memory {
	struct oci_u64 usage, limit;
};
struct sample_pids {
	struct oci_u64 current, limit;
};
struct sample_io {
	struct oci_u64 read, write;
};
struct sample_pressure {
	char *cpu, *memory, *io;
};

/* One container. What is not known is absent, and so is a limit that is none. Strings and objects are of the round. */
struct sample {
	char *id;
	struct oci_u64 pid;
	char *status;
	char *cpu_percent; /* of one processor since the round before; absent in the first */
	struct sample_memory *memory;
	struct sample_pids *pids;
	struct sample_io *io; /* bytes so far */
	struct sample_pressure
		*pressure; /* per cent of the last 10 seconds in which some had to wait */
	struct oci_u64 oom_kills;

	/* Not printed: who it is, and when it had used how much. */
	uint64_t start, cpu_ns, at_ns;
};
extern const struct oci_schema sample_schema;

/* All of them, sorted by id. */
struct round {
	struct arena a;
	struct sample *v;
	size_t n;
};

/* Where containers are looked for. */
struct sample_source {
	const char *root; /* --root, or NULL */
	int proc;
	const char *const *ids; /* n of them; none: all that live */
	size_t n;
};

/* Fills an empty round. before may be NULL: then a missing one of the ids is an error; later it has gone, and is left
 * out. 0, or -1 with e. */
int round_take(struct round *out, const struct round *before, const struct sample_source *from,
               struct err *e);
void round_done(struct round *r);

/* Writes the table: to a terminal of so many columns and lines over the one before, cut to that size; columns 0: as it
 * is. */
struct sample_size {
	unsigned columns, lines;
};
void round_print(const struct round *r, struct sample_size size);
