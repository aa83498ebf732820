// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each leaf of the model returns each status that it can return. The last two tests check
 * this: the tests have seen every (leaf, status) of model-answers.tsv and no other, and the
 * list contains every status that the model's sources name.
 */

#include "model_case.h"

#define UNKNOWN_LEAF	100

static const struct answer list[] = {
#include "model_answers.inc"
};

static bool seen[NR(list)];
static struct answers answers = { list, NR(list), seen };

static const u64 leaves[] = {
	PHYMEM_PAGE_RDMD, SYS_KEY_CONFIG, SYS_INFO, SYS_INIT, SYS_RD, SYS_LP_INIT, SYS_TDMR_INIT,
	SYS_LP_SHUTDOWN, SYS_CONFIG, SYS_SHUTDOWN, SYS_DISABLE, UNKNOWN_LEAF,
};

static void note_status(u64 leaf, u64 status)
{
	if (leaf >> 63)
		return;		/* the P-SEAMLDR has statuses of its own */
	leaf &= 0xffff;
	answers_note(&answers, leaf, status);
}

#define OPERAND(id)	(TDX_OPERAND_INVALID | (id))
#define PACKED(i0, i1, i2) ((u64)(i0) | (u64)(i1) << 8 | (u64)(i2) << 16)

TEST(sys_init_success, TDXM_1_5_01, started)
{
	expect_zeroed(r, TDX_SUCCESS, SYS_INIT, 0, 1, 2, 3, 4);
}

TEST(sys_init_attributes, TDXM_1_5_01, started)
{
	expect(r, OPERAND(RCX), SYS_INIT, 1);
	/* The TDX module checks the operand before its state. */
	to_init(r);
	expect(r, OPERAND(RCX), SYS_INIT, 1);
}

TEST(sys_init_not_pending, TDXM_1_0_3, to_init)
{
	expect_on(r, 1, TDX_SYS_INIT_NOT_PENDING, SYS_INIT);
}

TEST(sys_init_cmrs, TDXM_1_5_01, started)
{
	static const struct tdxm_cmr bad[] = {
		{ 1 * GB, 4 * GB },			/* overlaps the one before */
		{ 0, 4096 },				/* below the one before */
		{ 4 * GB + 1, 1 * GB },
		{ 4 * GB, 1 * GB + 8 },
		{ (1ULL << PA_BITS) - GB, 2 * GB },	/* reaches into KeyID bits */
		{ ~0ULL - 4095, 8192 },
	};

	for (size_t i = 0; i < NR(bad); i++) {
		another_machine(r, TDXM_1_5_01);
		r->machine.cmrs[1] = bad[i];
		r->machine.nr_cmrs = 2;
		rig_start(r);
		expect(r, TDX_CMR_LIST_INVALID, SYS_INIT);
	}
}

/* The TDX module has room for 2,048 KeyIDs, KeyID 0 included. */
TEST_MACHINE(sys_init_too_many_keyids, TDXM_1_5_01)
{
	r->machine.phys_bits = 51;
	r->machine.nr_tdx_keyids = 2048 - r->machine.nr_mktme_keyids;
	rig_start(r);
	expect(r, TDX_NUM_ACTIVATED_HKIDS_NOT_SUPPORTED | 2048, SYS_INIT);
}

TEST_MACHINE(sys_init_most_keyids, TDXM_1_5_01)
{
	r->machine.phys_bits = 51;
	r->machine.nr_tdx_keyids = 2047 - r->machine.nr_mktme_keyids;
	rig_start(r);
	to_init(r);
}

/* The TDX module skips an empty CMR, and accepts one that ends at the highest address. */
TEST_MACHINE(sys_init_odd_cmrs, TDXM_1_5_01)
{
	r->machine.cmrs[1].size = 0;
	r->machine.cmrs[2] = (struct tdxm_cmr){ (1ULL << PA_BITS) - GB, GB };
	rig_start(r);
	to_init(r);
}

TEST_EACH(lp_init_before_sys_init, TDXM_1_0_3, TDXM_NEXT, started)
{
	expect(r, TDX_SYS_LP_INIT_NOT_PENDING, SYS_LP_INIT);
}

TEST(lp_init_done, TDXM_1_5_01, to_init)
{
	expect_on(r, 3, TDX_SUCCESS, SYS_LP_INIT, 1, 2, 3);
	assert_int_equal(outputs(r), 0);
	expect_on(r, 3, TDX_SYS_LP_INIT_DONE, SYS_LP_INIT);
	expect_on(r, 2, TDX_SUCCESS, SYS_LP_INIT);
}

