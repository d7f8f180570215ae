/* verify: a good plan passes, and every forbidden order is refused with the rule that it breaks. */
#include "base/sys.h"
#include "libocispec-lite/ocispec.h"
#include "plan/kinds.h"
#include "plan/plan.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char config[] =
	"{\"ociVersion\":\"1.3.0\",\"hostname\":\"box\","
	"\"process\":{\"user\":{\"uid\":0,\"gid\":0},\"args\":[\"/bin/true\"],\"cwd\":\"/\",\"noNewPrivileges\":true},"
	"\"root\":{\"path\":\"rootfs\"},\"mounts\":[{\"destination\":\"/proc\",\"type\":\"proc\"}],"
	"\"hooks\":{\"startContainer\":[{\"path\":\"/bin/a\"}],\"createRuntime\":[{\"path\":\"/bin/b\"}]},"
	"\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"uts\"},{\"type\":\"pid\"}],"
	"\"maskedPaths\":[\"/proc/kcore\"],"
	"\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/agent\","
	"\"syscalls\":[{\"names\":[\"chroot\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}}}";

struct fixture {
	struct arena a;
	struct plan p;
};

static void make_from(struct fixture *f, const char *text)
{
	static const struct facts host = { .cap_sys_admin = true,
		                           .cap_setid = true,
		                           .last_cap = 40 };
	static const struct plan_opts o = { .id = "c1", .bundle = "/b" };
	struct oci_diags d = { 0 };
	struct err e = { 0 };

	memset(f, 0, sizeof *f);
	const struct oci_config *c = oci_decode(&oci_config_schema, text, strlen(text), &f->a, &d);
	assert_non_null(c);
	assert_int_equal(plan_create(&f->p, c, &host, &o, &f->a, &e), 0);
}

static void make(struct fixture *f)
{
	make_from(f, config);
}

/* As make(), of a container in the mount namespace of the host. */
static void make_in_host_mounts(struct fixture *f)
{
	static const char mount[] = "{\"type\":\"mount\"},";
	const char *at = strstr(config, mount);
	char text[sizeof config];

	snprintf(text, sizeof text, "%.*s%s", (int)(at - config), config, at + strlen(mount));
	make_from(f, text);
}

/* Takes the first step of a kind out of the plan. */
static struct step take(struct plan *p, enum step_kind kind)
{
	for (uint32_t i = 0; i < p->n; i++)
		for (uint32_t j = 0; j < p->phases[i].n; j++)
			if (p->phases[i].steps[j].kind == kind) {
				struct phase *ph = &p->phases[i];
				struct step s = ph->steps[j];

				memmove(&ph->steps[j], &ph->steps[j + 1],
				        (ph->n - j - 1) * sizeof s);
				ph->n--;
				p->n_steps--;
				return s;
			}
	fail_msg("no step %s", step_defs[kind].name);
	return (struct step){ 0 };
}

/* Puts a step before (or behind) the first one of a kind, in that one's lane. */
static void put(struct plan *p, struct step s, bool behind, enum step_kind kind)
{
	static struct step room[8][256];
	static unsigned used;

	for (uint32_t i = 0; i < p->n; i++)
		for (uint32_t j = 0; j < p->phases[i].n; j++)
			if (p->phases[i].steps[j].kind == kind) {
				struct phase *ph = &p->phases[i];
				struct step *v = room[used++ % 8];
				uint32_t at = j + (behind ? 1 : 0);

				memcpy(v, ph->steps, at * sizeof s);
				v[at] = s;
				memcpy(v + at + 1, ph->steps + at, (ph->n - at) * sizeof s);
				ph->steps = v;
				ph->n++;
				p->n_steps++;
				return;
			}
	fail_msg("no step %s", step_defs[kind].name);
}

static void good_plan_passes(void **state)
{
	struct fixture f;
	struct err e = { 0 };

	(void)state;
	make(&f);
	assert_int_equal(plan_verify(&f.p, &e), 0);
	arena_done(&f.a);
}

