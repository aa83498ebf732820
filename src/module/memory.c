// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's RAM, from its resource tree, with NUMA nodes; and the gate that
 * memory coming online passes.
 *
 * Between tdx_memory_lock() and tdx_memory_unlock() the notifier below waits, and
 * the lock waits for a block that has passed it and is not online yet.  So memory
 * comes online either before the walk, and is seen by it, or after bring-up, and is
 * held against the finished TDMRs: there is no gap.  It cannot deadlock: whoever
 * onlines memory holds cpus_read_lock() and the memory hotplug lock here, and
 * bring-up asks for neither while it holds memory_mutex, nor holds that mutex while
 * it waits.
 */
#include <linux/ioport.h>
#include <linux/memory.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/nodemask.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/wait.h>

#include "host.h"

/* The first 1 MB is no CMR: the kernel keeps it from the page allocator too. */
#define LOW_MEMORY	(1ULL << 20)

static DEFINE_MUTEX(memory_mutex);
static const struct tdmr_plan *cover;	/* protected by memory_mutex */
/*
 * A block has passed the gate and is not online yet: pfn_to_online_page() does not
 * see it.  There is one at a time, under the memory hotplug lock.  Written under
 * memory_mutex.
 */
static bool coming;
static DECLARE_WAIT_QUEUE_HEAD(came);

struct walk {
	struct tdx_memory *mem;
	u32 room;	/* ranges that fit; more are counted only */
	u32 nr;
};

static void append_range(struct walk *w, u64 start, u64 end, s32 node)
{
	struct tdx_range *last = w->nr && w->nr <= w->room ? &w->mem->ram[w->nr - 1] : NULL;

	if (last && last->end == start && last->node == node) {
		last->end = end;
		return;
	}
	if (w->nr < w->room)
		w->mem->ram[w->nr] = (struct tdx_range){ start, end, node };
	w->nr++;
}

/* NUMA_NO_NODE: not online. */
static s32 node_of(u64 pfn)
{
	struct page *page = pfn_to_online_page(pfn);

	return page ? page_to_nid(page) : NUMA_NO_NODE;
}

/* First page of [pfn, end) on another node than @node, given that @end - 1 is. */
static u64 node_border(u64 pfn, u64 end, s32 node)
{
	u64 last = end - 1;

	while (pfn < last) {
		u64 mid = pfn + (last - pfn) / 2;

		if (node_of(mid) == node)
			pfn = mid + 1;
		else
			last = mid;
	}
	return last;
}

/*
 * A resource may span nodes, and memory that was added but is not online is a
 * resource too.  Within a memory section the node changes at most once, and all
 * is online or nothing.
 */
static void add_by_node(struct walk *w, u64 pfn, u64 end)
{
	while (pfn < end) {
		u64 stop = min_t(u64, end, (pfn | (PAGES_PER_SECTION - 1)) + 1);
		s32 node = node_of(pfn);

		if (node_of(stop - 1) != node)
			stop = node_border(pfn, stop, node);
		if (node != NUMA_NO_NODE)
			append_range(w, PFN_PHYS(pfn), PFN_PHYS(stop), node);
		pfn = stop;
	}
}

static int add_resource(struct resource *res, void *arg)
{
	u64 start = max_t(u64, res->start, LOW_MEMORY);

	/* Part of a page is not given to the page allocator either. */
	if (res->end >= start)
		add_by_node(arg, PFN_UP(start), PFN_DOWN(res->end + 1));
	cond_resched();
	return 0;
}

static u32 walk_ram(struct tdx_memory *mem, u32 room)
{
	struct walk w = { .mem = mem, .room = room };

	walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY,
			    0, -1, &w, add_resource);
	return w.nr;
}

/*
 * Counts, then fills.  Nothing comes online meanwhile, but a block that goes
 * offline may leave two ranges where one was: then there is another round.
 */
int tdx_memory_get(struct tdx_memory *mem)
{
	u32 room;

	mem->ram = NULL;
	mem->nr = walk_ram(mem, 0);
	do {
		room = mem->nr;
		kvfree(mem->ram);
		mem->ram = kvcalloc(room, sizeof(*mem->ram), GFP_KERNEL);
		if (!mem->ram) {
			tdx_error("no memory for a list of %u RAM ranges", room);
			return -EINVAL;
		}
		mem->nr = walk_ram(mem, room);
	} while (mem->nr > room);
	return 0;
}

void tdx_memory_put(struct tdx_memory *mem)
{
	kvfree(mem->ram);
	mem->ram = NULL;
}

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
		pr_err("refusing to online memory [0x%llx, 0x%llx): no TDMR covers 0x%llx, so TDs could not use it; coverage=convertible covers all the BIOS allows\n",
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

int tdx_memory_start(void)
{
	return register_memory_notifier(&memory_nb);
}

void tdx_memory_stop(void)
{
	unregister_memory_notifier(&memory_nb);
}
