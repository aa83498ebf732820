// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>
#include "ranges.h"

#define NR(a) (sizeof(a) / sizeof((a)[0]))

static void valid(void **state)
{
	static const struct tdx_range good[] = { { 0, 0x1000, 0 }, { 0x1000, 0x3000, 1 } };
	static const struct tdx_range top[] = { { TDX_MAX_PA - 0x1000, TDX_MAX_PA, 0 } };
	static const struct tdx_range bad[][2] = {
		{ { 0, 0x1000, 0 }, { 0, 0x2000, 0 } },			/* overlap */
		{ { 0x4000, 0x5000, 0 }, { 0x1000, 0x2000, 0 } },	/* descending */
		{ { 0, 0x1000, 0 }, { 0x2000, 0x2000, 0 } },		/* empty */
		{ { 0, 0x1000, 0 }, { 0x3000, 0x2000, 0 } },		/* backwards */
		{ { 0, 0x1000, 0 }, { 0x2000, 0x2800, 0 } },		/* part of a page */
		{ { 0, 0x1000, 0 }, { 0x2800, 0x4000, 0 } },
		{ { 0, 0x1000, 0 }, { 0x2000, TDX_MAX_PA + 0x1000, 0 } },
		{ { 0, 0x1000, 0 }, { 0x2000, ~0ULL << 12, 0 } },
	};

	(void)state;
	assert_true(tdx_ranges_valid(good, NR(good)));
	assert_true(tdx_ranges_valid(top, NR(top)));
	assert_true(tdx_ranges_valid(NULL, 0));
	assert_false(tdx_ranges_valid(NULL, 1));
	for (size_t i = 0; i < NR(bad); i++)
		assert_false(tdx_ranges_valid(bad[i], 2));
}

static void find(void **state)
{
	static const struct tdx_range r[] = { { 10, 20, 0 }, { 20, 30, 0 }, { 50, 60, 0 } };

	(void)state;
	assert_int_equal(tdx_ranges_find(r, 3, 0), 0);
	assert_int_equal(tdx_ranges_find(r, 3, 19), 0);
	assert_int_equal(tdx_ranges_find(r, 3, 20), 1);
	assert_int_equal(tdx_ranges_find(r, 3, 30), 2);
	assert_int_equal(tdx_ranges_find(r, 3, 59), 2);
	assert_int_equal(tdx_ranges_find(r, 3, 60), 3);
	assert_int_equal(tdx_ranges_find(r, 0, 0), 0);
}

static void bytes(void **state)
{
	static const struct tdx_range r[] = { { 10, 20, 0 }, { 20, 30, 0 }, { 50, 1ULL << 52, 0 } };

	(void)state;
	assert_int_equal(tdx_ranges_bytes(r, 2), 20);
	assert_int_equal(tdx_ranges_bytes(r, 3), (1ULL << 52) - 30);
	assert_int_equal(tdx_ranges_bytes(r, 0), 0);
}

static void join(void **state)
{
	static const struct tdx_range r[] = {
		{ 0, 1, 0 }, { 1, 2, 1 }, { 2, 3, 2 }, { 4, 5, 3 }, { 5, 6, 4 },
	};
	struct tdx_range to[NR(r)];

	(void)state;
	assert_int_equal(tdx_ranges_join(to, r, NR(r)), 2);
	assert_int_equal(to[0].start, 0);
	assert_int_equal(to[0].end, 3);
	assert_int_equal(to[1].start, 4);
	assert_int_equal(to[1].end, 6);
	assert_int_equal(tdx_ranges_join(to, r, 0), 0);
}

/* Compared with an array that has one flag for each unit. */
static void add(void **state)
{
	enum { UNITS = 64 };
	struct tdx_range r[UNITS];
	u32 seed, nr, i, u;

	(void)state;
	for (seed = 1; seed < 2000; seed++) {
		u32 rng = seed * 2654435761u;
		bool want[UNITS] = { false }, got[UNITS] = { false };

		for (nr = 0, i = 0; i < 12; i++) {
			u32 start, end;

			rng = rng * 1664525 + 1013904223;
			start = (rng >> 8) % UNITS;
			end = start + 1 + (rng >> 20) % 6;
			if (end > UNITS)
				end = UNITS;
			tdx_ranges_add(r, &nr, start, end);
			for (u = start; u < end; u++)
				want[u] = true;
		}
		for (i = 0; i < nr; i++) {
			assert_true(r[i].start < r[i].end);
			assert_int_equal(r[i].node, -1);
			/* Ranges that touch are joined. */
			assert_true(!i || r[i].start > r[i - 1].end);
			for (u = r[i].start; u < r[i].end; u++)
				got[u] = true;
		}
		assert_memory_equal(got, want, sizeof(want));
	}
}

/* Every possible cut from three ranges, compared with an array of flags. */
static void cut(void **state)
{
	static const struct tdx_range whole[] = { { 2, 7, 1 }, { 7, 9, 2 }, { 12, 16, 3 } };
	enum { UNITS = 20 };

	(void)state;
	for (u32 i = 0; i < NR(whole); i++)
		for (u64 start = whole[i].start; start < whole[i].end; start++)
			for (u64 size = 1; start + size <= whole[i].end; size++) {
				struct tdx_range r[NR(whole) + 1];
				s32 want[UNITS] = { 0 }, got[UNITS] = { 0 };
				u32 nr = NR(whole), k, u;

				memcpy(r, whole, sizeof(whole));
				for (k = 0; k < NR(whole); k++)
					for (u = whole[k].start; u < whole[k].end; u++)
						if (u < start || u >= start + size)
							want[u] = whole[k].node;
				tdx_ranges_cut(r, &nr, i, start, size);
				for (k = 0; k < nr; k++) {
					assert_true(r[k].start < r[k].end);
					assert_true(!k || r[k].start >= r[k - 1].end);
					for (u = r[k].start; u < r[k].end; u++)
						got[u] = r[k].node;
				}
				assert_memory_equal(got, want, sizeof(want));
			}
}

/* The list fills its memory: the sanitizer notices an access behind it. */
static void full(void **state)
{
	struct tdx_range *r = malloc(3 * sizeof(*r));
	u32 nr = 3;

	(void)state;
	assert_non_null(r);
	r[0] = (struct tdx_range){ 0, 1, 0 };
	r[1] = (struct tdx_range){ 2, 3, 0 };
	r[2] = (struct tdx_range){ 4, 5, 0 };
	tdx_ranges_add(r, &nr, 1, 2);
	assert_int_equal(nr, 2);
	assert_int_equal(r[0].end, 3);
	assert_int_equal(r[1].start, 4);
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(valid),
		cmocka_unit_test(find),
		cmocka_unit_test(bytes),
		cmocka_unit_test(join),
		cmocka_unit_test(add),
		cmocka_unit_test(full),
		cmocka_unit_test(cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
