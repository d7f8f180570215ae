/* ps: the processes of a container, as pids for programs, or through the host's ps(1) for people. */
#include "apply/spawn.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/procfs.h"
#include "base/str.h"
#include "cmd/found.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static const char *const formats[] = { "table", "json", NULL };
static const char *format = "table";
static const struct flag flags[] = {
	{ "format", 'f', FLAG_STRING, "FORMAT", "table or json", .s = &format, .words = formats },
	{ 0 },
};

/* Host pids, ascending, each once. */
struct pids {
	pid_t *v;
	size_t n, cap;
};

static void add(struct pids *p, pid_t pid, struct arena *a)
{
	if (p->n == p->cap) {
		size_t cap = p->cap ? 2 * p->cap : 64;

		p->v = arena_grow(a, p->v, p->n * sizeof *p->v, cap * sizeof *p->v);
		p->cap = cap;
	}
	p->v[p->n++] = pid;
}

static int by_number(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* A process that moves while it is listed may be there twice; pid 0 is one that this pid namespace cannot name. */
static void tidy(struct pids *p)
{
	size_t n = 0;

	if (p->n)
		qsort(p->v, p->n, sizeof *p->v, by_number);
	for (size_t i = 0; i < p->n; i++)
		if (p->v[i] > 0 && (!n || p->v[n - 1] != p->v[i]))
			p->v[n++] = p->v[i];
	p->n = n;
}

static int of_cgroups(struct pids *p, struct found *f, struct err *e)
{
	struct cgroup_ref refs[RECORD_CGROUPS];
	size_t n = found_cgroups(&f->record, refs);

	for (ssize_t count = 0;;) {
		p->cap = (size_t)count + 64; /* new ones may come between two looks */
		p->v = NEW_N(&f->arena, pid_t, p->cap);
		count = cgroup_procs(refs, n, p->v, p->cap);
		if (count < 0)
			return err_sys(e, ERR_HOST, (int)-count, "list the processes of %s",
			               f->record.id);
		p->n = (size_t)count;
		if (p->n <= p->cap)
			return 0;
	}
}

/* The pid namespace of a process: "pid:[4026531836]". */
static bool pid_ns(int proc, const char *pid, char *buf, size_t n)
{
	char path[64];

	snprintf(path, sizeof path, "%s/ns", pid);
	autofd ns = procfs_openat(proc, path, O_PATH | O_DIRECTORY);
	ssize_t len = ns < 0 ? -1 : readlinkat(ns, "pid", buf, n - 1);

	buf[len > 0 ? len : 0] = '\0';
	return len > 0;
}

/* Without a cgroup: who is in init's pid namespace, when that is the container's own. */
static int of_pid_ns(struct pids *p, struct found *f, struct err *e)
{
	char init[16], its[64], ns[64];

	if (f->record.pid.v == 0 || found_status(f) == STATUS_STOPPED)
		return 0;
	snprintf(init, sizeof init, "%d", (int)f->record.pid.v);
	if (!found_own_pids(f) || !pid_ns(f->proc, init, its, sizeof its)) {
		err_set(e, ERR_STATE,
		        "container %s has neither a cgroup nor a pid namespace of its own: nothing "
		        "tells its processes from others",
		        f->record.id);
		return err_hint(e, "create it without --cgroup-manager disabled, or with a pid "
		                   "namespace");
	}
	int fd = procfs_openat(f->proc, ".", O_RDONLY | O_DIRECTORY);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	if (!d)
		return err_sys(e, ERR_HOST, fd < 0 ? -fd : errno, "list /proc");
	for (struct dirent *x; (x = readdir(d));) {
		uint64_t pid;

		if (str_u64(x->d_name, INT32_MAX, &pid) == 0 &&
		    pid_ns(f->proc, x->d_name, ns, sizeof ns) && STR_EQ(ns, its))
			add(p, (pid_t)pid, &f->arena);
	}
	closedir(d);
	return 0;
}

static void print_json(const struct pids *p)
{
	putchar('[');
	for (size_t i = 0; i < p->n; i++)
		printf("%s%d", i ? "," : "", (int)p->v[i]);
	puts("]");
}

/* Where ps is, by $PATH as a shell reads it; false when it is nowhere. */
static bool find_ps(char path[PATH_MAX])
{
	const char *dirs = getenv("PATH");

	for (const char *d = dirs ? dirs : "/usr/bin:/bin";; d++) {
		size_t len = strcspn(d, ":");

		snprintf(path, PATH_MAX, "%.*s/ps", len ? (int)len : 1, len ? d : ".");
		if (access(path, X_OK) == 0)
			return true;
		d += len;
		if (!*d)
			return false;
	}
}

/* Runs the host's ps with its output in out. 0, or -1 with e. */
static int run_ps(const struct cli *in, int out, struct arena *a, struct err *e)
{
	size_t n = in->n_tail ? in->n_tail : 1;
	char **argv = NEW_N(a, char *, 1 + n), path[PATH_MAX], text[SPAWN_TAIL + 64];
	struct spawned x;

	if (!find_ps(path)) {
		err_set(e, ERR_HOST, "this host has no ps: not found in $PATH");
		return err_hint(e, "install procps, or use --format json");
	}
	argv[0] = "ps";
	argv[1] = "-ef";
	if (in->n_tail)
		memcpy(argv + 1, in->tail, n * sizeof *argv);
	struct spawn s = { .path = path,
		           .argv = argv,
		           .n_argv = 1 + n,
		           .envp = environ,
		           .in = STDIN_FILENO,
		           .out = out,
		           .dir = -1 };
	while (environ[s.n_envp])
		s.n_envp++;
	spawn_run(&s, &x);
	if (spawn_ok(&x))
		return 0;
	spawn_text(&x, 0, text, sizeof text);
	err_set(e, ERR_HOST, "ps %s", text);
	return err_hint(e, "give nsrun's own flags before the id: what follows it are options of "
	                   "ps; or use --format json");
}

/* What ps prints, terminated, or NULL with e. */
static char *ps_output(const struct cli *in, struct arena *a, struct err *e)
{
	autofd out = memfd_create("ps", MFD_CLOEXEC);

	if (out < 0) {
		err_sys(e, ERR_HOST, errno, "make room for the output of ps");
		return NULL;
	}
	if (run_ps(in, out, a, e) < 0)
		return NULL;
	off_t len = lseek(out, 0, SEEK_END);
	char *text = len < 0 ? NULL : arena_alloc(a, (size_t)len + 1, 1);
	ssize_t got = !text || lseek(out, 0, SEEK_SET) < 0 ? -errno
	                                                   : io_read_all(out, text, (size_t)len);
	if (got >= 0)
		return text;
	err_sys(e, ERR_HOST, (int)-got, "read the output of ps");
	return NULL;
}

/* The start of the n-th word of a line, or its end. */
static const char *word(const char *line, size_t n)
{
	line += strspn(line, " ");
	while (n-- > 0) {
		line += strcspn(line, " ");
		line += strspn(line, " ");
	}
	return line;
}

/* The number of the word PID in the heading; -1 when it is not there. */
static ssize_t pid_column(const char *heading)
{
	const char *w;

	for (size_t n = 0; *(w = word(heading, n)); n++)
		if (strcspn(w, " ") == 3 && memcmp(w, "PID", 3) == 0)
			return (ssize_t)n;
	return -1;
}

/* Cuts the line at the start of *text off, and moves *text behind it. */
static const char *next_line(char **text)
{
	char *line = *text, *end = line + strcspn(line, "\n");

	*text = *end ? end + 1 : end;
	*end = '\0';
	return line;
}

/* The heading, and the lines of those pids. */
static int print_table(const struct pids *p, char *text, struct err *e)
{
	const char *heading = next_line(&text);
	ssize_t column = pid_column(heading);
	uint64_t pid;

	if (column < 0) {
		err_set(e, ERR_USAGE, "ps prints no column PID");
		return err_hint(e, "add it to the options of ps: -o pid,...");
	}
	puts(heading);
	while (*text) {
		const char *line = next_line(&text), *w = word(line, (size_t)column);
		char number[16];

		if (!*w)
			continue;
		snprintf(number, sizeof number, "%.*s", (int)strcspn(w, " "), w);
		if (str_u64(number, INT32_MAX, &pid) < 0) {
			err_set(e, ERR_USAGE, "ps prints \"%s\" for a pid", number);
			return err_hint(e, "make pid its first column: -o pid,...");
		}
		pid_t key = (pid_t)pid;
		if (p->n && bsearch(&key, p->v, p->n, sizeof key, by_number))
			puts(line);
	}
	return 0;
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	struct pids p = { 0 };
	struct found f;
	int rc = found_load(&f, g, in->operand[0], FOUND_UNLOCKED, e);

	if (rc == 0)
		rc = f.record.cgroups.n ? of_cgroups(&p, &f, e) : of_pid_ns(&p, &f, e);
	if (rc == 0) {
		tidy(&p);
		if (STR_EQ(format, "json")) {
			print_json(&p);
		} else {
			char *text = ps_output(in, &f.arena, e);

			rc = text ? print_table(&p, text, e) : -1;
		}
	}
	found_done(&f);
	return rc < 0 ? rc : stdout_done(e);
}

const struct command cmd_ps = {
	.name = "ps",
	.summary = "list the processes of a container",
	.usage = "ID [OPTIONS OF ps...]",
	.flags = flags,
	.min = 1,
	.max = 1,
	.id = true,
	.rest = true,
	.run = run,
};
