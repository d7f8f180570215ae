/* device_rules: see device_rules.h. */
#include "plan/device_rules.h"
#include <stdio.h>
#include <string.h>

#define ALL    DEVICE_ACCESS_ALL
#define MAJORS (1 << 12) /* dev_t of the kernel */
#define MINORS (1 << 20)

/* mknod of anything is harmless without read and write. */
const struct device_rule device_defaults[DEVICE_DEFAULTS] = {
	{ true, 'c', -1, -1, BPF_DEVCG_ACC_MKNOD },
	{ true, 'b', -1, -1, BPF_DEVCG_ACC_MKNOD },
	{ true, 'c', 1, 3, ALL },    /* null */
	{ true, 'c', 1, 8, ALL },    /* random */
	{ true, 'c', 1, 7, ALL },    /* full */
	{ true, 'c', 5, 0, ALL },    /* tty */
	{ true, 'c', 1, 5, ALL },    /* zero */
	{ true, 'c', 1, 9, ALL },    /* urandom */
	{ true, 'c', 5, 1, ALL },    /* console */
	{ true, 'c', 136, -1, ALL }, /* ptys, container side */
	{ true, 'c', 5, 2, ALL },    /* ptmx */
	{ true, 'c', 10, 200, ALL }, /* net/tun */
};

struct device_rule device_rule_from(const struct oci_device_cgroup *d)
{
	struct device_rule r = { .allow = d->allow.v, .type = d->type ? d->type[0] : 'a' };

	r.major = d->major.set && d->major.v >= 0 ? d->major.v : -1;
	r.minor = d->minor.set && d->minor.v >= 0 ? d->minor.v : -1;
	if (!d->access || !*d->access)
		r.access = ALL;
	else
		r.access = (strchr(d->access, 'r') ? BPF_DEVCG_ACC_READ : 0u) |
		           (strchr(d->access, 'w') ? BPF_DEVCG_ACC_WRITE : 0u) |
		           (strchr(d->access, 'm') ? BPF_DEVCG_ACC_MKNOD : 0u);
	return r;
}

/* Matches every access to every device. */
static bool is_total(const struct device_rule *r)
{
	return r->type == 'a' && r->major < 0 && r->minor < 0 && r->access == ALL;
}

struct v1 {
	const struct device_rule *rules;
	device_line_fn *out;
	void *ctx;
};

static void put_line(const struct v1 *v, size_t i, const struct device_rule *key, unsigned access)
{
	char major[24] = "*", minor[24] = "*", line[64];

	if (key->major >= 0)
		snprintf(major, sizeof major, "%lld", (long long)key->major);
	if (key->minor >= 0)
		snprintf(minor, sizeof minor, "%lld", (long long)key->minor);
	snprintf(line, sizeof line, "%c %s:%s %s%s%s", key->type, major, minor,
	         access & BPF_DEVCG_ACC_READ ? "r" : "", access & BPF_DEVCG_ACC_WRITE ? "w" : "",
	         access & BPF_DEVCG_ACC_MKNOD ? "m" : "");
	v->out(v->ctx, i, v->rules[i].allow, line);
}

static bool overlap(int64_t a, int64_t b)
{
	return a < 0 || b < 0 || a == b;
}

/* Takes back from the exceptions made by rules first..i-1 what rule i (of one type) says about them. The kernel drops
 * an exception only when it is named exactly, so those that are wholly covered are named one by one. False: rule i is
 * narrower than an exception. */
static bool take_back(const struct v1 *v, size_t first, size_t i, const struct device_rule *r)
{
	for (size_t j = first; j < i; j++) {
		struct device_rule e = v->rules[j];

		if (e.allow == r->allow || (e.type != 'a' && e.type != r->type) ||
		    !overlap(e.major, r->major) || !overlap(e.minor, r->minor) ||
		    !(e.access & r->access))
			continue;
		if ((r->major >= 0 && r->major != e.major) ||
		    (r->minor >= 0 && r->minor != e.minor))
			return false;
		e.type = r->type;
		put_line(v, i, &e, e.access & r->access);
	}
	return true;
}

size_t device_rules_v1(const struct device_rule *rules, size_t n, device_line_fn *out, void *ctx)
{
	const struct v1 v = { rules, out, ctx };
	bool allowed = true; /* the default: a new cgroup's is its parent's */
	size_t first = 0;

	for (size_t i = 0; i < n; i++) {
		if (is_total(&rules[i])) {
			out(ctx, i, rules[i].allow, "a *:* rwm");
			allowed = rules[i].allow;
			first = i + 1;
			continue;
		}
		/* The kernel takes a line that begins with "a" for all devices, whatever follows. */
		for (const char *type = "bc"; *type; type++) {
			struct device_rule r = rules[i];

			if (r.type != 'a' && r.type != *type)
				continue;
			r.type = *type;
			if (r.allow == allowed && !take_back(&v, first, i, &r))
				return i;
			put_line(&v, i, &r, r.access);
		}
	}
	return n;
}

/* Registers: 2 the device's type, 3 what is still to be allowed of the access, 4 major, 5 minor. */
enum { RESULT = BPF_REG_0, CTX = BPF_REG_1, TYPE, ACCESS, MAJOR, MINOR };

