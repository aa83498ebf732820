// SPDX-License-Identifier: GPL-2.0-only
#include "tdmr_check.h"
#include "status.h"

struct checking {
	const struct tdmr *tdmrs;
	const struct tdx_range *cmr;
	u32 nr_cmr;
	const struct tdmr_limits *limits;
	u64 max_pa;
};

static u64 packed(u64 status, u32 info0, u32 info1, u32 info2)
{
	return status | info0 | info1 << 8 | info2 << 16;
}

/* Is [base, base + size) in CMRs?  Those that touch count as one. */
static bool in_cmrs(const struct checking *c, u64 base, u64 size)
{
	u64 end = base + size;
	u32 i;

	for (i = 0; i < c->nr_cmr && base < end; i++)
		if (c->cmr[i].start <= base && base < c->cmr[i].end)
			base = c->cmr[i].end;
	return base >= end;
}

static bool overlap(u64 a, u64 a_size, u64 b, u64 b_size)
{
	return a < b + b_size && b < a + a_size;
}

static u64 check_tdmr(const struct checking *c, u32 i)
{
	const struct tdmr *t = &c->tdmrs[i], *last = t - 1;

	if (t->base + t->size < t->base)
		return packed(TDX_INVALID_TDMR, i, 0, 0);
	if (i && t->base < last->base + last->size)
		return packed(TDX_NON_ORDERED_TDMR, i, 0, 0);
	if (((t->base | t->size) & (TDX_SZ_1G - 1)) || !t->size ||
	    t->base + t->size > c->max_pa)
		return packed(TDX_INVALID_TDMR, i, 0, 0);
	return 0;
}

static u64 check_reserved(const struct checking *c, u32 i)
{
	const struct tdmr *t = &c->tdmrs[i];
	u64 last = 0;
	bool null = false;
	u32 j;

	for (j = 0; j < t->nr_reserved; j++) {
		u64 base = t->reserved[j].base, size = t->reserved[j].size;

		if (!size) {
			null = true;
			continue;
		}
		/* The module's status names the null entry. */
		if (null)
			return packed(TDX_NON_ORDERED_RESERVED_IN_TDMR, i, j - 1, 0);
		if (base + size < base)
			return packed(TDX_INVALID_RESERVED_IN_TDMR, i, j, 0);
		if (base < last)
			return packed(TDX_NON_ORDERED_RESERVED_IN_TDMR, i, j, 0);
		if (((base | size) & (TDX_SZ_4K - 1)) || base + size > t->size)
			return packed(TDX_INVALID_RESERVED_IN_TDMR, i, j, 0);
		last = base + size;
	}
	return 0;
}

static u64 check_pamt_size(const struct checking *c, u32 i)
{
	const struct tdmr *t = &c->tdmrs[i];
	int level;

	for (level = TDX_PS_1G; level >= TDX_PS_4K; level--) {
		const struct tdmr_area *pamt = &t->pamt[level];
		u64 entries = t->size >> (12 + 9 * level);

		if (pamt->base + pamt->size < pamt->base ||
		    ((pamt->base | pamt->size) & (TDX_SZ_4K - 1)) ||
		    pamt->base + pamt->size > c->max_pa ||
		    pamt->size / c->limits->entry_size[level] < entries)
			return packed(TDX_INVALID_PAMT, i, level, 0);
	}
	return 0;
}

/* Does a PAMT overlap the usable part of TDMR j, which is not reserved? */
static bool in_usable(const struct checking *c, const struct tdmr_area *pamt, u32 j)
{
	const struct tdmr *t = &c->tdmrs[j];
	u64 base = t->base;
	u32 r;

	for (r = 0; r < t->nr_reserved && t->reserved[r].size; r++) {
		u64 start = t->base + t->reserved[r].base;

		if (start > base && overlap(pamt->base, pamt->size, base, start - base))
			return true;
		base = start + t->reserved[r].size;
	}
	return t->base + t->size > base &&
	       overlap(pamt->base, pamt->size, base, t->base + t->size - base);
}

