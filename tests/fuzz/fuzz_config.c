/* fuzz_config: decode, check, plan and verify of configs that are nearly right. The input is not JSON but what is done to
 * the config of a golden plan: which one, on which host, then changes of four bytes each, so that no input stops at the
 * first syntax error. */
#include "fuzz.h"
#include "libocispec-lite/ocispec.h"
#include "plan/mountopt.h"
#include "tree.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHANGES 24

/* Inputs count from the front: new names go to the end. */
static const char *const bases[] = {
	"all-namespaces",
	"block-io",
	"capabilities",
	"cgroup-relative-v1",
	"cpu-hybrid",
	"delegate-user",
	"device-rules-v1",
	"devices-userns",
	"exec",
	"hooks",
	"hugetlb",
	"intel-rdt",
	"join-user",
	"memory-hybrid",
	"memory-policy",
	"minimal",
	"mount-idmap",
	"mount-cgroup-v2",
	"names",
	"net-devices",
	"no-process",
	"notify",
	"pids-v1",
	"rlimits-userns",
	"scheduler",
	"seccomp-nnp",
	"sysctl",
	"systemd-v2",
	"systemd-v2-limits",
	"terminal",
	"time-offsets",
	"unified",
	"user-groups",
	"mount-recursive",
	"rdma",
};
#define BASES (sizeof bases / sizeof *bases)

static const char *const texts[] = {
	"null",
	"true",
	"false",
	"[]",
	"{}",
	"0",
	"1",
	"-1",
	"7",
	"-0",
	"1.5",
	"1e3",
	"65536",
	"4294967294",
	"4294967295",
	"4294967296",
	"9223372036854775807",
	"-9223372036854775808",
	"18446744073709551615",
	"18446744073709551616",
	"\"\"",
	"\"/\"",
	"\"..\"",
	"\"/../x\"",
	"\"//a/./b/\"",
	"\"a b\"",
	"\"%s%n\"",
	"\"x\\u0000y\"",
	"\"\\ud800\"",
	"\"0-3,7\"",
	"\"9-1\"",
	"\"rbind\"",
	"\"ro\"",
	"\"idmap=uids=0-1000-1;gids=@0-0-1\"",
	"\"idmap\"",
	"\"tmpcopyup\"",
	"\"bind\"",
	"\"cgroup\"",
	"\"proc\"",
	"\"tmpfs\"",
	"\"/proc\"",
	"\"/proc/self/ns/net\"",
	"\"/dev/null\"",
	"\"/sys/fs/cgroup\"",
	"\"pid\"",
	"\"user\"",
	"\"time\"",
	"\"cgroup\"",
	"\"network\"",
	"\"mount\"",
	"\"CAP_SYS_ADMIN\"",
	"\"CAP_NONE\"",
	"\"RLIMIT_NOFILE\"",
	"\"SCMP_ACT_NOTIFY\"",
	"\"SCMP_ACT_ERRNO\"",
	"\"SCMP_ACT_ALLOW\"",
	"\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"",
	"\"SECCOMP_FILTER_FLAG_NEW_LISTENER\"",
	"\"shared\"",
	"\"unbindable\"",
	"\"a:b:c\"",
	"\"system.slice:x:y\"",
	"\"net.ipv4.ip_forward\"",
	"\"memory.max\"",
	"\"rwm\"",
	"\"a\"",
	"\"PATH=/bin\"",
	"\"run.oci.keep_original_groups\"",
	"\"org.systemd.property.TimeoutStopUSec\"",
	"[{\"type\":\"user\"}]",
	"[{\"containerID\":0,\"hostID\":100000,\"size\":65536}]",
	"{\"uid\":1000,\"gid\":1000}",
	"{\"uid\":0,\"gid\":0,\"additionalGids\":[5,4294967295]}",
	"[[[[[[[[1]]]]]]]]",
};
#define TEXTS (sizeof texts / sizeof *texts)

static const char *const keys[] = {
	"",        "x",          "uid",        "path",    "type",        "net.core.somaxconn",
	"a/b~c",   "kernel.shm", "eth0",       "../eth0", "cgroup.kill", "memory.high",
	"options", "idmap",      "namespaces", "seccomp", "2MB",         "kernel.domainname",
};
#define KEYS (sizeof keys / sizeof *keys)

static struct tree trees[BASES];

static void load(void)
{
	const char *dir = getenv("GOLDEN_DIR");
	char path[1024];

	if (trees[0].root)
		return;
	for (size_t i = 0; i < BASES; i++) {
		snprintf(path, sizeof path, "%s/plan-%s/config.json", dir ? dir : "tests/golden",
		         bases[i]);
		tree_load(&trees[i], path);
	}
}

/* One change: what, at which node, and with what. */
static void change(struct tree *t, const uint8_t b[4])
{
	struct node *x = t->all[(b[1] | b[2] << 8) % t->n];
	const struct tree *other = &trees[b[3] % BASES];

	switch (b[0] % 8) {
	case 0:
	case 1: x->new_text = texts[b[3] % TEXTS]; break;
	case 2: x->gone = true; break;
	case 3: x->twice = true; break;
	case 4: x->new_key = keys[b[3] % KEYS]; break;
	case 5: x->instead = x->key ? tree_like(other, x->key, b[0] / 8) : NULL; break;
	case 6: x->more = x->key ? tree_like(other, x->key, b[0] / 8) : other->root; break;
	default: x->instead = other->all[(b[1] ^ b[2] << 3 ^ b[0]) % other->n]; break;
	}
}

static void try(const char *text, size_t len, unsigned host, unsigned flags)
{
	const struct check_opts o = { .console_socket = flags & 1,
		                      .detach = flags & 2,
		                      .lifecycle = flags & 4,
		                      .systemd = flags & 8,
		                      .mount_words = mountopt_words };
	const struct plan_opts p = { .id = "c1",
		                     .bundle = "/bundle",
		                     .console_socket = flags & 1,
		                     .detach = flags & 2,
		                     .no_pivot = flags & 16,
		                     .no_new_keyring = flags & 32,
		                     .preserve_fds = flags & 64 ? 3 : 0,
		                     .manager = flags & 8 ? CGROUP_MANAGER_SYSTEMD
		                                          : CGROUP_MANAGER_FS };
	struct oci_diags d = { 0 };
	struct arena a = { 0 };
	struct facts facts;
	struct err e = { 0 };
	struct plan plan;

	fuzz_facts(host, &facts, &a);
	struct oci_config *c = oci_decode_lenient(&oci_config_schema, text, len, &a, &d);
	if (c) {
		struct check k = { .c = c, .host = &facts, .o = &o, .a = &a, .diags = &d };

		check_config(&k);
		fuzz_findings(&k, &oci_config_schema, c);
		if (!d.n_fatal && plan_create(&plan, c, &facts, &p, &a, &e) == 0)
			fuzz_plan(&plan);
		else
			fuzz_insist(d.n_fatal || *e.what, "a refusal without a word");
	}
	arena_done(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t len;

	load();
	if (size < 3)
		return 0;
	struct tree *t = &trees[data[0] % BASES];
	for (size_t i = 3; i + 4 <= size && i < 4 * CHANGES; i += 4)
		change(t, data + i);
	char *text = tree_write(t, &len);
	if (getenv("FUZZ_SHOW"))
		puts(text);
	tree_reset(t);
	try(text, len, data[1], data[2]);
	free(text);
	return 0;
}
