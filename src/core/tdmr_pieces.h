/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory for the PAMTs of TDMRs, piece by piece, where it may lie. */
#ifndef TDX_CORE_TDMR_PIECES_H
#define TDX_CORE_TDMR_PIECES_H

#include "tdmr_map.h"

/* An attempt: the pieces had so far are in plan->tdmrs and, as fences, in @map. */
struct placing {
	struct tdmr_plan *plan;
	struct tdmr_map *map;
	const struct pamt_source *src;
	u64 too_large;	/* TDMRs of this size find no memory */
	u64 landed;	/* where a piece was of no use */
	bool second;	/* where there is a choice, not the first one */
	bool apart;	/* 4K levels of all TDMRs before the others */
	bool hopeless;	/* no piece is as large as the best of plans needs */
};

enum taken {
	TAKEN,
	NO_PIECE,	/* the source has none of this size */
	NO_AREA,	/* it has, where no reserved area is left: at @landed */
};

/* All pieces of @tdmr (with @apart, first its 4K level only), or no more than it had. */
enum taken pieces_place(struct placing *p, struct tdmr *tdmr);

/* Those of all TDMRs. */
void pieces_give_back(struct placing *p);

#endif
