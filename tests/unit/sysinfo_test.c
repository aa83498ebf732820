// SPDX-License-Identifier: GPL-2.0-only
/*
 * The TDX module's description of itself: reading, parsing, and the refusal of impossible
 * values.  A sane description is broken in one place at a time, then 10,000
 * times at random, where the test has an oracle of its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <cmocka.h>

#include "sysinfo.h"

#define MAX_PA		(1ULL << 46)
#define NR_RANDOM	10000
#define MAX_FIELDS	512

/* A TDX module that answers by a table. */
struct module {
	struct {
		u64 id, value;
		u32 asked;
	} field[MAX_FIELDS];
	u32 nr;
	u32 absent;	/* reads of fields that it does not have */
	u64 fails_at;	/* this field's read fails */
};

static void set(struct module *m, u64 id, u64 value)
{
	u32 i;

	for (i = 0; i < m->nr && m->field[i].id != id; i++)
		;
	assert_true(i < MAX_FIELDS);
	if (i == m->nr)
		m->nr++;
	m->field[i].id = id;
	m->field[i].value = value;
}

static void lose(struct module *m, u64 id)
{
	u32 i;

	for (i = 0; i < m->nr; i++)
		if (m->field[i].id == id)
			m->field[i] = m->field[--m->nr];
}

static bool find(const struct module *m, u64 id, u64 *value)
{
	u32 i;

	for (i = 0; i < m->nr; i++) {
		if (m->field[i].id == id) {
			*value = m->field[i].value;
			return true;
		}
	}
	return false;
}

static int answer(void *ctx, u64 id, u64 *value)
{
	struct module *m = ctx;
	u32 i;

	if (m->fails_at == id)
		return -EIO;
	for (i = 0; i < m->nr; i++)
		m->field[i].asked += m->field[i].id == id;
	if (find(m, id, value))
		return 0;
	m->absent++;
	return 1;
}

static struct module sane(void)
{
	struct module m = { .fails_at = ~0ULL };
	u32 i;

	set(&m, TDX_FIELD_MAJOR_VERSION, 1);
	set(&m, TDX_FIELD_MINOR_VERSION, 5);
	set(&m, TDX_FIELD_UPDATE_VERSION, 6);
	set(&m, TDX_FIELD_BUILD_NUM, 744);
	set(&m, TDX_FIELD_BUILD_DATE, 0x20240129);
	set(&m, TDX_FIELD_FEATURES0, 0x40000);
	set(&m, TDX_FIELD_MAX_TDMRS, 64);
	set(&m, TDX_FIELD_MAX_RESERVED, 16);
	set(&m, TDX_FIELD_PAMT_4K_ENTRY_SIZE, 16);
	set(&m, TDX_FIELD_PAMT_2M_ENTRY_SIZE, 16);
	set(&m, TDX_FIELD_PAMT_1G_ENTRY_SIZE, 16);
	set(&m, TDX_FIELD_NUM_CMRS, TDX_MAX_CMRS);
	for (i = 0; i < TDX_MAX_CMRS; i++) {
		set(&m, TDX_FIELD_CMR_BASE + i, i < 4 ? (i + 1) * TDX_SZ_1G : 0);
		set(&m, TDX_FIELD_CMR_SIZE + i, i < 4 ? TDX_SZ_1G / 2 : 0);
	}
	set(&m, TDX_FIELD_TDR_BASE_SIZE, 4096);
	set(&m, TDX_FIELD_TDCS_BASE_SIZE, 4 * 4096);
	set(&m, TDX_FIELD_TDVPS_BASE_SIZE, 6 * 4096);
	set(&m, TDX_FIELD_ATTRIBUTES_FIXED0, 0xd0000001);
	set(&m, TDX_FIELD_ATTRIBUTES_FIXED1, 0);
	set(&m, TDX_FIELD_XFAM_FIXED0, 0x600e7);
	set(&m, TDX_FIELD_XFAM_FIXED1, 3);
	set(&m, TDX_FIELD_MAX_VCPUS_PER_TD, 576);
	set(&m, TDX_FIELD_NUM_CPUID_CONFIG, 3);
	for (i = 0; i < 3; i++) {
		set(&m, TDX_FIELD_CPUID_CONFIG_LEAVES + i, 0xffffffff00000000ULL | i);
		set(&m, TDX_FIELD_CPUID_CONFIG_VALUES + 2 * i, 0x100 + i);
		set(&m, TDX_FIELD_CPUID_CONFIG_VALUES + 2 * i + 1, 0x200 + i);
	}
	return m;
}

