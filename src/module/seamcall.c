// SPDX-License-Identifier: GPL-2.0-only
/* Calls a leaf on this CPU, again and again until the answer is final. */
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/sched.h>

#include "host.h"

/*
 * Entropy returns within microseconds, and a lock is free after one other call.  A TDX
 * module that is busy for longer than this will not answer.
 */
#define RETRY_MS	1000
#define BACKOFF_MAX_US	1000U
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

bool tdx_try_again(struct tdx_tries *tries, u64 status)
{
	if (!tdx_status_retryable(status))
		return false;
	if (!tries->backoff_us) {
		tries->deadline = jiffies + msecs_to_jiffies(RETRY_MS);
		tries->backoff_us = 1;
	}
	if (time_after(jiffies, tries->deadline))
		return false;
	if (tries->backoff_us < 16)
		cond_resched();
	else
		usleep_range(tries->backoff_us, 2 * tries->backoff_us);
	tries->backoff_us = min(2 * tries->backoff_us, BACKOFF_MAX_US);
	return true;
}

u64 tdx_call(u64 leaf, struct tdx_regs *regs)
{
	const struct tdx_regs in = *regs;
	struct tdx_tries tries = {};
	u64 status;

	might_sleep();
	do {
		*regs = in;
		status = tdx_call_once(leaf, regs);
	} while (tdx_try_again(&tries, status));
	return status;
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