/* Up to 1.5.01, also for an LP that is initialised already. */
TEST_EACH(lp_init_after_config, TDXM_1_0_3, TDXM_1_5_01, to_config)
{
	expect(r, TDX_SYS_LP_INIT_NOT_PENDING, SYS_LP_INIT);
}

/* Later modules need one LP of each package before SYS_CONFIG, the others at any time. */
TEST(lp_init_later, TDXM_NEXT, to_init)
{
	good_tdmrs(r);
	expect(r, TDX_SUCCESS, SYS_LP_INIT);
	expect_on(r, 1, TDX_SUCCESS, SYS_LP_INIT);
	expect(r, TDX_SYS_CONFIG_NOT_PENDING, CONFIG);
	expect_on(r, 2, TDX_SUCCESS, SYS_LP_INIT);
	expect(r, TDX_SUCCESS, CONFIG);
	tdxm_wbinvd(r->m, 0);
	tdxm_wbinvd(r->m, 2);
	expect_on(r, 1, TDX_SUCCESS, SYS_KEY_CONFIG);
	expect_on(r, 2, TDX_SUCCESS, SYS_KEY_CONFIG);
	assert_true(tdxm_ready(r->m));
	expect_each_on(r, 3, TDX_SYS_LP_INIT_NOT_DONE, { SYS_TDMR_INIT, 4 * GB },
		       { PHYMEM_PAGE_RDMD, 4 * GB });
	expect_on(r, 3, TDX_SUCCESS, SYS_LP_INIT);
	expect_on(r, 3, TDX_SYS_LP_INIT_DONE, SYS_LP_INIT);
	expect_on(r, 3, TDX_SUCCESS, SYS_TDMR_INIT, 4 * GB);
}

struct field {
	u32 offset, size;
	u64 value;
};

static void assert_fields(const struct rig *r, u64 pa, const struct field *f, size_t nr)
{
	for (; nr--; f++) {
		u64 value = 0;

		memcpy(&value, r->ram + pa + f->offset, f->size);
		assert_int_equal(value, f->value);
	}
}

/* Buffers with room for everything. */
#define INFO_ROOM SYSINFO_PA, 1024, CMR_INFO_PA, 32

TEST_EACH(sys_info_success, TDXM_1_0_3, TDXM_NEXT, to_lps)
{
	static const u16 builds[] = { 457, 481, 698, 2000, 2000, 3000 };
	static const u8 major[] = { 1, 1, 1, 1, 2, 1 }, minor[] = { 0, 5, 5, 5, 0, 5 };
	static const u8 cpuids[] = { 12, 12, 18, 28, 28, 28 };
	enum tdxm_profile p = r->machine.profile;
	const struct field info[] = {
		{ 0, 4, 0 }, { 4, 4, 0x8086 }, { 12, 2, builds[p] }, { 14, 2, minor[p] },
		{ 16, 2, major[p] }, { 18, 1, p != TDXM_1_0_3 }, { 32, 2, 64 }, { 34, 2, 16 },
		{ 36, 2, 16 }, { 128, 4, cpuids[p] }, { 1016, 8, 0 }, { 1024, 8, ~0ULL },
	};
	static const struct field cmrs[] = {
		{ 0, 8, 1 * MB }, { 24, 8, 2 * GB }, { 3 * 16 + 8, 8, 0 }, { 31 * 16, 8, 0 },
		{ 512, 8, ~0ULL },
	};

	memset(r->ram + SYSINFO_PA, 0xff, 2048);
	memset(r->ram + CMR_INFO_PA, 0xff, 1024);
	expect_out(r, rdx, 1024, TDX_SUCCESS, SYS_INFO, INFO_ROOM);
	assert_int_equal(r->out.r9, 32);
	assert_fields(r, SYSINFO_PA, info, NR(info));
	assert_fields(r, CMR_INFO_PA, cmrs, NR(cmrs));
}

