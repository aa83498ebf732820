/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the planner knows about memory: the ranges to cover (RAM in CMRs, or all CMRs),
 * and the fences, which a TDMR has to reserve (the holes between CMRs, and PAMTs).
 */
#ifndef TDX_CORE_TDMR_MAP_H
#define TDX_CORE_TDMR_MAP_H

#include "tdmr_plan.h"

#define TDX_NO_ADDR	(~0ULL)

/* -EINVAL if the input breaks its rules. */
int tdmr_map_init(struct tdmr_map *map, const struct tdmr_input *in);

/*
 * The next range to cover that ends above @from, clipped to start at @from or above.
 * @dropped: include memory that has been dropped.
 */
bool tdmr_map_next(struct tdmr_map *map, u64 from, bool dropped, struct tdx_range *m);

/* The end of the last range to cover below @addr, dropped or not; 0: there is none. */
u64 tdmr_map_last_end(struct tdmr_map *map, u64 addr);

/* Is there anything to cover in [start, end)?  How many bytes? */
bool tdmr_map_any(struct tdmr_map *map, u64 start, u64 end);
u64 tdmr_map_bytes(struct tdmr_map *map, u64 start, u64 end, bool dropped);

/* The node of the RAM at @addr or next above it, -1 without any. */
s32 tdmr_map_node(struct tdmr_map *map, u64 addr);

/*
 * The number of reserved areas that a TDMR [start, end) needs, with @extra (or NULL) as
 * one more PAMT, which overlaps the TDMR and no fence.  Fences with nothing to cover between
 * them share an area.  An area that must stay unused (tdmr_map_bad_end()) counts.
 */
u32 tdmr_map_areas(struct tdmr_map *map, u64 start, u64 end, const struct tdx_range *extra);

/*
 * limits.end_in_cmr: would TDH.SYS.CONFIG refuse a TDMR up to @end, whose last area ends at
 * @last, if that area is the last of max_reserved?
 */
bool tdmr_map_bad_end(const struct tdmr_map *map, u64 last, u64 end);

/* Removes the PAMTs from the fences: only the holes between CMRs remain. */
void tdmr_map_reset_fences(struct tdmr_map *map);

/* Leaves [start, end) out.  False: too many ranges have been left out. */
bool tdmr_map_drop(struct tdmr_map *map, u64 start, u64 end, enum tdmr_reason reason);

/* The first range left out by tdmr_map_drop() that ends above @addr, NULL without any. */
const struct tdmr_excluded *tdmr_map_next_drop(const struct tdmr_map *map, u64 addr);

#endif
