// SPDX-License-Identifier: GPL-2.0-only
/*
 * A whole bring-up, what TDH.SYS.TDMR.INIT writes to the PAMTs, the violations that are
 * detected, and injected faults.
 */
#include "model_case.h"

#define PT_RSVD_WORD	(1ULL << 16)
#define UNTOUCHED	(~0ULL)

static u64 *word_at(struct rig *r, u64 pa)
{
	return (u64 *)(r->ram + pa);
}

static void assert_violation(struct rig *r, u32 index, enum tdxm_violation_kind kind,
			     u32 lp, u64 leaf, u64 pa)
{
	struct tdxm_violation v;

	assert_true(tdxm_violation(r->m, index, &v));
	assert_int_equal(v.kind, kind);
	assert_int_equal(v.lp, lp);
	assert_int_equal(v.leaf, leaf);
	assert_int_equal(v.pa, pa);
}

/* The module, whichever it is, comes up, is used, and lets go without a complaint. */
static void whole_life(struct rig *r)
{
	init_tdmr(r, 4 * GB, 0);
	init_tdmr(r, 5 * GB, 0);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
	assert_int_equal(tdxm_unflushed_after_shutdown(r->m), 0);
	if (r->machine.profile == TDXM_1_0_3)
		for (u32 lp = 0; lp < NR_LPS; lp++)
			expect_on(r, lp, TDX_SUCCESS, SYS_LP_SHUTDOWN);
	else
		expect(r, TDX_SUCCESS, SYS_SHUTDOWN, 0);
	assert_int_equal(tdxm_unflushed_after_shutdown(r->m), 3 * 4 * MB + 3 * 8192 + 2 * 4096);
	flush_pamts(r);
	assert_int_equal(tdxm_unflushed_after_shutdown(r->m), 0);
	/* The memory is the host's again. */
	memset(r->ram + tdmr(r, 0)->pamt[P4K].base, 0, 4 * MB);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
	assert_int_equal(violations(r), 0);
}

TEST(life_1_0_3, TDXM_1_0_3, to_ready) { whole_life(r); }
TEST(life_1_5_01, TDXM_1_5_01, to_ready) { whole_life(r); }
TEST(life_next, TDXM_NEXT, to_ready) { whole_life(r); }

/* Every entry of every level, and nothing else. */
TEST(contents, TDXM_1_5_01, to_ready)
{
	struct tdmr_info *t;

	/* More room than entries: what is beyond them stays as it is. */
	t = tdmr(r, 1);
	init_tdmr(r, 5 * GB, 0);
	for (u64 i = 0; i < t->pamt[P4K].size / 16; i++) {
		bool rsvd = i * 4096 >= 16 * MB && i * 4096 < 24 * MB;

		assert_int_equal(tdxm_pamt_word(r->m, t->pamt[P4K].base + i * 16),
				 rsvd ? PT_RSVD_WORD : 0);
		assert_int_equal(tdxm_pamt_word(r->m, t->pamt[P4K].base + i * 16 + 8), 0);
	}
	for (u64 i = 0; i < t->pamt[P2M].size; i += 8)
		assert_int_equal(tdxm_pamt_word(r->m, t->pamt[P2M].base + i), 0);
	for (u64 i = 0; i < t->pamt[P1G].size; i += 8)
		assert_int_equal(tdxm_pamt_word(r->m, t->pamt[P1G].base + i),
				 i < 2 * 16 ? 0 : UNTOUCHED);
	/* The other TDMR has not been begun. */
	assert_int_equal(tdxm_pamt_word(r->m, tdmr(r, 0)->pamt[P2M].base), UNTOUCHED);
}

/* One call: 1024 entries of the 4K level, 2 of the 2M level, none of the 1G level. */
TEST(contents_one_call, TDXM_1_5_01, to_ready)
{
	struct tdmr_info *t;

	t = tdmr(r, 0);
	expect(r, TDX_SUCCESS, SYS_TDMR_INIT, 4 * GB);
	for (u64 i = 0; i < 16384; i += 8)
		assert_int_equal(tdxm_pamt_word(r->m, t->pamt[P4K].base + i), 0);
	assert_int_equal(tdxm_pamt_word(r->m, t->pamt[P4K].base + 16384), UNTOUCHED);
	assert_int_equal(tdxm_pamt_word(r->m, t->pamt[P2M].base + 24), 0);
	assert_int_equal(tdxm_pamt_word(r->m, t->pamt[P2M].base + 32), UNTOUCHED);
	assert_int_equal(tdxm_pamt_word(r->m, t->pamt[P1G].base), UNTOUCHED);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
}

