/* baton: what crosses the sync socket between the lanes of a run: whose turn it is, or why there is none. Nothing in it is
 * believed of the container's side but its words of an error. */
#pragma once
#include <stdint.h>

struct run;

/* The phase of that index is the other side's to run. 0 or -errno. */
int baton_pass(struct run *r, uint32_t next);
/* The container's side cannot go on, for the reason in r->err. */
void baton_fail(struct run *r);
/* Waits for our turn at the phase of index expected. Any other index is a bug of ours or a forged message: refused. 0, or -1,
 * on the host with r->err. */
int baton_wait(struct run *r, uint32_t expected);
/* Host: talking has failed with num. Only where the other end is closed is the peer gone; it has ten seconds to end. -1
 * with r->err. */
int baton_lost(struct run *r, int num);
/* Host: somebody asks us to end while the other side is in a step. -1 with r->err. */
int baton_interrupted(struct run *r);