/* Move the first step of kind `what` before or behind `where`, and read the rule. */
static const struct {
	enum step_kind what;
	bool behind;
	enum step_kind where;
	const char *rule;
} moves[] = {
	{ STEP_MOUNT, true, STEP_PIVOT, "after the pivot" },
	{ STEP_NODE, true, STEP_PIVOT, "after the pivot" },
	{ STEP_COVER, false, STEP_PIVOT, "before the pivot" },
	{ STEP_USER, false, STEP_PIVOT, "before the pivot" },
	{ STEP_PROPAGATE, true, STEP_ROOTFS, "after mounts were made" },
	{ STEP_SECCOMP, false, STEP_FDS, "before the descriptors are closed" },
	{ STEP_FDS, true, STEP_SECCOMP, "" },
	{ STEP_CAPS, false, STEP_USER, "before the user is set" },
	{ STEP_HOSTNAME, true, STEP_CAPS, "after the capabilities are gone" },
	{ STEP_USER, true, STEP_CAPS, "" },
	{ STEP_NNP, true, STEP_SECCOMP, "without no_new_privs" },
	{ STEP_HOSTNAME, true, STEP_WAIT, "" },
	{ STEP_UMASK, true, STEP_WAIT, "can fail after create has returned" },
	{ STEP_LOOKUP, true, STEP_WAIT, "can fail after create has returned" },
	{ STEP_PUBLISH, true, STEP_CLONE, "before init is ready" },
	{ STEP_WAIT, false, STEP_FDS, "before \"created\" was published" },
	{ STEP_EXEC, false, STEP_WAIT, "after \"created\" was published" },
	{ STEP_EXEC, true, STEP_LOOKUP, "without waiting for start" },
	{ STEP_EXEC, false, STEP_USER, "" },
	{ STEP_FILTER, true, STEP_CLONE, "" },
	{ STEP_FIFOS, true, STEP_CLONE, "slot that nobody wrote" },
	{ STEP_ROOTFS, true, STEP_MOUNT, "slot that nobody wrote" },
	{ STEP_MOUNT, false, STEP_ROOTFS, "slot that nobody wrote" },
	{ STEP_CLONE, true, STEP_PUBLISH, "" },
	{ STEP_ROOTFS, false, STEP_CLONE, "in the wrong lane" },
	{ STEP_HOSTNAME, false, STEP_CLONE, "in the wrong lane" },
	{ STEP_PUBLISH, false, STEP_PIVOT, "in the wrong lane" },
	{ STEP_FIFOS, false, STEP_PIVOT, "in the wrong lane" },
	{ STEP_NOTIFY, true, STEP_CLONE, "without a listener" },
	{ STEP_AGENT, true, STEP_NOTIFY, "slot that nobody wrote" },
	{ STEP_UNLISTEN, true, STEP_SECCOMP, "before the listener was handed over" },
	{ STEP_UNLISTEN, false, STEP_FDS, "before the filter is in" },
};

static void moved_steps_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof moves / sizeof *moves; i++) {
		struct fixture f;
		struct err e = { 0 };

		make(&f);
		put(&f.p, take(&f.p, moves[i].what), moves[i].behind, moves[i].where);
		if (plan_verify(&f.p, &e) == 0)
			fail_msg("%s %s %s was accepted", step_defs[moves[i].what].name,
			         moves[i].behind ? "behind" : "before",
			         step_defs[moves[i].where].name);
		assert_int_equal(e.kind, ERR_BUG);
		if (!strstr(e.what, moves[i].rule))
			fail_msg("expected \"%s\", got \"%s\"", moves[i].rule, e.what);
		arena_done(&f.a);
	}
}

static void namespaces_come_before_the_root(void **state)
{
	static const enum step_kind kinds[] = { STEP_UNSHARE, STEP_JOIN };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct fixture f;
		struct err e = { 0 };

		make(&f);
		put(&f.p, (struct step){ .kind = kinds[i] }, true, STEP_MOUNT);
		assert_int_equal(plan_verify(&f.p, &e), -1);
		arena_done(&f.a);
	}
}

