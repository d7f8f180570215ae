/* unit: what the helper does: makes, stops and changes a unit. */
#pragma once
#include "apply/systemd_wire.h"
#include "systemd/bus.h"

/* 0, or -1 with b->e. b is connected. */
int unit_start(struct bus *b, const struct systemd_request *rq);
int unit_stop(struct bus *b, const char *unit);
int unit_set(struct bus *b, const struct systemd_request *rq);
