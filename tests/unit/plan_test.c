// SPDX-License-Identifier: GPL-2.0-only
/* tdmr_plan() and tdmr_place(), case by case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "pamt_sim.h"
#include "tdmr_check.h"
#include "tdmr_map.h"

#define GB TDX_SZ_1G
#define MB (1ULL << 20)
#define NR(a) (sizeof(a) / sizeof((a)[0]))

static struct tdmr_planner planner;
static struct tdmr_plan plan;
static struct tdmr_input in;

static void input(const struct tdx_range *ram, u32 nr_ram, const struct tdx_range *cmr, u32 nr_cmr)
{
	in = (struct tdmr_input){ .ram = ram, .nr_ram = nr_ram, .cmr = cmr, .nr_cmr = nr_cmr,
				  .limits = { 64, 16, { 16, 16, 16 }, false } };
}

/* A copy of its own, so that the sanitizer notices a read behind its end. */
static struct tdx_range *copy(const struct tdx_range *r, u32 nr)
{
	struct tdx_range *to = malloc(nr * sizeof(*r));

	assert_non_null(to);
	memcpy(to, r, nr * sizeof(*r));
	return to;
}

static u64 (*get_from_sim)(void *ctx, u64 size, s32 node, u64 near);

static u64 get_pages(void *ctx, u64 size, s32 node, u64 near)
{
	assert_true(size && !(size & (TDX_SZ_4K - 1)));
	return get_from_sim(ctx, size, node, near);
}

/* Plans and places, in whole pages; the TDX module would accept the result. */
static int place_from(struct pamt_sim *sim)
{
	const struct tdmr_input given = in;
	u64 before = pamt_sim_free_bytes(sim);
	struct tdx_range *ram = copy(in.ram, in.nr_ram), *cmr = copy(in.cmr, in.nr_cmr);
	int err;

	in.ram = ram;
	in.cmr = cmr;
	get_from_sim = sim->source.get;
	sim->source.get = get_pages;
	err = tdmr_plan(&planner, &in, &plan);
	if (!err)
		err = tdmr_place(&planner, &sim->source);
	if (!err)
		assert_int_equal(tdmr_check(plan.tdmrs, plan.nr_tdmrs, in.cmr, in.nr_cmr,
					    &in.limits, TDX_MAX_PA), 0);
	else
		assert_int_equal(pamt_sim_free_bytes(sim), before);
	in = given;
	free(ram);
	free(cmr);
	pamt_sim_exit(sim);
	return err;
}

static int place(u64 largest_free)
{
	struct pamt_sim sim;

	assert_int_equal(pamt_sim_init(&sim, in.ram, in.nr_ram, in.cmr, in.nr_cmr, largest_free), 0);
	return place_from(&sim);
}

/* Only @pieces are free. */
static int place_in_pieces(const struct tdx_range *pieces, u32 nr)
{
	struct pamt_sim sim;

	assert_int_equal(pamt_sim_init(&sim, in.ram, in.nr_ram, in.cmr, in.nr_cmr, 0), 0);
	assert_true(nr <= sim.room);
	memcpy(sim.free, pieces, nr * sizeof(*pieces));
	sim.nr_free = nr;
	return place_from(&sim);
}

static int place_in(u64 start, u64 end)
{
	return place_in_pieces(&(struct tdx_range){ start, end, 0 }, 1);
}

static void bad_input(void **state)
{
	static const struct tdx_range good[] = { { MB, GB, 0 } };
	static const struct tdx_range bad[] = { { MB, GB + 1, 0 } };
	static const struct tdx_range outside[] = { { GB, 2 * GB, 0 } };
	struct tdx_range many[TDX_MAX_CMRS + 1];

	(void)state;
	for (u32 i = 0; i < NR(many); i++)
		many[i] = (struct tdx_range){ i * GB, i * GB + MB, 0 };
	input(bad, 1, good, 1);
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -EINVAL);
	input(good, 1, bad, 1);
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -EINVAL);
	input(good, 1, many, NR(many));
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -EINVAL);
	input(NULL, 1, good, 1);
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -EINVAL);
	input(good, 1, good, 0);
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -EINVAL);
	input(good, 1, good, 1);
	in.limits.max_tdmrs = 0;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -EINVAL);
	for (u32 level = 0; level < TDX_PS_NR; level++) {
		input(good, 1, good, 1);
		in.limits.entry_size[level] = 0;
		assert_int_equal(tdmr_plan(&planner, &in, &plan), -EINVAL);
		in.limits.entry_size[level] = TDX_MAX_PAMT_ENTRY;
		assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
		in.limits.entry_size[level]++;
		assert_int_equal(tdmr_plan(&planner, &in, &plan), -EINVAL);
	}
	input(good, 1, good, 1);
	in.tdmr_size = GB + 1;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -EINVAL);
	in.tdmr_size = TDX_MAX_PA;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	in.tdmr_size = ~0ULL << 30;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -EINVAL);
	assert_int_equal(place(0), -EINVAL);
	/* tdmr_place() refuses a plan that failed, even after one that succeeded. */
	input(good, 1, good, 1);
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	in.nr_cmr = 0;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -EINVAL);
	assert_int_equal(tdmr_place(&planner, NULL), -EINVAL);
	assert_int_equal(planner.nr_excluded, 0);
	in.nr_cmr = 1;
	in.policy = TDMR_BEST_EFFORT;
	in.ram = outside;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -ENOSPC);
	assert_int_equal(plan.excluded_bytes, GB);
	/* A plan that failed contains nothing of the one before. */
	in.nr_cmr = 0;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -EINVAL);
	assert_int_equal(plan.nr_tdmrs, 0);
	assert_int_equal(plan.tdx_bytes, 0);
	assert_int_equal(plan.pamt_bytes, 0);
	assert_int_equal(plan.excluded_bytes, 0);
	assert_int_equal(plan.largest_contiguous, 0);
	assert_int_equal(planner.nr_excluded, 0);
	in.nr_cmr = 1;
	in.policy = TDMR_STRICT;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -ENOSPC);
	assert_int_equal(tdmr_place(&planner, NULL), -EINVAL);
}

/* Linux fails on 20 holes of the RAM map in one TDMR.  Here only holes between CMRs count. */
static void ram_holes_cost_nothing(void **state)
{
	static const struct tdx_range cmr[] = { { MB, 2 * GB, 0 } };
	struct tdx_range ram[20];

	(void)state;
	for (u32 i = 0; i < NR(ram); i++)
		ram[i] = (struct tdx_range){ MB + i * 100 * MB, MB + i * 100 * MB + 90 * MB, 0 };
	input(ram, NR(ram), cmr, 1);
	assert_int_equal(place(0), 0);
	assert_int_equal(planner.nr_excluded, 0);
	for (u32 i = 0; i < plan.nr_tdmrs; i++)
		assert_true(plan.tdmrs[i].nr_reserved <= 2);
}

/* Six holes between CMRs, three areas: a TDMR ends at the GB where it runs out of areas. */
static void areas_run_out(void **state)
{
	struct tdx_range cmr[7];

	(void)state;
	for (u32 i = 0; i < NR(cmr); i++)
		cmr[i] = (struct tdx_range){ i * GB + 64 * MB, i * GB + 960 * MB, 0 };
	input(cmr, NR(cmr), cmr, NR(cmr));
	in.tdmr_size = 16 * GB;
	assert_int_equal(place(0), 0);
	assert_int_equal(plan.nr_tdmrs, 1);
	in.limits.max_reserved = 3;
	assert_int_equal(place(0), 0);
	assert_int_equal(planner.nr_excluded, 0);
	assert_int_equal(plan.nr_tdmrs, 4);
}

