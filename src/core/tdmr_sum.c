// SPDX-License-Identifier: GPL-2.0-only
#include "tdmr_map.h"
#include "tdmr_sum.h"

const char *tdmr_reason_text(enum tdmr_reason reason)
{
	static const char * const texts[TDMR_REASON_NR] = {
		[TDMR_OUTSIDE_CMRS] = "no CMR covers it",
		[TDMR_NO_AREA] = "no reserved area left in its TDMR",
		[TDMR_NO_TDMR] = "no TDMR left",
	};

	return texts[reason];
}

/* ---- memory left out ---- */

/* RAM that no CMR covers, from @from on. */
static bool next_outside(struct tdmr_map *map, u64 from, struct tdmr_excluded *x)
{
	const struct tdx_range *ram = map->in->ram;
	u32 i = tdx_ranges_find(ram, map->in->nr_ram, from), c;

	x->reason = TDMR_OUTSIDE_CMRS;
	for (; i < map->in->nr_ram; i++) {
		x->start = tdx_max(from, ram[i].start);
		x->end = ram[i].end;
		c = tdx_ranges_find(map->cmr, map->nr_cmr, x->start);
		if (c < map->nr_cmr && map->cmr[c].start <= x->start)
			x->start = map->cmr[c++].end;
		if (c < map->nr_cmr)
			x->end = tdx_min(x->end, map->cmr[c].start);
		if (x->start < x->end)
			return true;
	}
	return false;
}

/* Memory to cover that the planner dropped, from @from on. */
static bool next_dropped(struct tdmr_map *map, u64 from, struct tdmr_excluded *x)
{
	const struct tdmr_excluded *drop;
	struct tdx_range m;
	u32 c;

	if (!map->nr_drops && !map->cmr_dropped)
		return false;
	for (; tdmr_map_next(map, from, true, &m); from = m.end) {
		x->start = m.start;
		x->end = m.end;
		x->reason = TDMR_NO_TDMR;
		c = tdx_ranges_find(map->cmr, map->nr_cmr, m.start);
		if (map->cmr_dropped >> c & 1)
			return true;
		drop = tdmr_map_next_drop(map, m.start);
		if (!drop)
			continue;
		x->start = tdx_max(m.start, drop->start);
		x->end = tdx_min(m.end, drop->end);
		x->reason = drop->reason;
		if (x->start < x->end)
			return true;
	}
	return false;
}

/*
 * Is the memory at @addr neither usable TDX memory nor PAMT?  It is alike up to
 * @until.
 */
static bool left_out(const struct tdmr_planner *pl, u64 addr, u64 *until)
{
	const struct tdmr_plan *plan = pl->plan;
	const struct tdmr_map *map = &pl->map;
	u32 i, f = tdx_ranges_find(map->fence, map->nr_fences, addr);
	const struct tdmr *tdmr;

	*until = map->fence[f].end;
	if (map->fence[f].start <= addr)
		return false;
	*until = map->fence[f].start;
	for (i = 0; i < plan->nr_tdmrs; i++)
		if (plan->tdmrs[i].base + plan->tdmrs[i].size > addr)
			break;
	if (i == plan->nr_tdmrs)
		return true;
	tdmr = &plan->tdmrs[i];
	if (tdmr->base > addr) {
		*until = tdx_min(*until, tdmr->base);
		return true;
	}
	*until = tdx_min(*until, tdmr->base + tdmr->size);
	/* Areas begin and end with a fence, so that @until is right for them, too. */
	for (i = 0; i < tdmr->nr_reserved; i++) {
		u64 start = tdmr->base + tdmr->reserved[i].base;

		if (start + tdmr->reserved[i].size > addr)
			return start <= addr;
	}
	return false;
}

static bool add_excluded(struct tdmr_planner *pl, u64 start, u64 end, enum tdmr_reason reason)
{
	struct tdmr_excluded *next = &pl->excluded[pl->nr_excluded];

	pl->plan->excluded_bytes += end - start;
	if (pl->nr_excluded && next[-1].end == start && next[-1].reason == reason) {
		next[-1].end = end;
		return true;
	}
	if (pl->nr_excluded == TDMR_MAX_EXCLUDED)
		return false;
	next->start = start;
	next->end = end;
	next->reason = reason;
	pl->nr_excluded++;
	return true;
}

static bool add_left_out(struct tdmr_planner *pl, const struct tdmr_excluded *x)
{
	u64 addr = x->start, until;
	bool room = true;

	for (; addr < x->end && room; addr = until) {
		bool out = left_out(pl, addr, &until);

		until = tdx_min(until, x->end);
		if (out)
			room = add_excluded(pl, addr, until, x->reason);
	}
	return room;
}

