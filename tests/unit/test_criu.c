/* cmd/criu_request: what criu is asked follows from flags, record and config; apply/criu_log: its errors. */
#include "apply/criu_log.h"
#include "cmd/criu.h"
#include "libocispec-lite/ocispec.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const char config[] =
	"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"process\":{\"cwd\":\"/\",\"args\":[\"sh\"],"
	"\"terminal\":true,\"user\":{\"uid\":0,\"gid\":0}},\"mounts\":["
	"{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
	"{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\"},"
	"{\"destination\":\"/data\",\"type\":\"bind\",\"source\":\"/srv/a\",\"options\":[\"rbind\",\"ro\"]},"
	"{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\",\"source\":\"cgroup\"}],"
	"\"linux\":{\"maskedPaths\":[\"/proc/keys\",\"/proc/acpi\"],\"namespaces\":[{\"type\":\"mount\"},"
	"{\"type\":\"network\",\"path\":\"/run/netns/n\"},{\"type\":\"ipc\",\"path\":\"/run/ipc\"},"
	"{\"type\":\"pid\"},{\"type\":\"cgroup\"}]}}";

struct fixture {
	struct arena a;
	struct facts host;
	struct plan plan;
	struct record record;
	struct criu_flags flags;
	struct criu_in in;
	struct err e;
};

static bool only_keys(void *ctx, const char *path)
{
	(void)ctx;
	return strcmp(path, "/proc/keys") == 0;
}

static void make(struct fixture *f, enum criu_verb verb, enum cgroup_host kind)
{
	struct oci_diags d = { 0 };
	static char *stdio[] = { (char *)"file[1b:3]", (char *)"pipe:[77]", (char *)"" };
	struct plan_opts o = { .id = "c1", .bundle = "/b", .detach = true, .console_socket = true };
	bool v2 = kind == CGROUP_HOST_V2;

	memset(f, 0, sizeof *f);
	f->host = (struct facts){ .cap_sys_admin = true,
		                  .cap_setid = true,
		                  .last_cap = 40,
		                  .namespaces = ~0u,
		                  .cgroup_host = kind,
		                  .n_hierarchies = 1 };
	f->host.hierarchy[0] =
		(struct hierarchy){ .controllers = v2 ? "cpu" : "freezer",
		                    .mount = v2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/freezer",
		                    .own = "/",
		                    .v2 = v2,
		                    .writable = true };
	const struct oci_config *c =
		oci_decode(&oci_config_schema, config, sizeof config - 1, &f->a, &d);
	assert_non_null(c);
	if (plan_create(&f->plan, c, &f->host, &o, &f->a, &f->e) < 0)
		fail_msg("%s", f->e.what);
	f->record = (struct record){ .rootfs = (char *)"/b/r", .pid = { 42, true } };
	f->in = (struct criu_in){ .verb = verb,
		                  .flags = &f->flags,
		                  .record = &f->record,
		                  .plan = &f->plan,
		                  .criu = "/sbin/criu",
		                  .stdio = stdio,
		                  .n_stdio = 3,
		                  .is_file = only_keys,
		                  .images = 3,
		                  .work = 4 };
}

/* The request as JSON. */
static const char *ask(struct fixture *f)
{
	struct criu_request *q = criu_request_make(&f->in, &f->a, &f->e);

	if (!q)
		fail_msg("%s", f->e.what);
	q->timeout = q->start_timeout = (struct oci_u64){ 1, true };
	return oci_encode(&criu_request_schema, q, OCI_COMPACT, &f->a, NULL);
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("%s lacks %s", text, part);
}

static void lacks(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("%s has %s", text, part);
}

static void test_dump(void **state)
{
	struct fixture f;

	(void)state;
	make(&f, CRIU_DUMP, CGROUP_HOST_HYBRID);
	f.in.net_ns = 4026531;
	const char *text = ask(&f);
	has(text, "\"verb\":\"dump\"");
	has(text, "\"pid\":42");
	has(text, "\"root\":\"/b/r\"");
	has(text, "\"logFile\":\"dump.log\"");
	has(text, "\"manageCgroupsMode\":\"soft\"");
	has(text, "\"freezeCgroup\":\"/sys/fs/cgroup/freezer/nsrun-c1\"");
	/* The host's: a bind, a hierarchy, a masked file; not a masked directory, which is a tmpfs. */
	has(text, "\"mnt[/data]:/data\"");
	has(text, "\"mnt[/sys/fs/cgroup/freezer]:/sys/fs/cgroup/freezer\"");
	has(text, "\"mnt[/proc/keys]:/proc/keys\"");
	has(text, "\"net[4026531]:extRootNetNS\"");
	has(text, "\"file[1b:3]\"");
	lacks(text, "/proc/acpi");
	lacks(text, "mnt[/dev]");
	/* What other namespaces are joined, and other descriptors, is restore's affair. */
	lacks(text, "joinNs");
	has(text, "\"inherit\":[]");
	lacks(text, "pipe:");
	lacks(text, "leaveRunning");
	lacks(text, "trackMem");
	arena_done(&f.a);
}

