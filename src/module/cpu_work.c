// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions on CPUs, by work items bound to them: no IPI, and no CPU spins for another.
 * What runs there is scheduled away for the moment of the step, not interrupted.
 *
 * A real-time task can keep a CPU to itself for good (SCHED_FIFO with
 * sched_rt_runtime_us=-1): work items of that CPU never run.  So nobody waits without
 * bound for one that has not begun:
 *
 *   a short function is called by an IPI then, on that CPU alone;
 *   a long one is not called there: its work item is taken back.
 */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <linux/smp.h>
#include <linux/workqueue.h>

#include "host.h"

/* How long a CPU may take to begin a work item. */
#define ANSWER_MS	2000

/* Its work items are delayed ones: those every kernel can cancel without waiting. */
static struct workqueue_struct *wq;

/*
 * The last work item was in vain.  Set in the IPI that came instead, or by who took the
 * item back; cleared by the next item that runs.
 */
struct cpumask tdx_silent_cpus;

static bool in_time(struct completion *c, unsigned long deadline)
{
	long left = deadline - jiffies;

	return wait_for_completion_timeout(c, max(left, 0L));
}

/* ---- short functions ---- */

/*
 * A work item that is left behind on a silent CPU may run at any later time, or be about
 * to: so it lasts as long as tdx_host, and finds what there is to call, or nothing.
 */
struct slot {
	struct delayed_work work;
	int cpu;
	atomic_t posted;	/* a function waits to be called */
	struct completion called;
	int (*fn)(void *arg);
	void *arg;
	int ret;
	bool fell_silent;	/* the IPI found the work item still waiting, for the first time */
	u64 ipi_ns;
};

static DEFINE_PER_CPU(struct slot, slots);
static DEFINE_MUTEX(slots_mutex);	/* one caller at a time */

/*
 * On the slot's CPU with interrupts off, so that the work item and the IPI cannot meet in
 * the middle: whichever comes first calls the function, the other finds nothing.
 */
static bool call_posted(struct slot *slot)
{
	if (!atomic_xchg(&slot->posted, 0))
		return false;
	slot->ret = slot->fn(slot->arg);
	complete(&slot->called);
	return true;
}

static void slot_work(struct work_struct *work)
{
	struct slot *slot = container_of(to_delayed_work(work), struct slot, work);
	unsigned long flags;

	cpumask_clear_cpu(slot->cpu, &tdx_silent_cpus);
	local_irq_save(flags);
	/* Elsewhere only if its CPU went offline, and then nothing is posted. */
	if (smp_processor_id() == slot->cpu)
		call_posted(slot);
	local_irq_restore(flags);
}

static void slot_ipi(void *info)
{
	struct slot *slot = info;
	u64 start = ktime_get_mono_fast_ns();

	if (!call_posted(slot))
		return;
	slot->ipi_ns = ktime_get_mono_fast_ns() - start;
	slot->fell_silent = !cpumask_test_and_set_cpu(slot->cpu, &tdx_silent_cpus);
}

static void post(int cpu, int (*fn)(void *arg), void *arg)
{
	struct slot *slot = per_cpu_ptr(&slots, cpu);

	reinit_completion(&slot->called);
	slot->fn = fn;
	slot->arg = arg;
	slot->fell_silent = false;
	/* Pairs with atomic_xchg() in call_posted(). */
	atomic_set_release(&slot->posted, 1);
	queue_delayed_work_on(cpu, wq, &slot->work, 0);
}

/* What the function returned.  A CPU known to be silent is not waited for. */
static int collect(int cpu, unsigned long deadline)
{
	struct slot *slot = per_cpu_ptr(&slots, cpu);

	if (cpumask_test_cpu(cpu, &tdx_silent_cpus))
		deadline = jiffies;
	if (in_time(&slot->called, deadline))
		return slot->ret;
	smp_call_function_single(cpu, slot_ipi, slot, true);
	if (slot->fell_silent)
		pr_warn("CPU %d began no work item in %u ms, as if a real-time task kept it to itself: calls there are made in interrupts from now on, the first took %llu us\n",
			cpu, ANSWER_MS, slot->ipi_ns / NSEC_PER_USEC);
	return slot->ret;
}

