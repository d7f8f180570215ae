/* log: see log.h. Lines are built on the stack and written with one write(2), so that they do not mix. */
#include "cmd/log.h"
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "libocispec-lite/ocispec.h"
#include "libocispec-lite/rows.h"
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE 8192 /* struct err twice (msg, then where and hint), each byte as an escape of six */

enum sink { SINK_NONE, SINK_FILE, SINK_JOURNAL, SINK_SYSLOG };

static struct {
	enum sink sink;
	int fd;
	const char *who; /* journald, syslog: the identifier */
	const char *stage;
	bool json;
	enum log_level level;
} out = { .fd = -1, .stage = "", .level = LOG_WARNING };

static const char *const level_names[] = { "error", "warning", "debug" };
static const char *const code_names[] = {
	"none", "usage", "config", "host", "state", "step", "bug"
};

const char *log_time(char *buf, const struct timespec *t)
{
	struct tm tm;

	gmtime_r(&t->tv_sec, &tm);
	snprintf(buf, LOG_TIME, "%04d-%02d-%02dT%02d:%02d:%02d.%09ldZ", tm.tm_year + 1900,
	         tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, t->tv_nsec);
	return buf;
}

static const char *now(char *buf)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return log_time(buf, &t);
}

/* Length of the valid UTF-8 character at s, 0 when there is none: argv may hold anything, JSON may not. */
static size_t utf8_len(const unsigned char *s)
{
	size_t n = *s < 0x80                 ? 1
	           : *s >= 0xC2 && *s < 0xE0 ? 2
	           : (*s & 0xF0) == 0xE0     ? 3
	           : *s >= 0xF0 && *s < 0xF5 ? 4
	                                     : 0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xC0) != 0x80)
			return 0;
	if ((*s == 0xE0 && s[1] < 0xA0) || (*s == 0xED && s[1] >= 0xA0) ||
	    (*s == 0xF0 && s[1] < 0x90) || (*s == 0xF4 && s[1] >= 0x90))
		return 0;
	return n;
}

/* A copy of s that is valid UTF-8: each byte that is not becomes "?". */
static const char *clean(char *buf, size_t n, const char *s)
{
	size_t at = 0;

	for (size_t len; *s && at + 4 < n; s += len) {
		len = utf8_len((const unsigned char *)s);
		memcpy(buf + at, len ? s : "?", len ? len : 1);
		at += len += !len;
	}
	buf[at] = '\0';
	return buf;
}

/* The same on one line, whatever somebody put into a file name: control characters as escapes. quoted: also what ends
 * a quoted text. */
static const char *one_line(char *buf, size_t n, const char *s, bool quoted)
{
	char text[LINE / 2];

	*buf = '\0';
	for (s = clean(text, sizeof text, s); *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '\n')
			str_add(buf, n, "\\n");
		else if (c < 0x20 || c == 0x7F)
			str_add(buf, n, "\\x%02x", c);
		else
			str_add(buf, n, quoted && (c == '"' || c == '\\') ? "\\%c" : "%c", c);
	}
	return buf;
}

/* One line of the log: the keys of engines first, ours behind them. */
struct entry {
	char *level, *msg, *time, *code, *stage, *pointer;
	struct oci_i64 num;
	char *hint;
};
/* clang-format off */
OCI_SCHEMA_LOCAL(entry,
	STR(entry, level,   "level",   0),
	STR(entry, msg,     "msg",     0),
	STR(entry, time,    "time",    0),
	STR(entry, code,    "code",    0),
	STR(entry, stage,   "stage",   0),
	STR(entry, pointer, "pointer", 0),
	I64(entry, num,     "errno",   0),
	STR(entry, hint,    "hint",    0));
/* clang-format on */

static char *text(struct arena *a, const char *s)
{
	char buf[LINE];

	if (str_empty(s))
		return NULL;
	clean(buf, sizeof buf, s);
	return arena_str(a, buf, strlen(buf));
}

/* what, where and hint in one text. */
static void join(const struct err *e, char *buf, size_t n)
{
	snprintf(buf, n, "%s", e->what);
	if (*e->where)
		str_add(buf, n, "; at %s", e->where);
	if (*e->hint)
		str_add(buf, n, "; hint: %s", e->hint);
}

/* The JSON pointer in "config.json:41:17 /mounts/3", or NULL. */
static const char *pointer_of(const struct err *e)
{
	const char *p = strstr(e->where, " /");

	return p && (e->kind == ERR_CONFIG || e->kind == ERR_STEP) ? p + 1 : NULL;
}

void log_line_json(char *buf, size_t n, const struct err *e, const char *stage, const char *time)
{
	char msg[sizeof *e];
	struct arena a = { 0 };

	join(e, msg, sizeof msg);
	const struct entry x = {
		.level = (char *)"error",
		.msg = text(&a, msg),
		.time = text(&a, time),
		.code = text(&a, code_names[e->kind]),
		.stage = text(&a, stage),
		.pointer = text(&a, pointer_of(e)),
		.num = { e->num, e->num != 0 },
		.hint = text(&a, e->hint),
	};
	snprintf(buf, n, "%s", oci_encode(&entry_schema, &x, OCI_COMPACT, &a, NULL));
	arena_done(&a);
}

