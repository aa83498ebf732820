// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDs in the model: what each leaf does, and each status that it can return. The last two
 * tests check that none is missing, as in model_test.c.
 */
#include "model_case.h"
#include "td_rig.h"
#include "td_sha384.h"

#define A(leaf, status) { leaf, TDX_##status }
/* The statuses of the dispatcher; those for an operand that is a page; */
#define ANY(leaf)  A(leaf, OPERAND_INVALID), A(leaf, SYS_NOT_READY), \
		   A(leaf, SYS_LP_INIT_NOT_DONE), A(leaf, SUCCESS)
#define PAGES(leaf) ANY(leaf), A(leaf, OPERAND_ADDR_RANGE_ERROR), \
		   A(leaf, PAGE_METADATA_INCORRECT), A(leaf, OPERAND_BUSY)
/* those for the state of the TD or vCPU; */
#define TD(leaf)   PAGES(leaf), A(leaf, TD_KEYS_NOT_CONFIGURED), \
		   A(leaf, TDCS_NOT_ALLOCATED), A(leaf, OP_STATE_INCORRECT)
#define VCPU(leaf) PAGES(leaf), A(leaf, TD_KEYS_NOT_CONFIGURED), A(leaf, TDCX_NUM_INCORRECT)
/* those for the secure EPT. */
#define TREE(leaf) TD(leaf), A(leaf, EPT_WALK_FAILED), A(leaf, EPT_ENTRY_STATE_INCORRECT)

static const struct answer list[] = {
	PAGES(MNG_CREATE), A(MNG_CREATE, HKID_NOT_FREE),
	PAGES(MNG_KEY_CONFIG), A(MNG_KEY_CONFIG, LIFECYCLE_STATE_INCORRECT),
	A(MNG_KEY_CONFIG, KEY_CONFIGURED),
	PAGES(MNG_ADDCX), A(MNG_ADDCX, TD_KEYS_NOT_CONFIGURED), A(MNG_ADDCX, TDCX_NUM_INCORRECT),
	A(MNG_ADDCX, OP_STATE_INCORRECT),
	TD(MNG_INIT),
	TD(MNG_RD), A(MNG_RD, METADATA_FIELD_ID_INCORRECT),
	TD(MR_EXTEND), A(MR_EXTEND, EPT_ENTRY_NOT_PRESENT),
	TD(MR_FINALIZE), A(MR_FINALIZE, NO_VCPUS),
	TREE(MEM_SEPT_ADD), TREE(MEM_PAGE_ADD), TREE(MEM_PAGE_AUG),
	TREE(MEM_RANGE_BLOCK), A(MEM_RANGE_BLOCK, GPA_RANGE_ALREADY_BLOCKED),
	TD(MEM_TRACK), A(MEM_TRACK, PREVIOUS_TLB_EPOCH_BUSY),
	TREE(MEM_PAGE_REMOVE), A(MEM_PAGE_REMOVE, GPA_RANGE_NOT_BLOCKED),
	A(MEM_PAGE_REMOVE, TLB_TRACKING_NOT_DONE),
	TD(VP_CREATE),
	VCPU(VP_ADDCX), A(VP_ADDCX, VCPU_STATE_INCORRECT), A(VP_ADDCX, OP_STATE_INCORRECT),
	VCPU(VP_INIT), A(VP_INIT, VCPU_STATE_INCORRECT), A(VP_INIT, OP_STATE_INCORRECT),
	A(VP_INIT, MAX_VCPUS_EXCEEDED), A(VP_INIT, X2APIC_ID_NOT_UNIQUE),
	VCPU(VP_RD), A(VP_RD, VCPU_STATE_INCORRECT), A(VP_RD, VCPU_ASSOCIATED),
	A(VP_RD, METADATA_FIRST_FIELD_ID_IN_CONTEXT), A(MNG_RD, METADATA_FIRST_FIELD_ID_IN_CONTEXT),
	A(VP_RD, METADATA_FIELD_ID_INCORRECT), A(VP_RD, METADATA_FIELD_NOT_READABLE),
	VCPU(VP_WR), A(VP_WR, VCPU_STATE_INCORRECT), A(VP_WR, VCPU_ASSOCIATED),
	A(VP_WR, METADATA_FIELD_ID_INCORRECT), A(VP_WR, METADATA_FIELD_NOT_WRITABLE),
	A(VP_WR, METADATA_FIELD_VALUE_NOT_VALID),
	VCPU(VP_ENTER), A(VP_ENTER, VCPU_STATE_INCORRECT), A(VP_ENTER, VCPU_ASSOCIATED),
	A(VP_ENTER, OP_STATE_INCORRECT), A(VP_ENTER, TD_FATAL),
	VCPU(VP_FLUSH), A(VP_FLUSH, VCPU_NOT_ASSOCIATED),
	PAGES(MNG_VPFLUSHDONE), A(MNG_VPFLUSHDONE, LIFECYCLE_STATE_INCORRECT),
	A(MNG_VPFLUSHDONE, FLUSHVP_NOT_DONE),
	ANY(PHYMEM_CACHE_WB), A(PHYMEM_CACHE_WB, OPERAND_BUSY),
	A(PHYMEM_CACHE_WB, NO_HKID_READY_TO_WBCACHE), A(PHYMEM_CACHE_WB, WBCACHE_RESUME_ERROR),
	A(PHYMEM_CACHE_WB, INTERRUPTED_RESUMABLE),
	PAGES(MNG_KEY_FREEID), A(MNG_KEY_FREEID, LIFECYCLE_STATE_INCORRECT),
	A(MNG_KEY_FREEID, WBCACHE_NOT_COMPLETE),
	PAGES(PHYMEM_PAGE_RECLAIM), A(PHYMEM_PAGE_RECLAIM, LIFECYCLE_STATE_INCORRECT),
	A(PHYMEM_PAGE_RECLAIM, TD_ASSOCIATED_PAGES_EXIST),
	PAGES(PHYMEM_PAGE_WBINVD),
};

static bool seen[NR(list)];
static struct answers answers = { list, NR(list), seen };

/* Each leaf, and the register (0 RCX, 1 RDX, 2 none) with a page of the type that it wants. */
static const struct leaf {
	u64 leaf;
	u32 reg;
	u8 type;
} leaves[] = {
	{ MNG_CREATE, 0, PT_NDA }, { MNG_KEY_CONFIG, 0, PT_TDR }, { MNG_ADDCX, 1, PT_TDR },
	{ MNG_INIT, 0, PT_TDR }, { MNG_RD, 0, PT_TDR }, { MR_EXTEND, 1, PT_TDR },
	{ MR_FINALIZE, 0, PT_TDR }, { MEM_SEPT_ADD, 1, PT_TDR }, { MEM_PAGE_ADD, 1, PT_TDR },
	{ MEM_PAGE_AUG, 1, PT_TDR }, { MEM_RANGE_BLOCK, 1, PT_TDR }, { MEM_TRACK, 0, PT_TDR },
	{ MEM_PAGE_REMOVE, 1, PT_TDR }, { VP_CREATE, 1, PT_TDR }, { VP_ADDCX, 1, PT_TDVPR },
	{ VP_INIT, 0, PT_TDVPR }, { VP_RD, 0, PT_TDVPR }, { VP_WR, 0, PT_TDVPR },
	{ VP_ENTER, 0, PT_TDVPR }, { VP_FLUSH, 0, PT_TDVPR }, { MNG_VPFLUSHDONE, 0, PT_TDR },
	{ PHYMEM_CACHE_WB, 2, 0 }, { MNG_KEY_FREEID, 0, PT_TDR }, { PHYMEM_PAGE_RECLAIM, 0, PT_TDR },
	{ PHYMEM_PAGE_WBINVD, 0, PT_NDA },
};

static void note_status(u64 leaf, u64 status)
{
	/* An exit of a TD is a success. */
	for (size_t i = 0; i < NR(leaves); i++)
		if (leaves[i].leaf == (leaf & 0xffff))
			answers_note(&answers, leaves[i].leaf, status >> 32 ? status : 0);
}

/* A test of a TD on a machine of @profile, built as far as @step, e.g. td_created. */
#define TD_TEST(name, profile, step) TEST_CASE(name, profile, profile, td_up, step)
/* A test of one call: the arguments of expect(). */
#define TD_TEST_CALL(name, step, ...) \
	TD_TEST(name, TDXM_1_5_01, step) { expect(r, __VA_ARGS__); }

#define MD_CHLDCNT	0x8010000300000004
#define MD_OP_STATE	0x9010000200000004
#define MD_MRTD		0x1310000300000000
#define MD_CPUID	0x9410000300000000
#define MD_VCPU_STATE	0xa020000000000000
#define MD_NUM_TDVPX	0xa020000000000003
#define MD_VCPU_INDEX	0xa020000200000002
#define MD_ASSOC_LP	0xa020000200000004
#define MD_PEND_NMI	0x202000000000000b
#define MD_NO_VP_FIELD	0xa020000000000099

/* The state and level of a secure EPT entry. */
enum { FREE, BLOCKED, PENDING, MAPPED = 4, NL_BLOCKED = 129, NL_MAPPED = 132 };
enum { LEVEL_4K, LEVEL_2M, LEVEL_1G, LEVEL_512G };
/*
 * A call with @gpa in RCX and the TD in RDX that fails with TDX_@status, for the entry of the
 * secure EPT that the walk ends at: RDX has its state and level then, and RCX the entry.
 */
