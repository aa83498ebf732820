// SPDX-License-Identifier: GPL-2.0-only
/*
 * PAMTs, largest first.  Two things may be in the way, and each is answered by
 * a cut: no piece of memory that large (the TDMR is cut to what can be had), or
 * the only pieces lie in TDMRs with no reserved area left (that TDMR is cut: its
 * halves have their own areas).
 */
#include "tdmr_cut.h"
#include "tdmr_fit.h"
#include "tdmr_sum.h"

/* ---- cuts ---- */

/* Cuts TDMR @k, not placed, at @at, each part no longer than what it has to cover. */
static bool cut_at(struct placing *p, u32 k, u64 at)
{
	struct tdmr_plan *plan = p->plan;
	struct tdmr *left = &plan->tdmrs[k];
	u64 end = left->base + left->size;
	struct tdx_range m;
	u32 i;

	if (plan->nr_tdmrs == p->map->max_tdmrs || !map_next(p->map, at, false, &m))
		return false;
	for (i = plan->nr_tdmrs++; i > k + 1; i--)
		plan->tdmrs[i] = plan->tdmrs[i - 1];
	left[1].base = tdx_round_down(m.start, TDX_SZ_1G);
	left[1].size = end - left[1].base;
	left->size = cut_reach(p->map, &cut_loose, left->base, at) - left->base;
	cut_fill(p->map, &left[0]);
	cut_fill(p->map, &left[1]);
	return true;
}

/* The largest TDMR, smaller than @size, for which there is a piece; 0: none. */
static u64 largest_possible(struct placing *p, u64 size, s32 node)
{
	u32 entry_size = p->map->in->limits.entry_size[TDX_PS_4K];
	u64 lo = 0, hi = tdx_min(size, p->too_large), mid, base, bytes;

	while (hi - lo > TDX_SZ_1G) {
		mid = lo + tdx_round_down((hi - lo) / 2, TDX_SZ_1G);
		bytes = tdmr_pamt_size(mid, TDX_PS_4K, entry_size);
		base = p->src->get(p->src->ctx, bytes, node, 0);
		if (base) {
			p->src->put(p->src->ctx, base, bytes);
			lo = mid;
		} else {
			hi = mid;
		}
	}
	p->too_large = hi;
	return lo;
}

/* Cuts the TDMR where a piece was of no use, its areas shared out. */
static bool cut_crowded(struct placing *p)
{
	struct tdmr_plan *plan = p->plan;
	u32 k, areas;
	u64 lo, hi, mid, end;

	for (k = 0; k < plan->nr_tdmrs; k++)
		if (plan->tdmrs[k].base + plan->tdmrs[k].size > p->landed)
			break;
	if (k == plan->nr_tdmrs || plan->tdmrs[k].base > p->landed ||
	    plan->tdmrs[k].size <= TDX_SZ_1G)
		return false;
	lo = plan->tdmrs[k].base;
	end = lo + plan->tdmrs[k].size;
	hi = end - TDX_SZ_1G;
	areas = map_areas(p->map, lo, end, NULL);
	while (hi - lo > TDX_SZ_1G) {
		mid = lo + tdx_round_down((hi - lo) / 2, TDX_SZ_1G);
		if (2 * map_areas(p->map, plan->tdmrs[k].base, mid, NULL) >= areas)
			hi = mid;
		else
			lo = mid;
	}
	/* Taking one's pieces out from between others might cost areas. */
	if (plan->tdmrs[k].nr_placed)
		pieces_give_back(p);
	return cut_at(p, k, hi);
}

/* ---- all of them ---- */

/* The largest of those that have the fewest pieces placed. */
static struct tdmr *next_unplaced(struct tdmr_plan *plan)
{
	struct tdmr *next = NULL;
	u32 i;

	for (i = 0; i < plan->nr_tdmrs; i++) {
		struct tdmr *t = &plan->tdmrs[i];

		if (t->nr_placed < t->nr_pieces &&
		    (!next || t->nr_placed < next->nr_placed ||
		     (t->nr_placed == next->nr_placed && t->size > next->size)))
			next = t;
	}
	return next;
}

static bool any_placed(const struct tdmr_plan *plan)
{
	u32 i;

	for (i = 0; i < plan->nr_tdmrs; i++)
		if (plan->tdmrs[i].nr_placed)
			return true;
	return false;
}

/* Keeps the smallest piece whose lack made an attempt fail. */
static int lacking(struct placing *p, u64 bytes, s32 node)
{
	if (!p->plan->wanted || bytes < p->plan->wanted) {
		p->plan->wanted = bytes;
		p->plan->wanted_node = node;
	}
	return -ENOMEM;
}

/* No memory in one piece for the TDMR as it is: cuts it to what there is. */
static int cut_to_fit(struct placing *p, struct tdmr *tdmr)
{
	u32 entry_size = p->map->in->limits.entry_size[TDX_PS_4K];
	u64 size, least;

	/* The small levels shrink hardly with the TDMR. */
	if (tdmr->nr_placed)
		return lacking(p, tdmr->pamt[TDX_PS_2M].size, tdmr->node);
	size = largest_possible(p, tdmr->size, tdmr->node);
	if (!any_placed(p->plan)) {
		least = cut_least_size(p->map);
		p->hopeless = size < least;
		if (p->hopeless)
			return lacking(p, tdmr_pamt_size(least, TDX_PS_4K, entry_size), tdmr->node);
	}
	if (!size)
		return lacking(p, tdmr_pamt_size(TDX_SZ_1G, TDX_PS_4K, entry_size), tdmr->node);
	if (!cut_at(p, tdmr - p->plan->tdmrs, tdmr->base + size))
		return lacking(p, tdmr->pamt[TDX_PS_4K].size, tdmr->node);
	return 0;
}

/* With the TDMRs as they are; each cut adds one, so it comes to an end. */
int fit_all(struct placing *p)
{
	struct tdmr_plan *plan = p->plan;
	struct tdmr *tdmr = next_unplaced(plan);
	int err;

	while (tdmr) {
		switch (pieces_place(p, tdmr)) {
		case TAKEN:
			tdmr = next_unplaced(plan);
			break;
		case NO_PIECE:
			/* Its first part is next: it takes what was just found. */
			err = cut_to_fit(p, tdmr);
			if (err)
				return err;
			break;
		case NO_AREA:
			if (!cut_crowded(p))
				return -ENOSPC;
			tdmr = next_unplaced(plan);
			break;
		}
	}
	return 0;
}
