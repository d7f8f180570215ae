/* plan/process, env, cred, hooks: the order of the last mile, and how the process object is lowered. */
#include "libocispec-lite/ocispec.h"
#include "plan/emit.h"
#include "plan/kinds.h"
#include <linux/capability.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
	struct arena a;
	struct plan p;
	struct plan_in in;
	struct facts host;
	struct plan_opts o;
	struct err e;
};

/* A config with the given members of process and of the top. process NULL: there is none. */
static void make(struct fixture *f, const char *process, const char *top)
{
	struct oci_diags d = { 0 };
	char text[4096], proc[2048] = "";

	memset(f, 0, sizeof *f);
	f->host.last_cap = 40;
	f->o.id = "c1";
	if (process)
		snprintf(proc, sizeof proc, "\"process\":{\"cwd\":\"/\",\"args\":[\"sh\"],%s},",
		         process);
	snprintf(text, sizeof text, "{\"ociVersion\":\"1.3.0\",%s\"root\":{\"path\":\"r\"}%s}",
	         proc, top);
	const struct oci_config *c = oci_decode(&oci_config_schema, text, strlen(text), &f->a, &d);
	if (!c)
		fail_msg("%s: %s", text, d.first ? d.first->what : "?");
	f->p = (struct plan){ .config = c, .host = &f->host, .arena = &f->a };
	f->in = (struct plan_in){ .c = c, .host = &f->host, .o = &f->o, .e = &f->e };
	plan_phase(&f->p, LANE_INIT, "test");
}

static const struct step *find(const struct plan *p, enum step_kind kind)
{
	const struct step *s;

	for (uint32_t n = 0; (s = plan_at(p, n, NULL)); n++)
		if (s->kind == kind)
			return s;
	fail_msg("no step %s", step_defs[kind].name);
	return NULL;
}

/* The kinds in order, in one text. */
static const char *order(const struct plan *p)
{
	static char text[1024];
	const struct step *s;
	size_t len = 0;

	for (uint32_t n = 0; (s = plan_at(p, n, NULL)); n++)
		len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", n ? " " : "",
		                        step_defs[s->kind].name);
	return text;
}

#define USER    "\"user\":{\"uid\":1,\"gid\":2}"
#define SECCOMP ",\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}}"
#define HOOKS   ",\"hooks\":{\"startContainer\":[{\"path\":\"/a\"},{\"path\":\"/b\"}]}"

