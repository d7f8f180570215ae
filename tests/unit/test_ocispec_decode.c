/* test_ocispec_decode: what is taken, what is refused, and in which words and at which place. */
#include "libocispec-lite/ocispec.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
/* cmocka wants the above it. */
#include <cmocka.h>

/* Cases that only decode part of a config stand behind these. */
#define PROCESS(x) "{\"ociVersion\":\"1\",\"process\":{\"cwd\":\"/\"," x "}}"
#define LINUX(x)   "{\"ociVersion\":\"1\",\"linux\":{" x "}}"
#define TOP(x)     "{\"ociVersion\":\"1\"," x "}"
#define E10        "\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"
#define USER(x)    PROCESS("\"user\":{\"gid\":0,\"uid\":" x "}")

static const char *severities[] = { "fatal", "warn", "unknown" };

/* All findings, one per line: severity line:col pointer: what; hint */
static const char *findings(struct arena *a, const struct oci_diags *d, const char *text,
                            size_t len)
{
	const char *s = "";
	unsigned line, col;

	for (const struct oci_diag *g = d->first; g; g = g->next) {
		oci_locate_offset(text, len, g->offset, &line, &col);
		s = arena_fmt(a, "%s%s %u:%u %s: %s; %s\n", s, severities[g->severity], line, col,
		              g->pointer, g->what, g->hint ? g->hint : "-");
	}
	return s;
}

