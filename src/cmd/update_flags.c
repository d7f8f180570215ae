/* update_flags: the flags of `nsrun update` (engine-contract.md 1.6), and what they or -r ask for. */
#include "base/str.h"
#include "cmd/log.h"
#include "cmd/size.h"
#include "cmd/update.h"
#include "libocispec-lite/ocispec.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct {
	const char *resources, *blkio_weight, *cpu_period, *cpu_quota, *cpu_burst, *cpu_share,
		*cpu_rt_period, *cpu_rt_runtime, *cpuset_cpus, *cpuset_mems, *cpu_idle, *memory,
		*memory_reservation, *memory_swap, *pids_limit, *kernel_memory, *kernel_memory_tcp,
		*l3_cache_schema, *mem_bw_schema;
} given;

/* clang-format off */
const struct flag update_flags[] = {
	{ "resources", 'r', FLAG_STRING, "FILE", "take them from a LinuxResources object; -: stdin", .s = &given.resources },
	{ "blkio-weight", 0, FLAG_STRING, "WEIGHT", "share of the disks: 10 to 1000", .s = &given.blkio_weight },
	{ "cpu-period", 0, FLAG_STRING, "US", "period of the cpu quota", .s = &given.cpu_period },
	{ "cpu-quota", 0, FLAG_STRING, "US", "cpu time in a period; -1: no limit", .s = &given.cpu_quota },
	{ "cpu-burst", 0, FLAG_STRING, "US", "unused quota that may be saved up", .s = &given.cpu_burst },
	{ "cpu-share", 0, FLAG_STRING, "SHARES", "share of the cpus", .s = &given.cpu_share },
	{ "cpu-rt-period", 0, FLAG_STRING, "US", "period of realtime (cgroup v1)", .s = &given.cpu_rt_period },
	{ "cpu-rt-runtime", 0, FLAG_STRING, "US", "realtime in a period (cgroup v1)", .s = &given.cpu_rt_runtime },
	{ "cpuset-cpus", 0, FLAG_STRING, "LIST", "cpus to run on, as in 0-3,7", .s = &given.cpuset_cpus },
	{ "cpuset-mems", 0, FLAG_STRING, "LIST", "memory nodes to use", .s = &given.cpuset_mems },
	{ "cpu-idle", 0, FLAG_STRING, "0|1", "run only when nobody else wants to", .s = &given.cpu_idle },
	{ "memory", 0, FLAG_STRING, "N", "memory limit in bytes, as in 512m; -1: none", .s = &given.memory },
	{ "memory-reservation", 0, FLAG_STRING, "N", "memory in bytes to leave alone", .s = &given.memory_reservation },
	{ "memory-swap", 0, FLAG_STRING, "N", "limit of memory plus swap in bytes; -1: none", .s = &given.memory_swap },
	{ "pids-limit", 0, FLAG_STRING, "N", "number of processes; -1: no limit", .s = &given.pids_limit },
	{ "kernel-memory", 0, FLAG_STRING, "N", "accepted and ignored", .s = &given.kernel_memory },
	{ "kernel-memory-tcp", 0, FLAG_STRING, "N", "accepted and ignored", .s = &given.kernel_memory_tcp },
	{ "l3-cache-schema", 0, FLAG_STRING, "S", "not supported by this version", .s = &given.l3_cache_schema },
	{ "mem-bw-schema", 0, FLAG_STRING, "S", "not supported by this version", .s = &given.mem_bw_schema },
	{ 0 },
};

static struct oci_memory memory;
static struct oci_cpu cpu;
static struct oci_pids pids;
static struct oci_block_io block_io;
static struct oci_resources resources;

enum how { TEXT, NUMBER, SIZE };
/* Where each flag's value goes, and what it is called in a LinuxResources object. One target is not NULL. */
static const struct row {
	const char *flag, *pointer;
	const char **value;
	enum how how;
	struct oci_i64 *i64;
	struct oci_u64 *u64;
	char **text;
} rows[] = {
	{ "blkio-weight", "/blockIO/weight", &given.blkio_weight, NUMBER, .u64 = &block_io.weight },
	{ "cpu-period", "/cpu/period", &given.cpu_period, NUMBER, .u64 = &cpu.period },
	{ "cpu-quota", "/cpu/quota", &given.cpu_quota, NUMBER, .i64 = &cpu.quota },
	{ "cpu-burst", "/cpu/burst", &given.cpu_burst, NUMBER, .u64 = &cpu.burst },
	{ "cpu-share", "/cpu/shares", &given.cpu_share, NUMBER, .u64 = &cpu.shares },
	{ "cpu-rt-period", "/cpu/realtimePeriod", &given.cpu_rt_period, NUMBER, .u64 = &cpu.realtime_period },
	{ "cpu-rt-runtime", "/cpu/realtimeRuntime", &given.cpu_rt_runtime, NUMBER, .i64 = &cpu.realtime_runtime },
	{ "cpuset-cpus", "/cpu/cpus", &given.cpuset_cpus, TEXT, .text = &cpu.cpus },
	{ "cpuset-mems", "/cpu/mems", &given.cpuset_mems, TEXT, .text = &cpu.mems },
	{ "cpu-idle", "/cpu/idle", &given.cpu_idle, NUMBER, .i64 = &cpu.idle },
	{ "memory", "/memory/limit", &given.memory, SIZE, .i64 = &memory.limit },
	{ "memory-reservation", "/memory/reservation", &given.memory_reservation, SIZE, .i64 = &memory.reservation },
	{ "memory-swap", "/memory/swap", &given.memory_swap, SIZE, .i64 = &memory.swap },
	{ "pids-limit", "/pids/limit", &given.pids_limit, NUMBER, .i64 = &pids.limit },
};
/* clang-format on */
#define ROWS (sizeof rows / sizeof *rows)