/* Entries that are no power of 2 long straddle pages. */
TEST_MACHINE(contents_entry_size, TDXM_NEXT)
{
	struct tdmr_info *t;

	r->machine.pamt_entry_size[0] = 24;
	r->machine.pamt_entry_size[1] = 40;
	rig_start(r);
	to_lps(r);
	good_tdmrs(r);
	t = tdmr(r, 0);
	t->reserved[0].offset = 170 * 4096;	/* its entry lies on two pages */
	t->reserved[0].size = 4096;
	t->pamt[P4K].base = 1 * GB;
	t->pamt[P4K].size = 6 * MB;
	t->pamt[P2M].base = 1 * GB + 8 * MB;
	t->pamt[P2M].size = 5 * 4096;
	expect(r, TDX_SUCCESS, SYS_CONFIG, TDMR_ARRAY_PA, 1, GLOBAL_KEYID);
	tdxm_wbinvd(r->m, 0);
	tdxm_wbinvd(r->m, 2);
	expect(r, TDX_SUCCESS, SYS_KEY_CONFIG);
	expect_on(r, 2, TDX_SUCCESS, SYS_KEY_CONFIG);
	init_tdmr(r, 4 * GB, 0);
	for (u64 i = 0; i < 6 * MB; i += 8)
		assert_int_equal(tdxm_pamt_word(r->m, t->pamt[P4K].base + i),
				 i == 170 * 24 ? PT_RSVD_WORD : 0);
	for (u64 i = 0; i < 5 * 4096; i += 8)
		assert_int_equal(tdxm_pamt_word(r->m, t->pamt[P2M].base + i), 0);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
	assert_int_equal(violations(r), 0);
}

/* TDH.PHYMEM.PAGE.RDMD agrees with the reserved areas at each of their edges. */
TEST(page_types, TDXM_NEXT, to_ready)
{
	static const struct { u64 pa, type; } t[] = {
		{ 5 * GB, 0 }, { 5 * GB + 16 * MB - 4096, 0 }, { 5 * GB + 16 * MB, 1 },
		{ 5 * GB + 24 * MB - 4096, 1 }, { 5 * GB + 24 * MB, 0 }, { 7 * GB - 4096, 0 },
	};
	struct tdxm_regs regs;

	init_tdmr(r, 5 * GB, 0);
	for (size_t i = 0; i < NR(t); i++) {
		regs = (struct tdxm_regs){ .rcx = t[i].pa };
		assert_int_equal(call(r, 1, PHYMEM_PAGE_RDMD, &regs), TDX_SUCCESS);
		assert_int_equal(regs.rcx, t[i].type);
		assert_int_equal(regs.r8, 0);
	}
}

/* In an initialised page a single bit is seen, in all levels. */
TEST(touched_initialised, TDXM_1_5_01, to_ready)
{
	u32 level, n = 0;

	init_tdmr(r, 5 * GB, 0);
	for (level = 0; level < 3; level++) {
		u64 pa = tdmr(r, 1)->pamt[level].base + tdmr(r, 1)->pamt[level].size - 8;

		*word_at(r, pa) ^= 1ULL << 41;
		assert_int_equal(tdxm_verify_pamt(r->m), 1);
		assert_violation(r, n++, TDXM_V_PAMT_TOUCHED, TDXM_NO_LP, 0, pa & ~4095ULL);
		*word_at(r, pa) ^= 1ULL << 41;
		assert_int_equal(tdxm_verify_pamt(r->m), 0);
	}
	assert_int_equal(tdxm_violations(r->m, TDXM_V_PAMT_TOUCHED), 3);
}

/* Free entries read as 0 to the module only: clearing their page does not pass for them. */
TEST(touched_cleared, TDXM_1_5_01, to_ready)
{
	init_tdmr(r, 4 * GB, 0);
	memset(r->ram + tdmr(r, 0)->pamt[P4K].base + 8192, 0, 3 * 4096);
	assert_int_equal(tdxm_verify_pamt(r->m), 3);
	assert_violation(r, 0, TDXM_V_PAMT_TOUCHED, TDXM_NO_LP, 0,
			 tdmr(r, 0)->pamt[P4K].base + 8192);
}

