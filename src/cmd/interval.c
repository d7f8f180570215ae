/* interval: see interval.h. */
#include "cmd/interval.h"
#include "base/human.h"
#include <errno.h>
#include <time.h>

int interval_flag(const char *text, uint64_t *ns, struct err *e)
{
	if (human_duration(text, ns) == 0 && *ns)
		return 0;
	err_set(e, ERR_USAGE, "flag --interval is \"%s\", expected a time above 0", text);
	return err_hint(e, "write it like 5s, 100ms or 1m30s, or in seconds");
}

uint64_t interval_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

int interval_wait(struct pollfd *p, size_t n, uint64_t until, struct err *e)
{
	uint64_t t = interval_now(), left = until > t ? until - t : 0;
	const struct timespec ts = { .tv_sec = (time_t)(left / NS_PER_S),
		                     .tv_nsec = (long)(left % NS_PER_S) };

	for (size_t i = 0; i < n; i++)
		p[i].revents = 0;
	if (ppoll(p, n, &ts, NULL) < 0 && errno != EINTR)
		return err_sys(e, ERR_HOST, errno, "wait");
	if (p[0].revents & POLLERR)
		return err_sys(e, ERR_HOST, EPIPE, "write to stdout");
	return 0;
}
