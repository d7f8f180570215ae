/* fuzz_process: the file of `nsrun exec --process`: decode, check, plan, verify, beside a container's config. */
#include "fuzz.h"
#include "libocispec-lite/ocispec.h"
#include <sched.h>
#include <stdlib.h>
#include <string.h>

static const char base[] =
	"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"},\"process\":{\"cwd\":\"/\",\"args\":"
	"[\"sh\"],\"user\":{\"uid\":0,\"gid\":0}},\"linux\":{\"namespaces\":[{\"type\":\"pid\"},"
	"{\"type\":\"mount\"},{\"type\":\"ipc\"},{\"type\":\"user\"}],\"uidMappings\":[{\"containerID\":0,"
	"\"hostID\":100000,\"size\":65536}],\"gidMappings\":[{\"containerID\":0,\"hostID\":100000,"
	"\"size\":65536}],\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ALLOW\"}}}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct cgroup_dir cgroup = { .mount = "/sys/fs/cgroup",
		                                  .path = "/nsrun-c1",
		                                  .controllers = "",
		                                  .enable = "",
		                                  .need = "",
		                                  .v2 = true };
	const struct plan_target target = {
		.ns = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWIPC | CLONE_NEWUSER,
		.cgroups = &cgroup,
		.n_cgroups = 1,
	};
	const struct plan_opts o = { .id = "c1", .bundle = "/bundle", .console_socket = size % 2 };
	const struct check_opts c = { .lifecycle = true, .console_socket = size % 2 };
	struct oci_diags d = { 0 };
	struct arena a = { 0 };
	struct facts host;
	struct plan p;
	char *text = fuzz_text(data, size);
	struct oci_config *cfg = oci_decode(&oci_config_schema, base, strlen(base), &a, &d);

	fuzz_insist(cfg, "the config of the container");
	fuzz_facts((unsigned)size, &host, &a);
	cfg->process = oci_decode(&oci_process_schema, text, size, &a, &d);
	if (cfg->process) {
		struct check k = { .c = cfg, .host = &host, .o = &c, .a = &a, .diags = &d };
		struct err e = { 0 };

		d = (struct oci_diags){ 0 };
		check_exec(&k);
		fuzz_findings(&k, &oci_config_schema, cfg);
		if (!d.n_fatal && plan_exec(&p, cfg, &host, &o, &target, &a, &e) == 0)
			fuzz_plan(&p);
	}
	arena_done(&a);
	free(text);
	return 0;
}