/* In sane(). */
static bool null_cmr_base(u64 id)
{
	return id >= TDX_FIELD_CMR_BASE + 4 && id < TDX_FIELD_CMR_BASE + TDX_MAX_CMRS;
}

static int take(const struct module *m, struct tdx_sysinfo *si, struct tdx_sysinfo_fault *fault)
{
	int err = tdx_sysinfo_read(si, answer, (void *)m, fault);

	return err ? err : tdx_sysinfo_check(si, MAX_PA, fault);
}

static void sane_is_taken(void **state)
{
	struct module m = sane();
	struct tdx_sysinfo_fault fault = {};
	struct tdx_sysinfo si;

	(void)state;
	assert_int_equal(take(&m, &si, &fault), 0);
	assert_int_equal(si.major, 1);
	assert_int_equal(si.minor, 5);
	assert_int_equal(si.update, 6);
	assert_int_equal(si.build, 744);
	assert_int_equal(si.build_date, 0x20240129);
	assert_int_equal(si.features0, 0x40000);
	assert_int_equal(si.limits.max_tdmrs, 64);
	assert_int_equal(si.limits.max_reserved, 16);
	assert_false(si.limits.end_in_cmr);
	assert_int_equal(si.limits.entry_size[TDX_PS_4K], 16);
	assert_int_equal(si.nr_cmrs, 4);
	assert_int_equal(si.cmrs[3].start, 4 * TDX_SZ_1G);
	assert_int_equal(si.cmrs[3].end, 4 * TDX_SZ_1G + TDX_SZ_1G / 2);
	assert_int_equal(si.cmrs[3].node, -1);
	assert_int_equal(tdx_cmr_bytes(&si), 2 * TDX_SZ_1G);

	assert_int_equal(tdx_td_limits_check(&si.td, &fault), 0);
	assert_int_equal(si.td.tdcs_base_size, 4 * 4096);
	assert_int_equal(si.td.tdvps_base_size, 6 * 4096);
	assert_int_equal(si.td.max_vcpus, 576);
	assert_int_equal(si.td.nr_cpuid_config, 3);
	assert_int_equal(si.td.cpuid_leaf[2], 0xffffffff00000002ULL);
	assert_int_equal(si.td.cpuid_value[2][0], 0x102);
	assert_int_equal(si.td.cpuid_value[2][1], 0x202);
}

/*
 * One field has an impossible value.  @what is part of the refusal, which names
 * CMR @index and @at: the field, or the value.
 */
