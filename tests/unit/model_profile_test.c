// SPDX-License-Identifier: GPL-2.0-only
/* The differences between the published modules, profile by profile. */
#include "td_rig.h"


static const u64 max_vcpus_field = 0x9900000100000008;

static u64 rd(struct rig *r, u64 id, u64 *value)
{
	struct tdxm_regs regs = { .rdx = id };
	u64 status = call(r, 0, SYS_RD, &regs);

	*value = regs.r8;
	return status;
}

static void fields(void **state)
{
	static const struct {
		enum tdxm_profile profile;
		u64 features;
		u64 cpuids;
		u64 flags;
		u64 max_vcpus;	/* 0: the module has no such field */
	} t[] = {
		{ TDXM_1_5_01, 0x00000000000f0fbf, 12, 0x07, 0 },
		{ TDXM_1_5_05, 0x00000000000f0fbf, 18, 0x07, 576 },
		{ TDXM_1_5_34, 0x005ad9326f3f0fbf, 28, 0x1f, 576 },
		{ TDXM_2_0_14, 0x0000d1326f3f0fbf, 28, 0x1f, 576 },
		{ TDXM_NEXT, 0x005ad9326f3f0fbf | 1ULL << 53, 28, 0x1f, 576 },
	};
	struct rig r;
	size_t i;
	u64 v;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		rig_new(&r, t[i].profile);
		to_lps(&r);
		assert_int_equal(rd(&r, 0x0a00000300000008, &v), TDX_SUCCESS);
		assert_int_equal(v, t[i].features);
		assert_int_equal(rd(&r, 0x9900000100000004, &v), TDX_SUCCESS);
		assert_int_equal(v, t[i].cpuids);
		assert_int_equal(rd(&r, 0x9900000300000006, &v), TDX_SUCCESS);
		assert_int_equal(v, t[i].flags);
		assert_int_equal(rd(&r, max_vcpus_field, &v),
				 t[i].max_vcpus ? TDX_SUCCESS : TDX_METADATA_FIELD_ID_INCORRECT);
		assert_int_equal(v, t[i].max_vcpus);
		rig_stop(&r);
	}
}

/* TD_PARAMS.MAX_VCPUS above the limit of the module, if that has one. */
static void too_many_vcpus(void **state)
{
	enum tdxm_profile p;
	struct rig r;

	(void)state;
	for (p = TDXM_1_0_3; p < TDXM_NR_PROFILES; p++) {
		td_ready(&r, p);
		td_allocated(&r);
		td_good_params(&r);
		r.ram[PARAMS_PA + 16] = 577 & 0xff;
		r.ram[PARAMS_PA + 17] = 577 >> 8;
		assert_int_equal(td_call(&r, 0, MNG_INIT, TDR, PARAMS_PA, 0, 0),
				 p < TDXM_1_5_05 ? TDX_SUCCESS : TDX_OPERAND_INVALID | 68);
		rig_stop(&r);
	}
}

/* All profiles become READY with all LPs, only "next" without some. */
static void lps_before_config(void **state)
{
	enum tdxm_profile p;
	struct rig r;

	(void)state;
	for (p = TDXM_1_0_3; p < TDXM_NR_PROFILES; p++) {
		rig_new(&r, p);
		to_init(&r);
		call3(&r, 0, SYS_LP_INIT, 0, 0, 0);
		call3(&r, 2, SYS_LP_INIT, 0, 0, 0);
		good_tdmrs(&r);
		assert_int_equal(config(&r), p == TDXM_NEXT ? TDX_SUCCESS : TDX_SYS_CONFIG_NOT_PENDING);
		assert_int_equal(tdxm_wants_every_lp(p), p != TDXM_NEXT);
		rig_stop(&r);
		rig_new(&r, p);
		to_ready(&r);
		assert_int_equal(call3(&r, 0, SYS_LP_INIT, 0, 0, 0),
				 p == TDXM_NEXT ? TDX_SYS_LP_INIT_DONE : TDX_SYS_LP_INIT_NOT_PENDING);
		rig_stop(&r);
	}
}

/* No published module has leaf 69. */
static void disable_unknown(void **state)
{
	enum tdxm_profile p;
	struct rig r;

	(void)state;
	for (p = TDXM_1_0_3; p < TDXM_NR_PROFILES; p++) {
		rig_new(&r, p);
		to_ready(&r);
		assert_int_equal(call3(&r, 0, SYS_DISABLE, 0, 0, 0),
				 p == TDXM_NEXT ? TDX_INTERRUPTED_RESUMABLE : TDX_OPERAND_INVALID);
		rig_stop(&r);
	}
}

