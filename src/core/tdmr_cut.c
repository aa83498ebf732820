// SPDX-License-Identifier: GPL-2.0-only
#include "tdmr_cut.h"

const struct tdmr_cut tdmr_cut_loose = {
	.size = TDMR_ANY_SIZE,
	.first = TDMR_ANY_SIZE,
	.bridge = TDX_MAX_PA,
};

static bool may_bridge(const struct tdmr_cut *cut, u64 start, u64 end)
{
	u64 gap = end - start;

	return gap < cut->bridge || (gap == cut->bridge && start < cut->bridge_end);
}

/* The first 1 GB boundary in (start, limit) with another node above it; else limit. */
static u64 node_limit(struct tdmr_map *map, u64 start, u64 limit)
{
	const struct tdx_range *ram = map->in->ram;
	u32 nr = map->in->nr_ram, i = tdx_ranges_find(ram, nr, start);
	u64 x;

	for (i++; i < nr && ram[i].start < limit; i++) {
		if (ram[i].node == ram[i - 1].node)
			continue;
		/* Above the block that the lower node ends in. */
		x = tdx_max(tdx_round_down(ram[i].start, TDX_SZ_1G),
			    tdx_round_up(ram[i - 1].end, TDX_SZ_1G));
		return tdx_min(x, limit);
	}
	return limit;
}

u64 tdmr_cut_reach(struct tdmr_map *map, const struct tdmr_cut *cut, u64 start, u64 limit)
{
	struct tdx_range m;
	u64 end = start;

	for (u64 from = start; tdmr_map_next(map, from, false, &m); from = m.end) {
		u64 block = tdx_round_down(m.start, TDX_SZ_1G);

		if (block >= limit || (block > end && !may_bridge(cut, end, block)))
			break;
		end = tdx_round_up(m.end, TDX_SZ_1G);
		if (end >= limit)
			return limit;
	}
	return end;
}

/*
 * The end of the longest TDMR from @start, at most to @hi, for which there are areas enough.
 * A longer one needs no fewer areas, bad ends aside.
 */
static u64 longest(struct tdmr_map *map, u64 start, u64 hi)
{
	u64 lo = start + TDX_SZ_1G, mid, end;

	while (hi - lo > TDX_SZ_1G) {
		mid = lo + tdx_round_down((hi - lo) / 2, TDX_SZ_1G);
		if (tdmr_map_areas(map, start, mid, NULL) <= map->max_reserved)
			lo = mid;
		else
			hi = mid;
	}
	/* No further than the memory to cover, unless that is a bad end. */
	end = tdmr_cut_reach(map, &map->cut, start, lo);
	return tdmr_map_areas(map, start, end, NULL) <= map->max_reserved ? end : lo;
}

bool tdmr_cut_next(struct tdmr_map *map, u64 from, u64 *start, u64 *end)
{
	struct tdx_range m;
	u64 limit;

	if (!tdmr_map_next(map, from, false, &m))
		return false;
	*start = tdx_round_down(m.start, TDX_SZ_1G);
	limit = *start + tdx_min(map->cut.size, from ? TDMR_ANY_SIZE : map->cut.first);
	if (map->cut.by_node)
		limit = node_limit(map, m.start, limit);
	*end = tdmr_cut_reach(map, &map->cut, *start, limit);
	if (tdmr_map_areas(map, *start, *end, NULL) > map->max_reserved)
		*end = longest(map, *start, *end);
	return true;
}

u32 tdmr_cut_count(struct tdmr_map *map, u64 from, u32 max)
{
	u64 start, end;
	u32 n = 0;

	while (n <= max && tdmr_cut_next(map, from, &start, &end)) {
		from = end;
		n++;
	}
	return n;
}

/*
 * Sets *@what to the least value in (@lo, @hi], in steps of 1 GB from @lo, that makes at
 * most @max TDMRs; @hi makes no more.
 */
static void bisect(struct tdmr_map *map, u64 *what, u64 lo, u64 hi, u32 max)
{
	while (hi - lo > TDX_SZ_1G) {
		*what = lo + tdx_round_down((hi - lo) / 2, TDX_SZ_1G);
		if (tdmr_cut_count(map, 0, max) <= max)
			hi = *what;
		else
			lo = *what;
	}
	*what = hi;
}