static const struct {
	u64 id, value;
	const char *what;
	u32 index;
	u64 at;
} broken[] = {
	{ TDX_FIELD_MAX_TDMRS, 0, "TDMRs is 0", 0, 0 },
	{ TDX_FIELD_MAX_TDMRS, 1ULL << 32, "out of range", 0, TDX_FIELD_MAX_TDMRS },
	{ TDX_FIELD_MAX_RESERVED, ~0ULL, "out of range", 0, TDX_FIELD_MAX_RESERVED },
	{ TDX_FIELD_MAX_RESERVED, 0xffff, "reserved areas", 0, 0xffff },
	{ TDX_FIELD_PAMT_4K_ENTRY_SIZE, 0, "entry size", 0, 0 },
	{ TDX_FIELD_PAMT_2M_ENTRY_SIZE, 0, "entry size", 0, 0 },
	{ TDX_FIELD_PAMT_1G_ENTRY_SIZE, 0, "entry size", 0, 0 },
	{ TDX_FIELD_PAMT_1G_ENTRY_SIZE, 4097, "entry size", 0, 4097 },
	{ TDX_FIELD_PAMT_4K_ENTRY_SIZE, 0xffff, "entry size", 0, 0xffff },
	{ TDX_FIELD_NUM_CMRS, 0, "no CMR", 0, 0 },
	{ TDX_FIELD_NUM_CMRS, TDX_MAX_CMRS + 1, "number of CMRs", 0, TDX_MAX_CMRS + 1 },
	{ TDX_FIELD_NUM_CMRS, ~0ULL, "number of CMRs", 0, ~0ULL },
	{ TDX_FIELD_CMR_BASE, TDX_SZ_1G + 1, "aligned", 0, TDX_SZ_1G + 1 },
	{ TDX_FIELD_CMR_SIZE + 1, TDX_SZ_4K / 2, "aligned", 1, 2 * TDX_SZ_1G },
	{ TDX_FIELD_CMR_SIZE + 1, 0ULL - 2 * TDX_SZ_1G, "wraps", 1, 2 * TDX_SZ_1G },
	{ TDX_FIELD_CMR_SIZE + 1, 0ULL - TDX_SZ_4K, "wraps", 1, 2 * TDX_SZ_1G },
	{ TDX_FIELD_CMR_SIZE + 3, MAX_PA, "limit", 3, MAX_PA + 4 * TDX_SZ_1G },
	{ TDX_FIELD_CMR_BASE + 3, MAX_PA - TDX_SZ_4K, "limit", 3, MAX_PA - TDX_SZ_4K + TDX_SZ_1G / 2 },
	{ TDX_FIELD_CMR_BASE + 2, 0, "above", 2, 0 },
	{ TDX_FIELD_CMR_BASE + 2, 2 * TDX_SZ_1G, "above", 2, 2 * TDX_SZ_1G },
	{ TDX_FIELD_CMR_SIZE, 2 * TDX_SZ_1G, "above", 1, 2 * TDX_SZ_1G },
	{ TDX_FIELD_MAJOR_VERSION, 0x10000, "out of range", 0, TDX_FIELD_MAJOR_VERSION },
	{ TDX_FIELD_BUILD_DATE, 1ULL << 32, "out of range", 0, TDX_FIELD_BUILD_DATE },
};

#define UNTOUCHED	{ .index = 77, .value = 77 }

/* The highest possible values. */
static void limits_are_taken(void **state)
{
	struct tdx_sysinfo_fault fault = UNTOUCHED;
	struct module m = sane();
	struct tdx_sysinfo si;

	(void)state;
	set(&m, TDX_FIELD_CMR_SIZE, TDX_SZ_1G);		/* touches the next */
	set(&m, TDX_FIELD_CMR_BASE + 3, MAX_PA - TDX_SZ_1G / 2);
	set(&m, TDX_FIELD_MAX_RESERVED, 1024);
	set(&m, TDX_FIELD_PAMT_4K_ENTRY_SIZE, 4096);
	set(&m, TDX_FIELD_PAMT_2M_ENTRY_SIZE, 1);
	set(&m, TDX_FIELD_MAX_TDMRS, 1);
	assert_int_equal(take(&m, &si, &fault), 0);
	assert_null(fault.what);
	/* The TDX module cannot report this, as a CMR of size 0 is none, but the check refuses it. */
	si.cmrs[1].end = si.cmrs[1].start;
	assert_int_equal(tdx_sysinfo_check(&si, MAX_PA, &fault), -EINVAL);
	assert_non_null(strstr(fault.what, "wraps"));
}

static void broken_is_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct module m = sane();
		struct tdx_sysinfo_fault fault = UNTOUCHED;
		struct tdx_sysinfo si;

		set(&m, broken[i].id, broken[i].value);
		if (take(&m, &si, &fault) != -EINVAL)
			fail_msg("0x%llx = 0x%llx was taken", broken[i].id, broken[i].value);
		assert_non_null(fault.what);
		if (!strstr(fault.what, broken[i].what))
			fail_msg("0x%llx = 0x%llx: \"%s\" does not say \"%s\"", broken[i].id,
				 broken[i].value, fault.what, broken[i].what);
		if (fault.index != broken[i].index || fault.value != broken[i].at)
			fail_msg("0x%llx = 0x%llx: names %u, 0x%llx", broken[i].id,
				 broken[i].value, fault.index, fault.value);
	}
}

/*
 * Bring-up needs none of these and succeeds, but no TD can be built.  The refusal names
 * @at: the value, or 0 for one that its field cannot hold.
 */