void log_line_text(char *buf, size_t n, const struct err *e, const char *time)
{
	char msg[sizeof *e], line[LINE];

	join(e, msg, sizeof msg);
	snprintf(buf, n, "time=\"%s\" level=error msg=\"%s\"", time,
	         one_line(line, sizeof line, msg, true));
}

/* One datagram to the local log service: journald's own protocol (a newline ends a field), or RFC 3164 as /dev/log takes
 * it. Lost when nobody listens: stderr has the text. */
static void send_datagram(enum log_level level, const char *msg)
{
	static const int priority[] = { 3, 4, 7 }; /* syslog(3): err, warning, debug */
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	char buf[LINE], text[LINE / 2];

	one_line(text, sizeof text, msg, false);
	if (out.sink == SINK_JOURNAL) {
		snprintf(to.sun_path, sizeof to.sun_path, "/run/systemd/journal/socket");
		snprintf(buf, sizeof buf, "PRIORITY=%d\nSYSLOG_IDENTIFIER=%s\nMESSAGE=%s\n",
		         priority[level], out.who, text);
	} else {
		snprintf(to.sun_path, sizeof to.sun_path, "/dev/log");
		snprintf(buf, sizeof buf, "<%d>%s[%d]: %s", 3 << 3 | priority[level], out.who,
		         getpid(), text);
	}
	sendto(out.fd, buf, strlen(buf), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&to,
	       sizeof to);
}

static int open_service(enum sink sink, const char *who, struct err *e)
{
	if (strpbrk(who, "\n="))
		return err_set(e, ERR_USAGE, "--log: the identifier has \"=\" or a newline");
	out.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* As where nobody listens: what cannot be logged is no failure. */
	if (out.fd < 0)
		return 0;
	out.sink = sink;
	out.who = *who ? who : "nsrun";
	return 0;
}

int log_open(const char *file, bool json, enum log_level level, const char *stage, struct err *e)
{
	out.json = json;
	out.level = level;
	out.stage = stage;
	if (!file)
		return 0;
	if (str_starts(file, "journald:"))
		return open_service(SINK_JOURNAL, file + strlen("journald:"), e);
	if (str_starts(file, "syslog:"))
		return open_service(SINK_SYSLOG, file + strlen("syslog:"), e);
	if (str_starts(file, "file:"))
		file += strlen("file:");
	/* Without O_NONBLOCK a fifo that nobody reads would hang every command. */
	out.fd =
		open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);
	if (out.fd < 0)
		return err_sys(e, ERR_USAGE, errno, "open the log file %s", file);
	out.sink = SINK_FILE;
	return 0;
}

static void write_line(int fd, char *line, size_t n)
{
	size_t len = strnlen(line, n - 2);

	line[len++] = '\n';
	io_write_all(fd, line, len); /* nobody is left to hear about a failure */
}

void log_error(const struct err *e)
{
	char line[LINE], time[LOG_TIME], msg[sizeof *e];

	now(time);
	if (out.sink == SINK_NONE && out.json) {
		log_line_json(line, sizeof line, e, out.stage, time);
	} else {
		char part[LINE / 2];

		snprintf(line, sizeof line, "nsrun: %s",
		         one_line(part, sizeof part, e->what, false));
		if (*e->where)
			str_add(line, sizeof line, "\n  at %s",
			        one_line(part, sizeof part, e->where, false));
		if (*e->hint)
			str_add(line, sizeof line, "\n  hint: %s",
			        one_line(part, sizeof part, e->hint, false));
	}
	write_line(STDERR_FILENO, line, sizeof line);
	if (out.sink == SINK_FILE) {
		if (out.json)
			log_line_json(line, sizeof line, e, out.stage, time);
		else
			log_line_text(line, sizeof line, e, time);
		write_line(out.fd, line, sizeof line);
	} else if (out.sink != SINK_NONE) {
		join(e, msg, sizeof msg);
		send_datagram(LOG_ERROR, msg);
	}
}

static void line_json(char *line, size_t n, enum log_level level, const char *msg, const char *time)
{
	struct arena a = { 0 };
	const struct entry x = { .level = (char *)level_names[level],
		                 .msg = text(&a, msg),
		                 .time = text(&a, time) };

	snprintf(line, n, "%s", oci_encode(&entry_schema, &x, OCI_COMPACT, &a, NULL));
	arena_done(&a);
}

static void log_line(enum log_level level, const char *msg)
{
	char line[LINE], part[LINE / 2], time[LOG_TIME];

	if (level > out.level)
		return;
	snprintf(line, sizeof line, "nsrun: %s: %s", level_names[level],
	         one_line(part, sizeof part, msg, false));
	write_line(STDERR_FILENO, line, sizeof line);
	if (out.sink == SINK_NONE || out.level < LOG_DEBUG)
		return;
	if (out.sink != SINK_FILE) {
		send_datagram(level, msg);
		return;
	}
	if (out.json)
		line_json(line, sizeof line, level, msg, now(time));
	else
		snprintf(line, sizeof line, "time=\"%s\" level=%s msg=\"%s\"", now(time),
		         level_names[level], one_line(part, sizeof part, msg, true));
	write_line(out.fd, line, sizeof line);
}

void log_warn(const char *fmt, ...)
{
	char text[LINE / 4];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	log_line(LOG_WARNING, text);
}

bool log_debugging(void)
{
	return out.level >= LOG_DEBUG;
}

void log_debug(const char *fmt, ...)
{
	char text[LINE / 4];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	log_line(LOG_DEBUG, text);
}