/* text is a string literal; want: the findings. */
static const struct {
	const char *text;
	const char *want;
} cases[] = {
	{ "{\"ociVersion\":\"1\"}", "" },
	{ " \r\n\t{ \"ociVersion\" : \"1\" } \n", "" },
	{ TOP("\"hostname\":null,\"mounts\":null,\"linux\":null"), "" },
	{ TOP("\"annotations\":{\"a\":\"1\",\"A\":\"1\"}"), "" },

	/* wrong type */
	{ TOP("\"hostname\":5"),
	  "fatal 1:30 /hostname: \"hostname\" is a number, expected a string; "
	  "put the number in quotes\n" },
	{ TOP("\"hostname\":{\"a\":[1]}"),
	  "fatal 1:30 /hostname: \"hostname\" is an object, expected a string; -\n" },
	{ TOP("\"mounts\":{}"),
	  "fatal 1:28 /mounts: \"mounts\" is an object, expected an array; -\n" },
	{ TOP("\"linux\":true"),
	  "fatal 1:27 /linux: \"linux\" is a boolean, expected an object; -\n" },
	{ TOP("\"root\":[]"), "fatal 1:26 /root: \"root\" is an array, expected an object; -\n" },
	{ USER("\"0\""), "fatal 1:62 /process/user/uid: \"uid\" is a string, expected a number; "
	                 "remove the quotes\n" },
	{ USER("true"),
	  "fatal 1:62 /process/user/uid: \"uid\" is a boolean, expected a number; -\n" },
	{ PROCESS("\"terminal\":\"true\""),
	  "fatal 1:51 /process/terminal: \"terminal\" is a string, expected a boolean; "
	  "write true or false without quotes\n" },
	{ PROCESS("\"args\":\"sh\""),
	  "fatal 1:47 /process/args: \"args\" is a string, expected an array; "
	  "put the string in [ ]\n" },
	{ PROCESS("\"args\":[\"a\",null,[\"b\"]]"),
	  "fatal 1:52 /process/args/1: item 1 of \"args\" is null, expected a string; -\n"
	  "fatal 1:57 /process/args/2: item 2 of \"args\" is an array, expected a string; -\n" },
	{ LINUX("\"sysctl\":{\"a/b\":1,\"c\":null}"),
	  "fatal 1:44 /linux/sysctl/a~1b: \"a/b\" is a number, expected a string; "
	  "put the number in quotes\n"
	  "fatal 1:50 /linux/sysctl/c: \"c\" is null, expected a string; -\n" },
	{ LINUX("\"netDevices\":{\"eth0\":\"x\"}"),
	  "fatal 1:49 /linux/netDevices/eth0: \"eth0\" is a string, expected an object; -\n" },

	/* numbers */
	{ USER("4294967295"), "" },
	{ USER("4294967296"),
	  "fatal 1:62 /process/user/uid: \"uid\" is 4294967296, expected 0 to 4294967295; -\n" },
	{ USER("-1"),
	  "fatal 1:62 /process/user/uid: \"uid\" is -1, expected 0 to 4294967295; -\n" },
	{ USER("-0"), "fatal 1:62 /process/user/uid: \"uid\" is -0, expected 0 to 4294967295; "
	              "write 0 without a sign\n" },
	{ USER("1.0"), "fatal 1:62 /process/user/uid: \"uid\" is 1.0, expected 0 to 4294967295; "
	               "write a whole number without fraction and exponent\n" },
	{ USER("1E2"), "fatal 1:62 /process/user/uid: \"uid\" is 1E2, expected 0 to 4294967295; "
	               "write a whole number without fraction and exponent\n" },
	{ USER("007"), "fatal 1:62 /process/user/uid: \"uid\" is 007, expected 0 to 4294967295; "
	               "write the number in decimal without leading zeros\n" },
	{ USER("-01"), "fatal 1:62 /process/user/uid: \"uid\" is -01, expected 0 to 4294967295; "
	               "write the number in decimal without leading zeros\n" },
	{ PROCESS("\"oomScoreAdj\":9223372036854775808"),
	  "fatal 1:54 /process/oomScoreAdj: \"oomScoreAdj\" is 9223372036854775808, expected "
	  "-9223372036854775808 to 9223372036854775807; -\n" },
	{ PROCESS("\"oomScoreAdj\":-9223372036854775809"),
	  "fatal 1:54 /process/oomScoreAdj: \"oomScoreAdj\" is -9223372036854775809, expected "
	  "-9223372036854775808 to 9223372036854775807; -\n" },
	{ TOP("\"hooks\":{\"poststop\":[{\"path\":\"/a\",\"timeout\":0}]}"),
	  "fatal 1:63 /hooks/poststop/0/timeout: \"timeout\" is 0, expected 1 to "
	  "9223372036854775807; -\n" },
	{ LINUX("\"resources\":{\"blockIO\":{\"weight\":65536}}"),
	  "fatal 1:61 /linux/resources/blockIO/weight: \"weight\" is 65536, expected 0 to 65535; -\n" },
	{ PROCESS("\"scheduler\":{\"policy\":\"SCHED_RR\",\"nice\":-2147483649}"),
	  "fatal 1:80 /process/scheduler/nice: \"nice\" is -2147483649, expected -2147483648 to "
	  "2147483647; -\n" },
	{ TOP("\"x\":01"), "unknown 1:19 /x: unknown property \"x\"; -\n"
	                   "fatal 1:24 /x: a number starts with 0; "
	                   "write the number in decimal without leading zeros\n" },

	/* words */
	{ LINUX("\"namespaces\":[{\"type\":\"netwrk\"}]"),
	  "fatal 1:50 /linux/namespaces/0/type: \"type\" is \"netwrk\", which is not a known value; "
	  "did you mean \"network\"?\n" },
	{ LINUX("\"namespaces\":[{\"type\":\"foo\"}]"),
	  "fatal 1:50 /linux/namespaces/0/type: \"type\" is \"foo\", which is not a known value; "
	  "use one of mount, pid, network, uts, ipc, user, cgroup, time\n" },
	{ LINUX("\"rootfsPropagation\":\"runbindable\""), "" },
	{ PROCESS("\"scheduler\":{\"policy\":\"SCHED_RR\",\"flags\":[\"\"]}"),
	  "fatal 1:82 /process/scheduler/flags/0: item 0 of \"flags\" is \"\", which is not a known "
	  "value; use one of SCHED_FLAG_RESET_ON_FORK, SCHED_FLAG_RECLAIM, SCHED_FLAG_DL_OVERRUN, "
	  "SCHED_FLAG_KEEP_POLICY, SCHED_FLAG_KEEP_PARAMS, SCHED_FLAG_UTIL_CLAMP_MIN, "
	  "SCHED_FLAG_UTIL_CLAMP_MAX\n" },

	/* missing, twice, unknown */
	{ "{}", "fatal 1:1 : \"ociVersion\" is missing; -\n" },
	{ "{\"ociVersion\":null}", "fatal 1:1 : \"ociVersion\" is missing; -\n" },
	{ TOP("\"mounts\":[{},{\"destination\":\"/\"}]"),
	  "fatal 1:29 /mounts/0: \"destination\" is missing; -\n" },
	{ TOP("\"hostname\":\"a\",\"hostname\":null"),
	  "fatal 1:34 /hostname: \"hostname\" occurs twice in this object; remove one of the two\n" },
	{ TOP("\"annotations\":{\"k\":\"1\",\"\\u006b\":\"2\"}"),
	  "fatal 1:42 /annotations/k: \"k\" occurs twice in this object; remove one of the two\n" },
	{ TOP("\"vm\":{\"a\":{\"b\":1,\"b\":1}}"),
	  "fatal 1:36 /vm/a/b: \"b\" occurs twice in this object; remove one of the two\n" },
	{ TOP("\"x\":1,\"x\":1"),
	  "unknown 1:19 /x: unknown property \"x\"; -\n"
	  "fatal 1:25 /x: \"x\" occurs twice in this object; remove one of the two\n" },
	{ TOP("\"Hostname\":\"h\""),
	  "unknown 1:19 /Hostname: unknown property \"Hostname\"; did you mean \"hostname\"?\n" },
	{ TOP("\"a\\nb\":[{},[[]],\"\"]"), "unknown 1:19 /a\nb: unknown property \"a?b\"; -\n" },
	{ TOP("\"\":1"), "unknown 1:19 /: unknown property \"\"; -\n" },

	{ TOP("\"a" E10 E10 E10 E10 "\":1"),
	  "unknown 1:19 /a" E10 E10 E10 E10 ": unknown property \"a" E10 E10 E10 "...\"; -\n" },

	/* no object */
	{ "[]", "fatal 1:1 : the document is an array, expected an object; -\n" },
	{ "\"x\"", "fatal 1:1 : the document is a string, expected an object; -\n" },
	{ "12", "fatal 1:1 : the document is a number, expected an object; -\n" },
	{ "null", "fatal 1:1 : the document is null, expected an object; -\n" },
	{ "", "fatal 1:1 : the text is empty; -\n" },
	{ " \n\n ", "fatal 3:2 : the text is empty; -\n" },

	/* no JSON */
	{ "{\"ociVersion\":\"1\"} x", "fatal 1:20 : something follows the document; remove it\n" },
	{ "{\"ociVersion\":\"1\"}{}", "fatal 1:19 : something follows the document; remove it\n" },
	{ "{\"ociVersion\":\"1\"",
	  "fatal 1:18 /ociVersion: the text ends before the document does; -\n" },
	{ "{\"ociVersion\":\"1",
	  "fatal 1:17 /ociVersion: the text ends before the document does; -\n" },
	{ "{\"ociVersion\":\"1\",}",
	  "fatal 1:19 /ociVersion: a \",\" stands before the closing bracket; remove the comma\n" },
	{ "{\"ociVersion\":\"1\"/*c*/}",
	  "fatal 1:18 /ociVersion: a comment is not JSON; remove it\n" },
	{ "{ociVersion:1}", "fatal 1:2 : this character has no place in JSON; -\n" },
	{ "{'ociVersion':1}", "fatal 1:2 : this character has no place in JSON; "
	                      "write strings in double quotes\n" },
	{ "{\"ociVersion\" 1}",
	  "fatal 1:15 /ociVersion: a \":\" is missing after the property; -\n" },
	{ "{\"ociVersion\":tru}", "fatal 1:15 /ociVersion: true, false or null is misspelt; -\n" },
	{ "{\"ociVersion\":\"1\" \"hostname\":1}",
	  "fatal 1:19 /ociVersion: a \",\" or \"}\" is missing; -\n" },
	{ TOP("\"vm\":1,,"), "fatal 1:26 /vm: a property is not a string in double quotes; -\n" },
	{ TOP("\"vm\":[1,,2]"), "fatal 1:27 /vm/0: a value was expected here; -\n" },
	{ TOP("\"vm\":{}]"), "fatal 1:26 /vm: a \",\" or \"}\" is missing; -\n" },
	{ TOP("\"vm\":1 :2"), "fatal 1:26 /vm: a \",\" or \"}\" is missing; -\n" },
	{ TOP("\"vm\":[1 : 2]"), "fatal 1:27 /vm/0: a \",\" or \"]\" is missing; -\n" },
	{ TOP("\"vm\":[1 \"a\"]"), "fatal 1:27 /vm/0: a \",\" or \"]\" is missing; -\n" },
	{ ":", "fatal 1:1 : a value was expected here; -\n" },
	{ "{\"ociVersion\":\"\\x\"}",
	  "fatal 1:15 /ociVersion: a backslash stands before a character "
	  "that needs none; -\n" },
	{ "{\"ociVersion\":\"\\u12\"}",
	  "fatal 1:15 /ociVersion: \\u is not followed by four hexadecimal digits; -\n" },
	{ "{\"ociVersion\":\"a\nb\"}",
	  "fatal 1:15 /ociVersion: a control character in a string is not escaped; -\n" },
	{ "{\"ociVersion\":-}", "fatal 1:15 /ociVersion: a number lacks a digit; -\n" },
	{ "\xef\xbb\xbf{}", "fatal 1:1 : a byte order mark stands before the document; "
	                    "save the file as UTF-8 without one\n" },

	/* no text; CVE-2017-16516: yajl reads on behind half a surrogate pair */
	{ "{\"ociVersion\":\"\xff\"}", "fatal 1:16 /ociVersion: the text is not UTF-8 here; -\n" },
	{ "{\"ociVersion\":\"\xc0\xaf\"}",
	  "fatal 1:16 /ociVersion: the text is not UTF-8 here; -\n" },
	{ "{\"ociVersion\":\"\xe0\x9f\xbf\"}",
	  "fatal 1:16 /ociVersion: the text is not UTF-8 here; -\n" },
	{ "{\"ociVersion\":\"\xed\xa0\x80\"}",
	  "fatal 1:16 /ociVersion: the text is not UTF-8 here; -\n" },
	{ "{\"ociVersion\":\"\xf4\x90\x80\x80\"}",
	  "fatal 1:16 /ociVersion: the text is not UTF-8 here; -\n" },
	{ "{\"ociVersion\":\"abcdefgh\xe2\x82",
	  "fatal 1:24 /ociVersion: the text is not UTF-8 here; -\n" },
	{ "{\"ociVersion\":\"\xf4\x8f\xbf\xbf\xee\x80\x80\xe0\xa0\x80\xc2\x80\"}", "" },
	{ "{\"ociVersion\":\"a\\u0000\"}", "fatal 1:17 /ociVersion: a string holds U+0000; -\n" },
	{ "{\"ociVersion\":\"\xe2\x82 \"}",
	  "fatal 1:16 /ociVersion: the text is not UTF-8 here; -\n" },
	{ "{\"a\\u0000\":1}", "fatal 1:4 : a string holds U+0000; -\n" },
	{ "{\"ociVersion\":\"\\ud800\"}",
	  "fatal 1:16 /ociVersion: a string holds half of a surrogate pair; -\n" },
	{ "{\"ociVersion\":\"\\udc00\"}",
	  "fatal 1:16 /ociVersion: a string holds half of a surrogate pair; -\n" },
	{ "{\"ociVersion\":\"\\ud800\\ud800\"}",
	  "fatal 1:16 /ociVersion: a string holds half of a surrogate pair; -\n" },
	{ "{\"ociVersion\":\"\\uD800",
	  "fatal 1:16 /ociVersion: a string holds half of a surrogate pair; -\n" },
	{ "{\"ociVersion\":\"\\\\ud800\\ud83d\\ude00\"}", "" },
};

