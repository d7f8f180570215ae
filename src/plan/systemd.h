/* systemd: what systemd is told about a limit. The one conversion from a write to a cgroup file to unit properties, for
 * create, update and rollback alike: what the kernel has been given and what systemd sets again at daemon-reload cannot
 * differ. Pure. systemd.resource-control(5), org.freedesktop.systemd1(5). */
#pragma once
#include "libocispec-lite/arena.h"
#include "plan/step.h"

/* The properties (0 to 2, into out, text in a) that say the same as text written to file in a cgroup of v2, or of v1.
 * 0: systemd has nothing like it, or text is not what that file takes.
 * cpu.cfs_quota_us (v1) takes "QUOTA PERIOD", as cpu.max does: systemd counts per second, so the two files must be
 * read together. A quota alone is one per 100 ms, the kernel's default.
 * CPUWeight=0 (cpu.idle) needs systemd 252, OOMPolicy of a scope 253, AllowedCPUs 244, CPUQuotaPeriodUSec 242. */
size_t systemd_properties(bool v2, const char *file, const char *text, struct unit_property out[2],
                          struct arena *a);