static void disable_steps(void **state)
{
	struct rig r;
	u32 i;

	(void)state;
	rig_describe(&r, TDXM_NEXT);
	r.machine.disable_steps = 100;
	rig_start(&r);
	to_ready(&r);
	for (i = 0; i < 100; i++)
		assert_int_equal(call3(&r, 0, SYS_DISABLE, 0, 0, 0), TDX_INTERRUPTED_RESUMABLE);
	assert_int_equal(call3(&r, 0, SYS_DISABLE, 0, 0, 0), TDX_SUCCESS);
	rig_stop(&r);
}

/* The module does what the simulator tells the scenarios about it. */
static void shutdown_leaf(void **state)
{
	enum tdxm_profile p;
	struct rig r;
	u32 lp, leaf;

	(void)state;
	for (p = TDXM_1_0_3; p < TDXM_NR_PROFILES; p++) {
		leaf = tdxm_shutdown_leaf(p);
		rig_new(&r, p);
		to_ready(&r);
		for (lp = 0; lp < NR_LPS; lp++)
			assert_int_equal(call3(&r, lp, SYS_LP_SHUTDOWN, 0, 0, 0), TDX_SUCCESS);
		assert_int_equal(tdxm_ready(r.m), leaf != SYS_LP_SHUTDOWN);
		while (tdxm_ready(r.m) && leaf == SYS_DISABLE)
			call3(&r, 0, SYS_DISABLE, 0, 0, 0);
		assert_int_equal(tdxm_ready(r.m), !leaf);
		rig_stop(&r);
	}
	assert_int_equal(tdxm_shutdown_leaf(TDXM_1_0_3), SYS_LP_SHUTDOWN);
	assert_int_equal(tdxm_shutdown_leaf(TDXM_1_5_01), 0);
	assert_int_equal(tdxm_shutdown_leaf(TDXM_NEXT), SYS_DISABLE);
}

static void lp_shutdown_busy(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_0_3);
	to_lps(&r);
	good_tdmrs(&r);
	tdmr(&r, 1)->size = 0;
	r.armed = true;
	r.inner_lp = 1;
	r.inner = (struct tdxm_regs){ .rax = SYS_LP_SHUTDOWN };
	assert_int_equal(config(&r), TDX_INVALID_TDMR | 1);
	assert_int_equal(r.inner.rax, TDX_SYS_BUSY);
	assert_int_equal(call3(&r, 1, SYS_LP_SHUTDOWN, 0, 0, 0), TDX_SUCCESS);
	rig_stop(&r);
}

/* A PAMT of any level at address 0, with a CMR there. */
static void pamt_at_0(void **state)
{
	struct tdxm_regs regs;
	enum tdxm_profile p;
	struct rig r;
	u32 level;

	(void)state;
	for (p = TDXM_1_0_3; p < TDXM_NR_PROFILES; p++) {
		for (level = 0; level < 3; level++) {
			rig_describe(&r, p);
			r.machine.cmrs[0] = (struct tdxm_cmr){ 0, 2 * GB };
			rig_start(&r);
			to_lps(&r);
			good_tdmrs(&r);
			tdmr(&r, 1)->pamt[level].base = 0;
			regs = (struct tdxm_regs){ .rax = SYS_CONFIG, .rcx = TDMR_ARRAY_PA, .rdx = 2,
						   .r8 = GLOBAL_KEYID };
			assert_int_equal(rig_seamcall(&r, 0, &regs), TDXM_VMFAILINVALID);
			assert_int_equal(regs.rax, SYS_CONFIG);
			regs.rax = SYS_LP_SHUTDOWN;
			assert_int_equal(rig_seamcall(&r, 1, &regs), TDXM_VMFAILINVALID);
			rig_stop(&r);
		}
	}
}

