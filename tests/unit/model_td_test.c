// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDs in the model: what each leaf does, and every status that it can answer.
 * The last two tests hold the others to that, as in model_test.c.
 */

#include "answers.h"
#include "td_rig.h"
#include "td_sha384.h"

/* What the dispatcher says before a leaf runs, and of an operand that is no such page. */
#define ANY(leaf)  { leaf, TDX_OPERAND_INVALID }, { leaf, TDX_SYS_NOT_READY }, \
		   { leaf, TDX_SYS_LP_INIT_NOT_DONE }, { leaf, TDX_SUCCESS }
#define PAGES(leaf) ANY(leaf), { leaf, TDX_OPERAND_ADDR_RANGE_ERROR }, \
		   { leaf, TDX_PAGE_METADATA_INCORRECT }, { leaf, TDX_OPERAND_BUSY }
/* And of the TD's state. */
#define TD(leaf)   PAGES(leaf), { leaf, TDX_TD_KEYS_NOT_CONFIGURED }, \
		   { leaf, TDX_TDCS_NOT_ALLOCATED }, { leaf, TDX_OP_STATE_INCORRECT }
#define VCPU(leaf) PAGES(leaf), { leaf, TDX_TD_KEYS_NOT_CONFIGURED }, \
		   { leaf, TDX_TDCX_NUM_INCORRECT }

static const struct answer list[] = {
	PAGES(MNG_CREATE), { MNG_CREATE, TDX_HKID_NOT_FREE },
	PAGES(MNG_KEY_CONFIG), { MNG_KEY_CONFIG, TDX_LIFECYCLE_STATE_INCORRECT },
	{ MNG_KEY_CONFIG, TDX_KEY_CONFIGURED },
	PAGES(MNG_ADDCX), { MNG_ADDCX, TDX_TD_KEYS_NOT_CONFIGURED },
	{ MNG_ADDCX, TDX_TDCX_NUM_INCORRECT }, { MNG_ADDCX, TDX_OP_STATE_INCORRECT },
	TD(MNG_INIT),
	TD(MNG_RD), { MNG_RD, TDX_METADATA_FIELD_ID_INCORRECT },
	TD(MR_EXTEND), { MR_EXTEND, TDX_EPT_ENTRY_NOT_PRESENT },
	TD(MR_FINALIZE), { MR_FINALIZE, TDX_NO_VCPUS },
	TD(MEM_SEPT_ADD), { MEM_SEPT_ADD, TDX_EPT_WALK_FAILED },
	{ MEM_SEPT_ADD, TDX_EPT_ENTRY_STATE_INCORRECT },
	TD(MEM_PAGE_ADD), { MEM_PAGE_ADD, TDX_EPT_WALK_FAILED },
	{ MEM_PAGE_ADD, TDX_EPT_ENTRY_STATE_INCORRECT },
	TD(MEM_PAGE_AUG), { MEM_PAGE_AUG, TDX_EPT_WALK_FAILED },
	{ MEM_PAGE_AUG, TDX_EPT_ENTRY_STATE_INCORRECT },
	TD(MEM_RANGE_BLOCK), { MEM_RANGE_BLOCK, TDX_EPT_WALK_FAILED },
	{ MEM_RANGE_BLOCK, TDX_EPT_ENTRY_STATE_INCORRECT },
	{ MEM_RANGE_BLOCK, TDX_GPA_RANGE_ALREADY_BLOCKED },
	TD(MEM_TRACK), { MEM_TRACK, TDX_PREVIOUS_TLB_EPOCH_BUSY },
	TD(MEM_PAGE_REMOVE), { MEM_PAGE_REMOVE, TDX_EPT_WALK_FAILED },
	{ MEM_PAGE_REMOVE, TDX_EPT_ENTRY_STATE_INCORRECT },
	{ MEM_PAGE_REMOVE, TDX_GPA_RANGE_NOT_BLOCKED }, { MEM_PAGE_REMOVE, TDX_TLB_TRACKING_NOT_DONE },
	TD(VP_CREATE),
	VCPU(VP_ADDCX), { VP_ADDCX, TDX_VCPU_STATE_INCORRECT }, { VP_ADDCX, TDX_OP_STATE_INCORRECT },
	VCPU(VP_INIT), { VP_INIT, TDX_VCPU_STATE_INCORRECT }, { VP_INIT, TDX_OP_STATE_INCORRECT },
	{ VP_INIT, TDX_MAX_VCPUS_EXCEEDED }, { VP_INIT, TDX_X2APIC_ID_NOT_UNIQUE },
	VCPU(VP_RD), { VP_RD, TDX_VCPU_STATE_INCORRECT }, { VP_RD, TDX_VCPU_ASSOCIATED },
	{ VP_RD, TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT },
	{ MNG_RD, TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT },
	{ VP_RD, TDX_METADATA_FIELD_ID_INCORRECT }, { VP_RD, TDX_METADATA_FIELD_NOT_READABLE },
	VCPU(VP_WR), { VP_WR, TDX_VCPU_STATE_INCORRECT }, { VP_WR, TDX_VCPU_ASSOCIATED },
	{ VP_WR, TDX_METADATA_FIELD_ID_INCORRECT }, { VP_WR, TDX_METADATA_FIELD_NOT_WRITABLE },
	{ VP_WR, TDX_METADATA_FIELD_VALUE_NOT_VALID },
	VCPU(VP_ENTER), { VP_ENTER, TDX_VCPU_STATE_INCORRECT }, { VP_ENTER, TDX_VCPU_ASSOCIATED },
	{ VP_ENTER, TDX_OP_STATE_INCORRECT },
	VCPU(VP_FLUSH), { VP_FLUSH, TDX_VCPU_NOT_ASSOCIATED },
	PAGES(MNG_VPFLUSHDONE), { MNG_VPFLUSHDONE, TDX_LIFECYCLE_STATE_INCORRECT },
	{ MNG_VPFLUSHDONE, TDX_FLUSHVP_NOT_DONE },
	ANY(PHYMEM_CACHE_WB), { PHYMEM_CACHE_WB, TDX_OPERAND_BUSY },
	{ PHYMEM_CACHE_WB, TDX_NO_HKID_READY_TO_WBCACHE },
	{ PHYMEM_CACHE_WB, TDX_WBCACHE_RESUME_ERROR }, { PHYMEM_CACHE_WB, TDX_INTERRUPTED_RESUMABLE },
	PAGES(MNG_KEY_FREEID), { MNG_KEY_FREEID, TDX_LIFECYCLE_STATE_INCORRECT },
	{ MNG_KEY_FREEID, TDX_WBCACHE_NOT_COMPLETE },
	PAGES(PHYMEM_PAGE_RECLAIM), { PHYMEM_PAGE_RECLAIM, TDX_LIFECYCLE_STATE_INCORRECT },
	{ PHYMEM_PAGE_RECLAIM, TDX_TD_ASSOCIATED_PAGES_EXIST },
	PAGES(PHYMEM_PAGE_WBINVD),
};

#define NR_ANSWERS	(sizeof(list) / sizeof(list[0]))

static bool seen[NR_ANSWERS];
static struct answers answers = { list, NR_ANSWERS, seen };

/* All leaves, and which register holds a page that must be of a type: 0 RCX, 1 RDX, 2 none. */
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

#define NR_LEAVES	(sizeof(leaves) / sizeof(leaves[0]))

static bool of_tds(u64 leaf)
{
	size_t i;

	for (i = 0; i < NR_LEAVES; i++)
		if (leaves[i].leaf == leaf)
			return true;
	return false;
}

static void note_status(u64 leaf, u64 status)
{
	leaf &= 0xffff;
	if (!of_tds(leaf))
		return;
	/* An exit of a TD is a success. */
	if (!(status >> 32))
		status = 0;
	answers_note(&answers, leaf, status);
}

/* RAX, RCX, RDX, R8, R9; what is not given is 0. */
#define CALL(...) CALL_(__VA_ARGS__, 0, 0, 0, 0, 0)
#define CALL_(rax, rcx, rdx, r8, r9, ...) td_call(&r, 0, rax, rcx, rdx, r8, r9)
#define BAD(status, operand) ((status) | (operand))

static u64 violations(struct rig *r)
{
	u64 n = 0;
	u32 kind;

	for (kind = 0; kind < TDXM_V_NR; kind++)
		n += tdxm_violations(r->m, kind);
	return n;
}

static u32 touched(struct rig *r)
{
	return (u32)tdxm_violations(r->m, TDXM_V_TD_PAGE_TOUCHED);
}

/* Nothing is left of any TD, and nobody did anything wrong. */
static void all_back(struct rig *r)
{
	u32 n;

	assert_int_equal(tdxm_nr_tds(r->m), 0);
	assert_int_equal(tdxm_nr_keyids_used(r->m), 0);
	for (n = 0; n < 1024; n++)
		assert_int_equal(td_page_type(r, PAGE(n)), PT_NDA);
	assert_int_equal(tdxm_verify_pamt(r->m), 0);
	assert_int_equal(violations(r), 0);
}

/* What every leaf is asked */

static void any_not_ready(void **state)
{
	struct rig r;
	size_t i;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_lps(&r);
	for (i = 0; i < NR_LEAVES; i++)
		assert_status(CALL(leaves[i].leaf, TDR, TDR), TDX_SYS_NOT_READY);
	rig_stop(&r);
}

