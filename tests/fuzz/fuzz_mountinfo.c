/* fuzz_mountinfo: /proc/self/mountinfo as --no-pivot and checkpoint read it. Nothing is mounted or unmounted. */
#include "fuzz.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>

/* As where everything is locked, so that the last resort is seen as well. */
static int no_mount(const char *where)
{
	fuzz_insist(where, "no mount point");
	errno = EINVAL;
	return -1;
}
#define mount(source, target, type, flags, data) no_mount(target)
#define umount2(target, flags)                   no_mount(target)
#include "src/apply/op_pivot.c"
#include "src/cmd/checkpoint.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size), *line = text, *end;

	has_mount(text, size ? data[0] : 0);
	has_mount(text, 31);
	for (; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		drop_one(line, "/bundle/rootfs");
	}
	free(text);
	return 0;
}
