// SPDX-License-Identifier: GPL-2.0-only
/* One leaf, on this CPU, repeated until its answer is final. */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/sched.h>

#include "host.h"

/*
 * Entropy is back within microseconds, locks within one other call; a module
 * that is busy for this long is not going to answer.
 */
#define RETRY_MS	1000
#define BACKOFF_MAX_US	1000
/* Where nobody may sleep: longer than any other call holds a lock of the module. */
#define SPIN_TRIES	1000
#define SPIN_US		1

u64 tdx_call_once(u64 leaf, struct tdx_regs *regs)
{
	struct tdx_vmx vmx;
	u64 status;

	/* Without VMX operation SEAMCALL is #UD: say so without trying. */
	if (tdx_vmx_begin(&vmx))
		return TDX_SW_UD;
	status = tdx_vmx_call(&vmx, leaf, regs);
	tdx_vmx_end(&vmx);
	return status;
}

u64 tdx_call(u64 leaf, struct tdx_regs *regs)
{
	unsigned long deadline = jiffies + msecs_to_jiffies(RETRY_MS);
	const struct tdx_regs in = *regs;
	unsigned int backoff_us = 1;
	u64 status;

	might_sleep();
	for (;;) {
		status = tdx_call_once(leaf, regs);
		if (!tdx_status_retryable(status) || time_after(jiffies, deadline))
			return status;
		*regs = in;
		if (backoff_us < 16)
			cond_resched();
		else
			usleep_range(backoff_us, 2 * backoff_us);
		backoff_us = min(2 * backoff_us, BACKOFF_MAX_US);
	}
}

u64 tdx_call_in_vmx(u64 leaf, struct tdx_regs *regs)
{
	const struct tdx_regs in = *regs;
	int tries = SPIN_TRIES;
	u64 status;

	for (;;) {
		status = tdx_seamcall_timed(leaf, regs);
		if (!tdx_status_retryable(status) || !--tries)
			return status;
		*regs = in;
		udelay(SPIN_US);
	}
}
