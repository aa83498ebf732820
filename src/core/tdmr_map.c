// SPDX-License-Identifier: GPL-2.0-only
#include "tdmr_map.h"

static bool input_valid(const struct tdmr_input *in)
{
	const struct tdmr_limits *limits = &in->limits;
	int i;

	for (i = 0; i < TDX_PS_NR; i++)
		if (!limits->entry_size[i] || limits->entry_size[i] > TDX_MAX_PAMT_ENTRY)
			return false;
	return limits->max_tdmrs && in->nr_cmr && in->nr_cmr <= TDX_MAX_CMRS &&
	       in->coverage <= TDMR_COVER_CONVERTIBLE && in->policy <= TDMR_BEST_EFFORT &&
	       !(in->tdmr_size & (TDX_SZ_1G - 1)) && in->tdmr_size <= TDX_MAX_PA &&
	       tdx_ranges_valid(in->cmr, in->nr_cmr) && tdx_ranges_valid(in->ram, in->nr_ram);
}

int tdmr_map_init(struct tdmr_map *map, const struct tdmr_input *in)
{
	if (!input_valid(in))
		return -EINVAL;
	map->in = in;
	map->max_tdmrs = tdx_min(in->limits.max_tdmrs, TDX_MAX_TDMRS);
	map->max_reserved = tdx_min(in->limits.max_reserved, TDX_MAX_RESERVED);
	map->end_in_cmr = in->limits.end_in_cmr;
	map->nr_cmr = tdx_ranges_join(map->cmr, in->cmr, in->nr_cmr);
	map->cmr_dropped = 0;
	map->nr_drops = 0;
	map->ram_hint = 0;
	tdmr_map_reset_fences(map);
	return 0;
}

void tdmr_map_reset_fences(struct tdmr_map *map)
{
	u64 last = 0;
	u32 i;

	map->nr_fences = 0;
	for (i = 0; i < map->nr_cmr; i++) {
		if (map->cmr[i].start > last)
			tdx_ranges_add(map->fence, &map->nr_fences, last, map->cmr[i].start);
		last = map->cmr[i].end;
	}
	tdx_ranges_add(map->fence, &map->nr_fences, last, TDX_NO_ADDR);
}

/* tdx_ranges_find() in the RAM ranges, fast near the result of the last search. */
static u32 find_ram(struct tdmr_map *map, u64 addr)
{
	const struct tdx_range *ram = map->in->ram;
	u32 nr = map->in->nr_ram, i = map->ram_hint;

	if (i && ram[i - 1].end > addr)
		i = tdx_ranges_find(ram, i, addr);
	else if (i < nr && ram[i].end <= addr)
		i++;
	if (i < nr && ram[i].end <= addr)
		i += tdx_ranges_find(ram + i, nr - i, addr);
	map->ram_hint = i;
	return i;
}

const struct tdmr_excluded *tdmr_map_next_drop(const struct tdmr_map *map, u64 addr)
{
	u32 lo = 0, hi = map->nr_drops;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (map->drop[mid].end > addr)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo < map->nr_drops ? &map->drop[lo] : NULL;
}

/* tdmr_map_next() within one CMR. */
static bool next_in_cmr(struct tdmr_map *map, const struct tdx_range *cmr, u64 from,
			bool dropped, struct tdx_range *m)
{
	const struct tdmr_excluded *drop;
	u32 i;

	m->start = tdx_max(from, cmr->start);
	while (m->start < cmr->end) {
		m->end = cmr->end;
		m->node = -1;
		if (map->in->coverage == TDMR_COVER_ONLINE) {
			i = find_ram(map, m->start);
			if (i == map->in->nr_ram)
				return false;
			m->start = tdx_max(m->start, map->in->ram[i].start);
			m->end = tdx_min(m->end, map->in->ram[i].end);
			m->node = map->in->ram[i].node;
			if (m->start >= m->end)
				return false;
		}
		drop = dropped ? NULL : tdmr_map_next_drop(map, m->start);
		if (!drop || drop->start >= m->end)
			return true;
		if (drop->start > m->start) {
			m->end = drop->start;
			return true;
		}
		m->start = drop->end;
	}
	return false;
}