static const struct {
	u64 id, value, at;
} broken_td[] = {
	{ TDX_FIELD_TDR_BASE_SIZE, 0, 0 },
	{ TDX_FIELD_TDR_BASE_SIZE, 8192, 8192 },
	{ TDX_FIELD_TDR_BASE_SIZE, 0x10000 + 4096, 0 },
	{ TDX_FIELD_TDR_BASE_SIZE, ~0ULL, 0 },
	{ TDX_FIELD_TDCS_BASE_SIZE, 0, 0 },
	{ TDX_FIELD_TDCS_BASE_SIZE, 4097, 4097 },
	{ TDX_FIELD_TDCS_BASE_SIZE, 0x10000, 0 },
	{ TDX_FIELD_TDVPS_BASE_SIZE, 0, 0 },
	{ TDX_FIELD_TDVPS_BASE_SIZE, 64, 64 },
	{ TDX_FIELD_MAX_VCPUS_PER_TD, 0, 0 },
	{ TDX_FIELD_MAX_VCPUS_PER_TD, 0x10000, 0 },
	{ TDX_FIELD_ATTRIBUTES_FIXED1, 3, 2 },
	{ TDX_FIELD_XFAM_FIXED1, 1ULL << 63 | 3, 1ULL << 63 },
	{ TDX_FIELD_XFAM_FIXED0, 0, 3 },
	{ TDX_FIELD_NUM_CPUID_CONFIG, 0, 0 },
	{ TDX_FIELD_NUM_CPUID_CONFIG, 4, 0 },
	{ TDX_FIELD_NUM_CPUID_CONFIG, TDX_MAX_CPUID_CONFIG + 1, TDX_MAX_CPUID_CONFIG + 1 },
	{ TDX_FIELD_NUM_CPUID_CONFIG, ~0ULL, 0 },
};

static void broken_td_limits_stop_tds_only(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(broken_td) / sizeof(broken_td[0]); i++) {
		struct module m = sane();
		struct tdx_sysinfo_fault fault = UNTOUCHED;
		struct tdx_sysinfo si;

		set(&m, broken_td[i].id, broken_td[i].value);
		assert_int_equal(take(&m, &si, &fault), 0);
		if (tdx_td_limits_check(&si.td, &fault) != -EINVAL)
			fail_msg("0x%llx = 0x%llx was taken", broken_td[i].id,
				 broken_td[i].value);
		assert_non_null(fault.what);
		if (fault.index != 0 || fault.value != broken_td[i].at)
			fail_msg("0x%llx = 0x%llx: names %u, 0x%llx", broken_td[i].id,
				 broken_td[i].value, fault.index, fault.value);
	}
}

static void most_cpuid_configurations(void **state)
{
	struct tdx_sysinfo_fault fault = UNTOUCHED;
	struct module m = sane();
	struct tdx_sysinfo si;
	u32 i;

	(void)state;
	set(&m, TDX_FIELD_NUM_CPUID_CONFIG, TDX_MAX_CPUID_CONFIG);
	for (i = 0; i < TDX_MAX_CPUID_CONFIG; i++) {
		set(&m, TDX_FIELD_CPUID_CONFIG_LEAVES + i, i);
		set(&m, TDX_FIELD_CPUID_CONFIG_VALUES + 2 * i, 0x1000 + i);
		set(&m, TDX_FIELD_CPUID_CONFIG_VALUES + 2 * i + 1, 0x2000 + i);
	}
	assert_int_equal(take(&m, &si, &fault), 0);
	assert_int_equal(tdx_td_limits_check(&si.td, &fault), 0);
	assert_int_equal(si.td.nr_cpuid_config, TDX_MAX_CPUID_CONFIG);
	assert_int_equal(si.td.cpuid_value[TDX_MAX_CPUID_CONFIG - 1][1],
			 0x2000 + TDX_MAX_CPUID_CONFIG - 1);
}

static const u64 required[] = {
	TDX_FIELD_MAJOR_VERSION, TDX_FIELD_MINOR_VERSION, TDX_FIELD_BUILD_NUM,
	TDX_FIELD_BUILD_DATE, TDX_FIELD_FEATURES0, TDX_FIELD_MAX_TDMRS, TDX_FIELD_MAX_RESERVED,
	TDX_FIELD_PAMT_4K_ENTRY_SIZE, TDX_FIELD_PAMT_2M_ENTRY_SIZE, TDX_FIELD_PAMT_1G_ENTRY_SIZE,
	TDX_FIELD_NUM_CMRS, TDX_FIELD_CMR_BASE, TDX_FIELD_CMR_SIZE + 3,
};

