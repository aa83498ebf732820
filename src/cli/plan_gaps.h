/* SPDX-License-Identifier: GPL-2.0-only */
/* A memory map of which a log has lost lines. */
#ifndef TDXHOST_PLAN_GAPS_H
#define TDXHOST_PLAN_GAPS_H

#include <stdio.h>

#include "plan_input.h"

/*
 * Adds RAM beyond the end of the map that the firmware's SRAT has, and names on @to what
 * else is missing.  *@incomplete: something is.  0, -ENOMEM.
 */
int plan_gaps(struct plan_input *in, FILE *to, bool *incomplete);

/* Names memory that is no RAM yet, and as RAM would never be convertible. */
void plan_kinds(const struct plan_input *in, FILE *to);

#endif