/* Pages that TDH.SYS.TDMR.INIT has yet to come to: every one of every level. */
TEST(touched_waiting, TDXM_1_5_01, to_ready)
{
	u32 level, n = 0;

	for (level = 0; level < 3; level++)
		for (u64 off = 0; off < tdmr(r, 0)->pamt[level].size; off += 4096) {
			memset(r->ram + tdmr(r, 0)->pamt[level].base + off, off & 4096 ? 0 : 0xcc,
			       4096);
			n++;
		}
	assert_int_equal(tdxm_verify_pamt(r->m), n);
}

/* Written over by TDH.SYS.TDMR.INIT itself, and still named. */
TEST(touched_before_init, TDXM_1_5_01, to_ready)
{
	memset(r->ram + tdmr(r, 0)->pamt[P4K].base + 4096, 0, 4096);
	*word_at(r, tdmr(r, 0)->pamt[P2M].base + 8) = 0;
	expect_on(r, 3, TDX_SUCCESS, SYS_TDMR_INIT, 4 * GB);
	assert_int_equal(violations(r), 2);
	assert_violation(r, 0, TDXM_V_PAMT_TOUCHED, 3, SYS_TDMR_INIT,
			 tdmr(r, 0)->pamt[P4K].base + 4096);
	assert_violation(r, 1, TDXM_V_PAMT_TOUCHED, 3, SYS_TDMR_INIT, tdmr(r, 0)->pamt[P2M].base);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
}

/* A CMR without memory behind it keeps no PAMT: every page of it is wrong. */
TEST_MACHINE(no_memory, TDXM_1_5_01)
{
	r->machine.cmrs[3] = (struct tdxm_cmr){ 10 * GB, GB };
	r->machine.nr_cmrs = 4;
	rig_start(r);
	to_lps(r);
	good_tdmrs(r);
	tdmr(r, 0)->pamt[P4K].base = 10 * GB;
	tdmr(r, 0)->pamt[P2M].base = 10 * GB + 8 * MB;
	assert_int_equal(config(r), TDX_SUCCESS);
	flush_pamts(r);
	expect(r, TDX_SUCCESS, SYS_KEY_CONFIG);
	expect_on(r, 2, TDX_SUCCESS, SYS_KEY_CONFIG);
	expect(r, TDX_SUCCESS, SYS_TDMR_INIT, 4 * GB);
	assert_int_equal(tdxm_verify_pamt(r->m), 1024 + 2);
}

/* Before READY the memory has not been used: nothing to guard. */
TEST(not_guarded_yet, TDXM_1_5_01, to_config)
{
	memset(r->ram + tdmr(r, 0)->pamt[P4K].base, 0x5a, 4096);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
}

TEST(violation_table_full, TDXM_1_5_01, to_ready)
{
	struct tdxm_violation v;

	init_tdmr(r, 4 * GB, 0);
	memset(r->ram + tdmr(r, 0)->pamt[P4K].base, 0, 4 * MB);
	assert_int_equal(tdxm_verify_pamt(r->m), 1024);
	assert_int_equal(tdxm_violations(r->m, TDXM_V_PAMT_TOUCHED), 1024);
	assert_true(tdxm_violation(r->m, TDXM_MAX_VIOLATIONS - 1, &v));
	assert_false(tdxm_violation(r->m, TDXM_MAX_VIOLATIONS, &v));
}

/* Flushes */

/* After @flush TDH.SYS.KEY.CONFIG names the first page that is not flushed; 0: all are. */
static void key_config_after(struct rig *r, void (*flush)(struct rig *r), u64 unflushed)
{
	if (flush)
		flush(r);
	expect_on(r, 1, TDX_SUCCESS, SYS_KEY_CONFIG);
	assert_int_equal(violations(r), unflushed != 0);
	if (unflushed)
		assert_violation(r, 0, TDXM_V_KEY_CONFIG_UNFLUSHED, 1, SYS_KEY_CONFIG, unflushed);
}

static void one_package(struct rig *r)
{
	tdxm_wbinvd(r->m, 0);
	tdxm_wbinvd(r->m, 1);
}

