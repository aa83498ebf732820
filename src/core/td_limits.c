// SPDX-License-Identifier: GPL-2.0-only
#include "td_limits.h"

#define XFAM_X87_SSE	3ULL	/* XCR0 bits 1:0, set in every XFAM */

struct field {
	u64 id;
	u16 offset;
	u8 size;
};

#define FIELD(id_, member) \
	{ .id = id_, .offset = offsetof(struct tdx_td_limits, member), \
	  .size = sizeof(((struct tdx_td_limits *)0)->member) }

static const struct field fields[] = {
	FIELD(TDX_FIELD_TDR_BASE_SIZE, tdr_base_size),
	FIELD(TDX_FIELD_TDCS_BASE_SIZE, tdcs_base_size),
	FIELD(TDX_FIELD_TDVPS_BASE_SIZE, tdvps_base_size),
	FIELD(TDX_FIELD_MAX_VCPUS_PER_TD, max_vcpus),
	FIELD(TDX_FIELD_ATTRIBUTES_FIXED0, attributes_fixed0),
	FIELD(TDX_FIELD_ATTRIBUTES_FIXED1, attributes_fixed1),
	FIELD(TDX_FIELD_XFAM_FIXED0, xfam_fixed0),
	FIELD(TDX_FIELD_XFAM_FIXED1, xfam_fixed1),
	FIELD(TDX_FIELD_NUM_CPUID_CONFIG, nr_cpuid_config),
};

/* A value too large for its field becomes 0, which the check refuses. */
static u64 narrow(u64 value, u8 size)
{
	return size < 8 && value >> (8 * size) ? 0 : value;
}

static int read_fields(struct tdx_td_limits *td, tdx_field_reader read, void *ctx)
{
	u64 value;
	size_t i;
	int err;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		err = read(ctx, fields[i].id, &value);
		if (err < 0)
			return err;
		if (err)
			continue;
		value = narrow(value, fields[i].size);
		/* Little endian: the low bytes of a u64 are the narrower value. */
		memcpy((char *)td + fields[i].offset, &value, fields[i].size);
	}
	return 0;
}

/* If an entry is missing, the module counts as one without CPUID configuration: refused. */
static int read_cpuid(struct tdx_td_limits *td, tdx_field_reader read, void *ctx)
{
	u32 i;
	int err;

	if (td->nr_cpuid_config > TDX_MAX_CPUID_CONFIG)
		return 0;
	for (i = 0; i < td->nr_cpuid_config; i++) {
		err = read(ctx, TDX_FIELD_CPUID_CONFIG_LEAVES + i, &td->cpuid_leaf[i]);
		if (!err)
			err = read(ctx, TDX_FIELD_CPUID_CONFIG_VALUES + 2 * i,
				   &td->cpuid_value[i][0]);
		if (!err)
			err = read(ctx, TDX_FIELD_CPUID_CONFIG_VALUES + 2 * i + 1,
				   &td->cpuid_value[i][1]);
		if (err < 0)
			return err;
		if (err)
			td->nr_cpuid_config = 0;
	}
	return 0;
}

int tdx_td_limits_read(struct tdx_td_limits *td, tdx_field_reader read, void *ctx)
{
	int err;

	memset(td, 0, sizeof(*td));
	td->max_vcpus = (u16)~0;
	err = read_fields(td, read, ctx);
	return err ? err : read_cpuid(td, read, ctx);
}

void tdx_td_limits_parse(struct tdx_td_limits *td, const struct tdsysinfo *info)
{
	const u32 max = sizeof(info->cpuid_config) / sizeof(info->cpuid_config[0]);
	u32 i;

	memset(td, 0, sizeof(*td));
	td->tdr_base_size = TDX_SZ_4K;
	td->tdcs_base_size = info->tdcs_base_size;
	td->tdvps_base_size = info->tdvps_base_size;
	td->max_vcpus = (u16)~0;
	td->attributes_fixed0 = info->attributes_fixed0;
	td->attributes_fixed1 = info->attributes_fixed1;
	td->xfam_fixed0 = info->xfam_fixed0;
	td->xfam_fixed1 = info->xfam_fixed1;
	if (info->num_cpuid_config > max)
		return;
	td->nr_cpuid_config = info->num_cpuid_config;
	for (i = 0; i < td->nr_cpuid_config; i++) {
		const struct tdx_cpuid_config c = info->cpuid_config[i];

		td->cpuid_leaf[i] = (u64)c.subleaf << 32 | c.leaf;
		td->cpuid_value[i][0] = (u64)c.ebx << 32 | c.eax;
		td->cpuid_value[i][1] = (u64)c.edx << 32 | c.ecx;
	}
}

static int refuse(struct tdx_sysinfo_fault *fault, const char *what, u64 value)
{
	fault->what = what;
	fault->index = 0;
	fault->value = value;
	return -EINVAL;
}

static bool whole_pages(u16 bytes)
{
	return bytes && !(bytes % TDX_SZ_4K);
}

int tdx_td_limits_check(const struct tdx_td_limits *td, struct tdx_sysinfo_fault *fault)
{
	if (td->tdr_base_size != TDX_SZ_4K)
		return refuse(fault, "TDR size is not one page", td->tdr_base_size);
	if (!whole_pages(td->tdcs_base_size))
		return refuse(fault, "TDCS size is not a number of pages", td->tdcs_base_size);
	if (!whole_pages(td->tdvps_base_size))
		return refuse(fault, "TDVPS size is not a number of pages", td->tdvps_base_size);
	if (!td->max_vcpus)
		return refuse(fault, "maximum number of vCPUs is 0", 0);
	if (td->attributes_fixed1 & ~td->attributes_fixed0)
		return refuse(fault, "ATTRIBUTES bits that must be both 0 and 1",
			      td->attributes_fixed1 & ~td->attributes_fixed0);
	if (td->xfam_fixed1 & ~td->xfam_fixed0)
		return refuse(fault, "XFAM bits that must be both 0 and 1",
			      td->xfam_fixed1 & ~td->xfam_fixed0);
	if (~td->xfam_fixed0 & XFAM_X87_SSE)
		return refuse(fault, "XFAM without x87 and SSE", td->xfam_fixed0);
	if (!td->nr_cpuid_config || td->nr_cpuid_config > TDX_MAX_CPUID_CONFIG)
		return refuse(fault, "number of CPUID configurations out of range",
			      td->nr_cpuid_config);
	return 0;
}
