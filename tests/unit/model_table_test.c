// SPDX-License-Identifier: GPL-2.0-only
/*
 * docs/tdx-modules.md agrees with the model's table of leaves.  With an argument, this test
 * prints the file instead: make -C tests/unit leaf-table.
 */
#include "model_harness.h"

static const struct {
	u32 leaf;
	const char *name;
} names[] = {
#define TDX_LEAF_ROW(leaf, name, id) { leaf, name },
#include "status_tables.inc"
#undef TDX_LEAF_ROW
};

#define NR_NAMES	(sizeof(names) / sizeof(names[0]))

static const char head[] =
	"# Leaves by TDX module\n"
	"\n"
	"The leaves that the model in tests/model knows for each TDX module, generated from its\n"
	"table of leaves (`make -C tests/unit leaf-table`). The numbered columns follow the published\n"
	"sources of these modules. `next` is what Linux 7.2 expects of future modules; no published\n"
	"module matches it. The leaves of TDX Connect (2.0) and of memory scans (1.5.34) are omitted.\n"
	"\n"
	"A cell lists the versions of the leaf that the module knows: `0` or `0, 1`, or `-` for none.\n"
	"The last column says when the module serves the leaf: once it is `READY`, `always` until its\n"
	"shutdown, or `to the end`, that is, after the shutdown too. The model answers leaves that\n"
	"are *not modelled* as unknown ones.\n"
	"\n";

static const char assumed[] =
	"\n"
	"## What is assumed\n"
	"\n"
	"These no source that could be read says. 1.5.01 is from its source, which was run beside\n"
	"the model. Every module crashes by a PAMT at address 0; that it does so in TDH.SYS.CONFIG,\n"
	"and then answers no call, is assumed. Dynamic PAMT (1.5.34) is not modelled:\n"
	"TDH.SYS.CONFIG refuses bit 16 of R8.\n"
	"\n"
	"| TDX module | assumed |\n"
	"| --- | --- |\n";

static const char *states(const struct tdxm_leaf_facts *f)
{
	if (f->after_shutdown)
		return "to the end";
	return f->before_ready ? "always" : "READY";
}

static void row(FILE *f, u32 leaf, const char *name)
{
	struct tdxm_leaf_facts facts = { 0 }, any = { 0 };
	u32 p;

	fprintf(f, "| %u | %s |", leaf, name);
	for (p = 0; p < TDXM_NR_PROFILES; p++) {
		tdxm_leaf_facts(p, leaf, &facts);
		fprintf(f, " %s |", facts.version_1 ? "0, 1" : facts.known ? "0" : "-");
		any.before_ready |= facts.before_ready;
		any.after_shutdown |= facts.after_shutdown;
	}
	fprintf(f, " %s%s |\n", states(&any), facts.modelled ? "" : ", *not modelled*");
}

static void print(FILE *f)
{
	struct tdxm_leaf_facts facts;
	size_t i;
	u32 p;

	fputs(head, f);
	fprintf(f, "| leaf | name |");
	for (p = 0; p < TDXM_NR_PROFILES; p++)
		fprintf(f, " %s |", tdxm_profile_name(p));
	fprintf(f, " answered |\n| ---: | --- |");
	for (p = 0; p < TDXM_NR_PROFILES; p++)
		fprintf(f, " --- |");
	fprintf(f, " --- |\n");
	for (i = 0; i < NR_NAMES; i++)
		if (tdxm_leaf_facts(TDXM_1_0_3, names[i].leaf, &facts))
			row(f, names[i].leaf, names[i].name);
	fputs(assumed, f);
	for (p = 0; p < TDXM_NR_PROFILES; p++)
		if (tdxm_profile_assumed(p))
			fprintf(f, "| %s | %s |\n", tdxm_profile_name(p), tdxm_profile_assumed(p));
}

static void table_is_current(void **state)
{
	static char want[64 << 10], have[64 << 10];
	FILE *doc = fopen(LEAF_TABLE, "r"), *f = fmemopen(want, sizeof(want), "w");

	(void)state;
	assert_non_null(doc);
	assert_non_null(f);
	print(f);
	fclose(f);
	assert_true(fread(have, 1, sizeof(have) - 1, doc) < sizeof(have) - 1);
	fclose(doc);
	assert_string_equal(have, want);
}

/* The model refuses exactly the leaves that the table denies to a module. */
static void table_holds(void **state)
{
	struct tdxm_leaf_facts facts;
	struct rig r;
	size_t i;
	u32 p;

	(void)state;
	for (p = 0; p < TDXM_NR_PROFILES; p++) {
		rig_new(&r, p);
		for (i = 0; i < NR_NAMES; i++) {
			u32 leaf = names[i].leaf;
			u64 early, ready;

			if (!tdxm_leaf_facts(p, leaf, &facts))
				continue;
			rig_power_on(&r);
			early = call3(&r, 0, leaf, 1, 1, 1);
			assert_int_equal(early == TDX_SYS_NOT_READY, !facts.before_ready);
			rig_power_on(&r);
			to_ready(&r);
			ready = call3(&r, 0, leaf, 1, 1, 1);
			assert_int_equal(ready == TDX_OPERAND_INVALID,
					 !(facts.known && facts.modelled));
		}
		rig_stop(&r);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_current),
		cmocka_unit_test(table_holds),
	};

	(void)argv;
	if (argc > 1) {
		print(stdout);
		return 0;
	}
	return cmocka_run_group_tests_name("model_table", tests, NULL, NULL);
}
