// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bring-up, step by step.  Everything that can be planned, checked or allocated
 * comes before TDH.SYS.CONFIG, the first call that cannot be taken back: until
 * then a failure leaves no trace but TDH.SYS.INIT and LP.INIT, which a later
 * attempt finds done and goes on from.
 */
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/sched/isolation.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "host.h"
#include "tdmr_check.h"

static char *coverage = "online";
module_param(coverage, charp, 0444);
MODULE_PARM_DESC(coverage, "memory TDs can use: online (RAM online now) or convertible (all the BIOS allows, so RAM onlined later too)");

static char *policy = "strict";
module_param(policy, charp, 0444);
MODULE_PARM_DESC(policy, "RAM no TDMR can cover: strict (bring-up fails) or best-effort (left out and reported)");

struct tdx_host tdx_host;

struct bringup {
	struct cpumask cpus, able;	/* scratch */
	struct cpumask failed;
	struct tdx_memory mem;
	struct tdmr_input input;
	struct tdmr_planner *planner;
	struct tdx_pamt_pool *pool;
	bool resumed;			/* TDH.SYS.INIT was done before us */
	bool memory_locked;
	bool placed;			/* the plan's PAMTs are allocated */
	struct cpumask woken;		/* CPUs brought online for this */
	bool awake;			/* it has been tried */
	enum tdx_reach reach;	/* decides what a failure has to undo */
};

/* ---- progress ---- */

static struct {
	const char *step;
	u32 total;
	atomic_t done;
} progress = { .step = "idle" };

void tdx_progress(const char *step, u32 done, u32 total)
{
	WRITE_ONCE(progress.step, step);
	WRITE_ONCE(progress.total, total);
	atomic_set(&progress.done, done);
}

void tdx_progress_tick(void)
{
	atomic_inc(&progress.done);
}

/* Three values read one after the other: for the eye, not for a decision. */
int tdx_progress_show(char *buf, size_t size)
{
	return scnprintf(buf, size, "%s %d %u\n", READ_ONCE(progress.step),
			 atomic_read(&progress.done), READ_ONCE(progress.total));
}

/* ---- the module and the CPUs ---- */

struct leaf_call {
	u64 leaf;
	struct tdx_regs regs;
	u64 status;
};

static int leaf_fn(void *arg)
{
	struct leaf_call *call = arg;

	call->status = tdx_call(call->leaf, &call->regs);
	return 0;
}

u64 tdx_call_on_lp(u64 leaf, struct tdx_regs *regs)
{
	struct leaf_call call = { .leaf = leaf, .regs = *regs };
	int cpu = cpumask_any_and(&tdx_lps, cpu_online_mask);

	if (cpu >= nr_cpu_ids) {
		preempt_disable();	/* it looks from this CPU on */
		cpu = housekeeping_any_cpu(HK_TYPE_WQ);
		preempt_enable();
	}
	if (tdx_on_cpus(cpumask_of(cpu), leaf_fn, &call, NULL))
		return TDX_SW_ERROR;
	*regs = call.regs;
	return call.status;
}

static int already_initialized(void)
{
	tdx_error("the TDX module was initialised before, by another kernel or driver: it can be once per load; power-cycle the machine or update the module");
	return -EINVAL;
}

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
		/* An attempt that stopped before CONFIG can be gone on from. */
		b->resumed = true;
		return 0;
	}
	tdx_error_call(TDH_SYS_INIT, status, NULL);
	return status == TDX_SW_VMFAILINVALID ? -ENODEV : -EINVAL;
}

/* Runs LP.INIT on the CPUs of @mask that have not had it.  0 or -EINVAL. */
static int lp_init_on(struct bringup *b, const struct cpumask *mask)
{
	u64 status = 0;
	char where[128];
	int ret;

	cpumask_andnot(&b->cpus, mask, &tdx_lps);
	if (cpumask_empty(&b->cpus))
		return 0;
	ret = tdx_on_cpus(&b->cpus, tdx_lp_init, &status, &b->failed);
	if (ret <= 0)
		return ret;
	if (b->resumed && tdx_status_name_bits(status) == TDX_SYS_LP_INIT_NOT_PENDING)
		return already_initialized();
	snprintf(where, sizeof(where), "on CPU %*pbl", cpumask_pr_args(&b->failed));
	tdx_error_call(TDH_SYS_LP_INIT, status, where);
	return 0;	/* whether the module can do without them, it says next */
}