#define expect_entry(r, state, level, status, leaf, gpa, ...) \
	expect_out(r, rdx, (state) << 8 | (level), TDX_##status | RCX, leaf, gpa, TDR, __VA_ARGS__)
#define SHARED_GPA	(1ULL << 47)
#define VERSION_1	(1 << 16)
#define BIG		(4 * GB + 16 * MB)	/* a page of 2 MB */

/* Why TDH.VP.ENTER returned. */
enum { EXIT_INTERRUPT = 1, EXIT_CPUID = 10, EXIT_EPT_VIOLATION = 48, EXIT_TDCALL = 77 };

/* From now on the vCPU makes these exits. */
#define play(r, ...) do { \
		const struct tdxm_regs exits_[] = { __VA_ARGS__ }; \
		assert_int_equal(tdxm_set_exits((r)->m, exits_, NR(exits_)), 0); \
	} while (0)

static void write_back_both(struct rig *r)
{
	expect(r, TDX_SUCCESS, PHYMEM_CACHE_WB);
	expect_on(r, 2, TDX_SUCCESS, PHYMEM_CACHE_WB);
}

static void block_track_remove(struct rig *r, u64 gpa)
{
	expect(r, TDX_SUCCESS, MEM_RANGE_BLOCK, gpa, TDR);
	expect(r, TDX_SUCCESS, MEM_TRACK, TDR);
	expect(r, TDX_SUCCESS, MEM_PAGE_REMOVE, gpa, TDR);
}

static void expect_field(struct rig *r, u64 leaf, u64 page, u64 id, u64 value)
{
	expect_out(r, r8, value, TDX_SUCCESS, leaf, page, id);
}

static u32 touched(struct rig *r)
{
	return (u32)tdxm_violations(r->m, TDXM_V_TD_PAGE_TOUCHED);
}

/* Ends @nr TDs that own only their TDRs, from PAGE(@first) on. */
static void end_tds(struct rig *r, u32 first, u32 nr)
{
	for (u32 i = first; i < first + nr; i++)
		expect(r, TDX_SUCCESS, MNG_VPFLUSHDONE, PAGE(i));
	write_back_both(r);
	for (u32 i = first; i < first + nr; i++) {
		expect(r, TDX_SUCCESS, MNG_KEY_FREEID, PAGE(i));
		expect(r, TDX_SUCCESS, PHYMEM_PAGE_RECLAIM, PAGE(i));
	}
}

static void all_back(struct rig *r)
{
	assert_int_equal(tdxm_nr_tds(r->m), 0);
	assert_int_equal(tdxm_nr_keyids_used(r->m), 0);
	for (u32 n = 0; n < 1024; n++)
		td_assert_page(r, PAGE(n), PT_NDA);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
	assert_int_equal(violations(r), 0);
}

static void td_ends(struct rig *r)
{
	td_destroy(r);
	all_back(r);
}

TEST(any_not_ready, TDXM_1_5_01, to_lps)
{
	for (size_t i = 0; i < NR(leaves); i++)
		expect(r, TDX_SYS_NOT_READY, leaves[i].leaf, TDR, TDR);
}

TEST(any_lp_not_done, TDXM_NEXT, to_packages)
{
	good_config(r);
	flush_pamts(r);
	key_packages(r);
	for (size_t i = 0; i < NR(leaves); i++)
		expect_on(r, 1, TDX_SYS_LP_INIT_NOT_DONE, leaves[i].leaf, TDR, TDR);
}

/* Leaves that have a version 1. */
static bool has_version_1(u64 leaf, enum tdxm_profile profile)
{
	return leaf == MEM_SEPT_ADD || leaf == MNG_RD || leaf == VP_RD ||
	       (leaf == VP_INIT && profile >= TDXM_1_5_34);
}

TEST_EACH(any_version, TDXM_1_5_01, TDXM_NEXT, to_ready)
{
	for (size_t i = 0; i < NR(leaves); i++) {
		bool known = has_version_1(leaves[i].leaf, r->machine.profile);
		u64 status = td_call(r, 0, leaves[i].leaf | VERSION_1, 1, 1ULL << 63, 0, 0);

		assert_int_equal(status == TDX_OPERAND_INVALID, !known);
		/* No leaf has a version 2. */
		expect(r, TDX_OPERAND_INVALID, leaves[i].leaf | 2 * VERSION_1, 1, 1ULL << 63);
	}
}

/* A call with @pa as the TDR or TDVPR, or as the page that becomes the TDR. */
static void expect_page(struct rig *r, const struct leaf *l, u64 status, u64 pa)
{
	if (l->reg)
		expect(r, status | RDX, l->leaf, 0, pa);
	else
		expect(r, status | RCX, l->leaf, pa, l->leaf == MNG_CREATE ? KEYID + 1 : 0);
}

TD_TEST(any_page, TDXM_1_5_01, td_runnable)
{
	for (size_t i = 0; i < NR(leaves); i++) {
		const struct leaf *l = &leaves[i];

		if (l->reg == 2)
			continue;
		expect_page(r, l, TDX_OPERAND_INVALID, PAGE(0) + 64);
		expect_page(r, l, TDX_OPERAND_INVALID, 1ULL << 52);
		expect_page(r, l, TDX_OPERAND_ADDR_RANGE_ERROR, 2 * GB);
		/* This TDMR is not initialised. */
		expect_page(r, l, TDX_OPERAND_ADDR_RANGE_ERROR, 5 * GB);
		expect_page(r, l, TDX_PAGE_METADATA_INCORRECT, l->type == PT_NDA ? DATA(0) : SPARE);
		if (l->leaf == PHYMEM_PAGE_WBINVD)
			continue;	/* it strips the KeyID */
		expect_page(r, l, TDX_OPERAND_INVALID, SPARE | KEYID_PA(1));
	}
	assert_int_equal(violations(r), 0);
}

TEST(create, TDXM_1_5_01, td_up)
{
	expect_each(r, TDX_OPERAND_INVALID | RDX, { MNG_CREATE, TDR }, { MNG_CREATE, TDR, 15 },
		    { MNG_CREATE, TDR, 64 }, { MNG_CREATE, TDR, 1 << 16 | KEYID });
	expect(r, TDX_HKID_NOT_FREE, MNG_CREATE, TDR, GLOBAL_KEYID);
	td_assert_page(r, TDR, PT_NDA);
	td_created(r);
	td_assert_page(r, TDR, PT_TDR);
	expect(r, TDX_HKID_NOT_FREE, MNG_CREATE, SPARE, KEYID);
	expect(r, TDX_PAGE_METADATA_INCORRECT | RCX, MNG_CREATE, TDR, KEYID + 1);
	assert_int_equal(tdxm_nr_tds(r->m), 1);
	assert_int_equal(tdxm_nr_keyids_used(r->m), 1);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
}

/* TDH.SYS.CONFIG reserves the KeyID even if it fails. */
TEST(create_after_refused_config, TDXM_1_5_01, to_lps)
{
	good_tdmrs(r);
	tdmr(r, 1)->size = 0;
	expect(r, TDX_INVALID_TDMR | 1, SYS_CONFIG, TDMR_ARRAY_PA, 2, KEYID);
	good_config(r);
	flush_pamts(r);
	key_packages(r);
	init_tdmr(r, 4 * GB, 0);
	expect(r, TDX_HKID_NOT_FREE, MNG_CREATE, TDR, KEYID);
	expect(r, TDX_SUCCESS, MNG_CREATE, TDR, KEYID + 1);
}

TD_TEST(key_config, TDXM_1_5_01, td_created)
{
	expect(r, TDX_SUCCESS, MNG_KEY_CONFIG, TDR);
	expect_on(r, 1, TDX_KEY_CONFIGURED, MNG_KEY_CONFIG, TDR);
	expect(r, TDX_TD_KEYS_NOT_CONFIGURED, MNG_ADDCX, TDCX(0), TDR);
	expect_on(r, 3, TDX_SUCCESS, MNG_KEY_CONFIG, TDR);
	expect_on(r, 2, TDX_LIFECYCLE_STATE_INCORRECT, MNG_KEY_CONFIG, TDR);
}

TD_TEST(addcx, TDXM_1_5_01, td_keyed)
{
	expect(r, TDX_OPERAND_BUSY | RCX, MNG_ADDCX, TDR, TDR);
	td_add_pages(r, MNG_ADDCX, TDR, 100, 9);
	td_assert_page(r, PAGE(108), PT_TDCX);
	assert_int_equal(r->out.rdx, TDR);
	expect(r, TDX_TDCX_NUM_INCORRECT, MNG_ADDCX, SPARE, TDR);
}

TD_TEST(addcx_after_init, TDXM_1_5_01, td_initialised)
{
	expect(r, TDX_PAGE_METADATA_INCORRECT | RCX, MNG_ADDCX, TDCX(0), TDR);
	expect(r, TDX_OP_STATE_INCORRECT, MNG_ADDCX, SPARE, TDR);
	td_assert_page(r, SPARE, PT_NDA);
}

