/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Simulated free memory: a source of PAMT pieces for plans of other machines and for
 * tests.
 */
#ifndef TDXHOST_PAMT_SIM_H
#define TDXHOST_PAMT_SIM_H

#include "tdmr_plan.h"

struct pamt_sim {
	struct tdx_range *free;		/* ascending; touching ones of a node joined */
	u32 nr_free;
	size_t room;
	const struct tdx_range *ram;	/* the caller's, kept for its nodes */
	u32 nr_ram;
	u64 largest_free;		/* the most bytes in one piece; 0: no bound */
	struct pamt_source source;
};

/*
 * All RAM in CMRs is free, except for one page after every @largest_free bytes (0: none).
 * The caller keeps @ram.  0, -EINVAL (not a multiple of 4 KB), -ENOMEM.
 */
int pamt_sim_init(struct pamt_sim *sim, const struct tdx_range *ram, u32 nr_ram,
		  const struct tdx_range *cmr, u32 nr_cmr, u64 largest_free);
void pamt_sim_exit(struct pamt_sim *sim);

u64 pamt_sim_free_bytes(const struct pamt_sim *sim);

#endif