/*
 * Does the module accept a configuration with the LPs initialised so far?  It
 * checks that before it looks at the operands, and those are invalid here on
 * purpose: the call cannot succeed, and changes nothing.
 */
static u64 probe_config(void)
{
	return tdx_call_on_lp(TDH_SYS_CONFIG, &(struct tdx_regs){ .rcx = 1 });
}

/* Why the module refuses a configuration: the most useful of what can be said. */
static int explain_not_pending(struct bringup *b)
{
	/* Misaligned on purpose: answered before any PAMT is looked at. */
	struct tdx_regs misaligned = { .rcx = 1 };
	u64 status;

	if (b->resumed) {
		status = tdx_call_on_lp(TDH_PHYMEM_PAGE_RDMD, &misaligned);
		if (tdx_status_name_bits(status) != TDX_SYS_NOT_READY)
			return already_initialized();
	}
	if (!cpumask_subset(&b->failed, &tdx_lps))
		return -EINVAL;		/* said already, CPU by CPU */
	cpumask_andnot(&b->cpus, cpu_present_mask, cpu_online_mask);
	if (!cpumask_empty(&b->cpus) && tdx_cpus_may_wake() && !b->awake)
		return -EAGAIN;
	if (!cpumask_empty(&b->cpus))
		tdx_error("this TDX module wants every CPU initialised before it is configured, and CPUs %*pbl are offline: bring them online (/sys/devices/system/cpu/cpuN/online, or smt/control where SMT is off) and load tdx_host again, or load it with offline_cpus=online",
			  cpumask_pr_args(&b->cpus));
	else if (b->resumed)
		return already_initialized();
	else
		tdx_error("the TDX module wants more CPUs initialised than the %u this kernel has: remove maxcpus= or nr_cpus= from its command line",
			  num_online_cpus());
	return -EINVAL;
}

static int check_lps(struct bringup *b, u64 status)
{
	switch (tdx_status_name_bits(status)) {
	case TDX_OPERAND_INVALID:
		/* A CPU that failed and then did not is no error to keep. */
		if (cpumask_subset(&b->failed, &tdx_lps))
			tdx_error_forget();
		return 0;
	case TDX_SYS_CONFIG_NOT_PENDING:
		return explain_not_pending(b);
	}
	tdx_error_call(TDH_SYS_CONFIG, status, NULL);
	return -EINVAL;
}

/*
 * LP.INIT where latency-critical code does not run, and on one CPU of each
 * package; on the isolated CPUs only if the module then says it needs them.
 */
static int step_lp_init(struct bringup *b)
{
	struct cpumask *wanted = &b->cpus;
	u64 status;
	int err;

	tdx_isolated_cpus(wanted);
	cpumask_andnot(wanted, cpu_online_mask, wanted);
	err = lp_init_on(b, wanted);
	if (err)
		return err;
	tdx_cpu_per_package(wanted, cpu_online_mask, &tdx_lps);
	err = lp_init_on(b, wanted);
	if (err)
		return err;
	if (!cpumask_intersects(&tdx_lps, cpu_online_mask))
		return -EINVAL;

	status = probe_config();
	if (tdx_status_name_bits(status) == TDX_SYS_CONFIG_NOT_PENDING) {
		err = lp_init_on(b, cpu_online_mask);
		if (err)
			return err;
		status = probe_config();
	}
	return check_lps(b, status);
}

static int step_sysinfo(struct bringup *b)
{
	int err = tdx_sysinfo_get(&tdx_host.sysinfo);

	tdx_host.sysinfo_valid = !err;
	if (!err)
		tdx_seamldr_get(&tdx_host.seamldr);
	return err;
}