static struct bpf_insn insn(int code, int dst, int src, int off, int imm)
{
	return (struct bpf_insn){ .code = (uint8_t)code,
		                  .dst_reg = (uint8_t)dst & 15,
		                  .src_reg = (uint8_t)src & 15,
		                  .off = (int16_t)off,
		                  .imm = imm };
}

static size_t put_load(struct bpf_insn *p)
{
	const int load = BPF_LDX | BPF_MEM | BPF_W;

	p[0] = insn(load, TYPE, CTX, offsetof(struct bpf_cgroup_dev_ctx, access_type), 0);
	p[1] = insn(BPF_ALU64 | BPF_MOV | BPF_X, ACCESS, TYPE, 0, 0);
	p[2] = insn(BPF_ALU64 | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
	p[3] = insn(BPF_ALU64 | BPF_RSH | BPF_K, ACCESS, 0, 0, 16);
	p[4] = insn(load, MAJOR, CTX, offsetof(struct bpf_cgroup_dev_ctx, major), 0);
	p[5] = insn(load, MINOR, CTX, offsetof(struct bpf_cgroup_dev_ctx, minor), 0);
	return 6;
}

static size_t put_return(struct bpf_insn *p, bool allow)
{
	p[0] = insn(BPF_ALU64 | BPF_MOV | BPF_K, RESULT, 0, 0, allow);
	p[1] = insn(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	return 2;
}

/* What to do with an access to a device that the rule matches. An access may want several things at once (open for
 * reading and writing): allowed ones are struck off, one that is denied denies it all. */
static size_t put_verdict(struct bpf_insn *p, const struct device_rule *r)
{
	if (r->access == ALL)
		return put_return(p, r->allow);
	if (r->allow) {
		p[0] = insn(BPF_ALU64 | BPF_AND | BPF_K, ACCESS, 0, 0, ~(int)r->access);
		p[1] = insn(BPF_JMP | BPF_JNE | BPF_K, ACCESS, 0, 2, 0);
	} else {
		p[0] = insn(BPF_JMP | BPF_JSET | BPF_K, ACCESS, 0, 1, (int)r->access);
		p[1] = insn(BPF_JMP | BPF_JA, 0, 0, 2, 0);
	}
	return 2 + put_return(p + 2, r->allow);
}

static size_t put_rule(struct bpf_insn *p, const struct device_rule *r)
{
	const int jne = BPF_JMP | BPF_JNE | BPF_K;
	size_t n = 0, body;

	if (r->major > INT32_MAX || r->minor > INT32_MAX)
		return 0; /* no such device */
	if (r->type != 'a')
		p[n++] = insn(jne, TYPE, 0, 0,
		              r->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	if (r->major >= 0)
		p[n++] = insn(jne, MAJOR, 0, 0, (int)r->major);
	if (r->minor >= 0)
		p[n++] = insn(jne, MINOR, 0, 0, (int)r->minor);
	body = put_verdict(p + n, r);
	for (size_t i = 0; i < n; i++)
		p[i].off = (int16_t)(n - i - 1 + body);
	return n + body;
}

size_t device_rules_bpf(const struct device_rule *rules, size_t n, struct bpf_insn *out)
{
	size_t len = put_load(out);

	/* From the last rule to the first: the first that matches decides. What comes after one that always does
	 * would be refused by the kernel as unreachable. */
	while (n-- > 0) {
		len += put_rule(out + len, &rules[n]);
		if (is_total(&rules[n]))
			return len;
	}
	return len + put_return(out + len, true);
}

/* The devices of one type that a rule is about, or more: "minor 3 of every major" is not to be said. */
static const char *systemd_name(const struct device_rule *r, char type, struct arena *a)
{
	const char *kind = type == 'b' ? "block" : "char";

	if (r->major < 0)
		return arena_fmt(a, "%s-*", kind);
	if (r->minor < 0)
		return arena_fmt(a, "%s-%lld", kind, (long long)r->major);
	return arena_fmt(a, "/dev/%s/%lld:%lld", kind, (long long)r->major, (long long)r->minor);
}

struct systemd_rule {
	const char *name;
	unsigned access;
};

const char *device_rules_systemd(const struct device_rule *rules, size_t n, struct arena *a)
{
	struct systemd_rule *all = NEW_N(a, struct systemd_rule, 2 * n);
	const char *text = "";
	size_t first = n, count = 0;

	/* Only what follows the last rule about everything counts. */
	while (first > 0 && !is_total(&rules[first - 1]))
		first--;
	if (first == 0 || rules[first - 1].allow)
		return NULL;
	for (size_t i = first; i < n; i++) {
		const struct device_rule *r = &rules[i];

		for (const char *type = "bc"; *type; type++) {
			size_t j = 0;

			if (!r->allow || (r->type != 'a' && r->type != *type) ||
			    r->major >= MAJORS || r->minor >= MINORS)
				continue;
			const char *name = systemd_name(r, *type, a);
			while (j < count && strcmp(all[j].name, name) != 0)
				j++;
			all[j].name = name;
			all[j].access |= r->access;
			count += j == count;
		}
	}
	for (size_t i = 0; i < count; i++)
		text = arena_fmt(a, "%s%s%s %s%s%s", text, i ? "\n" : "", all[i].name,
		                 all[i].access & BPF_DEVCG_ACC_READ ? "r" : "",
		                 all[i].access & BPF_DEVCG_ACC_WRITE ? "w" : "",
		                 all[i].access & BPF_DEVCG_ACC_MKNOD ? "m" : "");
	return text;
}
