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
 * The first TDMR at or above @from, as large as map->cut allows, so that the number of
 * TDMRs is the least.  False: nothing is left to cover.  A block of 1 GB never needs
 * more areas than a TDMR has (see drop_crowded()).
 */
bool tdmr_cut_next(struct tdmr_map *map, u64 from, u64 *start, u64 *end);

/* The number of TDMRs from @from on, but no more than @max + 1. */
u32 tdmr_cut_count(struct tdmr_map *map, u64 from, u32 max);

/* Chooses map->cut so that it makes at most max_tdmrs TDMRs; false: no cut does. */
bool tdmr_cut_choose(struct tdmr_map *map, u64 wished);

/* TDMRs as large as possible: they span all gaps and cross node borders. */
extern const struct tdmr_cut tdmr_cut_loose;

/* The end of the last 1 GB block to cover that @cut allows in a TDMR at @start. */
u64 tdmr_cut_reach(struct tdmr_map *map, const struct tdmr_cut *cut, u64 start, u64 limit);

/* The least size at which max_tdmrs TDMRs are enough if they may span any gap. */
u64 tdmr_cut_least_size(struct tdmr_map *map);

/* Fills plan->tdmrs; false: more than max_tdmrs. */
bool tdmr_cut_all(struct tdmr_planner *pl);

/* Node and PAMT sizes of a TDMR whose base and size are set. */
void tdmr_cut_fill(struct tdmr_map *map, struct tdmr *tdmr);

#endif
