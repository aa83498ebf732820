/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From RAM, CMRs and the TDX module's limits to TDMRs, PAMTs and reserved
 * areas.  Three steps, each one function:
 *
 *   tdmr_plan()   which TDMRs, of which size
 *   tdmr_place()  where their PAMTs lie, and so which areas are reserved
 *   tdmr_check()  (tdmr_check.h) whether TDH.SYS.CONFIG will accept the result
 *
 * No allocation, no recursion, no kernel or libc call: the module, the command
 * and the tests run the same object code.
 */
#ifndef TDX_CORE_TDMR_PLAN_H
#define TDX_CORE_TDMR_PLAN_H

#include "ranges.h"

/* TDH.SYS.CONFIG takes an array of at most 64 TDMR_INFO addresses. */
#define TDX_MAX_TDMRS		64
/* The most reserved areas a TDMR is given here, even if the module takes more. */
#define TDX_MAX_RESERVED	64
/* TDH.SYS.INFO and TDH.SYS.RD report at most 32 CMRs. */
#define TDX_MAX_CMRS		32
/* Page sizes a PAMT has a level for. */
enum tdx_level { TDX_PS_4K, TDX_PS_2M, TDX_PS_1G, TDX_PS_NR };

struct tdmr_limits {
	u32 max_tdmrs;
	u32 max_reserved;	/* per TDMR */
	u32 entry_size[TDX_PS_NR];	/* bytes per PAMT entry */
};

enum tdmr_coverage {
	TDMR_COVER_ONLINE,	/* RAM that is online now */
	TDMR_COVER_CONVERTIBLE,	/* every CMR, so RAM onlined later is usable */
};

enum tdmr_policy {
	TDMR_STRICT,		/* every page to cover or fail */
	TDMR_BEST_EFFORT,	/* leave out what does not fit, and say so */
};

struct tdmr_input {
	const struct tdx_range *ram;	/* ascending, not overlapping, 4K-aligned */
	u32 nr_ram;
	const struct tdx_range *cmr;	/* ascending, not overlapping, 4K-aligned */
	u32 nr_cmr;
	struct tdmr_limits limits;
	enum tdmr_coverage coverage;
	enum tdmr_policy policy;
	u64 tdmr_size;	/* wished size, a multiple of 1 GB; 0: chosen from the input */
};

struct tdmr_area {
	u64 base;	/* physical address; of a reserved area: offset in its TDMR */
	u64 size;
};

struct tdmr {
	u64 base;
	u64 size;
	s32 node;
	struct tdmr_area pamt[TDX_PS_NR];
	u32 nr_pieces;	/* PAMT memory: all in 1 piece, in 2 (4K level apart) or 3, */
	u32 nr_placed;	/* and how many of them have their place */
	u32 nr_reserved;
	struct tdmr_area reserved[TDX_MAX_RESERVED];
};

/* Why a range stays outside TDX memory. */
enum tdmr_reason {
	TDMR_OUTSIDE_CMRS,	/* RAM that no CMR covers */
	TDMR_NO_AREA,		/* would need more reserved areas than a TDMR has */
	TDMR_NO_TDMR,		/* would need more TDMRs than the module takes */
	TDMR_REASON_NR
};

struct tdmr_excluded {
	u64 start;
	u64 end;
	enum tdmr_reason reason;
};

#define TDMR_MAX_EXCLUDED	4096

/* PAMT entry sizes above this are taken for garbage. */
#define TDX_MAX_PAMT_ENTRY	4096

/* How TDMRs are cut from the memory to cover. */
struct tdmr_cut {
	u64 size;	/* none is larger */
	u64 bridge;	/* gaps smaller than this lie inside a TDMR, */
	u64 bridge_end;	/* and those of just this size below this address */
	bool by_node;	/* none crosses from one node to the next */
};

#define TDMR_MAX_DROPS	256
#define TDMR_MAX_FENCES	(TDX_MAX_CMRS + 1 + TDX_PS_NR * TDX_MAX_TDMRS)

/* Scratch of tdmr_plan() and tdmr_place(); of no meaning to their callers. */
struct tdmr_map {
	const struct tdmr_input *in;
	u32 max_tdmrs;
	u32 max_reserved;
	u32 nr_cmr;
	struct tdx_range cmr[TDX_MAX_CMRS];	/* touching ones joined */
	u32 cmr_dropped;			/* bit: this CMR stays out */
	u32 nr_drops;
	struct tdmr_excluded drop[TDMR_MAX_DROPS];	/* ascending: stays out */
	u32 nr_fences;
	struct tdx_range fence[TDMR_MAX_FENCES + 1];	/* holes and PAMTs, joined */
	struct tdmr_area area[TDMR_MAX_FENCES];	/* of the TDMR being finished */
	struct tdmr_cut cut;
	u32 ram_hint;
};

/* Large (over 200 KB): never on a stack. */
struct tdmr_plan {
	u32 nr_tdmrs;
	struct tdmr tdmrs[TDX_MAX_TDMRS];	/* ascending */
	u32 nr_excluded;
	struct tdmr_excluded excluded[TDMR_MAX_EXCLUDED];	/* ascending */
	u64 tdx_bytes;		/* usable TDX memory: covered, less PAMTs inside */
	u64 pamt_bytes;
	u64 largest_contiguous;	/* largest single piece of PAMT memory */
	u64 wanted;		/* on -ENOMEM: bytes of the piece that could not be had */
	s32 wanted_node;
	struct tdmr_map map;
};

/*
 * Where PAMT memory comes from.  Pieces are multiples of 4 KB, 4K-aligned and
 * must lie wholly inside one CMR (adjacent CMRs count as one).
 */
struct pamt_source {
	/*
	 * Contiguous piece: at @near (0: no wish) if that is at hand, else on
	 * @node, else anywhere.  Its physical address, 0 if there is none of
	 * that size.
	 */
	u64 (*get)(void *ctx, u64 size, s32 node, u64 near);
	/* The same inside [@start, @end), asked for where no other place will do. */
	u64 (*get_in)(void *ctx, u64 size, u64 start, u64 end);
	/* Gives a piece back, just as get() returned it. */
	void (*put)(void *ctx, u64 base, u64 size);
	void *ctx;
};

/*
 * TDMRs and PAMT sizes.  0; -EINVAL: the input breaks its rules; -ENOSPC:
 * out->excluded says what does not fit (strict), or nothing at all does.
 * O(n log n) in the number of RAM ranges.  @in lasts until tdmr_place().
 */
int tdmr_plan(const struct tdmr_input *in, struct tdmr_plan *out);

/*
 * PAMT pieces for the plan, cutting TDMRs where a piece is not to be had, and
 * the reserved areas that follow.  On failure every piece has been given back.
 * 0; -ENOMEM: out->wanted bytes in one piece were not to be had; -ENOSPC: the
 * pieces would need more reserved areas than the TDMRs have; -EINVAL: @out is
 * not what tdmr_plan() made of @in.
 */
int tdmr_place(const struct tdmr_input *in, struct tdmr_plan *out,
	       const struct pamt_source *src);

/* Bytes of one PAMT level of a TDMR of @size bytes, rounded up to 4 KB. */
u64 tdmr_pamt_size(u64 size, enum tdx_level level, u32 entry_size);

#endif