int tdx_on_cpus_short(struct cpumask *cpus, int (*fn)(void *arg), void *arg)
{
	unsigned long deadline;
	int cpu;

	mutex_lock(&slots_mutex);
	deadline = jiffies + msecs_to_jiffies(ANSWER_MS);
	for_each_cpu(cpu, cpus)
		post(cpu, fn, arg);
	for_each_cpu(cpu, cpus)
		if (!collect(cpu, deadline))
			cpumask_clear_cpu(cpu, cpus);
	mutex_unlock(&slots_mutex);
	return cpumask_weight(cpus);
}

int tdx_on_cpu_short(int cpu, int (*fn)(void *arg), void *arg)
{
	unsigned long flags;
	int ret;

	local_irq_save(flags);
	if (cpu == smp_processor_id()) {
		ret = fn(arg);
		local_irq_restore(flags);
		return ret;
	}
	local_irq_restore(flags);

	mutex_lock(&slots_mutex);
	post(cpu, fn, arg);
	ret = collect(cpu, jiffies + msecs_to_jiffies(ANSWER_MS));
	mutex_unlock(&slots_mutex);
	return ret;
}

static int nothing(void *unused)
{
	return 0;
}

/* All at once, so that silent CPUs cost two seconds together. */
bool tdx_every_cpu_answers(void)
{
	static struct cpumask asked;	/* by one bring-up at a time */

	cpumask_copy(&asked, cpu_online_mask);
	tdx_on_cpus_short(&asked, nothing, NULL);
	return !cpumask_intersects(&tdx_silent_cpus, cpu_online_mask);
}

/* ---- long functions ---- */

struct long_work {
	struct delayed_work work;
	struct completion begun;
	int (*fn)(void *arg);
	void *arg;
	int ret;
};

static void long_fn(struct work_struct *work)
{
	struct long_work *w = container_of(to_delayed_work(work), struct long_work, work);

	complete(&w->begun);
	w->ret = w->fn(w->arg);
}

/*
 * A work item that was taken back before it began never begins.  One that cannot be taken
 * back has begun, and ends like any other.
 */
static int finish(struct long_work *w, int cpu, unsigned long deadline)
{
	if (!in_time(&w->begun, deadline) && cancel_delayed_work(&w->work)) {
		if (!cpumask_test_and_set_cpu(cpu, &tdx_silent_cpus))
			pr_warn("CPU %d began no work item in %u ms, as if a real-time task kept it to itself: it is left out of the heavy work\n",
				cpu, ANSWER_MS);
		return -EBUSY;
	}
	flush_delayed_work(&w->work);
	return w->ret;
}

int tdx_on_cpus(const struct cpumask *mask, int (*fn)(void *arg), void *arg,
		struct cpumask *failed)
{
	struct long_work __percpu *works = alloc_percpu(struct long_work);
	unsigned long deadline;
	int cpu, nr_failed = 0;

	if (!works)
		return -ENOMEM;
	for_each_cpu(cpu, mask) {
		struct long_work *w = per_cpu_ptr(works, cpu);

		INIT_DELAYED_WORK(&w->work, long_fn);
		init_completion(&w->begun);
		w->fn = fn;
		w->arg = arg;
		queue_delayed_work_on(cpu, wq, &w->work, 0);
	}
	deadline = jiffies + msecs_to_jiffies(ANSWER_MS);
	for_each_cpu(cpu, mask) {
		if (!finish(per_cpu_ptr(works, cpu), cpu, deadline))
			continue;
		if (failed)
			cpumask_set_cpu(cpu, failed);
		nr_failed++;
	}
	free_percpu(works);
	return nr_failed;
}

/* ---- load and unload ---- */

int tdx_cpu_work_start(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct slot *slot = per_cpu_ptr(&slots, cpu);

		slot->cpu = cpu;
		init_completion(&slot->called);
		INIT_DELAYED_WORK(&slot->work, slot_work);
	}
	wq = alloc_workqueue("tdx_host", WQ_PERCPU | WQ_CPU_INTENSIVE, 0);
	return wq ? 0 : -ENOMEM;
}

/*
 * Nothing of tdx_host may run once its text is gone.  Work items left behind on silent CPUs
 * are taken back here: waiting for those could take for ever.  One that has begun, which
 * cannot be taken back, has its CPU or is one instruction away from finding nothing to
 * do; for it destroy_workqueue() waits.
 */
void tdx_cpu_work_stop(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		cancel_delayed_work(&per_cpu_ptr(&slots, cpu)->work);
	destroy_workqueue(wq);
}