static const u64 required_for_tds[] = {
	TDX_FIELD_TDR_BASE_SIZE, TDX_FIELD_TDCS_BASE_SIZE, TDX_FIELD_TDVPS_BASE_SIZE,
	TDX_FIELD_XFAM_FIXED0, TDX_FIELD_NUM_CPUID_CONFIG, TDX_FIELD_CPUID_CONFIG_LEAVES + 2,
	TDX_FIELD_CPUID_CONFIG_VALUES, TDX_FIELD_CPUID_CONFIG_VALUES + 5,
};

static void missing_fields(void **state)
{
	struct tdx_sysinfo_fault fault = {};
	struct tdx_sysinfo si;
	struct module m;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
		m = sane();
		lose(&m, required[i]);
		fault = (struct tdx_sysinfo_fault)UNTOUCHED;
		assert_int_equal(take(&m, &si, &fault), -EINVAL);
		assert_non_null(strstr(fault.what, "missing"));
		if (required[i] == TDX_FIELD_CMR_BASE || required[i] == TDX_FIELD_CMR_SIZE + 3) {
			assert_int_equal(fault.index, required[i] == TDX_FIELD_CMR_BASE ? 0 : 3);
			assert_int_equal(fault.value, 0);
		} else {
			assert_int_equal(fault.index, 0);
			assert_int_equal(fault.value, required[i]);
		}
	}
	for (i = 0; i < sizeof(required_for_tds) / sizeof(required_for_tds[0]); i++) {
		m = sane();
		lose(&m, required_for_tds[i]);
		assert_int_equal(take(&m, &si, &fault), 0);
		assert_int_equal(tdx_td_limits_check(&si.td, &fault), -EINVAL);
	}

	m = sane();
	lose(&m, TDX_FIELD_UPDATE_VERSION);
	lose(&m, TDX_FIELD_MAX_VCPUS_PER_TD);
	assert_int_equal(take(&m, &si, &fault), 0);
	assert_int_equal(si.update, 0);
	assert_int_equal(tdx_td_limits_check(&si.td, &fault), 0);
	assert_int_equal(si.td.max_vcpus, 65535);

	/* Without the fields no bit is fixed, whatever the structure contained. */
	m = sane();
	lose(&m, TDX_FIELD_ATTRIBUTES_FIXED0);
	lose(&m, TDX_FIELD_ATTRIBUTES_FIXED1);
	lose(&m, TDX_FIELD_XFAM_FIXED1);
	memset(&si, 0xff, sizeof(si));
	assert_int_equal(tdx_td_limits_read(&si.td, answer, &m), 0);
	assert_int_equal(si.td.attributes_fixed0, 0);
	assert_int_equal(si.td.attributes_fixed1, 0);
	assert_int_equal(si.td.xfam_fixed1, 0);
}

/* Entries of size 0 are ignored anywhere in the list, whatever their base. */
static void null_cmrs(void **state)
{
	struct tdx_sysinfo_fault fault = UNTOUCHED;
	struct module m = sane();
	struct tdx_sysinfo si;

	(void)state;
	set(&m, TDX_FIELD_CMR_SIZE, 0);
	set(&m, TDX_FIELD_CMR_SIZE + 2, 0);
	set(&m, TDX_FIELD_CMR_BASE + 2, 1);
	lose(&m, TDX_FIELD_CMR_BASE);
	set(&m, TDX_FIELD_CMR_BASE + TDX_MAX_CMRS - 1, 8 * TDX_SZ_1G);
	set(&m, TDX_FIELD_CMR_SIZE + TDX_MAX_CMRS - 1, TDX_SZ_1G);
	assert_int_equal(take(&m, &si, &fault), 0);
	assert_int_equal(si.nr_cmrs, 3);
	assert_int_equal(si.cmrs[0].start, 2 * TDX_SZ_1G);
	assert_int_equal(si.cmrs[1].start, 4 * TDX_SZ_1G);
	assert_int_equal(si.cmrs[2].end, 9 * TDX_SZ_1G);
	assert_int_equal(tdx_cmr_bytes(&si), 2 * TDX_SZ_1G);
}

