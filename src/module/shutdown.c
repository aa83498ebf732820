// SPDX-License-Identifier: GPL-2.0-only
/*
 * Shuts down the TDX module, and gives PAMT memory back where that is safe: after a
 * failed bring-up, at unload, and before kexec.
 *
 * How each version can be shut down:
 *   TDX 1.0	TDH.SYS.LP.SHUTDOWN on every LP, in any order.  Later versions keep the
 *		leaf as a placeholder, which answers success and does nothing.
 *   1.5, 2.0	not at all as published so far.  TDH.SYS.SHUTDOWN only prepares an update,
 *		and the updated module would go on with these PAMTs.
 *   newer	TDH.SYS.DISABLE, for the whole machine, where TDX_FEATURES0 has its bit.
 *
 * With a SEAM loader any version can be replaced by one that knows no PAMTs (install.c);
 * neither unload nor kexec does so by itself (pin.c).
 */
#include <linux/bits.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "host.h"

#define FEATURES0_SYS_DISABLE	BIT_ULL(53)

/* A line in the log after so many steps, and each time they have doubled. */
#define STEPS_TO_TELL	1024

static bool is_tdx_1_0(void)
{
	return tdx_host.sysinfo.major == 1 && tdx_host.sysinfo.minor == 0;
}

bool tdx_can_shut_down(void)
{
	return is_tdx_1_0() || tdx_host.sysinfo.features0 & FEATURES0_SYS_DISABLE;
}

/* ---- TDX 1.0: LP by LP ---- */

/* Both for one caller at a time: enable_mutex.  No memory is asked for on the way to kexec. */
static struct cpumask lps_left;		/* online LPs that have not given the answer wanted */
static struct cpumask lps_offline;

static bool on_each_lp(struct tdx_each *each, tdx_on_cpus_t on_cpus)
{
	cpumask_and(&lps_left, &tdx_lps, cpu_online_mask);
	return !tdx_call_on_each(&lps_left, each, on_cpus);
}

static bool is_success(u64 status)
{
	return status == TDX_SUCCESS;
}

static bool shut_down_lps(tdx_on_cpus_t on_cpus, char *why, size_t size)
{
	struct tdx_each each = { .leaf = TDH_SYS_LP_SHUTDOWN, .wanted = is_success };
	char text[TDX_STATUS_LEN];

	if (cpumask_andnot(&lps_offline, &tdx_lps, cpu_online_mask)) {
		snprintf(why, size, "it can be shut down only with every CPU online (offline: %*pbl): next time bring all online before tdx_host is unloaded",
			 cpumask_pr_args(&lps_offline));
		return false;
	}
	if (on_each_lp(&each, on_cpus))
		return true;
	tdx_status_format(text, sizeof(text), each.failure);
	snprintf(why, size, "%s failed on CPU %*pbl: %s", tdx_leaf_name(each.leaf),
		 cpumask_pr_args(&lps_left), text);
	return false;
}

/* ---- newer: as a whole ---- */

struct one_lp {
	u64 leaf;
	u64 status;
};

static void one_lp_call(void *arg)
{
	struct one_lp *one = arg;

	one->status = tdx_call_once(one->leaf, &(struct tdx_regs){});
}

/* On this CPU if it is an LP, which it nearly always is. */
static u64 call_some_lp(u64 leaf)
{
	struct one_lp one = { .leaf = leaf, .status = TDX_SW_ERROR };
	int cpu = get_cpu();

	if (cpumask_test_cpu(cpu, &tdx_lps)) {
		one_lp_call(&one);
	} else {
		cpu = cpumask_any_and(&tdx_lps, cpu_online_mask);
		if (cpu < nr_cpu_ids)
			smp_call_function_single(cpu, one_lp_call, &one, true);
	}
	put_cpu();
	return one.status;
}

static void tell_progress(u32 steps)
{
	tdx_progress("shutdown", steps, 0);
	if (steps >= STEPS_TO_TELL && is_power_of_2(steps))
		pr_info("shutting down the TDX module: %u steps done, more to come\n", steps);
}

/*
 * An interrupted call has got on, by the ABI: it is resumed at once and for as long as it
 * takes, which depends on how much memory TDs have been given.  A busy one has not: other
 * calls are still inside, and new ones are locked out.
 */
static u64 disable(void)
{
	struct tdx_tries tries = {};
	u32 steps = 0;
	u64 status;

	do {
		status = call_some_lp(TDH_SYS_DISABLE);
		while (tdx_status_name_bits(status) == TDX_INTERRUPTED_RESUMABLE) {
			tell_progress(++steps);
			tries = (struct tdx_tries){};
			cond_resched();
			status = call_some_lp(TDH_SYS_DISABLE);
		}
	} while (tdx_try_again(&tries, status));
	return status;
}

