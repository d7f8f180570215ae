/* look_process: see look.h. The files are those of proc(5). */
#include "base/caps.h"
#include "base/fd.h"
#include "base/procfs.h"
#include "base/rlimits.h"
#include "base/str.h"
#include "cmd/look.h"
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FDS 1024 /* more of them are not told */

/* The next line of a text, terminated; NULL at the end. */
static char *next_line(char **text)
{
	char *line = *text;

	if (!line || !*line)
		return NULL;
	*text = line + strcspn(line, "\n");
	if (**text)
		*(*text)++ = '\0';
	return line;
}

/* The next word of a line, terminated; NULL at the end. */
static char *next_word(char **line)
{
	char *word = *line + strspn(*line, " \t");

	if (!*word)
		return NULL;
	*line = word + strcspn(word, " \t");
	if (**line)
		*(*line)++ = '\0';
	return word;
}

static struct oci_u64 number(const char *word)
{
	struct oci_u64 x = { 0 };

	x.set = word && str_u64(word, UINT64_MAX, &x.v) == 0;
	return x;
}

/* Room for one more of n items in a vector that doubles. */
#define PUSH(a, vec)                                                                               \
	(((vec).n & ((vec).n - 1)) == 0                                                            \
	         ? (void)((vec).v = arena_grow((a), (vec).v, (vec).n * sizeof *(vec).v,            \
	                                       ((vec).n ? 2 * (vec).n : 1) * sizeof *(vec).v))     \
	         : (void)0,                                                                        \
	 &(vec).v[(vec).n++])

/* The names of a set of capabilities that status has as a hexadecimal number. */
static void read_caps(const char *hex, char ***v, size_t *n, struct arena *a)
{
	unsigned long long set = strtoull(hex, NULL, 16);

	*v = NEW_N(a, char *, 64);
	for (int i = 0; i < 64; i++) {
		const char *name = set >> i & 1 ? cap_name(i) : NULL;

		if (set >> i & 1)
			(*v)[(*n)++] = name ? (char *)(uintptr_t)name : arena_fmt(a, "CAP_%d", i);
	}
}

static void read_status(struct look *l, int dir, struct arena *a)
{
	static const char *const modes[] = { "disabled", "strict", "filter" };
	char *text = look_file(dir, "status", a, NULL), *line, *uid = NULL;
	uint64_t mode;

	cap_words();
	l->caps = NEW(a, struct look_caps);
	l->seccomp = NEW(a, struct look_seccomp);
	while ((line = next_line(&text))) {
		char *value = strchr(line, '\t');

		if (!value)
			continue;
		*value++ = '\0';
		if (STR_EQ(line, "Uid:"))
			uid = arena_str(a, value, strcspn(value, "\t"));
		else if (STR_EQ(line, "Gid:"))
			l->user = arena_fmt(a, "%s:%.*s", uid ? uid : "?",
			                    (int)strcspn(value, "\t"), value);
		else if (STR_EQ(line, "CapInh:"))
			read_caps(value, &l->caps->inheritable.v, &l->caps->inheritable.n, a);
		else if (STR_EQ(line, "CapPrm:"))
			read_caps(value, &l->caps->permitted.v, &l->caps->permitted.n, a);
		else if (STR_EQ(line, "CapEff:"))
			read_caps(value, &l->caps->effective.v, &l->caps->effective.n, a);
		else if (STR_EQ(line, "CapBnd:"))
			read_caps(value, &l->caps->bounding.v, &l->caps->bounding.n, a);
		else if (STR_EQ(line, "CapAmb:"))
			read_caps(value, &l->caps->ambient.v, &l->caps->ambient.n, a);
		else if (STR_EQ(line, "NoNewPrivs:"))
			l->nnp = (struct oci_bool){ *value == '1', true };
		else if (STR_EQ(line, "Seccomp:") && str_u64(value, 2, &mode) == 0)
			l->seccomp->mode = (char *)(uintptr_t)modes[mode];
		else if (STR_EQ(line, "Seccomp_filters:")) /* 5.9 */
			l->seccomp->filters = number(value);
	}
}

/* Lines of "inside outside count". */
static void read_map(int dir, const char *file, struct look_map **v, size_t *n, struct arena *a)
{
	char *text = look_file(dir, file, a, NULL), *line;
	OCI_VEC(struct look_map) maps = { 0 };

	while ((line = next_line(&text))) {
		struct look_map *m = PUSH(a, maps);

		*m = (struct look_map){ 0 };
		m->inside = number(next_word(&line));
		m->outside = number(next_word(&line));
		m->count = number(next_word(&line));
	}
	*v = maps.v;
	*n = maps.n;
}

