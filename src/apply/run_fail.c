/* run_fail: what an op says about its failure. */
#include "apply/run.h"
#include "base/str.h"
#include <stdarg.h>
#include <stdio.h>

int run_fail(struct run *r, int num, const char *fmt, ...)
{
	va_list ap;

	if (r->err.kind != ERR_NONE)
		return -num;
	r->err.kind = ERR_STEP;
	va_start(ap, fmt);
	vsnprintf(r->err.what, sizeof r->err.what, fmt, ap);
	va_end(ap);
	return -num;
}

int run_sys(struct run *r, int num, const char *fmt, ...)
{
	char text[64];
	va_list ap;

	if (r->err.kind != ERR_NONE)
		return -num;
	r->err.kind = ERR_STEP;
	va_start(ap, fmt);
	vsnprintf(r->err.what, sizeof r->err.what - sizeof text, fmt, ap);
	va_end(ap);
	str_add(r->err.what, sizeof r->err.what, ": %s", err_text(num, text, sizeof text));
	return -num;
}
