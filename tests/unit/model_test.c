// SPDX-License-Identifier: GPL-2.0-only
/*
 * Every leaf of the model with every status that it can answer. The last two
 * tests hold the others to that: each (leaf, status) of model-answers.tsv was seen, no
 * other was, and the list knows every status the model's sources name.
 */

#include "answers.h"

#define UNKNOWN_LEAF	100

/* Made from model-answers.tsv. */
static const struct answer list[] = {
#include "model_answers.inc"
};

#define NR_ANSWERS	(sizeof(list) / sizeof(list[0]))

static bool seen[NR_ANSWERS];
static struct answers answers = { list, NR_ANSWERS, seen };

static const u64 leaves[] = {
	PHYMEM_PAGE_RDMD, SYS_KEY_CONFIG, SYS_INFO, SYS_INIT, SYS_RD, SYS_LP_INIT, SYS_TDMR_INIT,
	SYS_LP_SHUTDOWN, SYS_CONFIG, SYS_SHUTDOWN, SYS_DISABLE, UNKNOWN_LEAF,
};
#define NR_LEAVES	(sizeof(leaves) / sizeof(leaves[0]))

static void note_status(u64 leaf, u64 status)
{
	if (leaf >> 63)
		return;		/* the P-SEAMLDR has statuses of its own */
	leaf &= 0xffff;
	answers_note(&answers, leaf, status);
}

#define OPERAND(id)	(TDX_OPERAND_INVALID | (id))
#define PACKED(i0, i1, i2) ((u64)(i0) | (u64)(i1) << 8 | (u64)(i2) << 16)

/* TDH.SYS.INIT */

static void sys_init_success(void **state)
{
	struct tdxm_regs regs = { .rdx = 1, .r8 = 2, .r9 = 3, .r10 = 4 };
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	assert_status(call(&r, 0, SYS_INIT, &regs), TDX_SUCCESS);
	assert_int_equal(regs.rcx | regs.rdx | regs.r8 | regs.r9 | regs.r10, 0);
	rig_stop(&r);
}

static void sys_init_attributes(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	assert_status(call3(&r, 0, SYS_INIT, 1, 0, 0), OPERAND(RCX));
	/* The operand is looked at before the state. */
	to_init(&r);
	assert_status(call3(&r, 0, SYS_INIT, 1, 0, 0), OPERAND(RCX));
	rig_stop(&r);
}

static void sys_init_not_pending(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_0_3);
	to_init(&r);
	assert_status(call3(&r, 1, SYS_INIT, 0, 0, 0), TDX_SYS_INIT_NOT_PENDING);
	rig_stop(&r);
}

static void sys_init_cmrs(void **state)
{
	static const struct tdxm_cmr bad[] = {
		{ 1 * GB, 4 * GB },			/* overlaps the one before */
		{ 0, 4096 },				/* below the one before */
		{ 4 * GB + 1, 1 * GB },
		{ 4 * GB, 1 * GB + 8 },
		{ (1ULL << PA_BITS) - GB, 2 * GB },	/* reaches into KeyID bits */
		{ ~0ULL - 4095, 8192 },
	};
	struct rig r;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		rig_describe(&r, TDXM_1_5_01);
		r.machine.cmrs[1] = bad[i];
		r.machine.nr_cmrs = 2;
		rig_start(&r);
		assert_status(call3(&r, 0, SYS_INIT, 0, 0, 0), TDX_CMR_LIST_INVALID);
		rig_stop(&r);
	}
}

/* KeyID 0 and 2,047 others are all that the module has room for. */
static void sys_init_keyids(void **state)
{
	struct rig r;

	(void)state;
	rig_describe(&r, TDXM_1_5_01);
	r.machine.phys_bits = 51;
	r.machine.nr_tdx_keyids = 2048 - r.machine.nr_mktme_keyids;
	rig_start(&r);
	assert_status(call3(&r, 0, SYS_INIT, 0, 0, 0),
		      TDX_NUM_ACTIVATED_HKIDS_NOT_SUPPORTED | 2048);
	rig_stop(&r);

	rig_describe(&r, TDXM_1_5_01);
	r.machine.phys_bits = 51;
	r.machine.nr_tdx_keyids = 2047 - r.machine.nr_mktme_keyids;
	rig_start(&r);
	to_init(&r);
	rig_stop(&r);
}

/* A null CMR between two others is none; the last may end where addresses do. */
static void sys_init_odd_cmrs(void **state)
{
	struct rig r;

	(void)state;
	rig_describe(&r, TDXM_1_5_01);
	r.machine.cmrs[1].size = 0;
	r.machine.cmrs[2] = (struct tdxm_cmr){ (1ULL << PA_BITS) - GB, GB };
	rig_start(&r);
	to_init(&r);
	rig_stop(&r);
}

/* TDH.SYS.LP.INIT */

static void lp_init_before_sys_init(void **state)
{
	enum tdxm_profile p;
	struct rig r;

	(void)state;
	for (p = TDXM_1_0_3; p <= TDXM_NEXT; p++) {
		rig_new(&r, p);
		assert_status(call3(&r, 0, SYS_LP_INIT, 0, 0, 0), TDX_SYS_LP_INIT_NOT_PENDING);
		rig_stop(&r);
	}
}

