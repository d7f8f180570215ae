/* device_rules: which devices a cgroup may use, as lines for v1, as a program for v2, and for systemd. Pure.
 * config-linux.md#allowed-device-list: rules apply in order, so the last one that matches an access decides it. An
 * access that no rule matches stays allowed, as in the cgroup's parent. */
#pragma once
#include "libocispec-lite/arena.h"
#include "libocispec-lite/config.h"
#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>

struct device_rule {
	bool allow;
	char type;            /* 'b', 'c', or 'a': both */
	int64_t major, minor; /* -1: all */
	unsigned access;      /* BPF_DEVCG_ACC_* */
};
#define DEVICE_ACCESS_ALL (BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE)

/* What every container may use (config-linux.md#default-devices): goes after the rules of the config. */
#define DEVICE_DEFAULTS 12
extern const struct device_rule device_defaults[DEVICE_DEFAULTS];

/* A rule of the config. Absent members mean all of it. */
struct device_rule device_rule_from(const struct oci_device_cgroup *d);

/* The rules as writes to devices.allow and devices.deny, in order; line is valid during the call. v1 keeps one default
 * and a list of exceptions, which cannot say everything: returns n, or the index of the rule that takes back a part of
 * an earlier one. */
typedef void device_line_fn(void *ctx, size_t rule, bool allow, const char *line);
size_t device_rules_v1(const struct device_rule *rules, size_t n, device_line_fn *out, void *ctx);

/* The rules as a BPF_PROG_TYPE_CGROUP_DEVICE program of at most DEVICE_INSNS(n) instructions, bpf(2). Returns how
 * many were written to out. */
#define DEVICE_INSNS(n) (6 + 7 * (n) + 2)
size_t device_rules_bpf(const struct device_rule *rules, size_t n, struct bpf_insn *out);

/* What the rules allow, as systemd's DeviceAllow can say it (systemd.resource-control(5)): "/dev/char/1:3 rwm" per
 * line, text in a. More, where it cannot be said exactly; never less. NULL: nothing is denied. */
const char *device_rules_systemd(const struct device_rule *rules, size_t n, struct arena *a);
