/* mount_case: what tests of the file system's ops share: a bundle in /tmp, and processes with a mount namespace of their
 * own to run ops in. They need root, and say so when they skip. */
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "apply/ops.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/sys.h"
#include "libocispec-lite/arena.h"
#include "plan/mountopt.h"
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* For the processes in which the ops run: cmocka's assertions belong to the parent. */
#define CHECK(x)                                                                                   \
	do {                                                                                       \
		if (!(x)) {                                                                        \
			fprintf(stderr, "%s:%d: %s (%s)\n", __FILE__, __LINE__, #x, r->err.what);  \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static char top[] = "/tmp/nsrun-mounts-XXXXXX";
static struct arena arena;

static inline void at(char *buf, size_t n, const char *path)
{
	snprintf(buf, n, "%s/%s", top, path);
}

static inline int put(const char *path, const char *text)
{
	char full[PATH_MAX];

	at(full, sizeof full, path);
	autofd fd = open(full, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
	return fd < 0 ? -1 : io_write_all(fd, text, strlen(text));
}

static inline int make_dir(const char *path)
{
	char full[PATH_MAX];

	at(full, sizeof full, path);
	return mkdir(full, 0755);
}

static inline int make_link(const char *text, const char *path)
{
	char full[PATH_MAX];

	at(full, sizeof full, path);
	return symlink(text, full);
}

static inline int setup(void **state)
{
	(void)state;
	if (!mkdtemp(top))
		return -1;
	umask(022);
	return make_dir("rootfs") || make_dir("out") || put("out/secret", "secret") ||
	       make_dir("vol") || put("vol/file", "volume") || make_dir("rootfs/filled") ||
	       put("rootfs/filled/a", "alpha") || make_dir("rootfs/filled/d") ||
	       put("rootfs/filled/d/b", "beta") || make_link("d/b", "rootfs/filled/l") ||
	       make_link("../out", "rootfs/rel") || make_link(top, "rootfs/abs") ||
	       make_link("/filled", "rootfs/inside") || make_dir("rootfs/masked") ||
	       put("rootfs/masked/x", "x") || put("rootfs/plain", "plain") ||
	       make_link("vol", "link");
}

static inline int teardown(void **state)
{
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		execlp("rm", "rm", "-rf", "--one-file-system", top, NULL);
		_exit(1);
	}
	arena_done(&arena);
	return waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

typedef void child_fn(struct run *r);

/* The kernel before it had the system call. */
static inline int without(long call)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)call, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog prog = { .len = 4, .filter = code };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog);
}

static inline void prepare(struct run *r)
{
	char root[PATH_MAX];
	struct step s = { .kind = STEP_PROPAGATE, .propagate.flags = MS_SLAVE | MS_REC };

	CHECK(op_propagate(r, &s) == 0);
	at(root, sizeof root, "rootfs");
	s = (struct step){ .kind = STEP_ROOTFS, .rootfs.path = root };
	CHECK(op_rootfs(r, &s) == 0);
}

/* Runs fn in a process with a mount namespace of its own, behind PROPAGATE and ROOTFS when rooted. */
static inline void in_namespace(child_fn *fn, bool rooted, long missing)
{
	int status;

	if (geteuid() != 0) {
		print_message("[  SKIPPED ] needs root\n");
		skip();
	}
	pid_t pid = fork();
	if (pid == 0) {
		static struct run run;
		struct run *r = &run;

		for (int i = 0; i < SLOT__N; i++)
			r->fd[i] = -1;
		r->fd[SLOT_PROC] = procfs_open();
		r->fd[SLOT_NULL] = open("/dev/null", O_RDWR | O_CLOEXEC);
		CHECK(unshare(CLONE_NEWNS) == 0);
		CHECK(mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL) == 0);
		if (missing)
			CHECK(without(missing) == 0);
		if (rooted)
			prepare(r);
		fn(r);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static inline void in_rootfs(child_fn *fn)
{
	in_namespace(fn, true, 0);
}

/* A mount of a config: options as "ro,nosuid". */
static inline int do_mount(struct run *r, char *target, char *type, char *source,
                           const char *options)
{
	char *words[32], *copy = arena_str(&arena, options, strlen(options));
	struct oci_mount m = { .destination = target, .type = type, .source = source };
	struct step s = { .kind = STEP_MOUNT };

	m.options.v = words;
	for (char *word; *options && (word = strsep(&copy, ","));)
		words[m.options.n++] = word;
	mountopt_lower(&m, &s, &arena);
	r->err = (struct err){ 0 };
	return op_mount(r, &s);
}

static inline unsigned long flags_at(struct run *r, const char *path)
{
	struct statvfs fs;
	autofd fd = openat(r->fd[SLOT_ROOTFS], path, O_PATH | O_CLOEXEC);

	return fd >= 0 && fstatvfs(fd, &fs) == 0 ? fs.f_flag : ~0ul;
}

static inline bool is_text(struct run *r, const char *path, const char *text)
{
	char buf[64];

	return io_read_small(r->fd[SLOT_ROOTFS], path, buf, sizeof buf) >= 0 &&
	       strcmp(buf, text) == 0;
}
