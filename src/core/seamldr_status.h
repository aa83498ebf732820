/* SPDX-License-Identifier: GPL-2.0-only */
/* Statuses of the SEAM loader (P-SEAMLDR): numbers of its own, not the TDX module's. */
#ifndef TDXHOST_SEAMLDR_STATUS_H
#define TDXHOST_SEAMLDR_STATUS_H

#include "types.h"

#define SEAMLDR_EBADCALL	0x8000000000000003ULL

struct seamldr_status {
	u64 value;
	const char *name;
	bool recoverable;	/* the same call may succeed */
	const char *cause;
	const char *remedy;
};

/* NULL: not a status of the loader.  @from_loader: the leaf is one of the loader's. */
const struct seamldr_status *seamldr_status(u64 value, bool from_loader);
/* PSEAMLDR_EBADSIG, P_SEAMLDR_EBADSIG, SEAMLDR_EBADSIG, EBADSIG; in any case. */
const struct seamldr_status *seamldr_status_by_name(const char *name);

#endif