TEST(sys_info_operands, TDXM_1_5_01, to_lps)
{
	static const struct { u64 info, size, cmrs, nr, status; } t[] = {
		{ SYSINFO_PA + 512, 1024, CMR_INFO_PA, 32, OPERAND(RCX) },
		{ SYSINFO_PA | KEYID_PA(16), 1024, CMR_INFO_PA, 32, OPERAND(RCX) },
		{ SYSINFO_PA | 1ULL << 46, 1024, CMR_INFO_PA, 32, OPERAND(RCX) },
		{ RAM_SIZE, 1024, CMR_INFO_PA, 32, OPERAND(RCX) },
		{ SYSINFO_PA, 1023, CMR_INFO_PA, 32, OPERAND(RDX) },
		{ SYSINFO_PA, 1024, CMR_INFO_PA + 256, 32, OPERAND(R8) },
		{ SYSINFO_PA, 1024, CMR_INFO_PA | KEYID_PA(63), 32, OPERAND(R8) },
		{ SYSINFO_PA, 1024, CMR_INFO_PA, 31, OPERAND(R9) },
		/* The status names the first wrong operand. */
		{ 1, 0, 1, 0, OPERAND(RCX) },
		{ SYSINFO_PA, 0, 1, 0, OPERAND(RDX) },
		{ SYSINFO_PA, 1024, 1, 0, OPERAND(R8) },
		/* The address may contain a KeyID that is not private. */
		{ SYSINFO_PA | KEYID_PA(15), 4096, CMR_INFO_PA | KEYID_PA(1), 64, TDX_SUCCESS },
	};

	for (size_t i = 0; i < NR(t); i++) {
		expect(r, t[i].status, SYS_INFO, t[i].info, t[i].size, t[i].cmrs, t[i].nr);
		if (t[i].status)
			assert_int_equal(r->out.rdx | r->out.r9, 0);
	}
}

TEST(sys_info_lp_not_done, TDXM_1_0_3, started)
{
	expect(r, TDX_SYS_LP_INIT_NOT_DONE, SYS_INFO, INFO_ROOM);
	to_init(r);
	expect_on(r, 1, TDX_SUCCESS, SYS_LP_INIT);
	expect(r, TDX_SYS_LP_INIT_NOT_DONE, SYS_INFO, INFO_ROOM);
}

#define NULL_FIELD		(~0ULL)
#define VENDOR_ID		0x0800000200000000
#define CMR_BASE(i)		(0x9000000300000080 + (i))
#define CMR_SIZE(i)		(0x9000000300000100 + (i))
#define MAX_TDMRS		0x9100000100000008
#define MAX_RESERVED_PER_TDMR	0x9100000100000009
#define PAMT_4K_ENTRY_SIZE	0x9100000100000010
#define PAMT_2M_ENTRY_SIZE	0x9100000100000011
#define PAMT_1G_ENTRY_SIZE	0x9100000100000012

/* R8 is not 0 before, as the call must overwrite it. */
static void sys_rd(struct rig *r, u64 id, u64 status)
{
	expect(r, status, SYS_RD, 0, id, 0x5555);
}

static void expect_field(struct rig *r, u64 id, u64 value)
{
	sys_rd(r, id, TDX_SUCCESS);
	assert_int_equal(r->out.r8, value);
}

TEST(sys_rd_values, TDXM_1_5_01, to_lps)
{
	static const struct { u64 id, value; } t[] = {
		{ VENDOR_ID, 0x8086 },
		{ 0x8800000200000001, 0x20230323 }, { 0x8800000100000002, 481 },
		{ 0x0800000100000003, 5 }, { 0x0800000100000004, 1 }, { 0x0800000100000005, 1 },
		{ 0x0000000200000000, 2 },
		{ 0x9000000100000000, 32 },
		{ CMR_BASE(0), 1 * MB }, { CMR_BASE(1), 4 * GB }, { CMR_BASE(3), 0 },
		{ CMR_SIZE(2), 1 * GB }, { CMR_SIZE(31), 0 },
		{ MAX_TDMRS, 64 }, { MAX_RESERVED_PER_TDMR, 16 },
		{ PAMT_4K_ENTRY_SIZE, 16 }, { PAMT_1G_ENTRY_SIZE, 16 },
		{ 0x9900000100000004, 12 },
		{ 0x9900000300000400, 0xffffffff00000001 }, { 0x9900000300000402, 0x0000000100000004 },
		{ 0x9900000300000409, 0xffffffff80000008 }, { 0x990000030000040c, ~0ULL },
		{ 0x9900000300000500, 0x00ff00000fff3fff }, { 0x9900000300000504, 0xfffff000ffffc3ff },
		{ 0x9900000300000505, 0xfffffffbffffffff }, { 0x9900000300000518, 0 },
		{ 0x0a00000300000008, 0xf0fbf },
		/* TDH.SYS.RD ignores the element size, the context and the non-architectural bit. */
		{ 0x1000000000000080 | 7ULL << 52, 1 * MB },
	};

	for (size_t i = 0; i < NR(t); i++)
		expect_field(r, t[i].id, t[i].value);
}

