/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The policy of Linux 6.8 to 7.2, to compare with: a TDMR for each RAM region, a
 * reserved area for each hole of the RAM map and for each PAMT in it, the PAMT in
 * one piece, and no second try.
 */
#ifndef BENCH_REFERENCE_H
#define BENCH_REFERENCE_H

#include "tdmr_plan.h"

/*
 * 0, -ENOSPC (TDMRs or reserved areas), -ENOMEM.  Fills TDMRs and totals; what
 * it took from @src remains the caller's.
 */
int reference_plan(const struct tdmr_input *in, struct tdmr_plan *plan,
		   const struct pamt_source *src);

#endif
