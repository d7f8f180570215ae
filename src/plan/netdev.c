/* netdev: the host's network devices that go into the container, in the order of the config
 * (config-linux.md#network-devices). */
#include "base/str.h"
#include "plan/emit.h"

void plan_net_devices(struct plan *p, const struct plan_in *in)
{
	const struct oci_linux *l = in->c->linux_;

	for (size_t i = 0; l && i < l->net_devices.n; i++) {
		const struct oci_net_device *d = &l->net_devices.v[i];
		struct step *s = plan_step(p, STEP_NETDEV, FROM(*d));

		s->netdev.host = d->key;
		s->netdev.name = str_empty(d->name) ? d->key : d->name;
	}
}
