// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bring-up, step by step.  All planning, checks and allocations come before
 * TDH.SYS.CONFIG, the first call that cannot be undone.  Until then a failure leaves
 * nothing behind except TDH.SYS.INIT and LP.INIT, which the next attempt finds done.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "host.h"
#include "tdmr_check.h"
#include "words.h"

static const char * const coverage_words[] = {
	[TDMR_COVER_ONLINE] = "online", [TDMR_COVER_CONVERTIBLE] = "convertible", NULL
};
static struct tdx_words coverage = { coverage_words, TDMR_COVER_ONLINE };
tdx_words_param(coverage, coverage);
MODULE_PARM_DESC(coverage, "memory that TDs can use: online (RAM that is online at bring-up) or convertible (all that the BIOS allows, so also RAM brought online later)");

static const char * const policy_words[] = {
	[TDMR_STRICT] = "strict", [TDMR_BEST_EFFORT] = "best-effort", NULL
};
static struct tdx_words policy = { policy_words, TDMR_STRICT };
tdx_words_param(policy, policy);
MODULE_PARM_DESC(policy, "what to do with RAM that no TDMR can cover: strict (fail) or best-effort (leave it out and report it)");

struct bringup {
	struct tdx_lps_run lps;
	bool asleep;		/* the TDX module wants CPUs that are offline */
	const struct tdx_window *window;
	struct cpumask *woken;	/* CPUs brought online in it; both NULL: none can be */
	struct tdx_ram ram;
	bool memory_locked;
	struct tdmr_input input;
	struct tdmr_planner *planner;
	struct tdx_pamt_pool *pool;
	bool placed;		/* the plan's PAMTs are allocated */
	enum tdx_reach reach;	/* decides what a failure has to undo */
};

/* ---- the module and the CPUs ---- */

static int step_vmx(struct bringup *b)
{
	return tdx_vmx_prepare();
}

static int step_sys_init(struct bringup *b)
{
	u64 status = tdx_call_on_lp(TDH_SYS_INIT, &(struct tdx_regs){});

	switch (tdx_status_name_bits(status)) {
	case TDX_SUCCESS:
		return 0;
	case TDX_SYS_INIT_NOT_PENDING:
		/* An attempt that stopped before CONFIG can be continued. */
		b->lps.resumed = true;
		return 0;
	}
	if (status != TDX_SW_VMFAILINVALID) {
		tdx_error_call_platform(TDH_SYS_INIT, status);
		return -EINVAL;
	}
	tdx_seamldr_get(&tdx_host.seamldr);
	if (tdx_host.seamldr.valid)
		tdx_error("no TDX module is loaded, but the SEAM loader is there and can install one: tdxhost module install FILE");
	else
		tdx_error_call_platform(TDH_SYS_INIT, status);
	return -ENODEV;
}

static int step_lp_init(struct bringup *b)
{
	int ret = tdx_lps_init(&b->lps);

	b->asleep = ret == TDX_LPS_ASLEEP;
	return b->asleep ? 0 : ret;
}

/*
 * offline_cpus=online: CPUs that the TDX module wants are brought online, which
 * needs the CPU hotplug lock.  So ours is released in a window: nothing but LP.INIT has been
 * done, and that stays done whichever CPUs come and go.
 */
static int step_wake_cpus(struct bringup *b)
{
	int err;

	if (!b->asleep)
		return 0;
	b->lps.awake = true;
	b->window->open();
	err = tdx_cpus_wake(b->woken);
	if (!b->window->close()) {
		tdx_error("bring-up was given up while CPUs came online: another kernel is about to be started");
		return -EINVAL;
	}
	return err ?: tdx_lps_init(&b->lps);
}

static int step_sysinfo(struct bringup *b)
{
	struct tdx_sysinfo *si = &tdx_host.sysinfo;
	int err = tdx_sysinfo_get(si);

	if (err)
		return err;
	tdx_td_sysinfo_set(si);
	tdx_seamldr_get(&tdx_host.seamldr);
	return 0;
}

/* ---- the plan ---- */

/* Locked no earlier: CPUs that come online may wait for someone who onlines memory. */
static int step_memory(struct bringup *b)
{
	tdx_memory_lock();
	b->memory_locked = true;
	return tdx_ram_get(&b->ram);
}

static void print_excluded(const struct tdmr_planner *planner)
{
	const struct tdmr_excluded *x;

	for (x = planner->excluded; x < planner->excluded + planner->nr_excluded; x++)
		pr_warn("left out of TDX memory: [0x%llx, 0x%llx): %s\n", x->start, x->end,
			tdmr_reason_text(x->reason));
}