/* TDX 1.0: a TDMR cannot use its last area if that reaches an end outside all CMRs. */
static void bad_end(void **state)
{
	struct tdx_range cmr[7];

	(void)state;
	for (u32 i = 0; i < NR(cmr); i++)
		cmr[i] = (struct tdx_range){ i * GB + 64 * MB, i * GB + 960 * MB, 0 };
	input(cmr, NR(cmr), cmr, NR(cmr));
	in.limits.max_reserved = 3;
	in.tdmr_size = 16 * GB;
	assert_int_equal(place(0), 0);
	assert_int_equal(plan.nr_tdmrs, 4);
	in.limits.end_in_cmr = true;
	assert_int_equal(place(0), 0);
	assert_int_equal(planner.nr_excluded, 0);
	assert_int_equal(plan.nr_tdmrs, 7);
	in.limits.max_reserved = 4;
	assert_int_equal(place(0), 0);
	assert_int_equal(plan.nr_tdmrs, 4);
	/* If a CMR begins at the end, all areas can be used. */
	for (u32 i = 1; i < NR(cmr); i++)
		cmr[i].start = i * GB;
	in.limits.max_reserved = 3;
	assert_int_equal(place(0), 0);
	assert_int_equal(plan.nr_tdmrs, 3);
	assert_int_equal(plan.tdmrs[0].nr_reserved, 3);
}

/* Two areas without RAM between them are reserved as one. */
static void areas_join(void **state)
{
	static const struct tdx_range cmr[] = {
		{ 0, 256 * MB, 0 }, { 300 * MB, 310 * MB, 0 }, { 320 * MB, GB, 0 },
	};
	static const struct tdx_range ram[] = { { MB, 256 * MB, 0 }, { 400 * MB, GB, 0 } };

	(void)state;
	input(ram, NR(ram), cmr, NR(cmr));
	in.limits.max_reserved = 2;
	assert_int_equal(place(0), 0);
	assert_int_equal(plan.tdmrs[0].nr_reserved, 2);
	/* With one area the PAMT has to touch the hole. */
	in.limits.max_reserved = 1;
	assert_int_equal(place(0), 0);
	assert_int_equal(planner.nr_excluded, 0);
	assert_int_equal(plan.tdmrs[0].nr_reserved, 1);
}

/* Ten stretches, four TDMRs: all but the three largest gaps are bridged. */
static void smallest_gaps_bridged(void **state)
{
	static const u32 gap[] = { 1, 5, 1, 2, 9, 1, 2, 7, 1 };
	struct tdx_range ram[10];
	u64 pos = 0;

	(void)state;
	for (u32 i = 0; i < NR(ram); i++) {
		ram[i] = (struct tdx_range){ pos + (i ? 0 : MB), pos + GB, 0 };
		pos += GB + (i < NR(gap) ? gap[i] * GB : 0);
	}
	input(ram, NR(ram), ram, NR(ram));
	in.limits.max_tdmrs = 4;
	assert_int_equal(place(0), 0);
	assert_int_equal(plan.nr_tdmrs, 4);
	/* 10 GB to cover and gaps of 1 + 1 + 2 + 1 + 2 + 1 GB. */
	assert_int_equal(plan.tdmrs[0].size + plan.tdmrs[1].size + plan.tdmrs[2].size +
			 plan.tdmrs[3].size, 18 * GB);
	assert_int_equal(plan.tdmrs[1].base, 8 * GB);
}

/* If gaps are equal, only as many are bridged as necessary. */
static void equal_gaps(void **state)
{
	struct tdx_range ram[20];

	(void)state;
	for (u32 i = 0; i < NR(ram); i++)
		ram[i] = (struct tdx_range){ 4 * i * GB + (i ? 0 : MB), 4 * i * GB + GB, 0 };
	input(ram, NR(ram), ram, NR(ram));
	in.limits.max_tdmrs = 19;
	assert_int_equal(place(0), 0);
	assert_int_equal(plan.nr_tdmrs, 19);
	assert_int_equal(plan.tdmrs[0].size, 5 * GB);
	assert_int_equal(plan.tdmrs[18].size, GB);
	/* The next plan starts with no bridges. */
	ram[1] = (struct tdx_range){ 2 * GB, 3 * GB, 0 };
	in.nr_ram = in.nr_cmr = 2;
	in.tdmr_size = 64 * GB;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, 2);
}

/* One hole in every GB, four areas: TDMRs of any size have four holes each. */
static void as_long_as_areas_allow(void **state)
{
	struct tdx_range ram[10];

	(void)state;
	for (u32 i = 0; i < NR(ram); i++)
		ram[i] = (struct tdx_range){ 8 * GB + i * GB - (i ? GB / 2 : 0),
					     8 * GB + i * GB + (i < 9 ? GB / 2 - 64 * MB : 0), 0 };
	input(ram, NR(ram), ram, NR(ram));
	in.tdmr_size = 64 * GB;
	in.limits.max_tdmrs = 3;
	in.limits.max_reserved = 4;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, 3);
	assert_int_equal(plan.tdmrs[0].size, 4 * GB);
	assert_int_equal(plan.tdmrs[1].size, 4 * GB);
	assert_int_equal(plan.tdmrs[2].size, GB);
}

/* If there is no area for the next stretch, a TDMR ends before the gap, not in it. */
static void no_gap_at_the_end(void **state)
{
	static const struct tdx_range ram[] = {
		{ 8 * GB, 8 * GB + GB / 4, 0 }, { 8 * GB + GB / 2, 9 * GB, 0 },
		{ 12 * GB, 12 * GB + GB / 4, 0 }, { 12 * GB + GB / 2, 13 * GB, 0 },
		{ 17 * GB, 18 * GB, 0 },
	};
	/* Two areas are in use before the gap, which is inside a CMR. */
	static const struct tdx_range cmr[] = {
		{ 8 * GB, 8 * GB + GB / 8, 0 }, { 8 * GB + GB / 4, 8 * GB + GB / 2, 0 },
		{ 8 * GB + GB * 3 / 4, 12 * GB + GB / 4, 0 }, { 12 * GB + GB / 2, 13 * GB, 0 },
		{ 17 * GB, 18 * GB, 0 },
	};
	static const struct tdx_range ram_in_cmrs[] = {
		{ 8 * GB, 8 * GB + GB / 8, 0 }, { 8 * GB + GB / 4, 8 * GB + GB / 2, 0 },
		{ 8 * GB + GB * 3 / 4, 9 * GB, 0 }, { 12 * GB, 12 * GB + GB / 4, 0 },
		{ 12 * GB + GB / 2, 13 * GB, 0 }, { 17 * GB, 18 * GB, 0 },
	};

	(void)state;
	for (u32 i = 0; i < 2; i++) {
		if (i)
			input(ram_in_cmrs, NR(ram_in_cmrs), cmr, NR(cmr));
		else
			input(ram, NR(ram), ram, NR(ram));
		in.limits.max_tdmrs = 2;
		in.limits.max_reserved = 2;
		assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
		assert_int_equal(plan.nr_tdmrs, 2);
		assert_int_equal(plan.tdmrs[0].size, GB);
		assert_int_equal(plan.tdmrs[1].base, 12 * GB);
		assert_int_equal(plan.tdmrs[1].size, 6 * GB);
	}
}

/*
 * TDX 1.0 again.  The first TDMR cannot end where its memory does, in a hole, but can end
 * further up, in a CMR without RAM.
 */
static void end_behind_the_hole(void **state)
{
	static const struct tdx_range cmr[] = {
		{ 8 * GB, 8 * GB + GB / 4, 0 }, { 8 * GB + GB / 2, 9 * GB + GB / 2, 0 },
		{ 10 * GB + GB / 4, 12 * GB + GB / 2, 0 }, { 12 * GB + GB * 3 / 4, 14 * GB, 0 },
	};
	struct tdx_range ram[NR(cmr)];

	(void)state;
	memcpy(ram, cmr, sizeof(ram));
	ram[2].start = 12 * GB;
	input(ram, NR(ram), cmr, NR(cmr));
	in.limits.max_tdmrs = 2;
	in.limits.max_reserved = 2;
	in.limits.end_in_cmr = true;
	assert_int_equal(place_in(13 * GB, 13 * GB + 128 * MB), 0);
	assert_int_equal(plan.nr_tdmrs, 2);
	assert_int_equal(plan.tdmrs[0].size, 4 * GB);
	assert_int_equal(plan.tdmrs[1].base, 12 * GB);
}

