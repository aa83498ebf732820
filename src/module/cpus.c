// SPDX-License-Identifier: GPL-2.0-only
/* Which CPUs do which work, and calls of a leaf on another CPU or on many CPUs. */
#include <linux/cpu.h>
#include <linux/moduleparam.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/sched/isolation.h>
#include <linux/smp.h>
#include <linux/topology.h>

#include "host.h"

static char *cpus;
module_param(cpus, charp, 0444);
MODULE_PARM_DESC(cpus, "CPUs for the heavy work of bring-up, as a list (default: the housekeeping CPUs)");

struct cpumask tdx_lps;

static struct cpumask heavy_wish;	/* cpus=; empty: not given */

void tdx_isolated_cpus(struct cpumask *mask)
{
	int cpu;

	cpumask_clear(mask);
	for_each_online_cpu(cpu)
		if (!housekeeping_test_cpu(cpu, HK_TYPE_DOMAIN) ||
		    !housekeeping_test_cpu(cpu, HK_TYPE_WQ))
			cpumask_set_cpu(cpu, mask);
}

void tdx_heavy_cpus(struct cpumask *mask)
{
	if (!cpumask_empty(&heavy_wish)) {
		cpumask_and(mask, &heavy_wish, &tdx_lps);
	} else {
		tdx_isolated_cpus(mask);
		cpumask_andnot(mask, &tdx_lps, mask);
	}
	cpumask_and(mask, mask, cpu_online_mask);
	cpumask_andnot(mask, mask, &tdx_silent_cpus);
	/* No CPU qualifies, but the work has to be done. */
	if (cpumask_empty(mask))
		cpumask_and(mask, &tdx_lps, cpu_online_mask);
}

static bool has_package_of(const struct cpumask *mask, int cpu)
{
	int other;

	for_each_cpu(other, mask)
		if (topology_physical_package_id(other) == topology_physical_package_id(cpu))
			return true;
	return false;
}

void tdx_cpu_per_package(struct cpumask *mask, const struct cpumask *from,
			 const struct cpumask *have)
{
	int cpu;

	cpumask_clear(mask);
	for_each_cpu(cpu, from)
		if (!has_package_of(mask, cpu) && !has_package_of(have, cpu))
			cpumask_set_cpu(cpu, mask);
}

/* ---- one leaf on one CPU ---- */

struct leaf_call {
	u64 leaf;
	struct tdx_regs *regs;
	u64 status;
};

static int leaf_fn(void *arg)
{
	struct leaf_call *call = arg;

	call->status = tdx_call_once(call->leaf, call->regs);
	return 0;
}

u64 tdx_call_on(int cpu, u64 leaf, struct tdx_regs *regs)
{
	struct leaf_call call = { .leaf = leaf, .regs = regs };
	const struct tdx_regs in = *regs;
	struct tdx_tries tries = {};

	do {
		*regs = in;
		tdx_on_cpu_short(cpu, leaf_fn, &call);
	} while (tdx_try_again(&tries, call.status));
	return call.status;
}

/* This CPU if it is initialised; else another one, a silent one only if all are. */
static int some_lp(void)
{
	int cpu = raw_smp_processor_id();

	if (cpumask_test_cpu(cpu, &tdx_lps))
		return cpu;
	for_each_cpu_and(cpu, &tdx_lps, cpu_online_mask)
		if (!cpumask_test_cpu(cpu, &tdx_silent_cpus))
			return cpu;
	cpu = cpumask_any_and(&tdx_lps, cpu_online_mask);
	if (cpu < nr_cpu_ids)
		return cpu;
	preempt_disable();	/* housekeeping_any_cpu() asks which CPU this is */
	cpu = housekeeping_any_cpu(HK_TYPE_WQ);
	preempt_enable();
	return cpu;
}

u64 tdx_call_on_lp(u64 leaf, struct tdx_regs *regs)
{
	return tdx_call_on(some_lp(), leaf, regs);
}

/* ---- one leaf on many CPUs ---- */

static int each_fn(void *arg)
{
	struct tdx_each *each = arg;
	struct tdx_regs regs = each->regs;	/* each->regs is for all CPUs */
	u64 status = tdx_call_once(each->leaf, &regs);

	if (each->wanted(status))
		return 0;
	WRITE_ONCE(each->failure, status);
	return -EIO;
}

int tdx_call_on_each(struct cpumask *cpus, struct tdx_each *each, tdx_on_cpus_t on_cpus)
{
	struct tdx_tries tries = {};
	int left;

	do {
		left = on_cpus(cpus, each_fn, each);
	} while (left && tdx_try_again(&tries, each->failure));
	return left;
}

int tdx_cpus_start(void)
{
	if (cpus && (cpulist_parse(cpus, &heavy_wish) || cpumask_empty(&heavy_wish))) {
		pr_err("invalid CPU list '%s' for cpus: use numbers and ranges such as 0-3,8\n", cpus);
		return -EINVAL;
	}
	return tdx_cpu_work_start();
}

void tdx_cpus_stop(void)
{
	tdx_cpu_work_stop();
}