static void test_restore(void **state)
{
	struct fixture f;

	(void)state;
	make(&f, CRIU_RESTORE, CGROUP_HOST_HYBRID);
	f.in.net_ns_fd = 8;
	f.in.stdio_fd = 5;
	const char *text = ask(&f);
	has(text, "\"verb\":\"restore\"");
	has(text, "\"logFile\":\"restore.log\"");
	has(text, "\"mnt[/data]:/srv/a\"");
	has(text, "\"mnt[/sys/fs/cgroup/freezer]:/sys/fs/cgroup/freezer/nsrun-c1\"");
	has(text, "\"mnt[/proc/keys]:/dev/null\"");
	has(text, "{\"controller\":\"freezer\",\"path\":\"/nsrun-c1\"}");
	has(text, "{\"key\":\"extRootNetNS\",\"fd\":8}");
	has(text, "{\"key\":\"file[1b:3]\",\"fd\":5}");
	has(text, "{\"key\":\"pipe:[77]\",\"fd\":6}");
	has(text, "{\"type\":\"ipc\",\"path\":\"/run/ipc\"}");
	has(text, "\"orphanPtsMaster\":true");
	lacks(text, "\"pid\":42");
	lacks(text, "freezeCgroup");
	arena_done(&f.a);
}

static void test_v2(void **state)
{
	struct fixture f;

	(void)state;
	make(&f, CRIU_DUMP, CGROUP_HOST_V2);
	const char *text = ask(&f);
	has(text, "\"freezeCgroup\":\"/sys/fs/cgroup/nsrun-c1\"");
	lacks(text, "mnt[/sys/fs/cgroup");
	arena_done(&f.a);
	make(&f, CRIU_RESTORE, CGROUP_HOST_V2);
	has(ask(&f), "{\"controller\":\"\",\"path\":\"/nsrun-c1\"}");
	arena_done(&f.a);
}

static void test_flags(void **state)
{
	struct fixture f;

	(void)state;
	make(&f, CRIU_PRE_DUMP, CGROUP_HOST_V2);
	f.flags = (struct criu_flags){ .parent_path = "../p",
		                       .page_server = "[::1]:27",
		                       .cgroups_mode = "strict",
		                       .network_lock = "nftables",
		                       .lsm_profile = "apparmor:x",
		                       .lsm_mount_context = "u:r:t",
		                       .empty_ns = { { "network" }, 1 },
		                       .leave_running = true,
		                       .tcp_established = true,
		                       .tcp_close = true,
		                       .tcp_skip_in_flight = true,
		                       .link_remap = true,
		                       .ext_unix_sk = true,
		                       .shell_job = true,
		                       .lazy_pages = true,
		                       .file_locks = true,
		                       .pre_dump = true,
		                       .auto_dedup = true };
	f.in.status_fd = 5;
	f.in.config_file = "/etc/criu/x.conf";
	const char *text = ask(&f);
	static const char *const parts[] = {
		"\"verb\":\"pre-dump\"",
		"\"parent\":\"../p\"",
		"\"pageServer\":{\"address\":\"[::1]\",\"port\":27}",
		"\"manageCgroupsMode\":\"strict\"",
		"\"networkLock\":\"nftables\"",
		"\"lsmProfile\":\"apparmor:x\"",
		"\"lsmMountContext\":\"u:r:t\"",
		"\"emptyNs\":1073741824",
		"\"leaveRunning\":true",
		"\"tcpEstablished\":true",
		"\"tcpClose\":true",
		"\"tcpSkipInFlight\":true",
		"\"linkRemap\":true",
		"\"extUnixSk\":true",
		"\"shellJob\":true",
		"\"lazyPages\":true",
		"\"fileLocks\":true",
		"\"autoDedup\":true",
		"\"trackMem\":true",
		"\"statusFd\":5",
		"\"configFile\":\"/etc/criu/x.conf\"",
	};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		has(text, parts[i]);
	arena_done(&f.a);
}

static void test_server(void **state)
{
	static const char *const bad[] = { "", "a", ":1", "a:", "a:0", "a:65536", "a:x", "a:-1" };
	struct arena a = { 0 };
	struct criu_server s;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct err e = { 0 };

		assert_int_equal(criu_server_parse(bad[i], &s, &a, &e), -1);
		assert_non_null(strstr(e.what, "expected ADDRESS:PORT"));
	}
	assert_int_equal(criu_server_parse("h:65535", &s, &a, NULL), 0);
	assert_string_equal(s.address, "h");
	assert_int_equal(s.port.v, 65535);
	arena_done(&a);
}

static void test_log(void **state)
{
	char buf[200];

	(void)state;
	criu_log_errors("(00.1) all is well\nno Error here\n", buf, sizeof buf);
	assert_string_equal(buf, "");
	criu_log_errors("(00.1) Error (criu/util.c:1): exited, status=1\n"
	                "(00.2) Error (criu/a.c:1): one\n(00.2) Error (criu/a.c:2): two: x\n"
	                "(00.3) Error (criu/a.c:3): three\n(00.4) Error (criu/a.c:4): four\n"
	                "(00.5) Error (criu/cr.c:5): Dumping FAILED.\n",
	                buf, sizeof buf);
	assert_string_equal(buf, "two: x; three; four");
	/* A line that was cut at the beginning, and one without an end. */
	criu_log_errors("rror (a): b\nError (a): c", buf, sizeof buf);
	assert_string_equal(buf, "c");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dump),   cmocka_unit_test(test_restore),
		cmocka_unit_test(test_v2),     cmocka_unit_test(test_flags),
		cmocka_unit_test(test_server), cmocka_unit_test(test_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