/* TDMRs are the smallest possible also where a gap has to be bridged. */
static void bridged_and_smallest(void **state)
{
	static const struct tdx_range ram[] = {
		{ 8 * GB, 9 * GB, 0 }, { 11 * GB, 13 * GB + GB / 2, 0 },
		{ 13 * GB + GB * 3 / 4, 16 * GB + GB / 2, 0 },
		{ 16 * GB + GB * 3 / 4, 18 * GB + GB / 2, 0 },
		{ 18 * GB + GB * 3 / 4, 21 * GB, 0 }, { 28 * GB, 29 * GB, 0 },
	};
	struct tdx_range cmr[NR(ram)];

	(void)state;
	memcpy(cmr, ram, sizeof(cmr));
	cmr[1].start = 9 * GB;
	input(ram, NR(ram), cmr, NR(cmr));
	in.limits.max_tdmrs = 3;
	in.limits.max_reserved = 2;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, 3);
	assert_int_equal(plan.tdmrs[0].size, 7 * GB);
	assert_int_equal(plan.tdmrs[1].size, 6 * GB);
}

/* The areas of a TDMR are its own: three that join in the first, two in the second. */
static void areas_join_in_each(void **state)
{
	static const struct tdx_range cmr[] = {
		{ 0, 100 * MB, 0 }, { 200 * MB, 300 * MB, 0 }, { 400 * MB, 500 * MB, 0 },
		{ 600 * MB, GB + 100 * MB, 0 }, { GB + 150 * MB, GB + 400 * MB, 0 },
		{ GB + 450 * MB, 3 * GB, 0 },
	};
	static const struct tdx_range ram[] = {
		{ 0, 100 * MB, 0 }, { 700 * MB, GB + 100 * MB, 0 }, { GB + 600 * MB, 3 * GB, 0 },
	};

	(void)state;
	input(ram, NR(ram), cmr, NR(cmr));
	in.tdmr_size = GB;
	in.limits.max_reserved = 1;
	assert_int_equal(place_in(2 * GB + 512 * MB, 2 * GB + 640 * MB), 0);
	for (u32 i = 0; i < 2; i++) {
		assert_int_equal(plan.tdmrs[i].nr_reserved, 1);
		assert_int_equal(plan.tdmrs[i].reserved[0].base, 100 * MB);
		assert_int_equal(plan.tdmrs[i].reserved[0].size, (i ? 350 : 500) * MB);
	}
}

/* Three holes and a PAMT, three areas: the two nearest holes share one. */
static void nearest_areas_join(void **state)
{
	static const struct {
		u64 hole[3][2];		/* in MB */
		u64 joined[2];
	} t[] = {
		{ { { 256, 300 }, { 320, 330 }, { 340, 350 } }, { 320, 350 } },
		{ { { 256, 300 }, { 310, 320 }, { 340, 350 } }, { 256, 320 } },
		{ { { 256, 300 }, { 310, 320 }, { 330, 350 } }, { 256, 320 } },
	};
	static const struct tdx_range ram[] = { { 0, 256 * MB, 0 }, { 400 * MB, GB, 0 } };
	struct tdx_range cmr[4];

	(void)state;
	for (u32 i = 0; i < NR(t); i++) {
		const struct tdmr *tdmr = &plan.tdmrs[0];
		u32 j;

		for (j = 0; j < 4; j++)
			cmr[j] = (struct tdx_range){ j ? t[i].hole[j - 1][1] * MB : 0,
						     j < 3 ? t[i].hole[j][0] * MB : GB, 0 };
		input(ram, NR(ram), cmr, NR(cmr));
		in.limits.max_reserved = 3;
		assert_int_equal(place_in(512 * MB, 640 * MB), 0);
		assert_int_equal(tdmr->nr_reserved, 3);
		for (j = 0; j < 3 && tdmr->reserved[j].base != t[i].joined[0] * MB; j++)
			;
		assert_true(j < 3);
		assert_int_equal(tdmr->reserved[j].size, (t[i].joined[1] - t[i].joined[0]) * MB);
	}
}

/* Excluded ranges that touch are one, also at address 0. */
static void excluded_as_one(void **state)
{
	static const struct tdx_range cmr[] = { { MB, GB, 0 } };
	static const struct tdx_range ram[] = {
		{ 0, GB, 0 }, { 2 * GB, 3 * GB, 0 }, { 3 * GB, 4 * GB, 1 },
	};

	(void)state;
	input(ram, NR(ram), cmr, NR(cmr));
	in.policy = TDMR_BEST_EFFORT;
	assert_int_equal(place(0), 0);
	assert_int_equal(planner.nr_excluded, 2);
	assert_int_equal(planner.excluded[0].start, 0);
	assert_int_equal(planner.excluded[0].end, MB);
	assert_int_equal(planner.excluded[1].start, 2 * GB);
	assert_int_equal(planner.excluded[1].end, 4 * GB);
}

/* More ranges outside the CMRs than planner.excluded has room for. */
static void too_many_excluded(void **state)
{
	static const struct tdx_range cmr[] = { { MB, GB, 0 } };
	static struct tdx_range ram[TDMR_MAX_EXCLUDED + 2];

	(void)state;
	ram[0] = cmr[0];
	for (u32 i = 1; i < NR(ram); i++)
		ram[i] = (struct tdx_range){ 2 * GB + i * 8192, 2 * GB + i * 8192 + 4096, 0 };
	input(ram, NR(ram) - 1, cmr, NR(cmr));
	in.policy = TDMR_BEST_EFFORT;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(planner.nr_excluded, TDMR_MAX_EXCLUDED);
	in.nr_ram++;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -ENOSPC);
}

/* Only the smallest CMR is left out. */
static void left_out(void **state)
{
	static const struct tdx_range cmr[] = {
		{ MB, 4 * GB + MB, 0 }, { 6 * GB + MB, 6 * GB + 9 * MB, 0 }, { 8 * GB, 12 * GB, 0 },
	};
	static const struct tdx_range low[] = {
		{ 0, 8 * MB, 0 }, { 2 * GB, 4 * GB + MB, 0 }, { 8 * GB, 12 * GB, 0 },
	};

	(void)state;
	input(cmr, NR(cmr), cmr, NR(cmr));
	in.limits.max_tdmrs = 1;
	in.limits.max_reserved = 2;
	assert_int_equal(place(0), -ENOSPC);
	assert_int_equal(planner.nr_excluded, 1);
	in.policy = TDMR_BEST_EFFORT;
	assert_int_equal(place(0), 0);
	assert_int_equal(planner.nr_excluded, 1);
	assert_int_equal(planner.excluded[0].start, 6 * GB + MB);
	assert_int_equal(planner.excluded[0].end, 6 * GB + 9 * MB);
	assert_int_equal(planner.excluded[0].reason, TDMR_NO_TDMR);
	/* The same at address 0. */
	input(low, NR(low), low, NR(low));
	in.policy = TDMR_BEST_EFFORT;
	in.limits.max_tdmrs = 1;
	in.limits.max_reserved = 1;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(planner.nr_excluded, 1);
	assert_int_equal(planner.excluded[0].start, 0);
	assert_int_equal(planner.excluded[0].end, 8 * MB);
}

/*
 * The TDMR needs both areas for the holes up to 3 GB.  The last CMR, which is left out,
 * is usable only where it begins, in the last GB of the TDMR.
 */
static void left_out_in_part(void **state)
{
	static const struct tdx_range cmr[] = {
		{ MB, 2 * GB + 256 * MB, 0 }, { 2 * GB + 512 * MB, 3 * GB + 256 * MB, 0 },
		{ 3 * GB + 512 * MB, 4 * GB + 512 * MB, 0 },
	};

	(void)state;
	input(cmr, NR(cmr), cmr, NR(cmr));
	in.policy = TDMR_BEST_EFFORT;
	in.limits.max_tdmrs = 1;
	in.limits.max_reserved = 2;
	assert_int_equal(place(0), 0);
	assert_int_equal(plan.nr_tdmrs, 1);
	assert_int_equal(plan.tdmrs[0].size, 3 * GB);
	assert_int_equal(planner.nr_excluded, 2);
	assert_int_equal(planner.excluded[0].start, 3 * GB);
	assert_int_equal(planner.excluded[0].end, 3 * GB + 256 * MB);
	assert_int_equal(planner.excluded[1].start, cmr[2].start);
	assert_int_equal(planner.excluded[1].end, cmr[2].end);
	assert_int_equal(plan.tdx_bytes + plan.pamt_bytes, 2 * GB + 768 * MB - MB);
}

