/* SPDX-License-Identifier: GPL-2.0-only */
/* Would the planner of a kernel with TDX of its own serve this memory, and what helps? */
#ifndef TDXHOST_LINUX_ADVICE_H
#define TDXHOST_LINUX_ADVICE_H

#include "tdmr_plan.h"

#define LINUX_MAX_UNUSED 16

struct linux_advice {
	bool works;
	char reason[200];	/* why not, in the kernel's words where it has some */
	/* RAM that memmap=SIZE$START would take out of use, so that it works. */
	u32 nr_unused;
	struct tdx_range unused[LINUX_MAX_UNUSED];
	u64 unused_bytes;
};

/* 0, -ENOMEM. */
int linux_advice(struct linux_advice *a, const struct tdmr_input *in);

#endif