/* Leaves that need a complete TD. */
static const u64 td_leaves[] = {
	MNG_INIT, MNG_RD, MR_EXTEND, MR_FINALIZE, MEM_SEPT_ADD, MEM_PAGE_ADD,
	MEM_PAGE_AUG, MEM_RANGE_BLOCK, MEM_TRACK, MEM_PAGE_REMOVE, VP_CREATE,
};

/* All but @but return @status. */
#define LEAVES_TEST(when, step, status, but) \
	TD_TEST(leaves_##when, TDXM_1_5_01, step) \
	{ \
		for (size_t i = 0; i < NR(td_leaves); i++) \
			if (td_leaves[i] != (but)) \
				expect(r, status, td_leaves[i], TDR, TDR); \
	}
LEAVES_TEST(without_keys, td_created, TDX_TD_KEYS_NOT_CONFIGURED, 0)
LEAVES_TEST(without_tdcs, td_keyed, TDX_TDCS_NOT_ALLOCATED, 0)
LEAVES_TEST(before_init, td_allocated, TDX_OP_STATE_INCORRECT, MNG_INIT)

TD_TEST_CALL(enter_before_finalize, td_with_vp, TDX_OP_STATE_INCORRECT, VP_ENTER, TDVPR)

/* A TD whose page its host is known to have written. */
TD_TEST(enter_fatal, TDXM_1_5_01, td_runnable)
{
	tdxm_page_touched(r->m, 0, DATA(0), true);
	assert_int_equal(touched(r), 1);
	expect(r, TDX_TD_FATAL, VP_ENTER, TDVPR);
	td_destroy(r);
}

TD_TEST(leaves_after_finalize, TDXM_1_5_01, td_runnable)
{
	expect_each(r, TDX_OP_STATE_INCORRECT, { MNG_INIT, TDR, TDR }, { MR_EXTEND, TDR, TDR },
		    { MR_FINALIZE, TDR, TDR }, { MEM_PAGE_ADD, TDR, TDR }, { VP_CREATE, TDR, TDR },
		    { VP_ADDCX, SPARE, TDVPR }, { VP_INIT, TDVPR });
}

struct param {
	u16 offset;
	u8 value;
};

/* TDH.MNG.INIT of good parameters with these changes must return @status. */
#define expect_init(r, status, ...) do { \
		const struct param changed_[] = { __VA_ARGS__ }; \
		td_good_params(r); \
		for (size_t i_ = 0; i_ < NR(changed_); i_++) \
			(r)->ram[PARAMS_PA + changed_[i_].offset] = changed_[i_].value; \
		expect(r, status, MNG_INIT, TDR, PARAMS_PA); \
	} while (0)

TD_TEST(params, TDXM_1_5_01, td_allocated)
{
	static const u64 leaves[] = { [0] = 0xffffffff00000001, [5] = 7, [9] = 0xffffffff80000008 };
	static const struct { struct param p; u32 operand; } bad[] = {
		{ { 0, 0x02 }, 64 },		/* ATTRIBUTES */
		{ { 8, 0x01 }, 65 },		/* XFAM without SSE */
		{ { 8, 0x23 }, 65 },		/* one part of AVX-512 */
		{ { 8, 0xe3 }, 65 },		/* AVX-512 without AVX */
		{ { 16, 0 }, 68 },			/* MAX_VCPUS */
		{ { 18, 4 }, 71 },			/* NUM_L2_VMS */
		{ { 19, 1 }, RDX },
		{ { 24, 3 << 3 }, 67 },		/* EPTP: uncacheable */
		{ { 24, 6 | 2 << 3 }, 67 },		/* three levels */
		{ { 24, 6 | 5 << 3 }, 67 }, { { 25, 1 }, 67 },
		{ { 32, 1 }, 67 },			/* GPAW wants five levels */
		{ { 32, 8 }, 66 },			/* CONFIG_FLAGS: MAXPA_VIRT */
		{ { 40, 3 }, 70 },			/* TSC_FREQUENCY */
		{ { 41, 2 }, 70 }, { { 42, 1 }, RDX }, { { 240, 1 }, RDX },
		{ { 256 + 3, 0x80 }, 69 },		/* CPUID(1).EAX */
		{ { 256 + 5 * 16, 0x01 }, 69 },	/* CPUID(7).EAX */
		{ { 256 + 9 * 16 + 4, 1 }, 69 },	/* CPUID(0x80000008).EBX */
		{ { 256 + 12 * 16, 1 }, RDX },	/* a thirteenth leaf */
		{ { 1023, 1 }, RDX },
	};

	expect_each(r, TDX_OPERAND_INVALID | RDX, { MNG_INIT, TDR, PARAMS_PA + 512 },
		    { MNG_INIT, TDR, PARAMS_PA | KEYID_PA(KEYID) }, { MNG_INIT, TDR, 16 * GB });
	for (size_t i = 0; i < NR(bad); i++) {
		expect_init(r, TDX_OPERAND_INVALID | bad[i].operand, bad[i].p);
		assert_int_equal(r->out.rcx, bad[i].operand == 69 ?
				 leaves[(bad[i].p.offset - 256) / 16] : 0);
	}
	/* An L2 VM needs one more page. */
	expect_init(r, TDX_TDCS_NOT_ALLOCATED, { 18, 1 });
	expect_init(r, TDX_SUCCESS, { 8, 0xe7 }, { 24, 6 | 4 << 3 }, { 32, 1 });
}

TD_TEST(params_no_rbp_mod, TDXM_NEXT, td_allocated)
{
	expect_init(r, TDX_SUCCESS, { 32, 4 });
}

TD_TEST(cpuid_values, TDXM_1_5_01, td_allocated)
{
	static const struct { u32 code; u64 value; } t[] = {
		{ 0x1fe, 0x21 }, { 0x1ff, 0 },			/* the highest leaf */
		{ 0x101fe, 0x80000008 },
		{ 1 << 9 | 0x1fe, 0x0012000000000567 },
		/* Chosen: TSC deadline timer; and what every TD has. */
		{ 1 << 9 | 0x1ff, 0x07a9fbffc7faa217 },
		{ 7 << 9, 0 }, { 7 << 9 | 1, 0x400 },
		{ 0x10000 | 8 << 9 | 0x1fe, 0x0000020000000000 },
	};
	/* A leaf with subleaves without one; no such subleaf; no such leaf; reserved bits. */
	static const u32 none[] = {
		7 << 9 | 0x1fe, 7 << 9 | 6, 2 << 9 | 0x1fe, 1 << 9, 0x21fe, 0x201fe
	};

	/* CPUID(1).EAX, EBX, ECX; CPUID(7).ECX; CPUID(0x80000008).EBX */
	expect_init(r, TDX_SUCCESS, { 256, 0x67 }, { 257, 0x05 }, { 256 + 6, 0x12 },
		    { 256 + 11, 0x01 }, { 256 + 5 * 16 + 9, 0x04 }, { 256 + 9 * 16 + 5, 0x02 });
	for (size_t i = 0; i < NR(t); i++)
		expect_out(r, r8, t[i].value, TDX_SUCCESS, MNG_RD, TDR, MD_CPUID | t[i].code);
	for (size_t i = 0; i < NR(none); i++)
		expect(r, TDX_METADATA_FIELD_ID_INCORRECT, MNG_RD, TDR, MD_CPUID | none[i]);
	expect_field(r, MNG_RD, TDR, 0x110000000000000a, 0);	/* TSC_OFFSET */
	expect_field(r, MNG_RD, TDR, 0x110000000000000b, 1ULL << 48);	/* TSC_MULTIPLIER */
}

TD_TEST(mng_rd, TDXM_1_5_01, td_runnable)
{
	static const struct { u64 id, value; } fields[] = {
		{ 0x8010000200000002, 6 },		/* NUM_TDCX */
		{ 0x8010000200000005, 1 },		/* LIFECYCLE_STATE */
		{ 0x8010000000000001, 0 },		/* FATAL */
		{ 0x8110000100000001, KEYID },
		{ 0x9010000200000001, 1 },		/* NUM_VCPUS */
		{ 0x9010000200000002, 1 },
		{ MD_OP_STATE, 2 },			/* runnable */
		{ 0x1110000300000000, 0 },		/* ATTRIBUTES */
		{ 0x1110000300000001, 3 },		/* XFAM */
		{ 0x1110000200000002, 2 },		/* MAX_VCPUS */
		{ 0x1110000000000003, 0 },		/* GPAW */
		{ 0x9210000300000000, 1 },		/* TD_EPOCH */
		/* 6 TDCX, 6 of the vCPU, 3 of the secure EPT, one page */
		{ MD_CHLDCNT, 16 },
		{ 0x1310000300000010, 0xc1c1c1c1c1c1c1c1 },
		{ 0x1310000300000018, 0x0e0e0e0e0e0e0e0e },
		{ 0x1310000300000025, 0 },		/* the last of MROWNERCONFIG */
	};

	for (size_t i = 0; i < NR(fields); i++)
		expect_out(r, r8, fields[i].value, TDX_SUCCESS, MNG_RD, TDR, fields[i].id, 99);
	expect_out(r, r8, 0, TDX_METADATA_FIELD_ID_INCORRECT, MNG_RD, TDR, 0x1310000300000006, 99);
	expect_each(r, TDX_METADATA_FIELD_ID_INCORRECT, { MNG_RD, TDR, 0x1310000300000008 },
		    { MNG_RD, TDR, 0x1310000300000028 }, { MNG_RD, TDR, ~0ULL },
		    { MNG_RD, TDR, 1ULL << 55 | 2 });
}

