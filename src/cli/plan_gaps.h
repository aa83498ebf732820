/* SPDX-License-Identifier: GPL-2.0-only */
/* Finds memory that is missing from the map in a log. */
#ifndef TDXHOST_PLAN_GAPS_H
#define TDXHOST_PLAN_GAPS_H

#include <stdio.h>

#include "plan_input.h"

/*
 * Adds RAM that the firmware's SRAT has beyond the end of the map, and names on @to what
 * else is missing.  *@incomplete: something is missing.  0, -ENOMEM.
 */
int plan_gaps(struct plan_input *in, FILE *to, bool *incomplete);

/* Names memory that is not RAM yet, and that would not be convertible as RAM. */
void plan_kinds(const struct plan_input *in, FILE *to);

#endif
