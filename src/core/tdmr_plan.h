/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From RAM, CMRs and the TDX module's limits to TDMRs, PAMTs and reserved areas.
 *
 * The firmware's CMRs say which memory can be given to TDs.  A TDMR is a range of
 * whole GBs that the TDX module manages.  The module keeps an entry for each page of
 * a TDMR, used or not, in the TDMR's PAMT: memory in a CMR, one contiguous piece for
 * each page size (4 KB, 2 MB, 1 GB).  With entries of 16 bytes that is 4 MB + 8 KB
 * + 4 KB for a GB.  Every page of a TDMR has to be in a CMR or in one of the TDMR's
 * reserved areas, and a PAMT must not lie in the usable part of any TDMR.
 *
 *           0        1 GB     2        3        4        5        6        7        8 GB
 *           |--------|--------|--------|--------|--------|--------|--------|--------|
 *   CMRs      [--------------)   [--)                    [--------------------)
 *   RAM       [---)   [------)   [--)                    [--------------------)
 *   TDMRs   [=========== 0 ===========)                  [====== 1 =======)[== 2 ==)
 *   PAMTs     ppp                                        ppp
 *   areas   rrrrr             rrr    rr                  rrr                   rrrrr
 *
 * What follows from this picture is the whole policy:
 *  - The hole in RAM near 1 GB lies in a CMR, so it costs no reserved area.
 *  - A hole between CMRs costs an area of the TDMR that spans it; a gap of a whole GB
 *    or more lies between two TDMRs and costs nothing.
 *  - A PAMT costs an area of the TDMR it lies in.  Areas with nothing to cover between
 *    them are one, so PAMTs are laid side by side, and beside holes: TDMR 0 has three.
 *  - With TDX 1.0 a TDMR that ends in a hole has one area less (limits.end_in_cmr).
 *
 * tdmr_plan() decides what is covered and cuts it into TDMRs; no PAMT has a place yet.
 *
 *  1. What cannot be covered by any plan is left out (or is an error, if the policy is
 *     strict): RAM outside the CMRs; what lies between so many holes that one GB needs
 *     more areas than a TDMR has; CMRs, the smallest first, if even the largest TDMRs
 *     are too few.
 *  2. TDMRs are of equal size, and of the least size of which there are enough: small
 *     TDMRs have small PAMTs, and many TDMRs are initialised by many CPUs.
 *  3. They end where a NUMA node ends if that takes no more than half of the TDMRs
 *     there are: then a PAMT can be on the node of the memory it describes.
 *  4. One in 32 is kept spare, to cut TDMRs further in tdmr_place().
 *  5. With too many stretches of memory for 3 and 4, first the spare, then gaps are
 *     given up: TDMRs span the smallest gaps, and no more of them than needed, as a
 *     PAMT has entries for the gap as well.
 *
 * tdmr_place() finds places for the PAMTs in the memory there is, largest PAMT first,
 * each beside the last one of its node.  Two things may be in the way, and the answer to
 * both is a cut.  No free piece is so large: the TDMR is cut to what there is.  Pieces
 * are free only in TDMRs without an area left: such a TDMR is cut in two, as each half
 * has its own areas.  When no TDMR is left to cut with, all pieces are given back and
 * the next of these attempts is made:
 *
 *     attempt                        the case it is for
 *  1. as planned                     memory not much in use: a host after boot
 *  2. node borders and gaps do not   fragmented memory, and TDMRs to spare only if
 *     count; TDMRs ever larger       no TDMR is smaller than it has to be
 *  3. the same; PAMTs of all nodes   few reserved areas: PAMTs side by side need
 *     together, 4K levels first      fewer of them
 *  4. the same, with a first TDMR    the same, where areas are lacking because of
 *  5. of only 1 GB; of 2 GB          the place where one TDMR ends and the next begins
 *     best effort: the TDMR that     no attempt found enough areas; 1 to 5 again
 *     covers least is left out
 *
 * "make bench" prints how many generated servers each attempt serves.  3 to 5 serve none
 * of them: they are for machines of a few GB with few areas, as_good_as_search of
 * tests/unit/property_test.c fails without them.
 *
 * tdmr_check() (tdmr_check.h) tells whether TDH.SYS.CONFIG will accept the result.  It
 * shares no code with the rest.
 *
 * Where to look: tdmr_map.c what is to be covered, and what a TDMR has to reserve;
 * tdmr_cut.c TDMRs from that; tdmr_plan.c what is left out; tdmr_pieces.c a place for
 * one PAMT; tdmr_place.c the attempts; tdmr_sum.c reserved areas and totals.
 *
 * No allocation, no recursion, no kernel or libc call: the module, the command and the
 * tests compile the same files.
 */
#ifndef TDX_CORE_TDMR_PLAN_H
#define TDX_CORE_TDMR_PLAN_H

#include "ranges.h"

/* TDH.SYS.CONFIG takes an array of at most 64 TDMR_INFO addresses. */
#define TDX_MAX_TDMRS		64
/* The planner gives a TDMR at most as many reserved areas, even if the module allows more. */
#define TDX_MAX_RESERVED	64
/* TDH.SYS.INFO and TDH.SYS.RD report at most 32 CMRs. */
#define TDX_MAX_CMRS		32
/* Page sizes a PAMT has a level for. */
enum tdx_level { TDX_PS_4K, TDX_PS_2M, TDX_PS_1G, TDX_PS_NR };