static void assert_digest(const u64 digest[6], const char *hex)
{
	const u8 *byte = (const u8 *)digest;
	unsigned int want;

	for (u32 i = 0; i < 48; i++) {
		assert_int_equal(sscanf(hex + 2 * i, "%2x", &want), 1);
		assert_int_equal(byte[i], want);
	}
}

/* The digests of FIPS 180-4 for an empty message and one of two blocks. */
TEST(sha384, TDXM_1_5_01, started)
{
	struct tdxm_sha384 s;
	u8 message[256];
	u64 digest[6];

	for (u32 i = 0; i < 256; i++)
		message[i] = (u8)i;
	tdxm_sha384_init(&s);
	tdxm_sha384_final(&s, digest);
	assert_digest(digest, "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
		      "274edebfe76f65fbd51ad2f14898b95b");
	tdxm_sha384_init(&s);
	tdxm_sha384_block(&s, message);
	tdxm_sha384_block(&s, message + 128);
	tdxm_sha384_final(&s, digest);
	assert_digest(digest, "ffdaebff65ed05cf400f0221c4ccfb4b2104fb6a51f87e40be6c4309386bfdec"
		      "2892e9179b34632331a59592737db5c5");
}

/* Three pages, two of them extended. Another program has computed the digest. */
TD_TEST(mrtd, TDXM_1_5_01, td_with_sept)
{
	u64 got[6];

	for (u32 n = 0; n < 3; n++) {
		for (u32 i = 0; i < 4096; i++)
			r->ram[SOURCE_PA + i] = (u8)(n * 7 + i * 13);
		td_with_page(r, n);
		for (u32 i = 0; i < 4096 && n != 1; i += 256)
			expect(r, TDX_SUCCESS, MR_EXTEND, n * 4096 + i, TDR);
	}
	expect(r, TDX_SUCCESS, MR_FINALIZE, TDR);
	for (u32 i = 0; i < 6; i++) {
		expect(r, TDX_SUCCESS, MNG_RD, TDR, MD_MRTD + i);
		got[i] = r->out.r8;
	}
	assert_digest(got, "547b3e888f5793bf9b1adbcb0f1b17eab732113f8e7c953b2495060447a68a34"
		      "67821bc0fe940e4a3c0a3cf87d8f4851");
}

TD_TEST_CALL(finalize_without_vcpu, td_initialised, TDX_NO_VCPUS, MR_FINALIZE, TDR)

TD_TEST(extend, TDXM_1_5_01, td_with_sept)
{
	td_with_page(r, 0);
	expect_each(r, TDX_OPERAND_INVALID | RCX, { MR_EXTEND, 128, TDR },
		    { MR_EXTEND, SHARED_GPA, TDR });
	expect_entry(r, FREE, LEVEL_1G, EPT_ENTRY_NOT_PRESENT, MR_EXTEND, 1 * GB);
	assert_int_equal(r->out.rcx, 0);
	expect_entry(r, FREE, LEVEL_4K, EPT_ENTRY_NOT_PRESENT, MR_EXTEND, 4096);
	assert_int_equal(r->out.rcx, 0);
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, 4096, TDR, SPARE);
	expect_out(r, rdx, 0, TDX_EPT_ENTRY_NOT_PRESENT, MR_EXTEND, 4096, TDR);
	expect(r, TDX_SUCCESS, MR_EXTEND, 0xf00, TDR);
}

TD_TEST(sept_add, TDXM_1_5_01, td_initialised)
{
	/* Level, alignment, shared half, reserved bits. */
	expect_each(r, TDX_OPERAND_INVALID | RCX, { MEM_SEPT_ADD, 0, TDR, SEPT(0) },
		    { MEM_SEPT_ADD, 4, TDR, SEPT(0) }, { MEM_SEPT_ADD, 4096 | 1, TDR, SEPT(0) },
		    { MEM_SEPT_ADD, SHARED_GPA | LEVEL_512G, TDR, SEPT(0) },
		    { MEM_SEPT_ADD, 1ULL << 52 | LEVEL_512G, TDR, SEPT(0) },
		    { MEM_SEPT_ADD, 8 | LEVEL_512G, TDR, SEPT(0) });
	/* The upper levels have to be there first. */
	expect_entry(r, FREE, LEVEL_512G, EPT_WALK_FAILED, MEM_SEPT_ADD, LEVEL_2M, SEPT(0));
	assert_int_equal(r->out.rcx, 0);
	expect(r, TDX_PAGE_METADATA_INCORRECT | R8, MEM_SEPT_ADD, LEVEL_512G, TDR, TDCX(0));
	expect(r, TDX_OPERAND_INVALID | R8, MEM_SEPT_ADD, LEVEL_512G, TDR, SEPT(0) + 1);
	expect(r, TDX_OPERAND_ADDR_RANGE_ERROR | R8, MEM_SEPT_ADD, LEVEL_512G, TDR, 2 * GB);
	expect(r, TDX_SUCCESS, MEM_SEPT_ADD, LEVEL_512G, TDR, SEPT(0));
	td_assert_page(r, SEPT(0), PT_EPT);
	expect_entry(r, NL_MAPPED, LEVEL_512G, EPT_ENTRY_STATE_INCORRECT,
		     MEM_SEPT_ADD, LEVEL_512G, SPARE);
	td_assert_page(r, SPARE, PT_NDA);
	expect(r, TDX_SUCCESS, MEM_SEPT_ADD, 512 * GB | LEVEL_512G, TDR, SEPT(1));
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
}

TD_TEST(page_add, TDXM_1_5_01, td_with_sept)
{
	memset(r->ram + SOURCE_PA, 0x5a, 4096);
	expect_each(r, TDX_OPERAND_INVALID | RCX, { MEM_PAGE_ADD, 1, TDR, DATA(0), SOURCE_PA },
		    { MEM_PAGE_ADD, SHARED_GPA, TDR, DATA(0), SOURCE_PA });
	expect_entry(r, FREE, LEVEL_2M, EPT_WALK_FAILED, MEM_PAGE_ADD, 2 * MB, DATA(0), SOURCE_PA);
	expect_each(r, TDX_OPERAND_INVALID | R9, { MEM_PAGE_ADD, 0, TDR, DATA(0), SOURCE_PA + 8 },
		    { MEM_PAGE_ADD, 0, TDR, DATA(0), SOURCE_PA | KEYID_PA(KEYID) });
	expect(r, TDX_PAGE_METADATA_INCORRECT | R8, MEM_PAGE_ADD, 0, TDR, TDVPR, SOURCE_PA);
	expect(r, TDX_OPERAND_ADDR_RANGE_ERROR | R8, MEM_PAGE_ADD, 0, TDR, 1 * GB, SOURCE_PA);
	td_with_page(r, 0);
	td_assert_page(r, DATA(0), PT_REG);
	assert_int_equal(r->out.rdx, TDR);
	/* The host reads ciphertext. */
	for (u32 i = 0; i < 4096; i += 8)
		assert_int_not_equal(*(u64 *)(r->ram + DATA(0) + i), 0x5a5a5a5a5a5a5a5a);
	expect_entry(r, MAPPED, LEVEL_4K, EPT_ENTRY_STATE_INCORRECT,
		     MEM_PAGE_ADD, 0, DATA(1), SOURCE_PA);
	assert_int_equal(r->out.rcx, DATA(0) | 0x87);
	/* The source may be the page itself. */
	expect(r, TDX_SUCCESS, MEM_PAGE_ADD, 4096, TDR, DATA(1), DATA(1));
	assert_int_equal(violations(r), 0);
}

TD_TEST(page_aug, TDXM_1_5_01, td_runnable)
{
	expect(r, TDX_OPERAND_INVALID | RCX, MEM_PAGE_AUG, 2, TDR, DATA(1));
	expect(r, TDX_EPT_WALK_FAILED | RCX, MEM_PAGE_AUG, 2 * MB, TDR, DATA(1));
	expect(r, TDX_PAGE_METADATA_INCORRECT | R8, MEM_PAGE_AUG, 4096, TDR, DATA(0));
	expect(r, TDX_EPT_ENTRY_STATE_INCORRECT | RCX, MEM_PAGE_AUG, 0, TDR, DATA(1));
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, 4096, TDR, DATA(1));
	expect_entry(r, PENDING, LEVEL_4K, EPT_ENTRY_STATE_INCORRECT, MEM_PAGE_AUG, 4096, DATA(2));
	td_ends(r);
}

