/* fakecriu: a criu for tests, which speaks its protocol (criu.org/API) without protobuf-c: what nsrun sends is read by
 * other code than wrote it.
 *
 * Put into a folder of its own under the name criu. There it reads the file mode and writes the file request: a line
 * "13=/rootfs" for each field of the request's options, "25.2=/a" for one inside of field 25. A restore makes a process
 * that sleeps and tells of it as criu does. mode is one of
 *	ok fail hang-version hang garbage nothing old silent (no notifications) again (answers one nobody asked for) */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

enum { DUMP = 1, RESTORE = 2, NOTIFY = 6, GET_VERSION = 10 };

static char dir[4096], mode[32];
static int sock;

static uint64_t varint(const uint8_t **at, const uint8_t *end)
{
	uint64_t v = 0;

	for (int shift = 0; *at < end; shift += 7) {
		uint8_t byte = *(*at)++;

		v |= (uint64_t)(byte & 127) << shift;
		if (!(byte & 128))
			break;
	}
	return v;
}

/* Prints the fields of a message. */
static void print(FILE *to, const char *prefix, const uint8_t *at, const uint8_t *end)
{
	while (at < end) {
		uint64_t key = varint(&at, end), v = varint(&at, end), field = key >> 3;

		if ((key & 7) == 0) {
			fprintf(to, "%s%llu=%lld\n", prefix, (unsigned long long)field,
			        (long long)v);
			continue;
		}
		if ((key & 7) != 2 || v > (uint64_t)(end - at)) {
			fprintf(to, "%sunreadable\n", prefix);
			return;
		}
		if (!*prefix && (field == 11 || field == 25 || field == 27 || field == 39)) {
			char deeper[32];

			snprintf(deeper, sizeof deeper, "%llu.", (unsigned long long)field);
			print(to, deeper, at, at + v);
		} else {
			fprintf(to, "%s%llu=%.*s\n", prefix, (unsigned long long)field, (int)v, at);
		}
		at += v;
	}
}

/* The request's type; its options go to the file. */
static int save(const uint8_t *at, const uint8_t *end)
{
	char path[5000];
	int type = 0;

	snprintf(path, sizeof path, "%s/request", dir);
	while (at < end) {
		uint64_t key = varint(&at, end), v = varint(&at, end);

		if (key == (1 << 3))
			type = (int)v;
		if (key != (2 << 3 | 2))
			continue;
		FILE *to = fopen(path, "w");
		if (to) {
			print(to, "", at, at + v);
			fclose(to);
		}
		at += v;
	}
	return type;
}

/* One answer: type, success, and a message in field with fields 1 = text or number, 2 = number. */
static void answer(int type, int success, int field, const char *text, unsigned one, unsigned two)
{
	uint8_t b[256], inner[200];
	size_t n = 0, k = 0;

	if (text) {
		inner[k++] = 1 << 3 | 2;
		inner[k++] = (uint8_t)strlen(text);
		memcpy(inner + k, text, strlen(text));
		k += strlen(text);
	} else if (field) {
		inner[k++] = 1 << 3;
		for (; one > 127; one >>= 7)
			inner[k++] = (uint8_t)(one | 128);
		inner[k++] = (uint8_t)one;
	}
	if (two) {
		inner[k++] = 2 << 3;
		for (; two > 127; two >>= 7)
			inner[k++] = (uint8_t)(two | 128);
		inner[k++] = (uint8_t)two;
	}
	b[n++] = 1 << 3;
	b[n++] = (uint8_t)type;
	b[n++] = 2 << 3;
	b[n++] = (uint8_t)success;
	if (field) {
		b[n++] = (uint8_t)(field << 3 | 2);
		b[n++] = (uint8_t)k;
		memcpy(b + n, inner, k);
		n += k;
	}
	send(sock, b, n, MSG_NOSIGNAL);
}

