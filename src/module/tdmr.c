// SPDX-License-Identifier: GPL-2.0-only
/* Hands the TDMRs to the TDX module, which then initialises them on many CPUs. */
#include <linux/delay.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "host.h"

/* ---- TDH.SYS.CONFIG ---- */

struct tdmr_infos {
	u64 *array;			/* physical addresses of the TDMR_INFOs */
	void *info[TDX_MAX_TDMRS];
	size_t info_size;
};

static void free_infos(struct tdmr_infos *infos)
{
	u32 i;

	for (i = 0; i < TDX_MAX_TDMRS; i++)
		if (infos->info[i])
			free_pages_exact(infos->info[i], infos->info_size);
	free_page((unsigned long)infos->array);
}

static void fill_info(struct tdmr_info *info, const struct tdmr *tdmr)
{
	u32 i;

	info->base = tdmr->base;
	info->size = tdmr->size;
	info->pamt_1g_base = tdmr->pamt[TDX_PS_1G].base;
	info->pamt_1g_size = tdmr->pamt[TDX_PS_1G].size;
	info->pamt_2m_base = tdmr->pamt[TDX_PS_2M].base;
	info->pamt_2m_size = tdmr->pamt[TDX_PS_2M].size;
	info->pamt_4k_base = tdmr->pamt[TDX_PS_4K].base;
	info->pamt_4k_size = tdmr->pamt[TDX_PS_4K].size;
	for (i = 0; i < tdmr->nr_reserved; i++) {
		info->reserved[i].offset = tdmr->reserved[i].base;
		info->reserved[i].size = tdmr->reserved[i].size;
	}
}

/* The module reads max_reserved areas whatever we use: the rest are null entries. */
static int make_infos(struct tdmr_infos *infos, const struct tdmr_plan *plan, u32 max_reserved)
{
	struct tdmr_info *info;
	u32 i;

	memset(infos, 0, sizeof(*infos));
	infos->info_size = struct_size(info, reserved, max_reserved);
	infos->array = (u64 *)get_zeroed_page(GFP_KERNEL);
	if (!infos->array)
		return -ENOMEM;
	for (i = 0; i < plan->nr_tdmrs; i++) {
		info = alloc_pages_exact(infos->info_size, GFP_KERNEL | __GFP_ZERO);
		if (!info)
			return -ENOMEM;
		fill_info(info, &plan->tdmrs[i]);
		infos->info[i] = info;
		infos->array[i] = __pa(info);
	}
	return 0;
}

int tdx_tdmr_config(const struct tdmr_plan *plan, u32 max_reserved)
{
	struct tdmr_infos *infos = kzalloc(sizeof(*infos), GFP_KERNEL);
	struct tdx_regs regs;
	u64 status;
	int err;

	if (!infos)
		return -ENOMEM;
	err = make_infos(infos, plan, max_reserved);
	if (err) {
		tdx_error("no memory for %u TDMR descriptions", plan->nr_tdmrs);
		err = -EINVAL;
		goto out;
	}
	regs = (struct tdx_regs){ .rcx = __pa(infos->array), .rdx = plan->nr_tdmrs,
				  .r8 = tdx_platform.keyid_start };
	status = tdx_call_on_lp(TDH_SYS_CONFIG, &regs);
	if (status != TDX_SUCCESS) {
		tdx_error_call(TDH_SYS_CONFIG, status, NULL);
		err = -EINVAL;
	}
out:
	free_infos(infos);
	kfree(infos);
	return err;
}

/* ---- TDH.SYS.TDMR.INIT ---- */

/* With interrupts off: as many calls as fit; the longest known takes some 15 us. */
#define BATCH_NS	(60 * NSEC_PER_USEC)
/* Busy answers and no progress in a row before the module is taken for stuck. */
#define STUCK_MS	2000
/* A call initialises 4 MB, so this many move RDX on by 1 GB; twice that is stuck. */
#define CALLS_PER_GB	256