static void the_mount_namespace_of_the_set_up_is_left(void **state)
{
	static const enum step_kind moved[] = { STEP_PIVOT, STEP_COVER, STEP_FDS };
	struct fixture f;
	struct err e = { 0 };

	(void)state;
	make_in_host_mounts(&f);
	assert_int_equal(plan_verify(&f.p, &e), 0);
	struct step s = take(&f.p, STEP_RETURN);
	assert_int_equal(plan_verify(&f.p, &e), -1);
	assert_non_null(strstr(e.what, "a mount namespace that is not the container's"));
	arena_done(&f.a);
	for (size_t i = 0; i < sizeof moved / sizeof *moved; i++) {
		make_in_host_mounts(&f);
		take(&f.p, STEP_RETURN);
		put(&f.p, s, moved[i] == STEP_FDS, moved[i]);
		assert_int_equal(plan_verify(&f.p, &e), -1);
		arena_done(&f.a);
	}
	make(&f);
	put(&f.p, s, true, STEP_PIVOT);
	assert_int_equal(plan_verify(&f.p, &e), -1);
	arena_done(&f.a);
}

static void what_is_missing_is_missed(void **state)
{
	static const enum step_kind kinds[] = { STEP_EXEC,   STEP_CAPS,  STEP_USER,  STEP_WAIT,
		                                STEP_FDS,    STEP_NNP,   STEP_CLONE, STEP_PUBLISH,
		                                STEP_LOOKUP, STEP_FILTER };

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct fixture f;
		struct err e = { 0 };

		make(&f);
		take(&f.p, kinds[i]);
		if (plan_verify(&f.p, &e) == 0)
			fail_msg("a plan without %s was accepted", step_defs[kinds[i]].name);
		arena_done(&f.a);
	}
}

static void shares(const char *more, bool expected)
{
	static const struct facts host = { .cap_sys_admin = true,
		                           .cap_setid = true,
		                           .last_cap = 40 };
	const struct plan_opts o = { .id = "c1", .bundle = "/b", .detach = strstr(more, "detach") };
	struct fixture f = { 0 };
	struct oci_diags d = { 0 };
	struct err e = { 0 };
	char text[1024];

	snprintf(
		text, sizeof text,
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"},\"process\":{\"args\":[\"a\"],"
		"\"cwd\":\"/\"%s,\"namespaces\":[{\"type\":\"mount\"}%s]}}",
		strstr(more, "oom") ? ",\"oomScoreAdj\":5},\"linux\":{\"devices\":[]"
				    : "},\"linux\":{\"devices\":[]",
		*more == ',' ? more : "");
	const struct oci_config *c = oci_decode(&oci_config_schema, text, strlen(text), &f.a, &d);
	assert_non_null(c);
	if (plan_create(&f.p, c, &host, &o, &f.a, &e) < 0)
		fail_msg("%s: %s", text, e.what);
	const struct step *s = plan_find(&f.p, STEP_CLONE);
	if (s->clone.shares != expected)
		fail_msg("%s: shares memory: %d", text, s->clone.shares);
	arena_done(&f.a);
}

/* With a limit of memory it is not: tests/golden/plan-memory*. */
static void memory_is_shared_where_nobody_pays_for_it(void **state)
{
	(void)state;
	shares("", true);
	shares(",{\"type\":\"pid\"}", true);
	shares(",{\"type\":\"user\"}", false);
	shares(",{\"type\":\"time\"}", false);
	shares("oom", false);
	shares("oom detach", true);

	struct fixture f;
	struct err e = { 0 };

	make(&f);
	f.p.new_ns |= CLONE_NEWUSER;
	assert_int_equal(plan_verify(&f.p, &e), -1);
	assert_non_null(strstr(e.what, "shares its memory"));
	arena_done(&f.a);
}

static void every_kind_has_facts(void **state)
{
	(void)state;
	for (int k = 0; k < STEP__N; k++) {
		assert_non_null(step_defs[k].name);
		assert_int_not_equal(step_defs[k].lanes, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_plan_passes),
		cmocka_unit_test(moved_steps_are_refused),
		cmocka_unit_test(namespaces_come_before_the_root),
		cmocka_unit_test(the_mount_namespace_of_the_set_up_is_left),
		cmocka_unit_test(what_is_missing_is_missed),
		cmocka_unit_test(memory_is_shared_where_nobody_pays_for_it),
		cmocka_unit_test(every_kind_has_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
