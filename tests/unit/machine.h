/* SPDX-License-Identifier: GPL-2.0-only */
/* Generated machines, and a check of every byte of the plans for them. */
#ifndef TEST_MACHINE_H
#define TEST_MACHINE_H

#include "pamt_sim.h"
#include "tdmr_plan.h"

#define MACHINE_MAX_RAM	2000

struct machine {
	struct tdx_range ram[MACHINE_MAX_RAM];
	struct tdx_range cmr[TDX_MAX_CMRS];
	struct tdmr_input in;
	u64 largest_free;	/* for pamt_sim_init() */
};

/* xorshift64*: the same machines from the same seed everywhere. */
struct prng {
	u64 state;
};

u64 prng_next(struct prng *rng);
u64 prng_below(struct prng *rng, u64 n);	/* 0 ... n - 1 */
u64 prng_log(struct prng *rng, u64 lo, u64 hi);	/* in [lo, hi], all powers of 2 equally likely */

/* 1 to 16 nodes, 1 MB to 64 TB, 1 to 2,000 RAM ranges, 1 to 32 CMRs, any limits. */
void machine_any(struct machine *m, struct prng *rng);
/* A few GB, TDMRs and areas: small enough for a search of all plans. */
void machine_small(struct machine *m, struct prng *rng);
/* Like real servers: whole sockets, holes below 4 GB, 64 TDMRs of 16 areas. */
void machine_server(struct machine *m, struct prng *rng);

void machine_print(const struct machine *m);

/*
 * Checks every byte of a finished plan, and shares
 * nothing with the planner.  NULL, or what is wrong.  @sim is the source of its PAMTs,
 * which had @free_before bytes free.
 */
const char *machine_account(const struct machine *m, const struct tdmr_planner *planner,
			    const struct tdmr_plan *plan, const struct pamt_sim *sim,
			    u64 free_before);

/*
 * Tries all ways to cut and place, up to a bound.  True: there is a plan that
 * leaves nothing out.
 */
bool machine_search(const struct machine *m, const struct pamt_sim *sim);

#endif
