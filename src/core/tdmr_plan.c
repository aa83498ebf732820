// SPDX-License-Identifier: GPL-2.0-only
#include "tdmr_cut.h"
#include "tdmr_sum.h"

u64 tdmr_pamt_size(u64 size, enum tdx_level level, u32 entry_size)
{
	/* 4 KB, 2 MB, 1 GB: each level's page is 512 of the one below. */
	return tdx_round_up((size >> (12 + 9 * level)) * entry_size, TDX_SZ_4K);
}

/* The gap between fences in [start, end) with the fewest bytes to cover. */
static bool least_between(struct tdmr_map *map, u64 start, u64 end, struct tdx_range *least)
{
	u64 bytes, least_bytes = TDX_NO_ADDR;
	u32 i;

	for (i = 0; i + 1 < map->nr_fences; i++) {
		u64 from = map->fence[i].end, to = map->fence[i + 1].start;

		/* A fence on either side, within the block. */
		if (from <= start || to >= end)
			continue;
		bytes = tdmr_map_bytes(map, from, to, false);
		if (bytes && bytes < least_bytes) {
			least_bytes = bytes;
			least->start = from;
			least->end = to;
		}
	}
	return least_bytes != TDX_NO_ADDR;
}

/* Leaves out what a 1 GB block has too many areas for: no TDMR is smaller. */
static void drop_in_block(struct tdmr_map *map, u64 block)
{
	u64 end = block + TDX_SZ_1G;
	struct tdx_range least;

	while (tdmr_map_any(map, block, end) &&
	       tdmr_map_areas(map, block, end, NULL) > map->max_reserved) {
		if (!map->max_reserved || !least_between(map, block, end, &least)) {
			least.start = block;
			least.end = end;
		}
		tdmr_map_drop(map, least.start, least.end, TDMR_NO_AREA);
	}
}

/*
 * Holes can crowd only in the blocks where a CMR starts or ends: 2 * TDX_MAX_CMRS at most.
 * Each drop there is a block or a stretch between two holes, so TDMR_MAX_DROPS are enough.
 */
static void drop_crowded(struct tdmr_map *map)
{
	u32 i;

	for (i = 0; i < map->nr_cmr; i++) {
		drop_in_block(map, tdx_round_down(map->cmr[i].start, TDX_SZ_1G));
		drop_in_block(map, tdx_round_down(map->cmr[i].end - 1, TDX_SZ_1G));
	}
}

/* The smallest CMR with memory to cover, of those that are not dropped yet. */
static bool smallest_cmr(const struct tdmr_map *map, const u64 *bytes, u32 *smallest)
{
	bool found = false;
	u32 i;

	for (i = 0; i < map->nr_cmr; i++)
		if (!(map->cmr_dropped >> i & 1) && bytes[i] &&
		    (!found || bytes[i] < bytes[*smallest])) {
			*smallest = i;
			found = true;
		}
	return found;
}

/*
 * Leaves out CMRs, the smallest first, until there are enough TDMRs; then takes back those
 * whose loss did not help, the largest first.
 */
static void drop_excess(struct tdmr_map *map)
{
	u64 bytes[TDX_MAX_CMRS];
	u32 order[TDX_MAX_CMRS], i, nr = 0;

	map->cut = tdmr_cut_loose;
	for (i = 0; i < map->nr_cmr; i++)
		bytes[i] = tdmr_map_bytes(map, map->cmr[i].start, map->cmr[i].end, false);

	while (tdmr_cut_count(map, map->max_tdmrs) > map->max_tdmrs &&
	       smallest_cmr(map, bytes, &i)) {
		map->cmr_dropped |= 1U << i;
		order[nr++] = i;
	}
	while (nr--) {
		map->cmr_dropped &= ~(1U << order[nr]);
		if (tdmr_cut_count(map, map->max_tdmrs) > map->max_tdmrs)
			map->cmr_dropped |= 1U << order[nr];
	}
}

static int choose(struct tdmr_planner *pl)
{
	const struct tdmr_input *in = pl->map.in;

	if (tdmr_sum_excluded(pl) || (in->policy == TDMR_STRICT && pl->nr_excluded))
		return -ENOSPC;
	if (!tdmr_cut_choose(&pl->map, in->tdmr_size) || !tdmr_cut_all(pl) ||
	    !pl->plan->nr_tdmrs)
		return -ENOSPC;
	tdmr_sum_totals(pl);
	return 0;
}

int tdmr_plan(struct tdmr_planner *pl, const struct tdmr_input *in, struct tdmr_plan *out)
{
	struct tdmr_map *map = &pl->map;
	int err;

	out->nr_tdmrs = 0;
	out->tdx_bytes = 0;
	out->pamt_bytes = 0;
	out->excluded_bytes = 0;
	out->largest_contiguous = 0;
	pl->plan = NULL;
	pl->nr_excluded = 0;
	pl->wanted = 0;
	err = tdmr_map_init(map, in);
	if (err)
		return err;
	drop_crowded(map);
	drop_excess(map);
	pl->plan = out;
	err = choose(pl);
	if (err)
		pl->plan = NULL;
	return err;
}
