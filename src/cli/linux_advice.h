/* SPDX-License-Identifier: GPL-2.0-only */
/* Would the planner of a kernel with TDX host support serve this memory, and what helps? */
#ifndef TDXHOST_LINUX_ADVICE_H
#define TDXHOST_LINUX_ADVICE_H

#include "tdmr_plan.h"

#define LINUX_MAX_UNUSED 16

struct linux_advice {
	bool works;
	char reason[200];	/* why not, in the kernel's words if it logs any */
	/* RAM to take out of use by memmap=SIZE$START, which makes it work. */
	u32 nr_unused;
	struct tdx_range unused[LINUX_MAX_UNUSED];
	u64 unused_bytes;
};

/* 0, -ENOMEM. */
int linux_advice(struct linux_advice *a, const struct tdmr_input *in);

#endif