struct tdmr_limits {
	u32 max_tdmrs;
	u32 max_reserved;	/* per TDMR */
	u32 entry_size[TDX_PS_NR];	/* bytes per PAMT entry */
	/*
	 * TDX 1.0: where the last of max_reserved areas ends at the end of its TDMR, that
	 * address has to be in a CMR, or CONFIG refuses it: the module looks at the empty
	 * range behind the area.
	 */
	bool end_in_cmr;
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

/* About 70 KB: never on a stack. */
struct tdmr_plan {
	u32 nr_tdmrs;
	struct tdmr tdmrs[TDX_MAX_TDMRS];	/* ascending */
	u64 tdx_bytes;		/* usable TDX memory: covered, less PAMTs inside */
	u64 pamt_bytes;
	u64 excluded_bytes;	/* of all ranges in tdmr_planner.excluded */
	u64 largest_contiguous;	/* largest single piece of PAMT memory */
};

/* Why a range stays outside TDX memory; tdmr_reason_text() says it in words. */
enum tdmr_reason {
	TDMR_OUTSIDE_CMRS,	/* RAM that no CMR covers */
	TDMR_NO_AREA,		/* more holes and PAMTs than a TDMR has reserved areas */
	TDMR_NO_TDMR,		/* more TDMRs than the module takes */
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

/* ---- internal to the planner ---- */

/* How TDMRs are cut from the memory to cover. */
struct tdmr_cut {
	u64 size;	/* none is larger, */
	u64 first;	/* nor the first one than this */
	u64 bridge;	/* gaps smaller than this lie inside a TDMR, */
	u64 bridge_end;	/* and those of just this size below this address */
	bool by_node;	/* none crosses from one node to the next */
};

#define TDMR_MAX_DROPS	256
#define TDMR_MAX_FENCES	(TDX_MAX_CMRS + 1 + TDX_PS_NR * TDX_MAX_TDMRS)

/* The memory to cover, and what a TDMR has to reserve: see tdmr_map.h. */
struct tdmr_map {
	const struct tdmr_input *in;
	u32 max_tdmrs;
	u32 max_reserved;
	bool end_in_cmr;
	u32 nr_cmr;
	struct tdx_range cmr[TDX_MAX_CMRS];	/* touching ones joined */
	u32 cmr_dropped;			/* bit: this CMR stays out */
	u32 nr_drops;
	struct tdmr_excluded drop[TDMR_MAX_DROPS];	/* ascending: stays out */
	u32 nr_fences;
	struct tdx_range fence[TDMR_MAX_FENCES + 1];	/* holes and PAMTs, joined */
	struct tdmr_cut cut;
	u32 ram_hint;
};

/*
 * What planning needs and a finished plan does not.  The caller keeps it from tdmr_plan()
 * until it has reported the result of tdmr_place().  About 120 KB: never on a stack.
 */
struct tdmr_planner {
	/* For the caller. */
	u32 nr_excluded;
	struct tdmr_excluded excluded[TDMR_MAX_EXCLUDED];	/* ascending */
	u64 wanted;	/* on -ENOMEM: bytes of the piece that no memory was found for, */
	s32 wanted_node;	/* and the node it was first looked for on */
	u32 attempt;	/* the last one made, from 1, in the table above */

	/* Its own. */
	struct tdmr_map map;
	struct tdmr_plan *plan;	/* NULL: tdmr_plan() failed */
	const struct pamt_source *src;
	u32 nr_kept;	/* fences before the pieces of a TDMR */
	struct tdx_range kept[TDMR_MAX_FENCES + 1];
	struct tdmr_area area[TDMR_MAX_FENCES];	/* reserved areas not yet joined */
	u64 too_large;	/* TDMRs of this size find no memory */
	u64 landed;	/* where a piece was of no use */
	bool gather;	/* PAMTs of all nodes together, 4K levels first */
	bool hopeless;	/* no piece is as large as the best of plans needs */
};

/* ---- interface ---- */

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
 * planner->excluded says what does not fit (strict), or nothing at all does.
 * O(n log n) in the number of RAM ranges.  @in and @out last until tdmr_place().
 */
int tdmr_plan(struct tdmr_planner *planner, const struct tdmr_input *in, struct tdmr_plan *out);

/*
 * PAMT pieces for the plan that tdmr_plan() began, whose TDMRs may be cut further, and the
 * reserved areas that result.  On failure every piece has been given back.
 * 0; -ENOMEM: there is no piece of planner->wanted bytes; -ENOSPC: the pieces would
 * need more reserved areas than the TDMRs have; -EINVAL: tdmr_plan() has not succeeded.
 */
int tdmr_place(struct tdmr_planner *planner, const struct pamt_source *src);

/* Bytes of one PAMT level of a TDMR of @size bytes, rounded up to 4 KB. */
u64 tdmr_pamt_size(u64 size, enum tdx_level level, u32 entry_size);

/* After "left out: [0x..., 0x...): ". */
const char *tdmr_reason_text(enum tdmr_reason reason);

#endif
