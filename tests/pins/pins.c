// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory as on a host that ran for weeks: one page that cannot move in every
 * stretch of every_kib KiB, so that no free piece is as long as such a stretch.
 * The pages go back on unload.
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

/* Keeps the first page of a free block if a stretch begins there. */
static void pin_in_block(struct page *block, unsigned int order)
{
	unsigned long pfn = page_to_pfn(block), i;
	bool keep = pfn % step == 0;

	split_page(block, order);
	if (keep)
		pin(pfn);
	for (i = keep; i < 1UL << order; i++)
		__free_page(block + i);
}

/* All free blocks are taken before parts of them are given back. */
static void pin_in_free_blocks(void)
{
	unsigned int order = min_t(unsigned int, ilog2(step), MAX_PAGE_ORDER);
	struct page *block, *next;
	LIST_HEAD(blocks);

	while ((block = alloc_pages((GFP_KERNEL & ~__GFP_RECLAIM) | __GFP_NOWARN, order))) {
		list_add(&block->lru, &blocks);
		cond_resched();
	}
	list_for_each_entry_safe(block, next, &blocks, lru) {
		list_del(&block->lru);
		pin_in_block(block, order);
		cond_resched();
	}
}

/* A page that cannot be had is somebody's for good, and as good as a pin. */
#define TRIES	64

/* The first page of the stretch that can be had, moved from its user if need be. */
static void pin_in_stretch(unsigned long start)
{
	unsigned long pfn;

	for (pfn = start; pfn < start + min(step, (unsigned long)TRIES); pfn++) {
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
			pin_in_stretch(i * step);
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
