/* SPDX-License-Identifier: GPL-2.0-only */
/* A small machine: every way to cut it is tried. */
#ifndef TDX_CORE_TDMR_SMALL_H
#define TDX_CORE_TDMR_SMALL_H

#include "tdmr_pieces.h"

/* Few enough blocks of 1 GB to try every way? */
bool small_is(struct tdmr_map *map);

/* As fit_all(), with nothing placed in case of failure; @err: if no way is tried. */
int small_place(struct placing *p, int err);

#endif
