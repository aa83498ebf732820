// SPDX-License-Identifier: GPL-2.0-only
#include "tdmr_cut.h"
#include "tdmr_pieces.h"
#include "tdmr_sum.h"

/* ---- one piece ---- */

/* May there be a PAMT at [base, base + size)? */
static bool fits(struct placing *p, u64 base, u64 size)
{
	struct tdx_range r = { .start = base, .end = base + size };
	const struct tdmr_map *map = p->map;
	u32 i = tdx_ranges_find(map->fence, map->nr_fences, base);

	/* In one CMR, and in no other PAMT: so between two fences. */
	if ((base & (TDX_SZ_4K - 1)) || r.end <= base || r.end > map->fence[i].start)
		return false;
	for (i = 0; i < p->plan->nr_tdmrs; i++) {
		const struct tdmr *t = &p->plan->tdmrs[i];

		if (t->base < r.end && base < t->base + t->size &&
		    map_areas(p->map, t->base, t->base + t->size, &r) > map->max_reserved)
			return false;
	}
	return true;
}

/* Keeps the piece at @base, if there is one and it may lie there. */
static bool keep(struct placing *p, u64 base, u64 size)
{
	if (!base)
		return false;
	if (fits(p, base, size))
		return true;
	p->landed = base;
	p->src->put(p->src->ctx, base, size);
	return false;
}

static bool take_in(struct placing *p, u64 size, u64 start, u64 end, u64 *base)
{
	*base = p->src->get_in(p->src->ctx, size, start, end);
	return keep(p, *base, size);
}

static bool take_at(struct placing *p, u64 size, u64 at, u64 *base)
{
	return fits(p, at, size) && take_in(p, size, at, at + size, base);
}

/* Beside fences it costs no area: what lies between is not to be covered. */
static bool take_beside(struct placing *p, u64 size, u64 *base)
{
	struct tdmr_map *map = p->map;
	struct tdx_range m;
	u64 below;
	u32 i;

	for (i = 0; i < map->nr_fences; i++) {
		if (map_next(map, map->fence[i].end, false, &m) && take_at(p, size, m.start, base))
			return true;
		below = map_last_end(map, map->fence[i].start);
		if (below > size && take_at(p, size, below - size, base))
			return true;
	}
	for (i = 0; i < map->nr_drops; i++)
		if (take_at(p, size, map->drop[i].start, base))
			return true;
	return false;
}

static bool take_with_area(struct placing *p, u64 size, u64 *base)
{
	u32 i;

	for (i = 0; i < p->plan->nr_tdmrs; i++) {
		const struct tdmr *t = &p->plan->tdmrs[i];
		u64 end = t->base + t->size;

		if (map_areas(p->map, t->base, end, NULL) < p->map->max_reserved &&
		    take_in(p, size, t->base, end, base))
			return true;
	}
	return false;
}

static enum taken take(struct placing *p, u64 size, s32 node, u64 near, u64 *base)
{
	u64 landed;

	*base = p->src->get(p->src->ctx, size, node, near);
	if (keep(p, *base, size))
		return TAKEN;
	if (!*base)
		return NO_PIECE;
	landed = p->landed;
	if (take_beside(p, size, base) || take_with_area(p, size, base))
		return TAKEN;
	if (!p->second)
		p->landed = landed;
	return NO_AREA;
}

/* ---- one TDMR ---- */

static void add_fence(struct tdmr_map *map, struct tdmr_area piece)
{
	tdx_ranges_add(map->fence, &map->nr_fences, piece.base, piece.base + piece.size);
}

static void put_pieces(struct placing *p, struct tdmr *tdmr, u32 keep)
{
	struct tdmr_area piece;

	while (tdmr->nr_placed > keep) {
		piece = sum_piece(tdmr, --tdmr->nr_placed);
		p->src->put(p->src->ctx, piece.base, piece.size);
	}
}

