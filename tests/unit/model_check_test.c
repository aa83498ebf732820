// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDH.SYS.CONFIG's rules are implemented twice, independently: in the model and in
 * src/core/tdmr_check. For good arrays and randomly broken ones, both must return the same
 * status, to the last bit.
 */
#include "model_harness.h"
#include "tdmr_check.h"

#define ROUNDS	100000

static u64 seed = 0x5eed;

static u64 rnd(u64 below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % below;
}

/* Addresses and sizes at or near the borders of TDMRs, CMRs and PAMTs. */
static u64 some_value(void)
{
	static const u64 edges[] = {
		0, 4096, MB, 16 * MB, 24 * MB, 256 * MB, 260 * MB, 512 * MB, 520 * MB,
		GB, 2 * GB, 3 * GB, 4 * GB, 5 * GB, 5 * GB + 16 * MB, 5 * GB + 24 * MB, 6 * GB,
		7 * GB, 8 * GB, 1ULL << PA_BITS, 1ULL << 63, ~0ULL,
	};
	static const u64 steps[] = { 0, 0, 0, 1, 4096, 8192, MB, 4 * MB, GB };
	u64 v = edges[rnd(sizeof(edges) / sizeof(edges[0]))];
	u64 step = steps[rnd(sizeof(steps) / sizeof(steps[0]))];

	return rnd(2) ? v + step : v - step;
}

static void spoil(struct rig *r)
{
	u64 *words = (u64 *)tdmr(r, (u32)rnd(2));

	words[rnd(3) ? rnd(8) : 8 + rnd(8)] = some_value();
}

static void to_core(const struct tdmr_info *from, struct tdmr *to)
{
	u32 i;

	memset(to, 0, sizeof(*to));
	to->base = from->base;
	to->size = from->size;
	for (i = 0; i < 3; i++) {
		to->pamt[TDX_PS_1G - i].base = from->pamt[i].base;
		to->pamt[TDX_PS_1G - i].size = from->pamt[i].size;
	}
	to->nr_reserved = 16;
	for (i = 0; i < 16; i++) {
		to->reserved[i].base = from->reserved[i].offset;
		to->reserved[i].size = from->reserved[i].size;
	}
}

static u64 core_answer(struct rig *r)
{
	static const struct tdx_range cmrs[] = {
		{ MB, 2 * GB, -1 }, { 4 * GB, 6 * GB, -1 }, { 6 * GB, 7 * GB, -1 },
	};
	static const struct tdmr_limits limits = { 64, 16, { 16, 16, 16 }, false };
	static struct tdmr tdmrs[2];

	to_core(tdmr(r, 0), &tdmrs[0]);
	to_core(tdmr(r, 1), &tdmrs[1]);
	return tdmr_check(tdmrs, 2, cmrs, 3, &limits, 1ULL << PA_BITS);
}

static void same_answer(void **state)
{
	u64 kinds[16] = { 0 };
	struct rig r;
	u32 i, j;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_lps(&r);
	for (i = 0; i < ROUNDS; i++) {
		u64 model, core;

		good_tdmrs(&r);
		for (j = rnd(4); j; j--)
			spoil(&r);
		model = config(&r);
		core = core_answer(&r);
		if (model != core) {
			for (j = 0; j < 16; j++)
				print_error("%2u: %16llx %16llx\n", j, ((u64 *)tdmr(&r, 0))[j],
					    ((u64 *)tdmr(&r, 1))[j]);
			fail_msg("round %u: the model answers 0x%llx, tdmr_check 0x%llx", i, model,
				 core);
		}
		kinds[model ? 1 + (model >> 36 & 3) * 4 + (model >> 32 & 3) : 0]++;
		if (!model) {
			rig_power_on(&r);
			to_lps(&r);
		}
	}
	/* Each kind of status occurred often. */
	assert_true(kinds[0] > 100);
	for (j = 0; j < 3; j++)
		assert_true(kinds[1 + j] > 100 && kinds[5 + j] > 100);
	assert_true(kinds[9] > 100 && kinds[10] > 100);
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_answer),
	};

	return cmocka_run_group_tests_name("model_check", tests, NULL, NULL);
}