struct init_run {
	const struct tdmr *tdmr;
	u64 next;		/* first byte not initialised, as the module says */
	u32 calls_since;	/* calls in which it has not moved */
	u64 status;	/* of the last call */
};

/*
 * RDX comes from firmware: it may only grow, and within the bounds of the TDMR,
 * and it has to within a bounded number of calls.
 */
static bool advance(struct init_run *run, u64 next)
{
	if (next > run->tdmr->base + run->tdmr->size)
		return false;
	if (next > run->next) {
		run->next = next;
		run->calls_since = 0;
		return true;
	}
	return ++run->calls_since <= 2 * CALLS_PER_GB;
}

enum batch { BATCH_MORE, BATCH_BUSY, BATCH_DONE, BATCH_FAILED };

static enum batch one_call(struct init_run *run, struct tdx_vmx *vmx)
{
	struct tdx_regs regs = { .rcx = run->tdmr->base };

	run->status = tdx_vmx_call(vmx, TDH_SYS_TDMR_INIT, &regs);
	if (tdx_status_retryable(run->status))
		return BATCH_BUSY;
	if (run->status & TDX_STATUS_ERROR)
		return BATCH_FAILED;
	/* A warning: it was done by an earlier call, which has the same end. */
	if (tdx_status_name_bits(run->status) == TDX_TDMR_ALREADY_INITIALIZED)
		return BATCH_DONE;
	if (!advance(run, regs.rdx))	/* status stays success: reported as no progress */
		return BATCH_FAILED;
	return run->next == run->tdmr->base + run->tdmr->size ? BATCH_DONE : BATCH_MORE;
}

/* A batch of calls in one borrowed VMX operation, interrupts off throughout. */
static enum batch one_batch(struct init_run *run)
{
	struct tdx_vmx vmx;
	enum batch result;
	u64 start, now, last, longest = 0;

	if (tdx_vmx_begin(&vmx)) {
		run->status = TDX_SW_UD;
		return BATCH_FAILED;
	}
	start = last = ktime_get_mono_fast_ns();
	do {
		result = one_call(run, &vmx);
		now = ktime_get_mono_fast_ns();
		longest = max(longest, now - last);
		last = now;
	} while (result == BATCH_MORE && now - start + longest <= BATCH_NS);
	tdx_vmx_end(&vmx);
	return result;
}

static int report(u64 base, u64 status)
{
	char where[64];

	snprintf(where, sizeof(where), "on TDMR 0x%llx", base);
	if (status)
		tdx_error_call(TDH_SYS_TDMR_INIT, status, where);
	else
		tdx_error("%s %s does not advance: TDX module bug, update the module",
			  tdx_leaf_name(TDH_SYS_TDMR_INIT), where);
	return -EINVAL;
}

/* @stop: another TDMR has failed, so this one is not worth finishing. */
static int init_tdmr(const struct tdmr *tdmr, const bool *stop)
{
	struct init_run run = { .tdmr = tdmr, .next = tdmr->base };
	unsigned long deadline = jiffies + msecs_to_jiffies(STUCK_MS);
	enum batch result;

	do {
		result = one_batch(&run);
		if (result != BATCH_BUSY)
			deadline = jiffies + msecs_to_jiffies(STUCK_MS);
		else if (time_before(jiffies, deadline))
			usleep_range(10, 50);
		else
			result = BATCH_FAILED;
		cond_resched();
	} while ((result == BATCH_MORE || result == BATCH_BUSY) && !READ_ONCE(*stop));
	if (result == BATCH_FAILED)
		return report(tdmr->base, run.status);
	if (result == BATCH_DONE)
		tdx_progress_tick();
	return 0;
}

int tdx_tdmr_init(const struct tdmr_plan *plan)
{
	tdx_progress("tdmr_init", 0, plan->nr_tdmrs);
	return tdx_for_each_tdmr(plan, init_tdmr);
}
