// SPDX-License-Identifier: GPL-2.0-only
/*
 * The planner on unchecked input: any ranges, limits and sizes.  A plan must pass
 * tdmr_check(); if there is none, all memory must have been given back.
 */
#include <stdlib.h>
#include "pamt_sim.h"
#include "tdmr_check.h"

#define MAX_RAM 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bytes {
	const uint8_t *data;
	size_t size;
};

static u64 take(struct bytes *b, size_t n)
{
	u64 v = 0;

	while (n-- && b->size) {
		v = v << 8 | *b->data++;
		b->size--;
	}
	return v;
}

/* Mostly ascending, so that something gets through; sometimes anything. */
static u32 take_ranges(struct bytes *b, struct tdx_range *r, u32 max)
{
	u32 nr = take(b, 1) % (max + 1), i;
	u64 pos = 0;

	for (i = 0; i < nr; i++) {
		u32 how = take(b, 1);

		if (how == 255) {
			r[i] = (struct tdx_range){ take(b, 8), take(b, 8), (s32)take(b, 4) };
			continue;
		}
		r[i].start = pos + (take(b, 2) << (how & 1 ? 12 : 21));
		pos = r[i].end = r[i].start + (take(b, 3) << (how & 2 ? 12 : 21));
		r[i].node = how >> 4;
	}
	return nr;
}

static void take_limits(struct bytes *b, struct tdmr_input *in)
{
	u32 how = take(b, 1), i;

	in->limits.max_tdmrs = how & 1 ? take(b, 1) : 64;
	in->limits.max_reserved = how & 2 ? take(b, 1) : 16;
	for (i = 0; i < TDX_PS_NR; i++)
		in->limits.entry_size[i] = how & 4 ? take(b, how & 8 ? 4 : 1) : 16;
	in->coverage = how >> 4 & 1;
	in->policy = how >> 5 & 1;
	in->tdmr_size = how & 64 ? take(b, 1) << 30 : how & 128 ? take(b, 8) : 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tdx_range ram[MAX_RAM], cmr[TDX_MAX_CMRS + 1];
	static struct tdmr_planner planner;
	static struct tdmr_plan plan;
	struct bytes b = { data, size };
	struct tdmr_input in = { .ram = ram, .cmr = cmr };
	struct pamt_sim sim;
	u64 before, largest_free;
	int err;

	take_limits(&b, &in);
	in.limits.end_in_cmr = size & 1;
	largest_free = (1 + take(&b, 1)) << 22;
	in.nr_ram = take_ranges(&b, ram, MAX_RAM);
	in.nr_cmr = take_ranges(&b, cmr, TDX_MAX_CMRS + 1);
	if (tdmr_plan(&planner, &in, &plan))
		return 0;
	/* Good ranges, if tdmr_plan() takes them; but a free list has to be small. */
	if (in.nr_ram && ram[in.nr_ram - 1].end > 1ULL << 38)
		largest_free = 0;
	if (pamt_sim_init(&sim, ram, in.nr_ram, cmr, in.nr_cmr, largest_free))
		return 0;
	before = pamt_sim_free_bytes(&sim);
	err = tdmr_place(&planner, &sim.source);
	if (err && pamt_sim_free_bytes(&sim) != before)
		abort();
	if (!err && tdmr_check(plan.tdmrs, plan.nr_tdmrs, cmr, in.nr_cmr, &in.limits, TDX_MAX_PA))
		abort();
	if (!err && pamt_sim_free_bytes(&sim) + plan.pamt_bytes != before)
		abort();
	pamt_sim_exit(&sim);
	return 0;
}