static void any_lp_not_done(void **state)
{
	struct rig r;
	size_t i;

	(void)state;
	rig_new(&r, TDXM_NEXT);
	to_init(&r);
	assert_status(call3(&r, 0, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 2, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
	good_tdmrs(&r);
	assert_status(config(&r), TDX_SUCCESS);
	flush_pamts(&r);
	assert_status(call3(&r, 0, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 2, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	for (i = 0; i < NR_LEAVES; i++)
		assert_status(td_call(&r, 1, leaves[i].leaf, TDR, TDR, 0, 0),
			      TDX_SYS_LP_INIT_NOT_DONE);
	rig_stop(&r);
}

/* Module 1.5's leaves with a second version, of those here. */
static bool has_version_1(u64 leaf, enum tdxm_profile profile)
{
	return leaf == MEM_SEPT_ADD || leaf == MNG_RD || leaf == VP_RD ||
	       (leaf == VP_INIT && profile >= TDXM_1_5_34);
}

static void any_version(void **state)
{
	enum tdxm_profile p;
	struct rig r;
	size_t i;

	(void)state;
	for (p = TDXM_1_5_01; p < TDXM_NR_PROFILES; p++) {
		td_ready(&r, p);
		for (i = 0; i < NR_LEAVES; i++) {
			bool known = has_version_1(leaves[i].leaf, p);
			u64 status = CALL(leaves[i].leaf | 1 << 16, 1, 1ULL << 63);

			assert_int_equal(status == BAD(TDX_OPERAND_INVALID, 0), !known);
			/* There is no third. */
			assert_status(CALL(leaves[i].leaf | 2 << 16, 1, 1ULL << 63),
				      BAD(TDX_OPERAND_INVALID, 0));
		}
		rig_stop(&r);
	}
}

static u64 with_page(struct rig *r, const struct leaf *l, u64 pa)
{
	u64 rdx = l->leaf == MNG_CREATE ? KEYID + 1 : 0;

	return l->reg ? td_call(r, 0, l->leaf, 0, pa, 0, 0) : td_call(r, 0, l->leaf, pa, rdx, 0, 0);
}

/* The page that names the TD or vCPU, or that is to become a TDR. */
static void any_page(void **state)
{
	struct rig r;
	size_t i;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_runnable(&r);
	for (i = 0; i < NR_LEAVES; i++) {
		const struct leaf *l = &leaves[i];
		u32 operand = l->reg ? RDX : RCX;

		if (l->reg == 2)
			continue;
		assert_status(with_page(&r, l, PAGE(0) + 64), BAD(TDX_OPERAND_INVALID, operand));
		assert_status(with_page(&r, l, 1ULL << 52), BAD(TDX_OPERAND_INVALID, operand));
		assert_status(with_page(&r, l, 2 * GB), BAD(TDX_OPERAND_ADDR_RANGE_ERROR, operand));
		/* Its TDMR is not initialised. */
		assert_status(with_page(&r, l, 5 * GB), BAD(TDX_OPERAND_ADDR_RANGE_ERROR, operand));
		assert_status(with_page(&r, l, l->type == PT_NDA ? DATA(0) : SPARE),
			      BAD(TDX_PAGE_METADATA_INCORRECT, operand));
		if (l->leaf == PHYMEM_PAGE_WBINVD)
			continue;	/* it strips the KeyID */
		assert_status(with_page(&r, l, SPARE | KEYID_PA(1)), BAD(TDX_OPERAND_INVALID, operand));
	}
	assert_int_equal(violations(&r), 0);
	rig_stop(&r);
}

/* KeyIDs and the TDR */

static void create(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	assert_status(CALL(MNG_CREATE, TDR, 0), BAD(TDX_OPERAND_INVALID, RDX));
	assert_status(CALL(MNG_CREATE, TDR, 15), BAD(TDX_OPERAND_INVALID, RDX));
	assert_status(CALL(MNG_CREATE, TDR, 64), BAD(TDX_OPERAND_INVALID, RDX));
	assert_status(CALL(MNG_CREATE, TDR, 1 << 16 | KEYID), BAD(TDX_OPERAND_INVALID, RDX));
	assert_status(CALL(MNG_CREATE, TDR, GLOBAL_KEYID), TDX_HKID_NOT_FREE);
	assert_int_equal(td_page_type(&r, TDR), PT_NDA);
	td_created(&r);
	assert_int_equal(td_page_type(&r, TDR), PT_TDR);
	assert_status(CALL(MNG_CREATE, SPARE, KEYID), TDX_HKID_NOT_FREE);
	assert_status(CALL(MNG_CREATE, TDR, KEYID + 1), BAD(TDX_PAGE_METADATA_INCORRECT, RCX));
	assert_int_equal(tdxm_nr_tds(r.m), 1);
	assert_int_equal(tdxm_nr_keyids_used(r.m), 1);
	assert_int_equal(tdxm_verify_pamt(r.m), 0);
	rig_stop(&r);
}

/* A KeyID that a refused TDH.SYS.CONFIG named is the module's for good. */
static void create_after_refused_config(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_lps(&r);
	good_tdmrs(&r);
	tdmr(&r, 1)->size = 0;
	assert_int_equal(call3(&r, 0, SYS_CONFIG, TDMR_ARRAY_PA, 2, KEYID) >> 32,
			 TDX_INVALID_TDMR >> 32);
	good_tdmrs(&r);
	assert_status(config(&r), TDX_SUCCESS);
	flush_pamts(&r);
	assert_status(call3(&r, 0, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 2, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	init_tdmr(&r, 4 * GB, 0);
	assert_status(CALL(MNG_CREATE, TDR, KEYID), TDX_HKID_NOT_FREE);
	assert_status(CALL(MNG_CREATE, TDR, KEYID + 1), TDX_SUCCESS);
	rig_stop(&r);
}

static void key_config(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_created(&r);
	assert_status(td_call(&r, 0, MNG_KEY_CONFIG, TDR, 0, 0, 0), TDX_SUCCESS);
	assert_status(td_call(&r, 1, MNG_KEY_CONFIG, TDR, 0, 0, 0), TDX_KEY_CONFIGURED);
	assert_status(CALL(MNG_ADDCX, TDCX(0), TDR), TDX_TD_KEYS_NOT_CONFIGURED);
	assert_status(td_call(&r, 3, MNG_KEY_CONFIG, TDR, 0, 0, 0), TDX_SUCCESS);
	assert_status(td_call(&r, 2, MNG_KEY_CONFIG, TDR, 0, 0, 0), TDX_LIFECYCLE_STATE_INCORRECT);
	rig_stop(&r);
}

static void addcx(void **state)
{
	struct rig r;
	u32 i;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_keyed(&r);
	assert_status(CALL(MNG_ADDCX, TDR, TDR), BAD(TDX_OPERAND_BUSY, RCX));
	for (i = 0; i < 9; i++)
		assert_status(CALL(MNG_ADDCX, PAGE(100 + i), TDR), TDX_SUCCESS);
	assert_int_equal(td_page_type(&r, PAGE(108)), PT_TDCX);
	assert_int_equal(td_out.rdx, TDR);
	assert_status(CALL(MNG_ADDCX, SPARE, TDR), TDX_TDCX_NUM_INCORRECT);
	rig_stop(&r);

	td_ready(&r, TDXM_1_5_01);
	td_initialised(&r);
	assert_status(CALL(MNG_ADDCX, TDCX(0), TDR), BAD(TDX_PAGE_METADATA_INCORRECT, RCX));
	assert_status(CALL(MNG_ADDCX, SPARE, TDR), TDX_OP_STATE_INCORRECT);
	assert_int_equal(td_page_type(&r, SPARE), PT_NDA);
	rig_stop(&r);
}

/* What leaves that need a TD say while it is none. */
static const u64 td_leaves[] = {
	MNG_INIT, MNG_RD, MR_EXTEND, MR_FINALIZE, MEM_SEPT_ADD, MEM_PAGE_ADD,
	MEM_PAGE_AUG, MEM_RANGE_BLOCK, MEM_TRACK, MEM_PAGE_REMOVE, VP_CREATE,
};
#define NR_TD_LEAVES (sizeof(td_leaves) / sizeof(td_leaves[0]))

static void half_a_td(void **state)
{
	struct rig r;
	size_t i;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_created(&r);
	for (i = 0; i < NR_TD_LEAVES; i++)
		assert_status(CALL(td_leaves[i], TDR, TDR), TDX_TD_KEYS_NOT_CONFIGURED);
	rig_stop(&r);

	td_ready(&r, TDXM_1_5_01);
	td_keyed(&r);
	for (i = 0; i < NR_TD_LEAVES; i++)
		assert_status(CALL(td_leaves[i], TDR, TDR), TDX_TDCS_NOT_ALLOCATED);
	rig_stop(&r);

	td_ready(&r, TDXM_1_5_01);
	td_allocated(&r);
	for (i = 0; i < NR_TD_LEAVES; i++)
		if (td_leaves[i] != MNG_INIT)
			assert_status(CALL(td_leaves[i], TDR, TDR), TDX_OP_STATE_INCORRECT);
	rig_stop(&r);
}

static void op_state(void **state)
{
	static const u64 build_only[] = { MNG_INIT, MR_EXTEND, MR_FINALIZE, MEM_PAGE_ADD, VP_CREATE };
	struct rig r;
	size_t i;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_with_vp(&r);
	assert_status(CALL(VP_ENTER, TDVPR), TDX_OP_STATE_INCORRECT);
	rig_stop(&r);

	td_ready(&r, TDXM_1_5_01);
	td_runnable(&r);
	for (i = 0; i < sizeof(build_only) / sizeof(build_only[0]); i++)
		assert_status(CALL(build_only[i], TDR, TDR), TDX_OP_STATE_INCORRECT);
	assert_status(CALL(VP_ADDCX, SPARE, TDVPR), TDX_OP_STATE_INCORRECT);
	assert_status(CALL(VP_INIT, TDVPR), TDX_OP_STATE_INCORRECT);
	rig_stop(&r);
}

/* TD_PARAMS */

static void params(void **state)
{
	static const u64 leaves[] = { [0] = 0xffffffff00000001, [5] = 7, [9] = 0xffffffff80000008 };
	static const struct {
		u16 offset;
		u8 value;
		u32 operand;
	} bad[] = {
		{ 0, 0x02, 64 },		/* ATTRIBUTES */
		{ 8, 0x01, 65 },		/* XFAM without SSE */
		{ 8, 0x23, 65 },		/* one part of AVX-512 */
		{ 8, 0xe3, 65 },		/* AVX-512 without AVX */
		{ 16, 0, 68 },			/* MAX_VCPUS */
		{ 18, 4, 71 },			/* NUM_L2_VMS */
		{ 19, 1, RDX },
		{ 24, 3 << 3, 67 },		/* EPTP: uncacheable */
		{ 24, 6 | 2 << 3, 67 },		/* three levels */
		{ 24, 6 | 5 << 3, 67 },
		{ 25, 1, 67 },
		{ 32, 1, 67 },			/* GPAW wants five levels */
		{ 32, 8, 66 },			/* CONFIG_FLAGS: MAXPA_VIRT is a later module's */
		{ 40, 3, 70 },			/* TSC_FREQUENCY */
		{ 41, 2, 70 },
		{ 42, 1, RDX },
		{ 240, 1, RDX },
		{ 256 + 3, 0x80, 69 },		/* CPUID(1).EAX */
		{ 256 + 5 * 16, 0x01, 69 },	/* CPUID(7).EAX */
		{ 256 + 9 * 16 + 4, 1, 69 },	/* CPUID(0x80000008).EBX */
		{ 256 + 12 * 16, 1, RDX },	/* a thirteenth leaf */
		{ 1023, 1, RDX },
	};
	struct rig r;
	size_t i;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_allocated(&r);
	assert_status(CALL(MNG_INIT, TDR, PARAMS_PA + 512), BAD(TDX_OPERAND_INVALID, RDX));
	assert_status(CALL(MNG_INIT, TDR, PARAMS_PA | KEYID_PA(KEYID)), BAD(TDX_OPERAND_INVALID, RDX));
	assert_status(CALL(MNG_INIT, TDR, 16 * GB), BAD(TDX_OPERAND_INVALID, RDX));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		td_good_params(&r);
		r.ram[PARAMS_PA + bad[i].offset] = bad[i].value;
		assert_status(CALL(MNG_INIT, TDR, PARAMS_PA), BAD(TDX_OPERAND_INVALID, bad[i].operand));
		if (bad[i].operand == 69)
			assert_int_equal(td_out.rcx, leaves[(bad[i].offset - 256) / 16]);
		else
			assert_int_equal(td_out.rcx, 0);
	}
	/* An L2 VM needs one more page. */
	td_good_params(&r);
	r.ram[PARAMS_PA + 18] = 1;
	assert_status(CALL(MNG_INIT, TDR, PARAMS_PA), TDX_TDCS_NOT_ALLOCATED);
	td_good_params(&r);
	r.ram[PARAMS_PA + 8] = 0xe7;
	r.ram[PARAMS_PA + 24] = 6 | 4 << 3;
	r.ram[PARAMS_PA + 32] = 1;
	assert_status(CALL(MNG_INIT, TDR, PARAMS_PA), TDX_SUCCESS);
	rig_stop(&r);

	td_ready(&r, TDXM_NEXT);
	td_allocated(&r);
	td_good_params(&r);
	r.ram[PARAMS_PA + 32] = 8;
	assert_status(CALL(MNG_INIT, TDR, PARAMS_PA), TDX_SUCCESS);
	rig_stop(&r);
}

static void cpuid_values(void **state)
{
	static const struct {
		u32 code;
		u64 value;
	} t[] = {
		{ 0x1fe, 0x21 }, { 0x1ff, 0 },			/* the highest leaf */
		{ 0x101fe, 0x80000008 },
		{ 1 << 9 | 0x1fe, 0x0012000000000567 }, { 1 << 9 | 0x1ff, 0 },
		{ 7 << 9, 0 }, { 7 << 9 | 1, 0x400 },
		{ 0x10000 | 8 << 9 | 0x1fe, 0x0000020000000000 },
	};
	/* Of a leaf with subleaves without one; a subleaf too many; a leaf too many; reserved. */
	static const u32 none[] = { 7 << 9 | 0x1fe, 7 << 9 | 6, 2 << 9 | 0x1fe, 1 << 9, 0x21fe, 0x201fe };
	struct rig r;
	size_t i;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_allocated(&r);
	td_good_params(&r);
	r.ram[PARAMS_PA + 256] = 0x67;			/* CPUID(1).EAX */
	r.ram[PARAMS_PA + 257] = 0x05;
	r.ram[PARAMS_PA + 256 + 6] = 0x12;		/* EBX */
	r.ram[PARAMS_PA + 256 + 5 * 16 + 9] = 0x04;	/* CPUID(7).ECX */
	r.ram[PARAMS_PA + 256 + 9 * 16 + 5] = 0x02;	/* CPUID(0x80000008).EBX */
	assert_status(CALL(MNG_INIT, TDR, PARAMS_PA), TDX_SUCCESS);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_status(CALL(MNG_RD, TDR, 0x9410000300000000 | t[i].code), TDX_SUCCESS);
		assert_int_equal(td_out.r8, t[i].value);
	}
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_status(CALL(MNG_RD, TDR, 0x9410000300000000 | none[i]),
			      TDX_METADATA_FIELD_ID_INCORRECT);
	assert_status(CALL(MNG_RD, TDR, 0x110000000000000a), TDX_SUCCESS);	/* TSC_OFFSET */
	assert_int_equal(td_out.r8, 0);
	assert_status(CALL(MNG_RD, TDR, 0x110000000000000b), TDX_SUCCESS);	/* TSC_MULTIPLIER */
	assert_int_equal(td_out.r8, 1ULL << 48);
	rig_stop(&r);
}

static void mng_rd(void **state)
{
	static const struct {
		u64 id, value;
	} fields[] = {
		{ 0x8010000200000002, 6 },		/* NUM_TDCX */
		{ 0x8010000200000005, 1 },		/* LIFECYCLE_STATE */
		{ 0x8010000000000001, 0 },		/* FATAL */
		{ 0x8110000100000001, KEYID },
		{ 0x9010000200000001, 1 },		/* NUM_VCPUS */
		{ 0x9010000200000002, 1 },
		{ 0x9010000200000004, 2 },		/* OP_STATE: runnable */
		{ 0x1110000300000000, 0 },		/* ATTRIBUTES */
		{ 0x1110000300000001, 3 },		/* XFAM */
		{ 0x1110000200000002, 2 },		/* MAX_VCPUS */
		{ 0x1110000000000003, 0 },		/* GPAW */
		{ 0x9210000300000000, 1 },		/* TD_EPOCH */
		/* 6 TDCX, 6 of the vCPU, 3 of the secure EPT, one page */
		{ 0x8010000300000004, 16 },		/* CHLDCNT */
		{ 0x1310000300000010, 0xc1c1c1c1c1c1c1c1 },
		{ 0x1310000300000018, 0x0e0e0e0e0e0e0e0e },
		{ 0x1310000300000025, 0 },		/* the last of MROWNERCONFIG */
	};
	struct rig r;
	size_t i;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_runnable(&r);
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		assert_status(CALL(MNG_RD, TDR, fields[i].id, 99), TDX_SUCCESS);
		assert_int_equal(td_out.r8, fields[i].value);
	}
	assert_status(CALL(MNG_RD, TDR, 0x1310000300000006, 99), TDX_METADATA_FIELD_ID_INCORRECT);
	assert_int_equal(td_out.r8, 0);
	assert_status(CALL(MNG_RD, TDR, 0x1310000300000008), TDX_METADATA_FIELD_ID_INCORRECT);
	assert_status(CALL(MNG_RD, TDR, 0x1310000300000028), TDX_METADATA_FIELD_ID_INCORRECT);
	assert_status(CALL(MNG_RD, TDR, ~0ULL), TDX_METADATA_FIELD_ID_INCORRECT);
	assert_status(CALL(MNG_RD, TDR, 1ULL << 55 | 2), TDX_METADATA_FIELD_ID_INCORRECT);
	rig_stop(&r);
}

/* Measurement */

static void bytes_of(const char *hex, u8 *out)
{
	unsigned int byte;

	for (; *hex; hex += 2) {
		assert_int_equal(sscanf(hex, "%2x", &byte), 1);
		*out++ = (u8)byte;
	}
}

/* FIPS 180-4, of messages of no and of two blocks. */
static void sha384(void **state)
{
	struct tdxm_sha384 s;
	u8 message[256], want[48];
	u64 digest[6];
	u32 i;

	(void)state;
	for (i = 0; i < 256; i++)
		message[i] = (u8)i;
	tdxm_sha384_init(&s);
	tdxm_sha384_final(&s, digest);
	bytes_of("38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
		 "274edebfe76f65fbd51ad2f14898b95b", want);
	assert_memory_equal(digest, want, 48);
	tdxm_sha384_init(&s);
	tdxm_sha384_block(&s, message);
	tdxm_sha384_block(&s, message + 128);
	tdxm_sha384_final(&s, digest);
	bytes_of("ffdaebff65ed05cf400f0221c4ccfb4b2104fb6a51f87e40be6c4309386bfdec"
		 "2892e9179b34632331a59592737db5c5", want);
	assert_memory_equal(digest, want, 48);
}

/* Three pages, two of them with their contents; computed elsewhere. */
static void mrtd(void **state)
{
	struct rig r;
	u8 want[48];
	u64 got[6];
	u32 n, i;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_with_sept(&r);
	for (n = 0; n < 3; n++) {
		for (i = 0; i < 4096; i++)
			r.ram[SOURCE_PA + i] = (u8)(n * 7 + i * 13);
		td_with_page(&r, n);
		for (i = 0; i < 4096 && n != 1; i += 256)
			assert_status(CALL(MR_EXTEND, n * 4096 + i, TDR), TDX_SUCCESS);
	}
	assert_status(CALL(MR_FINALIZE, TDR), TDX_SUCCESS);
	for (i = 0; i < 6; i++) {
		assert_status(CALL(MNG_RD, TDR, 0x1310000300000000 + i), TDX_SUCCESS);
		got[i] = td_out.r8;
	}
	bytes_of("547b3e888f5793bf9b1adbcb0f1b17eab732113f8e7c953b2495060447a68a34"
		 "67821bc0fe940e4a3c0a3cf87d8f4851", want);
	assert_memory_equal(got, want, 48);
	rig_stop(&r);
}

static void extend_and_finalize(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_initialised(&r);
	assert_status(CALL(MR_FINALIZE, TDR), TDX_NO_VCPUS);
	rig_stop(&r);

	td_ready(&r, TDXM_1_5_01);
	td_with_sept(&r);
	td_with_page(&r, 0);
	assert_status(CALL(MR_EXTEND, 128, TDR), BAD(TDX_OPERAND_INVALID, RCX));
	assert_status(CALL(MR_EXTEND, 1ULL << 47, TDR), BAD(TDX_OPERAND_INVALID, RCX));
	assert_status(CALL(MR_EXTEND, 1 * GB, TDR), BAD(TDX_EPT_ENTRY_NOT_PRESENT, RCX));
	assert_int_equal(td_out.rcx, 0);
	assert_int_equal(td_out.rdx, 2);		/* free, level of the PDPT */
	assert_status(CALL(MR_EXTEND, 4096, TDR), BAD(TDX_EPT_ENTRY_NOT_PRESENT, RCX));
	assert_int_equal(td_out.rcx, 0);
	assert_int_equal(td_out.rdx, 0);		/* free, level of the PT */
	assert_status(CALL(MEM_PAGE_AUG, 4096, TDR, SPARE), TDX_SUCCESS);
	assert_status(CALL(MR_EXTEND, 4096, TDR), TDX_EPT_ENTRY_NOT_PRESENT);
	assert_int_equal(td_out.rdx, 0);
	assert_status(CALL(MR_EXTEND, 0xf00, TDR), TDX_SUCCESS);
	rig_stop(&r);
}

/* The secure EPT */

static void sept_add(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_initialised(&r);
	/* Level, alignment, shared half, reserved bits. */
	assert_status(CALL(MEM_SEPT_ADD, 0, TDR, SEPT(0)), BAD(TDX_OPERAND_INVALID, RCX));
	assert_status(CALL(MEM_SEPT_ADD, 4, TDR, SEPT(0)), BAD(TDX_OPERAND_INVALID, RCX));
	assert_status(CALL(MEM_SEPT_ADD, 4096 | 1, TDR, SEPT(0)), BAD(TDX_OPERAND_INVALID, RCX));
	assert_status(CALL(MEM_SEPT_ADD, 1ULL << 47 | 3, TDR, SEPT(0)), BAD(TDX_OPERAND_INVALID, RCX));
	assert_status(CALL(MEM_SEPT_ADD, 1ULL << 52 | 3, TDR, SEPT(0)), BAD(TDX_OPERAND_INVALID, RCX));
	assert_status(CALL(MEM_SEPT_ADD, 8 | 3, TDR, SEPT(0)), BAD(TDX_OPERAND_INVALID, RCX));
	/* From the top. */
	assert_status(CALL(MEM_SEPT_ADD, 1, TDR, SEPT(0)), BAD(TDX_EPT_WALK_FAILED, RCX));
	assert_int_equal(td_out.rcx, 0);
	assert_int_equal(td_out.rdx, 3);
	assert_status(CALL(MEM_SEPT_ADD, 3, TDR, TDCX(0)), BAD(TDX_PAGE_METADATA_INCORRECT, R8));
	assert_status(CALL(MEM_SEPT_ADD, 3, TDR, SEPT(0) + 1), BAD(TDX_OPERAND_INVALID, R8));
	assert_status(CALL(MEM_SEPT_ADD, 3, TDR, 2 * GB), BAD(TDX_OPERAND_ADDR_RANGE_ERROR, R8));
	assert_status(CALL(MEM_SEPT_ADD, 3, TDR, SEPT(0)), TDX_SUCCESS);
	assert_int_equal(td_page_type(&r, SEPT(0)), PT_EPT);
	assert_status(CALL(MEM_SEPT_ADD, 3, TDR, SPARE), BAD(TDX_EPT_ENTRY_STATE_INCORRECT, RCX));
	assert_int_equal(td_out.rdx, 132 << 8 | 3);
	assert_int_equal(td_page_type(&r, SPARE), PT_NDA);
	/* The next 512 GB have their own. */
	assert_status(CALL(MEM_SEPT_ADD, 512 * GB | 3, TDR, SEPT(1)), TDX_SUCCESS);
	assert_int_equal(tdxm_verify_pamt(r.m), 0);
	rig_stop(&r);
}

static void page_add(void **state)
{
	struct rig r;
	u32 i;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_with_sept(&r);
	memset(r.ram + SOURCE_PA, 0x5a, 4096);
	assert_status(CALL(MEM_PAGE_ADD, 1, TDR, DATA(0), SOURCE_PA), BAD(TDX_OPERAND_INVALID, RCX));
	assert_status(CALL(MEM_PAGE_ADD, 1ULL << 47, TDR, DATA(0), SOURCE_PA),
		      BAD(TDX_OPERAND_INVALID, RCX));
	assert_status(CALL(MEM_PAGE_ADD, 2 * MB, TDR, DATA(0), SOURCE_PA), BAD(TDX_EPT_WALK_FAILED, RCX));
	assert_int_equal(td_out.rdx, 1);
	assert_status(CALL(MEM_PAGE_ADD, 0, TDR, DATA(0), SOURCE_PA + 8), BAD(TDX_OPERAND_INVALID, R9));
	assert_status(CALL(MEM_PAGE_ADD, 0, TDR, DATA(0), SOURCE_PA | KEYID_PA(KEYID)),
		      BAD(TDX_OPERAND_INVALID, R9));
	assert_status(CALL(MEM_PAGE_ADD, 0, TDR, TDVPR, SOURCE_PA), BAD(TDX_PAGE_METADATA_INCORRECT, R8));
	assert_status(CALL(MEM_PAGE_ADD, 0, TDR, 1 * GB, SOURCE_PA), BAD(TDX_OPERAND_ADDR_RANGE_ERROR, R8));
	td_with_page(&r, 0);
	assert_int_equal(td_page_type(&r, DATA(0)), PT_REG);
	assert_int_equal(td_out.rdx, TDR);
	/* It is not there to be read. */
	for (i = 0; i < 4096; i += 8)
		assert_int_not_equal(*(u64 *)(r.ram + DATA(0) + i), 0x5a5a5a5a5a5a5a5a);
	assert_status(CALL(MEM_PAGE_ADD, 0, TDR, DATA(1), SOURCE_PA),
		      BAD(TDX_EPT_ENTRY_STATE_INCORRECT, RCX));
	assert_int_equal(td_out.rcx, DATA(0) | 0x87);
	assert_int_equal(td_out.rdx, 4 << 8);
	/* In place. */
	assert_status(CALL(MEM_PAGE_ADD, 4096, TDR, DATA(1), DATA(1)), TDX_SUCCESS);
	assert_int_equal(violations(&r), 0);
	rig_stop(&r);
}

static void page_aug(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_runnable(&r);
	assert_status(CALL(MEM_PAGE_AUG, 2, TDR, DATA(1)), BAD(TDX_OPERAND_INVALID, RCX));
	assert_status(CALL(MEM_PAGE_AUG, 2 * MB, TDR, DATA(1)), BAD(TDX_EPT_WALK_FAILED, RCX));
	assert_status(CALL(MEM_PAGE_AUG, 4096, TDR, DATA(0)), BAD(TDX_PAGE_METADATA_INCORRECT, R8));
	assert_status(CALL(MEM_PAGE_AUG, 0, TDR, DATA(1)), BAD(TDX_EPT_ENTRY_STATE_INCORRECT, RCX));
	assert_status(CALL(MEM_PAGE_AUG, 4096, TDR, DATA(1)), TDX_SUCCESS);
	assert_status(CALL(MEM_PAGE_AUG, 4096, TDR, DATA(2)), BAD(TDX_EPT_ENTRY_STATE_INCORRECT, RCX));
	assert_int_equal(td_out.rdx, 2 << 8);		/* pending */
	td_destroy(&r);
	all_back(&r);
	rig_stop(&r);
}

/* 2 MB at once: 512 pages must be free, and are used then. */
static void page_aug_2m(void **state)
{
	u64 big = 4 * GB + 16 * MB;
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_runnable(&r);
	assert_status(CALL(MEM_PAGE_AUG, 2 * MB | 1, TDR, big + 4096), BAD(TDX_OPERAND_INVALID, R8));
	assert_status(CALL(MEM_PAGE_AUG, 2 * MB | 1, TDR, 4 * GB), BAD(TDX_PAGE_METADATA_INCORRECT, R8));
	assert_status(CALL(MEM_PAGE_AUG, 2 * MB | 1, TDR, big), TDX_SUCCESS);
	assert_int_equal(td_page_type(&r, big), PT_REG);
	assert_int_equal(td_page_type(&r, big + 8192), PT_REG);
	assert_int_equal(td_out.r8, 1);
	assert_status(CALL(MNG_CREATE, big + 4096, KEYID + 1), BAD(TDX_PAGE_METADATA_INCORRECT, RCX));
	assert_status(CALL(MEM_PAGE_AUG, 4 * MB | 1, TDR, big), BAD(TDX_PAGE_METADATA_INCORRECT, R8));
	assert_status(CALL(MNG_RD, TDR, 0x8010000300000004), TDX_SUCCESS);
	assert_int_equal(td_out.r8, 16 + 512);
	assert_int_equal(tdxm_verify_pamt(r.m), 0);
	assert_status(CALL(MEM_RANGE_BLOCK, 2 * MB | 1, TDR), TDX_SUCCESS);
	assert_status(CALL(MEM_TRACK, TDR), TDX_SUCCESS);
	assert_status(CALL(MEM_PAGE_REMOVE, 2 * MB | 1, TDR), TDX_SUCCESS);
	assert_int_equal(td_out.rcx, big);
	assert_status(CALL(MNG_RD, TDR, 0x8010000300000004), TDX_SUCCESS);
	assert_int_equal(td_out.r8, 16);
	assert_status(CALL(MEM_PAGE_AUG, 2 * MB | 1, TDR, big), TDX_SUCCESS);
	/* As a whole, or not at all. */
	assert_status(CALL(PHYMEM_PAGE_RECLAIM, big + 4096), BAD(TDX_OPERAND_INVALID, RCX));
	assert_int_equal(td_out.r8, 1);
	assert_status(CALL(VP_FLUSH, TDVPR), TDX_SUCCESS);
	assert_status(CALL(MNG_VPFLUSHDONE, TDR), TDX_SUCCESS);
	assert_status(CALL(PHYMEM_CACHE_WB, 0), TDX_SUCCESS);
	assert_status(td_call(&r, 2, PHYMEM_CACHE_WB, 0, 0, 0, 0), TDX_SUCCESS);
	assert_status(CALL(MNG_KEY_FREEID, TDR), TDX_SUCCESS);
	assert_status(CALL(PHYMEM_PAGE_RECLAIM, big), TDX_SUCCESS);
	assert_int_equal(td_page_type(&r, big + 4096), PT_NDA);
	assert_int_equal(violations(&r), 0);
	rig_stop(&r);
}

static void block_track_remove(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_runnable(&r);
	assert_status(CALL(MEM_PAGE_REMOVE, 3, TDR), BAD(TDX_OPERAND_INVALID, RCX));
	assert_status(CALL(MEM_PAGE_REMOVE, 1 * GB, TDR), BAD(TDX_EPT_WALK_FAILED, RCX));
	assert_status(CALL(MEM_PAGE_REMOVE, 1, TDR), BAD(TDX_EPT_ENTRY_STATE_INCORRECT, RCX));
	assert_status(CALL(MEM_PAGE_REMOVE, 4096, TDR), BAD(TDX_EPT_ENTRY_STATE_INCORRECT, RCX));
	assert_status(CALL(MEM_PAGE_REMOVE, 0, TDR), BAD(TDX_GPA_RANGE_NOT_BLOCKED, RCX));
	assert_int_equal(td_out.rcx, DATA(0) | 0x87);

	assert_status(CALL(MEM_RANGE_BLOCK, 4, TDR), BAD(TDX_OPERAND_INVALID, RCX));
	assert_status(CALL(MEM_RANGE_BLOCK, 1 * GB, TDR), BAD(TDX_EPT_WALK_FAILED, RCX));
	assert_status(CALL(MEM_RANGE_BLOCK, 4096, TDR), BAD(TDX_EPT_ENTRY_STATE_INCORRECT, RCX));
	assert_status(CALL(MEM_RANGE_BLOCK, 0, TDR), TDX_SUCCESS);
	assert_status(CALL(MEM_RANGE_BLOCK, 0, TDR), BAD(TDX_GPA_RANGE_ALREADY_BLOCKED, RCX));
	assert_int_equal(td_out.rdx, 1 << 8);

	assert_status(CALL(MEM_PAGE_REMOVE, 0, TDR), BAD(TDX_TLB_TRACKING_NOT_DONE, RCX));
	assert_status(CALL(MEM_TRACK, TDR), TDX_SUCCESS);
	assert_status(CALL(MEM_PAGE_REMOVE, 0, TDR), TDX_SUCCESS);
	assert_int_equal(td_out.rcx, DATA(0));
	assert_int_equal(td_page_type(&r, DATA(0)), PT_NDA);
	assert_status(CALL(PHYMEM_PAGE_WBINVD, DATA(0) | KEYID_PA(KEYID)), TDX_SUCCESS);
	/* A whole subtree: nothing below can be reached. */
	assert_status(CALL(MEM_RANGE_BLOCK, 1, TDR), TDX_SUCCESS);
	assert_status(CALL(MEM_RANGE_BLOCK, 1, TDR), BAD(TDX_GPA_RANGE_ALREADY_BLOCKED, RCX));
	assert_int_equal(td_out.rdx, 129 << 8 | 1);
	assert_status(CALL(MEM_PAGE_AUG, 0, TDR, DATA(0)), BAD(TDX_EPT_WALK_FAILED, RCX));
	td_destroy(&r);
	all_back(&r);
	rig_stop(&r);
}

/* Before it is finalized no vCPU can have run: neither block nor track is asked for. */
static void remove_before_finalize(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_with_sept(&r);
	td_with_page(&r, 3);
	assert_status(CALL(MEM_PAGE_REMOVE, 3 * 4096, TDR), TDX_SUCCESS);
	assert_int_equal(td_out.rcx, DATA(3));
	td_with_page(&r, 3);
	td_destroy(&r);
	all_back(&r);
	rig_stop(&r);
}

/* vCPUs */

static void vp_build(void **state)
{
	struct rig r;
	u32 i;

	(void)state;
	td_ready(&r, TDXM_NEXT);
	td_initialised(&r);
	assert_status(CALL(VP_CREATE, TDR, TDR), BAD(TDX_OPERAND_BUSY, RCX));
	assert_status(CALL(VP_CREATE, TDCX(0), TDR), BAD(TDX_PAGE_METADATA_INCORRECT, RCX));
	assert_status(CALL(VP_CREATE, TDVPR, TDR), TDX_SUCCESS);
	assert_int_equal(td_page_type(&r, TDVPR), PT_TDVPR);
	assert_status(CALL(VP_ADDCX, TDCX(0), TDVPR), BAD(TDX_PAGE_METADATA_INCORRECT, RCX));
	for (i = 0; i < 4; i++)
		assert_status(CALL(VP_ADDCX, TDVPX(i), TDVPR), TDX_SUCCESS);
	assert_status(CALL(VP_INIT_V1, TDVPR, 0, 7), TDX_TDCX_NUM_INCORRECT);
	assert_status(CALL(VP_RD, TDVPR, 0xa020000200000002), TDX_TDCX_NUM_INCORRECT);
	assert_status(CALL(VP_WR, TDVPR, 0xa020000200000002), TDX_TDCX_NUM_INCORRECT);
	assert_status(CALL(VP_FLUSH, TDVPR), TDX_TDCX_NUM_INCORRECT);
	for (; i < 14; i++)
		assert_status(CALL(VP_ADDCX, PAGE(200 + i), TDVPR), TDX_SUCCESS);
	assert_status(CALL(VP_ADDCX, SPARE, TDVPR), TDX_TDCX_NUM_INCORRECT);
	assert_status(CALL(VP_RD, TDVPR, 0xa020000200000002), TDX_VCPU_STATE_INCORRECT);
	assert_status(CALL(VP_WR, TDVPR, 0x202000000000000b), TDX_VCPU_STATE_INCORRECT);
	assert_status(CALL(VP_INIT_V1, TDVPR, 0, 1ULL << 32), BAD(TDX_OPERAND_INVALID, R8));
	assert_status(CALL(VP_INIT_V1, TDVPR, 0, 7), TDX_SUCCESS);
	assert_status(CALL(VP_INIT_V1, TDVPR, 0, 7), TDX_VCPU_STATE_INCORRECT);
	assert_status(CALL(VP_ADDCX, SPARE, TDVPR), TDX_VCPU_STATE_INCORRECT);
	td_destroy(&r);
	all_back(&r);
	rig_stop(&r);
}

static void build_vp(struct rig *r, u32 first)
{
	u32 i;

	assert_status(td_call(r, 0, VP_CREATE, PAGE(first), TDR, 0, 0), TDX_SUCCESS);
	for (i = 1; i < 6; i++)
		assert_status(td_call(r, 0, VP_ADDCX, PAGE(first + i), PAGE(first), 0, 0), TDX_SUCCESS);
}

static void vp_max(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_with_vp(&r);
	build_vp(&r, 300);
	assert_status(CALL(VP_INIT, PAGE(300)), TDX_SUCCESS);
	assert_status(CALL(VP_RD, PAGE(300), 0xa020000200000002), TDX_SUCCESS);
	assert_int_equal(td_out.r8, 1);			/* VCPU_INDEX */
	build_vp(&r, 310);
	assert_status(CALL(VP_INIT, PAGE(310)), TDX_MAX_VCPUS_EXCEEDED);
	rig_stop(&r);
}

/* Version 1 names the x2APIC ID, which no other vCPU of the TD may have. */
static void vp_x2apicid(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_NEXT);
	td_initialised(&r);
	build_vp(&r, 300);
	build_vp(&r, 310);
	assert_status(CALL(VP_INIT_V1, PAGE(300), 0, 7), TDX_SUCCESS);
	assert_status(CALL(VP_INIT_V1, PAGE(310), 0, 7), BAD(TDX_X2APIC_ID_NOT_UNIQUE, 7));
	assert_status(CALL(VP_INIT_V1, PAGE(310), 0, 8), TDX_SUCCESS);
	rig_stop(&r);
}

static void vp_incomplete(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_with_sept(&r);
	assert_status(CALL(VP_CREATE, PAGE(300), TDR), TDX_SUCCESS);
	build_vp(&r, 310);
	assert_status(CALL(MR_FINALIZE, TDR), TDX_SUCCESS);
	assert_status(CALL(VP_ENTER, PAGE(300)), TDX_TDCX_NUM_INCORRECT);
	assert_status(CALL(VP_ENTER, PAGE(310)), TDX_VCPU_STATE_INCORRECT);
	rig_stop(&r);
}

/* From the null id through all fields of a TD or vCPU to the null id, by version 1. */
static u32 nr_fields(struct rig *r, u64 leaf, u64 object)
{
	u64 rax = leaf | 1 << 16, last = 0, id;
	u32 n;

	assert_status(td_call(r, 0, rax, object, ~0ULL, 0, 0), TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT);
	for (n = 0; td_out.rdx != ~0ULL; n++) {
		id = td_out.rdx;
		assert_true(id > last);
		last = id;
		assert_status(td_call(r, 0, rax, object, id, 0, 0), TDX_SUCCESS);
	}
	return n;
}

static void vp_fields(void **state)
{
	u64 pend_nmi = 0x202000000000000b;
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_with_vp(&r);
	assert_int_equal(nr_fields(&r, MNG_RD, TDR), 15 + 24 + 4 + 2 * 12);
	assert_int_equal(nr_fields(&r, VP_RD, TDVPR), 10);
	/* VCPU_STATE: of a debug TD only. */
	assert_status(CALL(VP_RD, TDVPR, 0xa020000000000000), TDX_METADATA_FIELD_NOT_READABLE);
	assert_status(CALL(VP_RD, TDVPR, 0xa020000000000003), TDX_SUCCESS);
	assert_int_equal(td_out.r8, 6);
	assert_status(CALL(VP_RD, TDVPR, 0xa020000200000004), TDX_SUCCESS);
	assert_int_equal(td_out.r8, 0);			/* LP 0 */
	assert_status(CALL(VP_RD, TDVPR, 0x9120000300000100), TDX_SUCCESS);
	assert_status(CALL(VP_RD, TDVPR, 0xa020000000000099), TDX_METADATA_FIELD_ID_INCORRECT);
	assert_status(CALL(VP_WR, TDVPR, pend_nmi, 1, 1), TDX_SUCCESS);
	assert_int_equal(td_out.r8, 0);			/* what it was */
	assert_status(CALL(VP_WR, TDVPR, pend_nmi, 0, 0), TDX_SUCCESS);
	assert_int_equal(td_out.r8, 1);
	assert_status(CALL(VP_WR, TDVPR, pend_nmi, 2, 2), TDX_METADATA_FIELD_VALUE_NOT_VALID);
	assert_int_equal(td_out.r8, 0);
	assert_status(CALL(VP_RD, TDVPR, pend_nmi), TDX_SUCCESS);
	assert_int_equal(td_out.r8, 1);
	assert_status(CALL(VP_WR, TDVPR, 0xa020000200000002, 0, ~0ULL), TDX_METADATA_FIELD_NOT_WRITABLE);
	assert_status(CALL(VP_WR, TDVPR, 0xa020000000000099), TDX_METADATA_FIELD_ID_INCORRECT);
	rig_stop(&r);
}

/* VMCS fields that the host sets for the TD's interrupts and shared memory. */
static void vp_vmcs_fields(void **state)
{
	enum { NV = 0x0002, DESC = 0x2016, EPTP = 0x203c, PIN = 0x4000, GUEST_CR3 = 0x6802 };
	static const struct {
		u64 field;
		u64 value;
		u64 mask;
		bool taken;
		u64 after;
	} t[] = {
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
	struct rig r;
	size_t i;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_with_vp(&r);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_status(td_call(&r, 0, VP_WR, TDVPR, t[i].field, t[i].value, t[i].mask),
			      t[i].taken ? TDX_SUCCESS : TDX_METADATA_FIELD_VALUE_NOT_VALID);
		assert_status(CALL(VP_RD, TDVPR, t[i].field), TDX_SUCCESS);
		assert_int_equal(td_out.r8, t[i].after);
	}
	assert_status(CALL(VP_RD, TDVPR, GUEST_CR3), TDX_METADATA_FIELD_ID_INCORRECT);
	assert_status(CALL(VP_WR, TDVPR, GUEST_CR3), TDX_METADATA_FIELD_ID_INCORRECT);
	rig_stop(&r);
}

static void vp_association(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_runnable(&r);
	/* TDH.VP.INIT has associated it with LP 0. */
	assert_status(td_call(&r, 1, VP_RD, TDVPR, 0xa020000200000002, 0, 0), TDX_VCPU_ASSOCIATED);
	assert_status(td_call(&r, 1, VP_WR, TDVPR, 0x202000000000000b, 0, 0), TDX_VCPU_ASSOCIATED);
	assert_status(td_call(&r, 1, VP_ENTER, TDVPR, 0, 0, 0), TDX_VCPU_ASSOCIATED);
	assert_status(td_call(&r, 1, VP_FLUSH, TDVPR, 0, 0, 0), TDX_VCPU_NOT_ASSOCIATED);
	assert_status(CALL(MNG_VPFLUSHDONE, TDR), TDX_FLUSHVP_NOT_DONE);
	assert_status(CALL(VP_FLUSH, TDVPR), TDX_SUCCESS);
	assert_status(CALL(VP_FLUSH, TDVPR), TDX_VCPU_NOT_ASSOCIATED);
	assert_status(td_call(&r, 1, VP_ENTER, TDVPR, 0, 0, 0), 77);
	assert_status(CALL(VP_ENTER, TDVPR), TDX_VCPU_ASSOCIATED);
	rig_stop(&r);
}

/* TDVMCALL, EPT violation until there is a page, interrupt, and round again. */
static void vp_enter(void **state)
{
	struct tdxm_regs regs = { .rbp = 0xb };
	struct rig r;
	u32 i;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_runnable(&r);
	assert_status(CALL(VP_ENTER, TDVPR | 1), BAD(TDX_OPERAND_INVALID, RCX));
	for (i = 0; i < 2; i++) {
		regs.rcx = TDVPR;
		assert_status(call(&r, 0, VP_ENTER, &regs), 77);
		assert_int_equal(regs.rcx, 0xfc00);
		assert_int_equal(regs.r11, 12);			/* HLT */
		assert_int_equal(regs.r15, 0x1515151515151515);
		assert_int_equal(regs.rdi, 0xd1d1d1d1d1d1d1d1);
		assert_int_not_equal(regs.rbp, 0xb);		/* this module clobbers it */
		assert_status(CALL(VP_ENTER, TDVPR), 48);
		assert_int_equal(td_out.r8, 0x40000);
		if (!i) {
			assert_status(CALL(VP_ENTER, TDVPR), 48);
			assert_status(CALL(MEM_PAGE_AUG, 0x40000, TDR, SPARE), TDX_SUCCESS);
		}
		assert_status(CALL(VP_ENTER, TDVPR), 1);
		assert_int_equal(td_out.r9, 0x800000ec);
	}
	/* Accepted: mapped. */
	assert_status(CALL(MEM_PAGE_REMOVE, 0x40000, TDR), BAD(TDX_GPA_RANGE_NOT_BLOCKED, RCX));
	assert_int_equal(td_out.rdx, 4 << 8);
	assert_status(CALL(MEM_RANGE_BLOCK, 0x40000, TDR), TDX_SUCCESS);
	assert_status(CALL(MEM_TRACK, TDR), TDX_SUCCESS);
	assert_status(CALL(MEM_PAGE_REMOVE, 0x40000, TDR), TDX_SUCCESS);
	assert_int_equal(touched(&r), 0);
	td_destroy(&r);
	all_back(&r);
	rig_stop(&r);
}

/* What a second vCPU does, what comes back from the host, and posted interrupts. */
static void vp_enter_host(void **state)
{
	static const struct tdxm_regs exits[] = {
		{ .rax = 77, .rcx = 0xfc00, .r11 = 30, .r15 = TDXM_EXIT_ECHO },
		{ .rax = 77, .rcx = 0xfc00, .r11 = 0x10001, .r12 = 1ULL << 47 | 0x20000, .r13 = 4096 },
		{ .rax = 48, .r8 = 1ULL << 47 | 0x20000 },
		{ .rax = 48, .r8 = 0x40000 },
	};
	struct tdxm_regs regs = { .rax = VP_ENTER, .rcx = TDVPR, .r11 = 0x5a };
	u64 *desc;
	struct rig r;
	u32 i;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_runnable(&r);
	assert_int_equal(tdxm_set_exits(r.m, exits, 4), 0);
	assert_int_equal(tdxm_seamcall(r.m, 0, &regs), TDXM_COMPLETED);
	assert_int_equal(regs.r15, 0x5a);
	assert_status(CALL(VP_ENTER, TDVPR), 77);
	assert_int_equal(td_out.r12, 1ULL << 47 | 0x20000);
	/* It is made again, whether the host has mapped something there or not. */
	assert_status(CALL(VP_ENTER, TDVPR), 48);
	assert_status(CALL(VP_ENTER, TDVPR), 48);
	assert_int_equal(td_out.r8, 0x40000);
	assert_status(CALL(VP_ENTER, TDVPR), 48);
	assert_int_equal(td_out.r8, 0x40000);

	desc = (u64 *)(r.ram + SOURCE_PA);
	for (i = 0; i < 4; i++)
		desc[i] = 1ULL << i;
	desc[4] = 0xf20001;
	assert_status(td_call(&r, 0, VP_WR, TDVPR, 0x2016, SOURCE_PA, ~0ULL), TDX_SUCCESS);
	assert_status(CALL(VP_ENTER, TDVPR), 48);
	assert_int_equal(desc[4], 0xf20001);		/* posting is off */
	assert_status(td_call(&r, 0, VP_WR, TDVPR, 0x4000, 1 << 7, 1 << 7), TDX_SUCCESS);
	assert_status(CALL(VP_ENTER, TDVPR), 48);
	assert_int_equal(desc[4], 0xf20000);
	assert_int_equal(desc[0] | desc[1] | desc[2] | desc[3], 0);
	rig_stop(&r);
}

/* The same script, further on in memory. */
static void vp_enter_stride(void **state)
{
	static const struct tdxm_regs exits[] = {
		{ .rax = 77, .rcx = 0xfc00, .r11 = 0x10001, .r12 = 1ULL << 47 | 0x20000, .r13 = 4096 },
		{ .rax = 48, .r8 = 1ULL << 47 | 0x20000 },
		{ .rax = 1, .r8 = 0x20000 },
	};
	u32 i, vp;
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_with_vp(&r);
	assert_status(CALL(VP_CREATE, PAGE(300), TDR), TDX_SUCCESS);
	for (i = 0; i < 5; i++)
		assert_status(CALL(VP_ADDCX, PAGE(301 + i), PAGE(300)), TDX_SUCCESS);
	assert_status(CALL(VP_INIT, PAGE(300)), TDX_SUCCESS);
	assert_status(CALL(MR_FINALIZE, TDR), TDX_SUCCESS);
	assert_int_equal(tdxm_set_exits(r.m, exits, 3), 0);
	tdxm_set_exit_stride(r.m, 0x80000);
	for (vp = 0; vp < 2; vp++) {
		u64 tdvpr = vp ? PAGE(300) : TDVPR, gpa = 0x20000 + vp * 0x80000;

		assert_status(CALL(VP_ENTER, tdvpr), 77);
		assert_int_equal(td_out.r12, 1ULL << 47 | gpa);
		assert_status(CALL(VP_ENTER, tdvpr), 48);
		assert_int_equal(td_out.r8, 1ULL << 47 | gpa);
		assert_status(CALL(VP_ENTER, tdvpr), 1);
		assert_int_equal(td_out.r8, 0x20000);
	}
	rig_stop(&r);
}

static void vp_enter_script(void **state)
{
	struct tdxm_regs exits[] = { { .rax = 10, .rcx = 1 }, { .rax = 48, .r8 = 4 * MB } };
	struct tdxm_regs regs = { .rcx = TDVPR, .rbp = 0xb };
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_NEXT);
	td_runnable(&r);
	assert_int_equal(tdxm_set_exits(r.m, exits, 0), -1);
	assert_int_equal(tdxm_set_exits(r.m, exits, 17), -1);
	assert_int_equal(tdxm_set_exits(r.m, exits, 2), 0);
	assert_status(call(&r, 0, VP_ENTER, &regs), 10);
	assert_int_equal(regs.rbp, 0);			/* this TD has not asked for NO_RBP_MOD */
	assert_status(CALL(VP_ENTER, TDVPR), 48);
	/* 2 MB at once will do, too. */
	assert_status(CALL(MEM_PAGE_AUG, 4 * MB | 1, TDR, 4 * GB + 32 * MB), TDX_SUCCESS);
	assert_status(CALL(VP_ENTER, TDVPR), 10);
	rig_stop(&r);
}

/* The end */

static void teardown_order(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_runnable(&r);
	assert_status(CALL(PHYMEM_CACHE_WB, 2), BAD(TDX_OPERAND_INVALID, RCX));
	assert_status(CALL(PHYMEM_CACHE_WB, 0), TDX_NO_HKID_READY_TO_WBCACHE);
	assert_status(CALL(PHYMEM_CACHE_WB, 1), TDX_WBCACHE_RESUME_ERROR);
	assert_status(CALL(MNG_KEY_FREEID, TDR), TDX_LIFECYCLE_STATE_INCORRECT);
	assert_status(CALL(PHYMEM_PAGE_RECLAIM, TDR), TDX_LIFECYCLE_STATE_INCORRECT);
	assert_status(CALL(PHYMEM_PAGE_RECLAIM, DATA(0)), TDX_LIFECYCLE_STATE_INCORRECT);
	assert_int_equal(td_out.rcx, PT_REG);
	assert_int_equal(td_out.rdx, TDR);
	assert_status(CALL(PHYMEM_PAGE_WBINVD, DATA(0) | KEYID_PA(KEYID)), BAD(TDX_PAGE_METADATA_INCORRECT, RCX));
	assert_status(CALL(VP_FLUSH, TDVPR), TDX_SUCCESS);
	assert_status(CALL(MNG_VPFLUSHDONE, TDR), TDX_SUCCESS);
	assert_status(CALL(MNG_VPFLUSHDONE, TDR), TDX_LIFECYCLE_STATE_INCORRECT);
	/* Keys are gone: nothing runs. */
	assert_status(CALL(VP_ENTER, TDVPR), TDX_TD_KEYS_NOT_CONFIGURED);
	assert_status(CALL(VP_FLUSH, TDVPR), TDX_TD_KEYS_NOT_CONFIGURED);
	assert_status(CALL(VP_RD, TDVPR), TDX_TD_KEYS_NOT_CONFIGURED);
	assert_status(CALL(VP_WR, TDVPR), TDX_TD_KEYS_NOT_CONFIGURED);
	assert_status(CALL(VP_INIT, TDVPR), TDX_TD_KEYS_NOT_CONFIGURED);
	assert_status(CALL(VP_ADDCX, SPARE, TDVPR), TDX_TD_KEYS_NOT_CONFIGURED);
	/* Each package, or the KeyID is not free. */
	assert_status(CALL(MNG_KEY_FREEID, TDR), TDX_WBCACHE_NOT_COMPLETE);
	assert_status(CALL(PHYMEM_CACHE_WB, 0), TDX_SUCCESS);
	assert_status(CALL(MNG_KEY_FREEID, TDR), TDX_WBCACHE_NOT_COMPLETE);
	assert_status(td_call(&r, 2, PHYMEM_CACHE_WB, 0, 0, 0, 0), TDX_SUCCESS);
	assert_status(CALL(MNG_CREATE, SPARE, KEYID), TDX_HKID_NOT_FREE);
	assert_status(CALL(MNG_KEY_FREEID, TDR), TDX_SUCCESS);
	assert_status(CALL(MNG_KEY_FREEID, TDR), TDX_LIFECYCLE_STATE_INCORRECT);
	assert_int_equal(tdxm_nr_keyids_used(r.m), 0);
	/* Pages first, the TDR last. */
	assert_status(CALL(PHYMEM_PAGE_RECLAIM, TDR), TDX_TD_ASSOCIATED_PAGES_EXIST);
	assert_status(CALL(PHYMEM_PAGE_RECLAIM, DATA(0)), TDX_SUCCESS);
	assert_status(CALL(PHYMEM_PAGE_RECLAIM, DATA(0)), BAD(TDX_PAGE_METADATA_INCORRECT, RCX));
	assert_status(CALL(PHYMEM_PAGE_RECLAIM, TDR), TDX_TD_ASSOCIATED_PAGES_EXIST);
	/* The KeyID is another TD's already. */
	assert_status(CALL(MNG_CREATE, SPARE, KEYID), TDX_SUCCESS);
	assert_int_equal(tdxm_nr_tds(r.m), 2);
	rig_stop(&r);
}

static void cache_wb_interrupted(void **state)
{
	struct rig r;
	u32 i;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_created(&r);
	assert_status(CALL(MNG_CREATE, SPARE, KEYID + 1), TDX_SUCCESS);
	assert_status(CALL(MNG_VPFLUSHDONE, TDR), TDX_SUCCESS);
	for (i = 0; i < 2; i++)
		assert_status(CALL(PHYMEM_CACHE_WB, 0), TDX_SUCCESS);
	assert_status(td_call(&r, 2, PHYMEM_CACHE_WB, 0, 0, 0, 0), TDX_SUCCESS);
	assert_status(CALL(MNG_KEY_FREEID, TDR), TDX_SUCCESS);
	assert_status(CALL(MNG_CREATE, DATA(0), KEYID), TDX_SUCCESS);
	assert_status(CALL(MNG_VPFLUSHDONE, DATA(0)), TDX_SUCCESS);
	assert_status(CALL(PHYMEM_CACHE_WB, 0), TDX_INTERRUPTED_RESUMABLE);
	/* What comes meanwhile is not part of it. */
	assert_status(CALL(MNG_VPFLUSHDONE, SPARE), TDX_SUCCESS);
	assert_status(CALL(PHYMEM_CACHE_WB, 1), TDX_SUCCESS);
	assert_status(CALL(PHYMEM_CACHE_WB, 1), TDX_WBCACHE_RESUME_ERROR);
	assert_status(td_call(&r, 2, PHYMEM_CACHE_WB, 0, 0, 0, 0), TDX_SUCCESS);
	assert_status(CALL(MNG_KEY_FREEID, DATA(0)), TDX_SUCCESS);
	assert_status(CALL(MNG_KEY_FREEID, SPARE), TDX_WBCACHE_NOT_COMPLETE);
	rig_stop(&r);
}

static void whole_life(void **state)
{
	enum tdxm_profile p;
	struct rig r;
	u32 round, n;

	(void)state;
	for (p = TDXM_1_0_3; p <= TDXM_NEXT; p++) {
		td_ready(&r, p);
		for (round = 0; round < 3; round++) {
			td_with_sept(&r);
			for (n = 0; n < 64; n++)
				td_with_page(&r, n);
			assert_status(CALL(MR_FINALIZE, TDR), TDX_SUCCESS);
			assert_status(CALL(VP_ENTER, TDVPR), 77);
			assert_int_equal(tdxm_verify_pamt(r.m), 0);
			td_destroy(&r);
			all_back(&r);
		}
		rig_stop(&r);
	}
}

/* KeyIDs run out; TDs that hold none do not. */
static void keyids_run_out(void **state)
{
	struct rig r;
	u32 i;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	for (i = 17; i < 64; i++)
		assert_status(CALL(MNG_CREATE, PAGE(i), i), TDX_SUCCESS);
	for (i = 16; i < 64; i++)
		assert_status(CALL(MNG_CREATE, SPARE, i), TDX_HKID_NOT_FREE);
	assert_int_equal(tdxm_nr_keyids_used(r.m), 47);
	for (i = 17; i < 64; i++)
		assert_status(CALL(MNG_VPFLUSHDONE, PAGE(i)), TDX_SUCCESS);
	assert_status(CALL(PHYMEM_CACHE_WB, 0), TDX_SUCCESS);
	assert_status(td_call(&r, 2, PHYMEM_CACHE_WB, 0, 0, 0, 0), TDX_SUCCESS);
	for (i = 17; i < 64; i++) {
		assert_status(CALL(MNG_KEY_FREEID, PAGE(i)), TDX_SUCCESS);
		assert_status(CALL(PHYMEM_PAGE_RECLAIM, PAGE(i)), TDX_SUCCESS);
	}
	all_back(&r);
	rig_stop(&r);
}

/* The model has room for so many, and then is busy; nothing is lost by it. */
static void model_is_full(void **state)
{
	struct rig r;
	u32 i;

	(void)state;
	rig_describe(&r, TDXM_1_5_01);
	r.machine.nr_tdx_keyids = 400;
	r.machine.phys_bits = PA_BITS + 9;
	rig_start(&r);
	to_ready(&r);
	init_tdmr(&r, 4 * GB, 0);
	for (i = 0; i < 128; i++)
		assert_status(CALL(MNG_CREATE, PAGE(2000 + i), 100 + i), TDX_SUCCESS);
	assert_status(CALL(MNG_CREATE, TDR, KEYID), BAD(TDX_OPERAND_BUSY, OP_KOT));
	for (i = 0; i < 128; i++)
		assert_status(CALL(MNG_VPFLUSHDONE, PAGE(2000 + i)), TDX_SUCCESS);
	assert_status(CALL(PHYMEM_CACHE_WB, 0), TDX_SUCCESS);
	assert_status(td_call(&r, 2, PHYMEM_CACHE_WB, 0, 0, 0, 0), TDX_SUCCESS);
	for (i = 0; i < 128; i++) {
		assert_status(CALL(MNG_KEY_FREEID, PAGE(2000 + i)), TDX_SUCCESS);
		assert_status(CALL(PHYMEM_PAGE_RECLAIM, PAGE(2000 + i)), TDX_SUCCESS);
	}
	td_initialised(&r);
	for (i = 0; i < 512; i++)
		assert_status(CALL(VP_CREATE, PAGE(2000 + i), TDR), TDX_SUCCESS);
	assert_status(CALL(VP_CREATE, TDVPR, TDR), BAD(TDX_OPERAND_BUSY, RCX));
	assert_int_equal(td_page_type(&r, TDVPR), PT_NDA);
	rig_stop(&r);
}

/* Contention: what another LP is told while a leaf takes its time. */

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

static void hold(struct rig *r, u64 leaf, void (*other)(struct rig *r))
{
	held.leaf = leaf;
	held.done = false;
	held.other = other;
	r->on_dwell = on_dwell;
}

#define OTHER(...) OTHER_(__VA_ARGS__, 0, 0, 0, 0, 0)
#define OTHER_(rax, rcx, rdx, r8, r9, ...) td_call(r, 1, rax, rcx, rdx, r8, r9)

static void all_busy(struct rig *r)
{
	size_t i;

	for (i = 0; i < NR_LEAVES; i++) {
		const struct leaf *l = &leaves[i];

		if (l->leaf == PHYMEM_PAGE_RECLAIM) {
			assert_status(OTHER(PHYMEM_PAGE_RECLAIM, TDR), BAD(TDX_OPERAND_BUSY, RCX));
			assert_status(OTHER(PHYMEM_PAGE_RECLAIM, TDCX(0)), BAD(TDX_OPERAND_BUSY, OP_TDR));
		} else if (l->type == PT_TDR) {
			assert_status(OTHER(l->leaf, l->reg ? 0 : TDR, l->reg ? TDR : 0),
				      BAD(TDX_OPERAND_BUSY, l->reg ? RDX : RCX));
		} else if (l->type == PT_TDVPR) {
			assert_status(OTHER(l->leaf, l->reg ? 0 : TDVPR, l->reg ? TDVPR : 0),
				      BAD(TDX_OPERAND_BUSY, OP_TDR));
		}
	}
	assert_status(OTHER(MNG_CREATE, TDR, KEYID + 1), BAD(TDX_OPERAND_BUSY, RCX));
	assert_status(OTHER(PHYMEM_PAGE_WBINVD, TDR), BAD(TDX_OPERAND_BUSY, RCX));
	assert_status(OTHER(PHYMEM_PAGE_RDMD, TDR), BAD(TDX_OPERAND_BUSY, RCX));
}

/* A leaf that takes the TDR for itself. */
static void busy_tdr(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_with_vp(&r);
	hold(&r, MR_FINALIZE, all_busy);
	assert_status(CALL(MR_FINALIZE, TDR), TDX_SUCCESS);
	assert_true(held.done);
	assert_status(CALL(MNG_RD, TDR, 0x9010000200000004), TDX_SUCCESS);
	rig_stop(&r);
}

static void while_kot(struct rig *r)
{
	assert_status(OTHER(MNG_CREATE, SPARE, KEYID + 1), BAD(TDX_OPERAND_BUSY, OP_KOT));
	assert_status(OTHER(MNG_VPFLUSHDONE, TDR), BAD(TDX_OPERAND_BUSY, OP_KOT));
	assert_status(OTHER(PHYMEM_CACHE_WB, 0), BAD(TDX_OPERAND_BUSY, OP_KOT));
	assert_status(OTHER(MNG_CREATE, DATA(0), KEYID + 1), BAD(TDX_OPERAND_BUSY, RCX));
}

static void while_cache_wb(struct rig *r)
{
	assert_status(OTHER(PHYMEM_CACHE_WB, 0), BAD(TDX_OPERAND_BUSY, OP_WBCACHE));
	assert_status(OTHER(MNG_CREATE, SPARE, KEYID + 2), BAD(TDX_OPERAND_BUSY, OP_KOT));
	assert_status(OTHER(MNG_KEY_FREEID, TDR), BAD(TDX_OPERAND_BUSY, OP_KOT));
	/* Another package may. */
	assert_status(td_call(r, 2, PHYMEM_CACHE_WB, 0, 0, 0, 0), TDX_SUCCESS);
}

static void busy_kot(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_created(&r);
	hold(&r, MNG_CREATE, while_kot);
	assert_status(CALL(MNG_CREATE, DATA(0), KEYID + 1), TDX_SUCCESS);
	assert_true(held.done);
	assert_status(CALL(MNG_VPFLUSHDONE, TDR), TDX_SUCCESS);
	hold(&r, PHYMEM_CACHE_WB, while_cache_wb);
	assert_status(CALL(PHYMEM_CACHE_WB, 0), TDX_SUCCESS);
	assert_true(held.done);
	assert_status(CALL(MNG_KEY_FREEID, TDR), TDX_SUCCESS);
	rig_stop(&r);
}

static void while_key(struct rig *r)
{
	assert_status(OTHER(MNG_KEY_CONFIG, TDR), BAD(TDX_OPERAND_BUSY, RCX));
	assert_status(OTHER(MNG_KEY_CONFIG, SPARE), BAD(TDX_OPERAND_BUSY, OP_KET));
	assert_status(td_call(r, 2, MNG_KEY_CONFIG, SPARE, 0, 0, 0), TDX_SUCCESS);
}

static void busy_ket(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_created(&r);
	assert_status(CALL(MNG_CREATE, SPARE, KEYID + 1), TDX_SUCCESS);
	hold(&r, MNG_KEY_CONFIG, while_key);
	assert_status(CALL(MNG_KEY_CONFIG, TDR), TDX_SUCCESS);
	assert_true(held.done);
	rig_stop(&r);
}

/* The tree is shared, the entry and the page are not. */
static void while_aug(struct rig *r)
{
	assert_status(OTHER(MEM_PAGE_AUG, 4096, TDR, DATA(2)), BAD(TDX_OPERAND_BUSY, RCX));
	assert_status(OTHER(MEM_PAGE_REMOVE, 4096, TDR), BAD(TDX_OPERAND_BUSY, RCX));
	assert_status(OTHER(MEM_PAGE_AUG, 2 * 4096, TDR, DATA(1)), BAD(TDX_OPERAND_BUSY, R8));
	assert_status(OTHER(MEM_PAGE_AUG, 2 * MB | 1, TDR, 4 * GB), BAD(TDX_PAGE_METADATA_INCORRECT, R8));
	assert_status(OTHER(MEM_SEPT_ADD, 2 * MB | 1, TDR, DATA(1)), BAD(TDX_OPERAND_BUSY, R8));
	assert_status(OTHER(MEM_SEPT_ADD, 2 * MB | 1, TDR, DATA(3)), TDX_SUCCESS);
	assert_status(OTHER(MEM_RANGE_BLOCK, 0, TDR), BAD(TDX_OPERAND_BUSY, OP_SEPT_TREE));
	assert_status(OTHER(VP_FLUSH, TDVPR), TDX_VCPU_NOT_ASSOCIATED);
	assert_status(OTHER(MNG_VPFLUSHDONE, TDR), BAD(TDX_OPERAND_BUSY, RCX));
}

static void while_block(struct rig *r)
{
	assert_status(OTHER(MEM_PAGE_AUG, 2 * 4096, TDR, DATA(2)), BAD(TDX_OPERAND_BUSY, OP_SEPT_TREE));
	assert_status(OTHER(MEM_SEPT_ADD, 4 * MB | 1, TDR, DATA(2)), BAD(TDX_OPERAND_BUSY, OP_SEPT_TREE));
	assert_status(OTHER(MEM_PAGE_REMOVE, 4096, TDR), BAD(TDX_OPERAND_BUSY, OP_SEPT_TREE));
	assert_status(OTHER(MEM_TRACK, TDR), TDX_SUCCESS);
}

static void while_track(struct rig *r)
{
	assert_status(OTHER(MEM_TRACK, TDR), BAD(TDX_OPERAND_BUSY, OP_TD_EPOCH));
	assert_status(td_call(r, 0, VP_ENTER, TDVPR, 0, 0, 0), BAD(TDX_OPERAND_BUSY, OP_TD_EPOCH));
}

static void busy_memory(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_runnable(&r);
	hold(&r, MEM_PAGE_AUG, while_aug);
	assert_status(CALL(MEM_PAGE_AUG, 4096, TDR, DATA(1)), TDX_SUCCESS);
	assert_true(held.done);
	hold(&r, MEM_RANGE_BLOCK, while_block);
	assert_status(CALL(MEM_RANGE_BLOCK, 4096, TDR), TDX_SUCCESS);
	assert_true(held.done);
	hold(&r, MEM_TRACK, while_track);
	assert_status(td_call(&r, 2, MEM_TRACK, TDR, 0, 0, 0), TDX_SUCCESS);
	assert_true(held.done);
	td_destroy(&r);
	all_back(&r);
	rig_stop(&r);
}

/* A vCPU in the TD: what was blocked since is not tracked before it leaves. */
static void while_inside(struct rig *r)
{
	assert_status(OTHER(MEM_RANGE_BLOCK, 0, TDR), TDX_SUCCESS);
	assert_status(OTHER(MEM_TRACK, TDR), TDX_SUCCESS);
	assert_status(OTHER(MEM_TRACK, TDR), TDX_PREVIOUS_TLB_EPOCH_BUSY);
	assert_status(OTHER(MEM_PAGE_REMOVE, 0, TDR), BAD(TDX_TLB_TRACKING_NOT_DONE, RCX));
	assert_status(OTHER(VP_FLUSH, TDVPR), BAD(TDX_OPERAND_BUSY, RCX));
	assert_status(OTHER(VP_ADDCX, SPARE, TDVPR), BAD(TDX_OPERAND_BUSY, RDX));
	assert_status(OTHER(VP_INIT, TDVPR), BAD(TDX_OPERAND_BUSY, RCX));
	assert_status(OTHER(PHYMEM_PAGE_RECLAIM, TDVPR), BAD(TDX_OPERAND_BUSY, RCX));
	assert_status(OTHER(VP_ENTER, TDVPR), TDX_VCPU_ASSOCIATED);
}

static void tracking(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_runnable(&r);
	hold(&r, VP_ENTER, while_inside);
	assert_status(CALL(VP_ENTER, TDVPR), 77);
	assert_true(held.done);
	assert_status(CALL(MEM_PAGE_REMOVE, 0, TDR), TDX_SUCCESS);
	assert_status(CALL(MEM_TRACK, TDR), TDX_SUCCESS);
	assert_status(CALL(MEM_TRACK, TDR), TDX_SUCCESS);
	td_destroy(&r);
	all_back(&r);
	rig_stop(&r);
}

/* What a host does to memory that is not its own any more: seen, and survived. */

static void spoilt_pages(void **state)
{
	static const u64 pages[] = { TDR, TDCX(0), TDCX(5), TDVPR, TDVPX(4), SEPT(2) };
	struct rig r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
		td_ready(&r, TDXM_1_5_01);
		td_runnable(&r);
		memset(r.ram + pages[i] + 64, 0, 8);
		td_destroy(&r);
		assert_int_equal(touched(&r), 1);
		assert_int_equal(violations(&r), 1);
		rig_stop(&r);
	}
}