static void all_cmrs_null(void **state)
{
	struct tdx_sysinfo_fault fault = UNTOUCHED;
	struct module m = sane();
	struct tdx_sysinfo si;
	u32 i;

	(void)state;
	for (i = 0; i < TDX_MAX_CMRS; i++)
		set(&m, TDX_FIELD_CMR_SIZE + i, 0);
	assert_int_equal(take(&m, &si, &fault), -EINVAL);
	assert_string_equal(fault.what, "no CMR");
}

/* Every field is read once, including those that may be absent. */
static void asked_once(void **state)
{
	struct tdx_sysinfo_fault fault = UNTOUCHED;
	struct module m = sane();
	struct tdx_sysinfo si;
	u32 i;

	(void)state;
	lose(&m, TDX_FIELD_UPDATE_VERSION);
	lose(&m, TDX_FIELD_MAX_VCPUS_PER_TD);
	assert_int_equal(take(&m, &si, &fault), 0);
	assert_null(fault.what);
	assert_int_equal(m.absent, 2);
	for (i = 0; i < m.nr; i++)
		assert_int_equal(m.field[i].asked, !null_cmr_base(m.field[i].id));
}

/* The error of any read is returned, and no value is refused. */
static void failing_reads(void **state)
{
	struct tdx_sysinfo_fault fault = {};
	struct tdx_sysinfo si;
	struct module m = sane();
	u32 i, nr = 0;

	(void)state;
	for (i = 0; i < m.nr; i++) {
		m.fails_at = m.field[i].id;
		if (null_cmr_base(m.fails_at))
			continue;
		assert_int_equal(take(&m, &si, &fault), -EIO);
		assert_null(fault.what);
		nr++;
	}
	assert_int_equal(nr, m.nr - 28);
}

static void tdsysinfo(void **state)
{
	static struct tdsysinfo info;
	struct tdx_cmr_info cmrs[TDX_MAX_CMRS] = {
		{ TDX_SZ_1G, TDX_SZ_1G }, { 0, 0 }, { 4 * TDX_SZ_1G, 4096 },
	};
	struct tdx_sysinfo_fault fault = {};
	struct tdx_sysinfo si;
	u8 *raw = (u8 *)&info;

	(void)state;
	info.major_version = 1;
	info.minor_version = 5;
	info.build_date = 0x20230323;
	info.build_num = 481;
	info.max_tdmrs = 64;
	info.max_reserved_per_tdmr = 16;
	info.pamt_entry_size = 16;
	info.tdcs_base_size = 4 * 4096;
	info.tdvps_base_size = 6 * 4096;
	info.attributes_fixed0 = 5;
	info.attributes_fixed1 = 4;
	info.xfam_fixed0 = 0xe7;
	info.xfam_fixed1 = 3;
	/* The offsets come from the specification, not from the structure. */
	raw[128] = 2;
	raw[132] = 3;			/* the first entry's leaf */
	raw[132 + 24] = 7;		/* leaf */
	raw[132 + 28] = 1;		/* sub-leaf */
	raw[132 + 32] = 0xa;		/* EAX */
	raw[132 + 36] = 0xb;
	raw[132 + 40] = 0xc;
	raw[132 + 44] = 0xd;

	memset(&si, 0xff, sizeof(si));
	assert_int_equal(tdx_sysinfo_parse(&si, &info, cmrs, TDX_MAX_CMRS, &fault), 0);
	assert_int_equal(tdx_sysinfo_check(&si, MAX_PA, &fault), 0);
	assert_int_equal(si.major, 1);
	assert_int_equal(si.minor, 5);
	assert_int_equal(si.limits.max_tdmrs, 64);
	assert_int_equal(si.limits.max_reserved, 16);
	assert_true(si.limits.end_in_cmr);
	assert_int_equal(si.nr_cmrs, 2);
	assert_int_equal(si.build, 481);
	assert_int_equal(si.build_date, 0x20230323);
	assert_int_equal(si.limits.entry_size[TDX_PS_2M], 16);
	assert_int_equal(tdx_td_limits_check(&si.td, &fault), 0);
	assert_int_equal(si.td.tdr_base_size, 4096);
	assert_int_equal(si.td.max_vcpus, 65535);
	assert_int_equal(si.td.attributes_fixed0, 5);
	assert_int_equal(si.td.attributes_fixed1, 4);
	assert_int_equal(si.td.xfam_fixed0, 0xe7);
	assert_int_equal(si.td.xfam_fixed1, 3);
	assert_int_equal(si.td.cpuid_leaf[0], 3);
	assert_int_equal(si.td.nr_cpuid_config, 2);
	assert_int_equal(si.td.cpuid_leaf[1], 0x100000007ULL);
	assert_int_equal(si.td.cpuid_value[1][0], 0xb0000000aULL);
	assert_int_equal(si.td.cpuid_value[1][1], 0xd0000000cULL);

	info.num_cpuid_config = 37;
	assert_int_equal(tdx_sysinfo_parse(&si, &info, cmrs, TDX_MAX_CMRS, &fault), 0);
	assert_int_equal(tdx_td_limits_check(&si.td, &fault), 0);
	info.num_cpuid_config = 38;	/* more than the buffer holds */
	memset(&si.td, 0xff, sizeof(si.td));
	tdx_td_limits_parse(&si.td, &info);
	assert_int_equal(tdx_td_limits_check(&si.td, &fault), -EINVAL);
	assert_int_equal(fault.value, 0);
	fault = (struct tdx_sysinfo_fault)UNTOUCHED;
	assert_int_equal(tdx_sysinfo_parse(&si, &info, cmrs, TDX_MAX_CMRS + 1, &fault), -EINVAL);
	assert_int_equal(fault.index, 0);
	assert_int_equal(fault.value, TDX_MAX_CMRS + 1);
	assert_int_equal(tdx_sysinfo_parse(&si, &info, cmrs, ~0ULL, &fault), -EINVAL);
}