static int bad_value(const struct row *r, const char *expected, struct err *e)
{
	err_set(e, ERR_USAGE, "flag --%s is \"%.80s\", expected %s", r->flag, *r->value, expected);
	return err_hint(e, "run \"nsrun help update\" to see how it is used");
}

static int read_row(const struct row *r, struct arena *a, struct err *e)
{
	const char *v = *r->value;
	int64_t number;

	if (r->how == TEXT) {
		*r->text = arena_str(a, v, strlen(v));
		return 0;
	}
	if (r->how == SIZE && size_parse(v, &number) < 0)
		return bad_value(r, "bytes, as in 1048576, 512m, 1.5GiB or -1", e);
	if (r->how == NUMBER && r->u64 && str_i64(v, 0, INT64_MAX, &number) < 0)
		return bad_value(r, "a number", e);
	if (r->how == NUMBER && str_i64(v, -1, INT64_MAX, &number) < 0)
		return bad_value(r, "a number, or -1", e);
	if (r->i64)
		*r->i64 = (struct oci_i64){ number, true };
	else
		*r->u64 = (struct oci_u64){ (uint64_t)number, true };
	return 0;
}

/* Links the objects that have a member now. */
static void link_part(const char *pointer)
{
	if (str_starts(pointer, "/memory/"))
		resources.memory = &memory;
	else if (str_starts(pointer, "/cpu/"))
		resources.cpu = &cpu;
	else if (str_starts(pointer, "/pids/"))
		resources.pids = &pids;
	else
		resources.block_io = &block_io;
}

static int read_flags(struct asked *out, struct arena *a, struct err *e)
{
	size_t n = 0;

	for (size_t i = 0; i < ROWS; i++) {
		if (!*rows[i].value)
			continue;
		n++;
		link_part(rows[i].pointer);
		if (read_row(&rows[i], a, e) < 0)
			return -1;
	}
	if (given.kernel_memory || given.kernel_memory_tcp)
		log_debug("kernels since 5.4 have no limit of kernel memory: it is ignored");
	else if (!n) {
		err_set(e, ERR_USAGE, "nothing to update: no limit is given");
		return err_hint(e, "name one, as in --memory 512m, or give -r FILE");
	}
	*out = (struct asked){ .resources = &resources };
	return 0;
}

static int read_json(struct asked *out, struct arena *a, struct err *e)
{
	struct oci_diags diags = { 0 };
	char where[sizeof e->where];

	*out = (struct asked){ 0 };
	if (input_read(&out->in, given.resources, a, e) < 0)
		return -1;
	for (size_t i = 0; i < ROWS; i++)
		if (*rows[i].value)
			log_debug("--%s is ignored: --resources is given", rows[i].flag);
	out->resources = oci_decode(&oci_resources_schema, out->in.text, out->in.len, a, &diags);
	for (const struct oci_diag *d = diags.first; d; d = d->next) {
		input_place_diag(&out->in, d, where, sizeof where);
		if (d->severity == OCI_FATAL) {
			err_set(e, ERR_CONFIG, "%s", d->what);
			err_where(e, "%s", where);
			return d->hint ? err_hint(e, "%s", d->hint) : -1;
		}
		log_debug("%s: %s", where, d->what);
	}
	return 0;
}

int asked_read(struct asked *out, struct arena *a, struct err *e)
{
	const char *rdt = given.l3_cache_schema ? "l3-cache-schema"
	                  : given.mem_bw_schema ? "mem-bw-schema"
	                                        : NULL;

	if (given.resources)
		return read_json(out, a, e);
	if (rdt) {
		err_set(e, ERR_USAGE, "flag --%s is not supported by this version", rdt);
		return err_hint(e, "leave it out");
	}
	return read_flags(out, a, e);
}

void asked_place(const struct asked *x, const char *pointer, char *buf, size_t n)
{
	for (size_t i = 0; !x->in.text && i < ROWS; i++)
		if (STR_EQ(rows[i].pointer, pointer)) {
			snprintf(buf, n, "--%s", rows[i].flag);
			return;
		}
	if (x->in.text)
		input_place(&x->in, pointer, buf, n);
	else
		snprintf(buf, n, "%s", pointer);
}
