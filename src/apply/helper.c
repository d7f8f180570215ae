/* helper: see helper.h. */
#include "apply/helper.h"
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *(*helper_self)(void);

const char *helper_installed(const char *name, char *buf, size_t n)
{
	snprintf(buf, n, PKGLIBEXECDIR "/%s", name);
	return buf;
}

const char *helper_find(const char *name, char *buf, size_t n)
{
	const char *self = helper_self ? helper_self() : NULL;
	const char *slash = self ? strrchr(self, '/') : NULL;

	if (slash) {
		snprintf(buf, n, "%.*s/%s", (int)(slash - self), self, name);
		if (access(buf, X_OK) == 0)
			return buf;
	}
	return access(helper_installed(name, buf, n), X_OK) == 0 ? buf : NULL;
}
