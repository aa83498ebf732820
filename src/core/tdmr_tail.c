// SPDX-License-Identifier: GPL-2.0-only
#include "tdmr_cut.h"
#include "tdmr_sum.h"
#include "tdmr_tail.h"

/* As many TDMRs as there may be; true, and where they end: memory is left. */
static bool cut_but_tail(struct tdmr_plan *plan, u64 *end)
{
	struct tdmr *t;
	u64 pamt = 0, left;
	u32 i;

	if (cut_all(plan) || !plan->nr_tdmrs)
		return false;
	for (i = 0; i < plan->nr_tdmrs; i++) {
		t = &plan->tdmrs[i];
		/* The 4K level alone: a power of two more often than with the others. */
		t->nr_pieces = 2;
		pamt += sum_piece(t, 0).size + sum_piece(t, 1).size;
	}
	*end = t->base + t->size;
	left = map_bytes(&plan->map, *end, TDX_NO_ADDR, false);
	return left && left <= pamt;
}

/* The TDMR whose next piece is the largest of those up to @size. */
static struct tdmr *largest_next(struct tdmr_plan *plan, u64 size)
{
	struct tdmr *best = NULL;
	u64 next, largest = 0;
	u32 i;

	for (i = 0; i < plan->nr_tdmrs; i++) {
		struct tdmr *t = &plan->tdmrs[i];

		if (t->nr_placed == t->nr_pieces)
			continue;
		next = sum_piece(t, t->nr_placed).size;
		if (next <= size && next > largest) {
			best = t;
			largest = next;
		}
	}
	return best;
}

static bool fill_range(struct tdmr_plan *plan, const struct pamt_source *src,
		       const struct tdx_range *m)
{
	struct tdmr_map *map = &plan->map;
	u64 at, base, size;
	struct tdmr *t;

	for (at = m->start; at < m->end; at += size) {
		t = largest_next(plan, m->end - at);
		if (!t)
			return false;
		size = sum_piece(t, t->nr_placed).size;
		/* By get(), for get_in() moves what is in the way: not worth that. */
		base = src->get(src->ctx, size, m->node, at);
		if (base != at) {
			if (base)
				src->put(src->ctx, base, size);
			return false;
		}
		t->pamt[t->nr_placed++].base = base;
		tdx_ranges_add(map->fence, &map->nr_fences, base, base + size);
	}
	return true;
}

bool tail_fill(struct tdmr_plan *plan, const struct pamt_source *src)
{
	struct tdmr_map *map = &plan->map;
	struct tdx_range m;
	u64 end;

	if (!cut_but_tail(plan, &end) || !map_drop(map, end, TDX_NO_ADDR, TDMR_NO_TDMR))
		return false;
	for (; map_next(map, end, true, &m); end = m.end)
		if (!fill_range(plan, src, &m))
			return false;
	return true;
}