TEST_MACHINE(limits, TDXM_NEXT)
{
	static const struct field info[] = { { 32, 2, 7 }, { 34, 2, 5 }, { 36, 2, 16 } };
	static const struct field cmr_3 = { 3 * 16, 8, 0 };

	r->machine.max_tdmrs = 7;
	r->machine.max_reserved = 5;
	r->machine.pamt_entry_size[1] = 32;
	/* Behind the last CMR. */
	r->machine.cmrs[3] = (struct tdxm_cmr){ 8 * GB, 1 * GB };
	rig_start(r);
	to_lps(r);
	expect_field(r, CMR_BASE(3), 0);
	expect_field(r, CMR_SIZE(3), 0);
	expect_field(r, MAX_TDMRS, 7);
	expect_field(r, MAX_RESERVED_PER_TDMR, 5);
	expect_field(r, PAMT_2M_ENTRY_SIZE, 32);
	expect(r, TDX_SUCCESS, SYS_INFO, INFO_ROOM);
	assert_fields(r, SYSINFO_PA, info, NR(info));
	assert_fields(r, CMR_INFO_PA, &cmr_3, 1);
}

/* From the null id, RDX leads to each field once and back to the null id. */
TEST(sys_rd_sequence, TDXM_NEXT, to_lps)
{
	u64 id = NULL_FIELD, next;
	u32 elements = 0, cmrs = 0;

	sys_rd(r, id, TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT);
	while ((next = r->out.rdx) != NULL_FIELD) {
		u64 order = (next >> 56 & 0x3f) << 24 | (next & 0xffffff);

		if (id != NULL_FIELD)
			assert_true(order > ((id >> 56 & 0x3f) << 24 | (id & 0xffffff)));
		id = next;
		sys_rd(r, id, TDX_SUCCESS);
		elements++;
		if (id >= CMR_BASE(0) && id < CMR_BASE(32))
			cmrs++;
		assert_true(elements < 1000);
	}
	assert_int_equal(cmrs, 32);
	assert_true(elements > 190);
}

TEST(sys_rd_unknown, TDXM_1_5_01, to_lps)
{
	static const u64 ids[] = {
		0x9100000100000013,		/* after the last code of its class */
		CMR_BASE(32),		/* one CMR too far */
		0x3f00000100000000,		/* no such class */
		0x9900000100000008,		/* not in 1.5.01 */
		MAX_TDMRS | 1ULL << 24, MAX_TDMRS | 1ULL << 34,
		MAX_TDMRS | 1ULL << 38, MAX_TDMRS | 1ULL << 47,
		MAX_TDMRS | 1ULL << 55, MAX_TDMRS | 1ULL << 62,
	};

	for (size_t i = 0; i < NR(ids); i++) {
		sys_rd(r, ids[i], TDX_METADATA_FIELD_ID_INCORRECT);
		assert_int_equal(r->out.r8, 0);
		assert_int_equal(r->out.rdx, NULL_FIELD);
	}
}

TEST_CALL(sys_rd_lp_not_done, TDXM_1_5_01, to_init, TDX_SYS_LP_INIT_NOT_DONE, SYS_RD, 0, ~0ULL)

/* TDX 1.0 does not have the leaf, but checks that only when it is READY. */
TEST(sys_rd_1_0, TDXM_1_0_3, started)
{
	expect(r, TDX_SYS_NOT_READY, SYS_RD, 0, VENDOR_ID);
	to_ready(r);
	expect(r, OPERAND(0), SYS_RD, 0, VENDOR_ID);
}

TEST_EACH(config_not_pending, TDXM_1_0_3, TDXM_NEXT, started)
{
	good_tdmrs(r);
	expect(r, TDX_SYS_CONFIG_NOT_PENDING, CONFIG);
	to_init(r);
	expect(r, TDX_SYS_CONFIG_NOT_PENDING, CONFIG);
	for (u32 lp = 0; lp < NR_LPS; lp++)
		expect_on(r, lp, TDX_SUCCESS, SYS_LP_INIT);
	expect(r, TDX_SUCCESS, CONFIG);
	expect(r, TDX_SYS_CONFIG_NOT_PENDING, CONFIG);
}

/* Up to 1.5.01 TDH.SYS.CONFIG needs every LP. */
TEST_EACH(config_lp_missing, TDXM_1_0_3, TDXM_1_5_01, to_init)
{
	good_tdmrs(r);
	for (u32 lp = 0; lp < NR_LPS - 1; lp++)
		expect_on(r, lp, TDX_SUCCESS, SYS_LP_INIT);
	expect(r, TDX_SYS_CONFIG_NOT_PENDING, CONFIG);
	expect_on(r, NR_LPS - 1, TDX_SUCCESS, SYS_LP_INIT);
	expect(r, TDX_SUCCESS, CONFIG);
}

TEST(config_lp_not_done, TDXM_NEXT, to_init)
{
	good_tdmrs(r);
	expect_on(r, 1, TDX_SUCCESS, SYS_LP_INIT);
	expect_on(r, 3, TDX_SUCCESS, SYS_LP_INIT);
	expect(r, TDX_SYS_LP_INIT_NOT_DONE, CONFIG);
}

