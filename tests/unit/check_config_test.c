// SPDX-License-Identifier: GPL-2.0-only
/* tdmr_check(): each rule of TDH.SYS.CONFIG is broken alone; and the order of the rules. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "status.h"
#include "tdmr_check.h"

#define GB TDX_SZ_1G
#define MB (1ULL << 20)

/* Two TDMRs with a hole in the first; PAMTs in the reserved start of the second. */
static struct tdx_range cmr[4];
static u32 nr_cmr;
static struct tdmr t[2];
static struct tdmr_limits limits;

static int set_up(void **state)
{
	int i;

	(void)state;
	memset(t, 0, sizeof(t));
	limits = (struct tdmr_limits){ 64, 16, { 16, 16, 16 }, false };
	cmr[0] = (struct tdx_range){ 0, 2 * GB, 0 };
	cmr[1] = (struct tdx_range){ 2 * GB + 64 * MB, 3 * GB, 0 };	/* touches the next */
	cmr[2] = (struct tdx_range){ 3 * GB, 8 * GB, 0 };
	nr_cmr = 3;
	t[0].base = 1 * GB;
	t[0].size = 2 * GB;
	t[0].nr_reserved = 1;
	t[0].reserved[0] = (struct tdmr_area){ 1 * GB, 64 * MB };
	t[1].base = 4 * GB;
	t[1].size = 2 * GB;
	t[1].nr_reserved = 2;
	t[1].reserved[0] = (struct tdmr_area){ 0, 32 * MB };
	t[1].reserved[1] = (struct tdmr_area){ 1 * GB, 1 * MB };
	for (i = 0; i < 2; i++) {
		u64 base = 4 * GB + i * 16 * MB;

		t[i].pamt[TDX_PS_4K] = (struct tdmr_area){ base, 8 * MB };
		t[i].pamt[TDX_PS_2M] = (struct tdmr_area){ base + 8 * MB, 16384 };
		t[i].pamt[TDX_PS_1G] = (struct tdmr_area){ base + 9 * MB, 4096 };
	}
	return 0;
}

static u64 check_below(u64 max_pa)
{
	return tdmr_check(t, 2, cmr, nr_cmr, &limits, max_pa);
}

static u64 check(void)
{
	return check_below(1ULL << 46);
}

#define INFO(a, b, c) ((u64)((a) | (b) << 8 | (c) << 16))

static void good(void **state)
{
	(void)state;
	assert_int_equal(check(), 0);
	/* A null area ends the list. */
	t[0].nr_reserved = 3;
	assert_int_equal(check(), 0);
}

/* The highest address, and all reserved areas. */
static void at_the_limits(void **state)
{
	(void)state;
	assert_int_equal(check_below(6 * GB), 0);
	assert_int_equal(check_below(6 * GB - 4096), TDX_INVALID_TDMR | INFO(1, 0, 0));
	t[1].pamt[TDX_PS_1G].base = 8 * GB - 4096;
	assert_int_equal(check_below(8 * GB), 0);
	assert_int_equal(check_below(8 * GB - 4096), TDX_INVALID_PAMT | INFO(1, 2, 0));
	set_up(NULL);
	t[0].nr_reserved = TDX_MAX_RESERVED;
	limits.max_reserved = TDX_MAX_RESERVED + 1;
	assert_int_equal(check(), 0);
	t[0].nr_reserved++;
	assert_int_equal(check(), TDX_INVALID_RESERVED_IN_TDMR |
			 INFO(0, TDX_MAX_RESERVED + 1, 0));
}

static void entry_sizes(void **state)
{
	int level;

	(void)state;
	for (level = 0; level < TDX_PS_NR; level++) {
		set_up(NULL);
		limits.entry_size[level] = 0;
		assert_int_equal(check(), TDX_OPERAND_INVALID);
	}
}

static void count(void **state)
{
	(void)state;
	assert_int_equal(tdmr_check(t, 0, cmr, nr_cmr, &limits, 1ULL << 46),
			 TDX_OPERAND_INVALID | TDX_OPERAND_ID_RDX);
	limits.max_tdmrs = 1;
	assert_int_equal(check(), TDX_OPERAND_INVALID | TDX_OPERAND_ID_RDX);
}

