// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDH.SYS.CONFIG's operands and array: for each rule an array that just breaks it and one that
 * just does not; and the order of the rules.
 */
#include "model_harness.h"

#define OPERAND(id)	(TDX_OPERAND_INVALID | (id))
#define PACKED(i0, i1, i2) ((u64)(i0) | (u64)(i1) << 8 | (u64)(i2) << 16)
#define MAX_PA		(1ULL << PA_BITS)

static struct tdxm_regs regs;
static struct tdmr_info *t0, *t1;
static u64 *array;

#define CASE(NAME, STATUS, BODY) static void NAME(void) { BODY; }
#include "model_config_cases.inc"
#undef CASE

static const struct {
	const char *name;
	void (*change)(void);
	u64 status;
} cases[] = {
#define CASE(NAME, STATUS, BODY) { #NAME, NAME, STATUS },
#include "model_config_cases.inc"
#undef CASE
};

#define NR_CASES	(sizeof(cases) / sizeof(cases[0]))

static u64 config_case(struct rig *r, size_t i)
{
	good_tdmrs(r);
	t0 = tdmr(r, 0);
	t1 = tdmr(r, 1);
	array = (u64 *)(r->ram + TDMR_ARRAY_PA);
	regs = (struct tdxm_regs){ .rcx = TDMR_ARRAY_PA, .rdx = 2, .r8 = GLOBAL_KEYID };
	if (i < NR_CASES)
		cases[i].change();
	return call(r, 0, SYS_CONFIG, &regs);
}

static void one_case(void **state)
{
	size_t i = *(size_t *)*state;
	struct rig r;

	rig_new(&r, TDXM_1_5_01);
	to_lps(&r);
	assert_int_equal(config_case(&r, i), cases[i].status);
	/* The call may be repeated after a failure, but not after a success. */
	assert_int_equal(config_case(&r, NR_CASES),
			 cases[i].status ? TDX_SUCCESS : TDX_SYS_CONFIG_NOT_PENDING);
	rig_stop(&r);
}

/* The TDX module ignores areas behind the last that it supports. */
static void reserved_limit(void **state)
{
	struct rig r;

	(void)state;
	rig_describe(&r, TDXM_NEXT);
	r.machine.max_reserved = 2;
	rig_start(&r);
	to_lps(&r);
	good_tdmrs(&r);
	tdmr(&r, 1)->reserved[2].offset = 1;
	tdmr(&r, 1)->reserved[2].size = 1;
	assert_int_equal(config(&r), TDX_SUCCESS);
	rig_stop(&r);
}

/* With all reserved areas the structure extends into a second page. */
static void reserved_on_two_pages(void **state)
{
	struct rig r;
	u64 *array, *areas, i;

	(void)state;
	rig_describe(&r, TDXM_NEXT);
	r.machine.max_reserved = 64;
	rig_start(&r);
	to_lps(&r);
	good_tdmrs(&r);
	array = (u64 *)(r.ram + TDMR_ARRAY_PA);
	array[0] = 8 * MB - 512;
	memcpy(r.ram + array[0], tdmr(&r, 0), sizeof(struct tdmr_info));
	areas = (u64 *)(r.ram + array[0] + 64);
	for (i = 0; i < 64; i++) {
		areas[2 * i] = i * 2 * MB;
		areas[2 * i + 1] = MB;
	}
	areas[2 * 63 + 1] = 1;
	assert_int_equal(call3(&r, 0, SYS_CONFIG, TDMR_ARRAY_PA, 1, GLOBAL_KEYID),
			 TDX_INVALID_RESERVED_IN_TDMR | PACKED(0, 63, 0));
	areas[2 * 63 + 1] = MB;
	assert_int_equal(call3(&r, 0, SYS_CONFIG, TDMR_ARRAY_PA, 1, GLOBAL_KEYID), TDX_SUCCESS);
	rig_stop(&r);
}

static void entry_size(void **state)
{
	struct rig r;

	(void)state;
	rig_describe(&r, TDXM_NEXT);
	r.machine.pamt_entry_size[1] = 32;
	rig_start(&r);
	to_lps(&r);
	good_tdmrs(&r);
	assert_int_equal(config(&r), TDX_INVALID_PAMT | PACKED(0, 1, 0));
	rig_stop(&r);
}

static void pamt_at_the_top(void **state)
{
	struct rig r;

	(void)state;
	rig_describe(&r, TDXM_1_5_01);
	r.machine.cmrs[3] = (struct tdxm_cmr){ MAX_PA - GB, GB };
	r.machine.nr_cmrs = 4;
	rig_start(&r);
	to_lps(&r);
	good_tdmrs(&r);
	tdmr(&r, 0)->pamt[P4K].base = MAX_PA - 4 * MB;
	assert_int_equal(config(&r), TDX_SUCCESS);
	rig_stop(&r);
}

/* 64 TDMRs, all of their memory reserved. */
static void most_tdmrs(void **state)
{
	struct rig r;
	u32 i, j;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_lps(&r);
	good_tdmrs(&r);
	for (i = 0; i < 64; i++) {
		struct tdmr_info *t = tdmr(&r, i);

		memset(t, 0, sizeof(*t));
		t->base = (10 + i) * GB;
		t->size = GB;
		for (j = 0; j < 3; j++) {
			t->pamt[j].base = 256 * MB + (i * 3 + j) * 4 * MB;
			t->pamt[j].size = 4 * MB;
		}
		t->reserved[0].size = GB;
	}
	assert_int_equal(call3(&r, 0, SYS_CONFIG, TDMR_ARRAY_PA, 65, GLOBAL_KEYID), OPERAND(RDX));
	assert_int_equal(call3(&r, 0, SYS_CONFIG, TDMR_ARRAY_PA, 64, GLOBAL_KEYID), TDX_SUCCESS);
	rig_stop(&r);
}

int main(void)
{
	static struct CMUnitTest tests[NR_CASES + 5];
	static size_t index[NR_CASES], *state[NR_CASES];
	size_t i;

	for (i = 0; i < NR_CASES; i++) {
		index[i] = i;
		state[i] = &index[i];
		tests[i] = (struct CMUnitTest){ cases[i].name, one_case, NULL, NULL, state[i] };
	}
	tests[i++] = (struct CMUnitTest)cmocka_unit_test(reserved_limit);
	tests[i++] = (struct CMUnitTest)cmocka_unit_test(reserved_on_two_pages);
	tests[i++] = (struct CMUnitTest)cmocka_unit_test(entry_size);
	tests[i++] = (struct CMUnitTest)cmocka_unit_test(pamt_at_the_top);
	tests[i++] = (struct CMUnitTest)cmocka_unit_test(most_tdmrs);
	return cmocka_run_group_tests_name("model_config", tests, NULL, NULL);
}
