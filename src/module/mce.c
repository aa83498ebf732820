// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports machine checks in memory that the TDX module owns.  They are more often caused
 * by a stray write of the kernel, which poisons a private line, than by a broken DIMM.
 *
 * A machine check that panics the kernel is not reported: the decode chain is called from
 * a work item, which no longer runs; a panic notifier does not get the address, and is not
 * called at all before kdump's kernel starts.  The kernel prints ADDR, and tdx_host(4) says
 * what to compare it with.
 */
#include <linux/cpu.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <asm/mce.h>

#include "host.h"

/* Page types of TDH.PHYMEM.PAGE.RDMD; of any other type, the TDX module or a TD uses the page. */
#define PT_NDA	0
#define PT_RSVD	1

static bool in_pamt(const struct tdmr_plan *plan, u64 pa)
{
	u32 i, level;

	for (i = 0; i < plan->nr_tdmrs; i++)
		for (level = 0; level < TDX_PS_NR; level++)
			if (pa - plan->tdmrs[i].pamt[level].base < plan->tdmrs[i].pamt[level].size)
				return true;
	return false;
}

static bool in_use_by_td(u64 pa)
{
	struct tdx_regs regs = { .rcx = pa };
	u64 status;

	cpus_read_lock();
	status = tdx_call_on_lp(TDH_PHYMEM_PAGE_RDMD, &regs);
	cpus_read_unlock();
	return status == TDX_SUCCESS && regs.rcx != PT_NDA && regs.rcx != PT_RSVD;
}

/* Process context, as the chain is called from a work item. */
static int on_mce(struct notifier_block *nb, unsigned long val, void *data)
{
	struct mce *m = data;
	const char *what = NULL;
	u64 pa;

	if (!m || !mce_usable_address(m) || tdx_state() != TDX_STATE_INITIALIZED)
		return NOTIFY_DONE;
	/* The address may carry the KeyID. */
	pa = m->addr & (tdx_platform.max_pa - 1) & PAGE_MASK;
	if (in_pamt(tdx_host.plan, pa))
		what = "a PAMT";
	else if (in_use_by_td(pa))
		what = "a TD";
	if (what)
		pr_err("machine check at 0x%llx: TDX private memory of %s, possible kernel bug\n",
		       pa, what);
	return NOTIFY_DONE;
}

static struct notifier_block mce_nb = {
	.notifier_call = on_mce,
	.priority = MCE_PRIO_LOWEST,
};

void tdx_mce_start(void)
{
	mce_register_decode_chain(&mce_nb);
}

/* Waits for a notifier that runs. */
void tdx_mce_stop(void)
{
	mce_unregister_decode_chain(&mce_nb);
}
