// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's RAM, from its resource tree, with NUMA nodes.
 */
#include <linux/ioport.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/pfn.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "host.h"

/* No CMR covers the first 1 MB, and the kernel's page allocator does not use it. */
#define LOW_MEMORY	(1ULL << 20)

struct walk {
	struct tdx_ram *ram;
	u32 room;	/* ranges that fit; more are counted only */
	u32 nr;
};

static void append_range(struct walk *w, u64 start, u64 end, s32 node)
{
	struct tdx_range *last = w->nr && w->nr <= w->room ? &w->ram->range[w->nr - 1] : NULL;

	if (last && last->end == start && last->node == node) {
		last->end = end;
		return;
	}
	if (w->nr < w->room)
		w->ram->range[w->nr] = (struct tdx_range){ start, end, node };
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

static u32 walk_ram(struct tdx_ram *ram, u32 room)
{
	struct walk w = { .ram = ram, .room = room };

	walk_iomem_res_desc(IORES_DESC_NONE, IORESOURCE_SYSTEM_RAM | IORESOURCE_BUSY,
			    0, -1, &w, add_resource);
	return w.nr;
}

/*
 * Counts, then fills.  Nothing comes online meanwhile, but a block that goes
 * offline may leave two ranges where one was: then there is another round.
 */
int tdx_ram_get(struct tdx_ram *ram)
{
	u32 room;

	ram->range = NULL;
	ram->nr = walk_ram(ram, 0);
	do {
		room = ram->nr;
		kvfree(ram->range);
		ram->range = kvcalloc(room, sizeof(*ram->range), GFP_KERNEL);
		if (!ram->range) {
			tdx_error("no memory for a list of %u RAM ranges", room);
			return -EINVAL;
		}
		ram->nr = walk_ram(ram, room);
	} while (ram->nr > room);
	return 0;
}

void tdx_ram_put(struct tdx_ram *ram)
{
	kvfree(ram->range);
	ram->range = NULL;
}
