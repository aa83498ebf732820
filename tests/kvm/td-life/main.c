// SPDX-License-Identifier: GPL-2.0-only
/* The parameters, a thread for each TD, and the results. */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "life.h"

static uint tds = 1;
module_param(tds, uint, 0444);
MODULE_PARM_DESC(tds, "TDs at once, each on a CPU of its own as far as there are CPUs");

static uint rounds = 1;
module_param(rounds, uint, 0444);
MODULE_PARM_DESC(rounds, "Lives of each TD, one after the other; 0: none");

uint life_extend = 16;
module_param_named(extend, life_extend, uint, 0444);
MODULE_PARM_DESC(extend, "Chunks of 256 bytes to measure of each page");

static unsigned long long expect;
module_param(expect, ullong, 0444);
MODULE_PARM_DESC(expect, "Call each wrapper once: how many answer this status");

static bool keyids;
module_param(keyids, bool, 0444);
MODULE_PARM_DESC(keyids, "Try the pool of guest KeyIDs");

static bool hold;
module_param(hold, bool, 0444);
MODULE_PARM_DESC(hold, "One TD instead, which runs until the machine leaves, as one of KVM's does");

static uint keep;
module_param(keep, uint, 0444);
MODULE_PARM_DESC(keep, "With keyids=1: KeyIDs not to give back");

static uint lives;
module_param(lives, uint, 0444);
MODULE_PARM_DESC(lives, "Lives without a failure (read only)");

static bool same_mrtd = true;
module_param(same_mrtd, bool, 0444);
MODULE_PARM_DESC(same_mrtd, "All TDs were measured the same (read only)");

static uint matching;
module_param(matching, uint, 0444);
MODULE_PARM_DESC(matching, "Wrappers that answered expect= (read only)");

static uint wrappers;
module_param(wrappers, uint, 0444);
MODULE_PARM_DESC(wrappers, "Wrappers that were called (read only)");

static int taken;
module_param(taken, int, 0444);
MODULE_PARM_DESC(taken, "KeyIDs there were to take, or an error (read only)");

atomic_t life_pages = ATOMIC_INIT(0);
atomic_t life_leaked = ATOMIC_INIT(0);

static int atomic_show(char *buffer, const struct kernel_param *kp)
{
	return sysfs_emit(buffer, "%d\n", atomic_read((atomic_t *)kp->arg));
}

static const struct kernel_param_ops atomic_ops = { .get = atomic_show };
module_param_cb(pages, &atomic_ops, &life_pages, 0444);
MODULE_PARM_DESC(pages, "Pages allocated and not freed (read only)");
module_param_cb(leaked, &atomic_ops, &life_leaked, 0444);
MODULE_PARM_DESC(leaked, "Pages that the TDX module did not give back (read only)");

#define MAX_FAILURES 48

static DEFINE_SPINLOCK(lock);
static struct {
	const char *wrapper;
	u64 status;
} failures[MAX_FAILURES];
static uint nr_failures;
static u64 first_mrtd[6];

void life_failed(const char *wrapper, u64 status)
{
	spin_lock(&lock);
	if (nr_failures < MAX_FAILURES) {
		failures[nr_failures].wrapper = wrapper;
		failures[nr_failures].status = status;
	}
	nr_failures++;
	spin_unlock(&lock);
}

static int failures_show(char *buffer, const struct kernel_param *kp)
{
	int at = 0;
	uint i;

	spin_lock(&lock);
	for (i = 0; i < min_t(uint, nr_failures, MAX_FAILURES); i++)
		at += sysfs_emit_at(buffer, at, "%s 0x%llx\n", failures[i].wrapper,
				    failures[i].status);
	spin_unlock(&lock);
	return at;
}

static const struct kernel_param_ops failures_ops = { .get = failures_show };
module_param_cb(failures, &failures_ops, NULL, 0444);
MODULE_PARM_DESC(failures, "What failed, and with which status (read only)");
module_param(nr_failures, uint, 0444);
MODULE_PARM_DESC(nr_failures, "How often (read only)");

static void lived(const u64 mrtd[6])
{
	spin_lock(&lock);
	if (!lives++)
		memcpy(first_mrtd, mrtd, sizeof(first_mrtd));
	if (!mrtd[0] || memcmp(mrtd, first_mrtd, sizeof(first_mrtd)))
		same_mrtd = false;
	spin_unlock(&lock);
}

static DECLARE_COMPLETION(done);
static atomic_t running;

static int live(void *unused)
{
	u64 mrtd[6];
	uint i;

	for (i = 0; i < rounds; i++) {
		if (!life_round(mrtd))
			lived(mrtd);
		cond_resched();
	}
	if (atomic_dec_and_test(&running))
		complete(&done);
	return 0;
}

static int run(void)
{
	int cpu = -1, started = 0;
	uint i;

	atomic_set(&running, tds + 1);
	for (i = 0; i < tds; i++) {
		struct task_struct *task;

		cpu = cpumask_next(cpu, cpu_online_mask);
		if (cpu >= nr_cpu_ids)
			cpu = cpumask_first(cpu_online_mask);
		task = kthread_create(live, NULL, "td_life/%u", i);
		if (IS_ERR(task)) {
			pr_err("TD %u of %u: no thread: error %ld\n", i + 1, tds, PTR_ERR(task));
			break;
		}
		kthread_bind(task, cpu);
		wake_up_process(task);
		started++;
	}
	/* Not in uninterruptible sleep: this may be long. */
	if (!atomic_sub_and_test(tds - started + 1, &running))
		while (wait_for_completion_interruptible(&done))
			flush_signals(current);
	return started == tds ? 0 : -ENOMEM;
}

static int __init life_init(void)
{
	int ret;

	if (tds > 256 || life_extend > PAGE_SIZE / 256) {
		pr_err("tds=%u, extend=%u: 256 and 16 at most\n", tds, life_extend);
		return -EINVAL;
	}
	if (expect) {
		matching = life_wrappers(expect, &wrappers);
		return 0;
	}
	ret = tdx_enable();
	if (ret) {
		pr_err("tdx_enable(): error %d\n", ret);
		return ret;
	}
	if (keyids) {
		taken = life_keyids(keep);
		return 0;
	}
	if (hold)
		return life_hold();
	return rounds ? run() : 0;
}

static void __exit life_exit(void)
{
}

module_init(life_init);
module_exit(life_exit);
MODULE_DESCRIPTION("Test: TDs from beginning to end, as KVM would");
MODULE_LICENSE("GPL");