/* 2 MB at once take 512 free pages. */
TD_TEST(page_aug_2m, TDXM_1_5_01, td_runnable)
{
	expect(r, TDX_OPERAND_INVALID | R8, MEM_PAGE_AUG, 2 * MB | LEVEL_2M, TDR, BIG + 4096);
	expect(r, TDX_PAGE_METADATA_INCORRECT | R8, MEM_PAGE_AUG, 2 * MB | LEVEL_2M, TDR, 4 * GB);
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, 2 * MB | LEVEL_2M, TDR, BIG);
	td_assert_page(r, BIG, PT_REG);
	td_assert_page(r, BIG + 8192, PT_REG);
	assert_int_equal(r->out.r8, 1);
	expect(r, TDX_PAGE_METADATA_INCORRECT | RCX, MNG_CREATE, BIG + 4096, KEYID + 1);
	expect(r, TDX_PAGE_METADATA_INCORRECT | R8, MEM_PAGE_AUG, 4 * MB | LEVEL_2M, TDR, BIG);
	expect_field(r, MNG_RD, TDR, MD_CHLDCNT, 16 + 512);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
	block_track_remove(r, 2 * MB | LEVEL_2M);
	assert_int_equal(r->out.rcx, BIG);
	expect_field(r, MNG_RD, TDR, MD_CHLDCNT, 16);
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, 2 * MB | LEVEL_2M, TDR, BIG);
	/* The 2 MB can only be reclaimed as a whole. */
	expect_out(r, r8, 1, TDX_OPERAND_INVALID | RCX, PHYMEM_PAGE_RECLAIM, BIG + 4096);
	expect_each(r, TDX_SUCCESS, { VP_FLUSH, TDVPR }, { MNG_VPFLUSHDONE, TDR });
	write_back_both(r);
	expect_each(r, TDX_SUCCESS, { MNG_KEY_FREEID, TDR }, { PHYMEM_PAGE_RECLAIM, BIG });
	td_assert_page(r, BIG + 4096, PT_NDA);
	assert_int_equal(violations(r), 0);
}

TD_TEST(block_track_and_remove, TDXM_1_5_01, td_runnable)
{
	expect(r, TDX_OPERAND_INVALID | RCX, MEM_PAGE_REMOVE, 3, TDR);
	expect(r, TDX_EPT_WALK_FAILED | RCX, MEM_PAGE_REMOVE, 1 * GB, TDR);
	expect_each(r, TDX_EPT_ENTRY_STATE_INCORRECT | RCX, { MEM_PAGE_REMOVE, LEVEL_2M, TDR },
		    { MEM_PAGE_REMOVE, 4096, TDR });
	expect_out(r, rcx, DATA(0) | 0x87, TDX_GPA_RANGE_NOT_BLOCKED | RCX, MEM_PAGE_REMOVE, 0, TDR);

	expect(r, TDX_OPERAND_INVALID | RCX, MEM_RANGE_BLOCK, 4, TDR);
	expect(r, TDX_EPT_WALK_FAILED | RCX, MEM_RANGE_BLOCK, 1 * GB, TDR);
	expect(r, TDX_EPT_ENTRY_STATE_INCORRECT | RCX, MEM_RANGE_BLOCK, 4096, TDR);
	expect(r, TDX_SUCCESS, MEM_RANGE_BLOCK, 0, TDR);
	expect_entry(r, BLOCKED, LEVEL_4K, GPA_RANGE_ALREADY_BLOCKED, MEM_RANGE_BLOCK, 0);

	expect(r, TDX_TLB_TRACKING_NOT_DONE | RCX, MEM_PAGE_REMOVE, 0, TDR);
	expect(r, TDX_SUCCESS, MEM_TRACK, TDR);
	expect_out(r, rcx, DATA(0), TDX_SUCCESS, MEM_PAGE_REMOVE, 0, TDR);
	td_assert_page(r, DATA(0), PT_NDA);
	expect(r, TDX_SUCCESS, PHYMEM_PAGE_WBINVD, DATA(0) | KEYID_PA(KEYID));
	/* Blocking a page table blocks all that it maps. */
	expect(r, TDX_SUCCESS, MEM_RANGE_BLOCK, LEVEL_2M, TDR);
	expect_entry(r, NL_BLOCKED, LEVEL_2M, GPA_RANGE_ALREADY_BLOCKED, MEM_RANGE_BLOCK, LEVEL_2M);
	expect(r, TDX_EPT_WALK_FAILED | RCX, MEM_PAGE_AUG, 0, TDR, DATA(0));
	td_ends(r);
}

/* Before TDH.MR.FINALIZE no vCPU has run: no need to block and track. */
TD_TEST(remove_before_finalize, TDXM_1_5_01, td_with_sept)
{
	td_with_page(r, 3);
	expect_out(r, rcx, DATA(3), TDX_SUCCESS, MEM_PAGE_REMOVE, 3 * 4096, TDR);
	td_with_page(r, 3);
	td_ends(r);
}

TD_TEST(vp_build, TDXM_NEXT, td_initialised)
{
	expect(r, TDX_OPERAND_BUSY | RCX, VP_CREATE, TDR, TDR);
	expect(r, TDX_PAGE_METADATA_INCORRECT | RCX, VP_CREATE, TDCX(0), TDR);
	expect(r, TDX_SUCCESS, VP_CREATE, TDVPR, TDR);
	td_assert_page(r, TDVPR, PT_TDVPR);
	expect(r, TDX_PAGE_METADATA_INCORRECT | RCX, VP_ADDCX, TDCX(0), TDVPR);
	td_add_pages(r, VP_ADDCX, TDVPR, 17, 4);
	expect_each(r, TDX_TDCX_NUM_INCORRECT, { VP_INIT_V1, TDVPR, 0, 7 },
		    { VP_RD, TDVPR, MD_VCPU_INDEX }, { VP_WR, TDVPR, MD_VCPU_INDEX },
		    { VP_FLUSH, TDVPR });
	td_add_pages(r, VP_ADDCX, TDVPR, 204, 10);
	expect(r, TDX_TDCX_NUM_INCORRECT, VP_ADDCX, SPARE, TDVPR);
	expect_each(r, TDX_VCPU_STATE_INCORRECT, { VP_RD, TDVPR, MD_VCPU_INDEX },
		    { VP_WR, TDVPR, MD_PEND_NMI });
	expect(r, TDX_OPERAND_INVALID | R8, VP_INIT_V1, TDVPR, 0, 1ULL << 32);
	expect(r, TDX_SUCCESS, VP_INIT_V1, TDVPR, 0, 7);
	expect_each(r, TDX_VCPU_STATE_INCORRECT, { VP_INIT_V1, TDVPR, 0, 7 },
		    { VP_ADDCX, SPARE, TDVPR });
	td_ends(r);
}

TD_TEST(vp_max, TDXM_1_5_01, td_with_vp)
{
	td_build_vp(r, 300);
	expect(r, TDX_SUCCESS, VP_INIT, PAGE(300));
	expect_field(r, VP_RD, PAGE(300), MD_VCPU_INDEX, 1);
	td_build_vp(r, 310);
	expect(r, TDX_MAX_VCPUS_EXCEEDED, VP_INIT, PAGE(310));
}

/* Version 1 sets the x2APIC ID, which must be unique in the TD. */
TD_TEST(vp_x2apicid, TDXM_NEXT, td_initialised)
{
	td_build_vp(r, 300);
	td_build_vp(r, 310);
	expect(r, TDX_SUCCESS, VP_INIT_V1, PAGE(300), 0, 7);
	expect(r, TDX_X2APIC_ID_NOT_UNIQUE | 7, VP_INIT_V1, PAGE(310), 0, 7);
	expect(r, TDX_SUCCESS, VP_INIT_V1, PAGE(310), 0, 8);
}

TD_TEST(vp_incomplete, TDXM_1_5_01, td_with_sept)
{
	expect(r, TDX_SUCCESS, VP_CREATE, PAGE(300), TDR);
	td_build_vp(r, 310);
	expect(r, TDX_SUCCESS, MR_FINALIZE, TDR);
	expect(r, TDX_TDCX_NUM_INCORRECT, VP_ENTER, PAGE(300));
	expect(r, TDX_VCPU_STATE_INCORRECT, VP_ENTER, PAGE(310));
}

/* From the null id, version 1 leads through all fields and back to the null id. */
static u32 nr_fields(struct rig *r, u64 leaf, u64 object)
{
	u64 last = 0, id;
	u32 n;

	expect(r, TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT, leaf | VERSION_1, object, ~0ULL);
	for (n = 0; r->out.rdx != ~0ULL; n++) {
		id = r->out.rdx;
		assert_true(id > last);
		last = id;
		expect(r, TDX_SUCCESS, leaf | VERSION_1, object, id);
	}
	return n;
}

TD_TEST(vp_fields, TDXM_1_5_01, td_with_vp)
{
	assert_int_equal(nr_fields(r, MNG_RD, TDR), 15 + 24 + 4 + 2 * 12);
	assert_int_equal(nr_fields(r, VP_RD, TDVPR), 10);
	/* Only a debug TD shows VCPU_STATE. */
	expect(r, TDX_METADATA_FIELD_NOT_READABLE, VP_RD, TDVPR, MD_VCPU_STATE);
	expect_field(r, VP_RD, TDVPR, MD_NUM_TDVPX, 6);
	expect_field(r, VP_RD, TDVPR, MD_ASSOC_LP, 0);
	expect(r, TDX_SUCCESS, VP_RD, TDVPR, 0x9120000300000100);
	expect(r, TDX_METADATA_FIELD_ID_INCORRECT, VP_RD, TDVPR, MD_NO_VP_FIELD);
	expect_out(r, r8, 0, TDX_SUCCESS, VP_WR, TDVPR, MD_PEND_NMI, 1, 1);
	expect_out(r, r8, 1, TDX_SUCCESS, VP_WR, TDVPR, MD_PEND_NMI);
	expect_out(r, r8, 0, TDX_METADATA_FIELD_VALUE_NOT_VALID, VP_WR, TDVPR, MD_PEND_NMI, 2, 2);
	expect_field(r, VP_RD, TDVPR, MD_PEND_NMI, 1);
	expect(r, TDX_METADATA_FIELD_NOT_WRITABLE, VP_WR, TDVPR, MD_VCPU_INDEX, 0, ~0ULL);
	expect(r, TDX_METADATA_FIELD_ID_INCORRECT, VP_WR, TDVPR, MD_NO_VP_FIELD);
}

