// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory that comes online must pass this gate.
 *
 * Between tdx_memory_lock() and tdx_memory_unlock(), the notifier below waits, and
 * tdx_memory_lock() waits for a block that has passed the notifier but is not online
 * yet.  So memory comes online either before the walk over RAM (ram.c), which then sees
 * it, or after bring-up, and is then checked against the finished TDMRs.
 *
 * No deadlock: the notifier runs with cpus_read_lock() and the memory hotplug lock
 * held.  Bring-up takes neither while it holds memory_mutex, and does not hold
 * memory_mutex while it waits.
 */
#include <linux/memory.h>
#include <linux/mutex.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <linux/wait.h>

#include "host.h"

static DEFINE_MUTEX(memory_mutex);
static const struct tdmr_plan *cover;	/* protected by memory_mutex */
/*
 * A block has passed the gate but is not online yet, so pfn_to_online_page() does not
 * see it.  One at a time, under the memory hotplug lock.  Written under
 * memory_mutex.
 */
static bool coming;
static DECLARE_WAIT_QUEUE_HEAD(came);

void tdx_memory_lock(void)
{
	mutex_lock(&memory_mutex);
	while (coming) {
		mutex_unlock(&memory_mutex);
		wait_event(came, !READ_ONCE(coming));
		mutex_lock(&memory_mutex);
	}
}

void tdx_memory_unlock(void)
{
	mutex_unlock(&memory_mutex);
}

void tdx_memory_cover(const struct tdmr_plan *plan)
{
	lockdep_assert_held(&memory_mutex);
	cover = plan;
}

/* First byte of [start, end) that is not usable TDX memory in @tdmr; end if all is. */
static u64 usable_until(const struct tdmr *tdmr, u64 start, u64 end)
{
	u64 stop = min(end, tdmr->base + tdmr->size);
	u32 i;

	for (i = 0; i < tdmr->nr_reserved; i++) {
		u64 base = tdmr->base + tdmr->reserved[i].base;

		if (base + tdmr->reserved[i].size > start && base < stop)
			return max(base, start);
	}
	return stop;
}

static u64 covered_until(const struct tdmr_plan *plan, u64 start, u64 end)
{
	u32 i;

	for (i = 0; i < plan->nr_tdmrs && start < end; i++) {
		const struct tdmr *tdmr = &plan->tdmrs[i];

		if (start >= tdmr->base && start < tdmr->base + tdmr->size)
			start = usable_until(tdmr, start, end);
	}
	return start;
}

/* First byte of [start, end) that no TD could use; end if there is none. */
static u64 uncovered(u64 start, u64 end)
{
	return cover ? covered_until(cover, start, end) : end;
}

static int going_online(u64 start, u64 end)
{
	u64 bad;

	mutex_lock(&memory_mutex);
	bad = uncovered(start, end);
	if (bad < end)
		pr_err("refusing to online memory [0x%llx, 0x%llx): no TDMR covers 0x%llx, so TDs could not use it; coverage=convertible covers all that the BIOS allows\n",
		       start, end, bad);
	WRITE_ONCE(coming, bad == end);
	mutex_unlock(&memory_mutex);
	return bad < end ? NOTIFY_BAD : NOTIFY_OK;
}

/* A block that was on its way when tdx_host was loaded has not passed the gate. */
static void is_online(u64 start, u64 end)
{
	u64 bad;

	mutex_lock(&memory_mutex);
	bad = uncovered(start, end);
	if (bad < end)
		pr_err("memory [0x%llx, 0x%llx) came online while tdx_host was loaded, and no TDMR covers 0x%llx: take it offline, TDs cannot use it\n",
		       start, end, bad);
	mutex_unlock(&memory_mutex);
}

static void none_is_coming(void)
{
	mutex_lock(&memory_mutex);
	WRITE_ONCE(coming, false);
	mutex_unlock(&memory_mutex);
	wake_up_all(&came);
}

static int on_memory(struct notifier_block *nb, unsigned long action, void *data)
{
	const struct memory_notify *mn = data;
	u64 start = PFN_PHYS(mn->start_pfn), end = PFN_PHYS(mn->start_pfn + mn->nr_pages);

	switch (action) {
	case MEM_GOING_ONLINE:
		return going_online(start, end);
	case MEM_ONLINE:
		is_online(start, end);
		none_is_coming();
		break;
	case MEM_CANCEL_ONLINE:
		none_is_coming();
		break;
	}
	return NOTIFY_OK;
}

static struct notifier_block memory_nb = {
	.notifier_call = on_memory,
};

int tdx_memory_gate_start(void)
{
	return register_memory_notifier(&memory_nb);
}

void tdx_memory_gate_stop(void)
{
	unregister_memory_notifier(&memory_nb);
}
