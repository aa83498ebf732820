/* SPDX-License-Identifier: GPL-2.0-only */
/* A plan in words, as JSON, and as a picture. */
#ifndef TDXHOST_PLAN_OUTPUT_H
#define TDXHOST_PLAN_OUTPUT_H

#include "linux_advice.h"
#include "tdmr_plan.h"

/* A plan, the planner's other results, and what the kernel's own planner would do. */
struct planning {
	struct tdmr_planner planner;
	struct tdmr_plan plan;
	struct linux_advice kernel;
	bool incomplete;	/* memory that the machine has is not in the input */
};

/* On standard output. */
void plan_text(const struct tdmr_input *in, const struct planning *p);
void plan_json(const struct tdmr_input *in, const struct planning *p);
/* Draws memory as a bar for each node. */
void plan_map(const struct tdmr_input *in, const struct planning *p);
/* Prints why there is no plan, and what to do, on standard error. */
void plan_failure(const struct tdmr_input *in, const struct planning *p, int err);

#endif
