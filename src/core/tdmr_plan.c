// SPDX-License-Identifier: GPL-2.0-only
#include "tdmr_cut.h"
#include "tdmr_sum.h"

u64 tdmr_pamt_size(u64 size, enum tdx_level level, u32 entry_size)
{
	/* 4 KB, 2 MB, 1 GB: each level's page is 512 of the one below. */
	return tdx_round_up((size >> (12 + 9 * level)) * entry_size, TDX_SZ_4K);
}

/* The stretch between two fences in [start, end) with the fewest bytes to cover. */
static bool least_between(struct tdmr_map *map, u64 start, u64 end, struct tdx_range *least)
{
	u64 bytes, least_bytes = TDX_NO_ADDR;
	u32 i;

	for (i = 0; i + 1 < map->nr_fences; i++) {
		u64 from = map->fence[i].end, to = map->fence[i + 1].start;

		/* Both fences have to be in the block. */
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

/* Leaves memory out of a 1 GB block that needs too many areas: no TDMR is smaller. */
static bool drop_in_block(struct tdmr_map *map, u64 block)
{
	u64 end = block + TDX_SZ_1G;
	struct tdx_range least;

	while (tdmr_map_any(map, block, end) &&
	       tdmr_map_areas(map, block, end, NULL) > map->max_reserved) {
		if (!map->max_reserved || !least_between(map, block, end, &least)) {
			least.start = block;
			least.end = end;
		}
		if (!tdmr_map_drop(map, least.start, least.end, TDMR_NO_AREA))
			return false;
	}
	return true;
}

/* A block has holes only where a CMR starts or ends. */
static bool drop_crowded(struct tdmr_map *map)
{
	u32 i;

	for (i = 0; i < map->nr_cmr; i++)
		if (!drop_in_block(map, tdx_round_down(map->cmr[i].start, TDX_SZ_1G)) ||
		    !drop_in_block(map, tdx_round_down(map->cmr[i].end - 1, TDX_SZ_1G)))
			return false;
	return true;
}

static bool next_smallest(u32 skip, const u64 *bytes, u32 nr, u32 *smallest)
{
	bool found = false;
	u32 i;

	for (i = 0; i < nr; i++)
		if (!(skip >> i & 1) && bytes[i] && (!found || bytes[i] < bytes[*smallest])) {
			*smallest = i;
			found = true;
		}
	return found;
}

/*
 * Leaves out CMRs until there are enough TDMRs, first the smallest one whose loss saves a
 * TDMR; then takes back those that turn out to fit.
 */
static void drop_excess(struct tdmr_map *map)
{
	u64 bytes[TDX_MAX_CMRS];
	u32 i, n, tried;

	map->cut = tdmr_cut_loose;
	for (i = 0; i < map->nr_cmr; i++)
		bytes[i] = tdmr_map_bytes(map, map->cmr[i].start, map->cmr[i].end, false);

	while ((n = tdmr_cut_count(map, 0, TDX_NO_COUNT)) > map->max_tdmrs) {
		u32 saved = map->cmr_dropped;

		tried = saved;
		while (next_smallest(tried, bytes, map->nr_cmr, &i)) {
			tried |= 1U << i;
			map->cmr_dropped = saved | 1U << i;
			if (tdmr_cut_count(map, 0, n) < n)
				break;
			map->cmr_dropped = saved;
		}
		if (map->cmr_dropped == saved) {
			if (!next_smallest(saved, bytes, map->nr_cmr, &i))
				return;
			map->cmr_dropped |= 1U << i;
		}
	}
	for (i = map->nr_cmr; i--;) {
		if (!(map->cmr_dropped >> i & 1))
			continue;
		map->cmr_dropped &= ~(1U << i);
		if (tdmr_cut_count(map, 0, map->max_tdmrs) > map->max_tdmrs)
			map->cmr_dropped |= 1U << i;
	}
}

static int choose(struct tdmr_planner *pl)
{
	const struct tdmr_input *in = pl->map.in;

	if (!tdmr_sum_excluded(pl) || (in->policy == TDMR_STRICT && pl->nr_excluded))
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
	if (!drop_crowded(map))
		return -ENOSPC;
	drop_excess(map);
	pl->plan = out;
	err = choose(pl);
	if (err)
		pl->plan = NULL;
	return err;
}
