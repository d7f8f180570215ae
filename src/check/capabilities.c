/* capabilities: the five sets of process.capabilities. config.md, capabilities(7). */
#include "base/caps.h"
#include "base/str.h"
#include "check/check.h"

/* One set as bits, with a warning for each name that cannot be granted (config.md#linux-process). It counts as no bit. */
static uint64_t check_set(struct check *k, char *const *names, size_t n)
{
	uint64_t set = 0;

	for (size_t i = 0; i < n; i++) {
		int cap = cap_by_name(names[i]);

		if (cap < 0)
			warn_word(k, AT(names[i]), names[i], cap_words(), "see capabilities(7)",
			          "\"%s\" is not a capability: it is not granted", names[i]);
		else if (cap > k->host->last_cap)
			warn(k, AT(names[i]), "remove it",
			     "this kernel does not have %s: it is not granted", names[i]);
		else
			set |= UINT64_C(1) << cap;
	}
	return set;
}

/* The first name of a list whose bit is not in set, as its index; n when there is none. */
static size_t beyond(const struct check *k, char *const *names, size_t n, uint64_t set)
{
	for (size_t i = 0; i < n; i++) {
		int cap = cap_by_name(names[i]);

		if (cap >= 0 && cap <= k->host->last_cap && !(set >> cap & 1))
			return i;
	}
	return n;
}

void check_capabilities(struct check *k)
{
	const struct oci_process *p = k->c->process;

	if (!p || !p->capabilities)
		return;
	const struct oci_capabilities *c = p->capabilities;
	check_set(k, c->bounding.v, c->bounding.n);
	uint64_t permitted = check_set(k, c->permitted.v, c->permitted.n);
	uint64_t inheritable = check_set(k, c->inheritable.v, c->inheritable.n);
	check_set(k, c->effective.v, c->effective.n);
	check_set(k, c->ambient.v, c->ambient.n);

	/* capset(2) refuses the one; prctl(2) refuses the other, and no rival stops for it. */
	size_t i = beyond(k, c->effective.v, c->effective.n, permitted);
	if (i < c->effective.n)
		bad(k, AT(c->effective.v[i]), "add it to permitted, or remove it",
		    "%s is effective, but not permitted", c->effective.v[i]);
	i = beyond(k, c->ambient.v, c->ambient.n, permitted & inheritable);
	if (i < c->ambient.n)
		warn(k, AT(c->ambient.v[i]), "add it to permitted and inheritable, or remove it",
		     "%s is ambient, but not permitted and inheritable: it is not granted",
		     c->ambient.v[i]);
}
