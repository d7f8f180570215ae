/* fuzz_cgroups: the files of a cgroup, and /proc/self/cgroup: "@NAME" in a line of its own begins the text of a file. The
 * first byte "1" makes it a cgroup of v1. All statistics, the OOM killer's, the limits in force, net/dev. */
#include "apply/oom.h"
#include "fuzz.h"
#include "host/cgroups.h"
#include "libocispec-lite/ocispec.h"
#include "src/cmd/update_limited.c"
#include "stats/reader.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES 32

/* Nothing but a plain name is a file. */
static bool is_name(const char *s)
{
	return *s && *s != '.' && !strchr(s, '/') && strlen(s) < 64;
}

static size_t write_files(char *text, char *names[FILES])
{
	size_t n = 0;

	for (char *at = strstr(text, "\n@"); at && n < FILES;) {
		char *name = at + 2, *body = strchr(name, '\n'), *next;

		if (!body)
			break;
		*body++ = '\0';
		/* An empty text has its end right behind the name. */
		next = *body == '@' ? body - 1 : strstr(body, "\n@");
		if (is_name(name)) {
			fuzz_file(name, body,
			          next > body ? (size_t)(next - body)
			          : next      ? 0
			                      : strlen(body));
			names[n++] = name;
		}
		at = next;
	}
	return n;
}

static void look(bool v2, struct arena *a)
{
	struct cgroup_ref ref = { fuzz_dir_path(), "/.", v2, 0 };
	struct limited x = { .host = { .n_hierarchies = 1 } };
	struct stats s = { .refs = &ref, .n = 1, .a = a, .fd = { fuzz_dir() } };
	struct facts f = { 0 };
	struct err e = { 0 };
	struct oom oom;
	size_t len;

	struct oci_stats *out = stats_all(&s, -1, 1);
	char *dev = stats_text(fuzz_dir(), "dev");
	if (dev)
		stats_interfaces(dev, out, a);
	oci_encode(&oci_stats_schema, out, OCI_COMPACT, a, &len);
	oom_read(&ref, 1, &oom);
	x.cgroup[0] = fuzz_dir();
	read_limits(&x);
	if (faccessat(fuzz_dir(), "cgroup", F_OK, 0) == 0 &&
	    cgroups_probe(&f, fuzz_dir(), a, &e) < 0)
		fuzz_insist(*e.what, "a refusal without a word");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *names[FILES], *text = fuzz_text(data, size);
	struct arena a = { 0 };
	size_t n = write_files(text, names);

	look(size == 0 || data[0] != '1', &a);
	for (size_t i = 0; i < n; i++)
		unlinkat(fuzz_dir(), names[i], 0);
	arena_done(&a);
	free(text);
	return 0;
}
