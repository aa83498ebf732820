// SPDX-License-Identifier: GPL-2.0-only
/* tdmr_plan() and tdmr_place(), case by case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "pamt_sim.h"
#include "tdmr_check.h"

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

/* A copy with nothing behind it, for the sanitizer to watch. */
static struct tdx_range *copy(const struct tdx_range *r, u32 nr)
{
	struct tdx_range *to = malloc(nr * sizeof(*r));

	assert_non_null(to);
	memcpy(to, r, nr * sizeof(*r));
	return to;
}

/* Plans and places; what is placed, the module would take. */
static int place_from(struct pamt_sim *sim)
{
	const struct tdmr_input given = in;
	u64 before = pamt_sim_free_bytes(sim);
	struct tdx_range *ram = copy(in.ram, in.nr_ram), *cmr = copy(in.cmr, in.nr_cmr);
	int err;

	in.ram = ram;
	in.cmr = cmr;
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

/* Where no memory is free but in @pieces. */
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
	input(good, 1, good, 1);
	in.limits.entry_size[TDX_PS_2M] = 0;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -EINVAL);
	in.limits.entry_size[TDX_PS_2M] = TDX_MAX_PAMT_ENTRY + 1;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -EINVAL);
	input(good, 1, good, 1);
	in.tdmr_size = GB + 1;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -EINVAL);
	in.tdmr_size = ~0ULL << 30;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -EINVAL);
	assert_int_equal(place(0), -EINVAL);
	/* Nothing to place from a plan that failed, whatever the one before did. */
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
	/* A plan that failed has nothing of the one before. */
	in.nr_cmr = 0;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -EINVAL);
	assert_int_equal(plan.nr_tdmrs, 0);
	assert_int_equal(plan.tdx_bytes, 0);
	assert_int_equal(plan.pamt_bytes, 0);
	assert_int_equal(plan.excluded_bytes, 0);
	assert_int_equal(plan.largest_contiguous, 0);
	in.nr_cmr = 1;
	in.policy = TDMR_STRICT;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), -ENOSPC);
	assert_int_equal(tdmr_place(&planner, NULL), -EINVAL);
}

/* Linux fails on this: 20 holes of the RAM map in one TDMR.  They cost nothing here. */
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

/* Six holes between CMRs, three areas: cut at the GB where they run out. */
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

/* TDX 1.0: a TDMR of which the last area reaches the end, in no CMR, has one less. */
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
	/* Where the next CMR goes on at the end, nothing is lost. */
	for (u32 i = 1; i < NR(cmr); i++)
		cmr[i].start = i * GB;
	in.limits.max_reserved = 3;
	assert_int_equal(place(0), 0);
	assert_int_equal(plan.nr_tdmrs, 3);
	assert_int_equal(plan.tdmrs[0].nr_reserved, 3);
}

/* A hole between two areas that no RAM lies in is reserved with them. */
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
	/* With one area the PAMT has to lie beside the hole. */
	in.limits.max_reserved = 1;
	assert_int_equal(place(0), 0);
	assert_int_equal(planner.nr_excluded, 0);
	assert_int_equal(plan.tdmrs[0].nr_reserved, 1);
}

/* Ten stretches, four TDMRs: the three largest gaps stay. */
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
	/* 10 to cover and 1 + 1 + 2 + 1 + 2 + 1 between. */
	assert_int_equal(plan.tdmrs[0].size + plan.tdmrs[1].size + plan.tdmrs[2].size +
			 plan.tdmrs[3].size, 18 * GB);
	assert_int_equal(plan.tdmrs[1].base, 8 * GB);
}

/* Of gaps of one size only as many are bridged as there are TDMRs too few. */
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
	/* The next plan is not cut like this one. */
	ram[1] = (struct tdx_range){ 2 * GB, 3 * GB, 0 };
	in.nr_ram = in.nr_cmr = 2;
	in.tdmr_size = 64 * GB;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, 2);
}

/* One hole in every GB, four areas: with no bound on their size TDMRs have four holes each. */
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