#define AT(field) offsetof(struct tdmr_info, field)

/* One example of each status; model_config_test.c has every rule. */
TEST(config_statuses, TDXM_1_5_01, to_lps)
{
	static const struct { size_t offset; u64 value, status; } t[] = {
		{ AT(size), 0, TDX_INVALID_TDMR | PACKED(1, 0, 0) },
		{ AT(base), 3 * GB, TDX_NON_ORDERED_TDMR | PACKED(1, 0, 0) },
		{ AT(reserved[0].size), 1, TDX_INVALID_RESERVED_IN_TDMR | PACKED(1, 0, 0) },
		{ AT(reserved[2].size), 4096, TDX_NON_ORDERED_RESERVED_IN_TDMR | PACKED(1, 1, 0) },
		{ AT(pamt[P2M].size), 8192, TDX_INVALID_PAMT | PACKED(1, 1, 0) },
		{ AT(pamt[P1G].base), 256 * MB, TDX_PAMT_OVERLAP | PACKED(1, 2, 0) },
		{ AT(pamt[P1G].base), 3 * GB, TDX_PAMT_OUTSIDE_CMRS | PACKED(1, 2, 0) },
		{ AT(base), 6 * GB, TDX_TDMR_OUTSIDE_CMRS | PACKED(1, 0, 0) },
	};

	for (size_t i = 0; i < NR(t); i++) {
		good_tdmrs(r);
		memcpy((u8 *)tdmr(r, 1) + t[i].offset, &t[i].value, 8);
		expect(r, t[i].status, CONFIG);
	}
	/* A refused array can be corrected. */
	good_config(r);
}

/* If all reserved areas are used and the last reaches the end, TDX 1.0 wants a CMR there. */
TEST(config_all_reserved, TDXM_1_5_01, started)
{
	/* last_cmr: the size of the CMR at 6 GB */
	static const struct { enum tdxm_profile profile; u32 used; u64 last_cmr, status; } t[] = {
		{ TDXM_1_0_3, 16, GB, TDX_TDMR_OUTSIDE_CMRS | PACKED(1, 0, 0) },
		{ TDXM_1_0_3, 16, GB + 4096, TDX_SUCCESS },
		{ TDXM_1_0_3, 15, GB, TDX_SUCCESS },
		{ TDXM_1_5_01, 16, GB, TDX_SUCCESS },
	};
	u32 j;

	for (size_t i = 0; i < NR(t); i++) {
		another_machine(r, t[i].profile);
		r->machine.cmrs[2].size = t[i].last_cmr;
		rig_start(r);
		to_lps(r);
		good_tdmrs(r);
		for (j = 0; j < t[i].used; j++) {
			tdmr(r, 1)->reserved[j].offset = (j + 1) * 16 * MB;
			tdmr(r, 1)->reserved[j].size = 4096;
		}
		tdmr(r, 1)->reserved[j - 1].size = 2 * GB - j * 16 * MB;
		expect(r, t[i].status, CONFIG);
	}
}

TEST(key_config_order, TDXM_1_5_01, to_lps)
{
	expect(r, TDX_SYS_KEY_CONFIG_NOT_PENDING, SYS_KEY_CONFIG);
	good_config(r);
	flush_pamts(r);
	expect_on(r, 1, TDX_SUCCESS, SYS_KEY_CONFIG);
	expect(r, TDX_KEY_CONFIGURED, SYS_KEY_CONFIG);
	assert_false(tdxm_ready(r->m));
	expect_on(r, 3, TDX_SUCCESS, SYS_KEY_CONFIG);
	assert_true(tdxm_ready(r->m));
	expect_on(r, 3, TDX_SYS_KEY_CONFIG_NOT_PENDING, SYS_KEY_CONFIG);
}

TEST(key_config_lp_not_done, TDXM_NEXT, to_packages)
{
	good_config(r);
	expect_on(r, 1, TDX_SYS_LP_INIT_NOT_DONE, SYS_KEY_CONFIG);
}

TEST_CALL(tdmr_init_not_ready, TDXM_1_5_01, to_config, TDX_SYS_NOT_READY, SYS_TDMR_INIT, 4 * GB)

TEST(tdmr_init_operand, TDXM_1_5_01, to_ready)
{
	static const u64 bad[] = { 0, 3 * GB, 4 * GB + 4096, 6 * GB, 4 * GB | KEYID_PA(1), ~0ULL };

	for (size_t i = 0; i < NR(bad); i++)
		expect_out(r, rdx, 0, OPERAND(RCX), SYS_TDMR_INIT, bad[i], 77);
	init_tdmr(r, 4 * GB, 0);
	assert_int_equal(tdxm_calls(r->m, SYS_TDMR_INIT), NR(bad) + 257);
	expect_on(r, 1, TDX_TDMR_ALREADY_INITIALIZED, SYS_TDMR_INIT, 4 * GB);
}

