/* seccomp_cache: compiled filters, kept under the state root. */
#include "apply/seccomp.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define MAX_ENTRIES 64
#define MAX_TEXT    (1u << 20)
#define NAME_SIZE   32 /* of a hash, or of ".<hash>.<pid>" */

/* A file: this, the text and zeros up to a multiple of 8, the instructions. */
struct head {
	char magic[8];
	uint64_t
		sum; /* of the instructions: after a power cut a file may have its size and not its bytes */
	uint32_t text, instructions;
};
static const char magic[8] = "nsrunBPF";

/* FNV-1a: names a file and finds accidents, nothing else. */
static uint64_t hash(const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	uint64_t h = 0xcbf29ce484222325;

	while (n--)
		h = (h ^ *p++) * 0x100000001b3;
	return h;
}

static size_t padded(size_t text)
{
	return (text + 7) & ~(size_t)7;
}

/* Nobody else may write to it, or have put it there. */
static bool is_ours(int fd, mode_t type, mode_t forbidden, struct stat *st)
{
	return fstat(fd, st) == 0 && (st->st_mode & S_IFMT) == type && st->st_uid == geteuid() &&
	       !(st->st_mode & forbidden);
}

/* One directory, made when it is missing; -1 when it cannot be trusted. */
static int enter(int dir, const char *name, bool make)
{
	struct stat st;

	if (dir < 0 || (make && mkdirat(dir, name, 0700) < 0 && errno != EEXIST))
		return -1;
	autofd fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd >= 0 && is_ours(fd, S_IFDIR, 077, &st) ? fd_take(&fd) : -1;
}

static int open_cache(int root, bool make)
{
	autofd cache = enter(root, ".cache", make);

	return enter(cache, "seccomp", make);
}

static void *map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Is it a filter, whole, and of this text? */
static bool fits(const struct head *h, size_t size, const char *text, size_t len)
{
	const char *body = (const char *)(h + 1);

	if (size < sizeof *h || memcmp(h->magic, magic, sizeof magic) != 0 || h->text != len)
		return false;
	size_t program = (size_t)h->instructions * sizeof(struct sock_filter);
	return h->instructions && h->instructions <= BPF_MAXINSNS &&
	       size == sizeof *h + padded(len) + program && memcmp(body, text, len) == 0 &&
	       hash(body + padded(len), program) == h->sum;
}

/* The bytes are copied before they are looked at: a mapped file could change between the two. */
bool seccomp_cache_load(int root, const char *text, size_t len, struct sock_fprog *bpf)
{
	const size_t max = sizeof(struct head) + padded(MAX_TEXT) +
	                   BPF_MAXINSNS * sizeof(struct sock_filter);
	autofd dir = open_cache(root, false);
	char name[NAME_SIZE];
	struct stat st;

	if (dir < 0 || len > MAX_TEXT)
		return false;
	snprintf(name, sizeof name, "%016llx", (unsigned long long)hash(text, len));
	autofd fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || !is_ours(fd, S_IFREG, 022, &st) || st.st_size <= 0 ||
	    (uint64_t)st.st_size > max)
		return false;
	size_t size = (size_t)st.st_size;
	struct head *h = map(size);
	if (!h)
		return false;
	ssize_t got = io_read_all(fd, h, size);
	if (got < 0 || (size_t)got != size || !fits(h, size, text, len)) {
		munmap(h, size);
		return false;
	}
	bpf->len = (unsigned short)h->instructions;
	bpf->filter = (struct sock_filter *)(void *)((char *)(h + 1) + padded(len));
	return true;
}

static bool is_older(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

/* How many entries there are, and the name of the oldest. */
static unsigned find_oldest(int dir, char oldest[NAME_SIZE])
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	struct timespec least = { 0 };
	unsigned n = 0;

	if (!d)
		fd_close(&copy);
	for (struct dirent *x; d && (x = readdir(d));) {
		struct stat st;

		if (STR_EQ(x->d_name, ".") || STR_EQ(x->d_name, "..") ||
		    strlen(x->d_name) >= NAME_SIZE ||
		    fstatat(dir, x->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (n++ && !is_older(&st.st_mtim, &least))
			continue;
		least = st.st_mtim;
		snprintf(oldest, NAME_SIZE, "%s", x->d_name);
	}
	if (d)
		closedir(d);
	return n;
}

/* Removes what is oldest until one more has its place. */
static void make_room(int dir)
{
	char oldest[NAME_SIZE];

	while (find_oldest(dir, oldest) >= MAX_ENTRIES)
		if (unlinkat(dir, oldest, 0) < 0)
			return;
}

static int write_entry(int fd, const char *text, size_t len, const struct sock_fprog *bpf)
{
	const size_t program = bpf->len * sizeof *bpf->filter;
	static const char zeros[8];
	struct head h = { .sum = hash(bpf->filter, program),
		          .text = (uint32_t)len,
		          .instructions = bpf->len };
	int rc;

	memcpy(h.magic, magic, sizeof magic);
	if ((rc = io_write_all(fd, &h, sizeof h)) < 0 || (rc = io_write_all(fd, text, len)) < 0 ||
	    (rc = io_write_all(fd, zeros, padded(len) - len)) < 0)
		return rc;
	return io_write_all(fd, bpf->filter, program);
}

void seccomp_cache_store(int root, const char *text, size_t len, const struct sock_fprog *bpf)
{
	autofd dir = open_cache(root, true);
	char name[NAME_SIZE], tmp[NAME_SIZE];

	if (dir < 0 || len > MAX_TEXT)
		return;
	make_room(dir);
	unsigned long long key = hash(text, len);
	snprintf(name, sizeof name, "%016llx", key);
	/* Of one process: two that compile the same do not meet. */
	snprintf(tmp, sizeof tmp, ".%016llx.%d", key, (int)getpid());
	unlinkat(dir, tmp, 0);
	autofd fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (write_entry(fd, text, len, bpf) < 0 || renameat(dir, tmp, dir, name) < 0)
		unlinkat(dir, tmp, 0);
}