/* A TDMR that has no area for the next stretch ends before the gap, not in it. */
static void no_gap_at_the_end(void **state)
{
	static const struct tdx_range ram[] = {
		{ 8 * GB, 8 * GB + GB / 4, 0 }, { 8 * GB + GB / 2, 9 * GB, 0 },
		{ 12 * GB, 12 * GB + GB / 4, 0 }, { 12 * GB + GB / 2, 13 * GB, 0 },
		{ 17 * GB, 18 * GB, 0 },
	};

	(void)state;
	input(ram, NR(ram), ram, NR(ram));
	in.limits.max_tdmrs = 2;
	in.limits.max_reserved = 2;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, 2);
	assert_int_equal(plan.tdmrs[0].size, GB);
	assert_int_equal(plan.tdmrs[1].base, 12 * GB);
	assert_int_equal(plan.tdmrs[1].size, 6 * GB);
}

/* Three holes and a PAMT, three areas: the holes with the smaller gap share one. */
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

/* Ranges that touch are excluded as one; the first byte counts, too. */
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

/* More ranges outside the CMRs than there is room to name. */
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

/* The smallest CMR is left out, and only it. */
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
	/* The same for one at 0. */
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
 * One TDMR of two areas has them for the holes up to 3 GB.  A CMR that is left out but
 * begins in its last GB is usable there, and only there.
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

/* Every way in which RAM can lie across CMRs. */
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
	/* With one TDMR of one area, for the hole above 4 GB, the first CMR is left out, too. */
	in.limits.max_tdmrs = 1;
	in.limits.max_reserved = 1;
	assert_int_equal(place(0), 0);
	assert_int_equal(planner.nr_excluded, NR(out) + 1);
	assert_int_equal(planner.excluded[0].end, GB);
	assert_int_equal(planner.excluded[0].reason, TDMR_NO_TDMR);
	assert_int_equal(planner.excluded[1].reason, TDMR_OUTSIDE_CMRS);
	assert_int_equal(plan.tdmrs[0].base, 2 * GB);
}

/* 5 holes in one GB, 4 areas: of what lies between, the least. */
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
	/* The first stretch counts as well. */
	cmr[0].start = 95 * MB;
	cmr[0].node = 1;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.tdmrs[0].node, 0);
	assert_int_equal(planner.nr_excluded, 1);
	assert_int_equal(planner.excluded[0].start, 95 * MB);
	assert_int_equal(planner.excluded[0].end, 100 * MB);
}

/* What one plan left out is none of the next one's business. */
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

/* As many reserved areas as a TDMR can have: PAMTs that a page in use keeps apart. */
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

/* What is left out at the end of a CMR ends with it. */
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
	/* The GB with the hole is no TDX memory; PAMTs lie there. */
	in.policy = TDMR_BEST_EFFORT;
	assert_int_equal(place(0), 0);
	assert_int_equal(plan.tdmrs[0].base, GB);
	assert_int_equal(plan.tdx_bytes, 3 * GB);
	assert_true(plan.tdmrs[0].pamt[TDX_PS_4K].base < GB);
}

static void cut_to_free_memory(void **state)
{
	static const struct tdx_range cmr[] = { { MB, 16 * GB, 3 } };

	(void)state;
	input(cmr, 1, cmr, 1);
	in.tdmr_size = 16 * GB;
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
	/* 1 GB each would do, but there are only 8 TDMRs. */
	in.limits.max_tdmrs = 8;
	assert_int_equal(place(8 * MB), 0);
	assert_int_equal(place(7 * MB), -ENOMEM);
	assert_int_equal(planner.wanted, 8 * MB);
}

/* Pieces that lie together, and do not touch, are more than one TDMR has areas for. */
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

/*
 * RAM ends before its CMR does, and both areas are in use.  The end of RAM is as good a
 * place as the end of the CMR: nothing is to be covered between them.
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
	/* With 4 KB in use there, no place is left. */
	assert_int_equal(place_in(3 * GB, 3 * GB + 512 * MB - 4096), -ENOSPC);
}