/* Least size in [least, span] that makes at most @max TDMRs; false: none does. */
static bool choose_size(struct tdmr_map *map, u64 least, u32 max)
{
	u64 end = map->cmr[map->nr_cmr - 1].end;

	map->cut.size = TDMR_ANY_SIZE;
	if (tdmr_cut_count(map, 0, max) > max)
		return false;
	map->cut.size = least;
	if (tdmr_cut_count(map, 0, max) <= max)
		return true;
	/* least is too small, and TDMRs as large as the memory are not. */
	end = tdx_max(tdx_round_up(end, TDX_SZ_1G), least);
	bisect(map, &map->cut.size, least, end, max);
	return true;
}

/*
 * More stretches than TDMRs: bridge the smallest gaps, and as few as possible, since
 * every GB inside a TDMR costs PAMT memory, covered or not.
 */
static bool choose_bridges(struct tdmr_map *map, u32 max)
{
	struct tdmr_cut *cut = &map->cut;

	cut->size = TDMR_ANY_SIZE;
	cut->bridge = TDX_MAX_PA;
	cut->bridge_end = TDX_MAX_PA;
	if (tdmr_cut_count(map, 0, max) > max)
		return false;
	bisect(map, &cut->bridge, 0, TDX_MAX_PA, max);
	/* Not all gaps of that size need a bridge. */
	bisect(map, &cut->bridge_end, 0, TDX_MAX_PA, max);
	return true;
}

bool tdmr_cut_choose(struct tdmr_map *map, u64 wished)
{
	u64 least = wished ? wished : TDX_SZ_1G;
	u32 max = map->max_tdmrs;
	/* Keep some TDMRs spare for finer cuts, in case PAMT memory is fragmented. */
	u32 some = wished ? max : max - max / 32;

	map->cut = tdmr_cut_loose;
	map->cut.bridge = TDX_SZ_1G;
	/* End TDMRs at node borders, for local PAMTs, if there are enough TDMRs for that. */
	map->cut.by_node = true;
	if (tdmr_cut_count(map, 0, max / 2) <= max / 2 && choose_size(map, least, some))
		return true;
	map->cut.by_node = false;
	if (choose_size(map, least, some) || choose_size(map, least, max))
		return true;
	return choose_bridges(map, max) && choose_size(map, least, max);
}

u64 tdmr_cut_least_size(struct tdmr_map *map)
{
	struct tdmr_cut saved = map->cut;
	u64 size;

	map->cut = tdmr_cut_loose;
	size = choose_size(map, TDX_SZ_1G, map->max_tdmrs) ? map->cut.size : TDMR_ANY_SIZE;
	map->cut = saved;
	return size;
}

void tdmr_cut_fill(struct tdmr_map *map, struct tdmr *tdmr)
{
	struct tdx_range m;
	int level;

	tdmr->node = tdmr_map_next(map, tdmr->base, false, &m) && m.node >= 0 ?
		     m.node : tdmr_map_node(map, tdmr->base);
	tdmr->nr_pieces = 1;
	tdmr->nr_placed = 0;
	tdmr->nr_reserved = 0;
	for (level = 0; level < TDX_PS_NR; level++)
		tdmr->pamt[level].size =
			tdmr_pamt_size(tdmr->size, level, map->in->limits.entry_size[level]);
}

bool tdmr_cut_all(struct tdmr_planner *pl)
{
	struct tdmr_plan *plan = pl->plan;
	struct tdmr_map *map = &pl->map;
	u64 start, end = 0;

	plan->nr_tdmrs = 0;
	while (tdmr_cut_next(map, end, &start, &end)) {
		struct tdmr *tdmr = &plan->tdmrs[plan->nr_tdmrs];

		if (plan->nr_tdmrs == map->max_tdmrs)
			return false;
		tdmr->base = start;
		tdmr->size = end - start;
		tdmr_cut_fill(map, tdmr);
		plan->nr_tdmrs++;
	}
	return true;
}