/* Version 1 of a leaf in a READY module: an unknown version is an invalid RAX. */
static void version_1(void **state)
{
	static const struct {
		u64 leaf;
		u32 profiles;	/* a bit each, from 1.0.3 */
	} t[] = {
		{ MEM_SEPT_ADD, 0x3e }, { MNG_RD, 0x3e }, { VP_RD, 0x3e },
		{ SYS_INIT, 0x38 }, { SYS_UPDATE, 0x38 }, { VP_INIT, 0x38 },
		{ SYS_CONFIG, 0x28 },
		{ SYS_LP_INIT, 0 }, { SYS_RD, 0 }, { SYS_KEY_CONFIG, 0 }, { MNG_CREATE, 0 },
	};
	enum tdxm_profile p;
	struct rig r;
	size_t i;

	(void)state;
	for (p = TDXM_1_0_3; p < TDXM_NR_PROFILES; p++) {
		rig_new(&r, p);
		to_ready(&r);
		for (i = 0; i < sizeof(t) / sizeof(t[0]); i++)
			assert_int_equal(call3(&r, 0, t[i].leaf | 1 << 16, 0, 0, 0) != TDX_OPERAND_INVALID,
					 t[i].profiles >> p & 1);
		rig_stop(&r);
	}
}

/* The values that 1.5.01 itself returned. */
static void fields_of_1_5_01(void **state)
{
	static const struct {
		u64 id, value;
	} t[] = {
		{ 0x1900000300000000, 0x8000000070000001 },	/* ATTRIBUTES_FIXED0 */
		{ 0x1900000300000001, 0 },
		{ 0x1900000300000002, 0x6dbe7 },		/* XFAM_FIXED0 */
		{ 0x1900000300000003, 3 },
		{ 0x9900000300000006, 7 },			/* CONFIG_FLAGS_FIXED0 */
		{ 0x9900000300000007, 0 },
		{ 0x8900000100000000, 0 },			/* MODULE_HV */
		{ 0x8900000000000004, 0 },			/* HANDOFF_DATA_VALID */
		{ 0x8900000100000005, 0 },			/* HANDOFF_DATA_HV */
		{ 0x8900000200000006, 0 },			/* HANDOFF_DATA_SIZE */
	};
	struct rig r;
	size_t i;
	u64 v;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_lps(&r);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(rd(&r, t[i].id, &v), TDX_SUCCESS);
		assert_int_equal(v, t[i].value);
	}
	/* NUM_HANDOFF_PAGES and IA32_ARCH_CAPABILITIES_CONFIG_MASK depend on the platform. */
	assert_int_equal(rd(&r, 0x8900000100000003, &v), TDX_SUCCESS);
	assert_int_equal(rd(&r, 0x9900000300000600, &v), TDX_SUCCESS);
	rig_stop(&r);
}

/* For TDX 1.0 all of RAX is the leaf number, so that a version makes it unknown. */
static void version_of_1_0(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_0_3);
	assert_int_equal(call3(&r, 0, SYS_INIT | 1 << 16, 0, 0, 0), TDX_SYS_NOT_READY);
	to_ready(&r);
	assert_int_equal(call3(&r, 0, SYS_INIT | 1 << 16, 0, 0, 0), TDX_OPERAND_INVALID);
	rig_stop(&r);
}

static void versions_of_1_5_34(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_05);
	assert_int_equal(call3(&r, 0, SYS_INIT | 1 << 16, 0, 0, 0), TDX_OPERAND_INVALID);
	rig_stop(&r);
	rig_new(&r, TDXM_1_5_34);
	assert_int_equal(call3(&r, 0, SYS_INIT | 2 << 16, 0, 0, 0), TDX_OPERAND_INVALID);
	assert_int_equal(call3(&r, 0, SYS_INIT | 1 << 16, 0, 0, 1), TDX_OPERAND_INVALID | R8);
	assert_int_equal(call3(&r, 0, SYS_INIT | 1 << 16, 0, 0, 0), TDX_SUCCESS);
	rig_stop(&r);
}

