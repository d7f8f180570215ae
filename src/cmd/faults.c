/* faults: see faults.h. */
#include "cmd/faults.h"
#include "base/str.h"
#include <stdlib.h>

#ifdef ENABLE_FAULTS
static uint32_t fault(const char *name)
{
	const char *text = getenv(name);
	uint64_t v = 0;

	return text && str_u64(text, UINT32_MAX, &v) == 0 ? (uint32_t)v : 0;
}

void faults_read(struct run *r)
{
	r->fail_at = fault("NSRUN_FAIL_AT");
	r->kill_at = fault("NSRUN_KILL_AT");
	r->kill_init_at = fault("NSRUN_KILL_INIT_AT");
	r->stop_at = fault("NSRUN_STOP_AT");
}
#else
void faults_read(struct run *r)
{
	(void)r;
}
#endif
