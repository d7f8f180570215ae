/*
 * floor_cgroup.c - the cgroup half of the floor: a folder in every hierarchy, entered without locks.
 */
#include "floor.h"

#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#define DIRECTORY_FD (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

const struct device devices[DEVICES_COUNT] = {
	{ 'c', -1, -1, "m", NULL },       { 'b', -1, -1, "m", NULL },
	{ 'c', 1, 3, "rwm", "dev/null" }, { 'c', 1, 5, "rwm", "dev/zero" },
	{ 'c', 1, 7, "rwm", "dev/full" }, { 'c', 1, 8, "rwm", "dev/random" },
	{ 'c', 5, 0, "rwm", "dev/tty" },  { 'c', 1, 9, "rwm", "dev/urandom" },
	{ 'c', 5, 1, "rwm", NULL },       { 'c', 5, 2, "rwm", NULL },
	{ 'c', 136, -1, "rwm", NULL },
};

struct cgroup cgroups[CGROUPS_MAX];
size_t cgroups_count;
int cgroup2_fd = -1;
static int devices_done;

static void write_file(int dir, const char *name, const char *text, size_t length)
{
	int fd = try(openat, dir, name, O_WRONLY | O_CLOEXEC);

	try(write, fd, text, length);
	close(fd);
}

/* A v1 cpuset is empty at birth and cannot be entered. */
static void cpuset_inherit(int parent, int dir)
{
	static const char *const names[] = { "cpuset.cpus", "cpuset.mems" };
	char text[4096];

	for (size_t i = 0; i < N(names); i++) {
		int fd = try(openat, parent, names[i], O_RDONLY | O_CLOEXEC);
		ssize_t length = try(read, fd, text, sizeof(text));

		close(fd);
		write_file(dir, names[i], text, (size_t)length);
	}
}

/* The device rules of the default spec on v1: nothing, then each default device. */
static void devices_v1(int dir)
{
	int allow = try(openat, dir, "devices.allow", O_WRONLY | O_CLOEXEC);

	write_file(dir, "devices.deny", "a", 1);
	for (size_t i = 0; i < N(devices); i++) {
		const struct device *d = &devices[i];
		char major[12] = "*", minor[12] = "*", text[48];
		int length;

		if (d->major >= 0)
			snprintf(major, sizeof(major), "%d", d->major);
		if (d->minor >= 0)
			snprintf(minor, sizeof(minor), "%d", d->minor);
		length = snprintf(text, sizeof(text), "%c %s:%s %s", d->type, major, minor,
		                  d->access);
		try(write, allow, text, (size_t)length);
	}
	close(allow);
	devices_done = 1;
}

static struct bpf_insn insn(int code, int dst, int src, int off, int imm)
{
	return (struct bpf_insn){ .code = (uint8_t)code,
		                  .dst_reg = (uint8_t)dst & 15,
		                  .src_reg = (uint8_t)src & 15,
		                  .off = (int16_t)off,
		                  .imm = imm };
}

/* Writes "if this device matches, allow" at p; returns the number of instructions. */
static int device_rule(struct bpf_insn *p, const struct device *d)
{
	int only_mknod = strcmp(d->access, "m") == 0;
	int length = 3 + 2 * only_mknod + (d->major >= 0) + (d->minor >= 0);
	int i = 0;

#define UNLESS(reg, value)                                                                         \
	(p[i] = insn(BPF_JMP | BPF_JNE | BPF_K, reg, 0, length - i - 1, value), i++)
	UNLESS(2, d->type == 'c' ? BPF_DEVCG_DEV_CHAR : BPF_DEVCG_DEV_BLOCK);
	if (only_mknod) {
		p[i++] = insn(BPF_ALU64 | BPF_MOV | BPF_X, 0, 3, 0, 0);
		UNLESS(0, BPF_DEVCG_ACC_MKNOD);
	}
	if (d->major >= 0)
		UNLESS(4, d->major);
	if (d->minor >= 0)
		UNLESS(5, d->minor);
#undef UNLESS
	p[i++] = insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 1);
	p[i++] = insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	return i;
}

