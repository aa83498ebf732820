// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory for PAMTs: contiguous pieces of some megabytes, inside CMRs, on the
 * node of the memory they describe, next to each other where possible.
 *
 * A pool holds memory from the kernel as extents of single pages, so that any part can
 * be carved out and the rest given back.  It is filled in two ways:
 *
 *   first from the page allocator, block by block.  Soon after boot, the allocator hands
 *   out neighbouring blocks, and blocks that touch become one extent.  This does not
 *   disturb other CPUs.
 *   then with alloc_contig_range(), which moves pages out of the way.  It comes second,
 *   because it drains the per-CPU lists of every CPU.
 */
#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/memory_hotplug.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/nodemask.h>
#include <linux/pfn.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "extents.h"
#include "host.h"

/* The memory taken from one node. */
struct node_pool {
	struct tdx_extents spare;
	u64 none_of;		/* no piece of this size was found; 0: no search has failed yet */
	/* Of prefetch_here(), the only function that several CPUs run on one node at once. */
	struct mutex lock;	/* for spare and the two below */
	u64 missing, tries;	/* blocks */
};

struct tdx_pamt_pool {
	const struct tdx_range *cmr;	/* touching ones joined */
	u32 nr_cmr;
	const struct tdmr_plan *plan;
	enum { MOVE_UNKNOWN, MOVE_YES, MOVE_NO } may_move;
	struct node_pool nodes[];	/* nr_node_ids of them */
};

/* At most so many blocks more than the piece itself takes are tried for it. */
#define SEARCH_BLOCKS	256

static bool in_cmr(const struct tdx_pamt_pool *pool, u64 start, u64 end)
{
	u32 i = tdx_ranges_find(pool->cmr, pool->nr_cmr, start);

	return i < pool->nr_cmr && pool->cmr[i].start <= start && end <= pool->cmr[i].end;
}

/* ---- from the page allocator ---- */

/*
 * One block of 2^@order pages, as single pages.  0: none is free there.  Without reclaim,
 * which would drop page cache for a block that may not even touch its neighbour.
 */
static u64 grab_block(unsigned int order, s32 node)
{
	gfp_t gfp = (GFP_KERNEL & ~__GFP_RECLAIM) | __GFP_NOWARN | __GFP_THISNODE;
	struct page *page = alloc_pages_node(node, gfp, order);

	if (!page)
		return 0;
	split_page(page, order);
	return PFN_PHYS(page_to_pfn(page));
}

/*
 * One more block of @node.  0: there is none.  Blocks outside the CMRs stay in @rejects
 * until the search ends: freed at once, they would be handed out again.
 */
static u64 add_block(struct tdx_pamt_pool *pool, struct tdx_extents *rejects,
		     unsigned int order, s32 node)
{
	struct node_pool *np = &pool->nodes[node];
	u64 block = PAGE_SIZE << order;
	u64 start = grab_block(order, node);

	if (!start)
		return 0;
	if (in_cmr(pool, start, start + block)) {
		mutex_lock(&np->lock);
		tdx_extents_add(&np->spare, start, start + block);
		mutex_unlock(&np->lock);
	} else {
		tdx_extents_add(rejects, start, start + block);
	}
	cond_resched();
	return start;
}

/* Takes blocks of one order until some of them form an extent of @size. */
static bool fill_by_blocks(struct tdx_pamt_pool *pool, struct tdx_extents *rejects,
			   unsigned int order, u64 size, s32 node)
{
	u64 tries = DIV_ROUND_UP(size, PAGE_SIZE << order) + SEARCH_BLOCKS, start;

	while (tries--) {
		start = add_block(pool, rejects, order, node);
		if (!start)
			return false;
		if (tdx_extents_has(&pool->nodes[node].spare, start, size))
			return true;
	}
	return false;
}

/*
 * Largest blocks first; then half their size, for pieces that lie across the
 * blocks' own alignment; a small piece needs no larger block than itself.
 */
static bool fill_from_buddy(struct tdx_pamt_pool *pool, u64 size, s32 node)
{
	unsigned int order = min_t(unsigned int, get_order(size), MAX_PAGE_ORDER);
	struct tdx_extents rejects = {};
	bool found;

	found = fill_by_blocks(pool, &rejects, order, size, node);
	if (!found && order)
		found = fill_by_blocks(pool, &rejects, order - 1, size, node);
	tdx_extents_free(&rejects);
	return found;
}

/* ---- by moving what is in the way ---- */

/*
 * Can alloc_contig_range() be asked for this at all?  It wants all pages present and in
 * one zone, and it must not dissolve huge pages that somebody has reserved.  Zones, holes
 * in the memory map and huge pages begin and end at multiples of 2 MB; other pages that
 * cannot move it finds itself.
 */