static void both_packages(struct rig *r)
{
	tdxm_wbinvd(r->m, 1);
	tdxm_wbinvd(r->m, 3);
}

/* Lines, in two directions, from both ends, overlapping. */
static void in_pieces(struct rig *r)
{
	for (u32 i = 0; i < 2; i++)
		for (u32 level = 0; level < 3; level++) {
			u64 base = tdmr(r, i)->pamt[level].base;
			u64 size = tdmr(r, i)->pamt[level].size, off;

			for (off = 0; off < size / 2; off += 4096)
				tdxm_clflush(r->m, base + off, 4096 + 64);
			for (off = size; off > size / 2; off -= 2048)
				tdxm_clflush(r->m, base + off - 2048, 2048);
		}
}

static void one_line_short(struct rig *r)
{
	u64 at = tdmr(r, 1)->pamt[P2M].base + 4096;

	tdxm_clflush(r->m, 256 * MB, 128 * MB);
	tdxm_clflush(r->m, 512 * MB, at - 512 * MB);
	tdxm_clflush(r->m, at + 64, 128 * MB);
	tdxm_clflush(r->m, at + 1, 0);	/* nothing */
}

/* Bytes are flushed by the line that they are in. */
static void odd_bytes(struct rig *r)
{
	tdxm_clflush(r->m, 256 * MB + 63, 256 * MB - 64);
	tdxm_clflush(r->m, 512 * MB + 1, 128 * MB);
	tdxm_clflush(r->m, 0, 0);
}