static void no_rbp_mod(void **state)
{
	struct tdxm_regs regs = { .rcx = TDVPR, .rbp = 0xb };
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_allocated(&r);
	td_good_params(&r);
	r.ram[PARAMS_PA + 32] = 4;
	assert_int_equal(td_call(&r, 0, MNG_INIT, TDR, PARAMS_PA, 0, 0), TDX_SUCCESS);
	assert_int_equal(td_call(&r, 0, VP_CREATE, TDVPR, TDR, 0, 0), TDX_SUCCESS);
	for (u32 i = 0; i < 5; i++)
		assert_int_equal(td_call(&r, 0, VP_ADDCX, TDVPX(i), TDVPR, 0, 0), TDX_SUCCESS);
	assert_int_equal(td_call(&r, 0, VP_INIT, TDVPR, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(td_call(&r, 0, MR_FINALIZE, TDR, 0, 0, 0), TDX_SUCCESS);
	call(&r, 0, VP_ENTER, &regs);
	assert_int_equal(regs.rbp, 0xb);
	rig_stop(&r);
}

/* SEPT.ADD: flags in RDX, the registers of version 1, a misaligned GPA at the highest level. */
static void sept_add_forms(void **state)
{
	u64 v1 = MEM_SEPT_ADD | 1 << 16;
	struct tdxm_regs regs = { .rcx = 3, .rdx = TDR | 1, .r8 = SPARE, .r9 = ~0ULL, .r10 = ~0ULL,
				  .r11 = ~0ULL };
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_with_sept(&r);
	assert_int_equal(td_call(&r, 0, MEM_SEPT_ADD, 3, TDR | 2, SPARE, 0), TDX_OPERAND_INVALID | RDX);
	assert_int_equal(td_call(&r, 0, MEM_SEPT_ADD, 3, TDR, SPARE, 0),
			 TDX_EPT_ENTRY_STATE_INCORRECT | RCX);
	assert_int_equal(td_call(&r, 0, MEM_SEPT_ADD, 3, TDR | 1, SPARE, 0), TDX_SUCCESS);
	assert_int_equal(call(&r, 0, v1, &regs), TDX_SUCCESS);
	assert_int_equal(regs.r8, SPARE | 1ULL << 63);
	assert_int_equal(td_page_type(&r, SPARE), PT_NDA);
	assert_int_equal(td_call(&r, 0, v1, 3, TDR, ~0ULL, 0), TDX_OPERAND_INVALID | R9);
	rig_stop(&r);

	td_ready(&r, TDXM_1_5_01);
	td_allocated(&r);
	td_good_params(&r);
	r.ram[PARAMS_PA + 24] = 6 | 4 << 3;
	r.ram[PARAMS_PA + 32] = 1;
	assert_int_equal(td_call(&r, 0, MNG_INIT, TDR, PARAMS_PA, 0, 0), TDX_SUCCESS);
	assert_int_equal(td_call(&r, 0, MEM_SEPT_ADD, 4096 | 3, TDR, SPARE, 0), TDX_OPERAND_INVALID | RCX);
	assert_int_equal(td_call(&r, 0, MEM_SEPT_ADD, 4096 | 4, TDR, SPARE, 0), TDX_SUCCESS);
	rig_stop(&r);
}

static void rdmd_after_life(void **state)
{
	struct rig r;

	(void)state;
	td_ready(&r, TDXM_1_5_01);
	td_runnable(&r);
	assert_int_equal(td_call(&r, 0, MEM_RANGE_BLOCK, 0, TDR, 0, 0), TDX_SUCCESS);
	assert_int_equal(td_call(&r, 0, PHYMEM_PAGE_RDMD, DATA(0), 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(r.out.r9, 1);			/* BEPOCH */
	assert_int_equal(td_call(&r, 0, MEM_TRACK, TDR, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(td_call(&r, 0, MEM_PAGE_REMOVE, 0, TDR, 0, 0), TDX_SUCCESS);
	assert_int_equal(td_call(&r, 0, PHYMEM_PAGE_RDMD, DATA(0), 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(r.out.rcx, PT_NDA);
	assert_int_equal(r.out.rdx, TDR);		/* its last owner */
	assert_int_equal(r.out.r9, 0);
	rig_stop(&r);
}

static void seamrr(void **state)
{
	struct rig r;

	(void)state;
	rig_describe(&r, TDXM_1_5_01);
	r.machine.seamrr_base = SYSINFO_PA;
	r.machine.seamrr_size = 1 * MB;
	rig_start(&r);
	to_lps(&r);
	assert_int_equal(call3(&r, 0, SYS_INFO, SYSINFO_PA, 1024, CMR_INFO_PA), TDX_OPERAND_INVALID | RCX);
	assert_int_equal(call3(&r, 0, SYS_INFO, SYSINFO_PA + 1 * MB, 1024, SYSINFO_PA),
			 TDX_OPERAND_INVALID | R8);
	rig_stop(&r);
}

/* TDH.SYS.RDALL lists as many elements as TDH.SYS.RD finds one by one. */
static void rdall(void **state)
{
	u64 at = SEAMLDR_PA, next = ~0ULL, listed = 0, read = 0, header, sequence;
	struct tdxm_regs regs = { .rdx = ~0ULL };
	struct rig r;
	u32 i, n;

	(void)state;
	rig_new(&r, TDXM_1_5_34);
	assert_int_equal(call3(&r, 0, SYS_RDALL, 0, at, next), TDX_SYS_LP_INIT_NOT_DONE);
	to_lps(&r);
	assert_int_equal(call3(&r, 0, SYS_RDALL, 0, at + 8, next), TDX_OPERAND_INVALID | RDX);
	assert_int_equal(call3(&r, 0, SYS_RDALL, 0, at, 0x3f00000000000000),
			 TDX_METADATA_FIELD_ID_INCORRECT);
	assert_int_equal(call3(&r, 0, SYS_RDALL, 0, at, next), TDX_SUCCESS);
	memcpy(&header, r.ram + at, 8);
	for (i = 0, at += 8; i < header >> 16; i++, at += 8 * (n + 1)) {
		memcpy(&sequence, r.ram + at, 8);
		n = (u32)(sequence >> 38 & 0x1ff) + 1;
		listed += n;
	}
	assert_int_equal(at - SEAMLDR_PA, header & 0xffff);
	call(&r, 0, SYS_RD, &regs);
	for (; regs.rdx != ~0ULL; read++)
		assert_int_equal(call(&r, 0, SYS_RD, &regs), TDX_SUCCESS);
	assert_int_equal(listed, read);
	rig_stop(&r);
}

static void update(void **state)
{
	struct rig r;
	u64 v;

	(void)state;
	rig_new(&r, TDXM_1_5_34);
	to_lps(&r);
	assert_int_equal(call3(&r, 0, SYS_UPDATE, 0, 0, 0), TDX_SYS_INVALID_HANDOFF);
	good_tdmrs(&r);
	assert_int_equal(config(&r), TDX_SUCCESS);
	assert_int_equal(call3(&r, 0, SYS_UPDATE, 0, 0, 0), TDX_SYS_STATE_INCORRECT);
	rig_stop(&r);

	td_ready(&r, TDXM_1_5_34);
	td_initialised(&r);
	assert_int_equal(call3(&r, 0, SYS_SHUTDOWN, 1 << 16 | 2, 0, 0),
			 TDX_UPDATE_COMPATIBILITY_SENSITIVE | 1 << 16);
	assert_true(tdxm_ready(r.m));
	assert_int_equal(call3(&r, 0, SYS_SHUTDOWN, 2, 0, 0), TDX_SUCCESS);
	rig_image(&r, TDXM_NEXT, 1);
	assert_int_equal(install(&r), TDX_SUCCESS);
	to_init(&r);
	assert_int_equal(call3(&r, 0, SYS_UPDATE, 0, 0, 0), TDX_SYS_STATE_INCORRECT);
	for (u32 lp = 0; lp < NR_LPS; lp++)
		assert_int_equal(call3(&r, lp, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(rd(&r, 0x8900000000000004, &v), TDX_SUCCESS);
	assert_int_equal(v, 1);				/* HANDOFF_DATA_VALID */
	assert_int_equal(call3(&r, 0, SYS_UPDATE, 0, 0, 0), TDX_SUCCESS);
	assert_true(tdxm_ready(r.m));
	/* The TD is still there. */
	assert_int_equal(td_call(&r, 0, MNG_RD, TDR, 0x1010000000000004, 0, 0), TDX_SUCCESS);
	rig_stop(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields),
		cmocka_unit_test(too_many_vcpus),
		cmocka_unit_test(lps_before_config),
		cmocka_unit_test(disable_unknown),
		cmocka_unit_test(disable_steps),
		cmocka_unit_test(shutdown_leaf),
		cmocka_unit_test(lp_shutdown_busy),
		cmocka_unit_test(pamt_at_0),
		cmocka_unit_test(fields_of_1_5_01),
		cmocka_unit_test(version_1),
		cmocka_unit_test(version_of_1_0),
		cmocka_unit_test(versions_of_1_5_34),
		cmocka_unit_test(no_rbp_mod),
		cmocka_unit_test(sept_add_forms),
		cmocka_unit_test(rdmd_after_life),
		cmocka_unit_test(seamrr),
		cmocka_unit_test(rdall),
		cmocka_unit_test(update),
	};

	return cmocka_run_group_tests_name("model_profile", tests, NULL, NULL);
}