static void tables(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena a = { 0 };
		struct oci_diags d = { 0 };
		size_t len = strlen(cases[i].text);
		/* A copy without its end, so that a sanitizer sees a byte too far. */
		char *text = malloc(len + !len);

		assert_non_null(text);
		memcpy(text, cases[i].text, len);
		const struct oci_config *c = oci_decode(&oci_config_schema, text, len, &a, &d);
		const char *got = findings(&a, &d, text, len);
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s\ngives\n%swants\n%s", cases[i].text, got, cases[i].want);
		assert_int_equal(c == NULL, d.n_fatal != 0);
		arena_done(&a);
		free(text);
	}
}

/* Every finding in one pass, each at its place. */
static void five_mistakes(void **state)
{
	static const char text[] = "{\n"
				   "\t\"ociVersion\": \"1.3.0\",\n"
				   "\t\"hostnme\": \"x\",\n"
				   "\t\"process\": {\n"
				   "\t\t\"user\": { \"uid\": -1, \"gid\": 0 },\n"
				   "\t\t\"args\": \"sh\"\n"
				   "\t},\n"
				   "\t\"linux\": {\n"
				   "\t\t\"namespaces\": [ { \"type\": \"netwrk\" } ]\n"
				   "\t}\n"
				   "}\n";
	struct arena a = { 0 };
	struct oci_diags d = { 0 };

	(void)state;
	assert_null(oci_decode(&oci_config_schema, text, sizeof(text) - 1, &a, &d));
	assert_int_equal(d.n_fatal, 4);
	assert_string_equal(
		findings(&a, &d, text, sizeof(text) - 1),
		"unknown 3:2 /hostnme: unknown property \"hostnme\"; did you mean \"hostname\"?\n"
		"fatal 5:20 /process/user/uid: \"uid\" is -1, expected 0 to 4294967295; -\n"
		"fatal 6:11 /process/args: \"args\" is a string, expected an array; "
		"put the string in [ ]\n"
		"fatal 4:13 /process: \"cwd\" is missing; -\n"
		"fatal 9:29 /linux/namespaces/0/type: \"type\" is \"netwrk\", which is not a known "
		"value; did you mean \"network\"?\n");
	arena_done(&a);
}