static void spoilt_contents(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_runnable(&r);
	r.ram[DATA(0) + 4095] ^= 1;
	assert_status(CALL(MEM_RANGE_BLOCK, 0, TDR), TDX_SUCCESS);
	assert_status(CALL(MEM_TRACK, TDR), TDX_SUCCESS);
	assert_status(CALL(MEM_PAGE_REMOVE, 0, TDR), TDX_SUCCESS);
	assert_int_equal(touched(&r), 1);
	rig_stop(&r);
}

/* Every word of every page of the secure EPT, with anything: no crash, and no success. */
static void spoilt_sept(void **state)
{
	static const u64 tables[] = { TDCX(3), SEPT(0), SEPT(1), SEPT(2) };
	static const u64 values[] = { 0, ~0ULL, 0x5555555555555555, PAGE(5), PAGE(5) | 1, 7 * GB | 3 };
	struct rig r;
	size_t i, j;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_runnable(&r);
	for (i = 0; i < 4; i++)
		for (j = 0; j < sizeof(values) / sizeof(values[0]); j++) {
			u64 *word = (u64 *)(r.ram + tables[i]), was = *word;

			*word = values[j];
			assert_int_not_equal(CALL(MEM_RANGE_BLOCK, 0, TDR), TDX_SUCCESS);
			assert_int_not_equal(CALL(MEM_PAGE_REMOVE, 0, TDR), TDX_SUCCESS);
			assert_int_not_equal(CALL(MEM_PAGE_AUG, 0, TDR, SPARE), TDX_SUCCESS);
			CALL(VP_ENTER, TDVPR);
			*word = was;
		}
	assert_true(touched(&r) > 0);
	td_destroy(&r);
	assert_int_equal(tdxm_nr_tds(r.m), 0);
	rig_stop(&r);
}

