/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TDH.SYS.CONFIG's own rules on a finished TDMR array, in the module's order:
 * the last look before the call that cannot be undone.
 */
#ifndef TDX_CORE_TDMR_CHECK_H
#define TDX_CORE_TDMR_CHECK_H

#include "tdmr_plan.h"

/*
 * 0, or the completion status TDH.SYS.CONFIG would answer, with the same packed
 * detail bytes.  @max_pa: first address beyond physical memory, KeyID bits
 * excluded.
 */
u64 tdmr_check(const struct tdmr *tdmrs, u32 nr_tdmrs,
	       const struct tdx_range *cmr, u32 nr_cmr,
	       const struct tdmr_limits *limits, u64 max_pa);

#endif