static void values(void **state)
{
	static const char text[] =
		"{\"ociVersion\":\"\\u0031\\/\\\"\\ud83d\\ude00\",\"process\":{\"cwd\":\"/\","
		"\"oomScoreAdj\":-9223372036854775808,\"noNewPrivileges\":false,\"args\":[],"
		"\"rlimits\":[{\"type\":\"x\",\"soft\":0,\"hard\":18446744073709551615}],"
		"\"user\":{\"uid\":0,\"gid\":4294967295,\"additionalGids\":[0,4294967295]},"
		"\"capabilities\":{}},\"annotations\":{\"b\":\"\",\"a\":\"x\"},"
		"\"linux\":{\"timeOffsets\":{\"boottime\":{\"secs\":9223372036854775807}}}}";
	struct arena a = { 0 };
	struct oci_diags d = { 0 };
	const struct oci_config *c = oci_decode(&oci_config_schema, text, sizeof(text) - 1, &a, &d);

	(void)state;
	assert_non_null(c);
	const struct oci_process *p = c->process;
	assert_string_equal(c->version, "1/\"\xf0\x9f\x98\x80");
	assert_true(p->oom_score_adj.set && p->oom_score_adj.v == INT64_MIN);
	assert_true(p->no_new_privileges.set && !p->no_new_privileges.v);
	assert_false(p->terminal.set);
	assert_true(p->args.n == 0 && p->args.v);
	assert_true(p->env.n == 0 && !p->env.v);
	assert_int_equal(p->rlimits.n, 1);
	assert_true(p->rlimits.v[0].hard.v == UINT64_MAX && p->rlimits.v[0].soft.set);
	assert_true(p->user->uid.set && p->user->uid.v == 0 && !p->user->umask.set);
	assert_int_equal(p->user->additional_gids.n, 2);
	assert_int_equal(p->user->additional_gids.v[1], UINT32_MAX);
	assert_non_null(p->capabilities);
	assert_null(p->capabilities->bounding.v);
	assert_int_equal(c->annotations.n, 2);
	assert_string_equal(c->annotations.v[0].key, "b");
	assert_string_equal(c->annotations.v[0].value, "");
	assert_true(c->linux_->time_offsets->boottime->secs.v == INT64_MAX);
	assert_null(c->hostname);
	arena_done(&a);
}