/* Two areas and two pieces: it takes the 4K levels in one of them, the rest beside. */
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

/* Two TDMRs of three areas each: the second has them for two holes and all PAMTs. */
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
	/* The first TDMR of the next plan may be as large as it likes. */
	in.nr_ram = in.nr_cmr = 1;
	in.tdmr_size = 64 * GB;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, 1);
}

/* Both TDMRs have their area in use: the one that covers less is left out. */
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

/* Memory that is not online yet is on the node of the RAM next above, else below. */
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
	/* RAM that is not covered does not count. */
	input(across, NR(across), half, 1);
	in.policy = TDMR_BEST_EFFORT;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.tdmrs[0].node, 0);
	/* Without RAM there is none. */
	input(ram, NR(ram), cmr, 1);
	in.coverage = TDMR_COVER_CONVERTIBLE;
	in.nr_ram = 0;
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.tdmrs[0].node, -1);
}

/* A source that hands out nonsense is not believed. */
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
	/* The same piece again and again does for one TDMR, not for two. */
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

/* TDMRs end with their node if that takes half of the TDMRs, not if it takes more. */
static void by_node_if_affordable(void **state)
{
	static const struct tdx_range ram[] = {
		{ MB, 2 * GB, 0 }, { 2 * GB, 4 * GB, 1 }, { 4 * GB, 6 * GB, 2 },
	};
	static const struct tdx_range cmr[] = { { MB, 6 * GB, 0 } };

	(void)state;
	input(ram, NR(ram), cmr, 1);
	/* The size of the plan before does not count. */
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

/* One TDMR in 32 is kept spare: of 64, two. */
static void spare(void **state)
{
	static const struct tdx_range fits[] = { { MB, 62 * GB, 0 } };
	static const struct tdx_range one_more[] = { { MB, 63 * GB, 0 } };

	(void)state;
	input(fits, 1, fits, 1);
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, 62);
	input(one_more, 1, one_more, 1);
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(plan.nr_tdmrs, 32);
}

/* What a source was asked for; it answers from places far apart. */
static struct {
	u64 size;
	s32 node;
	u64 near;
	u64 base;
} asked[8];
static u32 nr_asked;

static u64 get_and_note(void *ctx, u64 size, s32 node, u64 near)
{
	(void)ctx;
	assert_true(nr_asked < NR(asked));
	asked[nr_asked].size = size;
	asked[nr_asked].node = node;
	asked[nr_asked].near = near;
	asked[nr_asked].base = GB / 2 + 64 * MB * nr_asked;
	return asked[nr_asked++].base;
}

/* The largest PAMT is first, and each is asked for beside the last one of its node. */
static void order_of_pieces(void **state)
{
	static const struct tdx_range ram[] = {
		{ MB, GB, 0 }, { 4 * GB, 6 * GB, 0 }, { 8 * GB, 11 * GB, 1 }, { 16 * GB, 17 * GB, 1 },
	};
	static const s32 node[] = { 1, 0, 0, 1 };
	static const u64 size[] = { 3 * GB, 2 * GB, GB, GB };
	static const s32 last[] = { -1, -1, 1, 0 };	/* piece of the same node */
	const struct pamt_source src = {
		.get = get_and_note, .get_in = get_nonsense_in, .put = put_nothing
	};

	(void)state;
	input(ram, NR(ram), ram, NR(ram));
	in.tdmr_size = 64 * GB;
	nr_asked = 0;
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
		cmocka_unit_test(cut_to_free_memory),
		cmocka_unit_test(crowded_pieces),
		cmocka_unit_test(beside_the_last_ram),
		cmocka_unit_test(gathered),
		cmocka_unit_test(short_first_tdmr),
		cmocka_unit_test(tdmr_left_out),
		cmocka_unit_test(nodes_of_cmrs),
		cmocka_unit_test(source_of_nonsense),
		cmocka_unit_test(by_node),
		cmocka_unit_test(by_node_if_affordable),
		cmocka_unit_test(spare),
		cmocka_unit_test(order_of_pieces),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
