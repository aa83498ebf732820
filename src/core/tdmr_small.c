// SPDX-License-Identifier: GPL-2.0-only
#include "tdmr_cut.h"
#include "tdmr_fit.h"
#include "tdmr_small.h"

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
		err = fit_all(p);
		if (!err)
			break;
		pieces_give_back(p);
	}
	return err;
}

int small_place(struct placing *p, int err)
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

bool small_is(struct tdmr_map *map)
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
