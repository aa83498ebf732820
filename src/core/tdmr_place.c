// SPDX-License-Identifier: GPL-2.0-only
/*
 * PAMTs, largest first.  Two things may be in the way, and each is answered by
 * a cut: no piece of memory that large (the TDMR is cut to what can be had), or
 * the only pieces lie in TDMRs with no reserved area left (that TDMR is cut: its
 * halves have their own areas).  When cuts use up the TDMRs, everything is given
 * back and tried again with larger ones: they take the larger pieces of memory
 * where there are some, and so leave TDMRs to cut where there are none.
 */
#include "tdmr_cut.h"
#include "tdmr_sum.h"
#include "tdmr_tail.h"

enum taken {
	TAKEN,
	NO_PIECE,	/* the source has none of this size */
	NO_AREA,	/* it has, where no reserved area is left */
};

struct placing {
	struct tdmr_plan *plan;
	struct tdmr_map *map;
	const struct pamt_source *src;
	u64 too_large;	/* TDMRs of this size find no memory */
	u64 landed;	/* where a piece was of no use */
	bool second;	/* where there is a choice, not the first one */
	bool apart;	/* 4K levels of all TDMRs before the others */
	bool hopeless;	/* no piece is as large as the best of plans needs */
};

/* ---- one piece ---- */

/* May there be a PAMT at [base, base + size)? */
static bool fits(struct placing *p, u64 base, u64 size)
{
	struct tdx_range r = { .start = base, .end = base + size };
	const struct tdmr_map *map = p->map;
	u32 i = ranges_find(map->fence, map->nr_fences, base);

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
	ranges_add(map->fence, &map->nr_fences, piece.base, piece.base + piece.size);
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

static void give_all_back(struct placing *p)
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

static enum taken place_tdmr(struct placing *p, struct tdmr *tdmr)
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
		give_all_back(p);
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
static int place_all(struct placing *p)
{
	struct tdmr_plan *plan = p->plan;
	struct tdmr *tdmr = next_unplaced(plan);
	int err;

	while (tdmr) {
		switch (place_tdmr(p, tdmr)) {
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
			err = place_all(p);
			if (!err)
				return 0;
			give_all_back(p);
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

/* ---- a small machine: every way to cut it ---- */

#define FEW_BLOCKS	8

/* Is [start, end) a TDMR as well as any, ending in a block to cover? */
static bool good_tdmr(struct tdmr_map *map, u64 start, u64 end)
{
	return map_any(map, end - TDX_SZ_1G, end) &&
	       map_areas(map, start, end, NULL) <= map->max_reserved;
}

/* The end of a larger TDMR; 0: there is none. */
static u64 next_end(struct tdmr_map *map, u64 start, u64 end)
{
	u64 last = map->cmr[map->nr_cmr - 1].end;

	while (end < last) {
		end += TDX_SZ_1G;
		if (good_tdmr(map, start, end))
			return end;
	}
	return 0;
}

/* Adds TDMRs of 1 GB to the first @nr; false: it takes more than there may be. */
static bool complete(struct tdmr_map *map, struct tdx_range *r, u32 *nr)
{
	u64 from = *nr ? r[*nr - 1].end : 0;
	struct tdx_range m;

	while (map_next(map, from, false, &m)) {
		if (*nr == map->max_tdmrs || *nr == FEW_BLOCKS)
			return false;
		r[*nr].start = tdx_round_down(m.start, TDX_SZ_1G);
		r[*nr].end = from = r[*nr].start + TDX_SZ_1G;
		(*nr)++;
	}
	return true;
}

static int place_ranges(struct placing *p, const struct tdx_range *r, u32 nr)
{
	int err = 0;
	u32 i, variant;

	for (variant = 0; variant < 4; variant++) {
		p->plan->nr_tdmrs = nr;
		for (i = 0; i < nr; i++) {
			p->plan->tdmrs[i].base = r[i].start;
			p->plan->tdmrs[i].size = r[i].end - r[i].start;
			cut_fill(p->map, &p->plan->tdmrs[i]);
		}
		p->too_large = TDMR_ANY_SIZE;
		p->second = variant & 1;
		p->apart = variant & 2;
		err = place_all(p);
		if (!err)
			break;
		give_all_back(p);
	}
	return err;
}

static int place_every_way(struct placing *p, int err)
{
	struct tdx_range r[FEW_BLOCKS];
	u32 nr = 0;
	u64 end;

	for (;;) {
		if (complete(p->map, r, &nr)) {
			err = place_ranges(p, r, nr);
			if (!err)
				return 0;
		}
		/* The last that can be larger is, and those after it anew. */
		for (end = 0; nr && !end; nr--)
			end = next_end(p->map, r[nr - 1].start, r[nr - 1].end);
		if (!end)
			return err;
		r[nr++].end = end;
	}
}

static bool is_small(struct tdmr_map *map)
{
	struct tdx_range m;
	u64 from = 0;
	u32 blocks = 0;

	while (blocks <= FEW_BLOCKS && map_next(map, from, false, &m)) {
		from = tdx_round_down(m.start, TDX_SZ_1G) + TDX_SZ_1G;
		blocks++;
	}
	return blocks <= FEW_BLOCKS;
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
		err = place_all(p);
	if (!err)
		return 0;
	give_all_back(p);
	map->nr_drops = 0;
	map->cut = planned;
	return err;
}

static int place_any(struct placing *p)
{
	int err = place_with_tail(p);

	if (err)
		err = place_cuts(p);
	if (!err || p->hopeless || !is_small(p->map))
		return err;
	return place_every_way(p, err);
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
	i = ranges_find(map->fence, map->nr_fences, tdmr->base);
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
		give_all_back(&p);
		return err;
	}
	sum_totals(out);
	return 0;
}