#define FLUSH_TEST(how, flush, unflushed) \
	TEST(flush_##how, TDXM_1_5_01, to_config) { key_config_after(r, flush, unflushed); }
FLUSH_TEST(none, NULL, 256 * MB)
FLUSH_TEST(one_package, one_package, 256 * MB)
FLUSH_TEST(wbinvd, both_packages, 0)
FLUSH_TEST(ranges, flush_pamts, 0)
FLUSH_TEST(pieces, in_pieces, 0)
FLUSH_TEST(line_missing, one_line_short, 520 * MB + 4096)
FLUSH_TEST(odd_bytes, odd_bytes, 0)

/* Flushes before TDH.SYS.CONFIG count. */
TEST(flush_before_config, TDXM_1_5_01, started)
{
	good_tdmrs(r);
	flush_pamts(r);
	to_config(r);
	expect(r, TDX_SUCCESS, SYS_KEY_CONFIG);
	assert_int_equal(violations(r), 0);
}

/* Too many pieces do not lead to a wrong yes. */
TEST(flush_too_many_pieces, TDXM_1_5_01, started)
{
	for (u64 i = 0; i < 2000; i++)
		tdxm_clflush(r->m, 1 * GB + i * 128, 64);
	to_config(r);
	flush_pamts(r);
	expect(r, TDX_SUCCESS, SYS_KEY_CONFIG);
	assert_int_equal(violations(r), 1);
}

/* Once a package that is left is seen to, all is. */
TEST(flush_between_packages, TDXM_1_5_01, to_config)
{
	expect(r, TDX_SUCCESS, SYS_KEY_CONFIG);
	expect_on(r, 2, TDX_SUCCESS, SYS_KEY_CONFIG);
	assert_int_equal(tdxm_violations(r->m, TDXM_V_KEY_CONFIG_UNFLUSHED), 2);
}

static void disable(struct rig *r, u32 lp)
{
	expect_on(r, lp, TDX_INTERRUPTED_RESUMABLE, SYS_DISABLE);
	expect_on(r, lp, TDX_INTERRUPTED_RESUMABLE, SYS_DISABLE);
	expect_on(r, lp, TDX_SUCCESS, SYS_DISABLE);
}

/* A package that went offline clean, LP 3 the last of it, cannot be flushed later. */
TEST(flush_silent_package, TDXM_NEXT, to_ready)
{
	init_tdmr(r, 4 * GB, 0);
	tdxm_wbinvd(r->m, 3);
	disable(r, 0);
	assert_true(tdxm_unflushed_after_shutdown(r->m) > 12 * MB);
	tdxm_wbinvd(r->m, 0);
	assert_int_equal(tdxm_unflushed_after_shutdown(r->m), 0);
}

/* But if it has made a call since, it is not clean. */
TEST(flush_package_that_spoke, TDXM_NEXT, to_ready)
{
	init_tdmr(r, 4 * GB, 0);
	both_packages(r);
	expect_on(r, 2, TDX_SUCCESS, SYS_TDMR_INIT, 5 * GB);
	disable(r, 0);
	tdxm_wbinvd(r->m, 0);
	assert_true(tdxm_unflushed_after_shutdown(r->m) > 12 * MB);
	tdxm_wbinvd(r->m, 2);
	assert_int_equal(tdxm_unflushed_after_shutdown(r->m), 0);
}

/* Nor is one that never was flushed. */
TEST(flush_silent_package_never_flushed, TDXM_NEXT, to_ready)
{
	disable(r, 0);
	tdxm_wbinvd(r->m, 0);
	assert_true(tdxm_unflushed_after_shutdown(r->m) > 12 * MB);
}

/* What is flushed while the module still holds the memory does not count afterwards. */
TEST(flush_after_shutdown, TDXM_NEXT, to_ready)
{
	both_packages(r);
	disable(r, 0);
	assert_true(tdxm_unflushed_after_shutdown(r->m) > 12 * MB);
	tdxm_clflush(r->m, tdmr(r, 1)->pamt[P4K].base, tdmr(r, 1)->pamt[P4K].size);
	assert_int_equal(tdxm_unflushed_after_shutdown(r->m), 4 * MB + 3 * 8192 + 2 * 4096);
	both_packages(r);
	assert_int_equal(tdxm_unflushed_after_shutdown(r->m), 0);
}

/* TDX 1.0: until the last LP is out, the memory is the module's. */
TEST(guarded_to_the_last_lp, TDXM_1_0_3, to_ready)
{
	u32 lp;

	init_tdmr(r, 4 * GB, 0);
	for (lp = 0; lp < NR_LPS - 1; lp++)
		expect_on(r, lp, TDX_SUCCESS, SYS_LP_SHUTDOWN);
	*word_at(r, tdmr(r, 0)->pamt[P4K].base) = 0;
	assert_int_equal(tdxm_verify_pamt(r->m), 1);
	expect_on(r, lp, TDX_SUCCESS, SYS_LP_SHUTDOWN);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
}

TEST(violation_names, TDXM_1_5_01, started)
{
	for (u32 kind = 0; kind < TDXM_V_NR; kind++)
		for (u32 other = 0; other < kind; other++)
			assert_string_not_equal(tdxm_violation_name(kind),
						tdxm_violation_name(other));
	assert_string_equal(tdxm_violation_name(TDXM_V_NR), "unknown violation");
}

/* Time passes with the leaf's lock held, once a call: who calls meanwhile is told busy. */

static u64 dwelt[128], busy;

static void contend(struct rig *r, u64 leaf)
{
	static bool nested;

	dwelt[leaf]++;
	if (nested)
		return;
	nested = true;
	switch (leaf) {
	case SYS_LP_INIT:		/* shared */
		busy += call3(r, 3, SYS_INIT, 0, 0, 0) == TDX_SYS_BUSY;
		break;
	case SYS_TDMR_INIT:
		busy += call3(r, 3, SYS_TDMR_INIT, 4 * GB, 0, 0) == (TDX_OPERAND_BUSY | RCX);
		break;
	default:		/* exclusive */
		busy += call3(r, 3, SYS_LP_INIT, 0, 0, 0) == TDX_SYS_BUSY;
	}
	nested = false;
}

TEST(dwell, TDXM_NEXT, started)
{
	memset(dwelt, 0, sizeof(dwelt));
	busy = 0;
	r->on_dwell = contend;
	to_ready(r);
	expect(r, TDX_SUCCESS, SYS_TDMR_INIT, 4 * GB);
	assert_int_equal(dwelt[SYS_INIT], 1);
	assert_int_equal(dwelt[SYS_LP_INIT], NR_LPS);
	assert_int_equal(dwelt[SYS_CONFIG], 1);
	assert_int_equal(dwelt[SYS_KEY_CONFIG], 2);
	assert_int_equal(dwelt[SYS_TDMR_INIT], 1);
	assert_int_equal(busy, 1 + NR_LPS + 1 + 2 + 1);
}

/* Injected faults */

static void inject(struct rig *r, u64 leaf, u32 nth, u32 count, enum tdxm_outcome outcome,
		   u64 status)
{
	const struct tdxm_fault f = { leaf, nth, count, outcome, status };

	assert_int_equal(tdxm_add_fault(r->m, &f), 0);
}

TEST(fault_first_call, TDXM_1_5_01, started)
{
	inject(r, SYS_INIT, 1, 1, TDXM_COMPLETED, TDX_INCORRECT_CPUID_VALUE);
	expect(r, TDX_INCORRECT_CPUID_VALUE, SYS_INIT);
	/* It did not run. */
	expect(r, TDX_SUCCESS, SYS_INIT);
	assert_int_equal(tdxm_calls(r->m, SYS_INIT), 2);
}

TEST(fault_middle_calls, TDXM_1_5_01, started)
{
	inject(r, SYS_KEY_CONFIG, 2, 2, TDXM_COMPLETED, TDX_RND_NO_ENTROPY);
	inject(r, SYS_TDMR_INIT, 3, 1, TDXM_COMPLETED, 0xdeadbeef00000000);
	to_config(r);
	flush_pamts(r);
	expect(r, TDX_SUCCESS, SYS_KEY_CONFIG);
	expect_on(r, 2, TDX_RND_NO_ENTROPY, SYS_KEY_CONFIG);
	expect_on(r, 2, TDX_RND_NO_ENTROPY, SYS_KEY_CONFIG);
	assert_false(tdxm_ready(r->m));
	expect_on(r, 2, TDX_SUCCESS, SYS_KEY_CONFIG);
	expect_on(r, 2, TDX_SUCCESS, SYS_TDMR_INIT, 4 * GB);
	expect_on(r, 2, TDX_SUCCESS, SYS_TDMR_INIT, 4 * GB);
	expect_on(r, 2, 0xdeadbeef00000000, SYS_TDMR_INIT, 4 * GB);
	init_tdmr(r, 4 * GB, 8 * MB);
}

/* count 0: for good. Other leaves are not concerned. */
TEST(fault_for_good, TDXM_1_5_01, started)
{
	inject(r, SYS_LP_INIT, 2, 0, TDXM_COMPLETED, TDX_SYS_BUSY);
	to_init(r);
	expect(r, TDX_SUCCESS, SYS_LP_INIT);
	for (u32 i = 0; i < 100; i++)
		expect_on(r, 1, TDX_SYS_BUSY, SYS_LP_INIT);
	expect(r, TDX_SUCCESS, SYS_RD, 0, 0x0800000200000000);
}

/* Other than by a status; registers stay as they are. */
TEST(fault_outcomes, TDXM_1_5_01, started)
{
	static const enum tdxm_outcome outcomes[] = { TDXM_VMFAILINVALID, TDXM_GP, TDXM_UD };
	struct tdxm_regs regs;

	for (u32 i = 0; i < 3; i++)
		inject(r, SYS_INIT, i + 1, 1, outcomes[i], 0);
	for (u32 i = 0; i < 3; i++) {
		regs = (struct tdxm_regs){ .rax = SYS_INIT, .rcx = 7, .r10 = 8 };
		assert_int_equal(rig_seamcall(r, 0, &regs), outcomes[i]);
		assert_int_equal(regs.rax, SYS_INIT);
		assert_int_equal(regs.rcx, 7);
		assert_int_equal(regs.r10, 8);
	}
	to_init(r);
}

TEST(fault_seamldr, TDXM_1_5_01, started)
{
	inject(r, 1ULL << 63, 1, 1, TDXM_COMPLETED, TDXM_SEAMLDR_EBADCALL);
	assert_true(call3(r, 0, 1ULL << 63, SEAMLDR_PA, 0, 0) == TDXM_SEAMLDR_EBADCALL);
	assert_true(call3(r, 0, 1ULL << 63, SEAMLDR_PA, 0, 0) == 0);
}

TEST(fault_table_full, TDXM_1_5_01, started)
{
	const struct tdxm_fault f = { SYS_INIT, 1, 1, TDXM_COMPLETED, TDX_SYS_BUSY };

	for (u32 i = 0; i < TDXM_MAX_FAULTS; i++)
		assert_int_equal(tdxm_add_fault(r->m, &f), 0);
	assert_int_equal(tdxm_add_fault(r->m, &f), -1);
}

int main(void)
{
	return run_cases("model_pamt");
}
