// SPDX-License-Identifier: GPL-2.0-only
/*
 * Where PAMTs lie.  When cuts use up the TDMRs (tdmr_fit.c), everything is given
 * back and tried again with larger ones: they take the larger pieces of memory
 * where there are some, and so leave TDMRs to cut where there are none.
 */
#include "tdmr_cut.h"
#include "tdmr_fit.h"
#include "tdmr_small.h"
#include "tdmr_sum.h"
#include "tdmr_tail.h"

/* The largest and the number of TDMRs tell one cut from the next. */
static u64 largest_size(const struct tdmr_plan *plan)
{
	u64 size = 0;
	u32 i;

	for (i = 0; i < plan->nr_tdmrs; i++)
		size = tdx_max(size, plan->tdmrs[i].size);
	return size;
}

/* Ever larger TDMRs, as map->cut says otherwise. */
static int place_growing(struct placing *p, int last)
{
	struct tdmr_cut *cut = &p->map->cut;
	u64 end = p->map->cmr[p->map->nr_cmr - 1].end, largest = 0;
	u32 nr = 0;
	int err = last;

	for (;; cut->size += tdx_max(TDX_SZ_1G, tdx_round_down(cut->size / 2, TDX_SZ_1G))) {
		if (cut_all(p->plan) &&
		    (p->plan->nr_tdmrs != nr || largest_size(p->plan) != largest)) {
			nr = p->plan->nr_tdmrs;
			largest = largest_size(p->plan);
			p->too_large = TDMR_ANY_SIZE;
			err = fit_all(p);
			if (!err)
				return 0;
			pieces_give_back(p);
			if (p->hopeless)
				break;
		}
		if (cut->size >= end)
			break;
	}
	return err;
}

static int place_cuts(struct placing *p)
{
	struct tdmr_cut *cut = &p->map->cut;
	struct tdmr_cut planned = *cut;
	int err = -ENOSPC, i;

	for (i = 0; i < 4; i++) {
		*cut = i & 2 ? cut_loose : planned;
		cut->size = planned.size;
		p->second = i & 1;
		err = place_growing(p, err);
		if (!err || p->hopeless)
			break;
	}
	*cut = planned;
	return err;
}

/*
 * TDMRs of 1 GB less than would reach all memory, and PAMTs where they do not; or
 * all as it was.
 */
static int place_with_tail(struct placing *p)
{
	struct tdmr_map *map = p->map;
	struct tdmr_cut planned = map->cut;
	int err = -ENOSPC;
	u64 size;

	if (map->nr_drops || map->cmr_dropped)
		return err;
	size = cut_least_size(map) - TDX_SZ_1G;
	if (!size || size < map->in->tdmr_size)
		return err;
	map->cut = cut_loose;
	map->cut.size = size;
	if (tail_fill(p->plan, p->src))
		err = fit_all(p);
	if (!err)
		return 0;
	pieces_give_back(p);
	map->nr_drops = 0;
	map->cut = planned;
	return err;
}

static int place_any(struct placing *p)
{
	int err = place_with_tail(p);

	if (err)
		err = place_cuts(p);
	if (!err || p->hopeless || !small_is(p->map))
		return err;
	return small_place(p, err);
}

/* Best effort: when areas are lacking, does it help to leave a TDMR out? */
static bool drop_smallest(struct placing *p)
{
	struct tdmr_plan *plan = p->plan;
	const struct tdmr *smallest = NULL;
	u64 bytes, least = TDX_NO_ADDR;
	u32 i;

	if (!cut_choose(p->map, p->map->in->tdmr_size) || !cut_all(plan))
		return false;
	for (i = 0; i < plan->nr_tdmrs; i++) {
		const struct tdmr *t = &plan->tdmrs[i];

		bytes = map_bytes(p->map, t->base, t->base + t->size, false);
		if (bytes < least) {
			least = bytes;
			smallest = t;
		}
	}
	return plan->nr_tdmrs > 1 &&
	       map_drop(p->map, smallest->base, smallest->base + smallest->size, TDMR_NO_AREA) &&
	       cut_choose(p->map, p->map->in->tdmr_size);
}

/* ---- reserved areas ---- */

/* Joins two areas over the smallest stretch that nothing is lost with. */
static void join_areas(struct tdmr_map *map, u64 base, u32 *nr)
{
	struct tdmr_area *area = map->area;
	u64 gap, least = TDX_NO_ADDR;
	u32 i, at = 0;

	for (i = 0; i + 1 < *nr; i++) {
		u64 end = area[i].base + area[i].size;

		gap = area[i + 1].base - end;
		if (gap < least && !map_any(map, base + end, base + area[i + 1].base)) {
			least = gap;
			at = i;
		}
	}
	area[at].size = area[at + 1].base + area[at + 1].size - area[at].base;
	(*nr)--;
	for (i = at + 1; i < *nr; i++)
		area[i] = area[i + 1];
}

/* Where each level lies, and what is reserved. */
static void finish(struct tdmr_map *map, struct tdmr *tdmr)
{
	u64 end = tdmr->base + tdmr->size;
	u32 i, nr = 0;

	for (i = tdmr->nr_pieces; i < TDX_PS_NR; i++)
		tdmr->pamt[i].base = tdmr->pamt[i - 1].base + tdmr->pamt[i - 1].size;
	i = tdx_ranges_find(map->fence, map->nr_fences, tdmr->base);
	for (; i < map->nr_fences && map->fence[i].start < end; i++) {
		u64 start = tdx_max(map->fence[i].start, tdmr->base);

		map->area[nr].base = start - tdmr->base;
		map->area[nr++].size = tdx_min(map->fence[i].end, end) - start;
	}
	while (nr > map->max_reserved)
		join_areas(map, tdmr->base, &nr);
	tdmr->nr_reserved = nr;
	for (i = 0; i < nr; i++)
		tdmr->reserved[i] = map->area[i];
}

int tdmr_place(const struct tdmr_input *in, struct tdmr_plan *out,
	       const struct pamt_source *src)
{
	struct placing p = { .plan = out, .map = &out->map, .src = src,
			     .too_large = TDMR_ANY_SIZE };
	int err, tries;
	u32 i;

	if (!out->nr_tdmrs || in != out->map.in)
		return -EINVAL;	/* not the plan that tdmr_plan() made of it */
	out->wanted = 0;
	out->wanted_node = -1;
	err = place_any(&p);
	for (tries = TDX_MAX_TDMRS; err == -ENOSPC && in->policy == TDMR_BEST_EFFORT && tries;
	     tries--) {
		if (!drop_smallest(&p))
			break;
		err = place_any(&p);
	}
	if (err)
		return err;
	for (i = 0; i < out->nr_tdmrs; i++)
		finish(p.map, &out->tdmrs[i]);
	err = sum_excluded(out);
	if (err) {
		pieces_give_back(&p);
		return err;
	}
	sum_totals(out);
	return 0;
}