static bool movable_range(u64 start, u64 end, s32 node)
{
	struct page *first = pfn_to_online_page(PHYS_PFN(start)), *page;
	u64 at;

	if (!first || page_to_nid(first) != node || page_zonenum(first) == ZONE_MOVABLE)
		return false;
	for (at = start; at < end; at = ALIGN_DOWN(at, TDX_SZ_2M) + TDX_SZ_2M) {
		page = pfn_to_online_page(PHYS_PFN(at));
		if (!page || page_zone(page) != page_zone(first) || PageHuge(page))
			return false;
	}
	page = pfn_to_online_page(PHYS_PFN(end - 1));
	return page && page_zone(page) == page_zone(first);
}

/*
 * alloc_contig_range() waits for a work item of the kernel's own on every CPU.  A CPU that
 * runs none would hold it up for good.
 */
static bool may_move(struct tdx_pamt_pool *pool)
{
	if (pool->may_move == MOVE_UNKNOWN) {
		pool->may_move = tdx_every_cpu_answers() ? MOVE_YES : MOVE_NO;
		if (pool->may_move == MOVE_NO)
			pr_warn("no pages are moved to make room for PAMTs: that waits for every CPU, and some begin no work items (CPUs %*pbl)\n",
				cpumask_pr_args(&tdx_silent_cpus));
	}
	return pool->may_move == MOVE_YES;
}

static bool fill_range(struct tdx_pamt_pool *pool, u64 start, u64 size, s32 node)
{
	if (!may_move(pool) || !movable_range(start, start + size, node))
		return false;
	if (alloc_contig_range(PHYS_PFN(start), PHYS_PFN(start + size), ACR_FLAGS_NONE,
			       GFP_KERNEL | __GFP_NOWARN))
		return false;
	return tdx_extents_add(&pool->nodes[node].spare, start, start + size);
}

/* From the top of each CMR down, where kernels use memory least. */
static bool fill_by_moving(struct tdx_pamt_pool *pool, u64 size, s32 node)
{
	u64 step = ALIGN(size, TDX_SZ_2M), start;
	u32 i;

	for (i = pool->nr_cmr; i--;) {
		const struct tdx_range *cmr = &pool->cmr[i];

		if (cmr->end - cmr->start < size)
			continue;
		for (start = ALIGN_DOWN(cmr->end - size, TDX_SZ_2M);
		     start >= cmr->start && start <= cmr->end; start -= step) {
			if (fill_range(pool, start, size, node))
				return true;
			cond_resched();
			if (start < step)
				break;
		}
	}
	return false;
}

/* ---- the planner's allocator ---- */

/*
 * A search takes many blocks and may walk over all memory of the node, so it is made once
 * for each size.  Blocks that a failed search has gathered are freed: they would be in the
 * way of moving, and others can use them.
 */
static bool search(struct tdx_pamt_pool *pool, u64 size, s32 node)
{
	struct node_pool *np = &pool->nodes[node];

	if (np->none_of && size >= np->none_of)
		return false;
	if (fill_from_buddy(pool, size, node))
		return true;
	tdx_extents_free(&np->spare);
	if (fill_by_moving(pool, size, node))
		return true;
	np->none_of = size;
	return false;
}

static u64 get_on_node(struct tdx_pamt_pool *pool, u64 size, s32 node, u64 near)
{
	u64 base = tdx_extents_take(&pool->nodes[node].spare, size, near);

	if (!base && search(pool, size, node))
		base = tdx_extents_take(&pool->nodes[node].spare, size, near);
	return base;
}

static u64 get(void *ctx, u64 size, s32 node, u64 near)
{
	struct tdx_pamt_pool *pool = ctx;
	u64 base = 0;
	int other;

	if (node >= 0 && node_state(node, N_MEMORY))
		base = get_on_node(pool, size, node, near);
	for_each_node_state(other, N_MEMORY) {
		if (base)
			break;
		if (other != node)
			base = get_on_node(pool, size, other, near);
	}
	return base;
}

/*
 * Moves pages out of the way, from the lowest address up, since the page allocator cannot
 * be asked for memory at an address.  get() has asked it first, so this is rare.
 */
static u64 move_in(struct tdx_pamt_pool *pool, u64 size, u64 start, u64 end)
{
	struct page *page;
	u64 at, next;
	s32 node;

	for (at = start; at + size <= end; at = next) {
		next = ALIGN_DOWN(at, TDX_SZ_2M) + TDX_SZ_2M;
		page = pfn_to_online_page(PHYS_PFN(at));
		if (!page || !in_cmr(pool, at, at + size))
			continue;
		node = page_to_nid(page);
		if (fill_range(pool, at, size, node))
			return tdx_extents_take_in(&pool->nodes[node].spare, size, at, at + size);
		cond_resched();
	}
	return 0;
}

static u64 get_in(void *ctx, u64 size, u64 start, u64 end)
{
	struct tdx_pamt_pool *pool = ctx;
	u64 base;
	int node;

	for_each_node_state(node, N_MEMORY) {
		base = tdx_extents_take_in(&pool->nodes[node].spare, size, start, end);
		if (base)
			return base;
	}
	return move_in(pool, size, start, end);
}

