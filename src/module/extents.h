/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Free memory by address: ascending extents of single pages, those that touch
 * joined.  All may sleep; the caller sees to it that one at a time uses a list.
 */
#ifndef TDX_MODULE_EXTENTS_H
#define TDX_MODULE_EXTENTS_H

#include "ranges.h"

struct extents {
	struct tdx_range *r;	/* ascending; of one node, which is not kept */
	u32 nr;
	u32 room;
};

/* Out of memory for the list itself, the pages go back to the kernel: false. */
bool extents_add(struct extents *x, u64 start, u64 end);

/* Does an extent hold [@at, @at + @size), or that much from further below? */
bool extents_has(const struct extents *x, u64 at, u64 size);

/* @size bytes at @near, else (or with 0) of the smallest extent that has them; 0: none. */
u64 extents_take(struct extents *x, u64 size, u64 near);

/* @size bytes inside [@start, @end); 0: none. */
u64 extents_take_in(struct extents *x, u64 size, u64 start, u64 end);

u64 extents_total(const struct extents *x);

/* All pages go back to the kernel. */
void extents_free(struct extents *x);

/* Pages that alloc_contig_range() or split_page() have made single ones, to the kernel. */
void extents_give_back(u64 start, u64 end);

#endif