static int step_plan(struct bringup *b)
{
	const struct tdx_sysinfo *si = &tdx_host.sysinfo;
	const struct tdmr_excluded *first;
	int err;

	tdx_host.plan = kvzalloc(sizeof(*tdx_host.plan), GFP_KERNEL);
	b->planner = kvzalloc(sizeof(*b->planner), GFP_KERNEL);
	if (!tdx_host.plan || !b->planner) {
		tdx_error("no memory to plan TDMRs");
		return -EINVAL;
	}
	b->input = (struct tdmr_input){
		.ram = b->ram.range, .nr_ram = b->ram.nr,
		.cmr = si->cmrs, .nr_cmr = si->nr_cmrs,
		.limits = si->limits,
		.coverage = coverage.value,
		.policy = policy.value,
	};
	err = tdmr_plan(b->planner, &b->input, tdx_host.plan);
	print_excluded(b->planner);
	if (!err)
		return 0;
	first = &b->planner->excluded[0];
	if (err == -ENOSPC && b->planner->nr_excluded)
		tdx_error("%u ranges of RAM cannot be TDX memory, the first is [0x%llx, 0x%llx) (%s): policy=best-effort leaves them out",
			  b->planner->nr_excluded, first->start, first->end,
			  tdmr_reason_text(first->reason));
	else
		tdx_error("no plan covers this machine's RAM with %u TDMRs of %u reserved areas each",
			  si->limits.max_tdmrs, si->limits.max_reserved);
	return -EINVAL;
}

static void explain_fragmented(struct bringup *b)
{
	const struct tdmr_planner *planner = b->planner;
	u64 found = tdx_pamt_largest(b->pool, planner->wanted, planner->wanted_node);

	tdx_error("no contiguous %llu KB for a PAMT in convertible memory, on node %d or any other; the largest piece found is %llu KB: memory is fragmented; load tdx_host earlier after boot, or free memory (echo 1 > /proc/sys/vm/compact_memory)",
		  planner->wanted >> 10, planner->wanted_node, found >> 10);
}

static int step_pamt(struct bringup *b)
{
	const struct tdmr_map *map = &b->planner->map;
	struct pamt_source src;
	int err;

	b->pool = tdx_pamt_pool_create(map->cmr, map->nr_cmr, tdx_host.plan);
	if (!b->pool) {
		tdx_error("no memory for the list of PAMT pieces");
		return -EINVAL;
	}
	src = tdx_pamt_source(b->pool);
	err = tdmr_place(b->planner, &src);
	if (err == -ENOMEM)
		explain_fragmented(b);
	else if (err)
		tdx_error("PAMTs and reserved areas do not fit into %u TDMRs of %u reserved areas each",
			  tdx_host.sysinfo.limits.max_tdmrs, tdx_host.sysinfo.limits.max_reserved);
	if (err)
		return -EINVAL;
	b->placed = true;
	pr_info("%llu KB allocated for PAMT\n", tdx_host.plan->pamt_bytes >> 10);
	return 0;
}

static int step_check(struct bringup *b)
{
	const struct tdx_sysinfo *si = &tdx_host.sysinfo;
	u64 status = tdmr_check(tdx_host.plan->tdmrs, tdx_host.plan->nr_tdmrs, si->cmrs,
				si->nr_cmrs, &si->limits, tdx_platform.max_pa);

	if (!status)
		return 0;
	tdx_error_call(TDH_SYS_CONFIG, status, "in tdx_host's own check, before the call");
	return -EINVAL;
}

/* ---- the calls that cannot be undone ---- */

static int step_config(struct bringup *b)
{
	int err = tdx_tdmr_config(tdx_host.plan, tdx_host.sysinfo.limits.max_reserved);

	if (!err)
		b->reach = TDX_REACH_CONFIGURED;
	return err;
}

static int step_flush(struct bringup *b)
{
	return tdx_flush_pamts(tdx_host.plan);
}

/* One package after the other: the module serialises them anyway. */
static int key_config_on(const struct cpumask *packages)
{
	struct tdx_regs regs;
	char where[32];
	u64 status;
	int cpu;

	for_each_cpu(cpu, packages) {
		regs = (struct tdx_regs){};
		status = tdx_call_on(cpu, TDH_SYS_KEY_CONFIG, &regs);
		/* Configured already is a warning, not an error. */
		if (status & TDX_STATUS_ERROR) {
			snprintf(where, sizeof(where), "on CPU %d", cpu);
			tdx_error_call(TDH_SYS_KEY_CONFIG, status, where);
			return -EINVAL;
		}
	}
	return 0;
}

