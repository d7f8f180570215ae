/* hooks: the six lists of hooks. config.md#posix-platform-hooks. */
#include "base/str.h"
#include "check/check.h"

static void check_list_of(struct check *k, const struct oci_hook *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct oci_hook *h = &v[i];

		check_absolute(k, AT(h->path), h->path);
		if (h->args.n && str_empty(h->args.v[0]))
			bad(k, AT(h->args.v[0]),
			    "write the name of the program there, or remove args",
			    "args[0] of the hook is empty");
		check_env(k, h->env.v, h->env.n);
	}
}

void check_hooks(struct check *k)
{
	const struct oci_hooks *h = k->c->hooks;

	if (!h)
		return;
	check_list_of(k, h->prestart.v, h->prestart.n);
	check_list_of(k, h->create_runtime.v, h->create_runtime.n);
	check_list_of(k, h->create_container.v, h->create_container.n);
	check_list_of(k, h->start_container.v, h->start_container.n);
	check_list_of(k, h->poststart.v, h->poststart.n);
	check_list_of(k, h->poststop.v, h->poststop.n);
}