static void test_order(void **state)
{
	static const struct {
		const char *process, *top, *want;
	} t[] = {
		{ USER, SECCOMP, "umask chdir fds seccomp user caps chdir lookup wait exec" },
		{ USER ",\"noNewPrivileges\":true", SECCOMP,
		  "umask chdir fds user caps chdir lookup nnp seccomp wait exec" },
		{ USER ",\"noNewPrivileges\":true", "",
		  "umask chdir fds user caps chdir lookup nnp wait exec" },
		{ USER, HOOKS, "umask chdir fds user caps chdir lookup wait hook hook exec" },
		{ NULL, SECCOMP, "umask fds seccomp user caps wait exec" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		struct fixture f;

		make(&f, t[i].process, t[i].top);
		assert_int_equal(plan_process(&f.p, &f.in), 0);
		plan_start(&f.p, &f.in);
		assert_string_equal(order(&f.p), t[i].want);
		arena_done(&f.a);
	}
}

static void test_env(void **state)
{
	struct fixture f;

	(void)state;
	make(&f,
	     USER ",\"env\":[\"A=1\",\"PATH=/x\",\"A=2\",\"AB=3\",\"LISTEN_PID=7\",\"PATH=/y\","
	          "\"A=\"]",
	     "");
	f.o.listen_fds = 2;
	struct plan_env env = plan_env(&f.p, &f.in);
	static const char *const want[] = { "AB=3", "PATH=/y", "A=", "LISTEN_FDS=2",
		                            "LISTEN_PID=1" };
	assert_int_equal(env.n, 5);
	for (size_t i = 0; i < 5; i++)
		assert_string_equal(env.v[i], want[i]);
	assert_null(env.v[5]);
	assert_string_equal(env.path, "/y");
	assert_false(env.home);
	/* LOOKUP completes what has no HOME. */
	assert_int_equal(plan_process(&f.p, &f.in), 0);
	assert_int_equal(find(&f.p, STEP_LOOKUP)->lookup.n_env, 5);
	arena_done(&f.a);

	make(&f, USER ",\"env\":[\"HOME=/h\"]", "");
	assert_int_equal(plan_process(&f.p, &f.in), 0);
	assert_null(find(&f.p, STEP_LOOKUP)->lookup.envp);
	assert_null(find(&f.p, STEP_LOOKUP)->lookup.path_env);
	arena_done(&f.a);
}

/* Many variables of the same and of different names: no quadratic time, none lost. */
static void test_env_many(void **state)
{
	static char text[1 << 20];
	struct oci_process proc = { 0 };
	struct oci_config c = { .process = &proc };
	struct fixture f = { .o = { .id = "c1" } };

	(void)state;
	size_t n = 60000, at = 0;
	char **v = NEW_N(&f.a, char *, n);
	for (size_t i = 0; i < n; i++) {
		v[i] = text + at;
		at += (size_t)snprintf(text + at, sizeof text - at, "V%zu=x", i / 2) + 1;
	}
	proc.env.v = v;
	proc.env.n = n;
	f.p = (struct plan){ .config = &c, .arena = &f.a };
	f.in = (struct plan_in){ .c = &c, .o = &f.o };
	assert_int_equal(plan_env(&f.p, &f.in).n, n / 2);
	arena_done(&f.a);
}

static void test_caps(void **state)
{
	struct fixture f;

	(void)state;
	make(&f,
	     USER
	     ",\"capabilities\":{\"bounding\":[\"CAP_CHOWN\",\"CAP_NONE\",\"CAP_CHECKPOINT_RESTORE\"],"
	     "\"permitted\":[\"CAP_CHOWN\",\"CAP_KILL\"],\"inheritable\":[\"CAP_KILL\"],"
	     "\"ambient\":[\"CAP_KILL\",\"CAP_CHOWN\"]}",
	     "");
	f.host.last_cap = 37;
	plan_caps(&f.p, &f.in);
	const struct step *s = find(&f.p, STEP_CAPS);
	assert_int_equal(s->caps.bounding, 1 << CAP_CHOWN);
	assert_int_equal(s->caps.permitted, 1 << CAP_CHOWN | 1 << CAP_KILL);
	assert_int_equal(s->caps.effective, 0);
	assert_int_equal(s->caps.ambient, 1 << CAP_KILL);
	arena_done(&f.a);
}

static void test_user(void **state)
{
	static const gid_t want[] = { 1, 3, 3, 9, 70000 };
	struct fixture f;

	(void)state;
	make(&f, "\"user\":{\"uid\":5,\"gid\":6,\"umask\":63,\"additionalGids\":[9,3,70000,1,3]}",
	     "");
	f.host.setgroups_denied = true;
	assert_int_equal(plan_process(&f.p, &f.in), 0);
	const struct step *s = find(&f.p, STEP_USER);
	assert_int_equal(s->user.uid, 5);
	assert_int_equal(s->user.gid, 6);
	assert_int_equal(s->user.n, 5);
	assert_memory_equal(s->user.groups, want, sizeof want);
	/* Groups that were asked for are not given up in silence. */
	assert_false(s->user.keep_groups);
	assert_int_equal(find(&f.p, STEP_UMASK)->umask.mask, 077);
	arena_done(&f.a);

	make(&f, USER, "");
	plan_step(&f.p, STEP_IDMAP, NEED("test"))->idmap.deny_setgroups = true;
	assert_int_equal(plan_process(&f.p, &f.in), 0);
	assert_true(find(&f.p, STEP_USER)->user.keep_groups);
	assert_int_equal(find(&f.p, STEP_UMASK)->umask.mask, 022);
	arena_done(&f.a);
}

static void test_sysctl(void **state)
{
	static const struct {
		const char *name, *path;
	} t[] = {
		{ "net.ipv4.ip_forward", "net/ipv4/ip_forward" },
		{ "net.ipv4.conf.eth0/1.mtu", "net/ipv4/conf/eth0.1/mtu" },
		{ "net/ipv4/conf/eth0.1/mtu", "net/ipv4/conf/eth0.1/mtu" },
		{ "net.a..b", "net/a//b" },
		{ "net/../kernel/core_pattern", NULL },
		{ "net.//.kernel.core_pattern", NULL },
		{ "net/x/..", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof t / sizeof *t; i++) {
		char top[256];
		struct fixture f;

		snprintf(top, sizeof top, ",\"linux\":{\"sysctl\":{\"%s\":\"1\"}}", t[i].name);
		make(&f, USER, top);
		int rc = plan_names(&f.p, &f.in);
		if (t[i].path) {
			assert_int_equal(rc, 0);
			assert_string_equal(find(&f.p, STEP_WRITE)->write.path, t[i].path);
		} else {
			assert_int_equal(rc, -1);
			assert_int_equal(f.e.kind, ERR_CONFIG);
		}
		arena_done(&f.a);
	}
}

static void test_terminal(void **state)
{
	struct fixture f;

	(void)state;
	make(&f, USER ",\"terminal\":true,\"consoleSize\":{\"height\":24,\"width\":80}", "");
	f.p.new_ns = CLONE_NEWNS;
	plan_terminal(&f.p, &f.in);
	assert_string_equal(order(&f.p), "session keyring tty");
	const struct step *s = find(&f.p, STEP_TTY);
	assert_int_equal(s->tty.rows, 24);
	assert_int_equal(s->tty.cols, 80);
	assert_true(s->tty.console);
	arena_done(&f.a);

	make(&f, USER, "");
	f.o.no_new_keyring = true;
	plan_terminal(&f.p, &f.in);
	assert_string_equal(order(&f.p), "session");
	arena_done(&f.a);
}

static void test_rlimits(void **state)
{
	struct fixture f;

	(void)state;
	make(&f,
	     USER ",\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":10,\"hard\":"
	          "18446744073709551615}]",
	     "");
	plan_rlimits(&f.p, &f.in);
	const struct step *s = find(&f.p, STEP_RLIMIT);
	assert_int_equal(s->rlimit.resource, RLIMIT_NOFILE);
	assert_int_equal(s->rlimit.limit.rlim_cur, 10);
	assert_true(s->rlimit.limit.rlim_max == RLIM_INFINITY);
	arena_done(&f.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order),    cmocka_unit_test(test_env),
		cmocka_unit_test(test_env_many), cmocka_unit_test(test_caps),
		cmocka_unit_test(test_user),     cmocka_unit_test(test_sysctl),
		cmocka_unit_test(test_terminal), cmocka_unit_test(test_rlimits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