/* On a CPU for heavy work where a package has one, on any other where not. */
static int key_config_all(struct cpumask *lps, struct cpumask *packages, struct cpumask *rest)
{
	int err;

	tdx_heavy_cpus(lps);
	tdx_cpu_per_package(packages, lps, cpu_none_mask);
	err = key_config_on(packages);
	if (err)
		return err;
	cpumask_and(lps, &tdx_lps, cpu_online_mask);
	tdx_cpu_per_package(rest, lps, packages);
	return key_config_on(rest);
}

static int step_key_config(struct bringup *b)
{
	struct cpumask *masks = kcalloc(3, sizeof(*masks), GFP_KERNEL);
	int err = -ENOMEM;

	if (masks)
		err = key_config_all(&masks[0], &masks[1], &masks[2]);
	kfree(masks);
	if (!err)
		b->reach = TDX_REACH_READY;
	return err;
}

static int step_tdmr_init(struct bringup *b)
{
	return tdx_tdmr_init(tdx_host.plan);
}

static const struct step {
	const char *name;
	int (*run)(struct bringup *b);
} steps[] = {
	{ "vmx", step_vmx },
	{ "sys_init", step_sys_init },
	{ "lp_init", step_lp_init },
	{ "wake_cpus", step_wake_cpus },	/* CPU hotplug is let in here, and nowhere else */
	{ "sysinfo", step_sysinfo },
	{ "memory", step_memory },		/* from here no memory comes online */
	{ "plan", step_plan },
	{ "pamt", step_pamt },
	{ "check", step_check },
	{ "config", step_config },
	{ "flush", step_flush },
	{ "key_config", step_key_config },
	{ "tdmr_init", step_tdmr_init },
};

static_assert(ARRAY_SIZE(steps) <= TDX_MAX_STEPS);

static int run_step(struct bringup *b, u32 i)
{
	ktime_t start = ktime_get();
	int err;

	tdx_progress(steps[i].name, 0, 1);
	err = steps[i].run(b);
	/* All else a step reports itself. */
	if (err == -ENOMEM)
		tdx_error("no memory for step %s: free some and load tdx_host again%s",
			  steps[i].name,
			  b->reach == TDX_REACH_NOTHING ? "" : " once the machine has restarted");
	tdx_host.steps[i].name = steps[i].name;
	tdx_host.steps[i].us = ktime_us_delta(ktime_get(), start);
	return err;
}

static int run_steps(struct bringup *b)
{
	u32 i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(steps) && !err; i++)
		err = run_step(b, i);
	tdx_progress("idle", 0, 0);
	return err;
}

/* ---- the way back ---- */

/* PAMTs that the TDX module keeps stay in the plan: with another one they can be taken back. */
static void undo(struct bringup *b)
{
	if (b->placed)
		tdx_release_pamts(b->reach);
	if (!tdx_host.kept_bytes)
		tdx_drop_plan();
}

static void finish(struct bringup *b, int err)
{
	if (err)
		undo(b);
	else
		tdx_memory_cover(tdx_host.plan);
	tdx_pamt_pool_destroy(b->pool);
	kvfree(b->planner);
	tdx_ram_put(&b->ram);
	if (b->memory_locked)
		tdx_memory_unlock();
	tdx_cpus_allow_init(!err);
	if (!err)
		tdx_lps_tell_missing();
}

/*
 * CPUs neither come nor go from the first call to the last (but for those woken in the
 * window), and no memory comes online from the walk over RAM to the end.
 */
int tdx_bringup(const struct tdx_window *window, struct cpumask *woken)
{
	struct bringup *b = kzalloc(sizeof(*b), GFP_KERNEL);
	ktime_t start = ktime_get();
	int err;

	if (!b) {
		tdx_error("no memory for bring-up");
		return -EINVAL;
	}
	b->window = window;
	b->woken = woken;
	b->lps.cpus_locked = !window;
	err = run_steps(b);
	finish(b, err);
	kfree(b);

	tdx_host.init_time_us = ktime_us_delta(ktime_get(), start);
	if (!err)
		pr_info("module initialized\n");
	return err == 0 || err == -ENODEV ? err : -EINVAL;
}
