/* input: see input.h. */
#include "cmd/input.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

int input_read(struct input *in, const char *file, struct arena *a, struct err *e)
{
	bool is_stdin = STR_EQ(file, "-");
	const int flags = O_RDONLY | O_NOCTTY | O_CLOEXEC;
	autofd fd = is_stdin ? fcntl(0, F_DUPFD_CLOEXEC, 3) : open(file, flags);
	size_t size = 0;
	ssize_t n = 1;

	*in = (struct input){ .name = is_stdin ? "stdin" : file };
	if (fd < 0)
		return err_sys(e, ERR_USAGE, errno, "read %s", in->name);
	while (n > 0 && in->len <= OCI_MAX_TEXT) {
		if (size - in->len < 4096) {
			in->text = arena_grow(a, in->text, in->len, 2 * size + 65536);
			size = 2 * size + 65536;
		}
		n = io_read_all(fd, (char *)in->text + in->len, size - in->len);
		in->len += n > 0 ? (size_t)n : 0;
	}
	if (n < 0)
		return err_sys(e, ERR_USAGE, (int)-n, "read %s", in->name);
	if (in->len > OCI_MAX_TEXT)
		return err_set(e, ERR_USAGE, "%s is larger than %u MiB", in->name,
		               OCI_MAX_TEXT >> 20);
	return 0;
}

void input_place(const struct input *in, const char *pointer, char *buf, size_t n)
{
	unsigned line = 1, col = 1;
	char up[160];

	/* The member itself, or, for one that is absent, the nearest object around it. */
	snprintf(up, sizeof up, "%s", pointer);
	while (!oci_locate(in->text, in->len, up, &line, &col) && strrchr(up, '/'))
		*strrchr(up, '/') = '\0';
	snprintf(buf, n, "%.80s:%u:%u%s%s", in->name, line, col, *pointer ? " " : "", pointer);
}

void input_place_diag(const struct input *in, const struct oci_diag *d, char *buf, size_t n)
{
	unsigned line = 0, col = 0;

	if (d->pointer && d->at.p) {
		input_place(in, d->pointer, buf, n);
		return;
	}
	oci_locate_offset(in->text, in->len, d->offset, &line, &col);
	snprintf(buf, n, "%.80s:%u:%u%s%s", in->name, line, col,
	         d->pointer && *d->pointer ? " " : "", d->pointer ? d->pointer : "");
}
