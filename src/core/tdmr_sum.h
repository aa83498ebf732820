/* SPDX-License-Identifier: GPL-2.0-only */
/* What a plan amounts to: what it leaves out, its totals. */
#ifndef TDX_CORE_TDMR_SUM_H
#define TDX_CORE_TDMR_SUM_H

#include "tdmr_plan.h"

/* plan->excluded; -ENOSPC: more ranges than it holds. */
int sum_excluded(struct tdmr_plan *plan);

/* tdx_bytes, pamt_bytes, largest_contiguous. */
void sum_totals(struct tdmr_plan *plan);

/* Piece @i of a TDMR's PAMT memory. */
struct tdmr_area sum_piece(const struct tdmr *tdmr, u32 i);

#endif
