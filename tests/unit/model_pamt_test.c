// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bring-up from beginning to end, what TDH.SYS.TDMR.INIT leaves in the PAMTs,
 * what of the host's doings is caught, and injected faults.
 */
#include "model_harness.h"

#define PT_RSVD_WORD	(1ULL << 16)
#define UNTOUCHED	(~0ULL)

static u64 *word_at(struct rig *r, u64 pa)
{
	return (u64 *)(r->ram + pa);
}

static u64 violations(struct rig *r)
{
	u64 n = 0;
	u32 kind;

	for (kind = 0; kind < TDXM_V_NR; kind++)
		n += tdxm_violations(r->m, kind);
	return n;
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
static void whole_life(enum tdxm_profile profile)
{
	struct rig r;
	u32 lp;

	rig_new(&r, profile);
	to_ready(&r);
	init_tdmr(&r, 4 * GB, 0);
	init_tdmr(&r, 5 * GB, 0);
	assert_int_equal(tdxm_verify_pamt(r.m), 0);
	assert_int_equal(tdxm_unflushed_after_shutdown(r.m), 0);
	if (profile == TDXM_1_0_3) {
		for (lp = 0; lp < NR_LPS; lp++)
			assert_int_equal(call3(&r, lp, SYS_LP_SHUTDOWN, 0, 0, 0), TDX_SUCCESS);
	} else {
		assert_int_equal(call3(&r, 0, SYS_SHUTDOWN, 1, 0, 0), TDX_SUCCESS);
	}
	assert_int_equal(tdxm_unflushed_after_shutdown(r.m),
			 3 * 4 * MB + 3 * 8192 + 2 * 4096);
	flush_pamts(&r);
	assert_int_equal(tdxm_unflushed_after_shutdown(r.m), 0);
	/* The memory is the host's again. */
	memset(r.ram + tdmr(&r, 0)->pamt[P4K].base, 0, 4 * MB);
	assert_int_equal(tdxm_verify_pamt(r.m), 0);
	assert_int_equal(violations(&r), 0);
	rig_stop(&r);
}

static void life_1_0(void **state)
{
	(void)state;
	whole_life(TDXM_1_0_3);
}

static void life_1_5_01(void **state)
{
	(void)state;
	whole_life(TDXM_1_5_01);
}

static void life_later(void **state)
{
	(void)state;
	whole_life(TDXM_NEXT);
}

/* Every entry of every level, and nothing else. */
static void contents(void **state)
{
	struct tdmr_info *t;
	struct rig r;
	u64 i;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_ready(&r);
	/* More room than entries: what is beyond them stays as it is. */
	t = tdmr(&r, 1);
	init_tdmr(&r, 5 * GB, 0);
	for (i = 0; i < t->pamt[P4K].size / 16; i++) {
		bool rsvd = i * 4096 >= 16 * MB && i * 4096 < 24 * MB;

		assert_int_equal(tdxm_pamt_word(r.m, t->pamt[P4K].base + i * 16),
				 rsvd ? PT_RSVD_WORD : 0);
		assert_int_equal(tdxm_pamt_word(r.m, t->pamt[P4K].base + i * 16 + 8), 0);
	}
	for (i = 0; i < t->pamt[P2M].size; i += 8)
		assert_int_equal(tdxm_pamt_word(r.m, t->pamt[P2M].base + i), 0);
	for (i = 0; i < t->pamt[P1G].size; i += 8)
		assert_int_equal(tdxm_pamt_word(r.m, t->pamt[P1G].base + i),
				 i < 2 * 16 ? 0 : UNTOUCHED);
	/* The other TDMR has not been begun. */
	assert_int_equal(tdxm_pamt_word(r.m, tdmr(&r, 0)->pamt[P2M].base), UNTOUCHED);
	rig_stop(&r);
}

/* One call: 1024 entries of the 4K level, 2 of the 2M level, none of the 1G level. */
static void contents_one_call(void **state)
{
	struct tdmr_info *t;
	struct rig r;
	u64 i;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_ready(&r);
	t = tdmr(&r, 0);
	assert_int_equal(call3(&r, 0, SYS_TDMR_INIT, 4 * GB, 0, 0), TDX_SUCCESS);
	for (i = 0; i < 16384; i += 8)
		assert_int_equal(tdxm_pamt_word(r.m, t->pamt[P4K].base + i), 0);
	assert_int_equal(tdxm_pamt_word(r.m, t->pamt[P4K].base + 16384), UNTOUCHED);
	assert_int_equal(tdxm_pamt_word(r.m, t->pamt[P2M].base + 24), 0);
	assert_int_equal(tdxm_pamt_word(r.m, t->pamt[P2M].base + 32), UNTOUCHED);
	assert_int_equal(tdxm_pamt_word(r.m, t->pamt[P1G].base), UNTOUCHED);
	assert_int_equal(tdxm_verify_pamt(r.m), 0);
	rig_stop(&r);
}

/* Entries that are no power of 2 long straddle pages. */
static void contents_entry_size(void **state)
{
	struct tdmr_info *t;
	struct rig r;
	u64 i;

	(void)state;
	rig_describe(&r, TDXM_NEXT);
	r.machine.pamt_entry_size[0] = 24;
	r.machine.pamt_entry_size[1] = 40;
	rig_start(&r);
	to_lps(&r);
	good_tdmrs(&r);
	t = tdmr(&r, 0);
	t->reserved[0].offset = 170 * 4096;	/* its entry lies on two pages */
	t->reserved[0].size = 4096;
	t->pamt[P4K].base = 1 * GB;
	t->pamt[P4K].size = 6 * MB;
	t->pamt[P2M].base = 1 * GB + 8 * MB;
	t->pamt[P2M].size = 5 * 4096;
	assert_int_equal(call3(&r, 0, SYS_CONFIG, TDMR_ARRAY_PA, 1, GLOBAL_KEYID), TDX_SUCCESS);
	tdxm_wbinvd(r.m, 0);
	tdxm_wbinvd(r.m, 2);
	assert_int_equal(call3(&r, 0, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(call3(&r, 2, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	init_tdmr(&r, 4 * GB, 0);
	for (i = 0; i < 6 * MB; i += 8)
		assert_int_equal(tdxm_pamt_word(r.m, t->pamt[P4K].base + i),
				 i == 170 * 24 ? PT_RSVD_WORD : 0);
	for (i = 0; i < 5 * 4096; i += 8)
		assert_int_equal(tdxm_pamt_word(r.m, t->pamt[P2M].base + i), 0);
	assert_int_equal(tdxm_verify_pamt(r.m), 0);
	assert_int_equal(violations(&r), 0);
	rig_stop(&r);
}

/* TDH.PHYMEM.PAGE.RDMD agrees with the reserved areas at each of their edges. */
static void page_types(void **state)
{
	static const struct {
		u64 pa, type;
	} t[] = {
		{ 5 * GB, 0 }, { 5 * GB + 16 * MB - 4096, 0 }, { 5 * GB + 16 * MB, 1 },
		{ 5 * GB + 24 * MB - 4096, 1 }, { 5 * GB + 24 * MB, 0 }, { 7 * GB - 4096, 0 },
	};
	struct tdxm_regs regs;
	struct rig r;
	size_t i;

	(void)state;
	rig_new(&r, TDXM_NEXT);
	to_ready(&r);
	init_tdmr(&r, 5 * GB, 0);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		regs = (struct tdxm_regs){ .rcx = t[i].pa };
		assert_int_equal(call(&r, 1, PHYMEM_PAGE_RDMD, &regs), TDX_SUCCESS);
		assert_int_equal(regs.rcx, t[i].type);
		assert_int_equal(regs.r8, 0);
	}
	rig_stop(&r);
}

/* In an initialised page a single bit is seen, in all levels. */
static void touched_initialised(void **state)
{
	struct rig r;
	u32 level, n = 0;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_ready(&r);
	init_tdmr(&r, 5 * GB, 0);
	for (level = 0; level < 3; level++) {
		u64 pa = tdmr(&r, 1)->pamt[level].base + tdmr(&r, 1)->pamt[level].size - 8;

		*word_at(&r, pa) ^= 1ULL << 41;
		assert_int_equal(tdxm_verify_pamt(r.m), 1);
		assert_violation(&r, n++, TDXM_V_PAMT_TOUCHED, TDXM_NO_LP, 0, pa & ~4095ULL);
		*word_at(&r, pa) ^= 1ULL << 41;
		assert_int_equal(tdxm_verify_pamt(r.m), 0);
	}
	assert_int_equal(tdxm_violations(r.m, TDXM_V_PAMT_TOUCHED), 3);
	rig_stop(&r);
}

/* Free entries read as 0 to the module only: clearing their page does not pass for them. */
static void touched_cleared(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_ready(&r);
	init_tdmr(&r, 4 * GB, 0);
	memset(r.ram + tdmr(&r, 0)->pamt[P4K].base + 8192, 0, 3 * 4096);
	assert_int_equal(tdxm_verify_pamt(r.m), 3);
	assert_violation(&r, 0, TDXM_V_PAMT_TOUCHED, TDXM_NO_LP, 0,
			 tdmr(&r, 0)->pamt[P4K].base + 8192);
	rig_stop(&r);
}

/* Pages that TDH.SYS.TDMR.INIT has yet to come to: every one of every level. */
static void touched_waiting(void **state)
{
	struct rig r;
	u32 level, n = 0;
	u64 off;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_ready(&r);
	for (level = 0; level < 3; level++)
		for (off = 0; off < tdmr(&r, 0)->pamt[level].size; off += 4096) {
			memset(r.ram + tdmr(&r, 0)->pamt[level].base + off, off & 4096 ? 0 : 0xcc,
			       4096);
			n++;
		}
	assert_int_equal(tdxm_verify_pamt(r.m), n);
	rig_stop(&r);
}

/* Written over by TDH.SYS.TDMR.INIT itself, and still named. */
static void touched_before_init(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_ready(&r);
	memset(r.ram + tdmr(&r, 0)->pamt[P4K].base + 4096, 0, 4096);
	*word_at(&r, tdmr(&r, 0)->pamt[P2M].base + 8) = 0;
	assert_int_equal(call3(&r, 3, SYS_TDMR_INIT, 4 * GB, 0, 0), TDX_SUCCESS);
	assert_int_equal(violations(&r), 2);
	assert_violation(&r, 0, TDXM_V_PAMT_TOUCHED, 3, SYS_TDMR_INIT,
			 tdmr(&r, 0)->pamt[P4K].base + 4096);
	assert_violation(&r, 1, TDXM_V_PAMT_TOUCHED, 3, SYS_TDMR_INIT, tdmr(&r, 0)->pamt[P2M].base);
	assert_int_equal(tdxm_verify_pamt(r.m), 0);
	rig_stop(&r);
}

/* A CMR without memory behind it keeps no PAMT: every page of it is wrong. */
static void no_memory(void **state)
{
	struct rig r;

	(void)state;
	rig_describe(&r, TDXM_1_5_01);
	r.machine.cmrs[3] = (struct tdxm_cmr){ 10 * GB, GB };
	r.machine.nr_cmrs = 4;
	rig_start(&r);
	to_lps(&r);
	good_tdmrs(&r);
	tdmr(&r, 0)->pamt[P4K].base = 10 * GB;
	tdmr(&r, 0)->pamt[P2M].base = 10 * GB + 8 * MB;
	assert_int_equal(config(&r), TDX_SUCCESS);
	flush_pamts(&r);
	assert_int_equal(call3(&r, 0, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(call3(&r, 2, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(call3(&r, 0, SYS_TDMR_INIT, 4 * GB, 0, 0), TDX_SUCCESS);
	assert_int_equal(tdxm_verify_pamt(r.m), 1024 + 2);
	rig_stop(&r);
}

/* Before READY the memory has not been used: nothing to guard. */
static void not_guarded_yet(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_config(&r);
	memset(r.ram + tdmr(&r, 0)->pamt[P4K].base, 0x5a, 4096);
	assert_int_equal(tdxm_verify_pamt(r.m), 0);
	rig_stop(&r);
}

static void violation_table_full(void **state)
{
	struct tdxm_violation v;
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_ready(&r);
	init_tdmr(&r, 4 * GB, 0);
	memset(r.ram + tdmr(&r, 0)->pamt[P4K].base, 0, 4 * MB);
	assert_int_equal(tdxm_verify_pamt(r.m), 1024);
	assert_int_equal(tdxm_violations(r.m, TDXM_V_PAMT_TOUCHED), 1024);
	assert_true(tdxm_violation(r.m, TDXM_MAX_VIOLATIONS - 1, &v));
	assert_false(tdxm_violation(r.m, TDXM_MAX_VIOLATIONS, &v));
	rig_stop(&r);
}

/* Flushes */

static void key_config_after(void (*flush)(struct rig *r), u64 unflushed_pa)
{
	struct rig r;

	rig_new(&r, TDXM_1_5_01);
	to_config(&r);
	flush(&r);
	assert_int_equal(call3(&r, 1, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	if (unflushed_pa) {
		assert_int_equal(violations(&r), 1);
		assert_violation(&r, 0, TDXM_V_KEY_CONFIG_UNFLUSHED, 1, SYS_KEY_CONFIG, unflushed_pa);
	} else {
		assert_int_equal(violations(&r), 0);
	}
	rig_stop(&r);
}

static void none(struct rig *r)
{
	(void)r;
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
	u32 i, level;

	for (i = 0; i < 2; i++)
		for (level = 0; level < 3; level++) {
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

static void flush_none(void **state)
{
	(void)state;
	key_config_after(none, 256 * MB);
}

static void flush_one_package(void **state)
{
	(void)state;
	key_config_after(one_package, 256 * MB);
}

static void flush_wbinvd(void **state)
{
	(void)state;
	key_config_after(both_packages, 0);
}

static void flush_ranges(void **state)
{
	(void)state;
	key_config_after(flush_pamts, 0);
}

static void flush_pieces(void **state)
{
	(void)state;
	key_config_after(in_pieces, 0);
}

static void flush_line_missing(void **state)
{
	(void)state;
	key_config_after(one_line_short, 512 * MB + 8 * MB + 4096);
}

static void flush_odd_bytes(void **state)
{
	(void)state;
	key_config_after(odd_bytes, 0);
}

/* Flushes before TDH.SYS.CONFIG count; too many pieces do not lead to a wrong yes. */
static void flush_before_config(void **state)
{
	struct rig r;
	u64 i;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	good_tdmrs(&r);
	flush_pamts(&r);
	to_config(&r);
	assert_int_equal(call3(&r, 0, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(violations(&r), 0);
	rig_stop(&r);

	rig_new(&r, TDXM_1_5_01);
	for (i = 0; i < 2000; i++)
		tdxm_clflush(r.m, 1 * GB + i * 128, 64);
	to_config(&r);
	flush_pamts(&r);
	assert_int_equal(call3(&r, 0, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(violations(&r), 1);
	rig_stop(&r);
}

/* Once a package that is left is seen to, all is. */
static void flush_between_packages(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_config(&r);
	assert_int_equal(call3(&r, 0, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(call3(&r, 2, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(tdxm_violations(r.m, TDXM_V_KEY_CONFIG_UNFLUSHED), 2);
	rig_stop(&r);
}

static void disable(struct rig *r, u32 lp)
{
	assert_int_equal(call3(r, lp, SYS_DISABLE, 0, 0, 0), TDX_INTERRUPTED_RESUMABLE);
	assert_int_equal(call3(r, lp, SYS_DISABLE, 0, 0, 0), TDX_INTERRUPTED_RESUMABLE);
	assert_int_equal(call3(r, lp, SYS_DISABLE, 0, 0, 0), TDX_SUCCESS);
}

/* A package that went offline clean, LP 3 the last of it, cannot be flushed later. */
static void flush_silent_package(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_NEXT);
	to_ready(&r);
	init_tdmr(&r, 4 * GB, 0);
	tdxm_wbinvd(r.m, 3);
	disable(&r, 0);
	assert_true(tdxm_unflushed_after_shutdown(r.m) > 12 * MB);
	tdxm_wbinvd(r.m, 0);
	assert_int_equal(tdxm_unflushed_after_shutdown(r.m), 0);
	rig_stop(&r);
}

/* But if it has made a call since, it is not clean; nor is one that never was flushed. */
static void flush_package_that_spoke(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_NEXT);
	to_ready(&r);
	init_tdmr(&r, 4 * GB, 0);
	both_packages(&r);
	assert_int_equal(call3(&r, 2, SYS_TDMR_INIT, 5 * GB, 0, 0), TDX_SUCCESS);
	disable(&r, 0);
	tdxm_wbinvd(r.m, 0);
	assert_true(tdxm_unflushed_after_shutdown(r.m) > 12 * MB);
	tdxm_wbinvd(r.m, 2);
	assert_int_equal(tdxm_unflushed_after_shutdown(r.m), 0);
	rig_stop(&r);

	rig_new(&r, TDXM_NEXT);
	to_ready(&r);
	disable(&r, 0);
	tdxm_wbinvd(r.m, 0);
	assert_true(tdxm_unflushed_after_shutdown(r.m) > 12 * MB);
	rig_stop(&r);
}

/* What is flushed while the module still holds the memory does not count afterwards. */
static void flush_after_shutdown(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_NEXT);
	to_ready(&r);
	both_packages(&r);
	disable(&r, 0);
	assert_true(tdxm_unflushed_after_shutdown(r.m) > 12 * MB);
	tdxm_clflush(r.m, tdmr(&r, 1)->pamt[P4K].base, tdmr(&r, 1)->pamt[P4K].size);
	assert_int_equal(tdxm_unflushed_after_shutdown(r.m), 4 * MB + 3 * 8192 + 2 * 4096);
	both_packages(&r);
	assert_int_equal(tdxm_unflushed_after_shutdown(r.m), 0);
	rig_stop(&r);
}

/* TDX 1.0: until the last LP is out, the memory is the module's. */
static void guarded_to_the_last_lp(void **state)
{
	struct rig r;
	u32 lp;

	(void)state;
	rig_new(&r, TDXM_1_0_3);
	to_ready(&r);
	init_tdmr(&r, 4 * GB, 0);
	for (lp = 0; lp < NR_LPS - 1; lp++)
		assert_int_equal(call3(&r, lp, SYS_LP_SHUTDOWN, 0, 0, 0), TDX_SUCCESS);
	*word_at(&r, tdmr(&r, 0)->pamt[P4K].base) = 0;
	assert_int_equal(tdxm_verify_pamt(r.m), 1);
	assert_int_equal(call3(&r, lp, SYS_LP_SHUTDOWN, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(tdxm_verify_pamt(r.m), 0);
	rig_stop(&r);
}

static void violation_names(void **state)
{
	u32 kind, other;

	(void)state;
	for (kind = 0; kind < TDXM_V_NR; kind++)
		for (other = 0; other < kind; other++)
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

static void dwell(void **state)
{
	struct rig r;

	(void)state;
	memset(dwelt, 0, sizeof(dwelt));
	busy = 0;
	rig_new(&r, TDXM_NEXT);
	r.on_dwell = contend;
	to_ready(&r);
	assert_int_equal(call3(&r, 0, SYS_TDMR_INIT, 4 * GB, 0, 0), TDX_SUCCESS);
	assert_int_equal(dwelt[SYS_INIT], 1);
	assert_int_equal(dwelt[SYS_LP_INIT], NR_LPS);
	assert_int_equal(dwelt[SYS_CONFIG], 1);
	assert_int_equal(dwelt[SYS_KEY_CONFIG], 2);
	assert_int_equal(dwelt[SYS_TDMR_INIT], 1);
	assert_int_equal(busy, 1 + NR_LPS + 1 + 2 + 1);
	rig_stop(&r);
}

/* Injected faults */

static void inject(struct rig *r, u64 leaf, u32 nth, u32 count, enum tdxm_outcome outcome,
		   u64 status)
{
	const struct tdxm_fault f = { leaf, nth, count, outcome, status };

	assert_int_equal(tdxm_add_fault(r->m, &f), 0);
}

static void fault_first_call(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	inject(&r, SYS_INIT, 1, 1, TDXM_COMPLETED, TDX_INCORRECT_CPUID_VALUE);
	assert_int_equal(call3(&r, 0, SYS_INIT, 0, 0, 0), TDX_INCORRECT_CPUID_VALUE);
	/* It did not run. */
	assert_int_equal(call3(&r, 0, SYS_INIT, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(tdxm_calls(r.m, SYS_INIT), 2);
	rig_stop(&r);
}

static void fault_middle_calls(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	inject(&r, SYS_KEY_CONFIG, 2, 2, TDXM_COMPLETED, TDX_RND_NO_ENTROPY);
	inject(&r, SYS_TDMR_INIT, 3, 1, TDXM_COMPLETED, 0xdeadbeef00000000);
	to_config(&r);
	flush_pamts(&r);
	assert_int_equal(call3(&r, 0, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(call3(&r, 2, SYS_KEY_CONFIG, 0, 0, 0), TDX_RND_NO_ENTROPY);
	assert_int_equal(call3(&r, 2, SYS_KEY_CONFIG, 0, 0, 0), TDX_RND_NO_ENTROPY);
	assert_false(tdxm_ready(r.m));
	assert_int_equal(call3(&r, 2, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(call3(&r, 2, SYS_TDMR_INIT, 4 * GB, 0, 0), TDX_SUCCESS);
	assert_int_equal(call3(&r, 2, SYS_TDMR_INIT, 4 * GB, 0, 0), TDX_SUCCESS);
	assert_int_equal(call3(&r, 2, SYS_TDMR_INIT, 4 * GB, 0, 0), 0xdeadbeef00000000);
	init_tdmr(&r, 4 * GB, 8 * MB);
	rig_stop(&r);
}

/* count 0: for good. Other leaves are not concerned. */
static void fault_for_good(void **state)
{
	struct rig r;
	u32 i;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	inject(&r, SYS_LP_INIT, 2, 0, TDXM_COMPLETED, TDX_SYS_BUSY);
	to_init(&r);
	assert_int_equal(call3(&r, 0, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
	for (i = 0; i < 100; i++)
		assert_int_equal(call3(&r, 1, SYS_LP_INIT, 0, 0, 0), TDX_SYS_BUSY);
	assert_int_equal(call3(&r, 0, SYS_RD, 0, 0x0800000200000000, 0), TDX_SUCCESS);
	rig_stop(&r);
}

/* Other than by a status; registers stay as they are. */
static void fault_outcomes(void **state)
{
	static const enum tdxm_outcome outcomes[] = { TDXM_VMFAILINVALID, TDXM_GP, TDXM_UD };
	struct tdxm_regs regs;
	struct rig r;
	u32 i;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	for (i = 0; i < 3; i++)
		inject(&r, SYS_INIT, i + 1, 1, outcomes[i], 0);
	for (i = 0; i < 3; i++) {
		regs = (struct tdxm_regs){ .rax = SYS_INIT, .rcx = 7, .r10 = 8 };
		assert_int_equal(rig_seamcall(&r, 0, &regs), outcomes[i]);
		assert_int_equal(regs.rax, SYS_INIT);
		assert_int_equal(regs.rcx, 7);
		assert_int_equal(regs.r10, 8);
	}
	to_init(&r);
	rig_stop(&r);
}

static void fault_seamldr(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	inject(&r, 1ULL << 63, 1, 1, TDXM_COMPLETED, TDXM_SEAMLDR_EBADCALL);
	assert_true(call3(&r, 0, 1ULL << 63, SEAMLDR_PA, 0, 0) == TDXM_SEAMLDR_EBADCALL);
	assert_true(call3(&r, 0, 1ULL << 63, SEAMLDR_PA, 0, 0) == 0);
	rig_stop(&r);
}

static void fault_table_full(void **state)
{
	const struct tdxm_fault f = { SYS_INIT, 1, 1, TDXM_COMPLETED, TDX_SYS_BUSY };
	struct rig r;
	u32 i;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	for (i = 0; i < TDXM_MAX_FAULTS; i++)
		assert_int_equal(tdxm_add_fault(r.m, &f), 0);
	assert_int_equal(tdxm_add_fault(r.m, &f), -1);
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(life_1_0),
		cmocka_unit_test(life_1_5_01),
		cmocka_unit_test(life_later),
		cmocka_unit_test(contents),
		cmocka_unit_test(contents_one_call),
		cmocka_unit_test(contents_entry_size),
		cmocka_unit_test(page_types),
		cmocka_unit_test(touched_initialised),
		cmocka_unit_test(touched_cleared),
		cmocka_unit_test(touched_waiting),
		cmocka_unit_test(touched_before_init),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(not_guarded_yet),
		cmocka_unit_test(violation_table_full),
		cmocka_unit_test(flush_none),
		cmocka_unit_test(flush_one_package),
		cmocka_unit_test(flush_wbinvd),
		cmocka_unit_test(flush_ranges),
		cmocka_unit_test(flush_pieces),
		cmocka_unit_test(flush_line_missing),
		cmocka_unit_test(flush_odd_bytes),
		cmocka_unit_test(flush_before_config),
		cmocka_unit_test(flush_between_packages),
		cmocka_unit_test(flush_after_shutdown),
		cmocka_unit_test(flush_silent_package),
		cmocka_unit_test(flush_package_that_spoke),
		cmocka_unit_test(guarded_to_the_last_lp),
		cmocka_unit_test(violation_names),
		cmocka_unit_test(dwell),
		cmocka_unit_test(fault_first_call),
		cmocka_unit_test(fault_middle_calls),
		cmocka_unit_test(fault_for_good),
		cmocka_unit_test(fault_outcomes),
		cmocka_unit_test(fault_seamldr),
		cmocka_unit_test(fault_table_full),
	};

	return cmocka_run_group_tests_name("model_pamt", tests, NULL, NULL);
}