static bool shut_down_whole(char *why, size_t size)
{
	u64 status = disable();
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

/* ---- either way ---- */

static bool is_down(u64 status)
{
	return tdx_status_name_bits(status) == TDX_SYS_SHUTDOWN || status == TDX_SW_VMFAILINVALID;
}

/*
 * Success is no proof, since the leaf may be a placeholder: each LP is asked.  A leaf that
 * only reads, and of no page; a TDX module that is up calls the operand invalid.
 */
static bool is_shut_down(tdx_on_cpus_t on_cpus, char *why, size_t size)
{
	struct tdx_each each = {
		.leaf = TDH_PHYMEM_PAGE_RDMD, .regs.rcx = ~0ULL, .wanted = is_down,
	};

	if (on_each_lp(&each, on_cpus))
		return true;
	snprintf(why, size, "it says that it was shut down, and still answers on CPU %*pbl",
		 cpumask_pr_args(&lps_left));
	return false;
}

/*
 * True if no leaf can run any more on any online LP; else @why, of @size bytes, says what
 * stands in the way.  LPs that are offline run nothing, and refuse like the others when
 * they come back.
 */
bool tdx_shut_down(tdx_on_cpus_t on_cpus, char *why, size_t size)
{
	bool done = is_tdx_1_0() ? shut_down_lps(on_cpus, why, size) :
				   shut_down_whole(why, size);

	return done && is_shut_down(on_cpus, why, size);
}

/*
 * PAMT memory goes back to the kernel only when the TDX module cannot touch it any more.
 * Before READY it never has: PAMTs are written by TDMR.INIT and later leaves alone, which
 * a module that is not ready refuses.  After READY the order is: no leaf can run
 * (tdx_shut_down()), then private lines leave the caches and the memory
 * (tdx_reclaim_pamts()), then the pages are freed.  A call after the write-back could
 * dirty lines again, and a page freed before it could be overwritten by one of them.  If
 * a step fails the memory is kept for good, and counted.
 */
void tdx_release_pamts(enum tdx_reach reach)
{
	struct tdmr_plan *plan = tdx_host.plan;
	bool safe = reach != TDX_REACH_READY;
	char why[TDX_ERROR_LEN] = "";

	if (reach != TDX_REACH_NOTHING && tdx_shut_down(tdx_on_cpus_short, why, sizeof(why)))
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
		pr_warn("a kernel started by kexec may see machine checks in them: restart the machine through its firmware instead\n");
}

void tdx_drop_plan(void)
{
	kvfree(tdx_host.plan);
	tdx_host.plan = NULL;
}

/*
 * No leaf of the old TDX module can run: the SEAM loader blocked it on the first call of
 * SEAMLDR.INSTALL and has overwritten it.  A new one knows no PAMT before TDH.SYS.CONFIG, which
 * the state does not let anybody call.  Then, as above: write back, reset, free.
 */
void tdx_take_back_pamts(void)
{
	char why[TDX_ERROR_LEN] = "";

	if (!tdx_host.plan)
		return;
	if (tdx_reclaim_pamts(tdx_host.plan, why, sizeof(why))) {
		tdx_pamt_free(tdx_host.plan);
		tdx_host.kept_bytes = 0;
	} else {
		tdx_host.kept_bytes = tdx_host.plan->pamt_bytes;
		pr_warn("%llu KB that were PAMT are lost until the machine restarts: %s\n",
			tdx_host.plan->pamt_bytes >> 10, why);
	}
	tdx_drop_plan();
}

void tdx_bringdown(void)
{
	tdx_memory_lock();
	tdx_cpus_allow_init(false);
	tdx_memory_cover(NULL);
	tdx_release_pamts(TDX_REACH_READY);
	tdx_drop_plan();
	tdx_memory_unlock();
}

/* ---- on the way into another kernel ---- */

struct ipi {
	int (*fn)(void *arg);
	void *arg;
};

static struct cpumask ipi_done;		/* where the function has returned 0 */

static void ipi_fn(void *info)
{
	struct ipi *ipi = info;

	if (!ipi->fn(ipi->arg))
		cpumask_set_cpu(smp_processor_id(), &ipi_done);
}

/* tdx_on_cpus_short() by IPI from the start: no real-time task can hold it up. */
static int on_cpus_by_ipi(struct cpumask *cpus, int (*fn)(void *arg), void *arg)
{
	struct ipi ipi = { .fn = fn, .arg = arg };

	cpumask_clear(&ipi_done);
	on_each_cpu_mask(cpus, ipi_fn, &ipi, true);
	cpumask_andnot(cpus, cpus, &ipi_done);
	return cpumask_weight(cpus);
}

/*
 * TDs that still live have memory that was written under their KeyIDs, and only KVM knows
 * where it is.
 */
static void warn_of_tds(u32 nr)
{
	if (nr && tdx_platform.partial_write_mce)
		pr_crit("a kernel started by kexec is not safe: %u TDs still hold memory, and on this CPU a partial write to a line of it causes a machine check (partial-write erratum); end TDs before kexec, or restart the machine through its firmware\n",
			nr);
}

/*
 * KVM has left VMX operation on every CPU (power.c), so no vCPU makes a call any more, and
 * ours below are the last.  Then the order is: every cache is written back, then PAMTs
 * are reset; the other way round a private line could leave a cache over what was reset.
 *
 * A TDX module that is still up while TDs live would find their pages' entries reset.  So
 * PAMTs are reset only if it is shut down or no guest KeyID is held: then nothing is left
 * that could be run.  No KeyID is handed out meanwhile: the state is no longer initialized.
 *
 * No cpus_read_lock(): a hotplug operation that waits for a starved CPU would hold us up.
 * In syscore shutdown the kernel has turned hotplug off; in the notifier a CPU that goes
 * offline writes its own caches back (mwait_play_dead() and hlt_play_dead()).
 */
void tdx_quiesce(void)
{
	char why[TDX_ERROR_LEN] = "";
	u32 nr_tds;
	bool down;

	tdx_cpus_allow_init(false);
	down = tdx_shut_down(on_cpus_by_ipi, why, sizeof(why));
	nr_tds = tdx_keyids_in_use();
	warn_of_tds(nr_tds);
	tdx_write_back_now();
	if (!down && nr_tds)
		pr_info("PAMTs stay with the TDX module, which still has TDs: %s\n", why);
	else if (!tdx_reset_pamts_here(tdx_host.plan, why, sizeof(why)))
		pr_warn("PAMT memory could not be reset, so a kernel started by kexec may see machine checks in it: %s\n",
			why);
}