/* From 4K up, unlike the checks below: each level of TDMR i against all of TDMRs 0 to i. */
static u64 check_pamt_pamt(const struct checking *c, u32 i)
{
	const struct tdmr *t = &c->tdmrs[i];
	u32 a, b, j;

	for (j = 0; j <= i; j++)
		for (a = 0; a < TDX_PS_NR; a++)
			for (b = j == i ? a + 1 : 0; b < TDX_PS_NR; b++)
				if (overlap(t->pamt[a].base, t->pamt[a].size,
					    c->tdmrs[j].pamt[b].base, c->tdmrs[j].pamt[b].size))
					return packed(TDX_PAMT_OVERLAP, i, a, j);
	return 0;
}

static u64 check_pamt_usable(const struct checking *c, u32 i)
{
	u32 a, j;

	for (j = 0; j <= i; j++) {
		for (a = 0; a < TDX_PS_NR; a++)
			if (in_usable(c, &c->tdmrs[i].pamt[a], j))
				return packed(TDX_PAMT_OVERLAP, i, a, j);
		for (a = 0; a < TDX_PS_NR; a++)
			if (in_usable(c, &c->tdmrs[j].pamt[a], i))
				return packed(TDX_PAMT_OVERLAP, j, a, i);
	}
	return 0;
}

static u64 check_pamt_cmrs(const struct checking *c, u32 i)
{
	const struct tdmr *t = &c->tdmrs[i];
	int level;

	for (level = TDX_PS_1G; level >= TDX_PS_4K; level--)
		if (!in_cmrs(c, t->pamt[level].base, t->pamt[level].size))
			return packed(TDX_PAMT_OUTSIDE_CMRS, i, level, 0);
	return 0;
}

static u64 check_usable(const struct checking *c, u32 i)
{
	const struct tdmr *t = &c->tdmrs[i];
	u64 base = t->base;
	u32 j;

	for (j = 0; j < t->nr_reserved && t->reserved[j].size; j++) {
		u64 start = t->base + t->reserved[j].base;

		if (!in_cmrs(c, base, start - base))
			return packed(TDX_TDMR_OUTSIDE_CMRS, i, 0, 0);
		base = start + t->reserved[j].size;
	}
	/* TDX 1.0 looks beyond the end of the array: it requires an empty range in a CMR. */
	if (c->limits->end_in_cmr && j == c->limits->max_reserved &&
	    base == t->base + t->size && !in_cmrs(c, base, 1))
		return packed(TDX_TDMR_OUTSIDE_CMRS, i, 0, 0);
	if (!in_cmrs(c, base, t->base + t->size - base))
		return packed(TDX_TDMR_OUTSIDE_CMRS, i, 0, 0);
	return 0;
}

u64 tdmr_check(const struct tdmr *tdmrs, u32 nr_tdmrs,
	       const struct tdx_range *cmr, u32 nr_cmr,
	       const struct tdmr_limits *limits, u64 max_pa)
{
	static u64 (* const checks[])(const struct checking *c, u32 i) = {
		check_tdmr, check_reserved, check_pamt_size, check_pamt_pamt,
		check_pamt_usable, check_pamt_cmrs, check_usable,
	};
	const struct checking c = {
		.tdmrs = tdmrs, .cmr = cmr, .nr_cmr = nr_cmr, .limits = limits, .max_pa = max_pa,
	};
	u32 i, j, level;
	u64 err;

	for (level = 0; level < TDX_PS_NR; level++)
		if (!limits->entry_size[level])
			return TDX_OPERAND_INVALID;
	if (!nr_tdmrs || nr_tdmrs > TDX_MAX_TDMRS || nr_tdmrs > limits->max_tdmrs)
		return TDX_OPERAND_INVALID | TDX_OPERAND_ID_RDX;
	for (i = 0; i < nr_tdmrs; i++) {
		if (tdmrs[i].nr_reserved > TDX_MAX_RESERVED ||
		    tdmrs[i].nr_reserved > limits->max_reserved)
			return packed(TDX_INVALID_RESERVED_IN_TDMR, i, limits->max_reserved, 0);
		for (j = 0; j < sizeof(checks) / sizeof(checks[0]); j++) {
			err = checks[j](&c, i);
			if (err)
				return err;
		}
	}
	return 0;
}