TEST(rdmd_statuses, TDXM_1_5_01, started)
{
	expect(r, TDX_SYS_NOT_READY, PHYMEM_PAGE_RDMD, 4 * GB);
	to_ready(r);
	expect_each(r, OPERAND(RCX), { PHYMEM_PAGE_RDMD, 4 * GB + 1 },
		    { PHYMEM_PAGE_RDMD, 4 * GB | KEYID_PA(1) });
	expect_each(r, TDX_OPERAND_ADDR_RANGE_ERROR | RCX, { PHYMEM_PAGE_RDMD, 3 * GB },
		    { PHYMEM_PAGE_RDMD, 7 * GB }, { PHYMEM_PAGE_RDMD, 5 * GB });
	/* Pages can be used when their whole 1 GB is initialised. */
	expect(r, TDX_SUCCESS, SYS_TDMR_INIT, 5 * GB);
	expect(r, TDX_OPERAND_ADDR_RANGE_ERROR | RCX, PHYMEM_PAGE_RDMD, 5 * GB);
	init_tdmr(r, 5 * GB, 4 * MB);
	expect_zeroed(r, TDX_SUCCESS, PHYMEM_PAGE_RDMD, 5 * GB, 1, 2, 3, 4, 5);
	expect_out(r, rcx, 1, TDX_SUCCESS, PHYMEM_PAGE_RDMD, 5 * GB + 24 * MB - 4096);	/* PT_RSVD */
}

TEST(lp_shutdown_1_0, TDXM_1_0_3, to_ready)
{
	expect_on(r, 2, TDX_SUCCESS, SYS_LP_SHUTDOWN);
	expect(r, TDX_SYS_SHUTDOWN, SYS_KEY_CONFIG);
	assert_int_equal(tdxm_violations(r->m, TDXM_V_CALL_AFTER_SHUTDOWN), 0);
	expect_on(r, 2, TDX_SYS_SHUTDOWN, SYS_LP_SHUTDOWN);
	assert_int_equal(tdxm_violations(r->m, TDXM_V_CALL_AFTER_SHUTDOWN), 1);
	for (u32 lp = 0; lp < NR_LPS; lp++)
		if (lp != 2)
			expect_on(r, lp, TDX_SUCCESS, SYS_LP_SHUTDOWN);
	expect(r, TDX_SYS_SHUTDOWN, SYS_TDMR_INIT, 4 * GB);
	assert_int_equal(tdxm_violations(r->m, TDXM_V_CALL_AFTER_SHUTDOWN), 2);
}

TEST(lp_shutdown_before_init, TDXM_1_0_3, started)
{
	expect(r, TDX_SUCCESS, SYS_LP_SHUTDOWN);
	expect_on(r, 1, TDX_SYS_SHUTDOWN, SYS_INIT);
}

/* In later modules the leaf does nothing. */
TEST(lp_shutdown_later, TDXM_1_5_01, to_ready)
{
	expect_each(r, TDX_SUCCESS, { SYS_LP_SHUTDOWN }, { SYS_LP_SHUTDOWN },
		    { SYS_TDMR_INIT, 4 * GB }, { SYS_SHUTDOWN }, { SYS_LP_SHUTDOWN });
	assert_int_equal(tdxm_violations(r->m, TDXM_V_CALL_AFTER_SHUTDOWN), 0);
}

TEST(shutdown_statuses, TDXM_1_5_01, started)
{
	expect(r, TDX_SYS_NOT_READY, SYS_SHUTDOWN, 1);
	to_ready(r);
	expect_each(r, OPERAND(RCX), { SYS_SHUTDOWN, 1 }, { SYS_SHUTDOWN, 1 << 16 },
		    { SYS_SHUTDOWN, 1ULL << 32 });
	expect(r, TDX_SUCCESS, SYS_SHUTDOWN);
	assert_false(tdxm_ready(r->m));
	expect(r, TDX_SYS_SHUTDOWN, SYS_SHUTDOWN, 2);
	assert_int_equal(tdxm_violations(r->m, TDXM_V_CALL_AFTER_SHUTDOWN), 1);
}

TEST_CALL(shutdown_unknown_to_1_0_3, TDXM_1_0_3, to_ready, OPERAND(0), SYS_SHUTDOWN, 1)

