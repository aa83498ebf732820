// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long TDH.SYS.TDMR.INIT takes on the 1 TB machine of spr-1tb.dmesg: its
 * plan, the module's way of spreading TDMRs over CPUs (src/module/spread.c:
 * largest first, own node before others), 15 us a call, 16 housekeeping CPUs on
 * each of 4 nodes.  Memory bandwidth is taken as sufficient: the whole writes
 * 4.2 GB.
 */
#include <stdio.h>
#include <stdlib.h>

#include "plan_input.h"
#include "tdmr_plan.h"

#define CPUS		64
#define CALL_US		15.0
#define CALLS_PER_GB	256

static struct tdmr_planner planner;
static struct tdmr_plan plan;

static double seconds_of(const struct tdmr *tdmr)
{
	return (tdmr->size >> 30) * CALLS_PER_GB * CALL_US / 1e6;
}

static s32 node_of_cpu(u32 cpu, u32 nr_nodes)
{
	return cpu * nr_nodes / CPUS;
}

/* The largest TDMR left, of @node first; nr_tdmrs if none is. */
static u32 take(const bool *taken, s32 node)
{
	u32 i, best = plan.nr_tdmrs;
	int pass;

	for (pass = 0; pass < 2 && best == plan.nr_tdmrs; pass++)
		for (i = 0; i < plan.nr_tdmrs; i++)
			if (!taken[i] && (pass || plan.tdmrs[i].node == node) &&
			    (best == plan.nr_tdmrs || plan.tdmrs[i].size > plan.tdmrs[best].size))
				best = i;
	return best;
}

static double critical_path(u32 nr_nodes)
{
	bool taken[TDX_MAX_TDMRS] = { false };
	double busy[CPUS] = { 0 };
	u32 left, cpu, next, i;

	for (left = plan.nr_tdmrs; left; left--) {
		for (cpu = 0, i = 1; i < CPUS; i++)
			if (busy[i] < busy[cpu])
				cpu = i;
		next = take(taken, node_of_cpu(cpu, nr_nodes));
		taken[next] = true;
		busy[cpu] += seconds_of(&plan.tdmrs[next]);
	}
	for (cpu = 0, i = 1; i < CPUS; i++)
		if (busy[i] > busy[cpu])
			cpu = i;
	return busy[cpu];
}

static int plan_1tb(void)
{
	struct plan_input map = { 0 };
	struct tdmr_input in;
	FILE *f = fopen(MAPS "/spr-1tb.dmesg", "r");

	if (!f || input_dmesg(&map, f))
		return -1;
	fclose(f);
	in = (struct tdmr_input){ .ram = map.ram, .nr_ram = map.nr_ram,
				  .cmr = map.cmr, .nr_cmr = map.nr_cmr,
				  .limits = { 64, 16, { 16, 16, 16 }, false } };
	return tdmr_plan(&planner, &in, &plan);
}

int main(void)
{
	double series = 0;
	s32 nr_nodes = 1;
	u32 i;

	if (plan_1tb()) {
		fprintf(stderr, "init_bench: no plan for spr-1tb\n");
		return 1;
	}
	for (i = 0; i < plan.nr_tdmrs; i++) {
		series += seconds_of(&plan.tdmrs[i]);
		if (plan.tdmrs[i].node >= nr_nodes)
			nr_nodes = plan.tdmrs[i].node + 1;
	}
	printf("TDH.SYS.TDMR.INIT of 1 TB at %g us a call: %.3f s in series, %u TDMRs on %u CPUs:\n",
	       CALL_US, series, plan.nr_tdmrs, CPUS);
	printf("tdmr_init_1tb_extrapolated %.4f s\n", critical_path(nr_nodes));
	return 0;
}
