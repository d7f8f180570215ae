/* log: where errors and debug lines go. Errors go to stderr and, with --log, to the file too: one line, one JSON
 * object (engine-contract.md 1.8). Never called after clone by the container's side. */
#pragma once
#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

enum log_level { LOG_ERROR, LOG_WARNING, LOG_DEBUG };

/* file NULL: stderr only. "PATH" and "file:PATH" are appended to; "journald:ID" and "syslog:ID" name who speaks.
 * json: --log-format json. stage: the command, for the key of that name. 0, or -1 with e (stderr is then set up). */
int log_open(const char *file, bool json, enum log_level level, const char *stage, struct err *e);
/* The one error of a failing command. On stderr three lines (what, at, hint), or one JSON object when that format is
 * asked for without a file; in the file one line, msg being the three texts joined by "; ", in JSON with code, stage,
 * pointer, errno, hint as extra keys. */
void log_error(const struct err *e);
/* Warnings go to stderr, and to the log file only with --debug (podman reads the file as one object). */
void log_warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Is anybody listening to log_debug()? */
bool log_debugging(void);
/* Only with --debug / --log-level debug. */
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* RFC 3339 in UTC with nanoseconds: "2026-08-19T10:11:12.123456789Z". buf has LOG_TIME bytes. */
#define LOG_TIME 96
const char *log_time(char *buf, const struct timespec *t);
/* Pure halves of log_error(), for tests: one line without its newline. n is the size of buf. */
void log_line_json(char *buf, size_t n, const struct err *e, const char *stage, const char *now);
void log_line_text(char *buf, size_t n, const struct err *e, const char *now);