static void lp_init_done(void **state)
{
	struct tdxm_regs regs = { .rcx = 1, .rdx = 2, .r8 = 3 };
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_init(&r);
	assert_status(call(&r, 3, SYS_LP_INIT, &regs), TDX_SUCCESS);
	assert_int_equal(regs.rcx | regs.rdx | regs.r8, 0);
	assert_status(call3(&r, 3, SYS_LP_INIT, 0, 0, 0), TDX_SYS_LP_INIT_DONE);
	assert_status(call3(&r, 2, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
	rig_stop(&r);
}

/* 1.0 and 1.5.01: too late, for an LP that is done already, too. */
static void lp_init_after_config(void **state)
{
	enum tdxm_profile p;
	struct rig r;

	(void)state;
	for (p = TDXM_1_0_3; p <= TDXM_1_5_01; p++) {
		rig_new(&r, p);
		to_config(&r);
		assert_status(call3(&r, 0, SYS_LP_INIT, 0, 0, 0), TDX_SYS_LP_INIT_NOT_PENDING);
		rig_stop(&r);
	}
}

/* Later modules: one LP per package before SYS_CONFIG, the others when they like. */
static void lp_init_later(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_NEXT);
	to_init(&r);
	good_tdmrs(&r);
	assert_status(call3(&r, 0, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 1, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
	assert_status(config(&r), TDX_SYS_CONFIG_NOT_PENDING);
	assert_status(call3(&r, 2, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
	assert_status(config(&r), TDX_SUCCESS);
	tdxm_wbinvd(r.m, 0);
	tdxm_wbinvd(r.m, 2);
	assert_status(call3(&r, 1, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 2, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	assert_true(tdxm_ready(r.m));
	assert_status(call3(&r, 3, SYS_TDMR_INIT, 4 * GB, 0, 0), TDX_SYS_LP_INIT_NOT_DONE);
	assert_status(call3(&r, 3, PHYMEM_PAGE_RDMD, 4 * GB, 0, 0), TDX_SYS_LP_INIT_NOT_DONE);
	assert_status(call3(&r, 3, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 3, SYS_LP_INIT, 0, 0, 0), TDX_SYS_LP_INIT_DONE);
	assert_status(call3(&r, 3, SYS_TDMR_INIT, 4 * GB, 0, 0), TDX_SUCCESS);
	rig_stop(&r);
}

/* TDH.SYS.INFO */

static u64 get(const struct rig *r, u64 pa, u32 size)
{
	u64 value = 0;

	memcpy(&value, r->ram + pa, size);
	return value;
}

static u64 sys_info(struct rig *r, u64 info, u64 size, u64 cmrs, u64 nr, struct tdxm_regs *regs)
{
	*regs = (struct tdxm_regs){ .rcx = info, .rdx = size, .r8 = cmrs, .r9 = nr };
	return call(r, 0, SYS_INFO, regs);
}

static void sys_info_success(void **state)
{
	static const u16 builds[] = { 457, 481, 698, 2000, 2000, 3000 };
	static const u8 major[] = { 1, 1, 1, 1, 2, 1 }, minor[] = { 0, 5, 5, 5, 0, 5 };
	static const u8 cpuids[] = { 12, 12, 18, 28, 28, 28 };
	enum tdxm_profile p;
	struct tdxm_regs regs;
	struct rig r;

	(void)state;
	for (p = TDXM_1_0_3; p <= TDXM_NEXT; p++) {
		rig_new(&r, p);
		to_lps(&r);
		memset(r.ram + SYSINFO_PA, 0xff, 2048);
		memset(r.ram + CMR_INFO_PA, 0xff, 1024);
		assert_status(sys_info(&r, SYSINFO_PA, 1024, CMR_INFO_PA, 32, &regs), TDX_SUCCESS);
		assert_int_equal(regs.rdx, 1024);
		assert_int_equal(regs.r9, 32);
		assert_int_equal(get(&r, SYSINFO_PA, 4), 0);
		assert_int_equal(get(&r, SYSINFO_PA + 4, 4), 0x8086);
		assert_int_equal(get(&r, SYSINFO_PA + 12, 2), builds[p]);
		assert_int_equal(get(&r, SYSINFO_PA + 14, 2), minor[p]);
		assert_int_equal(get(&r, SYSINFO_PA + 16, 2), major[p]);
		assert_int_equal(get(&r, SYSINFO_PA + 18, 1), p != TDXM_1_0_3);
		assert_int_equal(get(&r, SYSINFO_PA + 32, 2), 64);
		assert_int_equal(get(&r, SYSINFO_PA + 34, 2), 16);
		assert_int_equal(get(&r, SYSINFO_PA + 36, 2), 16);
		assert_int_equal(get(&r, SYSINFO_PA + 128, 4), cpuids[p]);
		assert_int_equal(get(&r, SYSINFO_PA + 1016, 8), 0);
		assert_int_equal(get(&r, SYSINFO_PA + 1024, 8), ~0ULL);
		assert_int_equal(get(&r, CMR_INFO_PA, 8), 1 * MB);
		assert_int_equal(get(&r, CMR_INFO_PA + 24, 8), 2 * GB);
		assert_int_equal(get(&r, CMR_INFO_PA + 3 * 16 + 8, 8), 0);
		assert_int_equal(get(&r, CMR_INFO_PA + 31 * 16, 8), 0);
		assert_int_equal(get(&r, CMR_INFO_PA + 512, 8), ~0ULL);
		rig_stop(&r);
	}
}

static void sys_info_operands(void **state)
{
	static const struct {
		u64 info, size, cmrs, nr, status;
	} t[] = {
		{ SYSINFO_PA + 512, 1024, CMR_INFO_PA, 32, OPERAND(RCX) },
		{ SYSINFO_PA | KEYID_PA(16), 1024, CMR_INFO_PA, 32, OPERAND(RCX) },
		{ SYSINFO_PA | 1ULL << 46, 1024, CMR_INFO_PA, 32, OPERAND(RCX) },
		{ RAM_SIZE, 1024, CMR_INFO_PA, 32, OPERAND(RCX) },
		{ SYSINFO_PA, 1023, CMR_INFO_PA, 32, OPERAND(RDX) },
		{ SYSINFO_PA, 1024, CMR_INFO_PA + 256, 32, OPERAND(R8) },
		{ SYSINFO_PA, 1024, CMR_INFO_PA | KEYID_PA(63), 32, OPERAND(R8) },
		{ SYSINFO_PA, 1024, CMR_INFO_PA, 31, OPERAND(R9) },
		/* The first wrong operand is the one that is named. */
		{ 1, 0, 1, 0, OPERAND(RCX) },
		{ SYSINFO_PA, 0, 1, 0, OPERAND(RDX) },
		{ SYSINFO_PA, 1024, 1, 0, OPERAND(R8) },
		/* A KeyID that is not private may be in the address. */
		{ SYSINFO_PA | KEYID_PA(15), 4096, CMR_INFO_PA | KEYID_PA(1), 64, TDX_SUCCESS },
	};
	struct tdxm_regs regs;
	struct rig r;
	size_t i;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_lps(&r);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_status(sys_info(&r, t[i].info, t[i].size, t[i].cmrs, t[i].nr, &regs),
			      t[i].status);
		if (t[i].status)
			assert_int_equal(regs.rdx | regs.r9, 0);
	}
	rig_stop(&r);
}

static void sys_info_lp_not_done(void **state)
{
	struct tdxm_regs regs;
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_0_3);
	assert_status(sys_info(&r, SYSINFO_PA, 1024, CMR_INFO_PA, 32, &regs),
		      TDX_SYS_LP_INIT_NOT_DONE);
	to_init(&r);
	assert_status(call3(&r, 1, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
	assert_status(sys_info(&r, SYSINFO_PA, 1024, CMR_INFO_PA, 32, &regs),
		      TDX_SYS_LP_INIT_NOT_DONE);
	rig_stop(&r);
}

/* TDH.SYS.RD */

static u64 sys_rd(struct rig *r, u64 id, u64 *value, u64 *next)
{
	struct tdxm_regs regs = { .rdx = id, .r8 = 0x5555 };
	u64 status = call(r, 0, SYS_RD, &regs);

	*value = regs.r8;
	*next = regs.rdx;
	return status;
}

static void sys_rd_values(void **state)
{
	static const struct {
		u64 id, value;
	} t[] = {
		{ 0x0800000200000000, 0x8086 },
		{ 0x8800000200000001, 0x20230323 },
		{ 0x8800000100000002, 481 },
		{ 0x0800000100000003, 5 },
		{ 0x0800000100000004, 1 },
		{ 0x0800000100000005, 1 },
		{ 0x0000000200000000, 2 },
		{ 0x9000000100000000, 32 },
		{ 0x9000000300000080, 1 * MB },
		{ 0x9000000300000081, 4 * GB },
		{ 0x9000000300000083, 0 },
		{ 0x9000000300000102, 1 * GB },
		{ 0x900000030000011f, 0 },
		{ 0x9100000100000008, 64 },
		{ 0x9100000100000009, 16 },
		{ 0x9100000100000010, 16 },
		{ 0x9100000100000012, 16 },
		{ 0x9900000100000004, 12 },
		{ 0x9900000300000400, 0xffffffff00000001 },
		{ 0x9900000300000402, 0x0000000100000004 },
		{ 0x9900000300000409, 0xffffffff80000008 },
		{ 0x990000030000040c, ~0ULL },
		{ 0x9900000300000500, 0x00ff00000fff3fff },
		{ 0x9900000300000504, 0xfffff000ffffc3ff },
		{ 0x9900000300000505, 0xfffffffbffffffff },
		{ 0x9900000300000518, 0 },
		{ 0x0a00000300000008, 0xf0fbf },
		/* Element size, context and the non-architectural bit do not count. */
		{ 0x1000000000000080 | 7ULL << 52, 1 * MB },
	};
	u64 value, next;
	struct rig r;
	size_t i;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_lps(&r);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_status(sys_rd(&r, t[i].id, &value, &next), TDX_SUCCESS);
		assert_int_equal(value, t[i].value);
	}
	rig_stop(&r);
}

static void limits(void **state)
{
	u64 value, next;
	struct rig r;

	(void)state;
	rig_describe(&r, TDXM_NEXT);
	r.machine.max_tdmrs = 7;
	r.machine.max_reserved = 5;
	r.machine.pamt_entry_size[1] = 32;
	/* No CMR, whatever stands there. */
	r.machine.cmrs[3] = (struct tdxm_cmr){ 8 * GB, 1 * GB };
	rig_start(&r);
	to_lps(&r);
	assert_status(sys_rd(&r, 0x9000000300000083, &value, &next), TDX_SUCCESS);
	assert_int_equal(value, 0);
	assert_status(sys_rd(&r, 0x9000000300000103, &value, &next), TDX_SUCCESS);
	assert_int_equal(value, 0);
	assert_status(sys_rd(&r, 0x9100000100000008, &value, &next), TDX_SUCCESS);
	assert_int_equal(value, 7);
	assert_status(sys_rd(&r, 0x9100000100000009, &value, &next), TDX_SUCCESS);
	assert_int_equal(value, 5);
	assert_status(sys_rd(&r, 0x9100000100000011, &value, &next), TDX_SUCCESS);
	assert_int_equal(value, 32);
	assert_status(call(&r, 0, SYS_INFO, &(struct tdxm_regs){ .rcx = SYSINFO_PA, .rdx = 1024,
			   .r8 = CMR_INFO_PA, .r9 = 32 }), TDX_SUCCESS);
	assert_int_equal(get(&r, SYSINFO_PA + 32, 2), 7);
	assert_int_equal(get(&r, SYSINFO_PA + 34, 2), 5);
	assert_int_equal(get(&r, SYSINFO_PA + 36, 2), 16);
	assert_int_equal(get(&r, CMR_INFO_PA + 3 * 16, 8), 0);
	rig_stop(&r);
}

/* From the null id through all fields to the null id, each once. */
static void sys_rd_sequence(void **state)
{
	u64 value, id = ~0ULL, next;
	u32 elements = 0, cmrs = 0;
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_NEXT);
	to_lps(&r);
	assert_status(sys_rd(&r, id, &value, &next), TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT);
	while (next != ~0ULL) {
		u64 order = (next >> 56 & 0x3f) << 24 | (next & 0xffffff);

		if (id != ~0ULL)
			assert_true(order > ((id >> 56 & 0x3f) << 24 | (id & 0xffffff)));
		id = next;
		assert_status(sys_rd(&r, id, &value, &next), TDX_SUCCESS);
		elements++;
		if (id >= 0x9000000300000080 && id < 0x90000003000000a0)
			cmrs++;
		assert_true(elements < 1000);
	}
	assert_int_equal(cmrs, 32);
	assert_true(elements > 190);
	rig_stop(&r);
}

static void sys_rd_unknown(void **state)
{
	static const u64 ids[] = {
		0x9100000100000013,		/* after the last code of its class */
		0x90000003000000a0,		/* one CMR too far */
		0x3f00000100000000,		/* no such class */
		0x9900000100000008,		/* not in 1.5.01 */
		0x9100000100000008 | 1ULL << 24, 0x9100000100000008 | 1ULL << 34,
		0x9100000100000008 | 1ULL << 38, 0x9100000100000008 | 1ULL << 47,
		0x9100000100000008 | 1ULL << 55, 0x9100000100000008 | 1ULL << 62,
	};
	u64 value, next;
	struct rig r;
	size_t i;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_lps(&r);
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		assert_status(sys_rd(&r, ids[i], &value, &next), TDX_METADATA_FIELD_ID_INCORRECT);
		assert_int_equal(value, 0);
		assert_int_equal(next, ~0ULL);
	}
	rig_stop(&r);
}

static void sys_rd_lp_not_done(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_init(&r);
	assert_status(call3(&r, 0, SYS_RD, 0, ~0ULL, 0), TDX_SYS_LP_INIT_NOT_DONE);
	rig_stop(&r);
}

/* TDX 1.0 does not know the leaf, and says so only when it is READY. */
static void sys_rd_1_0(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_0_3);
	assert_status(call3(&r, 0, SYS_RD, 0, 0x0800000200000000, 0), TDX_SYS_NOT_READY);
	to_ready(&r);
	assert_status(call3(&r, 0, SYS_RD, 0, 0x0800000200000000, 0), OPERAND(0));
	rig_stop(&r);
}

/* TDH.SYS.CONFIG, besides its array: model_config_test.c has that. */

static void config_not_pending(void **state)
{
	enum tdxm_profile p;
	struct rig r;
	u32 lp;

	(void)state;
	for (p = TDXM_1_0_3; p <= TDXM_NEXT; p++) {
		rig_new(&r, p);
		good_tdmrs(&r);
		assert_status(config(&r), TDX_SYS_CONFIG_NOT_PENDING);
		to_init(&r);
		assert_status(config(&r), TDX_SYS_CONFIG_NOT_PENDING);
		for (lp = 0; lp < NR_LPS; lp++)
			assert_status(call3(&r, lp, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
		assert_status(config(&r), TDX_SUCCESS);
		assert_status(config(&r), TDX_SYS_CONFIG_NOT_PENDING);
		rig_stop(&r);
	}
}

/* 1.0, 1.5.01: one LP of all is missing. */
static void config_lp_missing(void **state)
{
	enum tdxm_profile p;
	struct rig r;
	u32 lp;

	(void)state;
	for (p = TDXM_1_0_3; p <= TDXM_1_5_01; p++) {
		rig_new(&r, p);
		good_tdmrs(&r);
		to_init(&r);
		for (lp = 0; lp < NR_LPS - 1; lp++)
			assert_status(call3(&r, lp, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
		assert_status(config(&r), TDX_SYS_CONFIG_NOT_PENDING);
		assert_status(call3(&r, lp, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
		assert_status(config(&r), TDX_SUCCESS);
		rig_stop(&r);
	}
}

static void config_lp_not_done(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_NEXT);
	to_init(&r);
	good_tdmrs(&r);
	assert_status(call3(&r, 1, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 3, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
	assert_status(config(&r), TDX_SYS_LP_INIT_NOT_DONE);
	rig_stop(&r);
}

/* One wrong array for each status; every rule has its test in model_config_test.c. */
static void config_statuses(void **state)
{
	static const struct {
		size_t offset;		/* in the second TDMR's struct tdmr_info */
		u64 value;
		u64 status;
	} t[] = {
		{ offsetof(struct tdmr_info, size), 0, TDX_INVALID_TDMR | PACKED(1, 0, 0) },
		{ offsetof(struct tdmr_info, base), 3 * GB, TDX_NON_ORDERED_TDMR | PACKED(1, 0, 0) },
		{ offsetof(struct tdmr_info, reserved[0].size), 1,
		  TDX_INVALID_RESERVED_IN_TDMR | PACKED(1, 0, 0) },
		{ offsetof(struct tdmr_info, reserved[2].size), 4096,
		  TDX_NON_ORDERED_RESERVED_IN_TDMR | PACKED(1, 1, 0) },
		{ offsetof(struct tdmr_info, pamt[P2M].size), 8192,
		  TDX_INVALID_PAMT | PACKED(1, 1, 0) },
		{ offsetof(struct tdmr_info, pamt[P1G].base), 256 * MB,
		  TDX_PAMT_OVERLAP | PACKED(1, 2, 0) },
		{ offsetof(struct tdmr_info, pamt[P1G].base), 3 * GB,
		  TDX_PAMT_OUTSIDE_CMRS | PACKED(1, 2, 0) },
		{ offsetof(struct tdmr_info, base), 6 * GB,
		  TDX_TDMR_OUTSIDE_CMRS | PACKED(1, 0, 0) },
	};
	struct rig r;
	size_t i;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_lps(&r);
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		good_tdmrs(&r);
		memcpy((u8 *)tdmr(&r, 1) + t[i].offset, &t[i].value, 8);
		assert_status(config(&r), t[i].status);
	}
	/* None of it was the last chance. */
	good_tdmrs(&r);
	assert_status(config(&r), TDX_SUCCESS);
	rig_stop(&r);
}

/* All reserved areas used, the last up to the end: TDX 1.0 wants that end in a CMR. */
static void config_all_reserved(void **state)
{
	static const struct {
		enum tdxm_profile profile;
		u32 used;
		u64 last_cmr;		/* size of the one from 6 GB */
		u64 status;
	} t[] = {
		{ TDXM_1_0_3, 16, GB, TDX_TDMR_OUTSIDE_CMRS | PACKED(1, 0, 0) },
		{ TDXM_1_0_3, 16, GB + 4096, TDX_SUCCESS },
		{ TDXM_1_0_3, 15, GB, TDX_SUCCESS },
		{ TDXM_1_5_01, 16, GB, TDX_SUCCESS },
	};
	struct rig r;
	size_t i;
	u32 j;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		rig_describe(&r, t[i].profile);
		r.machine.cmrs[2].size = t[i].last_cmr;
		rig_start(&r);
		to_lps(&r);
		good_tdmrs(&r);
		for (j = 0; j < t[i].used; j++) {
			tdmr(&r, 1)->reserved[j].offset = (j + 1) * 16 * MB;
			tdmr(&r, 1)->reserved[j].size = 4096;
		}
		tdmr(&r, 1)->reserved[j - 1].size = 2 * GB - j * 16 * MB;
		assert_status(config(&r), t[i].status);
		rig_stop(&r);
	}
}

/* TDH.SYS.KEY.CONFIG */

static void key_config_order(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_lps(&r);
	assert_status(call3(&r, 0, SYS_KEY_CONFIG, 0, 0, 0), TDX_SYS_KEY_CONFIG_NOT_PENDING);
	good_tdmrs(&r);
	assert_status(config(&r), TDX_SUCCESS);
	flush_pamts(&r);
	assert_status(call3(&r, 1, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 0, SYS_KEY_CONFIG, 0, 0, 0), TDX_KEY_CONFIGURED);
	assert_false(tdxm_ready(r.m));
	assert_status(call3(&r, 3, SYS_KEY_CONFIG, 0, 0, 0), TDX_SUCCESS);
	assert_true(tdxm_ready(r.m));
	assert_status(call3(&r, 3, SYS_KEY_CONFIG, 0, 0, 0), TDX_SYS_KEY_CONFIG_NOT_PENDING);
	rig_stop(&r);
}

static void key_config_lp_not_done(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_NEXT);
	to_init(&r);
	good_tdmrs(&r);
	assert_status(call3(&r, 0, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 2, SYS_LP_INIT, 0, 0, 0), TDX_SUCCESS);
	assert_status(config(&r), TDX_SUCCESS);
	assert_status(call3(&r, 1, SYS_KEY_CONFIG, 0, 0, 0), TDX_SYS_LP_INIT_NOT_DONE);
	rig_stop(&r);
}

/* TDH.SYS.TDMR.INIT */

static void tdmr_init_statuses(void **state)
{
	static const u64 bad[] = { 0, 3 * GB, 4 * GB + 4096, 6 * GB, 4 * GB | KEYID_PA(1), ~0ULL };
	struct tdxm_regs regs;
	struct rig r;
	size_t i;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_config(&r);
	assert_status(call3(&r, 0, SYS_TDMR_INIT, 4 * GB, 0, 0), TDX_SYS_NOT_READY);
	rig_stop(&r);

	rig_new(&r, TDXM_1_5_01);
	to_ready(&r);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		regs = (struct tdxm_regs){ .rcx = bad[i], .rdx = 77 };
		assert_status(call(&r, 0, SYS_TDMR_INIT, &regs), OPERAND(RCX));
		assert_int_equal(regs.rdx, 0);
	}
	init_tdmr(&r, 4 * GB, 0);
	assert_int_equal(tdxm_calls(r.m, SYS_TDMR_INIT), i + 257);
	assert_status(call3(&r, 1, SYS_TDMR_INIT, 4 * GB, 0, 0), TDX_TDMR_ALREADY_INITIALIZED);
	rig_stop(&r);
}

/* TDH.PHYMEM.PAGE.RDMD */

static void rdmd_statuses(void **state)
{
	struct tdxm_regs regs;
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	assert_status(call3(&r, 0, PHYMEM_PAGE_RDMD, 4 * GB, 0, 0), TDX_SYS_NOT_READY);
	to_ready(&r);
	assert_status(call3(&r, 0, PHYMEM_PAGE_RDMD, 4 * GB + 1, 0, 0), OPERAND(RCX));
	assert_status(call3(&r, 0, PHYMEM_PAGE_RDMD, 4 * GB | KEYID_PA(1), 0, 0), OPERAND(RCX));
	assert_status(call3(&r, 0, PHYMEM_PAGE_RDMD, 3 * GB, 0, 0), TDX_OPERAND_ADDR_RANGE_ERROR | RCX);
	assert_status(call3(&r, 0, PHYMEM_PAGE_RDMD, 7 * GB, 0, 0), TDX_OPERAND_ADDR_RANGE_ERROR | RCX);
	assert_status(call3(&r, 0, PHYMEM_PAGE_RDMD, 5 * GB, 0, 0), TDX_OPERAND_ADDR_RANGE_ERROR | RCX);
	/* A block of 1 GB is there as a whole or not at all. */
	assert_status(call3(&r, 0, SYS_TDMR_INIT, 5 * GB, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 0, PHYMEM_PAGE_RDMD, 5 * GB, 0, 0), TDX_OPERAND_ADDR_RANGE_ERROR | RCX);
	init_tdmr(&r, 5 * GB, 4 * MB);
	regs = (struct tdxm_regs){ .rcx = 5 * GB, .rdx = 1, .r8 = 2, .r9 = 3, .r10 = 4, .r11 = 5 };
	assert_status(call(&r, 0, PHYMEM_PAGE_RDMD, &regs), TDX_SUCCESS);
	assert_int_equal(regs.rcx | regs.rdx | regs.r8 | regs.r9 | regs.r10 | regs.r11, 0);
	regs.rcx = 5 * GB + 24 * MB - 4096;
	assert_status(call(&r, 0, PHYMEM_PAGE_RDMD, &regs), TDX_SUCCESS);
	assert_int_equal(regs.rcx, 1);		/* PT_RSVD */
	rig_stop(&r);
}

/* The ways out */

static void lp_shutdown_1_0(void **state)
{
	struct rig r;
	u32 lp;

	(void)state;
	rig_new(&r, TDXM_1_0_3);
	to_ready(&r);
	assert_status(call3(&r, 2, SYS_LP_SHUTDOWN, 0, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 0, SYS_KEY_CONFIG, 0, 0, 0), TDX_SYS_SHUTDOWN);
	assert_int_equal(tdxm_violations(r.m, TDXM_V_CALL_AFTER_SHUTDOWN), 0);
	assert_status(call3(&r, 2, SYS_LP_SHUTDOWN, 0, 0, 0), TDX_SYS_SHUTDOWN);
	assert_int_equal(tdxm_violations(r.m, TDXM_V_CALL_AFTER_SHUTDOWN), 1);
	for (lp = 0; lp < NR_LPS; lp++)
		if (lp != 2)
			assert_status(call3(&r, lp, SYS_LP_SHUTDOWN, 0, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 0, SYS_TDMR_INIT, 4 * GB, 0, 0), TDX_SYS_SHUTDOWN);
	assert_int_equal(tdxm_violations(r.m, TDXM_V_CALL_AFTER_SHUTDOWN), 2);
	rig_stop(&r);
}

static void lp_shutdown_before_init(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_0_3);
	assert_status(call3(&r, 0, SYS_LP_SHUTDOWN, 0, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 1, SYS_INIT, 0, 0, 0), TDX_SYS_SHUTDOWN);
	rig_stop(&r);
}

/* Later modules: the leaf does nothing. */
static void lp_shutdown_later(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_ready(&r);
	assert_status(call3(&r, 0, SYS_LP_SHUTDOWN, 0, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 0, SYS_LP_SHUTDOWN, 0, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 0, SYS_TDMR_INIT, 4 * GB, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 0, SYS_SHUTDOWN, 0, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 0, SYS_LP_SHUTDOWN, 0, 0, 0), TDX_SUCCESS);
	assert_int_equal(tdxm_violations(r.m, TDXM_V_CALL_AFTER_SHUTDOWN), 0);
	rig_stop(&r);
}

static void shutdown_statuses(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	assert_status(call3(&r, 0, SYS_SHUTDOWN, 1, 0, 0), TDX_SYS_NOT_READY);
	to_ready(&r);
	assert_status(call3(&r, 0, SYS_SHUTDOWN, 1, 0, 0), OPERAND(RCX));
	assert_status(call3(&r, 0, SYS_SHUTDOWN, 1ULL << 16, 0, 0), OPERAND(RCX));
	assert_status(call3(&r, 0, SYS_SHUTDOWN, 1ULL << 32, 0, 0), OPERAND(RCX));
	assert_status(call3(&r, 0, SYS_SHUTDOWN, 0, 0, 0), TDX_SUCCESS);
	assert_false(tdxm_ready(r.m));
	assert_status(call3(&r, 0, SYS_SHUTDOWN, 2, 0, 0), TDX_SYS_SHUTDOWN);
	assert_int_equal(tdxm_violations(r.m, TDXM_V_CALL_AFTER_SHUTDOWN), 1);
	rig_stop(&r);

	rig_new(&r, TDXM_1_0_3);
	to_ready(&r);
	assert_status(call3(&r, 0, SYS_SHUTDOWN, 1, 0, 0), OPERAND(0));
	rig_stop(&r);
}

static void disable_statuses(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_NEXT);
	assert_status(call3(&r, 0, SYS_DISABLE, 0, 0, 0), TDX_SYS_NOT_READY);
	to_ready(&r);
	assert_status(call3(&r, 0, SYS_DISABLE, 0, 0, 0), TDX_INTERRUPTED_RESUMABLE);
	assert_status(call3(&r, 1, SYS_TDMR_INIT, 4 * GB, 0, 0), TDX_SYS_BUSY);
	assert_status(call3(&r, 1, SYS_DISABLE, 0, 0, 0), TDX_INTERRUPTED_RESUMABLE);
	assert_status(call3(&r, 0, SYS_DISABLE, 0, 0, 0), TDX_SUCCESS);
	assert_status(call3(&r, 0, SYS_DISABLE, 0, 0, 0), TDX_SYS_SHUTDOWN);
	/* From scratch, as a next kernel would. */
	to_ready(&r);
	assert_int_equal(tdxm_violations(r.m, TDXM_V_CALL_AFTER_SHUTDOWN), 1);
	rig_stop(&r);

	rig_new(&r, TDXM_1_5_01);
	to_ready(&r);
	assert_status(call3(&r, 0, SYS_DISABLE, 0, 0, 0), OPERAND(0));
	rig_stop(&r);
}

/* What any leaf answers before it runs */

static void any_leaf_bad_rax(void **state)
{
	static const u64 bits[] = { 1ULL << 16, 1ULL << 23, 1ULL << 24, 1ULL << 62 };
	struct rig r;
	size_t i, j;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	for (i = 0; i < NR_LEAVES; i++)
		for (j = 0; j < 4; j++)
			assert_status(call3(&r, 0, leaves[i] | bits[j], 0, 0, 0), OPERAND(0));
	rig_stop(&r);
}

static void any_leaf_after_shutdown(void **state)
{
	struct rig r;
	size_t i;

	(void)state;
	rig_new(&r, TDXM_1_0_3);
	to_lps(&r);
	assert_status(call3(&r, 0, SYS_LP_SHUTDOWN, 0, 0, 0), TDX_SUCCESS);
	for (i = 0; i < NR_LEAVES; i++)
		assert_status(call3(&r, 0, leaves[i], 0, 0, 0), TDX_SYS_SHUTDOWN);
	rig_stop(&r);
}

static void any_leaf_while_disabling(void **state)
{
	struct rig r;
	size_t i;

	(void)state;
	rig_new(&r, TDXM_NEXT);
	to_ready(&r);
	assert_status(call3(&r, 0, SYS_DISABLE, 0, 0, 0), TDX_INTERRUPTED_RESUMABLE);
	for (i = 0; i < NR_LEAVES; i++)
		if (leaves[i] != SYS_DISABLE)
			assert_status(call3(&r, 1, leaves[i], 0, 0, 0), TDX_SYS_BUSY);
	rig_stop(&r);
}

static void unknown_leaf(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	assert_status(call3(&r, 0, UNKNOWN_LEAF, 0, 0, 0), TDX_SYS_NOT_READY);
	to_ready(&r);
	assert_status(call3(&r, 0, UNKNOWN_LEAF, 0, 0, 0), OPERAND(0));
	rig_stop(&r);
}

/* Contention: a second LP calls while the first is inside. */

static void arm(struct rig *r, u32 lp, u64 leaf, u64 rcx)
{
	r->armed = true;
	r->inner_lp = lp;
	r->inner = (struct tdxm_regs){ .rax = leaf, .rcx = rcx };
}

static void busy_global_lock(void **state)
{
	static const u64 contenders[] = { SYS_INIT, SYS_LP_INIT, SYS_CONFIG, SYS_KEY_CONFIG };
	struct rig r;
	size_t i;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_lps(&r);
	for (i = 0; i < 4; i++) {
		good_tdmrs(&r);
		tdmr(&r, 1)->size = 0;
		arm(&r, 1, contenders[i], 0);
		assert_status(config(&r), TDX_INVALID_TDMR | PACKED(1, 0, 0));
		assert_status(r.inner.rax, TDX_SYS_BUSY);
	}
	/* Free again. */
	good_tdmrs(&r);
	assert_status(config(&r), TDX_SUCCESS);
	rig_stop(&r);
}

static void busy_tdmr(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_ready(&r);
	arm(&r, 1, SYS_TDMR_INIT, 4 * GB);
	assert_status(call3(&r, 0, SYS_TDMR_INIT, 4 * GB, 0, 0), TDX_SUCCESS);
	assert_status(r.inner.rax, TDX_OPERAND_BUSY | RCX);
	/* Another TDMR is no contention. */
	arm(&r, 1, SYS_TDMR_INIT, 5 * GB);
	assert_status(call3(&r, 0, SYS_TDMR_INIT, 4 * GB, 0, 0), TDX_SUCCESS);
	assert_status(r.inner.rax, TDX_SUCCESS);
	rig_stop(&r);
}

static void busy_shutdown(void **state)
{
	struct tdxm_regs regs;
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	to_ready(&r);
	arm(&r, 1, SYS_SHUTDOWN, 0);
	assert_status(sys_info(&r, SYSINFO_PA, 1024, CMR_INFO_PA, 32, &regs), TDX_SUCCESS);
	assert_status(r.inner.rax, TDX_SYS_BUSY);
	assert_true(tdxm_ready(r.m));
	assert_status(call3(&r, 1, SYS_SHUTDOWN, 0, 0, 0), TDX_SUCCESS);
	rig_stop(&r);
}

static void busy_disable(void **state)
{
	struct tdxm_regs regs;
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_NEXT);
	to_ready(&r);
	arm(&r, 1, SYS_DISABLE, 0);
	assert_status(sys_info(&r, SYSINFO_PA, 1024, CMR_INFO_PA, 32, &regs), TDX_SUCCESS);
	assert_status(r.inner.rax, TDX_SYS_BUSY);
	/* Begun, so nothing new comes in. */
	assert_status(sys_info(&r, SYSINFO_PA, 1024, CMR_INFO_PA, 32, &regs), TDX_SYS_BUSY);
	assert_status(call3(&r, 1, SYS_DISABLE, 0, 0, 0), TDX_INTERRUPTED_RESUMABLE);
	rig_stop(&r);
}

/* The instruction itself, and the P-SEAMLDR */

static void not_loaded(void **state)
{
	struct tdxm_regs regs = { .rax = SYS_INIT, .rcx = 5 };
	struct rig r;

	(void)state;
	rig_describe(&r, TDXM_1_5_01);
	r.machine.loaded = false;
	rig_start(&r);
	assert_int_equal(rig_seamcall(&r, 0, &regs), TDXM_VMFAILINVALID);
	assert_int_equal(regs.rax, SYS_INIT);
	assert_int_equal(regs.rcx, 5);
	regs.rax = 1ULL << 63;
	assert_int_equal(rig_seamcall(&r, 0, &regs), TDXM_VMFAILINVALID);
	rig_stop(&r);
}

static void unknown_lp(void **state)
{
	struct tdxm_regs regs = { .rax = SYS_INIT };
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	assert_int_equal(rig_seamcall(&r, NR_LPS, &regs), TDXM_VMFAILINVALID);
	rig_stop(&r);
}

static void seamldr(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	memset(r.ram + SEAMLDR_PA, 0xff, 512);
	assert_true(call3(&r, 0, 1ULL << 63, SEAMLDR_PA, 0, 0) == 0);
	assert_int_equal(get(&r, SEAMLDR_PA + 8, 4), 0x8086);
	assert_int_equal(get(&r, SEAMLDR_PA + 20, 2), 1);
	assert_int_equal(get(&r, SEAMLDR_PA + 18, 2), 5);
	assert_int_equal(get(&r, SEAMLDR_PA + 162, 1), 1);
	assert_int_equal(get(&r, SEAMLDR_PA + 163, 4), 0);
	assert_int_equal(get(&r, SEAMLDR_PA + 256, 4), 0xffffffff);
	assert_true(call3(&r, 0, 1ULL << 63, SEAMLDR_PA + 128, 0, 0) == TDXM_SEAMLDR_EBADPARAM);
	assert_true(call3(&r, 0, 1ULL << 63, SEAMLDR_PA | KEYID_PA(16), 0, 0) ==
		    TDXM_SEAMLDR_EBADPARAM);
	assert_true(call3(&r, 0, 1ULL << 63 | 9, SEAMLDR_PA, 0, 0) == TDXM_SEAMLDR_EBADCALL);
	assert_int_equal(tdxm_calls(r.m, 1ULL << 63), 3);
	assert_int_equal(tdxm_calls(r.m, 0), 0);
	rig_stop(&r);
}

/* A second LP inside the P-SEAMLDR: registers untouched. */
static void seamldr_busy(void **state)
{
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	arm(&r, 1, 1ULL << 63, SEAMLDR_PA);
	assert_true(call3(&r, 0, 1ULL << 63, SEAMLDR_PA, 0, 0) == 0);
	assert_true(r.inner.rax == 1ULL << 63);
	rig_stop(&r);
}

static void no_machine(void **state)
{
	static const struct tdxm_host host;
	struct tdxm_machine m, good;
	struct rig r;

	(void)state;
	rig_new(&r, TDXM_1_5_01);
	good = r.machine;
#define BAD(change) do { \
		m = good; \
		change; \
		assert_int_equal(tdxm_create(r.m, &m, &host), -1); \
	} while (0)
	BAD(m.nr_lps = 0);
	BAD(m.nr_lps = TDXM_MAX_LPS + 1);
	BAD(m.lp_pkg[3] = TDXM_MAX_PKGS);
	BAD(m.nr_cmrs = TDXM_MAX_CMRS + 1);
	BAD(m.phys_bits = 53);
	BAD(m.phys_bits = 37);
	BAD(m.nr_tdx_keyids = 0x10000);
	BAD(m.max_tdmrs = 65);
	BAD(m.max_reserved = 65);
	BAD(m.pamt_entry_size[0] = 12);
	BAD(m.pamt_entry_size[2] = 8);
	BAD(m.pamt_entry_size[1] = 72);
	BAD(m.profile = TDXM_NR_PROFILES);
	m = good;
	m.pamt_entry_size[1] = 64;
	assert_int_equal(tdxm_create(r.m, &m, &host), 0);
	m.phys_bits = 52;
	assert_int_equal(tdxm_create(r.m, &m, &host), 0);
	assert_int_equal(tdxm_pa_bits(r.m), 46);
	m.phys_bits = 38;
	assert_int_equal(tdxm_create(r.m, &m, &host), 0);
	m = good;
	assert_int_equal(tdxm_create(r.m, &m, &host), 0);
	assert_int_equal(tdxm_pa_bits(r.m), PA_BITS);
	rig_stop(&r);
}

/* The tests of these tests */

static void meta_all_seen(void **state)
{
	(void)state;
	answers_all_seen(&answers);
}

/* Those of TDs are model_td_test.c's. */
static bool is_ours(const char *file)
{
	/* These have tests of their own. */
	return strncmp(file, "td_", 3) && strcmp(file, "handoff.c") && strcmp(file, "sys_rdall.c");
}

static void meta_sources(void **state)
{
	(void)state;
	answers_cover(&answers, MODEL_DIR, is_ours, 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sys_init_success),
		cmocka_unit_test(sys_init_attributes),
		cmocka_unit_test(sys_init_not_pending),
		cmocka_unit_test(sys_init_cmrs),
		cmocka_unit_test(sys_init_keyids),
		cmocka_unit_test(sys_init_odd_cmrs),
		cmocka_unit_test(lp_init_before_sys_init),
		cmocka_unit_test(lp_init_done),
		cmocka_unit_test(lp_init_after_config),
		cmocka_unit_test(lp_init_later),
		cmocka_unit_test(sys_info_success),
		cmocka_unit_test(sys_info_operands),
		cmocka_unit_test(sys_info_lp_not_done),
		cmocka_unit_test(sys_rd_values),
		cmocka_unit_test(limits),
		cmocka_unit_test(sys_rd_sequence),
		cmocka_unit_test(sys_rd_unknown),
		cmocka_unit_test(sys_rd_lp_not_done),
		cmocka_unit_test(sys_rd_1_0),
		cmocka_unit_test(config_not_pending),
		cmocka_unit_test(config_lp_missing),
		cmocka_unit_test(config_lp_not_done),
		cmocka_unit_test(config_statuses),
		cmocka_unit_test(config_all_reserved),
		cmocka_unit_test(key_config_order),
		cmocka_unit_test(key_config_lp_not_done),
		cmocka_unit_test(tdmr_init_statuses),
		cmocka_unit_test(rdmd_statuses),
		cmocka_unit_test(lp_shutdown_1_0),
		cmocka_unit_test(lp_shutdown_before_init),
		cmocka_unit_test(lp_shutdown_later),
		cmocka_unit_test(shutdown_statuses),
		cmocka_unit_test(disable_statuses),
		cmocka_unit_test(any_leaf_bad_rax),
		cmocka_unit_test(any_leaf_after_shutdown),
		cmocka_unit_test(any_leaf_while_disabling),
		cmocka_unit_test(unknown_leaf),
		cmocka_unit_test(busy_global_lock),
		cmocka_unit_test(busy_tdmr),
		cmocka_unit_test(busy_shutdown),
		cmocka_unit_test(busy_disable),
		cmocka_unit_test(not_loaded),
		cmocka_unit_test(unknown_lp),
		cmocka_unit_test(seamldr),
		cmocka_unit_test(seamldr_busy),
		cmocka_unit_test(no_machine),
		cmocka_unit_test(meta_all_seen),
		cmocka_unit_test(meta_sources),
	};

	rig_on_status = note_status;
	return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
