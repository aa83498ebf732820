/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The policy of Linux 6.8 to 7.2 (construct_tdmrs() in arch/x86/virt/vmx/tdx/tdx.c): a
 * TDMR for each RAM region, a reserved area for each hole of the RAM map and for each
 * PAMT in it, the PAMT in one piece, and no second try.
 */
#ifndef TDXHOST_LINUX_PLAN_H
#define TDXHOST_LINUX_PLAN_H

#include "tdmr_plan.h"

/* Why the policy fails. */
struct linux_failure {
	u64 start, end;		/* a TDMR that needs too many areas; or, */
	bool no_tdmr;		/* if set, RAM without a TDMR; */
	u64 wanted;		/* or bytes of a PAMT too large for every free block */
};

/*
 * Fills in the TDMRs and the totals.  0, -ENOSPC (TDMRs or reserved areas), -ENOMEM.
 * The caller frees what has been taken from @src.  @failure may be NULL.
 */
int linux_plan(const struct tdmr_input *in, struct tdmr_plan *plan,
	       const struct pamt_source *src, struct linux_failure *failure);

#endif
