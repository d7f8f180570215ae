/* apply/op_cgroup, op_devices, op_delegate: on real cgroups of this machine, as root; skipped where there are none. */
#include "op_case.h"

#include "base/fd.h"
#include "base/io.h"
#include "plan/plan.h"
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>

/* tests/runner.sh reads the reason. */
static void skip_for(const char *why)
{
	print_message("skip: %s\n", why);
	skip();
}

static char v1_cpu[] = "/sys/fs/cgroup/cpu", path[64], mount_v2[64];

/* Where the v2 tree is, when cgroups can be made in it. */
static bool find_v2(void)
{
	static const char *const mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

	for (size_t i = 0; i < 2; i++) {
		snprintf(mount_v2, sizeof mount_v2, "%s/cgroup.controllers", mounts[i]);
		if (access(mount_v2, F_OK) == 0) {
			snprintf(mount_v2, sizeof mount_v2, "%s", mounts[i]);
			return geteuid() == 0 && access(mount_v2, W_OK) == 0;
		}
	}
	return false;
}

static void place(struct op_case *c, const char *mount, bool v2)
{
	c->plan.cgroups[0] = (struct cgroup_dir){ .controllers = v2 ? "" : "cpu",
		                                  .mount = mount,
		                                  .path = path,
		                                  .enable = "",
		                                  .need = "",
		                                  .v2 = v2 };
	c->plan.n_cgroups = 1;
}

static struct op_case begin(const char *mount, bool v2)
{
	struct op_case c;

	op_begin(&c);
	c.r.plan = NULL; /* set when it has its place */
	snprintf(path, sizeof path, "/nsrun-unit-%d/a/b", (int)getpid());
	place(&c, mount, v2);
	return c;
}

static int make(struct op_case *c)
{
	const struct step s = { .kind = STEP_CGROUP };

	c->r.plan = &c->plan;
	return op_cgroup(&c->r, &s);
}

static void end(struct op_case *c)
{
	char full[160], *slash;

	snprintf(full, sizeof full, "%s%s", c->plan.cgroups[0].mount, path);
	for (int i = 0; i < 3; i++) {
		for (int j = 0; j < 50 && rmdir(full) < 0 && errno == EBUSY; j++)
			usleep(20000);
		slash = strrchr(full, '/');
		*slash = '\0';
	}
	run_done(&c->r);
}

static const char *text_of(int dir, const char *file)
{
	static char text[64];

	assert_true(io_read_small(dir, file, text, sizeof text) > 0);
	text[strcspn(text, "\n")] = '\0';
	return text;
}

static void test_realtime(void **state)
{
	(void)state;
	if (geteuid() != 0 || access("/sys/fs/cgroup/cpu/cpu.rt_runtime_us", W_OK) < 0)
		skip_for("no realtime of cgroups here");
	struct op_case c = begin(v1_cpu, false);
	c.plan.cgroups[0].rt_period = "500000";
	c.plan.cgroups[0].rt_runtime = "4000";
	assert_int_equal(make(&c), 0);
	assert_string_equal(text_of(c.r.cgroup[0], "cpu.rt_runtime_us"), "4000");
	assert_string_equal(text_of(c.r.cgroup[0], "cpu.rt_period_us"), "500000");
	assert_string_equal(text_of(c.r.cgroup[0], "../cpu.rt_runtime_us"), "4000");
	assert_string_equal(text_of(c.r.cgroup[0], "../../cpu.rt_runtime_us"), "4000");
	end(&c);

	/* A parent that was there, and has none. */
	char outer[160];
	c = begin(v1_cpu, false);
	snprintf(outer, sizeof outer, "%s/nsrun-unit-%d", v1_cpu, (int)getpid());
	assert_int_equal(mkdir(outer, 0755), 0);
	c.plan.cgroups[0].rt_runtime = "4000";
	assert_int_equal(make(&c), -EINVAL);
	assert_non_null(
		strstr(c.r.err.what, "realtimeRuntime 4000 does not fit into the parent cgroup"));
	assert_non_null(strstr(c.r.err.what, outer));
	assert_non_null(strstr(c.r.err.what, "whose cpu.rt_runtime_us is 0"));
	end(&c);
}

static void test_delegate(void **state)
{
	const struct step s = { .kind = STEP_DELEGATE, .delegate.uid = 54321 };
	static const char *const given[] = { "", "cgroup.procs", "cgroup.subtree_control",
		                             "cgroup.threads" };
	struct stat st;

	(void)state;
	if (!find_v2())
		skip_for("no cgroup v2 that we may use");
	struct op_case c = begin(mount_v2, true);
	assert_int_equal(make(&c), 0);
	assert_int_equal(op_delegate(&c.r, &s), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(fstatat(c.r.cgroup[0], given[i], &st, AT_EMPTY_PATH), 0);
		assert_int_equal(st.st_uid, 54321);
		assert_int_equal(st.st_gid, 0);
	}
	/* What limits it, and what is above it, stays root's. */
	assert_int_equal(fstatat(c.r.cgroup[0], "cgroup.max.depth", &st, 0), 0);
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(fstatat(c.r.cgroup[0], "../cgroup.procs", &st, 0), 0);
	assert_int_equal(st.st_uid, 0);
	end(&c);
}

