// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finds a place for every PAMT and cuts TDMRs where necessary.  When no TDMR is left to
 * cut with, the next attempt starts over.  The head of tdmr_plan.h explains the policy.
 */
#include "tdmr_cut.h"
#include "tdmr_pieces.h"
#include "tdmr_sum.h"

/* ---- cuts ---- */

/*
 * The end of a TDMR from @base to @at: no further than what it has to cover or, where that
 * would be a bad end, as far as possible.  0: every end is bad.
 */
static u64 good_end(struct tdmr_planner *pl, u64 base, u64 at, u64 next)
{
	u64 end = tdmr_cut_reach(&pl->map, &tdmr_cut_loose, base, at);

	if (tdmr_map_areas(&pl->map, base, end, NULL) <= pl->map.max_reserved)
		return end;
	return tdmr_map_areas(&pl->map, base, next, NULL) <= pl->map.max_reserved ? next : 0;
}

/* The block with the next memory to cover above @at; 0: there is none. */
static u64 next_block(struct tdmr_planner *pl, u64 at)
{
	struct tdx_range m;

	return tdmr_map_next(&pl->map, at, false, &m) ? tdx_round_down(m.start, TDX_SZ_1G) : 0;
}

/* Cuts TDMR @k, which has no place yet, at @at; neither part is longer than necessary. */
static bool cut_at(struct tdmr_planner *pl, u32 k, u64 at)
{
	struct tdmr_plan *plan = pl->plan;
	struct tdmr *left = &plan->tdmrs[k];
	u64 end = left->base + left->size, right = next_block(pl, at), left_end;
	u32 i;

	if (plan->nr_tdmrs == pl->map.max_tdmrs || !right)
		return false;
	left_end = good_end(pl, left->base, at, right);
	if (!left_end)
		return false;
	for (i = plan->nr_tdmrs++; i > k + 1; i--)
		plan->tdmrs[i] = plan->tdmrs[i - 1];
	left[1].base = right;
	left[1].size = end - right;
	left->size = left_end - left->base;
	tdmr_cut_fill(&pl->map, &left[0]);
	tdmr_cut_fill(&pl->map, &left[1]);
	return true;
}

/* The largest TDMR, smaller than @size, for which there is a piece; 0: none. */
static u64 largest_possible(struct tdmr_planner *pl, u64 size, s32 node)
{
	u32 entry_size = pl->map.in->limits.entry_size[TDX_PS_4K];
	u64 lo = 0, hi = tdx_min(size, pl->too_large), mid, base, bytes;

	while (hi - lo > TDX_SZ_1G) {
		mid = lo + tdx_round_down((hi - lo) / 2, TDX_SZ_1G);
		bytes = tdmr_pamt_size(mid, TDX_PS_4K, entry_size);
		base = pl->src->get(pl->src->ctx, bytes, node, 0);
		if (base) {
			pl->src->put(pl->src->ctx, base, bytes);
			lo = mid;
		} else {
			hi = mid;
		}
	}
	pl->too_large = hi;
	return lo;
}

/* Records the smallest piece that an attempt failed for lack of. */
static int lacking(struct tdmr_planner *pl, u64 bytes, s32 node)
{
	if (!pl->wanted || bytes < pl->wanted) {
		pl->wanted = bytes;
		pl->wanted_node = node;
	}
	return -ENOMEM;
}

static bool any_placed(const struct tdmr_plan *plan)
{
	u32 i;

	for (i = 0; i < plan->nr_tdmrs; i++)
		if (plan->tdmrs[i].nr_placed)
			return true;
	return false;
}

/* No free piece is large enough for the TDMR: cuts it to fit the largest one. */
static int cut_to_fit(struct tdmr_planner *pl, struct tdmr *tdmr)
{
	u32 entry_size = pl->map.in->limits.entry_size[TDX_PS_4K];
	u64 size, least;

	/* A cut hardly makes the 2M and 1G levels smaller. */
	if (tdmr->nr_placed)
		return lacking(pl, tdmr->pamt[TDX_PS_2M].size, tdmr->node);
	size = largest_possible(pl, tdmr->size, tdmr->node);
	if (!any_placed(pl->plan)) {
		least = tdmr_cut_least_size(&pl->map);
		pl->hopeless = size < least;
		if (pl->hopeless)
			return lacking(pl, tdmr_pamt_size(least, TDX_PS_4K, entry_size),
				       tdmr->node);
	}
	if (!size)
		return lacking(pl, tdmr_pamt_size(TDX_SZ_1G, TDX_PS_4K, entry_size), tdmr->node);
	if (!cut_at(pl, tdmr - pl->plan->tdmrs, tdmr->base + size))
		return lacking(pl, tdmr->pamt[TDX_PS_4K].size, tdmr->node);
	return 0;
}

/* Cuts the TDMR that has no area left for the piece that was found: each half has its own. */
static bool cut_crowded(struct tdmr_planner *pl)
{
	struct tdmr_plan *plan = pl->plan;
	u32 k, areas;
	u64 lo, hi, mid, end;

	for (k = 0; k < plan->nr_tdmrs; k++)
		if (plan->tdmrs[k].base + plan->tdmrs[k].size > pl->landed)
			break;
	if (k == plan->nr_tdmrs || plan->tdmrs[k].size <= TDX_SZ_1G)
		return false;
	lo = plan->tdmrs[k].base;
	end = lo + plan->tdmrs[k].size;
	hi = end - TDX_SZ_1G;
	areas = tdmr_map_areas(&pl->map, lo, end, NULL);
	while (hi - lo > TDX_SZ_1G) {
		mid = lo + tdx_round_down((hi - lo) / 2, TDX_SZ_1G);
		if (2 * tdmr_map_areas(&pl->map, plan->tdmrs[k].base, mid, NULL) >= areas)
			hi = mid;
		else
			lo = mid;
	}
	/* To give back pieces between others might cost areas. */
	if (plan->tdmrs[k].nr_placed)
		tdmr_pieces_give_back(pl);
	return cut_at(pl, k, hi);
}