/* Puts all but the first @keep pieces back. */
static void give_back(struct placing *p, struct tdmr *tdmr, u32 keep)
{
	u32 i, j;

	if (tdmr->nr_placed <= keep)
		return;
	put_pieces(p, tdmr, keep);
	p->too_large = TDMR_ANY_SIZE;
	map_reset_fences(p->map);
	for (i = 0; i < p->plan->nr_tdmrs; i++)
		for (j = 0; j < p->plan->tdmrs[i].nr_placed; j++)
			add_fence(p->map, sum_piece(&p->plan->tdmrs[i], j));
}

void pieces_give_back(struct placing *p)
{
	u32 i;

	for (i = 0; i < p->plan->nr_tdmrs; i++)
		put_pieces(p, &p->plan->tdmrs[i], 0);
	p->too_large = TDMR_ANY_SIZE;
	map_reset_fences(p->map);
}

/* The start of a place for all PAMTs, or for as many as there is. */
static u64 widest(struct placing *p, u64 size, s32 node)
{
	u64 all = 0, base;
	u32 i, level;

	for (i = 0; i < p->plan->nr_tdmrs; i++)
		for (level = 0; level < TDX_PS_NR; level++)
			all += p->plan->tdmrs[i].pamt[level].size;
	for (; all > size; all = tdx_round_down(all / 2, TDX_SZ_4K)) {
		if (take(p, all, node, 0, &base) == TAKEN) {
			p->src->put(p->src->ctx, base, all);
			return base;
		}
	}
	return 0;
}

/* Where the last PAMT of that node ends: side by side they share an area. */
static u64 neighbour(struct placing *p, const struct tdmr *tdmr)
{
	const struct tdmr_plan *plan = p->plan;
	struct tdmr_area piece;
	u64 near = 0;
	u32 i;

	for (i = 0; i < plan->nr_tdmrs; i++) {
		const struct tdmr *t = &plan->tdmrs[i];

		if (!t->nr_placed || (t->node != tdmr->node && !p->second))
			continue;
		piece = sum_piece(t, t->nr_placed - 1);
		near = tdx_max(near, piece.base + piece.size);
	}
	if (!near && p->second)
		return widest(p, sum_piece(tdmr, 0).size, tdmr->node);
	return near;
}

/* Places pieces until @nr of @nr_pieces have their place; or no more than had. */
static enum taken place_pieces(struct placing *p, struct tdmr *tdmr, u32 nr_pieces, u32 nr)
{
	u64 too_large = p->too_large, near, base;
	u32 had = tdmr->nr_placed;
	enum taken taken;

	tdmr->nr_pieces = nr_pieces;
	near = neighbour(p, tdmr);
	while (tdmr->nr_placed < nr) {
		u64 size = sum_piece(tdmr, tdmr->nr_placed).size;

		taken = take(p, size, tdmr->node, near, &base);
		if (taken != TAKEN) {
			give_back(p, tdmr, had);
			p->too_large = too_large;
			return taken;
		}
		tdmr->pamt[tdmr->nr_placed++].base = base;
		add_fence(p->map, sum_piece(tdmr, tdmr->nr_placed - 1));
		near = base + size;
	}
	return TAKEN;
}

enum taken pieces_place(struct placing *p, struct tdmr *tdmr)
{
	enum taken taken = NO_PIECE, best = NO_PIECE;
	u32 nr;

	if (!tdmr->nr_placed) {
		if (tdmr->size >= p->too_large)
			return NO_PIECE;
		if (p->apart)
			return place_pieces(p, tdmr, 2, 1);
	}
	for (nr = tdmr->nr_placed + 1; nr <= TDX_PS_NR; nr++) {
		taken = place_pieces(p, tdmr, nr, nr);
		if (taken == TAKEN)
			return TAKEN;
		if (taken == NO_AREA)
			best = NO_AREA;
	}
	return best;
}