static char *copy(struct arena *a, const char *word)
{
	return word ? look_text(a, word, strlen(word)) : NULL;
}

/* "36 35 98:0 /root /target rw,noatime master:1 - ext3 /dev/root rw,errors=continue"; proc_pid_mountinfo(5). */
static void read_mounts(struct look *l, int dir, struct arena *a)
{
	char *text = look_file(dir, "mountinfo", a, NULL), *line;

	while ((line = next_line(&text))) {
		char *word = NULL;

		for (int i = 0; i < 3 && (word = next_word(&line)); i++)
			;
		struct look_mount *m = word ? PUSH(a, l->mounts) : NULL;
		if (!m)
			continue;
		*m = (struct look_mount){ 0 };
		m->root = copy(a, next_word(&line));
		if (m->root && STR_EQ(m->root, "/"))
			m->root = NULL;
		m->target = copy(a, next_word(&line));
		m->options = copy(a, next_word(&line));
		while ((word = next_word(&line)) && !STR_EQ(word, "-"))
			m->propagation = m->propagation
			                         ? arena_fmt(a, "%s %s", m->propagation, word)
			                         : copy(a, word);
		m->type = copy(a, next_word(&line));
		m->source = copy(a, next_word(&line));
	}
}

/* A heading, then "Max open files  1024  4096  files" in columns of 26, 21 and 21: fs/proc/base.c. Their order is that
 * of the numbers of the limits. */
static void read_rlimits(struct look *l, int dir, struct arena *a)
{
	char *text = look_file(dir, "limits", a, NULL), *line = next_line(&text);

	for (int i = 0; line && (line = next_line(&text)); i++) {
		const char *name = rlimit_name(i);
		char *rest = line + (strlen(line) > 26 ? 26 : strlen(line));

		if (!name)
			continue;
		struct look_rlimit *r = PUSH(a, l->rlimits);
		*r = (struct look_rlimit){ .type = (char *)(uintptr_t)name };
		r->soft = copy(a, next_word(&rest));
		r->hard = copy(a, next_word(&rest));
		r->unit = copy(a, next_word(&rest));
	}
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = ((const struct look_fd *)a)->fd.v, y = ((const struct look_fd *)b)->fd.v;

	return (x > y) - (x < y);
}

static void read_fds(struct look *l, int dir, struct arena *a)
{
	int fd = procfs_openat(dir, "fd", O_RDONLY | O_DIRECTORY);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	char target[PATH_MAX];

	for (struct dirent *x; d && l->fds.n < MAX_FDS && (x = readdir(d));) {
		ssize_t len = readlinkat(fd, x->d_name, target, sizeof target);

		if (len < 0 || !number(x->d_name).set)
			continue;
		*PUSH(a, l->fds) =
			(struct look_fd){ number(x->d_name), look_text(a, target, (size_t)len) };
	}
	if (d)
		closedir(d);
	if (l->fds.n)
		qsort(l->fds.v, l->fds.n, sizeof *l->fds.v, by_number);
}

/* Lines of "4:memory:/path". */
static void read_cgroups(struct look *l, int dir, struct arena *a)
{
	char *text = look_file(dir, "cgroup", a, NULL), *line;

	while ((line = next_line(&text))) {
		char *controllers = strchr(line, ':');
		char *path = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!path)
			continue;
		*path++ = '\0';
		*PUSH(a, l->cgroups) =
			(struct look_cgroup){ copy(a, controllers[1] ? controllers + 1 : "cgroup2"),
			                      copy(a, path) };
	}
}

void look_process(struct look *l, int dir, struct arena *a)
{
	char link[PATH_MAX];
	size_t len = 0;
	char *text = look_file(dir, "cmdline", a, &len);

	for (size_t at = 0; text && at < len; at += strlen(text + at) + 1)
		*PUSH(a, l->command) = copy(a, text + at);
	read_status(l, dir, a);
	read_map(dir, "uid_map", &l->uids.v, &l->uids.n, a);
	read_map(dir, "gid_map", &l->gids.v, &l->gids.n, a);
	ssize_t n = readlinkat(dir, "root", link, sizeof link);
	if (n > 0)
		l->root = look_text(a, link, (size_t)n);
	read_mounts(l, dir, a);
	text = look_file(dir, "attr/current", a, &len);
	if (text && *text)
		l->label = look_text(a, text, strcspn(text, "\n"));
	read_cgroups(l, dir, a);
	read_rlimits(l, dir, a);
	read_fds(l, dir, a);
}