TEST(disable_statuses, TDXM_NEXT, started)
{
	expect(r, TDX_SYS_NOT_READY, SYS_DISABLE);
	to_ready(r);
	expect(r, TDX_INTERRUPTED_RESUMABLE, SYS_DISABLE);
	expect_on(r, 1, TDX_SYS_BUSY, SYS_TDMR_INIT, 4 * GB);
	expect_on(r, 1, TDX_INTERRUPTED_RESUMABLE, SYS_DISABLE);
	expect(r, TDX_SUCCESS, SYS_DISABLE);
	expect(r, TDX_SYS_SHUTDOWN, SYS_DISABLE);
	/* The next kernel starts afresh. */
	to_ready(r);
	assert_int_equal(tdxm_violations(r->m, TDXM_V_CALL_AFTER_SHUTDOWN), 1);
}

TEST_CALL(disable_unknown_to_1_5_01, TDXM_1_5_01, to_ready, OPERAND(0), SYS_DISABLE)

/* Checks that precede every leaf */

TEST(any_leaf_bad_rax, TDXM_1_5_01, started)
{
	static const u64 bits[] = { 1ULL << 16, 1ULL << 23, 1ULL << 24, 1ULL << 62 };

	for (size_t i = 0; i < NR(leaves); i++)
		for (size_t j = 0; j < 4; j++)
			expect(r, OPERAND(0), leaves[i] | bits[j]);
}

TEST(any_leaf_after_shutdown, TDXM_1_0_3, to_lps)
{
	expect(r, TDX_SUCCESS, SYS_LP_SHUTDOWN);
	for (size_t i = 0; i < NR(leaves); i++)
		expect(r, TDX_SYS_SHUTDOWN, leaves[i]);
}

TEST(any_leaf_while_disabling, TDXM_NEXT, to_ready)
{
	expect(r, TDX_INTERRUPTED_RESUMABLE, SYS_DISABLE);
	for (size_t i = 0; i < NR(leaves); i++)
		if (leaves[i] != SYS_DISABLE)
			expect_on(r, 1, TDX_SYS_BUSY, leaves[i]);
}

TEST(unknown_leaf, TDXM_1_5_01, started)
{
	expect(r, TDX_SYS_NOT_READY, UNKNOWN_LEAF);
	to_ready(r);
	expect(r, OPERAND(0), UNKNOWN_LEAF);
}

/* Contention */

/* While LP 0 is in the call that follows, LP 1 calls @leaf with @rcx, which returns @inner. */
#define expect_amid(r, leaf, rcx_, inner_, status, ...) do { \
		(r)->armed = true; \
		(r)->inner_lp = 1; \
		(r)->inner = (struct tdxm_regs){ .rax = leaf, .rcx = rcx_ }; \
		expect(r, status, __VA_ARGS__); \
		assert_status((r)->inner.rax, inner_); \
	} while (0)

TEST(busy_global_lock, TDXM_1_5_01, to_lps)
{
	static const u64 contenders[] = { SYS_INIT, SYS_LP_INIT, SYS_CONFIG, SYS_KEY_CONFIG };

	good_tdmrs(r);
	tdmr(r, 1)->size = 0;
	for (size_t i = 0; i < NR(contenders); i++)
		expect_amid(r, contenders[i], 0, TDX_SYS_BUSY,
			    TDX_INVALID_TDMR | PACKED(1, 0, 0), CONFIG);
	/* The lock is free again. */
	good_config(r);
}

TEST(busy_tdmr, TDXM_1_5_01, to_ready)
{
	expect_amid(r, SYS_TDMR_INIT, 4 * GB, TDX_OPERAND_BUSY | RCX,
		    TDX_SUCCESS, SYS_TDMR_INIT, 4 * GB);
	/* Each TDMR has its own lock. */
	expect_amid(r, SYS_TDMR_INIT, 5 * GB, TDX_SUCCESS, TDX_SUCCESS, SYS_TDMR_INIT, 4 * GB);
}

TEST(busy_shutdown, TDXM_1_5_01, to_ready)
{
	expect_amid(r, SYS_SHUTDOWN, 0, TDX_SYS_BUSY, TDX_SUCCESS, SYS_INFO, INFO_ROOM);
	assert_true(tdxm_ready(r->m));
	expect_on(r, 1, TDX_SUCCESS, SYS_SHUTDOWN);
}

TEST(busy_disable, TDXM_NEXT, to_ready)
{
	expect_amid(r, SYS_DISABLE, 0, TDX_SYS_BUSY, TDX_SUCCESS, SYS_INFO, INFO_ROOM);
	/* TDH.SYS.DISABLE waits, and lets no other leaf in. */
	expect(r, TDX_SYS_BUSY, SYS_INFO, INFO_ROOM);
	expect_on(r, 1, TDX_INTERRUPTED_RESUMABLE, SYS_DISABLE);
}