/* ---- one attempt ---- */

/* The largest of the TDMRs with the fewest pieces placed. */
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

/*
 * Places all pieces that have no place.  It ends, as each cut adds a TDMR.  -ENOMEM: there
 * is no piece of planner->wanted bytes; -ENOSPC: no reserved area and no TDMR is left.
 */
static int fit(struct tdmr_planner *pl)
{
	struct tdmr_plan *plan = pl->plan;
	struct tdmr *tdmr = next_unplaced(plan);
	int err;

	while (tdmr) {
		switch (tdmr_pieces_place(pl, tdmr)) {
		case TDMR_TAKEN:
			tdmr = next_unplaced(plan);
			break;
		case TDMR_NO_PIECE:
			/* The first part comes next, and takes the piece that was found. */
			err = cut_to_fit(pl, tdmr);
			if (err)
				return err;
			break;
		case TDMR_AREAS_USED:
			if (!cut_crowded(pl))
				return -ENOSPC;
			tdmr = next_unplaced(plan);
			break;
		}
	}
	return 0;
}

/* ---- the attempts ---- */

static const struct rung {
	bool loose;	/* TDMRs of any size from the planned one up, across gaps and nodes */
	bool gather;
	u32 first_gb;	/* 0: the first TDMR is as large as the others */
} ladder[] = {
	{ },
	{ .loose = true },
	{ .loose = true, .gather = true },
	{ .loose = true, .gather = true, .first_gb = 1 },
	{ .loose = true, .gather = true, .first_gb = 2 },
};

#define NR_RUNGS	(sizeof(ladder) / sizeof(ladder[0]))

/* Cuts with the same largest TDMR and the same number of TDMRs are the same cut. */
static u64 signature(const struct tdmr_plan *plan)
{
	u64 size = 0;
	u32 i;

	for (i = 0; i < plan->nr_tdmrs; i++)
		size = tdx_max(size, plan->tdmrs[i].size);
	return size + plan->nr_tdmrs;
}

/* The next attempt: a larger size on the same rung, else the next rung.  False: none is left. */
static bool next_attempt(struct tdmr_planner *pl, const struct tdmr_cut *planned, u32 *rung)
{
	struct tdmr_map *map = &pl->map;
	u64 size = map->cut.size;

	if (ladder[*rung].loose && size < map->cmr[map->nr_cmr - 1].end) {
		size += tdx_max(TDX_SZ_1G, tdx_round_down(size / 2, TDX_SZ_1G));
	} else {
		if (++*rung == NR_RUNGS)
			return false;
		size = planned->size;
	}
	map->cut = ladder[*rung].loose ? tdmr_cut_loose : *planned;
	map->cut.size = size;
	if (ladder[*rung].first_gb)
		map->cut.first = ladder[*rung].first_gb * TDX_SZ_1G;
	pl->gather = ladder[*rung].gather;
	return true;
}

static int place_all(struct tdmr_planner *pl)
{
	struct tdmr_cut planned = pl->map.cut;
	int err = -ENOSPC;
	u64 last = 0;
	u32 rung = 0;

	pl->gather = false;
	pl->hopeless = false;
	do {
		if (!tdmr_cut_all(pl))
			continue;
		if (pl->attempt == rung + 1 && signature(pl->plan) == last)
			continue;	/* no other cut than the last */
		last = signature(pl->plan);
		pl->attempt = rung + 1;
		pl->too_large = TDMR_ANY_SIZE;
		err = fit(pl);
		if (!err)
			break;
		tdmr_pieces_give_back(pl);
	} while (!pl->hopeless && next_attempt(pl, &planned, &rung));
	pl->map.cut = planned;
	return err;
}

/* There are too few areas: leaves out the TDMR that covers least, if that can help. */
static bool drop_smallest(struct tdmr_planner *pl)
{
	struct tdmr_map *map = &pl->map;
	const struct tdmr *smallest = NULL;
	u64 bytes, least = TDX_NO_ADDR;
	u32 i;

	tdmr_cut_all(pl);
	for (i = 0; i < pl->plan->nr_tdmrs; i++) {
		const struct tdmr *t = &pl->plan->tdmrs[i];

		bytes = tdmr_map_bytes(map, t->base, t->base + t->size, false);
		if (bytes < least) {
			least = bytes;
			smallest = t;
		}
	}
	return pl->plan->nr_tdmrs > 1 &&
	       tdmr_map_drop(map, smallest->base, smallest->base + smallest->size,
			     TDMR_NO_AREA) &&
	       tdmr_cut_choose(map, map->in->tdmr_size);
}

int tdmr_place(struct tdmr_planner *pl, const struct pamt_source *src)
{
	const struct tdmr_input *in = pl->map.in;
	int err;

	if (!pl->plan)
		return -EINVAL;
	pl->src = src;
	err = place_all(pl);
	/* It ends, as each round leaves more out. */
	while (err == -ENOSPC && in->policy == TDMR_BEST_EFFORT && drop_smallest(pl))
		err = place_all(pl);
	if (err)
		return err;
	tdmr_sum_reserved(pl);
	if (!tdmr_sum_excluded(pl)) {
		tdmr_pieces_give_back(pl);
		return -ENOSPC;
	}
	tdmr_sum_totals(pl);
	return 0;
}
