// SPDX-License-Identifier: GPL-2.0-only
/*
 * The TDX module shut down, and what it had given back where that is safe: after
 * a failed bring-up, at unload, and before another kernel or a restart.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/mm.h>
#include <linux/printk.h>

#include "host.h"

/* On each CPU.  @arg: where the status of a failure goes. */
static int lp_shutdown(void *arg)
{
	struct tdx_regs regs = {};
	u64 status = tdx_call(TDH_SYS_LP_SHUTDOWN, &regs);
	u64 *failure = arg;

	if (status == TDX_SUCCESS)
		return 0;
	WRITE_ONCE(*failure, status);
	return -EIO;
}

/* On every online CPU; those that refuse are set in @refused, which is empty. */
static bool shut_down_online(struct cpumask *refused, char *why, size_t size)
{
	char text[TDX_STATUS_LEN];
	u64 status;
	int ret = tdx_on_cpus(cpu_online_mask, lp_shutdown, &status, refused);

	if (ret < 0) {
		snprintf(why, size, "no memory to shut it down on every CPU");
		return false;
	}
	if (!ret)
		return true;
	tdx_status_format(text, sizeof(text), status);
	snprintf(why, size, "%s failed on CPU %*pbl: %s", tdx_leaf_name(TDH_SYS_LP_SHUTDOWN),
		 cpumask_pr_args(refused), text);
	return false;
}

static bool shut_down_lps(char *why, size_t size)
{
	cpumask_var_t offline, refused;
	bool done = false;

	snprintf(why, size, "no memory to shut it down on every CPU");
	if (!alloc_cpumask_var(&offline, GFP_KERNEL))
		return false;
	if (!zalloc_cpumask_var(&refused, GFP_KERNEL))
		goto out_offline;
	if (cpumask_andnot(offline, &tdx_lps, cpu_online_mask))
		snprintf(why, size, "it can be shut down only with every CPU online, and CPUs %*pbl are offline: next time bring them online before tdx_host is unloaded",
			 cpumask_pr_args(offline));
	else
		done = shut_down_online(refused, why, size);
	free_cpumask_var(refused);
out_offline:
	free_cpumask_var(offline);
	return done;
}

static bool shut_down_whole(char *why, size_t size)
{
	u64 status = tdx_call_on_lp(TDH_SYS_DISABLE, &(struct tdx_regs){});
	char text[TDX_STATUS_LEN];

	if (status == TDX_SUCCESS)
		return true;
	if (tdx_status_name_bits(status) == TDX_OPERAND_INVALID) {
		snprintf(why, size, "this version cannot be shut down");
		return false;
	}
	tdx_status_format(text, sizeof(text), status);
	snprintf(why, size, "%s failed: %s", tdx_leaf_name(TDH_SYS_DISABLE), text);
	return false;
}

/*
 * True if no leaf can run any more, on any LP; else @why says what stands in the
 * way.  TDX 1.0 shuts down LP by LP; the newest modules as a whole; those in
 * between, which do not know that leaf, only to be updated, and an update would
 * go on with these PAMTs, so they stay as they are.
 */
static bool shut_down(char *why, size_t size)
{
	if (tdx_host.sysinfo.major == 1 && tdx_host.sysinfo.minor == 0)
		return shut_down_lps(why, size);
	return shut_down_whole(why, size);
}

/*
 * PAMT memory goes back to the kernel only when the TDX module cannot touch it
 * again.  Before READY it never has: PAMTs are written by TDMR.INIT and later
 * leaves alone, which a module that is not ready refuses.  After that: no leaf
 * can run (shut_down), then private lines leave the caches and memory
 * (tdx_reclaim_pamts), then the pages are freed.  If any of it cannot be had the
 * memory is kept for good, and counted.
 */
void tdx_release_pamts(enum tdx_reach reach)
{
	struct tdmr_plan *plan = tdx_host.plan;
	bool safe = reach != TDX_REACH_READY;
	char why[TDX_ERROR_LEN] = "";

	if (reach != TDX_REACH_NOTHING && shut_down(why, sizeof(why)))
		safe = reach != TDX_REACH_READY || tdx_reclaim_pamts(plan, why, sizeof(why));
	if (safe) {
		tdx_pamt_free(plan);
		return;
	}
	tdx_host.kept_bytes = plan->pamt_bytes;
	pr_warn("%llu KB of PAMT stay with the TDX module until the machine restarts: %s\n",
		plan->pamt_bytes >> 10, why);
	/* With tdx_host gone nobody resets them on the way into another kernel. */
	if (tdx_platform.partial_write_mce)
		pr_warn("a kernel started by kexec may see machine checks in them: restart the machine by its firmware instead\n");
}

void tdx_drop_plan(void)
{
	kvfree(tdx_host.plan);
	tdx_host.plan = NULL;
}

void tdx_bringdown(void)
{
	cpus_read_lock();
	tdx_memory_lock();
	tdx_cpus_allow_init(false);
	tdx_memory_cover(NULL);
	tdx_release_pamts(TDX_REACH_READY);
	tdx_drop_plan();
	tdx_memory_unlock();
	cpus_read_unlock();
}

/*
 * Without a shutdown the module could still be called by whoever has VMX, but it
 * is not: consumers have stopped, and this is the last code to run.  Then WBINVD
 * and, where the erratum asks for it, MOVDIR64B: in that order, so that no
 * private line comes out of a cache over what was reset.
 */
void tdx_quiesce(void)
{
	char why[TDX_ERROR_LEN];

	cpus_read_lock();
	tdx_cpus_allow_init(false);
	shut_down(why, sizeof(why));
	if (!tdx_reclaim_pamts(tdx_host.plan, why, sizeof(why)))
		pr_warn("PAMT memory could not be reset, so a kernel started by kexec may see machine checks in it: %s\n",
			why);
	cpus_read_unlock();
}
