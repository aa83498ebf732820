// SPDX-License-Identifier: GPL-2.0-only
#include "tdmr_cut.h"
#include "tdmr_pieces.h"
#include "tdmr_sum.h"

/* ---- one piece ---- */

/* May there be a PAMT at [base, base + size)? */
static bool fits(struct tdmr_planner *pl, u64 base, u64 size)
{
	struct tdx_range r = { .start = base, .end = base + size };
	const struct tdmr_map *map = &pl->map;
	u32 i = tdx_ranges_find(map->fence, map->nr_fences, base);

	/* Inside one CMR and outside all PAMTs, so between two fences. */
	if ((base & (TDX_SZ_4K - 1)) || r.end <= base || r.end > map->fence[i].start)
		return false;
	for (i = 0; i < pl->plan->nr_tdmrs; i++) {
		const struct tdmr *t = &pl->plan->tdmrs[i];

		if (t->base < r.end && base < t->base + t->size &&
		    tdmr_map_areas(&pl->map, t->base, t->base + t->size, &r) > map->max_reserved)
			return false;
	}
	return true;
}

/* Keeps the piece at @base if the source has given one and a PAMT may lie there. */
static bool keep(struct tdmr_planner *pl, u64 base, u64 size)
{
	if (!base)
		return false;
	if (fits(pl, base, size))
		return true;
	pl->src->put(pl->src->ctx, base, size);
	return false;
}

static bool take_in(struct tdmr_planner *pl, u64 size, u64 start, u64 end, u64 *base)
{
	*base = pl->src->get_in(pl->src->ctx, size, start, end);
	return keep(pl, *base, size);
}

static bool take_at(struct tdmr_planner *pl, u64 size, u64 at, u64 *base)
{
	return fits(pl, at, size) && take_in(pl, size, at, at + size, base);
}

/* A piece beside a fence, with nothing to cover between them, shares the fence's area. */
static bool take_beside(struct tdmr_planner *pl, u64 size, u64 *base)
{
	struct tdmr_map *map = &pl->map;
	struct tdx_range m;
	u64 below;
	u32 i;

	for (i = 0; i < map->nr_fences; i++) {
		if (tdmr_map_next(map, map->fence[i].end, false, &m) &&
		    take_at(pl, size, m.start, base))
			return true;
		below = tdmr_map_last_end(map, map->fence[i].start);
		if (below > size && take_at(pl, size, below - size, base))
			return true;
	}
	for (i = 0; i < map->nr_drops; i++)
		if (take_at(pl, size, map->drop[i].start, base))
			return true;
	return false;
}

static bool take_with_area(struct tdmr_planner *pl, u64 size, u64 *base)
{
	u32 i;

	for (i = 0; i < pl->plan->nr_tdmrs; i++) {
		const struct tdmr *t = &pl->plan->tdmrs[i];
		u64 end = t->base + t->size;

		if (tdmr_map_areas(&pl->map, t->base, end, NULL) < pl->map.max_reserved &&
		    take_in(pl, size, t->base, end, base))
			return true;
	}
	return false;
}

static enum tdmr_taken take(struct tdmr_planner *pl, u64 size, s32 node, u64 near, u64 *base)
{
	*base = pl->src->get(pl->src->ctx, size, node, near);
	if (keep(pl, *base, size))
		return TDMR_TAKEN;
	if (!*base)
		return TDMR_NO_PIECE;
	pl->landed = *base;
	if (take_beside(pl, size, base) || take_with_area(pl, size, base))
		return TDMR_TAKEN;
	return TDMR_AREAS_USED;
}

/* ---- one TDMR ---- */

static void add_fence(struct tdmr_map *map, struct tdmr_area piece)
{
	tdx_ranges_add(map->fence, &map->nr_fences, piece.base, piece.base + piece.size);
}

static void keep_fences(struct tdmr_planner *pl)
{
	pl->nr_kept = pl->map.nr_fences;
	memcpy(pl->kept, pl->map.fence, sizeof(pl->kept));
}