/* RAM overlaps CMRs in every possible way. */
static void ram_outside_cmrs(void **state)
{
	static const struct tdx_range cmr[] = {
		{ MB, GB, 0 }, { 2 * GB, 3 * GB, 0 }, { 3 * GB, 4 * GB, 0 }, { 6 * GB, 7 * GB, 0 },
	};
	static const struct tdx_range ram[] = {
		{ MB, GB + 64 * MB, 0 }, { GB + 128 * MB, GB + 192 * MB, 0 },
		{ 2 * GB - 64 * MB, 4 * GB + 64 * MB, 0 }, { 5 * GB, 8 * GB, 0 },
	};
	static const struct tdx_range out[] = {
		{ GB, GB + 64 * MB, 0 }, { GB + 128 * MB, GB + 192 * MB, 0 },
		{ 2 * GB - 64 * MB, 2 * GB, 0 }, { 4 * GB, 4 * GB + 64 * MB, 0 },
		{ 5 * GB, 6 * GB, 0 }, { 7 * GB, 8 * GB, 0 },
	};

	(void)state;
	input(ram, NR(ram), cmr, NR(cmr));
	assert_int_equal(place(0), -ENOSPC);
	assert_int_equal(planner.nr_excluded, NR(out));
	in.policy = TDMR_BEST_EFFORT;
	assert_int_equal(place(0), 0);
	assert_int_equal(planner.nr_excluded, NR(out));
	for (u32 i = 0; i < NR(out); i++) {
		assert_int_equal(planner.excluded[i].start, out[i].start);
		assert_int_equal(planner.excluded[i].end, out[i].end);
		assert_int_equal(planner.excluded[i].reason, TDMR_OUTSIDE_CMRS);
	}
	assert_int_equal(plan.excluded_bytes, tdx_ranges_bytes(out, NR(out)));
	assert_int_equal(plan.tdx_bytes + plan.pamt_bytes, 4 * GB - MB);
	/* One TDMR has one area, for the hole above 4 GB: the first CMR is left out, too. */
	in.limits.max_tdmrs = 1;
	in.limits.max_reserved = 1;
	assert_int_equal(place(0), 0);
	assert_int_equal(planner.nr_excluded, NR(out) + 1);
	assert_int_equal(planner.excluded[0].end, GB);
	assert_int_equal(planner.excluded[0].reason, TDMR_NO_TDMR);
	assert_int_equal(planner.excluded[1].reason, TDMR_OUTSIDE_CMRS);
	assert_int_equal(plan.tdmrs[0].base, 2 * GB);
}

/* 5 holes in one GB, 4 areas: the smallest stretch between two of them is left out. */
static void crowded_block(void **state)
{
	struct tdx_range cmr[] = {
		{ 10 * MB, 100 * MB, 0 }, { 110 * MB, 120 * MB, 0 }, { 130 * MB, 300 * MB, 0 },
		{ 310 * MB, 900 * MB, 0 },
	};

	(void)state;
	input(cmr, NR(cmr), cmr, NR(cmr));
	in.limits.max_reserved = 4;
	assert_int_equal(place(0), -ENOSPC);
	in.policy = TDMR_BEST_EFFORT;
	assert_int_equal(place(0), 0);
	assert_int_equal(planner.nr_excluded, 1);
	assert_int_equal(planner.excluded[0].start, 110 * MB);
	assert_int_equal(planner.excluded[0].end, 120 * MB);
	assert_int_equal(planner.excluded[0].reason, TDMR_NO_AREA);
	/* Of equal stretches it is the first. */
	cmr[2].end = 140 * MB;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(planner.nr_excluded, 1);
	assert_int_equal(planner.excluded[0].start, 110 * MB);
	cmr[2].end = 300 * MB;
	/* That may be the first stretch. */
	cmr[0].start = 95 * MB;
	cmr[0].node = 1;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.tdmrs[0].node, 0);
	assert_int_equal(planner.nr_excluded, 1);
	assert_int_equal(planner.excluded[0].start, 95 * MB);
	assert_int_equal(planner.excluded[0].end, 100 * MB);
	/* Or the last one. */
	cmr[0].start = 10 * MB;
	cmr[3].end = 315 * MB;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(planner.nr_excluded, 1);
	assert_int_equal(planner.excluded[0].start, 310 * MB);
}

/* The next plan does not leave out what this one did. */
static void drops_forgotten(void **state)
{
	static const struct tdx_range cmr[] = {
		{ 10 * MB, 300 * MB, 0 }, { 310 * MB, 320 * MB, 0 }, { 330 * MB, 345 * MB, 0 },
		{ 400 * MB, 900 * MB, 0 },
	};

	(void)state;
	input(cmr, NR(cmr), cmr, NR(cmr));
	in.policy = TDMR_BEST_EFFORT;
	in.limits.max_reserved = 3;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.excluded_bytes, 25 * MB);
	in.limits.max_reserved = 4;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(planner.nr_excluded, 1);
	assert_int_equal(plan.excluded_bytes, 10 * MB);
}

/* PAMTs that a page in use keeps apart fill all reserved areas of a TDMR. */
static void most_areas(void **state)
{
	static const struct tdx_range ram[] = { { MB, 64 * GB, 0 } };
	u32 most = 0;

	(void)state;
	input(ram, 1, ram, 1);
	in.tdmr_size = GB;
	in.limits.max_reserved = TDX_MAX_RESERVED;
	assert_int_equal(place(4 * MB + 12 * 1024), 0);
	for (u32 i = 0; i < plan.nr_tdmrs; i++)
		most = tdx_max(most, plan.tdmrs[i].nr_reserved);
	assert_int_equal(most, TDX_MAX_RESERVED);
}

/* A range that is left out ends with its CMR. */
static void crowded_last_block(void **state)
{
	static const struct tdx_range cmr[] = {
		{ 0, GB + 100 * MB, 0 }, { GB + 110 * MB, GB + 120 * MB, 0 },
		{ GB + 130 * MB, GB + 140 * MB, 0 },
	};

	(void)state;
	input(cmr, NR(cmr), cmr, NR(cmr));
	in.policy = TDMR_BEST_EFFORT;
	in.coverage = TDMR_COVER_CONVERTIBLE;
	in.limits.max_reserved = 0;
	in.tdmr_size = GB;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, 1);
	assert_int_equal(plan.tdmrs[0].size, GB);
	assert_int_equal(planner.nr_excluded, 3);
	assert_int_equal(plan.excluded_bytes, 120 * MB);
	assert_int_equal(plan.tdx_bytes, GB);
}

static void no_areas_at_all(void **state)
{
	static const struct tdx_range cmr[] = { { 64 * MB, 4 * GB, 0 } };

	(void)state;
	input(cmr, 1, cmr, 1);
	in.limits.max_reserved = 0;
	assert_int_equal(place(0), -ENOSPC);
	/* The GB with the hole is left out, but can hold PAMTs. */
	in.policy = TDMR_BEST_EFFORT;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(planner.nr_excluded, 1);
	assert_int_equal(planner.excluded[0].end, GB);
	assert_int_equal(place(0), 0);
	assert_int_equal(plan.tdmrs[0].base, GB);
	assert_int_equal(plan.tdx_bytes, 3 * GB);
	assert_true(plan.tdmrs[0].pamt[TDX_PS_4K].base < GB);
}

