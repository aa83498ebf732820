// SPDX-License-Identifier: GPL-2.0-only
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/pfn.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "extents.h"

void extents_give_back(u64 start, u64 end)
{
	u64 n;

	for (; start < end; start += n) {
		n = min(end - start, (u64)PAGE_SIZE << MAX_PAGE_ORDER);
		free_contig_range(PHYS_PFN(start), PHYS_PFN(n));
		cond_resched();
	}
}

static bool make_room(struct extents *x)
{
	u32 room = x->room ? 2 * x->room : 64;
	struct extent *bigger;

	if (x->nr < x->room)
		return true;
	bigger = kvcalloc(room, sizeof(*bigger), GFP_KERNEL);
	if (!bigger)
		return false;
	if (x->nr)
		memcpy(bigger, x->e, x->nr * sizeof(*bigger));
	kvfree(x->e);
	x->e = bigger;
	x->room = room;
	return true;
}

/* Index of the first extent that ends at or after @start. */
static u32 find(const struct extents *x, u64 start)
{
	u32 low = 0, high = x->nr;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (x->e[mid].end < start)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static void remove_extent(struct extents *x, u32 i)
{
	memmove(&x->e[i], &x->e[i + 1], (x->nr - i - 1) * sizeof(x->e[0]));
	x->nr--;
}

/* There is room: the caller has made it. */
static void insert_extent(struct extents *x, u64 start, u64 end)
{
	u32 i = find(x, start);
	struct extent *e = &x->e[i];

	if (i < x->nr && e->end == start) {
		e->end = end;
		if (i + 1 < x->nr && e[1].start == end) {
			e->end = e[1].end;
			remove_extent(x, i + 1);
		}
	} else if (i < x->nr && e->start == end) {
		e->start = start;
	} else {
		memmove(e + 1, e, (x->nr - i) * sizeof(*e));
		*e = (struct extent){ start, end };
		x->nr++;
	}
}

bool extents_add(struct extents *x, u64 start, u64 end)
{
	if (!make_room(x)) {
		extents_give_back(start, end);
		return false;
	}
	insert_extent(x, start, end);
	return true;
}

/* Takes [start, start + size) out of extent @i.  There is room for one more. */
static u64 carve(struct extents *x, u32 i, u64 start, u64 size)
{
	struct extent old = x->e[i];

	if (old.start == start && old.end == start + size) {
		remove_extent(x, i);
	} else if (old.start == start) {
		x->e[i].start += size;
	} else {
		x->e[i].end = start;
		if (old.end > start + size)
			insert_extent(x, start + size, old.end);
	}
	return start;
}

u64 extents_take_in(struct extents *x, u64 size, u64 start, u64 end)
{
	u32 i;

	if (!make_room(x))
		return 0;
	for (i = find(x, start); i < x->nr && x->e[i].start < end; i++) {
		u64 from = max(start, x->e[i].start), to = min(end, x->e[i].end);

		if (to > from && to - from >= size)
			return carve(x, i, from, size);
	}
	return 0;
}

u64 extents_take(struct extents *x, u64 size, u64 near)
{
	u64 base = near ? extents_take_in(x, size, near, near + size) : 0;
	u64 len, best_len = U64_MAX;
	u32 i, best = 0;

	if (base || !make_room(x))
		return base;
	for (i = 0; i < x->nr; i++) {
		len = x->e[i].end - x->e[i].start;
		if (len >= size && len < best_len) {
			best = i;
			best_len = len;
		}
	}
	return best_len == U64_MAX ? 0 : carve(x, best, x->e[best].start, size);
}

bool extents_has(const struct extents *x, u64 at, u64 size)
{
	u32 i = find(x, at);

	return i < x->nr && x->e[i].start <= at && x->e[i].end - x->e[i].start >= size;
}

u64 extents_total(const struct extents *x)
{
	u64 bytes = 0;
	u32 i;

	for (i = 0; i < x->nr; i++)
		bytes += x->e[i].end - x->e[i].start;
	return bytes;
}

void extents_free(struct extents *x)
{
	u32 i;

	for (i = 0; i < x->nr; i++)
		extents_give_back(x->e[i].start, x->e[i].end);
	kvfree(x->e);
	*x = (struct extents){};
}