/* The PAMT entry of a TD's page: found by its checksum, now and at the next use. */
static void spoilt_pamt(void **state)
{
	struct rig r;
	u64 *entry;
	u32 word;

	(void)state;
	for (word = 0; word < 2; word++) {
		td_ready(&r, TDXM_1_5_01);
		td_created(&r);
		assert_int_equal(tdxm_verify_pamt(r.m), 0);
		entry = (u64 *)(r.ram + tdmr(&r, 0)->pamt[P4K].base);
		entry[word] ^= 1ULL << 30;
		assert_int_equal(tdxm_verify_pamt(r.m), 1);
		assert_status(CALL(MNG_KEY_CONFIG, TDR), BAD(TDX_PAGE_METADATA_INCORRECT, RCX));
		assert_int_equal(tdxm_violations(r.m, TDXM_V_PAMT_TOUCHED), 2);
		rig_stop(&r);
	}
}

/* The tests themselves */

static void meta_all_seen(void **state)
{
	(void)state;
	answers_all_seen(&answers);
}

static bool is_ours(const char *file)
{
	return !strncmp(file, "td_", 3);
}

static void meta_sources(void **state)
{
	(void)state;
	answers_cover(&answers, MODEL_DIR, is_ours, 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_not_ready),
		cmocka_unit_test(any_lp_not_done),
		cmocka_unit_test(any_version),
		cmocka_unit_test(any_page),
		cmocka_unit_test(create),
		cmocka_unit_test(create_after_refused_config),
		cmocka_unit_test(key_config),
		cmocka_unit_test(addcx),
		cmocka_unit_test(half_a_td),
		cmocka_unit_test(op_state),
		cmocka_unit_test(params),
		cmocka_unit_test(cpuid_values),
		cmocka_unit_test(mng_rd),
		cmocka_unit_test(sha384),
		cmocka_unit_test(mrtd),
		cmocka_unit_test(extend_and_finalize),
		cmocka_unit_test(sept_add),
		cmocka_unit_test(page_add),
		cmocka_unit_test(page_aug),
		cmocka_unit_test(page_aug_2m),
		cmocka_unit_test(block_track_remove),
		cmocka_unit_test(remove_before_finalize),
		cmocka_unit_test(vp_build),
		cmocka_unit_test(vp_max),
		cmocka_unit_test(vp_x2apicid),
		cmocka_unit_test(vp_incomplete),
		cmocka_unit_test(vp_fields),
		cmocka_unit_test(vp_vmcs_fields),
		cmocka_unit_test(vp_association),
		cmocka_unit_test(vp_enter),
		cmocka_unit_test(vp_enter_script),
		cmocka_unit_test(vp_enter_host),
		cmocka_unit_test(vp_enter_stride),
		cmocka_unit_test(teardown_order),
		cmocka_unit_test(cache_wb_interrupted),
		cmocka_unit_test(whole_life),
		cmocka_unit_test(keyids_run_out),
		cmocka_unit_test(model_is_full),
		cmocka_unit_test(busy_tdr),
		cmocka_unit_test(busy_kot),
		cmocka_unit_test(busy_ket),
		cmocka_unit_test(busy_memory),
		cmocka_unit_test(tracking),
		cmocka_unit_test(spoilt_pages),
		cmocka_unit_test(spoilt_contents),
		cmocka_unit_test(spoilt_sept),
		cmocka_unit_test(spoilt_pamt),
		cmocka_unit_test(meta_all_seen),
		cmocka_unit_test(meta_sources),
	};

	rig_on_status = note_status;
	return cmocka_run_group_tests_name("model_td", tests, NULL, NULL);
}