/* A piece of just the bytes that are free, up to the end of its CMR. */
static void last_bytes(void **state)
{
	static const struct tdx_range cmr[] = { { MB, 2 * GB, 0 } };
	const u64 size = 8 * MB + 16 * 1024 + 4096;

	(void)state;
	input(cmr, 1, cmr, 1);
	in.tdmr_size = 2 * GB;
	in.limits.max_tdmrs = 1;
	assert_int_equal(place_in(2 * GB - size, 2 * GB), 0);
	assert_int_equal(plan.tdmrs[0].nr_pieces, 1);
	assert_int_equal(place_in(2 * GB - size + 4096, 2 * GB), -ENOMEM);
}

/* The PAMT of one TDMR ends where the next begins, which has no area left. */
static void up_to_the_next_tdmr(void **state)
{
	static const struct tdx_range cmr[] = {
		{ GB, 2 * GB + 256 * MB, 0 }, { 2 * GB + 320 * MB, 3 * GB, 0 },
	};
	const u64 size = 4 * MB + 8192 + 4096;

	(void)state;
	input(cmr, NR(cmr), cmr, NR(cmr));
	in.tdmr_size = GB;
	in.limits.max_reserved = 1;
	assert_int_equal(place_in(2 * GB - 2 * size, 2 * GB), 0);
	assert_int_equal(planner.attempt, 1);
	assert_int_equal(plan.nr_tdmrs, 2);
}

static void cut_to_free_memory(void **state)
{
	static const struct tdx_range cmr[] = { { MB, 16 * GB, 3 } };

	(void)state;
	input(cmr, 1, cmr, 1);
	in.tdmr_size = 16 * GB;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.largest_contiguous, plan.pamt_bytes);
	assert_int_equal(place(0), 0);
	assert_int_equal(plan.nr_tdmrs, 1);
	assert_int_equal(place(12 * MB), 0);
	assert_int_equal(plan.largest_contiguous, 12 * MB);
	assert_int_equal(plan.tdmrs[0].nr_pieces, 2);
	assert_int_equal(place(4 * MB), 0);
	assert_int_equal(plan.nr_tdmrs, 16);
	assert_int_equal(place(MB), -ENOMEM);
	assert_int_equal(planner.wanted_node, 3);
	assert_int_equal(planner.wanted, 4 * MB);
	/* 8 TDMRs have to be of 2 GB each. */
	in.limits.max_tdmrs = 8;
	assert_int_equal(place(8 * MB), 0);
	assert_int_equal(place(7 * MB), -ENOMEM);
	assert_int_equal(planner.wanted, 8 * MB);
}

/*
 * The largest piece is too small for TDMRs that end with their node (3 GB), but large
 * enough for TDMRs across nodes (2 GB), so that later attempts succeed.
 */
static void least_size_across_nodes(void **state)
{
	static const struct tdx_range ram[] = { { 8 * GB, 13 * GB, 0 }, { 13 * GB, 16 * GB, 1 } };
	static const struct tdx_range cmr[] = { { 8 * GB, 16 * GB, 0 } };

	(void)state;
	input(ram, NR(ram), cmr, NR(cmr));
	in.limits.max_tdmrs = 4;
	assert_int_equal(place(8 * MB), 0);
	assert_int_equal(plan.nr_tdmrs, 4);
	assert_int_equal(plan.tdmrs[1].size, 2 * GB);
}

/*
 * The 4K level of 2 GB has a place, but the 2M level has none: the planner gives the place
 * back and cuts the TDMR.  The PAMT of the other TDMR stays.
 */
static void cut_for_the_upper_levels(void **state)
{
	static const struct tdx_range cmr[] = { { GB, 3 * GB, 0 }, { 4 * GB, 8 * GB, 0 } };
	static const struct tdx_range pieces[] = {
		{ 2 * GB, 2 * GB + 8 * MB + 12 * 1024, 0 },
		{ 2 * GB + 9 * MB, 2 * GB + 9 * MB + 8192, 0 },
		{ 2 * GB + 10 * MB, 2 * GB + 10 * MB + 4096, 0 },
		{ 5 * GB, 5 * GB + 16 * MB + 36 * 1024, 0 },
	};

	(void)state;
	input(cmr, NR(cmr), cmr, NR(cmr));
	in.tdmr_size = 4 * GB;
	assert_int_equal(place_in_pieces(pieces, NR(pieces)), 0);
	assert_int_equal(plan.nr_tdmrs, 3);
	assert_int_equal(plan.tdmrs[0].size, GB);
	assert_int_equal(plan.tdmrs[2].pamt[TDX_PS_4K].base, 5 * GB);
}

/* Free pieces in one TDMR that do not touch exceed its areas. */
static void crowded_pieces(void **state)
{
	static const struct tdx_range cmr[] = { { MB, 2 * GB, 0 }, { 4 * GB, 34 * GB, 0 } };

	(void)state;
	input(cmr, NR(cmr), cmr, NR(cmr));
	in.limits.max_tdmrs = 32;
	assert_int_equal(place(4 * MB), 0);
	assert_int_equal(plan.nr_tdmrs, 32);
	in.limits.max_reserved = 4;
	assert_int_equal(place(4 * MB), 0);
}

/* The piece that was found begins a TDMR: that one is cut, not the one that ends there. */
static void crowded_where_a_tdmr_begins(void **state)
{
	static const struct tdx_range cmr[] = {
		{ 64 * MB, 3 * GB + 512 * MB, 0 }, { 3 * GB + 600 * MB, 4 * GB, 0 },
	};

	(void)state;
	input(cmr, NR(cmr), cmr, NR(cmr));
	in.tdmr_size = 2 * GB;
	in.limits.max_reserved = 1;
	assert_int_equal(place_in(2 * GB, 2 * GB + 64 * MB), 0);
	assert_int_equal(planner.attempt, 1);
	assert_int_equal(plan.nr_tdmrs, 3);
	assert_int_equal(plan.tdmrs[0].size, 2 * GB);
	assert_int_equal(plan.tdmrs[1].size, GB);
}

/*
 * RAM ends before its CMR, and both areas are in use.  A PAMT at the end of RAM needs no
 * further area, since nothing between it and the end of the CMR is to be covered.
 */
static void beside_the_last_ram(void **state)
{
	static const struct tdx_range cmr[] = { { 64 * MB, 3 * GB + 768 * MB, 0 } };
	static const struct tdx_range ram[] = { { 64 * MB, 3 * GB + 512 * MB, 0 } };

	(void)state;
	input(ram, 1, cmr, 1);
	in.tdmr_size = 4 * GB;
	in.limits.max_tdmrs = 1;
	in.limits.max_reserved = 2;
	assert_int_equal(place_in(3 * GB, 3 * GB + 512 * MB), 0);
	assert_int_equal(plan.nr_tdmrs, 1);
	assert_int_equal(plan.tdmrs[0].nr_reserved, 2);
	assert_int_equal(plan.tdmrs[0].pamt[TDX_PS_1G].base + 4096, 3 * GB + 512 * MB);
	/* If the last 4 KB of RAM are in use, no place is left. */
	assert_int_equal(place_in(3 * GB, 3 * GB + 512 * MB - 4096), -ENOSPC);
}

/* Two areas, two free pieces: only PAMTs of which the 4K levels are gathered fit. */
static void gathered(void **state)
{
	static const struct tdx_range cmr[] = {
		{ 23 * MB, 1483 * MB, 0 }, { 1601 * MB, 3096 * MB, 0 },
	};
	static const struct tdx_range pieces[] = {
		{ 745 * MB, 753 * MB, 0 }, { 2389 * MB, 2398 * MB, 0 },
	};

	(void)state;
	input(cmr, NR(cmr), cmr, NR(cmr));
	in.limits.max_tdmrs = 3;
	in.limits.max_reserved = 2;
	assert_int_equal(place_in_pieces(pieces, NR(pieces)), 0);
	assert_int_equal(planner.attempt, 3);
	assert_int_equal(plan.nr_tdmrs, 3);
	for (u32 i = 0; i < plan.nr_tdmrs; i++)
		assert_int_equal(plan.tdmrs[i].nr_pieces, 2);
}

