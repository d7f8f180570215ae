/* op_devices: loads a device program and puts it on a v2 cgroup, in place of the one that was there (bpf(2)). */
#include "apply/ops.h"
#include "base/fd.h"
#include <linux/bpf.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>

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
	memcpy(attr.prog_name, "nsrun_devices", sizeof "nsrun_devices");
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

/* The first program of the cgroup itself, not of its parents; -ENOENT when it has none. */
static int attached(int cgroup)
{
	union bpf_attr attr = { 0 };
	uint32_t ids[8] = { 0 };
	int rc;

	attr.query.target_fd = (uint32_t)cgroup;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = (uintptr_t)ids;
	attr.query.prog_cnt = sizeof ids / sizeof *ids;
	rc = sys_bpf(BPF_PROG_QUERY, &attr);
	if (rc < 0)
		return rc;
	if (!attr.query.prog_cnt)
		return -ENOENT;
	attr = (union bpf_attr){ 0 };
	attr.prog_id = ids[0];
	return sys_bpf(BPF_PROG_GET_FD_BY_ID, &attr);
}

/* All programs of a cgroup must allow an access, so an old one may not stay; and it is replaced in one step, so that
 * there is no moment without. */
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
	rc = program < 0 ? program : attach(cgroup, program);
	return rc == -EPERM && s->lenient == SKIP_EPERM ? 0 : rc;
}