/* What other platforms need is known, ignored, and still has to be JSON without doubles. */
static void other_platforms(void **state)
{
	(void)state;
	size_t n = 0;

	for (size_t i = 0; i < oci_config_schema.n; i++) {
		struct arena a = { 0 };
		struct oci_diags d = { 0 };
		const struct oci_field *f = &oci_config_schema.fields[i];

		if (f->type != OCI_ANY)
			continue;
		const char *text = arena_fmt(
			&a, "{\"ociVersion\":\"1\",\"%s\":{\"x\":[1.5,{\"y\":null}]}}", f->key);
		assert_non_null(oci_decode(&oci_config_schema, text, strlen(text), &a, &d));
		assert_null(d.first);
		arena_done(&a);
		n++;
	}
	assert_int_equal(n, 5);
}

static void lenient(void **state)
{
	static const char text[] =
		TOP("\"hostname\":5,\"domainname\":\"d\","
	            "\"process\":{\"args\":[\"a\",1,\"c\"],\"env\":[\"X=1\"],"
	            "\"user\":{\"uid\":0,\"gid\":0,\"additionalGids\":[1,-1,2]}},"
	            "\"mounts\":[7,{\"destination\":\"/b\"}],"
	            "\"linux\":{\"sysctl\":{\"k\":1},\"namespaces\":[{\"type\":\"x\"}]}");
	struct arena a = { 0 };
	struct oci_diags d = { 0 };
	const struct oci_config *c =
		oci_decode_lenient(&oci_config_schema, text, sizeof(text) - 1, &a, &d);

	(void)state;
	assert_non_null(c);
	assert_int_equal(d.n_fatal, 7);
	assert_null(c->hostname);
	assert_string_equal(c->domainname, "d");
	assert_int_equal(c->process->args.n, 3);
	assert_string_equal(c->process->args.v[1], "");
	assert_string_equal(c->process->args.v[2], "c");
	assert_int_equal(c->process->user->additional_gids.v[1], 0);
	assert_int_equal(c->process->user->additional_gids.v[2], 2);
	assert_int_equal(c->mounts.n, 2);
	assert_null(c->mounts.v[0].destination);
	assert_string_equal(c->mounts.v[1].destination, "/b");
	assert_string_equal(c->linux_->sysctl.v[0].value, "");
	assert_null(c->linux_->namespaces.v[0].type);

	/* A text that ends too soon leaves what was there. */
	c = oci_decode_lenient(&oci_config_schema, "{\"process\":{\"args\":[\"a\",", 23, &a, &d);
	assert_int_equal(c->process->args.n, 1);
	assert_null(oci_decode_lenient(&oci_config_schema, "[]", 2, &a, &d));
	arena_done(&a);
}