/*
 * One area each, which the first TDMR needs for its hole: the PAMTs fit only side by side in
 * the second.  So the first PAMT must lie where there is room for all, not in the first gap.
 */
static void gathered_where_all_fit(void **state)
{
	static const struct tdx_range cmr[] = { { 0x3fc68000, 2 * GB, 0 } };
	static const struct tdx_range ram[] = {
		{ 0x3fc68000, 0x412be000, 0 }, { 0x41333000, 0x6517b000, 0 },
		{ 0x7517b000, 0x7e2da000, 0 },
	};

	(void)state;
	input(ram, NR(ram), cmr, NR(cmr));
	in.limits = (struct tdmr_limits){ 2, 1, { 52, 52, 14 }, false };
	assert_int_equal(place(0), 0);
	assert_int_equal(planner.attempt, 3);
}

/* Best effort, few areas and few pieces: the cuts that serve the most. */
static void cuts_of_fragmented_machines(void **state)
{
	static const struct {
		u64 cmr[4][2], piece[3][2];	/* in MB */
		struct tdmr_limits limits;
		u32 attempt, nr, gb[4];
	} t[] = {
		/* Sizes grow by half, not by less. */
		{ { { 1, 5223 } }, { { 1, 5 }, { 4711, 4735 } },
		  { 2, 2, { 16, 16, 16 }, false }, 2, 2, { 1, 5 } },
		/* Every end is bad: no cut. */
		{ { { 963, 2191 }, { 2575, 3328 }, { 3840, 4036 }, { 4548, 5338 } },
		  { { 1343, 1345 }, { 2575, 2578 }, { 3167, 3183 } },
		  { 3, 3, { 16, 16, 16 }, true }, 3, 2, { 2, 2 } },
		/* The part above a cut begins behind what was left out. */
		{ { { 39, 1662 }, { 2922, 2948 }, { 4126, 5120 } },
		  { { 39, 41 }, { 1111, 1128 }, { 4199, 4215 } },
		  { 3, 2, { 36, 29, 58 }, true }, 1, 2, { 1, 1 } },
		/* The part below a cut may use all areas, */
		{ { { 638, 3660 }, { 4281, 4320 }, { 4960, 7682 }, { 7886, 9890 } },
		  { { 5007, 5021 }, { 6653, 6667 }, { 9731, 9746 } },
		  { 5, 1, { 16, 16, 16 }, false }, 1, 4, { 2, 1, 1, 2 } },
		/* also where it has to reach the next TDMR for that. */
		{ { { 225, 1542 }, { 2120, 3961 }, { 4169, 4493 }, { 4601, 6959 } },
		  { { 3787, 3798 }, { 3864, 3877 }, { 5907, 5918 } },
		  { 6, 2, { 16, 16, 16 }, true }, 2, 3, { 1, 2, 1 } },
		/* A size that had no piece has one when all have been given back. */
		{ { { 1107, 3336 }, { 3787, 8548 } },
		  { { 1119, 1138 }, { 1777, 1782 } },
		  { 5, 2, { 16, 16, 16 }, false }, 1, 4, { 1, 1, 1, 1 } },
		/* Fences of pieces that were given back are gone. */
		{ { { 438, 4141 }, { 4289, 5621 }, { 6310, 6632 } },
		  { { 2238, 2248 }, { 6438, 6457 }, { 6601, 6625 } },
		  { 6, 3, { 16, 16, 16 }, false }, 2, 3, { 5, 1, 1 } },
	};

	(void)state;
	for (u32 i = 0; i < NR(t); i++) {
		struct tdx_range cmr[4], piece[3];
		u32 n, free;

		for (n = 0; n < NR(cmr) && t[i].cmr[n][1]; n++)
			cmr[n] = (struct tdx_range){ t[i].cmr[n][0] * MB, t[i].cmr[n][1] * MB, 0 };
		for (free = 0; free < NR(piece) && t[i].piece[free][1]; free++)
			piece[free] = (struct tdx_range){ t[i].piece[free][0] * MB,
							  t[i].piece[free][1] * MB, 0 };
		input(cmr, n, cmr, n);
		in.coverage = TDMR_COVER_CONVERTIBLE;
		in.policy = TDMR_BEST_EFFORT;
		in.limits = t[i].limits;
		assert_int_equal(place_in_pieces(piece, free), 0);
		assert_int_equal(planner.attempt, t[i].attempt);
		assert_int_equal(plan.nr_tdmrs, t[i].nr);
		for (u32 k = 0; k < t[i].nr; k++)
			assert_int_equal(plan.tdmrs[k].size, t[i].gb[k] * GB);
	}
}

/* Two TDMRs of three areas each: the second needs them for two holes and all PAMTs. */
static void short_first_tdmr(void **state)
{
	static const struct tdx_range cmr[] = {
		{ 448 * MB, 1063 * MB, 0 }, { 1319 * MB, 1451 * MB, 0 }, { 1739 * MB, 2176 * MB, 0 },
	};

	(void)state;
	input(cmr, NR(cmr), cmr, NR(cmr));
	in.limits.max_tdmrs = 2;
	in.limits.max_reserved = 3;
	assert_int_equal(place_in(936 * MB, 952 * MB), 0);
	assert_int_equal(planner.attempt, 4);
	assert_int_equal(plan.nr_tdmrs, 2);
	assert_int_equal(plan.tdmrs[0].size, GB);
	/* The first TDMR of the next plan may be of any size. */
	in.nr_ram = in.nr_cmr = 1;
	in.tdmr_size = 64 * GB;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, 1);
}

/* No TDMR has an area for the PAMTs: the one that covers least is left out. */
static void tdmr_left_out(void **state)
{
	static const struct tdx_range cmr[] = {
		{ 64 * MB, GB, 0 }, { 2 * GB + 128 * MB, 3 * GB, 0 }, { 4 * GB + 64 * MB, 5 * GB, 0 },
	};

	(void)state;
	input(cmr, NR(cmr), cmr, NR(cmr));
	in.limits.max_reserved = 1;
	assert_int_equal(place_in(2 * GB + 512 * MB, 2 * GB + 600 * MB), -ENOSPC);
	assert_int_equal(planner.nr_excluded, 0);
	in.policy = TDMR_BEST_EFFORT;
	assert_int_equal(place_in(2 * GB + 512 * MB, 2 * GB + 600 * MB), 0);
	assert_int_equal(plan.nr_tdmrs, 2);
	assert_int_equal(plan.tdmrs[1].base, 4 * GB);
	assert_int_equal(plan.tdx_bytes, 2 * 960 * MB);
	assert_int_equal(plan.excluded_bytes, 896 * MB - plan.pamt_bytes);
	assert_int_equal(planner.nr_excluded, 2);
	assert_int_equal(planner.excluded[0].start, 2 * GB + 128 * MB);
	assert_int_equal(planner.excluded[0].end, 2 * GB + 512 * MB);
	assert_int_equal(planner.excluded[1].end, 3 * GB);
	assert_int_equal(planner.excluded[1].reason, TDMR_NO_AREA);
}

/* The TDMR left out is two excluded ranges, below and above the PAMTs: one too many. */
static void too_many_excluded_at_last(void **state)
{
	static const struct tdx_range cmr[] = {
		{ 64 * MB, GB, 0 }, { 2 * GB + 128 * MB, 3 * GB, 0 }, { 4 * GB + 64 * MB, 5 * GB, 0 },
	};
	static struct tdx_range ram[NR(cmr) + TDMR_MAX_EXCLUDED - 1];

	(void)state;
	memcpy(ram, cmr, sizeof(cmr));
	for (u32 i = NR(cmr); i < NR(ram); i++)
		ram[i] = (struct tdx_range){ 6 * GB + i * 8192, 6 * GB + i * 8192 + 4096, 0 };
	input(ram, NR(ram) - 1, cmr, NR(cmr));
	in.policy = TDMR_BEST_EFFORT;
	in.limits.max_reserved = 1;
	assert_int_equal(place_in(2 * GB + 512 * MB, 2 * GB + 600 * MB), 0);
	assert_int_equal(planner.nr_excluded, TDMR_MAX_EXCLUDED);
	in.nr_ram++;
	assert_int_equal(place_in(2 * GB + 512 * MB, 2 * GB + 600 * MB), -ENOSPC);
}

