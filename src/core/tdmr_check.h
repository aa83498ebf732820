/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Checks a finished TDMR array by the rules of TDH.SYS.CONFIG, in the TDX module's order.
 * This is the last check before that call, which cannot be undone.
 */
#ifndef TDX_CORE_TDMR_CHECK_H
#define TDX_CORE_TDMR_CHECK_H

#include "tdmr_plan.h"

/*
 * 0, or the completion status that TDH.SYS.CONFIG would return, details included.
 * @max_pa: first address beyond physical memory, KeyID bits excluded.
 */
u64 tdmr_check(const struct tdmr *tdmrs, u32 nr_tdmrs,
	       const struct tdx_range *cmr, u32 nr_cmr,
	       const struct tdmr_limits *limits, u64 max_pa);

#endif