/* The host may write the VMCS fields for posted interrupts and shared memory. */
TD_TEST(vp_vmcs_fields, TDXM_1_5_01, td_with_vp)
{
	enum { NV = 0x0002, DESC = 0x2016, EPTP = 0x203c, PIN = 0x4000, GUEST_CR3 = 0x6802 };
	static const struct { u64 field, value, mask; bool taken; u64 after; } t[] = {
		{ NV, 0xf2, 0xffff, true, 0xf2 },
		{ NV, 0x100, 0xffff, false, 0xf2 },
		{ DESC, SOURCE_PA + 64, ~0ULL, true, SOURCE_PA + 64 },
		{ DESC, SOURCE_PA + 32, ~0ULL, false, SOURCE_PA + 64 },
		{ DESC, SOURCE_PA | KEYID_PA(KEYID), ~0ULL, false, SOURCE_PA + 64 },
		{ EPTP, SOURCE_PA, ~0ULL, true, SOURCE_PA },
		{ EPTP, SOURCE_PA + 8, ~0ULL, false, SOURCE_PA },
		{ EPTP, 16 * GB, ~0ULL, false, SOURCE_PA },
		{ PIN, 1 << 7, 1 << 7, true, 0x3f | 1 << 7 },
		{ PIN, 0, 1, false, 0x3f | 1 << 7 },
		{ PIN, 0, 1 << 7, true, 0x3f },
	};

	for (size_t i = 0; i < NR(t); i++) {
		expect(r, t[i].taken ? TDX_SUCCESS : TDX_METADATA_FIELD_VALUE_NOT_VALID, VP_WR,
		       TDVPR, t[i].field, t[i].value, t[i].mask);
		expect_out(r, r8, t[i].after, TDX_SUCCESS, VP_RD, TDVPR, t[i].field);
	}
	expect_each(r, TDX_METADATA_FIELD_ID_INCORRECT, { VP_RD, TDVPR, GUEST_CR3 },
		    { VP_WR, TDVPR, GUEST_CR3 });
}

TD_TEST(vp_association, TDXM_1_5_01, td_runnable)
{
	/* TDH.VP.INIT has associated it with LP 0. */
	expect_each_on(r, 1, TDX_VCPU_ASSOCIATED, { VP_RD, TDVPR, MD_VCPU_INDEX },
		       { VP_WR, TDVPR, MD_PEND_NMI }, { VP_ENTER, TDVPR });
	expect_on(r, 1, TDX_VCPU_NOT_ASSOCIATED, VP_FLUSH, TDVPR);
	expect(r, TDX_FLUSHVP_NOT_DONE, MNG_VPFLUSHDONE, TDR);
	expect(r, TDX_SUCCESS, VP_FLUSH, TDVPR);
	expect(r, TDX_VCPU_NOT_ASSOCIATED, VP_FLUSH, TDVPR);
	expect_on(r, 1, EXIT_TDCALL, VP_ENTER, TDVPR);
	expect(r, TDX_VCPU_ASSOCIATED, VP_ENTER, TDVPR);
}

/* The default exits: TDVMCALL, EPT violation until the page is mapped, interrupt; repeated. */
TD_TEST(vp_enter, TDXM_1_5_01, td_runnable)
{
	struct tdxm_regs regs = { .rbp = 0xb };

	expect(r, TDX_OPERAND_INVALID | RCX, VP_ENTER, TDVPR | 1);
	for (u32 i = 0; i < 2; i++) {
		regs.rcx = TDVPR;
		assert_status(call(r, 0, VP_ENTER, &regs), EXIT_TDCALL);
		assert_int_equal(regs.rcx, 0xfc00);
		assert_int_equal(regs.r11, 12);			/* HLT */
		assert_int_equal(regs.r15, 0x1515151515151515);
		assert_int_equal(regs.rdi, 0xd1d1d1d1d1d1d1d1);
		assert_int_not_equal(regs.rbp, 0xb);		/* this module clobbers it */
		expect_out(r, r8, 0x40000, EXIT_EPT_VIOLATION, VP_ENTER, TDVPR);
		if (!i) {
			expect(r, EXIT_EPT_VIOLATION, VP_ENTER, TDVPR);
			expect(r, TDX_SUCCESS, MEM_PAGE_AUG, 0x40000, TDR, SPARE);
		}
		expect_out(r, r9, 0x800000ec, EXIT_INTERRUPT, VP_ENTER, TDVPR);
	}
	/* The vCPU has accepted the page. */
	expect_entry(r, MAPPED, LEVEL_4K, GPA_RANGE_NOT_BLOCKED, MEM_PAGE_REMOVE, 0x40000);
	block_track_remove(r, 0x40000);
	assert_int_equal(touched(r), 0);
	td_ends(r);
}

#define MAP_GPA	{ .rax = EXIT_TDCALL, .rcx = 0xfc00, .r11 = 0x10001, \
		  .r12 = SHARED_GPA | 0x20000, .r13 = 4096 }

/* The answer to a TDVMCALL, shared memory, and posted interrupts. */
TD_TEST(vp_enter_host, TDXM_1_5_01, td_runnable)
{
	u64 *desc = (u64 *)(r->ram + SOURCE_PA);

	play(r, { .rax = EXIT_TDCALL, .rcx = 0xfc00, .r11 = 30, .r15 = TDXM_EXIT_ECHO }, MAP_GPA,
	     { .rax = EXIT_EPT_VIOLATION, .r8 = SHARED_GPA | 0x20000 },
	     { .rax = EXIT_EPT_VIOLATION, .r8 = 0x40000 });
	expect_out(r, r15, 0x5a, EXIT_TDCALL, VP_ENTER, TDVPR, 0, 0, 0, 0, 0x5a);
	expect_out(r, r12, SHARED_GPA | 0x20000, EXIT_TDCALL, VP_ENTER, TDVPR);
	/* The model cannot see whether the host has mapped a shared page, and goes on. */
	expect(r, EXIT_EPT_VIOLATION, VP_ENTER, TDVPR);
	expect_out(r, r8, 0x40000, EXIT_EPT_VIOLATION, VP_ENTER, TDVPR);
	expect_out(r, r8, 0x40000, EXIT_EPT_VIOLATION, VP_ENTER, TDVPR);

	for (u32 i = 0; i < 4; i++)
		desc[i] = 1ULL << i;
	desc[4] = 0xf20001;
	expect(r, TDX_SUCCESS, VP_WR, TDVPR, 0x2016, SOURCE_PA, ~0ULL);
	expect(r, EXIT_EPT_VIOLATION, VP_ENTER, TDVPR);
	assert_int_equal(desc[4], 0xf20001);		/* posting is off */
	expect(r, TDX_SUCCESS, VP_WR, TDVPR, 0x4000, 1 << 7, 1 << 7);
	expect(r, EXIT_EPT_VIOLATION, VP_ENTER, TDVPR);
	assert_int_equal(desc[4], 0xf20000);
	assert_int_equal(desc[0] | desc[1] | desc[2] | desc[3], 0);
}

/* Each vCPU makes the same exits, @stride bytes further on. */
TD_TEST(vp_enter_stride, TDXM_1_5_01, td_with_vp)
{
	td_build_vp(r, 300);
	expect_each(r, TDX_SUCCESS, { VP_INIT, PAGE(300) }, { MR_FINALIZE, TDR });
	play(r, MAP_GPA, { .rax = EXIT_EPT_VIOLATION, .r8 = SHARED_GPA | 0x20000 },
	     { .rax = EXIT_INTERRUPT, .r8 = 0x20000 });
	tdxm_set_exit_stride(r->m, 0x80000);
	for (u32 vp = 0; vp < 2; vp++) {
		u64 tdvpr = vp ? PAGE(300) : TDVPR, gpa = 0x20000 + vp * 0x80000;

		expect_out(r, r12, SHARED_GPA | gpa, EXIT_TDCALL, VP_ENTER, tdvpr);
		expect_out(r, r8, SHARED_GPA | gpa, EXIT_EPT_VIOLATION, VP_ENTER, tdvpr);
		expect_out(r, r8, 0x20000, EXIT_INTERRUPT, VP_ENTER, tdvpr);
	}
}