/* Two TDMRs of 3 GB: after one is left out, the other becomes two, which do not reach into it. */
static void left_out_behind(void **state)
{
	static const struct tdx_range cmr[] = {
		{ 64 * MB, 3 * GB, 0 }, { 3 * GB + 64 * MB, 6 * GB, 0 },
	};
	static const struct tdx_range ram[] = {
		{ 64 * MB, 3 * GB, 0 }, { 3 * GB + 64 * MB, 5 * GB + 512 * MB, 0 },
	};

	(void)state;
	input(ram, NR(ram), cmr, NR(cmr));
	in.policy = TDMR_BEST_EFFORT;
	in.limits.max_tdmrs = 2;
	in.limits.max_reserved = 1;
	assert_int_equal(place_in(4 * GB, 4 * GB + 64 * MB), 0);
	assert_int_equal(plan.nr_tdmrs, 2);
	assert_int_equal(plan.tdmrs[0].size, 2 * GB);
	assert_int_equal(plan.tdmrs[1].size, GB);
}

/* Memory that is not online belongs to the node of the next RAM above, else below. */
static void nodes_of_cmrs(void **state)
{
	static const struct tdx_range cmr[] = { { MB, 10 * GB, -1 } };
	static const struct tdx_range ram[] = {
		{ GB, 2 * GB, 1 }, { 2 * GB + MB, 3 * GB, 2 }, { 5 * GB, 6 * GB, 3 },
	};
	static const s32 node[] = { 1, 2, 3, 3, 3 };
	static const struct tdx_range half[] = { { 512 * MB, GB, -1 } };
	static const struct tdx_range across[] = { { 64 * MB, 128 * MB, 1 }, { 512 * MB, GB, 0 } };

	(void)state;
	input(ram, NR(ram), cmr, 1);
	in.coverage = TDMR_COVER_CONVERTIBLE;
	in.tdmr_size = 2 * GB;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_true(plan.nr_tdmrs >= 5);
	for (u32 i = 0; i < plan.nr_tdmrs; i++)
		assert_int_equal(plan.tdmrs[i].node, node[plan.tdmrs[i].base / (2 * GB)]);
	/* RAM outside the CMRs does not determine the node. */
	input(across, NR(across), half, 1);
	in.policy = TDMR_BEST_EFFORT;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.tdmrs[0].node, 0);
	/* Without RAM there is no node. */
	input(ram, NR(ram), cmr, 1);
	in.coverage = TDMR_COVER_CONVERTIBLE;
	in.ram = NULL;
	in.nr_ram = 0;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.tdmrs[0].node, -1);
}

/* "Below" excludes a range that begins at the address. */
static void last_end(void **state)
{
	static const struct tdx_range cmr[] = { { GB, 2 * GB, 0 }, { 3 * GB, 4 * GB, 0 } };
	static const struct tdx_range ram[] = { { GB, 2 * GB - MB, 0 }, { 3 * GB, 4 * GB, 0 } };
	static const struct tdx_range outside[] = {
		{ GB, 2 * GB - MB, 0 }, { 2 * GB + MB, 3 * GB, 0 }, { 3 * GB + 2 * MB, 4 * GB, 0 },
	};

	(void)state;
	input(ram, NR(ram), cmr, NR(cmr));
	assert_int_equal(tdmr_map_init(&planner.map, &in), 0);
	assert_int_equal(tdmr_map_last_end(&planner.map, GB), 0);
	assert_int_equal(tdmr_map_last_end(&planner.map, 3 * GB), 2 * GB - MB);
	assert_int_equal(tdmr_map_last_end(&planner.map, 3 * GB + MB), 3 * GB + MB);
	in.coverage = TDMR_COVER_CONVERTIBLE;
	assert_int_equal(tdmr_map_last_end(&planner.map, 3 * GB), 2 * GB);
	/* RAM that ends where a CMR begins is not in the CMR. */
	input(outside, NR(outside), cmr, NR(cmr));
	assert_int_equal(tdmr_map_init(&planner.map, &in), 0);
	assert_int_equal(tdmr_map_last_end(&planner.map, 3 * GB + 2 * MB), 2 * GB - MB);
}

/* Memory to cover ends where a drop begins.  A drop replaces those inside it. */
static void drops(void **state)
{
	static const struct tdx_range ram[] = { { 0, GB, 3 } };
	struct tdmr_map *map = &planner.map;
	struct tdx_range m;

	(void)state;
	input(ram, 1, ram, 1);
	assert_int_equal(tdmr_map_init(map, &in), 0);
	assert_true(tdmr_map_drop(map, 768 * MB, GB, TDMR_NO_AREA));
	assert_true(tdmr_map_drop(map, 256 * MB, 512 * MB, TDMR_NO_AREA));
	assert_true(tdmr_map_next(map, 0, false, &m));
	assert_int_equal(m.end, 256 * MB);
	assert_int_equal(m.node, 3);
	assert_true(tdmr_map_next(map, 256 * MB, false, &m));
	assert_int_equal(m.start, 512 * MB);
	assert_int_equal(m.end, 768 * MB);
	assert_false(tdmr_map_next(map, 768 * MB, false, &m));
	assert_true(tdmr_map_next(map, 256 * MB, true, &m));
	assert_int_equal(m.end, GB);
	assert_true(tdmr_map_drop(map, 256 * MB, GB, TDMR_NO_AREA));
	assert_int_equal(map->nr_drops, 1);
	assert_int_equal(tdmr_map_bytes(map, 0, GB, false), 256 * MB);
	/* Convertible memory is on no node. */
	in.coverage = TDMR_COVER_CONVERTIBLE;
	assert_true(tdmr_map_next(map, 0, false, &m));
	assert_int_equal(m.node, -1);
	assert_false(tdmr_map_next(map, 256 * MB, false, &m));
	/* As many as there is room for. */
	assert_int_equal(tdmr_map_init(map, &in), 0);
	for (u64 i = 0; i < TDMR_MAX_DROPS; i++)
		assert_true(tdmr_map_drop(map, i * MB, (i + 1) * MB, TDMR_NO_AREA));
	assert_false(tdmr_map_drop(map, 512 * MB, 513 * MB, TDMR_NO_AREA));
	assert_true(tdmr_map_drop(map, 0, 2 * MB, TDMR_NO_AREA));
	assert_int_equal(map->nr_drops, TDMR_MAX_DROPS - 1);
}

/* The planner checks each piece that the source returns. */
static u64 nonsense;

static u64 get_nonsense(void *ctx, u64 size, s32 node, u64 near)
{
	(void)ctx, (void)size, (void)node, (void)near;
	return nonsense;
}

static u64 get_nonsense_in(void *ctx, u64 size, u64 start, u64 end)
{
	(void)ctx, (void)size, (void)start, (void)end;
	return nonsense;
}

static void put_nothing(void *ctx, u64 base, u64 size)
{
	(void)ctx, (void)base, (void)size;
}

static void source_of_nonsense(void **state)
{
	static const struct tdx_range cmr[] = { { MB, 16 * GB, 0 } };
	static const struct tdx_range large[] = { { MB, 64 * GB, 0 } };
	static const u64 base[] = { 1, 4096, MB + 1, 16 * GB, 16 * GB - MB, ~0ULL, ~0ULL << 12 };
	const struct pamt_source src = {
		.get = get_nonsense, .get_in = get_nonsense_in, .put = put_nothing
	};

	(void)state;
	input(cmr, 1, cmr, 1);
	for (u32 i = 0; i < NR(base); i++) {
		nonsense = base[i];
		assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
		assert_int_not_equal(tdmr_place(&planner, &src), 0);
	}
	/* The same with all TDMRs there are. */
	input(large, 1, large, 1);
	in.tdmr_size = GB;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, TDX_MAX_TDMRS);
	assert_int_not_equal(tdmr_place(&planner, &src), 0);
	/* A source that returns the same piece again can only serve one TDMR. */
	input(cmr, 1, cmr, 1);
	nonsense = MB;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_true(plan.nr_tdmrs > 1);
	assert_int_equal(tdmr_place(&planner, &src), 0);
	assert_int_equal(plan.nr_tdmrs, 1);
}