static void put(void *ctx, u64 base, u64 size)
{
	struct tdx_pamt_pool *pool = ctx;
	int node = page_to_nid(pfn_to_page(PHYS_PFN(base)));

	tdx_extents_add(&pool->nodes[node].spare, base, base + size);
}

/* ---- ahead of the planner, every node at once ---- */

static u64 pamt_bytes_of(const struct tdmr_plan *plan, s32 node)
{
	u64 bytes = 0;
	u32 i, level;

	for (i = 0; i < plan->nr_tdmrs; i++)
		for (level = 0; level < TDX_PS_NR && plan->tdmrs[i].node == node; level++)
			bytes += plan->tdmrs[i].pamt[level].size;
	return bytes;
}

static bool claim_block(struct node_pool *np)
{
	bool claimed;

	mutex_lock(&np->lock);
	claimed = np->missing && np->tries;
	if (claimed) {
		np->missing--;
		np->tries--;
	}
	mutex_unlock(&np->lock);
	return claimed;
}

static void unclaim_block(struct node_pool *np)
{
	mutex_lock(&np->lock);
	np->missing++;
	mutex_unlock(&np->lock);
}

/*
 * Kernels zero what they hand out, and one CPU clears a small part of what a node's memory
 * can take: every heavy CPU of a node takes blocks of that node.
 */
static int prefetch_here(void *arg)
{
	struct tdx_pamt_pool *pool = arg;
	s32 node = numa_node_id();
	struct node_pool *np = &pool->nodes[node];
	struct tdx_extents rejects = {};
	u64 start;

	while (claim_block(np)) {
		start = add_block(pool, &rejects, MAX_PAGE_ORDER, node);
		if (!start)
			break;
		if (!in_cmr(pool, start, start + (PAGE_SIZE << MAX_PAGE_ORDER)))
			unclaim_block(np);
	}
	tdx_extents_free(&rejects);
	return 0;	/* get() looks for what is missing */
}

static void prefetch_all(struct tdx_pamt_pool *pool)
{
	cpumask_var_t heavy;
	int node;

	for_each_node_state(node, N_MEMORY) {
		struct node_pool *np = &pool->nodes[node];

		np->missing = DIV_ROUND_UP(pamt_bytes_of(pool->plan, node),
					   PAGE_SIZE << MAX_PAGE_ORDER);
		np->tries = np->missing + SEARCH_BLOCKS;
	}
	if (!zalloc_cpumask_var(&heavy, GFP_KERNEL))
		return;
	tdx_heavy_cpus(heavy);
	tdx_on_cpus(heavy, prefetch_here, pool, NULL);
	free_cpumask_var(heavy);
}

struct tdx_pamt_pool *tdx_pamt_pool_create(const struct tdx_range *cmr, u32 nr_cmr,
					   const struct tdmr_plan *plan)
{
	struct tdx_pamt_pool *pool = kvzalloc(struct_size(pool, nodes, nr_node_ids), GFP_KERNEL);
	int node;

	if (!pool)
		return NULL;
	for_each_node(node)
		mutex_init(&pool->nodes[node].lock);
	pool->cmr = cmr;
	pool->nr_cmr = nr_cmr;
	pool->plan = plan;
	prefetch_all(pool);
	return pool;
}

void tdx_pamt_pool_destroy(struct tdx_pamt_pool *pool)
{
	int node;

	if (!pool)
		return;
	for_each_node(node)
		tdx_extents_free(&pool->nodes[node].spare);
	kvfree(pool);
}

struct pamt_source tdx_pamt_source(struct tdx_pamt_pool *pool)
{
	return (struct pamt_source){
		.get = get, .get_in = get_in, .put = put, .ctx = pool,
	};
}

/*
 * For a message, when no piece of @size bytes was found: the size of the largest piece, a
 * power of two, on @node or any other.  0: not one page.
 */
u64 tdx_pamt_largest(struct tdx_pamt_pool *pool, u64 size, s32 node)
{
	u64 base = 0;

	for (size = rounddown_pow_of_two(size - 1); size >= PAGE_SIZE; size /= 2) {
		base = get(pool, size, node, 0);
		if (base)
			break;
	}
	if (!base)
		return 0;
	put(pool, base, size);
	return size;
}

/*
 * Last in the order of shutdown.c: the TDX module can no longer touch this memory, or never
 * has, and private lines have left the caches and the memory (flush.c).
 */
void tdx_pamt_free(const struct tdmr_plan *plan)
{
	u32 i, level;

	for (i = 0; i < plan->nr_tdmrs; i++)
		for (level = 0; level < TDX_PS_NR; level++) {
			const struct tdmr_area *a = &plan->tdmrs[i].pamt[level];

			tdx_extents_give_back(a->base, a->base + a->size);
		}
}
