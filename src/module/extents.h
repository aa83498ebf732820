/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Free memory by address: ascending extents of single pages, those that touch
 * joined.  All functions may sleep; the caller serialises access to a list.
 */
#ifndef TDX_MODULE_EXTENTS_H
#define TDX_MODULE_EXTENTS_H

#include "ranges.h"

struct tdx_extents {
	struct tdx_range *r;	/* ascending; of one node, which is not kept */
	u32 nr;
	u32 room;
};

/* Out of memory for the list itself, the pages go back to the kernel: false. */
bool tdx_extents_add(struct tdx_extents *x, u64 start, u64 end);

/* Does an extent hold [@at, @at + @size), or that much from further below? */
bool tdx_extents_has(const struct tdx_extents *x, u64 at, u64 size);

/* @size bytes at @near, else (or with 0) of the smallest extent that has them; 0: none. */
u64 tdx_extents_take(struct tdx_extents *x, u64 size, u64 near);

/* @size bytes inside [@start, @end); 0: none. */
u64 tdx_extents_take_in(struct tdx_extents *x, u64 size, u64 start, u64 end);

u64 tdx_extents_total(const struct tdx_extents *x);

/* All pages go back to the kernel. */
void tdx_extents_free(struct tdx_extents *x);

/* Pages that alloc_contig_range() or split_page() have made single ones, to the kernel. */
void tdx_extents_give_back(u64 start, u64 end);

#endif