/* ---- 10,000 random descriptions ---- */

static u64 seed;

static u64 rnd(void)
{
	/* xorshift64* */
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * 0x2545f4914f6cdd1dULL;
}

static u64 nasty(void)
{
	static const u64 values[] = {
		0, 1, 15, 16, 17, 32, 33, 64, 65, 128, 129, 4095, 4096, 4097, 0xffff, 0x10000,
		0xffffffff, 1ULL << 32, MAX_PA - 4096, MAX_PA, 1ULL << 63, ~0ULL, ~4095ULL,
	};

	switch (rnd() % 4) {
	case 0:
		return rnd();
	case 1:
		return rnd() >> rnd() % 64 & ~4095ULL;
	default:
		return values[rnd() % (sizeof(values) / sizeof(values[0]))];
	}
}

static u64 field(const struct module *m, u64 id)
{
	u64 value = 0;

	find(m, id, &value);
	return value;
}

/* May a plan use these limits?  Written from the rules alone. */
static bool plausible(const struct module *m)
{
	u64 nr = field(m, TDX_FIELD_NUM_CMRS), last = 0;
	u32 i, nr_cmrs = 0;
	u64 unused;
	size_t r;

	for (r = 0; r < sizeof(required) / sizeof(required[0]); r++)
		if (required[r] < TDX_FIELD_CMR_BASE || required[r] > TDX_FIELD_CMR_SIZE + 31)
			if (!find(m, required[r], &unused))
				return false;
	if (field(m, TDX_FIELD_MAJOR_VERSION) > 0xffff || field(m, TDX_FIELD_MINOR_VERSION) > 0xffff ||
	    field(m, TDX_FIELD_UPDATE_VERSION) > 0xffff || field(m, TDX_FIELD_BUILD_NUM) > 0xffff ||
	    field(m, TDX_FIELD_BUILD_DATE) > 0xffffffff)
		return false;
	if (!field(m, TDX_FIELD_MAX_TDMRS) || field(m, TDX_FIELD_MAX_TDMRS) > 0xffffffff ||
	    field(m, TDX_FIELD_MAX_RESERVED) > 1024)
		return false;
	for (i = 0; i < 3; i++)
		if (field(m, TDX_FIELD_PAMT_4K_ENTRY_SIZE + i) - 1 > 4095)
			return false;
	if (nr > TDX_MAX_CMRS)
		return false;
	for (i = 0; i < nr; i++) {
		u64 base, size;

		if (!find(m, TDX_FIELD_CMR_SIZE + i, &size))
			return false;
		if (!size)
			continue;
		if (!find(m, TDX_FIELD_CMR_BASE + i, &base))
			return false;
		nr_cmrs++;
		if (base % 4096 || size % 4096 || base >= MAX_PA || size > MAX_PA - base || base < last)
			return false;
		last = base + size;
	}
	return nr_cmrs != 0;
}

