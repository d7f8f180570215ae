/* delete: removes a container that has stopped or was never started; with --force any, and what is left of one. */
#include "base/engine_texts.h"
#include "cmd/log.h"
#include "cmd/matching.h"
#include "cmd/remove.h"
#include <errno.h>
#include <stdbool.h>

#define DELETE_WAIT 10000 /* ms for another command to finish with the container */

static bool force, regex;
static const struct flag flags[] = {
	{ "force", 'f', FLAG_BOOL, NULL, "kill it first; no error when it does not exist",
	  .b = &force },
	{ "regex", 'r', FLAG_BOOL, NULL,
	  "ID is a regular expression: all containers that it matches", .b = &regex },
	{ 0 },
};

static int refuse_alive(const struct found *f, struct err *e)
{
	enum status status = found_status(f);

	if (status == STATUS_STOPPED || status == STATUS_CREATED)
		return 0;
	err_set(e, ERR_STATE, TEXT_NOT_STOPPED, f->record.id, status_names[status]);
	return err_hint(e, "kill it first, or use --force");
}

/* A warning would be a line before the error in the log that podman reads as one object. */
static void tell_oom(const struct record *r)
{
	struct oom oom;

	if (log_debugging() && found_oom(r, &oom))
		log_debug("%llu processes of %s were OOM-killed", (unsigned long long)oom.kills,
		          r->id);
}

static int delete_one(const struct globals *g, const char *id, struct err *e)
{
	struct err why = { 0 }, unrecovered = { 0 };
	struct found f;
	int rc = found_open(&f, g, id, DELETE_WAIT, &why);

	if (rc < 0 && force && why.num == ENOENT) {
		found_done(&f);
		return 0;
	}
	if (rc == 0)
		rc = record_load(&f.record, f.dir, id, &f.arena, &why);
	if (rc == 0 && !force)
		rc = refuse_alive(&f, &why);
	else if (rc < 0 && f.dir >= 0 && force && (rc = remove_recover(&f, id, &unrecovered)) < 0)
		why = unrecovered;
	if (rc < 0) {
		*e = why;
	} else {
		tell_oom(&f.record);
		rc = remove_container(&f.record, f.root, f.dir, f.proc, true, e);
	}
	found_done(&f);
	return rc;
}

static int run(const struct globals *g, const struct cli *in, struct err *e)
{
	size_t n;

	if (!regex)
		return delete_one(g, in->operand[0], e);
	int rc = matching_each(g, in->operand[0], &n, delete_one, e);
	return rc == 0 && !n && !force ? matching_none(in->operand[0], e) : rc;
}

const struct command cmd_delete = {
	.name = "delete",
	.summary = "remove a container",
	.usage = "ID",
	.flags = flags,
	.min = 1,
	.max = 1,
	.id = true,
	.pattern = &regex,
	.run = run,
};
