/* SPDX-License-Identifier: GPL-2.0-only */
/* Completes a plan: the memory left out, the reserved areas, the totals. */
#ifndef TDX_CORE_TDMR_SUM_H
#define TDX_CORE_TDMR_SUM_H

#include "tdmr_map.h"

/* Fills planner->excluded; false: it has no room for all ranges. */
bool tdmr_sum_excluded(struct tdmr_planner *pl);

/* Once all pieces have a place: the place of each level, and the reserved areas. */
void tdmr_sum_reserved(struct tdmr_planner *pl);

/* tdx_bytes, pamt_bytes, largest_contiguous. */
void tdmr_sum_totals(struct tdmr_planner *pl);

/* Piece @i of a TDMR's PAMT memory. */
struct tdmr_area tdmr_sum_piece(const struct tdmr *tdmr, u32 i);

#endif
