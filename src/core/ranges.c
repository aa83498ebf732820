// SPDX-License-Identifier: GPL-2.0-only
#include "ranges.h"

bool tdx_ranges_valid(const struct tdx_range *r, u32 nr)
{
	u64 last = 0;
	u32 i;

	if (nr && !r)
		return false;
	for (i = 0; i < nr; i++) {
		if (r[i].start < last || r[i].end <= r[i].start || r[i].end > TDX_MAX_PA)
			return false;
		if ((r[i].start | r[i].end) & (TDX_SZ_4K - 1))
			return false;
		last = r[i].end;
	}
	return true;
}

u32 tdx_ranges_find(const struct tdx_range *r, u32 nr, u64 addr)
{
	u32 lo = 0, hi = nr;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (r[mid].end > addr)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

u64 tdx_ranges_bytes(const struct tdx_range *r, u32 nr)
{
	u64 bytes = 0;
	u32 i;

	for (i = 0; i < nr; i++)
		bytes += r[i].end - r[i].start;
	return bytes;
}

u32 tdx_ranges_join(struct tdx_range *to, const struct tdx_range *from, u32 nr)
{
	u32 i, n = 0;

	for (i = 0; i < nr; i++) {
		if (n && to[n - 1].end == from[i].start)
			to[n - 1].end = from[i].end;
		else
			to[n++] = from[i];
	}
	return n;
}

/* Moves the ranges from @from on to @to. */
static void move(struct tdx_range *r, u32 *nr, u32 from, u32 to)
{
	u32 i;

	if (to > from)
		for (i = *nr; i-- > from;)
			r[i + to - from] = r[i];
	else if (to < from)
		for (i = from; i < *nr; i++)
			r[i - from + to] = r[i];
	*nr += to - from;
}

void tdx_ranges_add(struct tdx_range *r, u32 *nr, u64 start, u64 end)
{
	u32 first = start ? tdx_ranges_find(r, *nr, start - 1) : 0;
	u32 last = first;

	/* Ranges [first, last) merge with the new one. */
	while (last < *nr && r[last].start <= end) {
		start = tdx_min(start, r[last].start);
		end = tdx_max(end, r[last].end);
		last++;
	}
	move(r, nr, last, first + 1);
	r[first].start = start;
	r[first].end = end;
	r[first].node = -1;
}

void tdx_ranges_cut(struct tdx_range *r, u32 *nr, u32 i, u64 start, u64 size)
{
	struct tdx_range old = r[i];
	bool below = old.start < start, above = start + size < old.end;

	/* None, one or both ends of range @i remain. */
	move(r, nr, i + 1, i + below + above);
	if (below) {
		r[i] = old;
		r[i].end = start;
	}
	if (above) {
		r[i + below] = old;
		r[i + below].start = start + size;
	}
}