bool tdmr_sum_excluded(struct tdmr_planner *pl)
{
	struct tdmr_map *map = &pl->map;
	struct tdmr_excluded o, d;
	bool has_o = next_outside(map, 0, &o), has_d = next_dropped(map, 0, &d);
	bool room = true;

	pl->nr_excluded = 0;
	pl->plan->excluded_bytes = 0;
	while ((has_o || has_d) && room) {
		if (has_o && (!has_d || o.start < d.start)) {
			room = add_excluded(pl, o.start, o.end, o.reason);
			has_o = next_outside(map, o.end, &o);
		} else {
			room = add_left_out(pl, &d);
			has_d = next_dropped(map, d.end, &d);
		}
	}
	return room;
}

/* ---- reserved areas ---- */

/* Joins the two areas with the smallest gap that has nothing to cover. */
static void join_areas(struct tdmr_planner *pl, u64 base, u32 *nr)
{
	struct tdmr_area *area = pl->area;
	u64 gap, least = TDX_NO_ADDR;
	u32 i, at = 0;

	for (i = 0; i + 1 < *nr; i++) {
		u64 end = area[i].base + area[i].size;

		gap = area[i + 1].base - end;
		if (gap < least && !tdmr_map_any(&pl->map, base + end, base + area[i + 1].base)) {
			least = gap;
			at = i;
		}
	}
	area[at].size = area[at + 1].base + area[at + 1].size - area[at].base;
	(*nr)--;
	for (i = at + 1; i < *nr; i++)
		area[i] = area[i + 1];
}

/* Sets the place of each level, and the reserved areas. */
static void finish(struct tdmr_planner *pl, struct tdmr *tdmr)
{
	const struct tdmr_map *map = &pl->map;
	u64 end = tdmr->base + tdmr->size;
	u32 i, nr = 0, max;

	for (i = tdmr->nr_pieces; i < TDX_PS_NR; i++)
		tdmr->pamt[i].base = tdmr->pamt[i - 1].base + tdmr->pamt[i - 1].size;
	i = tdx_ranges_find(map->fence, map->nr_fences, tdmr->base);
	for (; i < map->nr_fences && map->fence[i].start < end; i++) {
		u64 start = tdx_max(map->fence[i].start, tdmr->base);

		pl->area[nr].base = start - tdmr->base;
		pl->area[nr++].size = tdx_min(map->fence[i].end, end) - start;
	}
	max = map->max_reserved;
	if (nr && tdmr_map_bad_end(map, tdmr->base + pl->area[nr - 1].base + pl->area[nr - 1].size,
				   end))
		max--;
	while (nr > max)
		join_areas(pl, tdmr->base, &nr);
	tdmr->nr_reserved = nr;
	for (i = 0; i < nr; i++)
		tdmr->reserved[i] = pl->area[i];
}

void tdmr_sum_reserved(struct tdmr_planner *pl)
{
	u32 i;

	for (i = 0; i < pl->plan->nr_tdmrs; i++)
		finish(pl, &pl->plan->tdmrs[i]);
}

/* ---- totals ---- */

struct tdmr_area tdmr_sum_piece(const struct tdmr *tdmr, u32 i)
{
	struct tdmr_area piece = tdmr->pamt[i];
	u32 level;

	/* The last piece contains all remaining levels. */
	if (i + 1 == tdmr->nr_pieces)
		for (level = i + 1; level < TDX_PS_NR; level++)
			piece.size += tdmr->pamt[level].size;
	return piece;
}

/* The bytes that a TDMR makes usable: to be covered, and not reserved. */
static u64 usable(struct tdmr_map *map, const struct tdmr *tdmr)
{
	bool placed = tdmr->nr_placed;	/* then what was dropped may lie here by chance */
	u64 bytes = 0, from = tdmr->base;
	u32 i;

	for (i = 0; i < tdmr->nr_reserved; i++) {
		bytes += tdmr_map_bytes(map, from, tdmr->base + tdmr->reserved[i].base, placed);
		from = tdmr->base + tdmr->reserved[i].base + tdmr->reserved[i].size;
	}
	return bytes + tdmr_map_bytes(map, from, tdmr->base + tdmr->size, placed);
}

void tdmr_sum_totals(struct tdmr_planner *pl)
{
	struct tdmr_plan *plan = pl->plan;
	u32 i, j;

	plan->tdx_bytes = 0;
	plan->pamt_bytes = 0;
	plan->largest_contiguous = 0;
	for (i = 0; i < plan->nr_tdmrs; i++) {
		const struct tdmr *tdmr = &plan->tdmrs[i];

		plan->tdx_bytes += usable(&pl->map, tdmr);
		for (j = 0; j < tdmr->nr_pieces; j++) {
			u64 size = tdmr_sum_piece(tdmr, j).size;

			plan->pamt_bytes += size;
			plan->largest_contiguous = tdx_max(plan->largest_contiguous, size);
		}
	}
}
