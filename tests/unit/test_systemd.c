/* apply/systemd: the client against helpers of the test's making, and the real helper against a bus that is none. */
#include "apply/helper.h"
#include "apply/systemd.h"
#include "base/io.h"
#include "op_case.h"
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

static const struct unit_property properties[] = {
	{ "MemoryMax", "t", "4096" },
	{ "DeviceAllow", "a(ss)", "/dev/null rwm\nchar-pts rwm" },
	{ "KillSignal", "v", "15" },
};
static const struct scope scope = {
	.unit = "c1.scope", .slice = "system.slice", .properties = properties, .n = 3
};

/* Where we are, for the client. */
static char self[PATH_MAX];
static const char *where(void)
{
	return self;
}

/* Puts a script where the helper is looked for: beside us. */
static void helper_is(const char *script)
{
	char text[1024];

	assert_non_null(getcwd(self, sizeof self - 16));
	strcat(self, "/nsrun");
	helper_self = where;
	int n = snprintf(text, sizeof text, "#!/bin/sh\n%s\n", script);
	assert_int_equal(io_replace(AT_FDCWD, "nsrun-systemd", text, (size_t)n, 0755), 0);
}

static int call(const char *verb, unsigned timeout_ms, struct err *e)
{
	*e = (struct err){ 0 };
	return systemd_call(&(struct systemd_call){ verb, &scope, 42, timeout_ms }, e);
}

static void done_is_done(void **state)
{
	struct err e;
	char text[1024];

	(void)state;
	helper_is("cat >\"${0%/*}/request\"; echo '{\"num\":0}'");
	assert_int_equal(call("start", 0, &e), 0);
	ssize_t n = io_read_small(AT_FDCWD, "request", text, sizeof text);
	assert_true(n > 0);
	assert_string_equal(
		text, "{\"verb\":\"start\",\"user\":false,\"timeout\":30000,\"unit\":\"c1.scope\","
		      "\"pid\":42,\"properties\":["
		      "{\"name\":\"MemoryMax\",\"type\":\"t\",\"text\":\"4096\"},"
		      "{\"name\":\"DeviceAllow\",\"type\":\"a(ss)\","
		      "\"text\":\"/dev/null rwm\\nchar-pts rwm\"},"
		      "{\"name\":\"KillSignal\",\"type\":\"v\",\"text\":\"15\"}]}");
}

static void its_environment_is_the_bus(void **state)
{
	struct err e;
	char text[1024];

	(void)state;
	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/x", 1);
	setenv("LD_PRELOAD_OF_SOMEBODY", "1", 1);
	helper_is("/usr/bin/env >\"${0%/*}/environment\"; echo '{\"num\":0}'");
	assert_int_equal(call("ping", 0, &e), 0);
	assert_true(io_read_small(AT_FDCWD, "environment", text, sizeof text) > 0);
	assert_non_null(strstr(text, "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/x\n"));
	assert_null(strstr(text, "SOMEBODY"));
	unsetenv("DBUS_SYSTEM_BUS_ADDRESS");
}

static void errors_come_through(void **state)
{
	struct err e;

	(void)state;
	helper_is("echo '{\"num\":17,\"what\":\"it is there\",\"hint\":\"stop it\"}'");
	assert_int_equal(call("start", 0, &e), -1);
	assert_string_equal(e.what, "it is there");
	assert_string_equal(e.hint, "stop it");
	assert_int_equal(e.num, EEXIST);
}

static void no_reply_is_an_error(void **state)
{
	static const char *const scripts[] = { "exit 3", "echo nonsense", "kill -9 $$",
		                               "echo 'no such library' >&2; exit 127" };
	static const char *const texts[] = { "exited with status 3", "exited with status 0",
		                             "was killed by signal 9", "no such library" };
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
		helper_is(scripts[i]);
		assert_int_equal(call("start", 0, &e), -1);
		assert_non_null(strstr(e.what, texts[i]));
		assert_non_null(strstr(e.hint, "install nsrun again"));
	}
}

/* As long as the time that was given, and the helper's grace. */
static void hanging_is_bounded(void **state)
{
	time_t begin = time(NULL);
	struct err e;

	(void)state;
	helper_is("sleep 100");
	assert_int_equal(call("start", 1000, &e), -1);
	assert_string_equal(e.what, "systemd did not answer within 1 s");
	assert_in_range(time(NULL) - begin, 1, 15);
}

static void a_missing_helper_is_an_error(void **state)
{
	struct err e;

	(void)state;
	helper_self = NULL;
	if (call("ping", 100, &e) == 0 || !strstr(e.what, "is missing")) {
		print_message("skip: nsrun is installed here\n");
		skip();
	}
	assert_non_null(strstr(e.what, "the helper program nsrun-systemd is missing"));
}

/* The helper of this build, which is beside the tests' own folders. */
static void use_the_real_one(void)
{
	const char *build = getenv("BUILDDIR");

	snprintf(self, sizeof self, "%s/nsrun", build ? build : "/nowhere");
	helper_self = where;
	char *end = self + strlen(self);
	strcpy(end, "-systemd");
	bool there = access(self, X_OK) == 0;
	*end = '\0';
	if (!there) {
		print_message("skip: nsrun-systemd is not built\n");
		skip();
	}
}

/* A bus that takes connections and says nothing. */
static void a_silent_bus_is_late(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char cwd[64], address[128];
	struct err e;

	(void)state;
	use_the_real_one();
	assert_non_null(getcwd(cwd, sizeof cwd));
	snprintf(addr.sun_path, sizeof addr.sun_path, "%s/bus", cwd);
	snprintf(address, sizeof address, "unix:path=%s/bus", cwd);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, (const void *)&addr, sizeof addr), 0);
	assert_int_equal(listen(fd, 5), 0);
	setenv("DBUS_SYSTEM_BUS_ADDRESS", address, 1);
	time_t begin = time(NULL);
	assert_int_equal(call("start", 500, &e), -1);
	close(fd);
	if (strstr(e.what, "libsystemd.so.0 is missing")) {
		print_message("skip: libsystemd is missing\n");
		skip();
	}
	assert_string_equal(e.what, "systemd did not answer within 500 ms");
	assert_int_equal(e.num, ETIMEDOUT);
	assert_in_range(time(NULL) - begin, 0, 5);
}

static void no_bus_is_told(void **state)
{
	struct err e;

	(void)state;
	use_the_real_one();
	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus", 1);
	assert_int_equal(call("stop", 500, &e), -1);
	if (strstr(e.what, "libsystemd.so.0 is missing")) {
		print_message("skip: libsystemd is missing\n");
		skip();
	}
	assert_string_equal(e.what, "cannot connect to the systemd bus: no such file or directory");
	assert_int_equal(e.num, ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(done_is_done),
		cmocka_unit_test(its_environment_is_the_bus),
		cmocka_unit_test(errors_come_through),
		cmocka_unit_test(no_reply_is_an_error),
		cmocka_unit_test(hanging_is_bounded),
		cmocka_unit_test(a_missing_helper_is_an_error),
		cmocka_unit_test(a_silent_bus_is_late),
		cmocka_unit_test(no_bus_is_told),
	};

	return cmocka_run_group_tests(tests, op_enter, op_leave);
}
