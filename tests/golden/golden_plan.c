/* golden_plan: every tests/golden/plan-NAME (config.json, facts, opts) must give its plan.txt, and pass plan_verify().
 * GOLDEN_UPDATE=1 writes plan.txt instead. Prints TAP. Argument: the folder;
 * without, $GOLDEN_DIR. */
#include "base/str.h"
#include "facts_file.h"
#include "libocispec-lite/ocispec.h"
#include "plan/kinds.h"
#include "plan/plan.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add(void *ctx, const char *text)
{
	fputs(text, ctx);
}

static char *slurp(const char *dir, const char *name, size_t *len)
{
	char path[1024];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "r");
	if (!f)
		return NULL;
	char *text = calloc(1, 1 << 20);
	*len = fread(text, 1, (1 << 20) - 1, f);
	fclose(f);
	return text;
}

/* "exec=v1:/sys/fs/cgroup/pids:/nsrun-c1": a plan of exec, for a container that is in this cgroup (again for more). */
struct target {
	struct plan_target t;
	struct cgroup_dir dirs[8];
};

static void add_target(struct target *x, char *v)
{
	char *save = NULL;
	bool v2 = STR_EQ(strtok_r(v, ":", &save), "v2");
	struct cgroup_dir *d = &x->dirs[x->t.n_cgroups++];

	*d = (struct cgroup_dir){ .controllers = "", .enable = "", .need = "", .v2 = v2 };
	d->mount = strtok_r(NULL, ":", &save);
	d->path = strtok_r(NULL, ":", &save);
	x->t.cgroups = x->dirs;
}

/* As cmd/exec.c has it, for a caller that shares none of them. */
static uint32_t all_namespaces(const struct oci_config *c)
{
	uint32_t ns = 0;

	for (size_t i = 0; c->linux_ && i < c->linux_->namespaces.n; i++)
		ns |= namespace_by_type(c->linux_->namespaces.v[i].type)->flag;
	return ns;
}

/* The file's text, which the options point into: free() it after them. */
static char *load_opts(const char *dir, struct plan_opts *o, struct target *x)
{
	size_t len;
	char *text = slurp(dir, "opts", &len), *save = NULL;

	for (char *l = text ? strtok_r(text, "\n", &save) : NULL; l;
	     l = strtok_r(NULL, "\n", &save)) {
		char *v = strchr(l, '=');
		if (!v)
			continue;
		*v++ = 0;
		if (STR_EQ(l, "no_pivot"))
			o->no_pivot = true;
		else if (STR_EQ(l, "console_socket"))
			o->console_socket = true;
		else if (STR_EQ(l, "no_new_keyring"))
			o->no_new_keyring = true;
		else if (STR_EQ(l, "notify"))
			o->notify = v;
		else if (STR_EQ(l, "preserve_fds"))
			o->preserve_fds = (uint32_t)strtoul(v, NULL, 10);
		else if (STR_EQ(l, "listen_fds"))
			o->listen_fds = (uint32_t)strtoul(v, NULL, 10);
		else if (STR_EQ(l, "pid_file"))
			o->pid_file = v;
		else if (STR_EQ(l, "cgroup_manager"))
			o->manager = STR_EQ(v, "systemd") ? CGROUP_MANAGER_SYSTEMD
			                                  : CGROUP_MANAGER_DISABLED;
		else if (STR_EQ(l, "exec"))
			add_target(x, v);
		else if (STR_EQ(l, "id"))
			o->id = v;
		else
			fprintf(stderr, "unknown option %s in %s/opts\n", l, dir);
	}
	return text;
}

/* The plan as text, or why there is none. */
static void make(const char *dir, FILE *out)
{
	struct arena a = { 0 };
	struct oci_diags d = { 0 };
	struct err e = { 0 };
	struct facts facts = { 0 };
	struct plan_opts o = { .id = "c1", .bundle = "/bundle" };
	struct target x = { 0 };
	struct plan p;
	char path[1024];
	size_t len = 0;
	char *text = slurp(dir, "config.json", &len);

	struct oci_config *c = text ? oci_decode(&oci_config_schema, text, len, &a, &d) : NULL;
	snprintf(path, sizeof path, "%s/facts", dir);
	if (!c || facts_load(path, &facts, &a) < 0) {
		fprintf(out, "cannot load %s\n",
		        c         ? "facts"
		        : d.first ? d.first->what
		                  : "config.json");
		return;
	}
	char *opts = load_opts(dir, &o, &x);
	x.t.ns = all_namespaces(c);
	if ((x.t.n_cgroups ? plan_exec(&p, c, &facts, &o, &x.t, &a, &e)
	                   : plan_create(&p, c, &facts, &o, &a, &e)) < 0)
		fprintf(out, "refused: %s%s%s%s%s\n", e.what, *e.where ? " at " : "", e.where,
		        *e.hint ? " -- " : "", e.hint);
	else {
		plan_print_text(&p, add, out);
		if (plan_verify(&p, &e) < 0)
			fprintf(out, "VERIFY: %s\n", e.what);
	}
	free(opts);
	free(text);
	arena_done(&a);
}

static bool check(const char *root, const char *name)
{
	char dir[800], *got = NULL;
	size_t n = 0, len = 0;

	snprintf(dir, sizeof dir, "%s/%s", root, name);
	FILE *out = open_memstream(&got, &n);
	make(dir, out);
	fclose(out);
	bool ok = !strstr(got, "VERIFY:");
	if (getenv("GOLDEN_UPDATE")) {
		char path[1024];
		snprintf(path, sizeof path, "%s/plan.txt", dir);
		FILE *f = fopen(path, "w");
		fputs(got, f);
		fclose(f);
	} else {
		char *want = slurp(dir, "plan.txt", &len);
		ok = ok && want && strcmp(want, got) == 0;
		if (!ok)
			fprintf(stderr, "# %s: expected\n%s# got\n%s", name,
			        want ? want : "(no plan.txt)\n", got);
		free(want);
	}
	free(got);
	return ok;
}

static int plans_only(const struct dirent *d)
{
	return strncmp(d->d_name, "plan-", 5) == 0;
}

int main(int argc, char **argv)
{
	const char *root = argc > 1 ? argv[1] : getenv("GOLDEN_DIR") ? getenv("GOLDEN_DIR") : ".";
	struct dirent **list;
	int n = scandir(root, &list, plans_only, alphasort), failed = 0;

	if (n <= 0) {
		fprintf(stderr, "no goldens in %s\n", root);
		return 1;
	}
	printf("1..%d\n", n);
	for (int i = 0; i < n; i++) {
		bool ok = check(root, list[i]->d_name);
		printf("%sok %d - %s\n", ok ? "" : "not ", i + 1, list[i]->d_name);
		failed += !ok;
		free(list[i]);
	}
	free(list);
	return failed != 0;
}