static void arrays(void **state)
{
	struct arena a = { 0 };
	struct oci_diags d = { 0 };
	void *v = NULL;
	size_t n = 5;

	(void)state;
	assert_int_equal(oci_decode_array(&oci_mount_schema, "[]", 2, &a, &v, &n, &d), 0);
	assert_int_equal(n, 0);
	static const char two[] = "[{\"destination\":\"/a\"},{\"destination\":\"/b\"}]";
	assert_int_equal(oci_decode_array(&oci_mount_schema, two, sizeof(two) - 1, &a, &v, &n, &d),
	                 0);
	assert_int_equal(n, 2);
	assert_string_equal(((struct oci_mount *)v)[1].destination, "/b");
	assert_null(d.first);
	static const char bad[] = "[{},7]";
	assert_int_equal(oci_decode_array(&oci_mount_schema, bad, sizeof(bad) - 1, &a, &v, &n, &d),
	                 -1);
	assert_int_equal(n, 2);
	assert_string_equal(findings(&a, &d, bad, sizeof(bad) - 1),
	                    "fatal 1:2 /0: \"destination\" is missing; -\n"
	                    "fatal 1:5 /1: item 1 is a number, expected an object; -\n");
	arena_done(&a);
}

/* count times piece, between head and tail */
static char *repeat(struct arena *a, const char *head, const char *piece, size_t count,
                    const char *tail, size_t *len)
{
	size_t n = strlen(piece);

	*len = strlen(head) + n * count + strlen(tail);
	char *s = arena_alloc(a, *len + 1, 1), *p = s + strlen(head);
	memcpy(s, head, strlen(head));
	for (size_t i = 0; i < count; i++, p += n)
		memcpy(p, piece, n);
	memcpy(p, tail, strlen(tail));
	return s;
}

