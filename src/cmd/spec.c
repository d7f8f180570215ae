/* spec: writes a config.json to begin with. */
#include "base/fd.h"
#include "base/io.h"
#include "base/str.h"
#include "cmd/bundle.h"
#include "cmd/cmd.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

/* What runtimes of this kind write, in this order; JSON because that is how people know it. */
static const char spec_text[] =
	"{\"ociVersion\":\"" OCI_SPEC_VERSION "\","
	"\"process\":{\"terminal\":true,\"user\":{\"uid\":0,\"gid\":0},\"args\":[\"sh\"],"
	"\"env\":[\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\","
	"\"TERM=xterm\"],\"cwd\":\"/\",\"capabilities\":{"
	"\"bounding\":[\"CAP_AUDIT_WRITE\",\"CAP_KILL\",\"CAP_NET_BIND_SERVICE\"],"
	"\"effective\":[\"CAP_AUDIT_WRITE\",\"CAP_KILL\",\"CAP_NET_BIND_SERVICE\"],"
	"\"permitted\":[\"CAP_AUDIT_WRITE\",\"CAP_KILL\",\"CAP_NET_BIND_SERVICE\"]},"
	"\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"hard\":1024,\"soft\":1024}],"
	"\"noNewPrivileges\":true},"
	"\"root\":{\"path\":\"rootfs\",\"readonly\":true},\"hostname\":\"nsrun\",\"mounts\":["
	"{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
	"{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
	"\"options\":[\"nosuid\",\"strictatime\",\"mode=755\",\"size=65536k\"]},"
	"{\"destination\":\"/dev/pts\",\"type\":\"devpts\",\"source\":\"devpts\","
	"\"options\":[\"nosuid\",\"noexec\",\"newinstance\",\"ptmxmode=0666\",\"mode=0620\","
	"\"gid=5\"]},"
	"{\"destination\":\"/dev/shm\",\"type\":\"tmpfs\",\"source\":\"shm\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"mode=1777\",\"size=65536k\"]},"
	"{\"destination\":\"/dev/mqueue\",\"type\":\"mqueue\",\"source\":\"mqueue\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\"]},"
	"{\"destination\":\"/sys\",\"type\":\"sysfs\",\"source\":\"sysfs\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"ro\"]},"
	"{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\",\"source\":\"cgroup\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"relatime\",\"ro\"]}],"
	"\"linux\":{\"resources\":{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]},"
	"\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"network\"},{\"type\":\"ipc\"},"
	"{\"type\":\"uts\"},{\"type\":\"mount\"},{\"type\":\"cgroup\"}],"
	"\"maskedPaths\":[\"/proc/acpi\",\"/proc/asound\",\"/proc/kcore\",\"/proc/keys\","
	"\"/proc/latency_stats\",\"/proc/timer_list\",\"/proc/timer_stats\","
	"\"/proc/sched_debug\",\"/sys/firmware\",\"/proc/scsi\"],"
	"\"readonlyPaths\":[\"/proc/bus\",\"/proc/fs\",\"/proc/irq\",\"/proc/sys\","
	"\"/proc/sysrq-trigger\"]}}";

static struct {
	const char *bundle, *file;
	bool rootless, no_terminal;
} opts = { .bundle = ".", .file = CONFIG_FILE };

static const struct flag flags[] = {
	{ "bundle", 'b', FLAG_STRING, "DIR", "the directory to write it to", .s = &opts.bundle },
	{ "config", 'f', FLAG_STRING, "FILE", "its name there (default: config.json)",
	  .s = &opts.file },
	{ "rootless", 0, FLAG_BOOL, NULL, "for an ordinary user, who becomes root inside",
	  .b = &opts.rootless },
	{ "no-terminal", 0, FLAG_BOOL, NULL, "no terminal for the program",
	  .b = &opts.no_terminal },
	{ 0 },
};

static struct oci_id_mapping *map_self(uint32_t host_id, struct arena *a)
{
	struct oci_id_mapping *m = NEW(a, struct oci_id_mapping);

	m->container_id = (struct oci_u64){ 0, true };
	m->host_id = (struct oci_u64){ host_id, true };
	m->size = (struct oci_u64){ 1, true };
	return m;
}

/* Options that name another group need it mapped, and only one is. */
static void drop_gid_option(struct oci_mount *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->options.n; i++)
		if (!str_starts(m->options.v[i], "gid="))
			m->options.v[n++] = m->options.v[i];
	m->options.n = n;
}

/* An ordinary user has one id to map and no cgroup; the network namespace stays, because sysfs needs it. */
static void make_rootless(struct oci_config *c, struct arena *a)
{
	struct oci_linux *l = c->linux_;
	size_t n = 0;

	l->resources = NULL;
	l->uid_mappings.v = map_self(geteuid(), a);
	l->gid_mappings.v = map_self(getegid(), a);
	l->uid_mappings.n = l->gid_mappings.n = 1;
	l->namespaces.v = arena_grow(a, l->namespaces.v, l->namespaces.n * sizeof *l->namespaces.v,
	                             (l->namespaces.n + 1) * sizeof *l->namespaces.v);
	l->namespaces.v[l->namespaces.n++] = (struct oci_namespace){ .type = (char *)"user" };
	for (size_t i = 0; i < c->mounts.n; i++) {
		drop_gid_option(&c->mounts.v[i]);
		if (!STR_EQ(c->mounts.v[i].type, "cgroup"))
			c->mounts.v[n++] = c->mounts.v[i];
	}
	c->mounts.n = n;
}

static int write_file(const char *text, size_t len, struct err *e)
{
	autofd dir = open(opts.bundle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return err_sys(e, ERR_USAGE, errno, "open the bundle %s", opts.bundle);
	autofd fd = openat(dir, opts.file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 && errno == EEXIST)
		return err_set(e, ERR_USAGE, "File %s exists. Remove it first", opts.file);
	int rc = fd < 0 ? -errno : io_write_all(fd, text, len);
	return rc < 0 ? err_sys(e, ERR_HOST, -rc, "write %s", opts.file) : 0;
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	struct oci_diags diags = { 0 };
	struct arena a = { 0 };
	struct oci_config *c =
		oci_decode(&oci_config_schema, spec_text, sizeof spec_text - 1, &a, &diags);
	size_t len;

	(void)g;
	if (!c)
		return err_set(e, ERR_BUG, "the built-in config is not valid: %s",
		               diags.first ? diags.first->what : "");
	if (opts.rootless)
		make_rootless(c, &a);
	if (opts.no_terminal)
		c->process->terminal.v = false;
	if (in->n_tail) {
		c->process->args.v = in->tail;
		c->process->args.n = in->n_tail;
	}
	const char *text =
		arena_fmt(&a, "%s\n", oci_encode(&oci_config_schema, c, OCI_INDENT_4, &a, &len));
	int rc = write_file(text, len + 1, e);
	arena_done(&a);
	return rc;
}

const struct command cmd_spec = {
	.name = "spec",
	.summary = "write a config.json to begin with",
	.usage = "[-- ARGS...]",
	.flags = flags,
	.tail = true,
	.run = run,
};