/* Tells of an event; ends when nsrun does not agree. */
static void notify(const char *event, pid_t pid)
{
	uint8_t b[64];

	answer(NOTIFY, 1, 5, event, 0, (unsigned)pid);
	ssize_t n = recv(sock, b, sizeof b, 0);
	/* type = NOTIFY, notify_success = true */
	if (n >= 4 && b[0] == (1 << 3) && b[1] == NOTIFY && b[2] == (3 << 3) && b[3] == 1)
		return;
	if (pid)
		kill(pid, SIGKILL);
	answer(RESTORE, 0, 0, NULL, 0, 0);
	exit(1);
}

static int is(const char *word)
{
	return strcmp(mode, word) == 0;
}

static void log_error(int type)
{
	char path[5000];

	snprintf(path, sizeof path, "/proc/self/cwd/%s",
	         type == RESTORE ? "restore.log" : "dump.log");
	/* The work directory is the second descriptor that nsrun gives. */
	int work = open("/proc/self/fd/4", O_RDONLY | O_DIRECTORY);
	int fd = openat(work, strrchr(path, '/') + 1, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	dprintf(fd, "(00.1) nothing to see\n(00.2) Error (criu/files.c:7): the reason\n"
	            "(00.3) Error (criu/cr.c:8): Dumping FAILED.\n");
}

static void serve(int type, pid_t target)
{
	pid_t pid = 0;

	if (is("hang"))
		pause();
	if (is("garbage"))
		send(sock, "\377\377\377garbage", 10, MSG_NOSIGNAL);
	if (is("again"))
		answer(GET_VERSION, 1, 10, NULL, 4, 2);
	if (is("fail"))
		log_error(type);
	if (is("fail") || is("garbage") || is("again")) {
		answer(type, 0, 0, NULL, 0, 0);
		return;
	}
	if (type == RESTORE && (pid = fork()) == 0) {
		setsid();
		for (int fd = 3; fd < 64; fd++)
			close(fd);
		for (;;)
			pause();
	}
	if (!is("silent")) {
		notify("pre-restore", 0);
		if (pid)
			notify("setup-namespaces", pid);
		if (pid)
			notify("post-restore", pid);
	}
	if (type == DUMP && target > 0)
		kill(target, SIGKILL);
	if (pid)
		answer(type, 1, 4, NULL, (unsigned)pid, 0);
	else
		answer(type, 1, 0, NULL, 0, 0);
}

/* leave_running of the request, and the pid that it names. */
static pid_t target_of(void)
{
	char path[5000], line[4096];
	long pid = 0, stay = 0;

	snprintf(path, sizeof path, "%s/request", dir);
	FILE *f = fopen(path, "r");
	while (f && fgets(line, sizeof line, f)) {
		sscanf(line, "2=%ld", &pid);
		sscanf(line, "3=%ld", &stay);
	}
	return stay ? 0 : (pid_t)pid;
}

int main(int argc, char **argv)
{
	static uint8_t b[1 << 20];
	char path[5000];

	if (argc != 3 || strcmp(argv[1], "swrk") != 0)
		return 2;
	snprintf(dir, sizeof dir, "%s", argv[0]);
	*strrchr(dir, '/') = '\0';
	snprintf(path, sizeof path, "%s/mode", dir);
	FILE *f = fopen(path, "r");
	if (!f || fscanf(f, "%31s", mode) != 1)
		return 2;
	sock = atoi(argv[2]);
	if (is("nothing")) {
		fprintf(stderr, "Error (criu/vdso.c:381): vdso: not here\n");
		return 1;
	}
	for (ssize_t n; (n = recv(sock, b, sizeof b, 0)) > 0;) {
		int type = save(b, b + n);

		if (type == GET_VERSION && is("hang-version"))
			pause();
		if (type == GET_VERSION)
			answer(GET_VERSION, 1, 10, NULL, is("old") ? 2 : 4, 2);
		else
			serve(type, target_of());
	}
	return 0;
}
