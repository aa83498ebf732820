/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds memory for the PAMTs of one TDMR, piece by piece, where PAMTs may lie. */
#ifndef TDX_CORE_TDMR_PIECES_H
#define TDX_CORE_TDMR_PIECES_H

#include "tdmr_map.h"

enum tdmr_taken {
	TDMR_TAKEN,
	TDMR_NO_PIECE,		/* the source has none of this size */
	TDMR_AREAS_USED,	/* it has one where no reserved area is left: planner->landed */
};

/*
 * Places all pieces of @tdmr; on failure it has those that it had before.  When gathering,
 * the first call places only its 4K level.  Placed pieces are in plan->tdmrs and, as fences,
 * in the map.
 */
enum tdmr_taken tdmr_pieces_place(struct tdmr_planner *pl, struct tdmr *tdmr);

/* Gives back the pieces of all TDMRs. */
void tdmr_pieces_give_back(struct tdmr_planner *pl);

#endif
