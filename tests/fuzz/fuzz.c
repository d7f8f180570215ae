/* fuzz: see fuzz.h. */
#include "fuzz.h"
#include "facts_file.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fuzz_insist(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	fuzz_insist(text, "out of memory");
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

void fuzz_facts(unsigned n, struct facts *f, struct arena *a)
{
	static const char *const texts[] = {
		"preset=root-hybrid\n", "preset=root-v1\n", "preset=root-v2\n",
		"preset=user-hybrid\n", "preset=user-v2\n", "preset=root-v2\nhierarchies=none\n",
	};

	*f = (struct facts){ 0 };
	fuzz_insist(facts_parse(texts[n % (sizeof texts / sizeof *texts)], f, a) == 0, "facts");
}

void fuzz_findings(const struct check *k, const struct oci_schema *s, const void *root)
{
	char pointer[256];

	for (const struct oci_diag *d = k->diags->first; d; d = d->next) {
		fuzz_insist(d->what && *d->what, "a finding without a text");
		if (!d->pointer && d->at.p)
			fuzz_insist(oci_pointer(s, root, d->at, pointer, sizeof pointer),
			            "a finding without a place");
	}
}

static void drop(void *ctx, const char *text)
{
	*(size_t *)ctx += strlen(text);
}

void fuzz_plan(const struct plan *p)
{
	struct err e = { 0 };
	size_t n = 0;

	if (plan_verify(p, &e) < 0) {
		fprintf(stderr, "%s\n", e.what);
		abort();
	}
	plan_print_text(p, drop, &n);
	plan_print_json(p, drop, &n);
	fuzz_insist(n > 0, "a plan without a text");
}

static char dir_path[64];
static int dir_fd = -1;

static void clean_up(void)
{
	DIR *d = fdopendir(dir_fd);

	for (struct dirent *x; d && (x = readdir(d));)
		unlinkat(dir_fd, x->d_name, 0);
	if (d)
		closedir(d);
	rmdir(dir_path);
}

int fuzz_dir(void)
{
	if (dir_fd >= 0)
		return dir_fd;
	snprintf(dir_path, sizeof dir_path, "%s/nsrun-fuzz.XXXXXX",
	         access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	fuzz_insist(mkdtemp(dir_path), "no folder for the files");
	dir_fd = open(dir_path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fuzz_insist(dir_fd >= 0, "cannot open the folder");
	atexit(clean_up);
	return dir_fd;
}

const char *fuzz_dir_path(void)
{
	fuzz_dir();
	return dir_path;
}

void fuzz_file(const char *name, const void *text, size_t len)
{
	int fd = openat(fuzz_dir(), name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	fuzz_insist(fd >= 0 && write(fd, text, len) == (ssize_t)len, "cannot write a file");
	close(fd);
}