TEST_MACHINE(not_loaded, TDXM_1_5_01)
{
	struct tdxm_regs regs = { .rax = SYS_INIT, .rcx = 5 };

	r->machine.loaded = false;
	rig_start(r);
	assert_int_equal(rig_seamcall(r, 0, &regs), TDXM_VMFAILINVALID);
	assert_int_equal(regs.rax, SYS_INIT);
	assert_int_equal(regs.rcx, 5);
	regs.rax = SEAMLDR_INFO;
	assert_int_equal(rig_seamcall(r, 0, &regs), TDXM_VMFAILINVALID);
}

TEST(unknown_lp, TDXM_1_5_01, started)
{
	struct tdxm_regs regs = { .rax = SYS_INIT };

	assert_int_equal(rig_seamcall(r, NR_LPS, &regs), TDXM_VMFAILINVALID);
}

TEST(seamldr, TDXM_1_5_01, started)
{
	static const struct field info[] = {
		{ 8, 4, 0x8086 }, { 20, 2, 1 }, { 18, 2, 5 }, { 162, 1, 1 }, { 163, 4, 0 },
		{ 256, 4, 0xffffffff },
	};

	memset(r->ram + SEAMLDR_PA, 0xff, 512);
	expect(r, 0, SEAMLDR_INFO, SEAMLDR_PA);
	assert_fields(r, SEAMLDR_PA, info, NR(info));
	expect(r, TDXM_SEAMLDR_EBADPARAM, SEAMLDR_INFO, SEAMLDR_PA + 128);
	expect(r, TDXM_SEAMLDR_EBADPARAM, SEAMLDR_INFO, SEAMLDR_PA | KEYID_PA(16));
	expect(r, TDXM_SEAMLDR_EBADPARAM, SEAMLDR_INFO | 9, SEAMLDR_PA);
	assert_int_equal(tdxm_calls(r->m, SEAMLDR_INFO), 3);
	assert_int_equal(tdxm_calls(r->m, 0), 0);
}

/* VMfailInvalid leaves the registers of the second LP alone. */
TEST(seamldr_busy, TDXM_1_5_01, started)
{
	expect_amid(r, SEAMLDR_INFO, SEAMLDR_PA, SEAMLDR_INFO, 0, SEAMLDR_INFO, SEAMLDR_PA);
}

#define FIELD(name, value) { offsetof(struct tdxm_machine, name), sizeof(r->machine.name), value }

TEST(no_machine, TDXM_1_5_01, started)
{
	static const struct field bad[] = {
		FIELD(nr_lps, 0), FIELD(nr_lps, TDXM_MAX_LPS + 1), FIELD(lp_pkg[3], TDXM_MAX_PKGS),
		FIELD(nr_cmrs, TDXM_MAX_CMRS + 1), FIELD(phys_bits, 53), FIELD(phys_bits, 37),
		FIELD(nr_tdx_keyids, 0x10000), FIELD(max_tdmrs, 65), FIELD(max_reserved, 65),
		FIELD(pamt_entry_size[0], 12), FIELD(pamt_entry_size[2], 8),
		FIELD(pamt_entry_size[1], 72), FIELD(profile, TDXM_NR_PROFILES),
	};
	static const struct tdxm_host host;
	struct tdxm_machine m, good = r->machine;

	for (size_t i = 0; i < NR(bad); i++) {
		m = good;
		memcpy((u8 *)&m + bad[i].offset, &bad[i].value, bad[i].size);
		assert_int_equal(tdxm_create(r->m, &m, &host), -1);
	}
	m = good;
	m.pamt_entry_size[1] = 64;
	assert_int_equal(tdxm_create(r->m, &m, &host), 0);
	m.phys_bits = 52;
	assert_int_equal(tdxm_create(r->m, &m, &host), 0);
	assert_int_equal(tdxm_pa_bits(r->m), 46);
	m.phys_bits = 38;
	assert_int_equal(tdxm_create(r->m, &m, &host), 0);
	m = good;
	assert_int_equal(tdxm_create(r->m, &m, &host), 0);
	assert_int_equal(tdxm_pa_bits(r->m), PA_BITS);
}

TEST(meta_all_seen, TDXM_1_5_01, started) { answers_all_seen(&answers); }

static bool is_ours(const char *file)
{
	/* The others have tests of their own. */
	return strncmp(file, "td_", 3) && strncmp(file, "tdg", 3) && strncmp(file, "guest", 5) &&
	       strcmp(file, "handoff.c") && strcmp(file, "sys_rdall.c");
}

TEST(meta_sources, TDXM_1_5_01, started) { answers_cover(&answers, MODEL_DIR, is_ours, 14); }

int main(void)
{
	rig_on_status = note_status;
	return run_cases("model");
}
