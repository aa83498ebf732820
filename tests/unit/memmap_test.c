// SPDX-License-Identifier: GPL-2.0-only
/* Memory maps of real machines: each has a plan that leaves nothing out. */
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "pamt_sim.h"
#include "plan_input.h"
#include "tdmr_check.h"

static struct tdmr_planner planner;
static struct tdmr_plan plan;

static void plan_map(const char *name, struct plan_input *map)
{
	struct tdmr_input in = { .limits = { 64, 16, { 16, 16, 16 }, false } };
	struct pamt_sim sim;
	FILE *f = fopen(name, "r");

	assert_non_null(f);
	assert_int_equal(input_dmesg(map, f), 0);
	fclose(f);
	in.ram = map->ram;
	in.nr_ram = map->nr_ram;
	in.cmr = map->nr_cmr ? map->cmr : map->ram;
	in.nr_cmr = map->nr_cmr ? map->nr_cmr : map->nr_ram;
	assert_int_equal(pamt_sim_init(&sim, in.ram, in.nr_ram, in.cmr, in.nr_cmr, 0), 0);
	assert_int_equal(tdmr_plan(&planner, &in, &plan), 0);
	assert_int_equal(tdmr_place(&planner, &sim.source), 0);
	pamt_sim_exit(&sim);
	assert_int_equal(tdmr_check(plan.tdmrs, plan.nr_tdmrs, in.cmr, in.nr_cmr, &in.limits,
				    1ULL << 46), 0);
	assert_int_equal(planner.nr_excluded, 0);
}

static u64 ram_bytes(const struct plan_input *map)
{
	u64 bytes = 0;

	for (u32 i = 0; i < map->nr_ram; i++)
		bytes += map->ram[i].end - map->ram[i].start;
	return bytes;
}

static void every_map(void **state)
{
	struct plan_input map;
	glob_t found;

	(void)state;
	assert_int_equal(glob(MAPS "/*.dmesg", 0, NULL, &found), 0);
	assert_true(found.gl_pathc >= 4);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		print_message("# %s\n", found.gl_pathv[i]);
		plan_map(found.gl_pathv[i], &map);
		assert_int_equal(plan.tdx_bytes + plan.pamt_bytes, ram_bytes(&map));
		input_free(&map);
	}
	globfree(&found);
}

/*
 * 1 TB: 1024 GB to cover, as runs of 2 and of 1022: 64 TDMRs of 16 GB leave 2 GB at
 * the top, so they are of 17 GB.
 */
static void one_terabyte(void **state)
{
	struct plan_input map;
	u64 bound = 1024 * (4 * (1ULL << 20) + 8192 + 4096);

	(void)state;
	plan_map(MAPS "/spr-1tb.dmesg", &map);
	input_free(&map);
	assert_int_equal(plan.nr_tdmrs, 62);
	assert_int_equal(plan.largest_contiguous, 17 * (4 * (1ULL << 20) + 8192) + 4096);
	assert_true(plan.largest_contiguous <= 70000 << 10);
	assert_true(plan.pamt_bytes * 100 <= bound * 101);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_map),
		cmocka_unit_test(one_terabyte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