TD_TEST(vp_enter_script, TDXM_NEXT, td_runnable)
{
	struct tdxm_regs exits[] = {
		{ .rax = EXIT_CPUID, .rcx = 1 }, { .rax = EXIT_EPT_VIOLATION, .r8 = 4 * MB },
	};
	struct tdxm_regs regs = { .rcx = TDVPR, .rbp = 0xb };

	assert_int_equal(tdxm_set_exits(r->m, exits, 0), -1);
	assert_int_equal(tdxm_set_exits(r->m, exits, 17), -1);
	assert_int_equal(tdxm_set_exits(r->m, exits, 2), 0);
	assert_status(call(r, 0, VP_ENTER, &regs), EXIT_CPUID);
	assert_int_equal(regs.rbp, 0);			/* the TD has not set NO_RBP_MOD */
	expect(r, EXIT_EPT_VIOLATION, VP_ENTER, TDVPR);
	/* A page of 2 MB also ends the violation. */
	expect(r, TDX_SUCCESS, MEM_PAGE_AUG, 4 * MB | LEVEL_2M, TDR, 4 * GB + 32 * MB);
	expect(r, EXIT_CPUID, VP_ENTER, TDVPR);
}

TD_TEST(teardown_order, TDXM_1_5_01, td_runnable)
{
	expect(r, TDX_OPERAND_INVALID | RCX, PHYMEM_CACHE_WB, 2);
	expect(r, TDX_NO_HKID_READY_TO_WBCACHE, PHYMEM_CACHE_WB);
	expect(r, TDX_WBCACHE_RESUME_ERROR, PHYMEM_CACHE_WB, 1);
	expect_each(r, TDX_LIFECYCLE_STATE_INCORRECT, { MNG_KEY_FREEID, TDR },
		    { PHYMEM_PAGE_RECLAIM, TDR });
	expect_out(r, rcx, PT_REG, TDX_LIFECYCLE_STATE_INCORRECT, PHYMEM_PAGE_RECLAIM, DATA(0));
	assert_int_equal(r->out.rdx, TDR);
	expect(r, TDX_PAGE_METADATA_INCORRECT | RCX, PHYMEM_PAGE_WBINVD, DATA(0) | KEYID_PA(KEYID));
	expect_each(r, TDX_SUCCESS, { VP_FLUSH, TDVPR }, { MNG_VPFLUSHDONE, TDR });
	expect(r, TDX_LIFECYCLE_STATE_INCORRECT, MNG_VPFLUSHDONE, TDR);
	/* The TD has lost its key. */
	expect_each(r, TDX_TD_KEYS_NOT_CONFIGURED, { VP_ENTER, TDVPR }, { VP_FLUSH, TDVPR },
		    { VP_RD, TDVPR }, { VP_WR, TDVPR }, { VP_INIT, TDVPR },
		    { VP_ADDCX, SPARE, TDVPR });
	/* Each package has to write its cache back. */
	expect(r, TDX_WBCACHE_NOT_COMPLETE, MNG_KEY_FREEID, TDR);
	expect(r, TDX_SUCCESS, PHYMEM_CACHE_WB);
	expect(r, TDX_WBCACHE_NOT_COMPLETE, MNG_KEY_FREEID, TDR);
	expect_on(r, 2, TDX_SUCCESS, PHYMEM_CACHE_WB);
	expect(r, TDX_HKID_NOT_FREE, MNG_CREATE, SPARE, KEYID);
	expect(r, TDX_SUCCESS, MNG_KEY_FREEID, TDR);
	expect(r, TDX_LIFECYCLE_STATE_INCORRECT, MNG_KEY_FREEID, TDR);
	assert_int_equal(tdxm_nr_keyids_used(r->m), 0);
	/* The TDR goes last. */
	expect(r, TDX_TD_ASSOCIATED_PAGES_EXIST, PHYMEM_PAGE_RECLAIM, TDR);
	expect(r, TDX_SUCCESS, PHYMEM_PAGE_RECLAIM, DATA(0));
	expect(r, TDX_PAGE_METADATA_INCORRECT | RCX, PHYMEM_PAGE_RECLAIM, DATA(0));
	expect(r, TDX_TD_ASSOCIATED_PAGES_EXIST, PHYMEM_PAGE_RECLAIM, TDR);
	/* Another TD can have the KeyID by now. */
	expect(r, TDX_SUCCESS, MNG_CREATE, SPARE, KEYID);
	assert_int_equal(tdxm_nr_tds(r->m), 2);
}

TD_TEST(cache_wb_interrupted, TDXM_1_5_01, td_created)
{
	expect_each(r, TDX_SUCCESS, { MNG_CREATE, SPARE, KEYID + 1 }, { MNG_VPFLUSHDONE, TDR },
		    { PHYMEM_CACHE_WB });
	write_back_both(r);
	expect_each(r, TDX_SUCCESS, { MNG_KEY_FREEID, TDR }, { MNG_CREATE, DATA(0), KEYID },
		    { MNG_VPFLUSHDONE, DATA(0) });
	expect(r, TDX_INTERRUPTED_RESUMABLE, PHYMEM_CACHE_WB);
	/* The write-back does not cover a KeyID that comes later. */
	expect_each(r, TDX_SUCCESS, { MNG_VPFLUSHDONE, SPARE }, { PHYMEM_CACHE_WB, 1 });
	expect(r, TDX_WBCACHE_RESUME_ERROR, PHYMEM_CACHE_WB, 1);
	expect_on(r, 2, TDX_SUCCESS, PHYMEM_CACHE_WB);
	expect(r, TDX_SUCCESS, MNG_KEY_FREEID, DATA(0));
	expect(r, TDX_WBCACHE_NOT_COMPLETE, MNG_KEY_FREEID, SPARE);
}

TEST_EACH(whole_life, TDXM_1_0_3, TDXM_NEXT, td_up)
{
	for (u32 round = 0; round < 3; round++) {
		td_with_sept(r);
		for (u32 n = 0; n < 64; n++)
			td_with_page(r, n);
		expect(r, TDX_SUCCESS, MR_FINALIZE, TDR);
		expect(r, EXIT_TDCALL, VP_ENTER, TDVPR);
		assert_int_equal(tdxm_verify_pamt(r->m), 0);
		td_destroy(r);
		all_back(r);
	}
}

TEST(keyids_run_out, TDXM_1_5_01, td_up)
{
	for (u32 i = 17; i < 64; i++)
		expect(r, TDX_SUCCESS, MNG_CREATE, PAGE(i), i);
	for (u32 i = 16; i < 64; i++)
		expect(r, TDX_HKID_NOT_FREE, MNG_CREATE, SPARE, i);
	assert_int_equal(tdxm_nr_keyids_used(r->m), 47);
	end_tds(r, 17, 47);
	all_back(r);
}

/* When the model has no room for more TDs or vCPUs it returns busy. */
TEST_MACHINE(model_is_full, TDXM_1_5_01)
{
	r->machine.nr_tdx_keyids = 400;
	r->machine.phys_bits = PA_BITS + 9;
	rig_start(r);
	td_up(r);
	for (u32 i = 0; i < 128; i++)
		expect(r, TDX_SUCCESS, MNG_CREATE, PAGE(2000 + i), 100 + i);
	expect(r, TDX_OPERAND_BUSY | OP_KOT, MNG_CREATE, TDR, KEYID);
	end_tds(r, 2000, 128);
	td_initialised(r);
	for (u32 i = 0; i < 512; i++)
		expect(r, TDX_SUCCESS, VP_CREATE, PAGE(2000 + i), TDR);
	expect(r, TDX_OPERAND_BUSY | RCX, VP_CREATE, TDVPR, TDR);
	td_assert_page(r, TDVPR, PT_NDA);
}

/* Contention: another LP calls while a leaf takes its time. */

static struct {
	u64 leaf;		/* the one that takes its time */
	bool done;
	void (*other)(struct rig *r);
} held;

static void on_dwell(struct rig *r, u64 leaf)
{
	if (leaf != held.leaf || held.done)
		return;
	held.done = true;
	held.other(r);
}

/* expect(), and @other runs while the leaf takes its time. */
#define expect_held(r, other, ...) expect_held_on(r, 0, other, __VA_ARGS__)
#define expect_held_on(r, lp, other, status, leaf, ...) do { \
		held = (typeof(held)){ leaf, false, other }; \
		(r)->on_dwell = on_dwell; \
		expect_on(r, lp, status, leaf, __VA_ARGS__); \
		assert_true(held.done); \
	} while (0)

#define BUSY(operand) (TDX_OPERAND_BUSY | (operand))

static void all_busy(struct rig *r)
{
	for (size_t i = 0; i < NR(leaves); i++) {
		const struct leaf *l = &leaves[i];

		if (l->leaf == PHYMEM_PAGE_RECLAIM) {
			expect_on(r, 1, BUSY(RCX), PHYMEM_PAGE_RECLAIM, TDR);
			expect_on(r, 1, BUSY(OP_TDR), PHYMEM_PAGE_RECLAIM, TDCX(0));
		} else if (l->type == PT_TDR) {
			expect_on(r, 1, BUSY(l->reg ? RDX : RCX), l->leaf,
				  l->reg ? 0 : TDR, l->reg ? TDR : 0);
		} else if (l->type == PT_TDVPR) {
			expect_on(r, 1, BUSY(OP_TDR), l->leaf, l->reg ? 0 : TDVPR,
				  l->reg ? TDVPR : 0);
		}
	}
	expect_each_on(r, 1, BUSY(RCX), { MNG_CREATE, TDR, KEYID + 1 }, { PHYMEM_PAGE_WBINVD, TDR },
		       { PHYMEM_PAGE_RDMD, TDR });
}

