/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The policy of Linux 6.8 to 7.2 (construct_tdmrs() in arch/x86/virt/vmx/tdx/tdx.c): a
 * TDMR for each RAM region, a reserved area for each hole of the RAM map and for each
 * PAMT in it, the PAMT in one piece, and no second try.
 */
#ifndef TDXHOST_LINUX_PLAN_H
#define TDXHOST_LINUX_PLAN_H

#include "tdmr_plan.h"

/* What the policy fails on. */
struct linux_failure {
	u64 start, end;		/* a TDMR without areas left, the RAM without a TDMR, */
	bool no_tdmr;		/* (this) */
	u64 wanted;		/* or bytes of a PAMT that no free block is large enough for */
};

/*
 * 0, -ENOSPC (TDMRs or reserved areas), -ENOMEM.  Fills TDMRs and totals; what it took from @src remains the
 * caller's.  @failure may be NULL.
 */
int linux_plan(const struct tdmr_input *in, struct tdmr_plan *plan,
	       const struct pamt_source *src, struct linux_failure *failure);

#endif