static void tdmrs(void **state)
{
	(void)state;
	t[1].base = 4 * GB + 4096;
	assert_int_equal(check(), TDX_INVALID_TDMR | INFO(1, 0, 0));
	set_up(NULL);
	t[1].size = 0;
	assert_int_equal(check(), TDX_INVALID_TDMR | INFO(1, 0, 0));
	set_up(NULL);
	t[1].size = ~0ULL - 4 * GB + 1;
	assert_int_equal(check(), TDX_INVALID_TDMR | INFO(1, 0, 0));
	set_up(NULL);
	t[1].size = 1ULL << 46;
	assert_int_equal(check(), TDX_INVALID_TDMR | INFO(1, 0, 0));
	set_up(NULL);
	t[1].base = 2 * GB;
	assert_int_equal(check(), TDX_NON_ORDERED_TDMR | INFO(1, 0, 0));
	/* The order is checked before the alignment. */
	t[1].base = 2 * GB + 4096;
	assert_int_equal(check(), TDX_NON_ORDERED_TDMR | INFO(1, 0, 0));
}

static void reserved(void **state)
{
	(void)state;
	t[1].reserved[1].base = 16 * MB;
	assert_int_equal(check(), TDX_NON_ORDERED_RESERVED_IN_TDMR | INFO(1, 1, 0));
	set_up(NULL);
	/* For a null area before another the module names the null one. */
	t[1].reserved[0].size = 0;
	assert_int_equal(check(), TDX_NON_ORDERED_RESERVED_IN_TDMR | INFO(1, 0, 0));
	set_up(NULL);
	t[1].reserved[1].base += 1;
	assert_int_equal(check(), TDX_INVALID_RESERVED_IN_TDMR | INFO(1, 1, 0));
	set_up(NULL);
	t[1].reserved[1].size = 2 * GB;
	assert_int_equal(check(), TDX_INVALID_RESERVED_IN_TDMR | INFO(1, 1, 0));
	set_up(NULL);
	t[1].reserved[1].size = ~0ULL << 12;
	assert_int_equal(check(), TDX_INVALID_RESERVED_IN_TDMR | INFO(1, 1, 0));
	set_up(NULL);
	limits.max_reserved = 1;
	assert_int_equal(check(), TDX_INVALID_RESERVED_IN_TDMR | INFO(1, 1, 0));
}

static void pamts(void **state)
{
	(void)state;
	t[0].pamt[TDX_PS_4K].size -= 4096;
	assert_int_equal(check(), TDX_INVALID_PAMT | INFO(0, 0, 0));
	/* The 1 GB level is checked first. */
	t[0].pamt[TDX_PS_1G].size = 0;
	assert_int_equal(check(), TDX_INVALID_PAMT | INFO(0, 2, 0));
	set_up(NULL);
	t[0].pamt[TDX_PS_2M].base += 512;
	assert_int_equal(check(), TDX_INVALID_PAMT | INFO(0, 1, 0));
	set_up(NULL);
	t[0].pamt[TDX_PS_2M].base = ~0ULL << 12;
	assert_int_equal(check(), TDX_INVALID_PAMT | INFO(0, 1, 0));
	set_up(NULL);
	t[0].pamt[TDX_PS_2M].base = 1ULL << 46;
	assert_int_equal(check(), TDX_INVALID_PAMT | INFO(0, 1, 0));
}