bool tdmr_map_next(struct tdmr_map *map, u64 from, bool dropped, struct tdx_range *m)
{
	u32 c;

	for (c = tdx_ranges_find(map->cmr, map->nr_cmr, from); c < map->nr_cmr; c++)
		if ((dropped || !(map->cmr_dropped >> c & 1)) &&
		    next_in_cmr(map, &map->cmr[c], from, dropped, m))
			return true;
	return false;
}

u64 tdmr_map_last_end(struct tdmr_map *map, u64 addr)
{
	const struct tdx_range *ram = map->in->ram;
	u32 c, i;
	u64 end;

	for (c = map->nr_cmr; c--;) {
		if (map->cmr[c].start >= addr)
			continue;
		end = tdx_min(addr, map->cmr[c].end);
		if (map->in->coverage == TDMR_COVER_CONVERTIBLE)
			return end;
		i = tdx_ranges_find(ram, map->in->nr_ram, end);
		if (i < map->in->nr_ram && ram[i].start < end)
			return end;
		if (i && ram[i - 1].end > map->cmr[c].start)
			return ram[i - 1].end;
	}
	return 0;
}

bool tdmr_map_any(struct tdmr_map *map, u64 start, u64 end)
{
	struct tdx_range m;

	return tdmr_map_next(map, start, false, &m) && m.start < end;
}

u64 tdmr_map_bytes(struct tdmr_map *map, u64 start, u64 end, bool dropped)
{
	struct tdx_range m;
	u64 bytes = 0;

	while (start < end && tdmr_map_next(map, start, dropped, &m) && m.start < end) {
		start = tdx_min(m.end, end);
		bytes += start - m.start;
	}
	return bytes;
}

s32 tdmr_map_node(struct tdmr_map *map, u64 addr)
{
	u32 i = find_ram(map, addr);

	if (i < map->in->nr_ram)
		return map->in->ram[i].node;
	return i ? map->in->ram[i - 1].node : -1;
}

bool tdmr_map_bad_end(const struct tdmr_map *map, u64 last, u64 end)
{
	u32 i;

	if (!map->end_in_cmr || last < end)
		return false;
	i = tdx_ranges_find(map->cmr, map->nr_cmr, end);
	return i == map->nr_cmr || map->cmr[i].start > end;
}

u32 tdmr_map_areas(struct tdmr_map *map, u64 start, u64 end, const struct tdx_range *extra)
{
	u32 i = tdx_ranges_find(map->fence, map->nr_fences, start), areas = 0;
	const struct tdx_range *f;
	bool open = false;	/* the last area can grow up to start */

	/* The last fence reaches beyond any end. */
	while (start < end) {
		if (extra && extra->start < map->fence[i].start) {
			f = extra;
			extra = NULL;
		} else {
			f = &map->fence[i++];
		}
		if (f->start >= end)
			break;
		if (!open || tdmr_map_any(map, start, f->start)) {
			areas++;
			open = true;
		}
		start = f->end;
	}
	return areas + tdmr_map_bad_end(map, start, end);
}

bool tdmr_map_drop(struct tdmr_map *map, u64 start, u64 end, enum tdmr_reason reason)
{
	struct tdmr_excluded *drop = map->drop;
	u32 i, to = 0;

	/* It replaces the drops inside it; drops never overlap in another way. */
	for (i = 0; i < map->nr_drops; i++)
		if (drop[i].start < start || drop[i].end > end)
			drop[to++] = drop[i];
	map->nr_drops = to;
	if (to == TDMR_MAX_DROPS)
		return false;
	for (i = to; i && drop[i - 1].start > start; i--)
		drop[i] = drop[i - 1];
	drop[i].start = start;
	drop[i].end = end;
	drop[i].reason = reason;
	map->nr_drops++;
	return true;
}
