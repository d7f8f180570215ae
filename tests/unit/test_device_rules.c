/* test_device_rules: the device program against a plain reading of the rules, and the lines for v1 against the
 * kernel's list of exceptions. */
#include "plan/device_rules.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ALL DEVICE_ACCESS_ALL

/* The spec's reading: each wanted right by itself; the last rule that matches decides. */
static bool expected(const struct device_rule *rules, size_t n, char type, int64_t major,
                     int64_t minor, unsigned access)
{
	for (unsigned bit = 1; bit <= 4; bit <<= 1) {
		bool allow = true;

		for (size_t i = 0; i < n; i++) {
			const struct device_rule *r = &rules[i];

			if ((r->type == 'a' || r->type == type) &&
			    (r->major < 0 || r->major == major) &&
			    (r->minor < 0 || r->minor == minor) && (r->access & bit))
				allow = r->allow;
		}
		if ((access & bit) && !allow)
			return false;
	}
	return true;
}

/* The few instructions that device programs use, over 64-bit registers. */
static bool interpret(const struct bpf_insn *p, size_t n, const struct bpf_cgroup_dev_ctx *ctx)
{
	uint64_t r[11] = { 0 };

	for (size_t pc = 0; pc < n; pc++) {
		const struct bpf_insn *i = &p[pc];
		uint64_t *d = &r[i->dst_reg], k = (uint64_t)(int64_t)i->imm;
		uint32_t word;

		switch (i->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			memcpy(&word, (const char *)ctx + i->off, sizeof word);
			*d = word;
			break;
		case BPF_ALU64 | BPF_MOV | BPF_X: *d = r[i->src_reg]; break;
		case BPF_ALU64 | BPF_MOV | BPF_K: *d = k; break;
		case BPF_ALU64 | BPF_AND | BPF_K: *d &= k; break;
		case BPF_ALU64 | BPF_RSH | BPF_K: *d >>= k; break;
		case BPF_JMP | BPF_JNE | BPF_K: pc += *d != k ? (size_t)i->off : 0; break;
		case BPF_JMP | BPF_JSET | BPF_K: pc += *d & k ? (size_t)i->off : 0; break;
		case BPF_JMP | BPF_JA: pc += (size_t)i->off; break;
		case BPF_JMP | BPF_EXIT: return r[0];
		default: fail_msg("instruction %zu has code %#x", pc, i->code);
		}
	}
	fail_msg("the program runs off its end");
	return false;
}

static unsigned seed = 1;
static unsigned roll(unsigned n)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 16) % n;
}

static struct device_rule random_rule(void)
{
	return (struct device_rule){ .allow = roll(2),
		                     .type = "abc"[roll(3)],
		                     .major = (int64_t)roll(4) - 1,
		                     .minor = (int64_t)roll(4) - 1,
		                     .access = roll(3) ? 1 + roll(7) : ALL };
}

/* Every device and access that the random rules can tell apart. */
static void compare(const struct device_rule *rules, size_t n,
                    bool (*decide)(void *, char, int64_t, int64_t, unsigned), void *ctx)
{
	for (unsigned all = 0; all < 2 * 4 * 4 * 7; all++) {
		char type = "bc"[all % 2];
		int64_t major = all / 2 % 4, minor = all / 8 % 4;
		unsigned access = 1 + all / 32;

		if (decide(ctx, type, major, minor, access) !=
		    expected(rules, n, type, major, minor, access))
			fail_msg("%zu rules, %c %d:%d access %u", n, type, (int)major, (int)minor,
			         access);
	}
}

struct program {
	struct bpf_insn insns[DEVICE_INSNS(32)];
	size_t n;
};

static bool decide_bpf(void *ctx, char type, int64_t major, int64_t minor, unsigned access)
{
	const struct program *p = ctx;
	struct bpf_cgroup_dev_ctx c = {
		.access_type = access << 16 |
		               (type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR),
		.major = (uint32_t)major,
		.minor = (uint32_t)minor,
	};

	return interpret(p->insns, p->n, &c);
}

static void test_bpf(void **state)
{
	(void)state;
	for (int round = 0; round < 5000; round++) {
		struct device_rule rules[32];
		struct program p;
		size_t n = roll(round < 2500 ? 5 : 33);

		for (size_t i = 0; i < n; i++)
			rules[i] = random_rule();
		p.n = device_rules_bpf(rules, n, p.insns);
		assert_in_range(p.n, 1, DEVICE_INSNS(n));
		compare(rules, n, decide_bpf, &p);
	}
}

/* What the kernel keeps of the lines (security/device_cgroup.c). */
struct v1 {
	bool allowed;
	size_t n;
	struct {
		char type;
		int64_t major, minor;
		unsigned access;
	} except[2000];
};