static void by_node(void **state)
{
	static const struct tdx_range ram[] = {
		{ MB, 6 * GB + 512 * MB, 0 }, { 6 * GB + 512 * MB, 10 * GB, 1 },
	};
	static const struct tdx_range cmr[] = { { MB, 10 * GB, 0 } };

	(void)state;
	input(ram, NR(ram), cmr, 1);
	in.tdmr_size = 64 * GB;
	assert_int_equal(place(0), 0);
	assert_int_equal(plan.nr_tdmrs, 2);
	assert_int_equal(plan.tdmrs[1].base, 7 * GB);
	assert_int_equal(plan.tdmrs[1].node, 1);
	assert_true(plan.tdmrs[1].pamt[TDX_PS_4K].base >= 6 * GB + 512 * MB);
}

/* TDMRs end with their node if that takes no more than half of the TDMRs. */
static void by_node_if_affordable(void **state)
{
	static const struct tdx_range ram[] = {
		{ MB, 2 * GB, 0 }, { 2 * GB, 4 * GB, 1 }, { 4 * GB, 6 * GB, 2 },
	};
	static const struct tdx_range cmr[] = { { MB, 6 * GB, 0 } };

	(void)state;
	input(ram, NR(ram), cmr, 1);
	/* The size that the plan before chose has no effect. */
	in.tdmr_size = GB;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	in.tdmr_size = 64 * GB;
	in.limits.max_tdmrs = 6;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, 3);
	in.limits.max_tdmrs = 4;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, 1);
	in.limits.max_tdmrs = 5;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, 1);
}

/* One TDMR in 32 is kept spare: of 64, two; of 62, one. */
static void spare(void **state)
{
	struct tdx_range fits = { MB, 62 * GB, 0 }, nodes[63];
	static const struct tdx_range one_more[] = { { MB, 63 * GB, 0 } };

	(void)state;
	input(&fits, 1, &fits, 1);
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, 62);
	fits.end = 61 * GB;
	in.limits.max_tdmrs = 62;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, 61);
	input(one_more, 1, one_more, 1);
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, 32);
	/* The same if TDMRs cannot end with their node, as there are too many borders. */
	for (u32 i = 0; i < NR(nodes); i++)
		nodes[i] = (struct tdx_range){ i * GB + (i ? 0 : MB), (i + 1) * GB, i % 2 };
	input(nodes, NR(nodes), one_more, 1);
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, 32);
}

/* What the planner asked the source for, which answers with places far apart. */
static struct {
	u64 size;
	s32 node;
	u64 near;
	u64 base;
} asked[8];
static u32 nr_asked;
static u64 largest;	/* none is larger */

static u64 get_and_note(void *ctx, u64 size, s32 node, u64 near)
{
	(void)ctx;
	if (size > largest)
		return 0;
	assert_true(nr_asked < NR(asked));
	asked[nr_asked].size = size;
	asked[nr_asked].node = node;
	asked[nr_asked].near = near;
	asked[nr_asked].base = GB / 2 + 64 * MB * nr_asked;
	return asked[nr_asked++].base;
}

/* The largest PAMT comes first; each next one is wanted beside the last of its node. */
static void order_of_pieces(void **state)
{
	static const struct tdx_range ram[] = {
		{ MB, GB, 0 }, { 4 * GB, 6 * GB, 0 }, { 8 * GB, 11 * GB, 1 }, { 16 * GB, 17 * GB, 1 },
	};
	static const s32 node[] = { 1, 0, 0, 1 };
	static const u64 size[] = { 3 * GB, 2 * GB, GB, GB };
	static const s32 last[] = { -1, -1, 1, 0 };	/* the piece before, of the same node */
	const struct pamt_source src = {
		.get = get_and_note, .get_in = get_nonsense_in, .put = put_nothing
	};

	(void)state;
	input(ram, NR(ram), ram, NR(ram));
	in.tdmr_size = 64 * GB;
	nr_asked = 0;
	largest = GB;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, NR(size));
	assert_int_equal(tdmr_place(&planner, &src), 0);
	assert_int_equal(nr_asked, NR(size));
	for (u32 i = 0; i < nr_asked; i++) {
		assert_int_equal(asked[i].size, tdmr_pamt_size(size[i], TDX_PS_4K, 16) +
				 tdmr_pamt_size(size[i], TDX_PS_2M, 16) +
				 tdmr_pamt_size(size[i], TDX_PS_1G, 16));
		assert_int_equal(asked[i].node, node[i]);
		assert_int_equal(asked[i].near, last[i] < 0 ? 0 :
				 asked[last[i]].base + asked[last[i]].size);
	}
}

/* Levels that have to lie apart are wanted side by side all the same. */
static void levels_side_by_side(void **state)
{
	static const struct tdx_range cmr[] = { { MB, 4 * GB, 0 } };
	const struct pamt_source src = {
		.get = get_and_note, .get_in = get_nonsense_in, .put = put_nothing
	};

	(void)state;
	input(cmr, 1, cmr, 1);
	in.tdmr_size = 4 * GB;
	nr_asked = 0;
	largest = 16 * MB;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(tdmr_place(&planner, &src), 0);
	assert_int_equal(plan.nr_tdmrs, 1);
	assert_int_equal(plan.tdmrs[0].nr_pieces, 2);
	assert_int_equal(nr_asked, 2);
	assert_int_equal(asked[1].near, asked[0].base + 16 * MB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_input),
		cmocka_unit_test(ram_holes_cost_nothing),
		cmocka_unit_test(areas_run_out),
		cmocka_unit_test(bad_end),
		cmocka_unit_test(areas_join),
		cmocka_unit_test(smallest_gaps_bridged),
		cmocka_unit_test(equal_gaps),
		cmocka_unit_test(as_long_as_areas_allow),
		cmocka_unit_test(no_gap_at_the_end),
		cmocka_unit_test(end_behind_the_hole),
		cmocka_unit_test(bridged_and_smallest),
		cmocka_unit_test(areas_join_in_each),
		cmocka_unit_test(nearest_areas_join),
		cmocka_unit_test(excluded_as_one),
		cmocka_unit_test(too_many_excluded),
		cmocka_unit_test(left_out),
		cmocka_unit_test(left_out_in_part),
		cmocka_unit_test(ram_outside_cmrs),
		cmocka_unit_test(crowded_block),
		cmocka_unit_test(drops_forgotten),
		cmocka_unit_test(most_areas),
		cmocka_unit_test(crowded_last_block),
		cmocka_unit_test(no_areas_at_all),
		cmocka_unit_test(last_bytes),
		cmocka_unit_test(up_to_the_next_tdmr),
		cmocka_unit_test(cut_to_free_memory),
		cmocka_unit_test(least_size_across_nodes),
		cmocka_unit_test(cut_for_the_upper_levels),
		cmocka_unit_test(crowded_pieces),
		cmocka_unit_test(crowded_where_a_tdmr_begins),
		cmocka_unit_test(beside_the_last_ram),
		cmocka_unit_test(gathered),
		cmocka_unit_test(gathered_where_all_fit),
		cmocka_unit_test(cuts_of_fragmented_machines),
		cmocka_unit_test(short_first_tdmr),
		cmocka_unit_test(tdmr_left_out),
		cmocka_unit_test(too_many_excluded_at_last),
		cmocka_unit_test(left_out_behind),
		cmocka_unit_test(nodes_of_cmrs),
		cmocka_unit_test(last_end),
		cmocka_unit_test(drops),
		cmocka_unit_test(source_of_nonsense),
		cmocka_unit_test(by_node),
		cmocka_unit_test(by_node_if_affordable),
		cmocka_unit_test(spare),
		cmocka_unit_test(order_of_pieces),
		cmocka_unit_test(levels_side_by_side),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
