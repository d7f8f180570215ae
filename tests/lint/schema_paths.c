/* schema_paths: prints every property of config.json that holds a value, one per line, as the tables of
 * libocispec-lite know them: linux.resources.memory.limit, mounts[].source, linux.netDevices.*.name. An object is its
 * members, listed under each of its uses. tests/lint/support.sh reads it. */
#include "libocispec-lite/ocispec.h"
#include <stdio.h>

#define PATH_SIZE 256

/* at is where the path ends so far; the tables refer to no table above them, so this ends. */
static void print_members(const struct oci_schema *s, char *path, size_t at)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct oci_field *f = &s->fields[i];
		const char *below = f->type == OCI_OBJMAP ? ".*."
		                    : f->type == OCI_OBJS ? "[]."
		                                          : ".";
		int n = snprintf(path + at, PATH_SIZE - at, "%s%s", f->key, f->sub ? below : "");

		if (f->sub)
			print_members(f->sub, path, at + (size_t)n);
		else
			puts(path);
	}
}

int main(void)
{
	char path[PATH_SIZE];

	print_members(&oci_config_schema, path, 0);
	return fflush(stdout) ? 1 : 0;
}
