/* check_case: tables of configs with one thing wrong, and the findings they must give. */
#pragma once
#include "check/check.h"

/* A small right config with some parts replaced. Every text is JSON; NULL is the default, "" leaves the part out. */
struct check_case {
	const char *version;  /* value of ociVersion: "\"1.3.0\"" */
	const char *root;     /* value of root: {"path": "rootfs"} */
	const char *process;  /* value of process: args sh, cwd /, uid and gid 0 */
	const char *add;      /* members that are added to the default process */
	const char *mounts;   /* items of mounts: none */
	const char *ns;       /* items of linux.namespaces: mount and pid */
	const char *linux_;   /* further members of linux */
	const char *no_linux; /* anything but NULL: there is no linux */
	const char *top;      /* further members of the config */
	const char *facts;    /* lines after preset=root-v2, see golden/facts_file.h */
	struct check_opts opts;
	/* All findings in order, one per line: "fatal /process/cwd: the path is empty". The start of each text (which goes
	 * on with " -- " and the hint) is enough. NULL: none. */
	const char *want;
};

/* Runs all cases; prints those that fail and then fails the test. */
void check_cases(const struct check_case *v, size_t n);
#define CHECK_CASES(v) check_cases(v, sizeof(v) / sizeof *(v))
