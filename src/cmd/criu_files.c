/* criu_files: the directories and files of a checkpoint. */
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "cmd/bundle.h"
#include "cmd/criu.h"
#include "libocispec-lite/ocispec.h"
#include "libocispec-lite/rows.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define STDIO_FILE "descriptors.json"
#define STDIO_MAX  65536 /* bytes of it */

/* Opens a directory, made when it is missing and make says so. A descriptor, or -1 with e. */
static int open_dir(const char *path, bool make, const char *flag, struct err *e)
{
	if (make && mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_sys(e, ERR_USAGE, errno, "make the directory %s of --%s", path, flag);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? err_sys(e, ERR_USAGE, errno, "open the directory %s of --%s", path, flag)
	              : fd;
}

int criu_dirs_open(struct criu_dirs *d, const struct criu_flags *f, enum criu_verb verb,
                   struct err *e)
{
	bool dump = verb != CRIU_RESTORE;
	const char *images = f->image_path ? f->image_path : "checkpoint";
	const char *work = f->work_path ? f->work_path : images;
	char path[PATH_MAX];

	*d = (struct criu_dirs){ -1, -1, "", "" };
	int rc = absolute_path(images, d->image_path, sizeof d->image_path);
	if (rc == 0)
		rc = absolute_path(work, path, sizeof path);
	if (rc < 0)
		return err_sys(e, ERR_USAGE, -rc, "--image-path or --work-path");
	snprintf(d->log, sizeof d->log, "%s/%s", path, dump ? "dump.log" : "restore.log");
	d->images = open_dir(d->image_path, dump, "image-path", e);
	if (d->images < 0)
		return -1;
	d->work = open_dir(path, true, "work-path", e);
	if (d->work < 0)
		return -1;
	/* What an earlier call has logged there would be taken for the reason of this one's failure. */
	if (unlinkat(d->work, strrchr(d->log, '/') + 1, 0) < 0 && errno != ENOENT)
		return err_sys(e, ERR_USAGE, errno, "remove the old log %s", d->log);
	return 0;
}

void criu_dirs_done(struct criu_dirs *d)
{
	fd_close(&d->images);
	fd_close(&d->work);
}

int criu_stdio_save(int images, const char *const names[3])
{
	char text[512];
	int n = snprintf(text, sizeof text, "[\"%.99s\",\"%.99s\",\"%.99s\"]", names[0], names[1],
	                 names[2]);

	return io_replace(images, STDIO_FILE, text, (size_t)n, 0600);
}

struct stdio_file {
	OCI_VEC(char *) fds;
};
OCI_SCHEMA_LOCAL(stdio_file, STRS(stdio_file, fds, "fds", OCI_REQUIRED));

int criu_stdio_load(int images, char *names[3], struct arena *a, struct err *e)
{
	struct oci_diags diags = { 0 };
	char *text = arena_alloc(a, STDIO_MAX, 1);

	for (int i = 0; i < 3; i++)
		names[i] = (char *)"";
	ssize_t n = io_read_small(images, STDIO_FILE, text, STDIO_MAX);
	if (n == -ENOENT)
		return 0;
	if (n < 0)
		return err_sys(e, ERR_USAGE, (int)-n, "read " STDIO_FILE " of the images");
	/* Decoders want an object at the top. */
	const char *object = arena_fmt(a, "{\"fds\":%s}", text);
	const struct stdio_file *f =
		oci_decode(&stdio_file_schema, object, strlen(object), a, &diags);
	if (!f)
		return err_set(e, ERR_USAGE, STDIO_FILE " of the images is no list of strings");
	for (size_t i = 0; i < f->fds.n && i < 3; i++)
		names[i] = f->fds.v[i];
	return 0;
}

int criu_config_file(const struct record *r, const char **out, struct err *e)
{
	static const char *const usual[] = { "/etc/criu/nsrun.conf", "/etc/criu/runc.conf" };

	*out = NULL;
	for (size_t i = 0; i < r->annotations.n; i++) {
		if (!STR_EQ(r->annotations.v[i].key, "org.criu.config"))
			continue;
		*out = r->annotations.v[i].value;
		if (**out == '/' && access(*out, R_OK) == 0)
			return 0;
		err_set(e, ERR_CONFIG, "the annotation org.criu.config names \"%s\", which %s",
		        *out, **out == '/' ? "cannot be read" : "is not an absolute path");
		return err_hint(e, "name a configuration file of criu, or leave it out");
	}
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		if (access(usual[i], R_OK) == 0) {
			*out = usual[i];
			break;
		}
	return 0;
}