static void restore_fences(struct tdmr_planner *pl)
{
	pl->map.nr_fences = pl->nr_kept;
	memcpy(pl->map.fence, pl->kept, sizeof(pl->kept));
}

/* Puts all but the first @keep pieces back. */
static void put_pieces(struct tdmr_planner *pl, struct tdmr *tdmr, u32 keep)
{
	struct tdmr_area piece;

	while (tdmr->nr_placed > keep) {
		piece = tdmr_sum_piece(tdmr, --tdmr->nr_placed);
		pl->src->put(pl->src->ctx, piece.base, piece.size);
	}
}

void tdmr_pieces_give_back(struct tdmr_planner *pl)
{
	u32 i;

	for (i = 0; i < pl->plan->nr_tdmrs; i++)
		put_pieces(pl, &pl->plan->tdmrs[i], 0);
	pl->too_large = TDMR_ANY_SIZE;
	tdmr_map_reset_fences(&pl->map);
}

/* The start of a place for all PAMTs; 0: there is none. */
static u64 place_for_all(struct tdmr_planner *pl, s32 node)
{
	u64 all = 0, base;
	u32 i, level;

	for (i = 0; i < pl->plan->nr_tdmrs; i++)
		for (level = 0; level < TDX_PS_NR; level++)
			all += pl->plan->tdmrs[i].pamt[level].size;
	if (take(pl, all, node, 0, &base) != TDMR_TAKEN)
		return 0;
	pl->src->put(pl->src->ctx, base, all);
	return base;
}

/* The end of the node's last PAMT: PAMTs side by side share an area. */
static u64 neighbour(struct tdmr_planner *pl, const struct tdmr *tdmr)
{
	const struct tdmr_plan *plan = pl->plan;
	struct tdmr_area piece;
	u64 near = 0;
	u32 i;

	for (i = 0; i < plan->nr_tdmrs; i++) {
		const struct tdmr *t = &plan->tdmrs[i];

		if (!t->nr_placed || (t->node != tdmr->node && !pl->gather))
			continue;
		piece = tdmr_sum_piece(t, t->nr_placed - 1);
		near = tdx_max(near, piece.base + piece.size);
	}
	if (!near && pl->gather)
		return place_for_all(pl, tdmr->node);
	return near;
}

/* Places pieces until @nr of @nr_pieces have a place; on failure none that had none before. */
static enum tdmr_taken place_pieces(struct tdmr_planner *pl, struct tdmr *tdmr,
				    u32 nr_pieces, u32 nr)
{
	u64 near, base;
	u32 had = tdmr->nr_placed;
	enum tdmr_taken taken;

	keep_fences(pl);
	tdmr->nr_pieces = nr_pieces;
	near = neighbour(pl, tdmr);
	while (tdmr->nr_placed < nr) {
		u64 size = tdmr_sum_piece(tdmr, tdmr->nr_placed).size;

		taken = take(pl, size, tdmr->node, near, &base);
		if (taken != TDMR_TAKEN) {
			put_pieces(pl, tdmr, had);
			restore_fences(pl);
			return taken;
		}
		tdmr->pamt[tdmr->nr_placed++].base = base;
		add_fence(&pl->map, tdmr_sum_piece(tdmr, tdmr->nr_placed - 1));
		near = base + size;
	}
	return TDMR_TAKEN;
}

enum tdmr_taken tdmr_pieces_place(struct tdmr_planner *pl, struct tdmr *tdmr)
{
	enum tdmr_taken taken = TDMR_NO_PIECE, best = TDMR_NO_PIECE;
	u32 nr;

	if (!tdmr->nr_placed) {
		if (tdmr->size >= pl->too_large)
			return TDMR_NO_PIECE;
		if (pl->gather)
			return place_pieces(pl, tdmr, 2, 1);
	}
	for (nr = tdmr->nr_placed + 1; nr <= TDX_PS_NR; nr++) {
		taken = place_pieces(pl, tdmr, nr, nr);
		if (taken == TDMR_TAKEN)
			return TDMR_TAKEN;
		if (taken == TDMR_AREAS_USED)
			best = TDMR_AREAS_USED;
	}
	return best;
}