/* The same rules on v2: a program that looks at r2 = type, r3 = access, r4 = major, r5 = minor. */
static void devices_v2(int dir)
{
	struct bpf_insn program[8 + 8 * N(devices)];
	union bpf_attr load = { .prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		                .insns = (uintptr_t)program,
		                .license = (uintptr_t) "Dual BSD/GPL" };
	union bpf_attr attach = { .attach_type = BPF_CGROUP_DEVICE,
		                  .attach_flags = BPF_F_ALLOW_MULTI };
	int i = 0;

	program[i++] = insn(BPF_LDX | BPF_MEM | BPF_W, 3, 1, 0, 0);
	program[i++] = insn(BPF_ALU64 | BPF_MOV | BPF_X, 2, 3, 0, 0);
	program[i++] = insn(BPF_ALU64 | BPF_AND | BPF_K, 2, 0, 0, 0xffff);
	program[i++] = insn(BPF_ALU64 | BPF_RSH | BPF_K, 3, 0, 0, 16);
	program[i++] = insn(BPF_LDX | BPF_MEM | BPF_W, 4, 1, 4, 0);
	program[i++] = insn(BPF_LDX | BPF_MEM | BPF_W, 5, 1, 8, 0);
	for (size_t d = 0; d < N(devices); d++)
		i += device_rule(&program[i], &devices[d]);
	program[i++] = insn(BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, 0);
	program[i++] = insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);

	load.insn_cnt = (uint32_t)i;
	attach.attach_bpf_fd = (uint32_t)try(syscall, SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));
	attach.target_fd = (uint32_t)dir;
	try(syscall, SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof(attach));
	close((int)attach.attach_bpf_fd);
}

/* Makes the container's folder in one hierarchy and readies the way into it. */
static void cgroup_make(const char *hierarchy, int v2, const char *id)
{
	struct cgroup *cg = &cgroups[cgroups_count++];
	int dir;

	snprintf(cg->name, sizeof(cg->name), "%s", hierarchy);
	snprintf(cg->path, sizeof(cg->path), CGROUPS "/%s/%s", hierarchy, id);
	try(mkdir, cg->path, 0755);
	cg->enter = -1;
	dir = try(open, cg->path, DIRECTORY_FD);
	if (v2) {
		cgroup2_fd = dir;
		return;
	}
	if (strcmp(hierarchy, "cpuset") == 0) {
		int parent = try(open, CGROUPS "/cpuset", DIRECTORY_FD);

		cpuset_inherit(parent, dir);
		close(parent);
	}
	if (strcmp(hierarchy, "devices") == 0)
		devices_v1(dir);
	/* A thread that moves itself by tasks needs no lock on all thread groups, and with it no
	 * wait for an RCU grace period (5.4); cgroup.procs, or a pid, does. */
	cg->enter = try(openat, dir, "tasks", O_WRONLY | O_CLOEXEC);
	close(dir);
}

void cgroups_make(const char *id)
{
	struct dirent64 {
		uint64_t ino;
		int64_t off;
		uint16_t reclen;
		uint8_t type; /* 4: a folder */
		char name[];
	} * entry;
	char buffer[4096] __attribute__((aligned(8)));
	struct statfs fs;
	int top = try(open, CGROUPS, DIRECTORY_FD);
	long length;

	try(fstatfs, top, &fs);
	if (fs.f_type == CGROUP2_SUPER_MAGIC) {
		cgroup_make("", 1, id);
	} else {
		length = try(syscall, SYS_getdents64, top, buffer, sizeof(buffer));
		for (long at = 0; at < length; at += entry->reclen) {
			entry = (struct dirent64 *)(buffer + at);
			if (entry->type == 4 && entry->name[0] != '.' &&
			    cgroups_count < CGROUPS_MAX)
				cgroup_make(entry->name, strcmp(entry->name, "unified") == 0, id);
		}
	}
	close(top);
	if (!devices_done && cgroup2_fd >= 0)
		devices_v2(cgroup2_fd);
}
