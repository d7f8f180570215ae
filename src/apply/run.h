/* run: every process of a create runs the same loop over the same sealed plan; the baton says whose turn it is. */
#pragma once
#include "base/err.h"
#include "plan/kinds.h"
#include "plan/plan.h"
#include <limits.h>
#include <linux/filter.h>
#include <stdint.h>
#include <sys/types.h>

/* Shared memory of all lanes: survives the death of any of them, gone at exec. Times are CLOCK_MONOTONIC, in ns;
 * init's behind the filter are 1. */
struct board {
	uint32_t current[LANE__N]; /* 1 + the step that the lane is in, 0: none */
	pid_t init;                /* as the join lane saw it: only a hint, verified by the host */
	int listener;              /* of the filter: its descriptor's number in init */
	struct {
		uint64_t begun, done;
		uint32_t undo; /* for who takes the step back: its op's business */
	} at[PLAN_STEPS];
};

struct run {
	/* up to bpf: what a lane changes for itself, op_clone.c */
	const struct plan *plan;
	enum lane lane;
	int sync;        /* our end of the SEQPACKET pair; -1 before the first clone */
	int peer;        /* host: the other end, until the clone has taken it */
	int fd[SLOT__N]; /* -1 when empty; owned */
	int cgroup[FACTS_HIERARCHIES]; /* the container's cgroups, -1 when not there */
	int entry[FACTS_HIERARCHIES];  /* what init enters each of them by; late, -1 */
	int cloned_into; /* index of the cgroup that init was born in (CLONE_INTO_CGROUP), or -1 */
	int ns[NAMESPACES]; /* namespaces to join, in the order of namespace_defs, -1 when not */
	int tree[TREES]; /* sources of id-mapped mounts: detached, until op_mount takes them; -1 */
	int tree_ns[TREES]; /* host: a user namespace for each set of maps; -1 */
	pid_t pid;          /* init, as the host sees it; 0 before it is born */
	pid_t target;   /* exec: the container's init, of which SLOT_TARGET is the pidfd; else 0 */
	int pidfd;      /* of init; -1 */
	pid_t join_pid; /* the join lane's process, 0 */
	int join_pidfd; /* of it, while it lives; -1 */
	struct sock_fprog bpf;
	char exe[PATH_MAX]; /* found by LOOKUP */
	char home[264];     /* LOOKUP: "HOME=/root", when the config has none */
	char **envp;        /* LOOKUP: the environment with home in it; NULL: as planned */
	bool filtered;      /* SECCOMP: the driver keeps to read(2) and write(2) */
	bool groups_denied; /* the joined user namespace denies setgroups(2) */
	bool in_cwd;        /* a CHDIR has worked: the one behind USER has nothing to do */
	const char *id;
	const char *bundle;     /* absolute; the host's hooks run in it. NULL: where we are */
	const char *state_tail; /* JSON after the pid in a hook's state: ',"bundle":...}' */
	/* Stores the container as created; set by the command. 0 or -errno. */
	int (*publish)(struct run *r, const char *pid_file);
	void *ctx;      /* for publish */
	bool deathsig;  /* init dies with the host: until STEP_FDS */
	bool published; /* init: "created" is known; errors go to the err fifo */
	bool shares;    /* host: init may still read our memory, which stays until we end */
	uint32_t step;  /* the step that is running */
	uint32_t fail_at, kill_at, kill_init_at,
		stop_at; /* tests only: 1 + step; built with --enable-faults */
	struct board *board;
	struct err err;
};

/* Fills r for a plan: descriptors -1, board mapped. 0, or -1 with r->err. */
int run_init(struct run *r, const struct plan *plan, const char *id);
/* Runs the host's side to the end of the plan. 0, or -1 with r->err complete (step, place, hint). In the other lanes
 * it does not return. */
int run_plan(struct run *r);
/* For the join lane's process, as soon as it is born: runs its phase, and ends it. Returns in init, its child, when that has
 * memory of its own. */
void run_join_lane(struct run *r);
/* Completes r->err for step n, counted from 0, that failed with num: which one, where it comes from in config.json, what to
 * do. */
void run_step_failed(struct run *r, uint32_t n, int num);
/* The n-th step alone, for a command that needs a part of a plan. 0, or -1 with r->err. */
int run_at(struct run *r, uint32_t n);
/* Closes what r holds. Does not touch the container. */
void run_done(struct run *r);

/* Kills and reaps the processes of the other lanes, waiting ten seconds at most, and every other child that has ended. */
void run_end(struct run *r);

/* Has a hook been run, in whatever lane? Then poststop hooks are owed. */
bool run_hooked(const struct run *r);
/* op_netdev.c: gives the host the devices back that a create which failed has moved. */
void run_undo_devices(struct run *r);
/* Closes r's descriptors of cgroups. */
void run_drop_cgroups(struct run *r);
/* The same of the trees and their namespaces. */
void run_drop_trees(struct run *r);
/* Closes what the steps have opened; SLOT_PROC stays. For clean-up where descriptors were what ran out. */
void run_release(struct run *r);
/* dispatch.c: runs the op of a step. */
int run_op(struct run *r, const struct step *s);

/* For ops: fill r->err with more than the step's label knows, and return -num. The driver adds step, place and hint. */
int run_fail(struct run *r, int num, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
/* The same with ": <text of errno num>" appended. */
int run_sys(struct run *r, int num, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
