/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that is all PAMT needs no TDMR.  Where TDMRs of some size are too few by
 * the last GBs of memory, and PAMTs fill these without remainder, the TDMRs need
 * not be larger.
 */
#ifndef TDX_CORE_TDMR_TAIL_H
#define TDX_CORE_TDMR_TAIL_H

#include "tdmr_plan.h"

/*
 * Cuts max_tdmrs TDMRs as map->cut says, drops what they do not reach and places
 * PAMTs there.  False: it cannot be; what has been placed and dropped is the
 * caller's to undo.
 */
bool tail_fill(struct tdmr_plan *plan, const struct pamt_source *src);

#endif
