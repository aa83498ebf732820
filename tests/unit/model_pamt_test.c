// SPDX-License-Identifier: GPL-2.0-only
/*
 * The model from bring-up to shutdown: the contents of PAMTs, the violations that it detects,
 * and injected faults.
 */
#include "model_case.h"

#define PT_RSVD_WORD	(1ULL << 16)
#define UNTOUCHED	(~0ULL)

static u64 *word_at(struct rig *r, u64 pa)
{
	return (u64 *)(r->ram + pa);
}

/* As the TDX module reads it. */
static void assert_word(struct rig *r, u64 pa, u64 value)
{
	assert_int_equal(tdxm_pamt_word(r->m, pa), value);
}

static void both_packages(struct rig *r)
{
	tdxm_wbinvd(r->m, 1);
	tdxm_wbinvd(r->m, 3);
}

static void assert_unflushed(struct rig *r, u64 bytes)
{
	assert_int_equal(tdxm_unflushed_after_shutdown(r->m), bytes);
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

static void whole_life(struct rig *r)
{
	init_tdmr(r, 4 * GB, 0);
	init_tdmr(r, 5 * GB, 0);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
	assert_unflushed(r, 0);
	if (r->machine.profile == TDXM_1_0_3)
		for (u32 lp = 0; lp < NR_LPS; lp++)
			expect_on(r, lp, TDX_SUCCESS, SYS_LP_SHUTDOWN);
	else
		expect(r, TDX_SUCCESS, SYS_SHUTDOWN, 0);
	assert_unflushed(r, 3 * 4 * MB + 3 * 8192 + 2 * 4096);
	flush_pamts(r);
	assert_unflushed(r, 0);
	/* The host may write to its memory again. */
	memset(r->ram + pamt(r, 0, P4K), 0, 4 * MB);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
	assert_int_equal(violations(r), 0);
}

TEST(life_1_0_3, TDXM_1_0_3, to_ready) { whole_life(r); }
TEST(life_1_5_01, TDXM_1_5_01, to_ready) { whole_life(r); }
TEST(life_next, TDXM_NEXT, to_ready) { whole_life(r); }

/* TDH.SYS.TDMR.INIT writes every entry of every level, and nothing else. */
TEST(contents, TDXM_1_5_01, to_ready)
{
	struct tdmr_info *t = tdmr(r, 1);

	init_tdmr(r, 5 * GB, 0);
	for (u64 i = 0; i < t->pamt[P4K].size / 16; i++) {
		bool rsvd = i * 4096 >= 16 * MB && i * 4096 < 24 * MB;

		assert_word(r, t->pamt[P4K].base + i * 16, rsvd ? PT_RSVD_WORD : 0);
		assert_word(r, t->pamt[P4K].base + i * 16 + 8, 0);
	}
	for (u64 i = 0; i < t->pamt[P2M].size; i += 8)
		assert_word(r, t->pamt[P2M].base + i, 0);
	/* The PAMT page has room for more than the two entries. */
	for (u64 i = 0; i < t->pamt[P1G].size; i += 8)
		assert_word(r, t->pamt[P1G].base + i, i < 2 * 16 ? 0 : UNTOUCHED);
	assert_word(r, pamt(r, 0, P2M), UNTOUCHED);
}

/* One call writes 1024 entries of the 4K level, 2 of the 2M level, none of the 1G level. */
TEST(contents_one_call, TDXM_1_5_01, to_ready)
{
	expect(r, TDX_SUCCESS, SYS_TDMR_INIT, 4 * GB);
	for (u64 i = 0; i < 16384; i += 8)
		assert_word(r, pamt(r, 0, P4K) + i, 0);
	assert_word(r, pamt(r, 0, P4K) + 16384, UNTOUCHED);
	assert_word(r, pamt(r, 0, P2M) + 24, 0);
	assert_word(r, pamt(r, 0, P2M) + 32, UNTOUCHED);
	assert_word(r, pamt(r, 0, P1G), UNTOUCHED);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
}

/* An entry can cross a page boundary if its size is no power of 2. */
TEST_MACHINE(contents_entry_size, TDXM_NEXT)
{
	struct tdmr_info *t;

	r->machine.pamt_entry_size[0] = 24;
	r->machine.pamt_entry_size[1] = 40;
	rig_start(r);
	to_lps(r);
	good_tdmrs(r);
	t = tdmr(r, 0);
	t->reserved[0].offset = 170 * 4096;	/* its entry is on two pages */
	t->reserved[0].size = 4096;
	t->pamt[P4K].base = 1 * GB;
	t->pamt[P4K].size = 6 * MB;
	t->pamt[P2M].base = 1 * GB + 8 * MB;
	t->pamt[P2M].size = 5 * 4096;
	expect(r, TDX_SUCCESS, SYS_CONFIG, TDMR_ARRAY_PA, 1, GLOBAL_KEYID);
	both_packages(r);
	key_packages(r);
	init_tdmr(r, 4 * GB, 0);
	for (u64 i = 0; i < 6 * MB; i += 8)
		assert_word(r, t->pamt[P4K].base + i, i == 170 * 24 ? PT_RSVD_WORD : 0);
	for (u64 i = 0; i < 5 * 4096; i += 8)
		assert_word(r, t->pamt[P2M].base + i, 0);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
	assert_int_equal(violations(r), 0);
}

/* The edges of the reserved area. */
TEST(page_types, TDXM_NEXT, to_ready)
{
	static const struct { u64 pa, type; } t[] = {
		{ 5 * GB, 0 }, { 5 * GB + 16 * MB - 4096, 0 }, { 5 * GB + 16 * MB, 1 },
		{ 5 * GB + 24 * MB - 4096, 1 }, { 5 * GB + 24 * MB, 0 }, { 7 * GB - 4096, 0 },
	};

	init_tdmr(r, 5 * GB, 0);
	for (size_t i = 0; i < NR(t); i++) {
		expect_on(r, 1, TDX_SUCCESS, PHYMEM_PAGE_RDMD, t[i].pa);
		assert_int_equal(r->out.rcx, t[i].type);
		assert_int_equal(r->out.r8, 0);
	}
}

/* The model notices one changed bit, in each level. */
TEST(touched_initialised, TDXM_1_5_01, to_ready)
{
	init_tdmr(r, 5 * GB, 0);
	for (u32 level = 0; level < 3; level++) {
		u64 pa = pamt(r, 1, level) + tdmr(r, 1)->pamt[level].size - 8;

		*word_at(r, pa) ^= 1ULL << 41;
		assert_int_equal(tdxm_verify_pamt(r->m), 1);
		assert_violation(r, level, TDXM_V_PAMT_TOUCHED, TDXM_NO_LP, 0, pa & ~4095ULL);
		*word_at(r, pa) ^= 1ULL << 41;
		assert_int_equal(tdxm_verify_pamt(r->m), 0);
	}
	assert_int_equal(tdxm_violations(r->m, TDXM_V_PAMT_TOUCHED), 3);
}

/* Free entries are 0 for the TDX module, but zeros from the host are another content. */
TEST(touched_cleared, TDXM_1_5_01, to_ready)
{
	init_tdmr(r, 4 * GB, 0);
	memset(r->ram + pamt(r, 0, P4K) + 8192, 0, 3 * 4096);
	assert_int_equal(tdxm_verify_pamt(r->m), 3);
	assert_violation(r, 0, TDXM_V_PAMT_TOUCHED, TDXM_NO_LP, 0, pamt(r, 0, P4K) + 8192);
}

/* Pages that TDH.SYS.TDMR.INIT has not reached yet. */
TEST(touched_waiting, TDXM_1_5_01, to_ready)
{
	u32 n = 0;

	for (u32 level = 0; level < 3; level++)
		for (u64 off = 0; off < tdmr(r, 0)->pamt[level].size; off += 4096, n++)
			memset(r->ram + pamt(r, 0, level) + off, off & 4096 ? 0 : 0xcc, 4096);
	assert_int_equal(tdxm_verify_pamt(r->m), n);
}

/* TDH.SYS.TDMR.INIT itself overwrites the damage; the violation is recorded all the same. */
TEST(touched_before_init, TDXM_1_5_01, to_ready)
{
	memset(r->ram + pamt(r, 0, P4K) + 4096, 0, 4096);
	*word_at(r, pamt(r, 0, P2M) + 8) = 0;
	expect_on(r, 3, TDX_SUCCESS, SYS_TDMR_INIT, 4 * GB);
	assert_int_equal(violations(r), 2);
	assert_violation(r, 0, TDXM_V_PAMT_TOUCHED, 3, SYS_TDMR_INIT, pamt(r, 0, P4K) + 4096);
	assert_violation(r, 1, TDXM_V_PAMT_TOUCHED, 3, SYS_TDMR_INIT, pamt(r, 0, P2M));
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
}

/* A CMR without memory loses what is written to it: every PAMT page there is wrong. */
TEST_MACHINE(no_memory, TDXM_1_5_01)
{
	r->machine.cmrs[3] = (struct tdxm_cmr){ 10 * GB, GB };
	r->machine.nr_cmrs = 4;
	rig_start(r);
	to_lps(r);
	good_tdmrs(r);
	tdmr(r, 0)->pamt[P4K].base = 10 * GB;
	tdmr(r, 0)->pamt[P2M].base = 10 * GB + 8 * MB;
	expect(r, TDX_SUCCESS, CONFIG);
	flush_pamts(r);
	key_packages(r);
	expect(r, TDX_SUCCESS, SYS_TDMR_INIT, 4 * GB);
	assert_int_equal(tdxm_verify_pamt(r->m), 1024 + 2);
}

/* Before READY the TDX module has not used the memory. */
TEST(not_guarded_yet, TDXM_1_5_01, to_config)
{
	memset(r->ram + pamt(r, 0, P4K), 0x5a, 4096);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
}

TEST(violation_table_full, TDXM_1_5_01, to_ready)
{
	struct tdxm_violation v;

	init_tdmr(r, 4 * GB, 0);
	memset(r->ram + pamt(r, 0, P4K), 0, 4 * MB);
	assert_int_equal(tdxm_verify_pamt(r->m), 1024);
	assert_int_equal(tdxm_violations(r->m, TDXM_V_PAMT_TOUCHED), 1024);
	assert_true(tdxm_violation(r->m, TDXM_MAX_VIOLATIONS - 1, &v));
	assert_false(tdxm_violation(r->m, TDXM_MAX_VIOLATIONS, &v));
}

/* After @flush the first page that is not flushed is @unflushed; 0: all are flushed. */
static void key_config_after(struct rig *r, void (*flush)(struct rig *r), u64 unflushed)
{
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

/* Overlapping pieces, upwards and downwards. */
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
	u64 at = pamt(r, 1, P2M) + 4096;

	tdxm_clflush(r->m, 256 * MB, 128 * MB);
	tdxm_clflush(r->m, 512 * MB, at - 512 * MB);
	tdxm_clflush(r->m, at + 64, 128 * MB);
	tdxm_clflush(r->m, at + 1, 0);
}

/* A byte is flushed with its cache line. */
static void odd_bytes(struct rig *r)
{
	tdxm_clflush(r->m, 256 * MB + 63, 256 * MB - 64);
	tdxm_clflush(r->m, 512 * MB + 1, 128 * MB);
	tdxm_clflush(r->m, 0, 0);
}

#define FLUSH_TEST(how, flush, unflushed) \
	TEST(flush_##how, TDXM_1_5_01, to_config) { key_config_after(r, flush, unflushed); }
FLUSH_TEST(none, started, 256 * MB)
FLUSH_TEST(one_package, one_package, 256 * MB)
FLUSH_TEST(wbinvd, both_packages, 0)
FLUSH_TEST(ranges, flush_pamts, 0)
FLUSH_TEST(pieces, in_pieces, 0)
FLUSH_TEST(line_missing, one_line_short, 520 * MB + 4096)
FLUSH_TEST(odd_bytes, odd_bytes, 0)

TEST(flush_before_config, TDXM_1_5_01, started)
{
	good_tdmrs(r);
	flush_pamts(r);
	to_config(r);
	expect(r, TDX_SUCCESS, SYS_KEY_CONFIG);
	assert_int_equal(violations(r), 0);
}

/* When its list of pieces is full the model reports too much rather than too little. */
TEST(flush_too_many_pieces, TDXM_1_5_01, started)
{
	for (u64 i = 0; i < 2000; i++)
		tdxm_clflush(r->m, 1 * GB + i * 128, 64);
	to_config(r);
	flush_pamts(r);
	expect(r, TDX_SUCCESS, SYS_KEY_CONFIG);
	assert_int_equal(violations(r), 1);
}

/* Each package has to be flushed before its first TDH.SYS.KEY.CONFIG. */
TEST(flush_between_packages, TDXM_1_5_01, to_config)
{
	key_packages(r);
	assert_int_equal(tdxm_violations(r->m, TDXM_V_KEY_CONFIG_UNFLUSHED), 2);
}

static void disable(struct rig *r, u32 lp)
{
	expect_each_on(r, lp, TDX_INTERRUPTED_RESUMABLE, { SYS_DISABLE }, { SYS_DISABLE });
	expect_on(r, lp, TDX_SUCCESS, SYS_DISABLE);
}

/* A package whose last LP flushed and went offline needs no flush after shutdown, */
TEST(flush_silent_package, TDXM_NEXT, to_ready)
{
	init_tdmr(r, 4 * GB, 0);
	tdxm_wbinvd(r->m, 3);
	disable(r, 0);
	assert_true(tdxm_unflushed_after_shutdown(r->m) > 12 * MB);
	tdxm_wbinvd(r->m, 0);
	assert_unflushed(r, 0);
}

/* but does if it has made a call since, */
TEST(flush_package_that_spoke, TDXM_NEXT, to_ready)
{
	init_tdmr(r, 4 * GB, 0);
	both_packages(r);
	expect_on(r, 2, TDX_SUCCESS, SYS_TDMR_INIT, 5 * GB);
	disable(r, 0);
	tdxm_wbinvd(r->m, 0);
	assert_true(tdxm_unflushed_after_shutdown(r->m) > 12 * MB);
	tdxm_wbinvd(r->m, 2);
	assert_unflushed(r, 0);
}

/* or was never flushed. */
TEST(flush_silent_package_never_flushed, TDXM_NEXT, to_ready)
{
	disable(r, 0);
	tdxm_wbinvd(r->m, 0);
	assert_true(tdxm_unflushed_after_shutdown(r->m) > 12 * MB);
}

/* Flushes before the shutdown do not count while the package can still write. */
TEST(flush_after_shutdown, TDXM_NEXT, to_ready)
{
	both_packages(r);
	disable(r, 0);
	assert_true(tdxm_unflushed_after_shutdown(r->m) > 12 * MB);
	tdxm_clflush(r->m, pamt(r, 1, P4K), tdmr(r, 1)->pamt[P4K].size);
	assert_unflushed(r, 4 * MB + 3 * 8192 + 2 * 4096);
	both_packages(r);
	assert_unflushed(r, 0);
}

/* TDX 1.0 owns its memory until the last LP has shut down. */
TEST(guarded_to_the_last_lp, TDXM_1_0_3, to_ready)
{
	init_tdmr(r, 4 * GB, 0);
	for (u32 lp = 0; lp < NR_LPS - 1; lp++)
		expect_on(r, lp, TDX_SUCCESS, SYS_LP_SHUTDOWN);
	*word_at(r, pamt(r, 0, P4K)) = 0;
	assert_int_equal(tdxm_verify_pamt(r->m), 1);
	expect_on(r, NR_LPS - 1, TDX_SUCCESS, SYS_LP_SHUTDOWN);
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

/* A leaf takes its time once a call, with its lock held: other callers get busy. */

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

static void inject(struct rig *r, u64 leaf, u32 nth, u32 count, u64 status)
{
	const struct tdxm_fault f = { leaf, nth, count, TDXM_COMPLETED, status };

	assert_int_equal(tdxm_add_fault(r->m, &f), 0);
}

TEST(fault_first_call, TDXM_1_5_01, started)
{
	inject(r, SYS_INIT, 1, 1, TDX_INCORRECT_CPUID_VALUE);
	expect(r, TDX_INCORRECT_CPUID_VALUE, SYS_INIT);
	/* The failed call changed nothing. */
	expect(r, TDX_SUCCESS, SYS_INIT);
	assert_int_equal(tdxm_calls(r->m, SYS_INIT), 2);
}

TEST(fault_middle_calls, TDXM_1_5_01, started)
{
	inject(r, SYS_KEY_CONFIG, 2, 2, TDX_RND_NO_ENTROPY);
	inject(r, SYS_TDMR_INIT, 3, 1, 0xdeadbeef00000000);
	to_config(r);
	flush_pamts(r);
	expect(r, TDX_SUCCESS, SYS_KEY_CONFIG);
	expect_each_on(r, 2, TDX_RND_NO_ENTROPY, { SYS_KEY_CONFIG }, { SYS_KEY_CONFIG });
	assert_false(tdxm_ready(r->m));
	expect_each_on(r, 2, TDX_SUCCESS, { SYS_KEY_CONFIG }, { SYS_TDMR_INIT, 4 * GB },
		       { SYS_TDMR_INIT, 4 * GB });
	expect_on(r, 2, 0xdeadbeef00000000, SYS_TDMR_INIT, 4 * GB);
	init_tdmr(r, 4 * GB, 8 * MB);
}

/* A count of 0 is for good. Other leaves work. */
TEST(fault_for_good, TDXM_1_5_01, started)
{
	inject(r, SYS_LP_INIT, 2, 0, TDX_SYS_BUSY);
	to_init(r);
	expect(r, TDX_SUCCESS, SYS_LP_INIT);
	for (u32 i = 0; i < 100; i++)
		expect_on(r, 1, TDX_SYS_BUSY, SYS_LP_INIT);
	expect(r, TDX_SUCCESS, SYS_RD, 0, 0x0800000200000000);
}

/* Faults other than a status leave the registers alone. */
TEST(fault_outcomes, TDXM_1_5_01, started)
{
	static const struct tdxm_fault faults[] = {
		{ SYS_INIT, 1, 1, TDXM_VMFAILINVALID, 0 }, { SYS_INIT, 2, 1, TDXM_GP, 0 },
		{ SYS_INIT, 3, 1, TDXM_UD, 0 }, { SYS_INIT, 4, 1, TDXM_MACHINE_CHECK, 0 },
	};

	for (size_t i = 0; i < NR(faults); i++)
		assert_int_equal(tdxm_add_fault(r->m, &faults[i]), 0);
	for (size_t i = 0; i < NR(faults); i++) {
		struct tdxm_regs regs = { .rax = SYS_INIT, .rcx = 7, .r10 = 8 };

		assert_int_equal(rig_seamcall(r, 0, &regs), faults[i].outcome);
		assert_int_equal(regs.rax, SYS_INIT);
		assert_int_equal(regs.rcx, 7);
		assert_int_equal(regs.r10, 8);
	}
	to_init(r);
}

TEST(fault_seamldr, TDXM_1_5_01, started)
{
	inject(r, SEAMLDR_INFO, 1, 1, TDXM_SEAMLDR_EBADCALL);
	expect(r, TDXM_SEAMLDR_EBADCALL, SEAMLDR_INFO, SEAMLDR_PA);
	expect(r, 0, SEAMLDR_INFO, SEAMLDR_PA);
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
