// SPDX-License-Identifier: GPL-2.0-only
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "extents.h"

void tdx_extents_give_back(u64 start, u64 end)
{
	u64 n;

	for (; start < end; start += n) {
		n = min(end - start, (u64)PAGE_SIZE << MAX_PAGE_ORDER);
		free_contig_range(PHYS_PFN(start), PHYS_PFN(n));
		cond_resched();
	}
}

static bool make_room(struct tdx_extents *x)
{
	u32 room = x->room ? 2 * x->room : 64;
	struct tdx_range *bigger;

	if (x->nr < x->room)
		return true;
	bigger = kvcalloc(room, sizeof(*bigger), GFP_KERNEL);
	if (!bigger)
		return false;
	if (x->nr)
		memcpy(bigger, x->r, x->nr * sizeof(*bigger));
	kvfree(x->r);
	x->r = bigger;
	x->room = room;
	return true;
}

bool tdx_extents_add(struct tdx_extents *x, u64 start, u64 end)
{
	if (!make_room(x)) {
		tdx_extents_give_back(start, end);
		return false;
	}
	tdx_ranges_add(x->r, &x->nr, start, end);
	return true;
}

/* From extent @i.  There is room for one more. */
static u64 carve(struct tdx_extents *x, u32 i, u64 start, u64 size)
{
	tdx_ranges_cut(x->r, &x->nr, i, start, size);
	return start;
}

u64 tdx_extents_take_in(struct tdx_extents *x, u64 size, u64 start, u64 end)
{
	u32 i;

	if (!make_room(x))
		return 0;
	for (i = tdx_ranges_find(x->r, x->nr, start); i < x->nr && x->r[i].start < end; i++) {
		u64 from = max(start, x->r[i].start), to = min(end, x->r[i].end);

		if (to > from && to - from >= size)
			return carve(x, i, from, size);
	}
	return 0;
}

u64 tdx_extents_take(struct tdx_extents *x, u64 size, u64 near)
{
	u64 base = near ? tdx_extents_take_in(x, size, near, near + size) : 0;
	u64 len, best_len = U64_MAX;
	u32 i, best = 0;

	if (base || !make_room(x))
		return base;
	for (i = 0; i < x->nr; i++) {
		len = x->r[i].end - x->r[i].start;
		if (len >= size && len < best_len) {
			best = i;
			best_len = len;
		}
	}
	return best_len == U64_MAX ? 0 : carve(x, best, x->r[best].start, size);
}

bool tdx_extents_has(const struct tdx_extents *x, u64 at, u64 size)
{
	u32 i = tdx_ranges_find(x->r, x->nr, at);

	return i < x->nr && x->r[i].start <= at && x->r[i].end - x->r[i].start >= size;
}

u64 tdx_extents_total(const struct tdx_extents *x)
{
	return tdx_ranges_bytes(x->r, x->nr);
}

void tdx_extents_free(struct tdx_extents *x)
{
	u32 i;

	for (i = 0; i < x->nr; i++)
		tdx_extents_give_back(x->r[i].start, x->r[i].end);
	kvfree(x->r);
	*x = (struct tdx_extents){};
}
