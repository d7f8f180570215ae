/* op_lookup: finds the program before "created" is said, with the user's rights and in the container's file system;
 * and the user's home, when the config has none. */
#include "apply/exefile.h"
#include "apply/ops.h"
#include "base/engine_texts.h"
#include "base/err.h"
#include "base/fd.h"
#include "base/unsafe.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

/* Where a config without PATH finds its programs. */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define PASSWD_MAX   (1 << 20) /* bytes of /etc/passwd that are read (security.md R10) */

/* The texts are runc's: engines choose exit codes by them (engine-contract.md 1.8). The cause comes after. */
static int not_runnable(struct run *r, const char *file, int num, const char *why)
{
	char text[64];

	err_text(num, text, sizeof text);
	if (*why)
		return run_fail(r, num, TEXT_EXEC "%s: %s", file, text, why);
	if (num == EACCES || num == EISDIR)
		return run_fail(r, num, TEXT_EXEC "%s", file, text);
	return run_fail(r, num, TEXT_EXEC TEXT_STAT "%s", file, file, text);
}

static int lookup_path(struct run *r, const char *file)
{
	char why[200];
	int num = exefile_check(file, why, sizeof why);

	if (num)
		return not_runnable(r, file, num, why);
	if ((size_t)snprintf(r->exe, sizeof r->exe, "%s", file) >= sizeof r->exe)
		return -ENAMETOOLONG;
	return 0;
}

/* Is there a file of that name in PATH? Like a shell, one that cannot be executed does not end the search. */
static int search(struct run *r, const char *file, const char *path)
{
	char why[200], first[200] = "";
	bool found = false;

	for (;; path++) {
		*why = '\0';
		int len = (int)strcspn(path, ":");
		int n = snprintf(r->exe, sizeof r->exe, "%.*s/%s", len ? len : 1, len ? path : ".",
		                 file);
		int num = (size_t)n < sizeof r->exe ? exefile_check(r->exe, why, sizeof why)
		                                    : ENAMETOOLONG;

		if (num == 0)
			return 0;
		/* What is there and does not run is worth telling. */
		if (!found && (*why || num == EACCES) && num != EISDIR) {
			found = true;
			snprintf(first, sizeof first, " (%.80s: %.100s)", r->exe,
			         *why ? why : "not executable by this user");
		}
		path += len;
		if (!*path)
			break;
	}
	r->exe[0] = '\0';
	return run_fail(r, ENOENT, TEXT_EXEC TEXT_NOT_IN_PATH "%s", file, first);
}

/* Reads "name:password:uid:gid:text:home:shell" a byte at a time, so that no line is too long. */
struct passwd_line {
	uint64_t uid;
	int field;
	size_t len; /* of the field */
	bool bad;
	char home[256];
};

/* True at the end of the line of uid. */
static bool passwd_byte(struct passwd_line *l, char c, uid_t uid)
{
	if (c == '\n') {
		bool mine = !l->bad && l->field >= 5 && l->uid == uid && l->home[0] == '/';

		if (!mine)
			*l = (struct passwd_line){ 0 };
		return mine;
	}
	if (c == ':') {
		l->bad |= l->field == 2 && !l->len;
		l->field++;
		l->len = 0;
		return false;
	}
	if (l->field == 2) {
		l->bad |= c < '0' || c > '9' || l->len > 10;
		l->uid = l->uid * 10 + (uint64_t)(c - '0');
	} else if (l->field == 5) {
		l->bad |= (unsigned char)c < ' ' || l->len + 1 >= sizeof l->home;
		if (!l->bad) {
			l->home[l->len] = c;
			l->home[l->len + 1] = '\0';
		}
	}
	l->len++;
	return false;
}

/* The home directory of uid from /etc/passwd, which is the container's and read with the user's rights; "/" when it does
 * not say. */
static void find_home(uid_t uid, char *out, size_t n)
{
	const int careful = unsafe("passwd") ? 0 : O_NONBLOCK | O_NOFOLLOW;
	autofd fd = openat(AT_FDCWD, "/etc/passwd", O_RDONLY | careful | O_NOCTTY | O_CLOEXEC);
	struct passwd_line l = { 0 };
	struct stat st;
	char buf[4096];
	ssize_t len;

	snprintf(out, n, "HOME=/");
	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > PASSWD_MAX)
		return;
	for (size_t total = 0; total <= PASSWD_MAX; total += (size_t)len) {
		len = read(fd, buf, sizeof buf);
		if (len < 0)
			return;
		/* The last line may lack its end. */
		if (len == 0) {
			if (passwd_byte(&l, '\n', uid))
				snprintf(out, n, "HOME=%s", l.home);
			return;
		}
		for (ssize_t i = 0; i < len; i++)
			if (passwd_byte(&l, buf[i], uid)) {
				snprintf(out, n, "HOME=%s", l.home);
				return;
			}
	}
}

/* The planned environment with HOME behind it. The plan is read-only by now, and nothing may be allocated: pages of
 * our own, gone at exec. */
static int complete_env(struct run *r, char *const *envp, uint32_t n)
{
	size_t size = ((size_t)n + 2) * sizeof *envp;
	char **env = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (env == MAP_FAILED)
		return -errno;
	memcpy(env, envp, n * sizeof *envp);
	find_home(geteuid(), r->home, sizeof r->home);
	env[n] = r->home;
	r->envp = env;
	return 0;
}

int op_lookup(struct run *r, const struct step *s)
{
	const char *file = s->lookup.file;
	const char *path = s->lookup.path_env ? s->lookup.path_env : DEFAULT_PATH;
	int rc = strchr(file, '/') ? lookup_path(r, file) : search(r, file, path);

	if (rc == 0 && s->lookup.envp)
		rc = complete_env(r, s->lookup.envp, s->lookup.n_env);
	return rc;
}