/* Any directory will do: a kernel that does not say what may be given away has no such list. */
static int no_delegate_list(struct op_case *c)
{
	static const char *const files[] = { "cgroup.procs", "cgroup.subtree_control",
		                             "cgroup.threads", "memory.oom.group" };
	const struct step s = { .kind = STEP_DELEGATE, .delegate.uid = 54321 };
	struct stat st;

	if (unshare(CLONE_NEWNS) < 0)
		return 0;
	OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	OK(mount("none", "/sys/kernel", "tmpfs", 0, NULL) == 0);
	c->r.cgroup[0] = open("/sys/kernel", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < 4; i++)
		OK(mknodat(c->r.cgroup[0], files[i], S_IFREG | 0644, 0) == 0);
	OK(op_delegate(&c->r, &s) == 0);
	for (size_t i = 0; i < 4; i++) {
		OK(fstatat(c->r.cgroup[0], files[i], &st, 0) == 0);
		OK(st.st_uid == (i < 3 ? 54321 : 0));
	}
	return 0;
}

static void test_delegate_old(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip_for("needs root");
	op_in_child(no_delegate_list);
}

static const struct bpf_insn deny[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

/* Attaches a program that is not ours. */
static int attach_other(int cgroup, uint32_t flags)
{
	struct bpf_insn allow[2] = { deny[0], deny[1] };
	union bpf_attr attr = { 0 };

	allow[0].imm = 1;
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uintptr_t)allow;
	attr.insn_cnt = 2;
	attr.license = (uintptr_t) "Apache-2.0";
	memcpy(attr.prog_name, "sd_devices", sizeof "sd_devices");
	autofd program = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr);
	if (program < 0)
		return -errno;
	attr = (union bpf_attr){ 0 };
	attr.target_fd = (uint32_t)cgroup;
	attr.attach_bpf_fd = (uint32_t)program;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = flags;
	return syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof attr) < 0 ? -errno : 0;
}

static uint32_t count_programs(int cgroup)
{
	union bpf_attr attr = { 0 };

	attr.query.target_fd = (uint32_t)cgroup;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	assert_int_equal(syscall(SYS_bpf, BPF_PROG_QUERY, &attr, sizeof attr), 0);
	return attr.query.prog_cnt;
}

/* What the process in the cgroup has seen. */
struct seen {
	volatile unsigned denied, opened, other;
};

static void open_and_open(int cgroup, struct seen *seen)
{
	if (io_write_kernel(cgroup, "cgroup.procs", "0", 1) < 0)
		_exit(1);
	for (;;) {
		int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC);

		if (fd >= 0)
			seen->opened++;
		else if (errno == EPERM)
			seen->denied++;
		else
			seen->other++;
		fd_close(&fd);
	}
}

static void test_devices_replaced(void **state)
{
	const struct step s = { .kind = STEP_DEVICES, .devices = { .program = deny, .n = 2 } };

	(void)state;
	if (!find_v2())
		skip_for("no cgroup v2 that we may use");
	struct op_case c = begin(mount_v2, true);
	assert_int_equal(make(&c), 0);
	if (attach_other(c.r.cgroup[0], BPF_F_ALLOW_MULTI) < 0) {
		end(&c);
		skip_for("device programs are not ours to attach");
	}
	assert_int_equal(op_devices(&c.r, &s), 0);
	assert_int_equal(count_programs(c.r.cgroup[0]), 2);

	struct seen *seen =
		mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(seen, MAP_FAILED);
	pid_t pid = fork();
	if (pid == 0)
		open_and_open(c.r.cgroup[0], seen);
	while (seen->denied < 10 && waitpid(pid, NULL, WNOHANG) == 0)
		usleep(1000);
	for (int i = 0; i < 100; i++) {
		unsigned before = seen->denied;

		assert_int_equal(op_devices(&c.r, &s), 0);
		for (int j = 0; j < 1000 && seen->denied == before; j++)
			usleep(100);
	}
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	print_message("%u denied\n", seen->denied);
	assert_true(seen->denied > 100);
	assert_int_equal(seen->opened, 0);
	assert_int_equal(seen->other, 0);
	/* The other one is still there, and one of ours. */
	assert_int_equal(count_programs(c.r.cgroup[0]), 2);
	munmap(seen, sizeof *seen);
	end(&c);
}

static void test_devices_kept_out(void **state)
{
	const struct step s = { .kind = STEP_DEVICES,
		                .lenient = SKIP_EPERM,
		                .devices = { .program = deny, .n = 2 } };

	(void)state;
	if (!find_v2())
		skip_for("no cgroup v2 that we may use");
	struct op_case c = begin(mount_v2, true);
	assert_int_equal(make(&c), 0);
	autofd parent = openat(c.r.cgroup[0], "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (attach_other(parent, 0) == 0) {
		assert_int_equal(op_devices(&c.r, &s), -EBUSY);
		assert_non_null(strstr(c.r.err.what, "without BPF_F_ALLOW_MULTI"));
		assert_non_null(strstr(c.r.err.what, path));
	}
	end(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_realtime),         cmocka_unit_test(test_delegate),
		cmocka_unit_test(test_delegate_old),     cmocka_unit_test(test_devices_replaced),
		cmocka_unit_test(test_devices_kept_out),
	};

	return cmocka_run_group_tests_name("apply/op_cgroup", tests, NULL, NULL);
}