/* TDH.MR.FINALIZE locks the TDR exclusively. */
TD_TEST(busy_tdr, TDXM_1_5_01, td_with_vp)
{
	expect_held(r, all_busy, TDX_SUCCESS, MR_FINALIZE, TDR);
	expect(r, TDX_SUCCESS, MNG_RD, TDR, MD_OP_STATE);
}

static void while_kot(struct rig *r)
{
	expect_each_on(r, 1, BUSY(OP_KOT), { MNG_CREATE, SPARE, KEYID + 1 },
		       { MNG_VPFLUSHDONE, TDR }, { PHYMEM_CACHE_WB });
	expect_on(r, 1, BUSY(RCX), MNG_CREATE, DATA(0), KEYID + 1);
}

static void while_cache_wb(struct rig *r)
{
	expect_on(r, 1, BUSY(OP_WBCACHE), PHYMEM_CACHE_WB);
	expect_each_on(r, 1, BUSY(OP_KOT), { MNG_CREATE, SPARE, KEYID + 2 },
		       { MNG_KEY_FREEID, TDR });
	expect_on(r, 2, TDX_SUCCESS, PHYMEM_CACHE_WB);
}

TD_TEST(busy_kot, TDXM_1_5_01, td_created)
{
	expect_held(r, while_kot, TDX_SUCCESS, MNG_CREATE, DATA(0), KEYID + 1);
	expect(r, TDX_SUCCESS, MNG_VPFLUSHDONE, TDR);
	expect_held(r, while_cache_wb, TDX_SUCCESS, PHYMEM_CACHE_WB);
	expect(r, TDX_SUCCESS, MNG_KEY_FREEID, TDR);
}

static void while_key(struct rig *r)
{
	expect_on(r, 1, BUSY(RCX), MNG_KEY_CONFIG, TDR);
	expect_on(r, 1, BUSY(OP_KET), MNG_KEY_CONFIG, SPARE);
	expect_on(r, 2, TDX_SUCCESS, MNG_KEY_CONFIG, SPARE);
}

TD_TEST(busy_ket, TDXM_1_5_01, td_created)
{
	expect(r, TDX_SUCCESS, MNG_CREATE, SPARE, KEYID + 1);
	expect_held(r, while_key, TDX_SUCCESS, MNG_KEY_CONFIG, TDR);
}

/* TDH.MEM.PAGE.AUG shares the tree, and locks the entry and the page. */
static void while_aug(struct rig *r)
{
	expect_each_on(r, 1, BUSY(RCX), { MEM_PAGE_AUG, 4096, TDR, DATA(2) },
		       { MEM_PAGE_REMOVE, 4096, TDR });
	expect_on(r, 1, BUSY(R8), MEM_PAGE_AUG, 2 * 4096, TDR, DATA(1));
	expect_on(r, 1, TDX_PAGE_METADATA_INCORRECT | R8,
		  MEM_PAGE_AUG, 2 * MB | LEVEL_2M, TDR, 4 * GB);
	expect_on(r, 1, BUSY(R8), MEM_SEPT_ADD, 2 * MB | LEVEL_2M, TDR, DATA(1));
	expect_on(r, 1, TDX_SUCCESS, MEM_SEPT_ADD, 2 * MB | LEVEL_2M, TDR, DATA(3));
	expect_on(r, 1, BUSY(OP_SEPT_TREE), MEM_RANGE_BLOCK, 0, TDR);
	expect_on(r, 1, TDX_VCPU_NOT_ASSOCIATED, VP_FLUSH, TDVPR);
	expect_on(r, 1, BUSY(RCX), MNG_VPFLUSHDONE, TDR);
}

static void while_block(struct rig *r)
{
	expect_each_on(r, 1, BUSY(OP_SEPT_TREE), { MEM_PAGE_AUG, 2 * 4096, TDR, DATA(2) },
		       { MEM_SEPT_ADD, 4 * MB | LEVEL_2M, TDR, DATA(2) },
		       { MEM_PAGE_REMOVE, 4096, TDR });
	expect_on(r, 1, TDX_SUCCESS, MEM_TRACK, TDR);
}

static void while_track(struct rig *r)
{
	expect_on(r, 1, BUSY(OP_TD_EPOCH), MEM_TRACK, TDR);
	expect(r, BUSY(OP_TD_EPOCH), VP_ENTER, TDVPR);
}

TD_TEST(busy_memory, TDXM_1_5_01, td_runnable)
{
	expect_held(r, while_aug, TDX_SUCCESS, MEM_PAGE_AUG, 4096, TDR, DATA(1));
	expect_held(r, while_block, TDX_SUCCESS, MEM_RANGE_BLOCK, 4096, TDR);
	expect_held_on(r, 2, while_track, TDX_SUCCESS, MEM_TRACK, TDR);
	td_ends(r);
}

/* What is blocked while a vCPU runs is not tracked before it exits. */
static void while_inside(struct rig *r)
{
	expect_each_on(r, 1, TDX_SUCCESS, { MEM_RANGE_BLOCK, 0, TDR }, { MEM_TRACK, TDR });
	expect_on(r, 1, TDX_PREVIOUS_TLB_EPOCH_BUSY, MEM_TRACK, TDR);
	expect_on(r, 1, TDX_TLB_TRACKING_NOT_DONE | RCX, MEM_PAGE_REMOVE, 0, TDR);
	expect_on(r, 1, BUSY(RCX), VP_FLUSH, TDVPR);
	expect_on(r, 1, BUSY(RDX), VP_ADDCX, SPARE, TDVPR);
	expect_each_on(r, 1, BUSY(RCX), { VP_INIT, TDVPR }, { PHYMEM_PAGE_RECLAIM, TDVPR });
	expect_on(r, 1, TDX_VCPU_ASSOCIATED, VP_ENTER, TDVPR);
}

TD_TEST(tracking, TDXM_1_5_01, td_runnable)
{
	expect_held(r, while_inside, EXIT_TDCALL, VP_ENTER, TDVPR);
	expect_each(r, TDX_SUCCESS, { MEM_PAGE_REMOVE, 0, TDR }, { MEM_TRACK, TDR },
		    { MEM_TRACK, TDR });
	td_ends(r);
}

/* The host writes to memory that belongs to the TDX module. */

TEST(spoilt_pages, TDXM_1_5_01, started)
{
	static const u64 pages[] = { TDR, TDCX(0), TDCX(5), TDVPR, TDVPX(4), SEPT(2) };

	for (size_t i = 0; i < NR(pages); i++) {
		another_machine(r, TDXM_1_5_01);
		rig_start(r);
		td_up(r);
		td_runnable(r);
		memset(r->ram + pages[i] + 64, 0, 8);
		td_destroy(r);
		assert_int_equal(touched(r), 1);
		assert_int_equal(violations(r), 1);
	}
}

TD_TEST(spoilt_contents, TDXM_1_5_01, td_runnable)
{
	r->ram[DATA(0) + 4095] ^= 1;
	block_track_remove(r, 0);
	assert_int_equal(touched(r), 1);
}

/* Whatever the host writes to the secure EPT, the model neither crashes nor succeeds. */
TD_TEST(spoilt_sept, TDXM_1_5_01, td_runnable)
{
	static const u64 tables[] = { TDCX(3), SEPT(0), SEPT(1), SEPT(2) };
	static const u64 values[] = { 0, ~0ULL, 0x5555555555555555, PAGE(5), PAGE(5) | 1, 7 * GB | 3 };

	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < NR(values); j++) {
			u64 *word = (u64 *)(r->ram + tables[i]), was = *word;

			*word = values[j];
			assert_true(td_call(r, 0, MEM_RANGE_BLOCK, 0, TDR, 0, 0));
			assert_true(td_call(r, 0, MEM_PAGE_REMOVE, 0, TDR, 0, 0));
			assert_true(td_call(r, 0, MEM_PAGE_AUG, 0, TDR, SPARE, 0));
			td_call(r, 0, VP_ENTER, TDVPR, 0, 0, 0);
			*word = was;
		}
	assert_true(touched(r) > 0);
	td_destroy(r);
	assert_int_equal(tdxm_nr_tds(r->m), 0);
}

/* The checksum of a PAMT entry fails, also at the next use. */
TEST(spoilt_pamt, TDXM_1_5_01, started)
{
	u64 *entry;

	for (u32 word = 0; word < 2; word++) {
		another_machine(r, TDXM_1_5_01);
		rig_start(r);
		td_up(r);
		td_created(r);
		assert_int_equal(tdxm_verify_pamt(r->m), 0);
		entry = (u64 *)(r->ram + tdmr(r, 0)->pamt[P4K].base);
		entry[word] ^= 1ULL << 30;
		assert_int_equal(tdxm_verify_pamt(r->m), 1);
		expect(r, TDX_PAGE_METADATA_INCORRECT | RCX, MNG_KEY_CONFIG, TDR);
		assert_int_equal(tdxm_violations(r->m, TDXM_V_PAMT_TOUCHED), 2);
	}
}

TEST(meta_all_seen, TDXM_1_5_01, started) { answers_all_seen(&answers); }

static bool is_ours(const char *file)
{
	return !strncmp(file, "td_", 3);
}

TEST(meta_sources, TDXM_1_5_01, started) { answers_cover(&answers, MODEL_DIR, is_ours, 8); }

int main(void)
{
	rig_on_status = note_status;
	return run_cases("model_td");
}
