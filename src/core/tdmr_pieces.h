/* SPDX-License-Identifier: GPL-2.0-only */
/* Memory for the PAMTs of one TDMR, piece by piece, where it may lie. */
#ifndef TDX_CORE_TDMR_PIECES_H
#define TDX_CORE_TDMR_PIECES_H

#include "tdmr_map.h"

enum tdmr_taken {
	TDMR_TAKEN,
	TDMR_NO_PIECE,		/* the source has none of this size */
	TDMR_AREAS_USED,	/* it has, where no reserved area is left: at planner->landed */
};

/*
 * All pieces of @tdmr, or no more than it had.  When gathering, first its 4K level
 * only: the pieces had so far are in plan->tdmrs and, as fences, in the map.
 */
enum tdmr_taken tdmr_pieces_place(struct tdmr_planner *pl, struct tdmr *tdmr);

/* Those of all TDMRs. */
void tdmr_pieces_give_back(struct tdmr_planner *pl);

#endif