static const struct {
	const char *head, *piece, *tail;
	size_t count;
	const char *what; /* NULL: fine */
	size_t offset;
} limits[] = {
	/* 32 deep: the object itself and 31 arrays */
	{ "{\"ociVersion\":\"1\",\"vm\":", "[", "", 32, "objects and arrays are nested too deep",
	  23 + 31 },
	{ "", "[", "", 1000000, "the document is an array, expected an object", 0 },
	{ "{\"ociVersion\":\"1\",\"vm\":", "{\"a\":", "", 5000,
	  "objects and arrays are nested too deep", 23 + 31 * 5 },
	/* the last one is the item of the tail */
	{ "{\"ociVersion\":\"1\",\"process\":{\"cwd\":\"\",\"args\":[", "\"\",", "\"\"]}}", 65535,
	  NULL, 0 },
	{ "{\"ociVersion\":\"1\",\"process\":{\"cwd\":\"\",\"args\":[", "\"\",", "\"\"]}}", 65536,
	  "too many items in one array or object", 0 },
	{ "{\"ociVersion\":\"1\",\"vm\":[", "1,", "1]}", 65536,
	  "too many items in one array or object", 0 },
	/* CVE-2022-24795: yajl's buffer size wraps around for a string of gigabytes */
	{ "{\"ociVersion\":\"", "\\n", "\"}", (8 << 20) / 2, "the text is longer than 8 MiB",
	  8 << 20 },
	{ "{\"ociVersion\":\"", "\\n", "\"}", (8 << 20) / 2 - 9, NULL, 0 },
	/* CVE-2023-33460: yajl's tree parser leaks at a text that breaks off; there is no tree here */
	{ "{\"ociVersion\":\"1\",\"vm\":{\"a\":[", "1,", "", 3,
	  "the text ends before the document does", 0 },
};

static void within_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct arena a = { 0 };
		struct oci_diags d = { 0 };
		size_t len;
		const char *text = repeat(&a, limits[i].head, limits[i].piece, limits[i].count,
		                          limits[i].tail, &len);
		const void *c = oci_decode(&oci_config_schema, text, len, &a, &d);

		if (!limits[i].what) {
			assert_non_null(c);
			assert_null(d.first);
		} else {
			assert_null(c);
			assert_string_equal(d.first->what, limits[i].what);
			if (limits[i].offset)
				assert_int_equal(d.first->offset, limits[i].offset);
		}
		arena_done(&a);
	}
}

