/* hooks: one step for each hook of a type, in the order of the config (config.md#posix-platform-hooks). */
#include "plan/emit.h"

static uint32_t emit(struct plan *p, enum hook_type type, const struct oci_hook *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct step *s = plan_step(p, STEP_HOOK, FROM(v[i]));

		s->hook.hook = &v[i];
		s->hook.type = type;
		s->hook.index = (uint32_t)i;
	}
	return (uint32_t)n;
}

uint32_t plan_hooks(struct plan *p, const struct plan_in *in, enum hook_type type)
{
	const struct oci_hooks *h = in->c->hooks;

	if (!h)
		return 0;
	switch (type) {
	case HOOK_PRESTART: return emit(p, type, h->prestart.v, h->prestart.n);
	case HOOK_CREATE_RUNTIME: return emit(p, type, h->create_runtime.v, h->create_runtime.n);
	case HOOK_CREATE_CONTAINER:
		return emit(p, type, h->create_container.v, h->create_container.n);
	case HOOK_START_CONTAINER: return emit(p, type, h->start_container.v, h->start_container.n);
	case HOOK_POSTSTART: return emit(p, type, h->poststart.v, h->poststart.n);
	case HOOK_POSTSTOP: return emit(p, type, h->poststop.v, h->poststop.n);
	case HOOK__N: break;
	}
	return 0;
}