static void kernel_line(void *ctx, size_t rule, bool allow, const char *line)
{
	struct v1 *v = ctx;
	char type, major[16], minor[16], access[8];
	unsigned bits = 0;
	size_t i;

	(void)rule;
	assert_int_equal(sscanf(line, "%c %15[^:]:%15s %7s", &type, major, minor, access), 4);
	if (type == 'a') {
		v->allowed = allow;
		v->n = 0;
		return;
	}
	for (const char *c = access; *c; c++)
		bits |= *c == 'r'   ? BPF_DEVCG_ACC_READ
		        : *c == 'w' ? BPF_DEVCG_ACC_WRITE
		                    : BPF_DEVCG_ACC_MKNOD;
	int64_t ma = *major == '*' ? -1 : strtoll(major, NULL, 10);
	int64_t mi = *minor == '*' ? -1 : strtoll(minor, NULL, 10);
	for (i = 0; i < v->n; i++)
		if (v->except[i].type == type && v->except[i].major == ma &&
		    v->except[i].minor == mi)
			break;
	if (allow == v->allowed) {
		if (i < v->n)
			v->except[i].access &= ~bits;
		return;
	}
	if (i == v->n) {
		assert_in_range(v->n, 0, 1999);
		v->except[v->n].type = type;
		v->except[v->n].major = ma;
		v->except[v->n].minor = mi;
		v->except[v->n++].access = 0;
	}
	v->except[i].access |= bits;
}

static bool decide_v1(void *ctx, char type, int64_t major, int64_t minor, unsigned access)
{
	const struct v1 *v = ctx;
	unsigned hit = 0;

	for (size_t i = 0; i < v->n; i++)
		if (v->except[i].type == type &&
		    (v->except[i].major < 0 || v->except[i].major == major) &&
		    (v->except[i].minor < 0 || v->except[i].minor == minor))
			hit |= v->except[i].access;
	return v->allowed ? !(hit & access) : !(access & ~hit);
}

static void test_v1(void **state)
{
	static struct v1 v;
	int expressed = 0;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		struct device_rule rules[16];
		size_t n = roll(9);

		for (size_t i = 0; i < n; i++)
			rules[i] = random_rule();
		if (n && roll(2))
			rules[0] = (struct device_rule){ roll(2), 'a', -1, -1, ALL };
		v = (struct v1){ .allowed = true };
		if (device_rules_v1(rules, n, kernel_line, &v) < n)
			continue;
		expressed++;
		compare(rules, n, decide_v1, &v);
	}
	assert_in_range(expressed, 1000, 5000);
}

static char lines[2048];
static void note(void *ctx, size_t rule, bool allow, const char *line)
{
	size_t n = strlen(lines);

	(void)ctx;
	(void)rule;
	snprintf(lines + n, sizeof lines - n, "%c%s;", allow ? '+' : '-', line);
}

static void test_v1_lines(void **state)
{
	const struct device_rule deny = { false, 'a', -1, -1, ALL };
	const struct device_rule null = { true, 'c', 1, 3, ALL };
	const struct device_rule read1 = { false, 'c', 1, -1, BPF_DEVCG_ACC_READ };
	const struct device_rule any_mknod = { true, 'a', 7, -1, BPF_DEVCG_ACC_MKNOD };
	const struct device_rule narrow = { false, 'c', 1, 3, BPF_DEVCG_ACC_WRITE };
	const struct device_rule wide = { true, 'c', 1, -1, ALL };

	(void)state;
	*lines = '\0';
	assert_int_equal(device_rules_v1((struct device_rule[]){ deny, null, any_mknod, read1 }, 4,
	                                 note, NULL),
	                 4);
	assert_string_equal(lines, "-a *:* rwm;+c 1:3 rwm;+b 7:* m;+c 7:* m;-c 1:3 r;-c 1:* r;");
	assert_int_equal(
		device_rules_v1((struct device_rule[]){ deny, wide, narrow }, 3, note, NULL), 2);
}

static void test_from(void **state)
{
	struct oci_device_cgroup d = { .allow = { true, true } };
	struct device_rule r = device_rule_from(&d);

	(void)state;
	assert_true(r.allow && r.type == 'a' && r.major == -1 && r.minor == -1 && r.access == ALL);
	d.type = (char[]){ "c" };
	d.access = (char[]){ "rm" };
	d.major = (struct oci_i64){ 5, true };
	d.minor = (struct oci_i64){ -1, true };
	r = device_rule_from(&d);
	assert_true(r.type == 'c' && r.major == 5 && r.minor == -1);
	assert_int_equal(r.access, BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_MKNOD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bpf),
		cmocka_unit_test(test_v1),
		cmocka_unit_test(test_v1_lines),
		cmocka_unit_test(test_from),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
