/* SPDX-License-Identifier: GPL-2.0-only */
/* TDMRs cut until memory for the PAMTs of all of them is found. */
#ifndef TDX_CORE_TDMR_FIT_H
#define TDX_CORE_TDMR_FIT_H

#include "tdmr_pieces.h"

/*
 * Places what plan->tdmrs still lack.  -ENOMEM: no piece that large (plan->wanted);
 * -ENOSPC: no reserved area, no TDMR to cut.  What was placed is the caller's to
 * give back.
 */
int fit_all(struct placing *p);

#endif
