// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that calls tdx_enable() as KVM would, from any number of tasks at once.  The
 * results are in /sys/module/tdx_consumer/parameters.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include <tdx_host.h>

static uint tasks = 1;
module_param(tasks, uint, 0444);
MODULE_PARM_DESC(tasks, "Tasks that call tdx_enable() at once");

static bool locked;
module_param(locked, bool, 0444);
MODULE_PARM_DESC(locked, "Every other task holds cpus_read_lock(), as KVM of Linux 6.16 does");

static atomic_t nr_busy = ATOMIC_INIT(0);
module_param_named(busy, nr_busy.counter, int, 0444);
MODULE_PARM_DESC(busy, "How often those were told to call again without the lock (read only)");

static uint keyids;
module_param(keyids, uint, 0444);
MODULE_PARM_DESC(keyids, "Guest KeyIDs to hold until unload");

static uint ipis;
module_param(ipis, uint, 0444);
MODULE_PARM_DESC(ipis, "Interrupts that each take a guest KeyID and give it back, of a task that does so all the time");

static uint ipi_keyids;
module_param(ipi_keyids, uint, 0444);
MODULE_PARM_DESC(ipi_keyids, "KeyIDs that the interrupts got (read only)");

static int result;
module_param(result, int, 0444);
MODULE_PARM_DESC(result, "What the first task got (read only)");

static bool same;
module_param(same, bool, 0444);
MODULE_PARM_DESC(same, "All tasks got the same (read only)");

#define MAX_TASKS	10000
#define MAX_KEYIDS	64

static int held[MAX_KEYIDS];
static uint nr_held;

static DECLARE_COMPLETION(start);
static DECLARE_COMPLETION(done);
static atomic_t running;

/* As the contract wants it: told that it is busy, it comes again without the lock. */
static int enable_locked(void)
{
	int ret;

	do {
		cpus_read_lock();
		ret = tdx_enable_cpus_locked();
		cpus_read_unlock();
		if (ret == -EBUSY) {
			atomic_inc(&nr_busy);
			msleep(1);
		}
	} while (ret == -EBUSY);
	return ret;
}

/* @task: its number.  Returns what tdx_enable() did, once it is asked to stop. */
static int call(void *task)
{
	int ret;

	wait_for_completion(&start);
	ret = locked && (unsigned long)task % 2 == 0 ? enable_locked() : tdx_enable();
	if (atomic_dec_and_test(&running))
		complete(&done);

	set_current_state(TASK_INTERRUPTIBLE);
	while (!kthread_should_stop()) {
		schedule();
		set_current_state(TASK_INTERRUPTIBLE);
	}
	__set_current_state(TASK_RUNNING);
	return ret;
}

static uint start_tasks(struct task_struct **task)
{
	uint i;

	for (i = 0; i < tasks; i++) {
		task[i] = kthread_run(call, (void *)(unsigned long)i, "tdx_consumer/%u", i);
		if (IS_ERR(task[i]))
			break;
	}
	return i;
}

static void free_keyids(void)
{
	while (nr_held)
		tdx_guest_keyid_free(held[--nr_held]);
}

static int hold_keyids(void)
{
	while (nr_held < keyids) {
		held[nr_held] = tdx_guest_keyid_alloc();
		if (held[nr_held] < 0) {
			pr_err("KeyID %u of %u: error %d\n", nr_held + 1, keyids, held[nr_held]);
			free_keyids();
			return -ENOSPC;
		}
		nr_held++;
	}
	return 0;
}

static bool take_and_give(void)
{
	int id = tdx_guest_keyid_alloc();

	if (id < 0)
		return false;
	tdx_guest_keyid_free(id);
	return true;
}

static int take_and_give_on(void *unused)
{
	while (!kthread_should_stop()) {
		take_and_give();
		cond_resched();
	}
	return 0;
}

/* @task: what it is to interrupt. */
static void on_ipi(void *task)
{
	if (current == task)
		ipi_keyids += take_and_give();
}

/* Wherever the task is in tdx_guest_keyid_alloc() and _free(), an interrupt comes there. */
static int interrupt_keyids(void)
{
	uint cpu = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());
	struct task_struct *task;

	if (cpu >= nr_cpu_ids)
		return -ENODEV;
	task = kthread_create(take_and_give_on, NULL, "tdx_consumer/ipi");
	if (IS_ERR(task))
		return PTR_ERR(task);
	kthread_bind(task, cpu);
	wake_up_process(task);
	while (ipi_keyids < ipis) {
		smp_call_function_single(cpu, on_ipi, task, 1);
		cond_resched();
	}
	kthread_stop(task);
	return 0;
}

static int __init consumer_init(void)
{
	struct task_struct **task;
	uint i, nr;

	if (!tasks || tasks > MAX_TASKS) {
		pr_err("tasks=%u: 1 to %u\n", tasks, MAX_TASKS);
		return -EINVAL;
	}
	if (keyids > MAX_KEYIDS) {
		pr_err("keyids=%u: %u at most\n", keyids, MAX_KEYIDS);
		return -EINVAL;
	}
	task = kcalloc(tasks, sizeof(*task), GFP_KERNEL);
	if (!task)
		return -ENOMEM;

	atomic_set(&running, tasks);
	nr = start_tasks(task);
	if (nr != tasks && atomic_sub_and_test(tasks - nr, &running))
		complete(&done);
	complete_all(&start);
	wait_for_completion(&done);

	same = true;
	for (i = 0; i < nr; i++) {
		int ret = kthread_stop(task[i]);

		if (!i)
			result = ret;
		same &= ret == result;
	}
	kfree(task);
	if (nr != tasks) {
		pr_err("task %u of %u could not be started\n", nr + 1, tasks);
		return -ENOMEM;
	}
	pr_info("tdx_enable() in %u tasks: %d, %s\n", tasks, result,
		same ? "the same for all" : "not the same for all");
	if (ipis && !result && interrupt_keyids()) {
		pr_err("ipis=%u: no other CPU, or no memory for a task\n", ipis);
		return -ENODEV;
	}
	return hold_keyids();
}

static void __exit consumer_exit(void)
{
	free_keyids();
}

module_init(consumer_init);
module_exit(consumer_exit);
MODULE_DESCRIPTION("Test: calls tdx_enable() as KVM would");
MODULE_LICENSE("GPL");
