/* property: unit properties as D-Bus wants them. */
#pragma once
#include "apply/systemd_wire.h"
#include "systemd/bus.h"

/* Appends p to m as "(sv)". 0, or -1 with b->e. */
int property_append(struct bus *b, struct sd_bus_message *m, const struct systemd_property *p);
/* The user wrote it, in an annotation: it is not ours to leave out. */
bool property_is_users(const struct systemd_property *p);

/* gvariant.c: parses p->text as a GVariant (the text format of GLib), and appends it as a "v". */
int property_append_gvariant(struct bus *b, struct sd_bus_message *m,
                             const struct systemd_property *p);
