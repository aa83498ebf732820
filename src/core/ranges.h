/* SPDX-License-Identifier: GPL-2.0-only */
/* Address ranges: [start, end), ascending, not overlapping, not empty. */
#ifndef TDX_CORE_RANGES_H
#define TDX_CORE_RANGES_H

#include "types.h"

/* Physical addresses have at most 52 bits: sums of two cannot overflow. */
#define TDX_MAX_PA	(1ULL << 52)

/* [start, end), bytes. */
struct tdx_range {
	u64 start;
	u64 end;
	s32 node;		/* NUMA node, -1: not known */
};

static inline u64 tdx_min(u64 a, u64 b)
{
	return a < b ? a : b;
}

static inline u64 tdx_max(u64 a, u64 b)
{
	return a > b ? a : b;
}

/* @align is a power of two; @x at most TDX_MAX_PA. */
static inline u64 tdx_round_down(u64 x, u64 align)
{
	return x & ~(align - 1);
}

static inline u64 tdx_round_up(u64 x, u64 align)
{
	return (x + align - 1) & ~(align - 1);
}

/* Ascending, not overlapping, not empty, 4K-aligned, below TDX_MAX_PA. */
bool tdx_ranges_valid(const struct tdx_range *r, u32 nr);

/* Index of the first range that ends above @addr; @nr if there is none. */
u32 tdx_ranges_find(const struct tdx_range *r, u32 nr, u64 addr);

/* The sum of their sizes. */
u64 tdx_ranges_bytes(const struct tdx_range *r, u32 nr);

/* Copies valid ranges and merges those that touch; returns the number of copies. */
u32 tdx_ranges_join(struct tdx_range *to, const struct tdx_range *from, u32 nr);

/*
 * Adds [start, end) to @r in order, merged with every range that it overlaps or
 * touches.  The caller has room for one more range.
 */
void tdx_ranges_add(struct tdx_range *r, u32 *nr, u64 start, u64 end);

/*
 * Cuts [start, start + size) out of range @i, which contains it.  The parts that remain
 * below and above keep the node.  The caller has room for one more range.
 */
void tdx_ranges_cut(struct tdx_range *r, u32 *nr, u32 i, u64 start, u64 size);

#endif