static void pamt_overlap(void **state)
{
	(void)state;
	/* Two PAMTs of one TDMR, of two TDMRs. */
	t[0].pamt[TDX_PS_2M].base = t[0].pamt[TDX_PS_4K].base;
	assert_int_equal(check(), TDX_PAMT_OVERLAP | INFO(0, 0, 0));
	set_up(NULL);
	t[1].pamt[TDX_PS_4K].base = t[0].pamt[TDX_PS_4K].base;
	assert_int_equal(check(), TDX_PAMT_OVERLAP | INFO(1, 0, 0));
	/* PAMTs in usable memory of their own TDMR, of an earlier one, of a later one. */
	set_up(NULL);
	t[1].pamt[TDX_PS_1G].base = 5 * GB - 4096;
	assert_int_equal(check(), TDX_PAMT_OVERLAP | INFO(1, 2, 1));
	set_up(NULL);
	t[1].pamt[TDX_PS_1G].base = 1 * GB;
	assert_int_equal(check(), TDX_PAMT_OVERLAP | INFO(1, 2, 0));
	set_up(NULL);
	t[0].pamt[TDX_PS_1G].base = 6 * GB - 4096;
	assert_int_equal(check(), TDX_PAMT_OVERLAP | INFO(0, 2, 1));
}

static void outside_cmrs(void **state)
{
	(void)state;
	t[1].pamt[TDX_PS_1G].base = 2 * GB;
	assert_int_equal(check(), TDX_PAMT_OUTSIDE_CMRS | INFO(1, 2, 0));
	set_up(NULL);
	t[0].reserved[0].size -= 4096;
	assert_int_equal(check(), TDX_TDMR_OUTSIDE_CMRS | INFO(0, 0, 0));
	set_up(NULL);
	t[1].size = 5 * GB;
	t[1].pamt[TDX_PS_4K].base = 7 * GB;
	t[1].pamt[TDX_PS_4K].size = 20 * MB;
	t[1].pamt[TDX_PS_2M].size = 40960;
	t[1].nr_reserved = 3;
	t[1].reserved[2] = (struct tdmr_area){ 3 * GB, 20 * MB };
	assert_int_equal(check(), TDX_TDMR_OUTSIDE_CMRS | INFO(1, 0, 0));
	/* Without the CMR that joins the first TDMR's two halves. */
	set_up(NULL);
	cmr[1].end -= 4096;
	assert_int_equal(check(), TDX_TDMR_OUTSIDE_CMRS | INFO(0, 0, 0));
}

/* TDX 1.0: all areas are used, and the last ends with its TDMR. */
static void end_in_cmr(void **state)
{
	(void)state;
	limits.max_reserved = 1;
	t[1].nr_reserved = 1;
	t[0].size = 1 * GB;
	t[0].pamt[TDX_PS_4K].size = 4 * MB;
	t[0].reserved[0] = (struct tdmr_area){ 960 * MB, 64 * MB };
	cmr[0].end = 2 * GB - 64 * MB;
	assert_int_equal(check(), 0);
	limits.end_in_cmr = true;
	assert_int_equal(check(), TDX_TDMR_OUTSIDE_CMRS | INFO(0, 0, 0));
	/* The end is in a CMR, at its first byte or further up. */
	cmr[1].start = 2 * GB;
	assert_int_equal(check(), 0);
	cmr[1].start = 2 * GB + 4096;
	assert_int_equal(check(), TDX_TDMR_OUTSIDE_CMRS | INFO(0, 0, 0));
	cmr[0].end = 2 * GB + 4096;
	assert_int_equal(check(), 0);
	/* One area is unused, or null. */
	cmr[0].end = 2 * GB - 64 * MB;
	limits.max_reserved = 2;
	assert_int_equal(check(), 0);
	t[0].nr_reserved = 2;
	assert_int_equal(check(), 0);
	/* The last area ends before its TDMR. */
	limits.max_reserved = 1;
	t[0].nr_reserved = 1;
	t[0].size = 2 * GB;
	t[0].pamt[TDX_PS_4K].size = 8 * MB;
	t[0].reserved[0].size += 4096;
	assert_int_equal(check(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(good, set_up),
		cmocka_unit_test_setup(at_the_limits, set_up),
		cmocka_unit_test_setup(entry_sizes, set_up),
		cmocka_unit_test_setup(count, set_up),
		cmocka_unit_test_setup(tdmrs, set_up),
		cmocka_unit_test_setup(reserved, set_up),
		cmocka_unit_test_setup(pamts, set_up),
		cmocka_unit_test_setup(pamt_overlap, set_up),
		cmocka_unit_test_setup(outside_cmrs, set_up),
		cmocka_unit_test_setup(end_in_cmr, set_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