/* ---- the plan ---- */

/*
 * The lock is taken here and not before: bringing CPUs online may have to wait
 * for someone who onlines memory and waits for it.
 */
static int step_memory(struct bringup *b)
{
	tdx_memory_lock();
	b->memory_locked = true;
	return tdx_memory_get(&b->mem);
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
		.ram = b->mem.ram, .nr_ram = b->mem.nr,
		.cmr = si->cmrs, .nr_cmr = si->nr_cmrs,
		.limits = si->limits,
		.coverage = strcmp(coverage, "online") ? TDMR_COVER_CONVERTIBLE : TDMR_COVER_ONLINE,
		.policy = strcmp(policy, "strict") ? TDMR_BEST_EFFORT : TDMR_STRICT,
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
		tdx_error("no plan covers this machine's RAM with %u TDMRs of %u reserved areas",
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
		tdx_error("PAMTs and reserved areas do not fit %u TDMRs of %u reserved areas",
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
	tdx_error_call(TDH_SYS_CONFIG, status, "in our own check, before the call");
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
static int step_key_config(struct bringup *b)
{
	struct leaf_call call = { .leaf = TDH_SYS_KEY_CONFIG };
	char where[32];
	int cpu, err;

	cpumask_and(&b->able, &tdx_lps, cpu_online_mask);
	tdx_cpu_per_package(&b->cpus, &b->able, cpu_none_mask);
	for_each_cpu(cpu, &b->cpus) {
		call.regs = (struct tdx_regs){};
		err = tdx_on_cpus(cpumask_of(cpu), leaf_fn, &call, NULL);
		if (err)
			return err;
		/* Configured already is a warning, not an error. */
		if (call.status & TDX_STATUS_ERROR) {
			snprintf(where, sizeof(where), "on CPU %d", cpu);
			tdx_error_call(TDH_SYS_KEY_CONFIG, call.status, where);
			return -EINVAL;
		}
	}
	b->reach = TDX_REACH_READY;
	return 0;
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
	{ "sysinfo", step_sysinfo },
	{ "memory", step_memory },	/* from here no memory comes online */
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
	tdx_host.steps[i].us += ktime_us_delta(ktime_get(), start);
	return err;
}

/*
 * The step needs CPUs that are offline, and may have them.  CPU hotplug is let
 * in for that: nothing but LP.INIT has been done, which stays done.
 */
static int wake_cpus(struct bringup *b)
{
	int err;

	b->awake = true;
	cpus_read_unlock();
	err = tdx_cpus_wake(&b->woken);
	cpus_read_lock();
	return err;
}

static int run_steps(struct bringup *b)
{
	u32 i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(steps) && !err; i++) {
		err = run_step(b, i);
		if (err == -EAGAIN) {
			err = wake_cpus(b);
			if (!err)
				err = run_step(b, i);
		}
	}
	tdx_progress("idle", 0, 0);
	return err;
}

/* ---- the way back ---- */

static void undo(struct bringup *b)
{
	if (b->placed)
		tdx_release_pamts(b->reach);
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
	tdx_memory_put(&b->mem);
	if (b->memory_locked)
		tdx_memory_unlock();
	tdx_cpus_allow_init(!err);
}

/*
 * CPUs neither come nor go from the first call to the last (but for those woken
 * here), and no memory comes online from the walk over RAM to the end.
 */
int tdx_bringup(void)
{
	struct bringup *b = kzalloc(sizeof(*b), GFP_KERNEL);
	ktime_t start = ktime_get();
	int err;

	if (!b) {
		tdx_error("no memory for bring-up");
		return -EINVAL;
	}
	cpus_read_lock();
	err = run_steps(b);
	finish(b, err);
	cpus_read_unlock();
	tdx_cpus_sleep(&b->woken);
	kfree(b);

	tdx_host.init_time_us = ktime_us_delta(ktime_get(), start);
	if (!err)
		pr_info("module initialized\n");
	return err == 0 || err == -ENODEV ? err : -EINVAL;
}