static void random_descriptions(void **state)
{
	u32 round, taken = 0, refused = 0;
	struct tdx_sysinfo si;

	(void)state;
	seed = 0x7d5ee1;
	for (round = 0; round < NR_RANDOM; round++) {
		struct tdx_sysinfo_fault fault = {};
		struct module m = sane();
		u32 edits = rnd() % 6;
		bool want;
		int got;

		while (edits--) {
			u64 id = m.field[rnd() % m.nr].id;

			if (rnd() % 8)
				set(&m, id, nasty());
			else
				lose(&m, id);
		}
		want = plausible(&m);
		got = take(&m, &si, &fault);
		if (want != !got)
			fail_msg("round %u: %s, the rules say %s (%s)", round, got ? "refused" : "taken",
				 want ? "taken" : "refused", fault.what ? fault.what : "-");
		if (got)
			assert_non_null(fault.what);
		else if (!tdx_td_limits_check(&si.td, &fault))
			assert_in_range(si.td.nr_cpuid_config, 1, TDX_MAX_CPUID_CONFIG);
		taken += want;
		refused += !want;
	}
	printf("# %u random descriptions: %u taken, %u refused\n", round, taken, refused);
	/* The oracle has often said yes and often no. */
	assert_true(taken > NR_RANDOM / 10 && refused > NR_RANDOM / 10);
}

/* The same for the buffers of TDH.SYS.INFO: every byte random. */
static void random_buffers(void **state)
{
	static struct tdsysinfo info;
	struct tdx_cmr_info cmrs[TDX_MAX_CMRS];
	struct tdx_sysinfo si;
	u32 round, i, n;

	(void)state;
	seed = 0x105eed;
	for (round = 0; round < NR_RANDOM; round++) {
		struct tdx_sysinfo_fault fault = {};
		u64 nr = rnd() % 8 ? rnd() % (TDX_MAX_CMRS + 1) : rnd();
		int err;

		for (i = 0; i < sizeof(info); i++)
			((u8 *)&info)[i] = rnd();
		if (rnd() % 2)
			info.num_cpuid_config = rnd() % 64;
		for (i = 0; i < TDX_MAX_CMRS; i++)
			cmrs[i] = (struct tdx_cmr_info){ nasty(), nasty() };
		err = tdx_sysinfo_parse(&si, &info, cmrs, nr, &fault);
		if (err) {
			assert_true(nr > TDX_MAX_CMRS);
			continue;
		}
		for (i = 0, n = 0; i < nr; i++)
			n += !!cmrs[i].size;
		assert_int_equal(si.nr_cmrs, n);
		if (!tdx_sysinfo_check(&si, MAX_PA, &fault))
			for (i = 0; i < n; i++)
				assert_true(si.cmrs[i].start < si.cmrs[i].end &&
					    si.cmrs[i].end <= MAX_PA);
		if (!tdx_td_limits_check(&si.td, &fault))
			assert_in_range(si.td.nr_cpuid_config, 1, 37);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sane_is_taken),
		cmocka_unit_test(limits_are_taken),
		cmocka_unit_test(broken_is_refused),
		cmocka_unit_test(broken_td_limits_stop_tds_only),
		cmocka_unit_test(most_cpuid_configurations),
		cmocka_unit_test(missing_fields),
		cmocka_unit_test(null_cmrs),
		cmocka_unit_test(all_cmrs_null),
		cmocka_unit_test(asked_once),
		cmocka_unit_test(failing_reads),
		cmocka_unit_test(tdsysinfo),
		cmocka_unit_test(random_descriptions),
		cmocka_unit_test(random_buffers),
	};

	return cmocka_run_group_tests_name("sysinfo", tests, NULL, NULL);
}
