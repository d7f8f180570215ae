/* err: see err.h. */
#include "base/err.h"
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_set(struct err *e, enum err_kind kind, const char *fmt, ...)
{
	va_list ap;

	if (!e || e->kind != ERR_NONE)
		return -1;
	e->kind = kind;
	va_start(ap, fmt);
	vsnprintf(e->what, sizeof e->what, fmt, ap);
	va_end(ap);
	return -1;
}

int err_sys(struct err *e, enum err_kind kind, int num, const char *fmt, ...)
{
	va_list ap;
	char text[64];

	if (!e || e->kind != ERR_NONE)
		return -1;
	e->kind = kind;
	e->num = num;
	va_start(ap, fmt);
	int n = vsnprintf(e->what, sizeof e->what, fmt, ap);
	va_end(ap);
	/* A long text gives way: the cause is what engines match on. */
	err_text(num, text, sizeof text);
	size_t room = sizeof e->what - strlen(text) - 3;
	size_t at = (size_t)n < room ? (size_t)n : room;
	snprintf(e->what + at, sizeof e->what - at, ": %s", text);
	return -1;
}

__attribute__((format(printf, 3, 0))) static int fill(char *buf, size_t n, const char *fmt,
                                                      va_list ap)
{
	if (!*buf)
		vsnprintf(buf, n, fmt, ap);
	return -1;
}

int err_where(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	fill(e->where, sizeof e->where, fmt, ap);
	va_end(ap);
	return -1;
}

int err_hint(struct err *e, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -1;
	va_start(ap, fmt);
	fill(e->hint, sizeof e->hint, fmt, ap);
	va_end(ap);
	return -1;
}

const char *err_text(int num, char *buf, size_t n)
{
	const char *text = strerrordesc_np(num);

	if (!text) {
		snprintf(buf, n, "error %d", num);
		return buf;
	}
	snprintf(buf, n, "%s", text);
	/* "RPC ..." and the like keep their capitals. */
	if (n > 1 && isupper((unsigned char)buf[0]) && !isupper((unsigned char)buf[1]))
		buf[0] = (char)tolower((unsigned char)buf[0]);
	return buf;
}