/* count properties, all different, between head and tail */
static char *many_keys(struct arena *a, const char *head, size_t count, const char *tail,
                       size_t *len)
{
	char *s = arena_alloc(a, strlen(head) + count * 16 + strlen(tail) + 1, 1), *p = s;

	p = stpcpy(p, head);
	for (size_t i = 0; i < count; i++) {
		char key[] = "\"000000\":\"\",";

		for (size_t k = 6, v = i; v; k--, v /= 10)
			key[k] = (char)('0' + v % 10);
		p = stpcpy(p, key);
	}
	p = stpcpy(p, tail);
	*len = (size_t)(p - s);
	return s;
}

static void many(void **state)
{
	struct arena a = { 0 };
	struct oci_diags d = { 0 };
	size_t len, n = 0;
	const char *text;
	const struct oci_config *c;

	(void)state;
	text = many_keys(&a, "{\"ociVersion\":\"1\",\"annotations\":{", 65535, "\"x\":\"\"}}",
	                 &len);
	c = oci_decode(&oci_config_schema, text, len, &a, &d);
	assert_non_null(c);
	assert_int_equal(c->annotations.n, 65536);
	text = many_keys(&a, "{\"ociVersion\":\"1\",\"annotations\":{", 60000, "\"000007\":\"\"}}",
	                 &len);
	assert_null(oci_decode(&oci_config_schema, text, len, &a, &d));
	assert_string_equal(d.first->pointer, "/annotations/000007");
	arena_done(&a);

	/* Unknown properties beyond a thousand are not listed, and hide no error. */
	d = (struct oci_diags){ 0 };
	text = many_keys(&a, "{", 5000, "\"hostname\":1}", &len);
	assert_null(oci_decode(&oci_config_schema, text, len, &a, &d));
	for (const struct oci_diag *g = d.first; g; g = g->next)
		n++;
	assert_int_equal(d.n_fatal, 1);
	assert_int_equal(n, 1001);
	arena_done(&a);
	/* A thousand errors are enough. */
	d = (struct oci_diags){ 0 };
	text = repeat(&a, "{\"ociVersion\":\"1\",\"process\":{\"cwd\":\"/\",\"args\":[", "1,",
	              50000, "1]}}", &len);
	assert_null(oci_decode(&oci_config_schema, text, len, &a, &d));
	assert_int_equal(d.n_fatal, 1001);
	arena_done(&a);
}

/* Nor may few findings with a long pointer each fill memory. */
static void long_pointers(void **state)
{
	struct arena a = { 0 };
	struct oci_diags d = { 0 };
	size_t len, n = 0;
	const char *head = repeat(&a, "{\"ociVersion\":\"1\",\"linux\":{\"netDevices\":{\"", "k",
	                          1 << 20, "\":{", &len);
	const char *text = many_keys(&a, head, 500, "\"z\":1}}}}", &len);

	(void)state;
	assert_non_null(oci_decode(&oci_config_schema, text, len, &a, &d));
	for (const struct oci_diag *g = d.first; g; g = g->next)
		n++;
	assert_int_equal(n, 1);
	arena_done(&a);
}

/* Findings of an earlier text do not count for the next one. */
static void diags_add_up(void **state)
{
	struct arena a = { 0 };
	struct oci_diags d = { 0 };

	(void)state;
	assert_null(oci_decode(&oci_config_schema, "{}", 2, &a, &d));
	assert_non_null(oci_decode(&oci_config_schema, "{\"ociVersion\":\"\"}", 17, &a, &d));
	assert_int_equal(d.n_fatal, 1);
	oci_diag_add(&d, &a, OCI_WARN, "w", NULL);
	assert_int_equal(d.n_fatal, 1);
	assert_string_equal(d.first->next->what, "w");
	arena_done(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables),        cmocka_unit_test(five_mistakes),
		cmocka_unit_test(values),        cmocka_unit_test(other_platforms),
		cmocka_unit_test(lenient),       cmocka_unit_test(arrays),
		cmocka_unit_test(within_limits), cmocka_unit_test(many),
		cmocka_unit_test(long_pointers), cmocka_unit_test(diags_add_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
