// SPDX-License-Identifier: GPL-2.0-only
/*
 * Work on CPUs.  Each per-CPU step is a work item bound to its CPU: no IPI, no
 * CPU spins for another, and whoever runs there is scheduled away for the few
 * microseconds the step takes instead of being interrupted.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/moduleparam.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/sched/isolation.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <linux/workqueue.h>
#include <asm/special_insns.h>

#include "host.h"

static char *cpus;
module_param(cpus, charp, 0444);
MODULE_PARM_DESC(cpus, "CPUs that do the heavy work of bring-up, as a list (default: the housekeeping CPUs)");

static char *offline_cpus = "fail";
module_param(offline_cpus, charp, 0444);
MODULE_PARM_DESC(offline_cpus, "offline CPUs the TDX module needs: fail (say which) or online (bring them up for bring-up, then down again)");

struct cpumask tdx_lps;

static struct workqueue_struct *wq;
static struct cpumask heavy_wish;	/* cpus=; empty: not given */
static enum cpuhp_state hotplug_state;
static bool init_allowed;		/* written under cpus_read_lock() */

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

/* On the CPU itself.  @arg: where the status of a failure goes, or NULL. */
int tdx_lp_init(void *arg)
{
	struct tdx_regs regs = {};
	u64 status = tdx_call(TDH_SYS_LP_INIT, &regs);
	u64 *failure = arg;

	/* Done before: by an attempt that this boot has unloaded, or before kexec. */
	if (status == TDX_SUCCESS || tdx_status_name_bits(status) == TDX_SYS_LP_INIT_DONE) {
		cpumask_set_cpu(raw_smp_processor_id(), &tdx_lps);
		return 0;
	}
	if (failure)
		WRITE_ONCE(*failure, status);
	return -EIO;
}

void tdx_cpus_allow_init(bool allow)
{
	init_allowed = allow;
}

static bool last_of_package(unsigned int cpu)
{
	int other;

	for_each_online_cpu(other)
		if (other != cpu && has_package_of(cpumask_of(other), cpu))
			return false;
	return true;
}

/*
 * In the hotplug thread of @cpu, before anything else runs there.  A CPU the TDX
 * module refuses still comes online: it only cannot run a TD.
 */
static int came_online(unsigned int cpu)
{
	u64 status = 0;
	char text[160];

	if (!init_allowed || cpumask_test_cpu(cpu, &tdx_lps))
		return 0;
	if (tdx_lp_init(&status)) {
		tdx_status_format(text, sizeof(text), status);
		pr_warn("CPU %u cannot run TDs: %s: %s\n", cpu,
			tdx_leaf_name(TDH_SYS_LP_INIT), text);
	}
	return 0;
}

/*
 * WBINVD: what a TD has left in this core's own caches under a private KeyID is
 * in memory before the core stops taking part.  VMX is never on here: it is only
 * ever borrowed with interrupts off.
 */
static int going_offline(unsigned int cpu)
{
	if (!init_allowed || !cpumask_test_cpu(cpu, &tdx_lps))
		return 0;
	if (tdx_keyids_in_use() && last_of_package(cpu)) {
		pr_err("CPU %u stays online: it is the last of its package, and %u guest KeyIDs are in use, whose keys are torn down package by package\n",
		       cpu, tdx_keyids_in_use());
		return -EBUSY;
	}
	wbinvd();
	return 0;
}

/* ---- offline_cpus=online ---- */

bool tdx_cpus_may_wake(void)
{
	return !strcmp(offline_cpus, "online");
}

/*
 * Not under cpus_read_lock(): the kernel takes the write side.  A CPU that
 * someone brings up meanwhile is theirs, and is left up.
 */
int tdx_cpus_wake(struct cpumask *woken)
{
	int cpu, err, ret = 0;

	cpumask_clear(woken);
	for_each_present_cpu(cpu) {
		if (cpu_online(cpu))
			continue;
		err = add_cpu(cpu);
		if (!err) {
			cpumask_set_cpu(cpu, woken);
			continue;
		}
		if (err == -EPERM)
			tdx_error("CPU %d cannot be brought online: SMT is off; %s", cpu,
				  cpu_smt_possible() ?
				  "echo on > /sys/devices/system/cpu/smt/control" :
				  "boot without nosmt=force");
		else
			tdx_error("CPU %d cannot be brought online: error %d, see the kernel's message above",
				  cpu, err);
		ret = -EINVAL;
	}
	return ret;
}

void tdx_cpus_sleep(const struct cpumask *woken)
{
	int cpu;

	for_each_cpu(cpu, woken)
		if (remove_cpu(cpu))
			pr_warn("CPU %d could not be taken offline again: it stays online\n", cpu);
}

int tdx_cpus_start(void)
{
	int ret;

	if (strcmp(offline_cpus, "fail") && strcmp(offline_cpus, "online")) {
		pr_err("offline_cpus=%s: say fail or online\n", offline_cpus);
		return -EINVAL;
	}
	if (cpus && (cpulist_parse(cpus, &heavy_wish) || cpumask_empty(&heavy_wish))) {
		pr_err("cpus=%s is not a list of CPUs, such as 0-3,8\n", cpus);
		return -EINVAL;
	}
	wq = alloc_workqueue("tdx_host", WQ_PERCPU | WQ_CPU_INTENSIVE, 0);
	if (!wq)
		return -ENOMEM;
	ret = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "x86/tdx_host:online",
					came_online, going_offline);
	if (ret < 0) {
		destroy_workqueue(wq);
		return ret;
	}
	hotplug_state = ret;
	return 0;
}

void tdx_cpus_stop(void)
{
	cpuhp_remove_state_nocalls(hotplug_state);
	destroy_workqueue(wq);
}
