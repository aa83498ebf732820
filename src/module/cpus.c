// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work on CPUs.  Each per-CPU step is a work item bound to its CPU: no IPI, and no
 * CPU spins for another.  What runs there is scheduled away for the few
 * microseconds of the step instead of being interrupted.
 */
#include <linux/cpu.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/sched/isolation.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <linux/workqueue.h>

#include "host.h"

static char *cpus;
module_param(cpus, charp, 0444);
MODULE_PARM_DESC(cpus, "CPUs for the heavy work of bring-up, as a list (default: the housekeeping CPUs)");

struct cpumask tdx_lps;

static struct workqueue_struct *wq;
static struct cpumask heavy_wish;	/* cpus=; empty: not given */

struct cpu_work {
	struct work_struct work;
	int (*fn)(void *arg);
	void *arg;
	int ret;
};

static void cpu_work_fn(struct work_struct *work)
{
	struct cpu_work *w = container_of(work, struct cpu_work, work);

	w->ret = w->fn(w->arg);
}

int tdx_on_cpus(const struct cpumask *mask, int (*fn)(void *arg), void *arg,
		struct cpumask *failed)
{
	struct cpu_work __percpu *works = alloc_percpu(struct cpu_work);
	int cpu, nr_failed = 0;

	if (!works)
		return -ENOMEM;
	for_each_cpu(cpu, mask) {
		struct cpu_work *w = per_cpu_ptr(works, cpu);

		INIT_WORK(&w->work, cpu_work_fn);
		w->fn = fn;
		w->arg = arg;
		queue_work_on(cpu, wq, &w->work);
	}
	for_each_cpu(cpu, mask) {
		struct cpu_work *w = per_cpu_ptr(works, cpu);

		flush_work(&w->work);
		if (w->ret && failed)
			cpumask_set_cpu(cpu, failed);
		nr_failed += w->ret != 0;
	}
	free_percpu(works);
	return nr_failed;
}

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
	/* Someone has to do it. */
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

/* ---- one leaf, somewhere ---- */

struct leaf_call {
	u64 leaf;
	struct tdx_regs *regs;
	u64 status;
};

static int leaf_fn(void *arg)
{
	struct leaf_call *call = arg;

	call->status = tdx_call(call->leaf, call->regs);
	return 0;
}

int tdx_call_on(int cpu, u64 leaf, struct tdx_regs *regs, u64 *status)
{
	struct leaf_call call = { .leaf = leaf, .regs = regs };
	int err = tdx_on_cpus(cpumask_of(cpu), leaf_fn, &call, NULL);

	*status = err ? TDX_SW_ERROR : call.status;
	return err;
}

u64 tdx_call_on_lp(u64 leaf, struct tdx_regs *regs)
{
	int cpu = cpumask_any_and(&tdx_lps, cpu_online_mask);
	u64 status;

	if (cpu >= nr_cpu_ids) {
		preempt_disable();	/* it looks from this CPU on */
		cpu = housekeeping_any_cpu(HK_TYPE_WQ);
		preempt_enable();
	}
	tdx_call_on(cpu, leaf, regs, &status);
	return status;
}

int tdx_cpus_start(void)
{
	if (cpus && (cpulist_parse(cpus, &heavy_wish) || cpumask_empty(&heavy_wish))) {
		pr_err("invalid CPU list '%s' for cpus: use numbers and ranges such as 0-3,8\n", cpus);
		return -EINVAL;
	}
	wq = alloc_workqueue("tdx_host", WQ_PERCPU | WQ_CPU_INTENSIVE, 0);
	return wq ? 0 : -ENOMEM;
}

void tdx_cpus_stop(void)
{
	destroy_workqueue(wq);
}
