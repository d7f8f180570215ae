/* op_devices: loads a device program and puts it on a v2 cgroup, in place of the one that it has of us (bpf(2)). */
#include "apply/ops.h"
#include "base/fd.h"
#include <linux/bpf.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define NAME     "nsrun_devices"
#define PROGRAMS 64 /* more a cgroup does not take: BPF_CGROUP_MAX_PROGS */

static int sys_bpf(int cmd, union bpf_attr *attr)
{
	long rc = syscall(SYS_bpf, cmd, attr, sizeof *attr);

	return rc < 0 ? -errno : (int)rc;
}

static int load(const struct bpf_insn *program, uint32_t n)
{
	union bpf_attr attr = { 0 };

	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uintptr_t)program;
	attr.insn_cnt = n;
	attr.license = (uintptr_t) "Apache-2.0";
	memcpy(attr.prog_name, NAME, sizeof NAME);
	return sys_bpf(BPF_PROG_LOAD, &attr);
}

/* Before 5.11 programs count against the user's locked memory, and too little of it looks like a missing right. The
 * limit goes back to what it was: init inherits it. */
static int load_unlimited(const struct bpf_insn *program, uint32_t n)
{
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	struct rlimit old;

	if (prlimit(0, RLIMIT_MEMLOCK, &all, &old) < 0)
		return -EPERM;
	int fd = load(program, n);
	prlimit(0, RLIMIT_MEMLOCK, &old, NULL);
	return fd;
}

/* A descriptor of program id when it is one of ours, else -1: systemd's and other people's stay. */
static int open_if_ours(uint32_t id)
{
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = { 0 };

	attr.prog_id = id;
	autofd fd = sys_bpf(BPF_PROG_GET_FD_BY_ID, &attr);
	if (fd < 0)
		return -1;
	attr = (union bpf_attr){ 0 };
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof info;
	attr.info.info = (uintptr_t)&info;
	if (sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) < 0 || strcmp(info.name, NAME) != 0)
		return -1;
	return fd_take(&fd);
}

/* Our program among those of the cgroup itself, not of its parents; -ENOENT when there is none. */
static int attached(int cgroup)
{
	union bpf_attr attr = { 0 };
	uint32_t ids[PROGRAMS] = { 0 };
	int rc;

	attr.query.target_fd = (uint32_t)cgroup;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = (uintptr_t)ids;
	attr.query.prog_cnt = PROGRAMS;
	rc = sys_bpf(BPF_PROG_QUERY, &attr);
	if (rc < 0)
		return rc;
	for (uint32_t i = 0; i < attr.query.prog_cnt; i++) {
		int fd = open_if_ours(ids[i]);

		if (fd >= 0)
			return fd;
	}
	return -ENOENT;
}

/* All programs of a cgroup must allow an access, so an old one of ours may not stay; and it is replaced in one step,
 * so that there is no moment without. */
static int attach(int cgroup, int program)
{
	autofd old = attached(cgroup);
	union bpf_attr attr = { 0 };

	if (old < 0 && old != -ENOENT)
		return old;
	attr.target_fd = (uint32_t)cgroup;
	attr.attach_bpf_fd = (uint32_t)program;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	if (old >= 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (uint32_t)old;
	}
	return sys_bpf(BPF_PROG_ATTACH, &attr);
}

/* Who may load a program may attach it, unless a cgroup on the way up has one that was attached to be the only one. */
static int explain_attach(struct run *r, int num, const struct cgroup_dir *d)
{
	if (num == EPERM)
		return run_fail(r, EBUSY,
		                "another device program, attached without BPF_F_ALLOW_MULTI, keeps "
		                "ours from %s%s",
		                d->mount, d->path);
	if (num == E2BIG)
		return run_fail(r, EBUSY, "%s%s has %d device programs already", d->mount, d->path,
		                PROGRAMS);
	return -num;
}

int op_devices(struct run *r, const struct step *s)
{
	int cgroup = r->cgroup[s->devices.index];
	autofd program = -1;
	int rc;

	if (cgroup < 0)
		return 0;
	program = load(s->devices.program, s->devices.n);
	if (program == -EPERM)
		program = load_unlimited(s->devices.program, s->devices.n);
	if (program < 0)
		return program == -EPERM && s->lenient == SKIP_EPERM ? 0 : program;
	rc = attach(cgroup, program);
	return rc < 0 ? explain_attach(r, -rc, &r->plan->cgroups[s->devices.index]) : 0;
}
