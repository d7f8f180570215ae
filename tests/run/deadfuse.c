/* deadfuse DIR: a FUSE file system on DIR that is alive for as long as its mount(2) takes, and then answers nothing. It
 * says "mounted" on stdout and sleeps until it is killed; by that its requests end. With "reads" as second argument it
 * goes on to take requests, which the kernel then holds to be in work: who waits for them cannot even be killed. */
#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static char buf[1 << 17];

int main(int argc, char **argv)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[100];

	/* A test that fails leaves it behind: not for ever. */
	alarm(600);
	if (argc < 2 || fd < 0)
		return perror("/dev/fuse"), 77;
	snprintf(options, sizeof options, "fd=%d,rootmode=40755,user_id=0,group_id=0,allow_other",
	         fd);
	if (mount("dead", argv[1], "fuse", MS_NOSUID | MS_NODEV, options) < 0)
		return perror("mount"), errno == EPERM || errno == ENODEV ? 77 : 1;
	ssize_t n = read(fd, buf, sizeof buf);
	struct fuse_in_header in;
	if (n < (ssize_t)sizeof in)
		return perror("read"), 1;
	memcpy(&in, buf, sizeof in);
	struct {
		struct fuse_out_header head;
		struct fuse_init_out init;
	} out = { .head = { .len = sizeof out, .unique = in.unique },
		  .init = { .major = FUSE_KERNEL_VERSION,
		            .minor = 31,
		            .max_write = 4096,
		            .max_background = 12,
		            .congestion_threshold = 9 } };
	if (in.opcode != FUSE_INIT || write(fd, &out, sizeof out) < 0)
		return perror("init"), 1;
	puts("mounted");
	fflush(stdout);
	for (;;)
		if (argc < 3 || read(fd, buf, sizeof buf) < 0)
			pause();
}
