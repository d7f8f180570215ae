/* test_ocispec_pointer: address to JSON pointer, pointer and offset to line and column. */
#include "libocispec-lite/ocispec.h"
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* cmocka wants the above it. */
#include <cmocka.h>

static const char config_text[] =
	"{\"ociVersion\":\"1\",\"hostname\":\"h\","
	"\"process\":{\"cwd\":\"/\",\"user\":{\"uid\":1,\"gid\":2,\"additionalGids\":[5,6]},"
	"\"args\":[\"a\",\"b\"]},"
	"\"mounts\":[{\"destination\":\"/a\"},{\"destination\":\"/b\",\"options\":[\"ro\",\"x\"]}],"
	"\"annotations\":{\"a/b~c\":\"v\",\"\":\"w\"},"
	"\"linux\":{\"netDevices\":{\"eth0\":{},\"e/1\":{\"name\":\"x\"}},"
	"\"resources\":{\"pids\":{\"limit\":5},\"unified\":{\"memory.high\":\"1\"},"
	"\"rdma\":{\"m\":{\"hcaHandles\":1}},"
	"\"blockIO\":{\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":0,\"rate\":1}]}}}}";

static void addresses(void **state)
{
	struct arena a = { 0 };
	struct oci_diags d = { 0 };
	const struct oci_config *c =
		oci_decode(&oci_config_schema, config_text, sizeof(config_text) - 1, &a, &d);

	(void)state;
	assert_non_null(c);
	const struct oci_linux *l = c->linux_;
	const struct oci_resources *r = l->resources;
	const struct {
		struct oci_at at;
		const char *want;
	} cases[] = {
		{ AT(*c), "" },
		{ AT(c->version), "/ociVersion" },
		{ AT(c->hostname), "/hostname" },
		{ AT(c->domainname), "/domainname" },
		{ AT(c->process), "/process" },
		{ AT(*c->process), "/process" },
		{ AT(c->process->user->gid), "/process/user/gid" },
		{ AT(c->process->user->gid.v), "/process/user/gid" },
		{ AT(c->process->user->additional_gids), "/process/user/additionalGids" },
		{ AT(c->process->user->additional_gids.v[1]), "/process/user/additionalGids/1" },
		{ AT(c->process->args), "/process/args" },
		{ AT(c->process->args.v[0]), "/process/args/0" },
		{ AT(c->mounts), "/mounts" },
		{ AT(c->mounts.v[1]), "/mounts/1" },
		{ AT(c->mounts.v[1].destination), "/mounts/1/destination" },
		{ AT(c->mounts.v[1].options.v[1]), "/mounts/1/options/1" },
		{ AT(c->annotations.v[0]), "/annotations/a~1b~0c" },
		{ AT(c->annotations.v[0].key), "/annotations/a~1b~0c" },
		{ AT(c->annotations.v[1].value), "/annotations/" },
		{ AT(l->net_devices), "/linux/netDevices" },
		{ AT(l->net_devices.v[1]), "/linux/netDevices/e~11" },
		{ AT(l->net_devices.v[1].key), "/linux/netDevices/e~11" },
		{ AT(l->net_devices.v[1].name), "/linux/netDevices/e~11/name" },
		/* A struct of one member: the outer one is named. */
		{ AT(*r->pids), "/linux/resources/pids" },
		{ AT(r->unified.v[0].value), "/linux/resources/unified/memory.high" },
		{ AT(r->rdma.v[0].hca_handles), "/linux/resources/rdma/m/hcaHandles" },
		{ AT(r->block_io->throttle_read_bps.v[0].rate),
		  "/linux/resources/blockIO/throttleReadBpsDevice/0/rate" },
	};
	char buf[128], small[8];
	int stranger;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(oci_pointer(&oci_config_schema, c, cases[i].at, buf, sizeof(buf)));
		assert_string_equal(buf, cases[i].want);
		/* What decode calls a place, locate finds. */
		unsigned line, col;
		if (strcmp(buf, "/domainname") != 0)
			assert_true(
				oci_locate(config_text, sizeof(config_text) - 1, buf, &line, &col));
	}
	assert_false(oci_pointer(&oci_config_schema, c, AT(stranger), buf, sizeof(buf)));
	assert_string_equal(buf, "");
	assert_true(oci_pointer(&oci_config_schema, c, AT(c->hostname), small, sizeof(small)));
	assert_string_equal(small, "/hostna");
	assert_true(oci_pointer(&oci_config_schema, c, AT(c->hostname), NULL, 0));
	arena_done(&a);
}

static const char located_text[] = "{\n"                              /* 1 */
				   "\t\"a\": [10, [20],\n"            /* 2 */
				   "\t\t{\"b~/\": null, \"\": 1}],\n" /* 3 */
				   "\t\"c\" :\n"                      /* 4 */
				   "\t\t\"\\u00e9\", \"a\": 5,\n"     /* 5 */
				   "\t\"\\u0064\": {}\n"              /* 6 */
				   "}";

static const struct {
	const char *pointer;
	unsigned line, col; /* 0: not there */
} located[] = {
	{ "", 1, 1 },        { "/a", 2, 7 },   { "/a/0", 2, 8 },        { "/a/1", 2, 12 },
	{ "/a/1/0", 2, 13 }, { "/a/2", 3, 3 }, { "/a/2/b~0~1", 3, 11 }, { "/a/2/", 3, 21 },
	{ "/c", 5, 3 },      { "/d", 6, 12 },  { "/d/x", 0, 0 },        { "/a/3", 0, 0 },
	{ "/a/01", 0, 0 },   { "/a/-", 0, 0 }, { "/b", 0, 0 },          { "/a/0/0", 0, 0 },
	{ "/c/0", 0, 0 },    { "a", 0, 0 },    { "/", 0, 0 },           { "/a/2/b~0/1", 0, 0 },
	{ "/a/1/0/", 0, 0 },
};

static void locations(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(located) / sizeof(located[0]); i++) {
		unsigned line = 0, col = 0;
		bool found = oci_locate(located_text, sizeof(located_text) - 1, located[i].pointer,
		                        &line, &col);

		if (found != (located[i].line != 0) || line != located[i].line ||
		    col != located[i].col)
			fail_msg("\"%s\" is at %u:%u", located[i].pointer, line, col);
	}
}

/* A broken text is searched up to where it breaks. */
static void locations_in_broken_text(void **state)
{
	static const struct {
		const char *text, *pointer;
		bool found;
	} cases[] = {
		{ "{\"a\": 1, \"b\": x", "/a", true },
		{ "{\"a\": 1, \"b\": x", "/b", false },
		{ "{\"a\": \"\\ud800\"}", "/a", false },
		{ "{\"a\": 1} {\"b\": 2}", "/b", false },
		{ "", "", false },
		{ "[[[[[[[[", "/0/0", true },
	};
	unsigned line, col;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(oci_locate(cases[i].text, strlen(cases[i].text), cases[i].pointer,
		                            &line, &col),
		                 cases[i].found);
}

static void offsets(void **state)
{
	static const struct {
		size_t offset;
		unsigned line, col;
	} cases[] = {
		{ 0, 1, 1 }, { 1, 1, 2 }, { 2, 2, 1 }, { 3, 3, 1 }, { 5, 3, 3 }, { 99, 3, 3 }
	};
	unsigned line, col;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		oci_locate_offset("a\n\nbc", 5, cases[i].offset, &line, &col);
		assert_int_equal(line, cases[i].line);
		assert_int_equal(col, cases[i].col);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(locations),
		cmocka_unit_test(locations_in_broken_text),
		cmocka_unit_test(offsets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
