/* deadfuse PATH [reads] [file]: a FUSE file system on PATH that is alive for as long as its mount(2) takes, and then answers
 * nothing. It says "mounted" on stdout and sleeps until it is killed; by that its requests end. With "reads" it goes on to
 * take requests, which the kernel then holds to be in work: who waits for them cannot even be killed. With "file" PATH is a
 * script: all is answered but its opening by execve(2). */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static char buf[1 << 17];

static bool answer(int fd, const struct fuse_in_header *in, int error, const void *body, size_t n)
{
	struct fuse_out_header head = { .len = (uint32_t)(sizeof head + n),
		                        .error = error,
		                        .unique = in->unique };
	char out[sizeof head + 256];

	memcpy(out, &head, sizeof head);
	memcpy(out + sizeof head, body, n);
	return write(fd, out, sizeof head + n) == (ssize_t)(sizeof head + n);
}

static bool answer_init(int fd, const struct fuse_in_header *in)
{
	const struct fuse_init_out init = { .major = FUSE_KERNEL_VERSION,
		                            .minor = 31,
		                            .max_write = 4096,
		                            .max_background = 12,
		                            .congestion_threshold = 9 };

	return in->opcode == FUSE_INIT && answer(fd, in, 0, &init, sizeof init);
}

#define FMODE_EXEC 0x20 /* include/linux/fs.h: open it to execute it */

static bool executes(const struct fuse_in_header *in)
{
	struct fuse_open_in how;

	memcpy(&how, buf + sizeof *in, sizeof how);
	return in->opcode == FUSE_OPEN && how.flags & FMODE_EXEC;
}

/* False: the server cannot. What execve(2) asks stays without an answer. */
static bool answer_file(int fd, const struct fuse_in_header *in)
{
	static const char script[] = "#!/bin/sh\n";
	const struct fuse_attr_out attr = {
		.attr_valid = 1000,
		.attr = { .ino = 1, .size = sizeof script - 1, .mode = S_IFREG | 0755, .nlink = 1 }
	};
	const struct fuse_open_out opened = { .open_flags = FOPEN_DIRECT_IO };
	const struct fuse_statfs_out fs = { .st = { .namelen = 255, .bsize = 4096 } };
	struct fuse_read_in read_in;

	memcpy(&read_in, buf + sizeof *in, sizeof read_in);
	switch (in->opcode) {
	case FUSE_GETATTR: return answer(fd, in, 0, &attr, sizeof attr);
	case FUSE_STATFS: return answer(fd, in, 0, &fs, sizeof fs);
	case FUSE_OPEN: return executes(in) || answer(fd, in, 0, &opened, sizeof opened);
	case FUSE_READ: return answer(fd, in, 0, script, read_in.offset ? 0 : sizeof script - 1);
	case FUSE_FORGET:
	case FUSE_INTERRUPT: return true;
	default: return answer(fd, in, -ENOSYS, NULL, 0);
	}
}

int main(int argc, char **argv)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	bool reads = false, file = false;
	struct fuse_in_header in;
	char options[100];

	/* A test that fails leaves it behind: not for ever. */
	alarm(600);
	if (argc < 2 || fd < 0)
		return perror("/dev/fuse"), 77;
	for (int i = 2; i < argc; i++) {
		reads |= !strcmp(argv[i], "reads");
		file |= !strcmp(argv[i], "file");
	}
	snprintf(options, sizeof options, "fd=%d,rootmode=%o,user_id=0,group_id=0,allow_other", fd,
	         file ? S_IFREG | 0755 : S_IFDIR | 0755);
	if (mount("dead", argv[1], "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		return perror("mount"), errno == EPERM || errno == ENODEV ? 77 : 1;
	for (bool init = true; init || reads || file; init = false) {
		if (read(fd, buf, sizeof buf) < (ssize_t)sizeof in)
			return perror("read"), 1;
		memcpy(&in, buf, sizeof in);
		if (init && !answer_init(fd, &in))
			return perror("init"), 1;
		if (init)
			puts("mounted");
		else if (!file || executes(&in))
			puts("took");
		if (!init && file && !answer_file(fd, &in))
			return perror("answer"), 1;
		fflush(stdout);
	}
	for (;;)
		pause();
}
