/* SPDX-License-Identifier: GPL-2.0-only */
/* Cuts the memory to cover into TDMRs. */
#ifndef TDX_CORE_TDMR_CUT_H
#define TDX_CORE_TDMR_CUT_H

#include "tdmr_map.h"

/* No bound on the size of a TDMR. */
#define TDMR_ANY_SIZE	(1ULL << 53)
/* No bound on their number. */
#define TDX_NO_COUNT	0xfffffffeU

/*
 * The first TDMR for what is to be covered from @from on, as map->cut says, as
 * large as it allows: so the number of TDMRs is the least.  False: none left.
 * A block of 1 GB never needs more areas than there are (see drop_crowded()).
 */
bool tdmr_cut_next(struct tdmr_map *map, u64 from, u64 *start, u64 *end);

/* How many TDMRs that makes from @from on; counts to @max + 1 at most. */
u32 tdmr_cut_count(struct tdmr_map *map, u64 from, u32 max);

/* Choose map->cut so that at most max_tdmrs come out; false: there is no way. */
bool tdmr_cut_choose(struct tdmr_map *map, u64 wished);

/* As large as it goes: bridges all gaps, crosses nodes. */
extern const struct tdmr_cut tdmr_cut_loose;

/* End of the last 1 GB block to cover that @cut lets a TDMR at @start reach. */
u64 tdmr_cut_reach(struct tdmr_map *map, const struct tdmr_cut *cut, u64 start, u64 limit);

/* The least size of which max_tdmrs TDMRs are enough, whatever they bridge. */
u64 tdmr_cut_least_size(struct tdmr_map *map);

/* Fills plan->tdmrs; false: more than max_tdmrs. */
bool tdmr_cut_all(struct tdmr_planner *pl);

/* Node and PAMT sizes of a TDMR whose base and size are set. */
void tdmr_cut_fill(struct tdmr_map *map, struct tdmr *tdmr);

#endif
