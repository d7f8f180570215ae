/* rdt: see rdt.h. */
#include "apply/rdt.h"
#include "base/fd.h"
#include "base/io.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#define RDTGROUP_SUPER_MAGIC 0x7655821
#define DIR_FLAGS            (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

#ifdef ENABLE_FAULTS
/* Tests have no CPU with RDT: an ordinary directory takes the place of the mount, and what the kernel does in it we do. */
static const char *const kernels[] = { "schemata", "tasks" };
#define FAKE getenv("NSRUN_RESCTRL")

static int fake_make(int dir, const char *name)
{
	autofd group = openat(dir, name, DIR_FLAGS);

	for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++) {
		autofd fd = openat(group, kernels[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		if (fd < 0)
			return -errno;
	}
	return mkdirat(group, "mon_groups", 0700) < 0 ? -errno : 0;
}

static void fake_empty(int dir, const char *name)
{
	autofd group = openat(dir, name, DIR_FLAGS);

	for (size_t i = 0; i < sizeof kernels / sizeof *kernels; i++)
		unlinkat(group, kernels[i], 0);
	unlinkat(group, "mon_groups", AT_REMOVEDIR);
}
#else
#define FAKE                  ((const char *)NULL)
#define fake_make(dir, name)  0
#define fake_empty(dir, name) (void)0
#endif

int rdt_open(void)
{
	const char *fake = FAKE;
	struct statfs fs;
	autofd fd = open(fake ? fake : RDT_MOUNT, DIR_FLAGS);

	if (fd < 0)
		return errno == ENOENT ? -ENODEV : -errno;
	if (fake)
		return fd_take(&fd);
	if (fstatfs(fd, &fs) < 0)
		return -errno;
	return fs.f_type == RDTGROUP_SUPER_MAGIC ? fd_take(&fd) : -ENODEV;
}

int rdt_make(int dir, const char *name)
{
	if (mkdirat(dir, name, 0755) < 0)
		return -errno;
	return FAKE ? fake_make(dir, name) : 0;
}

int rdt_write(int group, const char *file, const char *text)
{
	/* A file of the kernel's has no end to append to; one of a test keeps all that was written. */
	autofd fd = openat(group, file, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	size_t len = strlen(text);

	if (fd < 0)
		return -errno;
	ssize_t n = write(fd, text, len);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

int rdt_drop(int dir, const char *name)
{
	if (FAKE)
		fake_empty(dir, name);
	return unlinkat(dir, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

static int open_class(const char *class)
{
	autofd root = rdt_open();

	if (root < 0 || !*class)
		return fd_take(&root);
	int fd = openat(root, class, DIR_FLAGS);
	return fd < 0 ? -errno : fd;
}

static void monitor_path(char *path, size_t n, const char *monitor)
{
	snprintf(path, n, "mon_groups/%s", monitor);
}

bool rdt_has(const char *class, const char *monitor)
{
	autofd fd = open_class(class);
	char path[PATH_MAX];

	if (fd < 0 || !monitor)
		return fd >= 0;
	monitor_path(path, sizeof path, monitor);
	return faccessat(fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

bool rdt_in_use(const char *class)
{
	autofd fd = open_class(class);
	char first[2];

	/* Nobody leaves a directory of a test. */
	return fd >= 0 && !FAKE && io_read_small(fd, "tasks", first, sizeof first) != 0;
}

int rdt_remove(const char *class, const char *monitor)
{
	autofd dir = open_class(class);
	char path[PATH_MAX];
	int rc;

	if (dir == -ENODEV || dir == -ENOENT)
		return 0;
	if (dir < 0)
		return dir;
	if (monitor) {
		monitor_path(path, sizeof path, monitor);
		rc = rdt_drop(dir, path);
	} else {
		autofd root = rdt_open();

		rc = root < 0 ? root : rdt_drop(root, class);
	}
	return rc == -ENOENT ? 0 : rc;
}

/* The value of a cache id in the line of a resource, and its length, without the blanks and zeros that the kernel pads
 * with; NULL: there is none. */
static const char *value(const char *line, const char *id, size_t n_id, size_t *n)
{
	const char *s = line + strcspn(line, ":\n");

	while (*s == ':' || *s == ';') {
		const char *name = s + 1 + strspn(s + 1, " ");
		size_t len = strcspn(name, "=;\n");

		s = name + strcspn(name, ";\n");
		if (name[len] != '=' || len != n_id || memcmp(name, id, n_id) != 0)
			continue;
		name += len + 1;
		name += strspn(name, " ");
		while (*name == '0' && name + 1 < s)
			name++;
		*n = (size_t)(s - name);
		return name;
	}
	return NULL;
}

/* The line of the resource that begins at name. */
static const char *find_line(const char *text, const char *name, size_t n)
{
	while (*text) {
		const char *s = text + strspn(text, " ");

		if (strncmp(s, name, n) == 0 && s[n] == ':')
			return s;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return NULL;
}

static bool line_matches(const char *text, const char *line)
{
	size_t n_name = strcspn(line, ":\n");
	const char *is = find_line(text, line, n_name);
	const char *s = line + n_name;

	if (!is)
		return false;
	while (*s == ':' || *s == ';') {
		const char *id = s + 1 + strspn(s + 1, " ");
		size_t n_id = strcspn(id, "=;\n"), n_a, n_b;

		s = id + strcspn(id, ";\n");
		if (id == s)
			continue;
		const char *a = value(line, id, n_id, &n_a), *b = value(is, id, n_id, &n_b);
		if (!a || !b || n_a != n_b || strncasecmp(a, b, n_a) != 0)
			return false;
	}
	return true;
}

bool rdt_schemata_match(const char *text, const char *wanted)
{
	for (const char *s = wanted; *s;) {
		s += strspn(s, " \n");
		if (*s && !line_matches(text, s))
			return false;
		s += strcspn(s, "\n");
	}
	return true;
}
