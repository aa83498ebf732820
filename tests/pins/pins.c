// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fragments memory as on a host that has run for weeks: pins one page in every stretch of
 * every_kib KiB, until it is unloaded.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#ifndef ACR_FLAGS_NONE	/* before 6.16 */
#define ACR_FLAGS_NONE	MIGRATE_MOVABLE
#endif
#ifndef MAX_PAGE_ORDER	/* before 6.8 */
#define MAX_PAGE_ORDER	ilog2(MAX_ORDER_NR_PAGES)
#endif

static uint every_kib;
module_param(every_kib, uint, 0444);
MODULE_PARM_DESC(every_kib, "KiB from one pinned page to the next: a power of two, 64 to 1048576");

static ulong pinned;
module_param(pinned, ulong, 0444);
MODULE_PARM_DESC(pinned, "Pages this module holds");

static unsigned long step;		/* pages of a stretch */
static unsigned long nr_stretches;
static unsigned long *pins;		/* by stretch: its page, or 0 */

static void pin(unsigned long pfn)
{
	pins[pfn / step] = pfn;
	pinned++;
}

/* Gives the block back but for its first page, if that is the first of a stretch to be kept. */
static void pin_in_block(struct page *block, unsigned int order)
{
	unsigned long pfn = page_to_pfn(block), i = 0;

	split_page(block, order);
	if (!pins[pfn / step]) {
		pin(pfn);
		i = 1;
	}
	for (; i < 1UL << order; i++)
		__free_page(block + i);
}

/* Smaller blocks are of no use to anybody who wants contiguous memory. */
#define LEAST_ORDER	4

/* Every free block is taken, reserves included, before parts of them are given back. */
static void pin_in_free_blocks(void)
{
	gfp_t gfp = (GFP_KERNEL & ~__GFP_RECLAIM) | __GFP_NOWARN | __GFP_MEMALLOC;
	unsigned int order = min_t(unsigned int, ilog2(step), MAX_PAGE_ORDER);
	struct page *block, *next;
	LIST_HEAD(blocks);

	for (; order >= LEAST_ORDER; order--) {
		/* Of these, per-CPU lists would keep some. */
		if (order == pageblock_order)
			continue;
		while ((block = alloc_pages(gfp, order))) {
			set_page_private(block, order);
			list_add(&block->lru, &blocks);
		}
		cond_resched();
	}
	list_for_each_entry_safe(block, next, &blocks, lru) {
		list_del(&block->lru);
		order = page_private(block);
		set_page_private(block, 0);
		pin_in_block(block, order);
	}
}

/* What cannot be moved away from here is a pin itself. */
#define TRIES	8

/* In a stretch with nothing free, files for one: they could be moved away. */
static void pin_in_used(unsigned long start)
{
	unsigned long pfn;

	for (pfn = start; pfn < start + TRIES; pfn++) {
		struct page *page = pfn_to_online_page(pfn);

		if (page && !PageReserved(page) &&
		    !alloc_contig_range(pfn, pfn + 1, ACR_FLAGS_NONE, GFP_KERNEL | __GFP_NOWARN)) {
			pin(pfn);
			return;
		}
	}
}

static int __init pins_init(void)
{
	unsigned long last = 0, i;
	int node;

	if (every_kib < 64 || every_kib > SZ_1G / SZ_1K || (every_kib & (every_kib - 1)))
		return -EINVAL;
	step = every_kib / (PAGE_SIZE / SZ_1K);
	for_each_online_node(node)
		last = max(last, (unsigned long)node_end_pfn(node));
	nr_stretches = DIV_ROUND_UP(last, step);
	pins = vzalloc(array_size(nr_stretches, sizeof(*pins)));
	if (!pins)
		return -ENOMEM;
	pin_in_free_blocks();
	for (i = 0; i < nr_stretches; i++) {
		if (!pins[i])
			pin_in_used(i * step);
		cond_resched();
	}
	pr_info("%lu pages pinned, one in every %u KiB\n", pinned, every_kib);
	return 0;
}

static void __exit pins_exit(void)
{
	unsigned long i;

	for (i = 0; i < nr_stretches; i++)
		if (pins[i])
			__free_page(pfn_to_page(pins[i]));
	vfree(pins);
}

module_init(pins_init);
module_exit(pins_exit);
MODULE_DESCRIPTION("Fragments memory on purpose");
MODULE_LICENSE("GPL");
