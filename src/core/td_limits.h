/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a TD needs, according to the TDX module: the sizes of its control structures and
 * the values that TD_PARAMS may have.  Bring-up does not depend on any of it.
 */
#ifndef TDX_CORE_TD_LIMITS_H
#define TDX_CORE_TD_LIMITS_H

#include "abi.h"

#define TDX_MAX_CPUID_CONFIG	128

struct tdx_td_limits {
	u16 tdr_base_size;	/* bytes, as the next two */
	u16 tdcs_base_size;
	u16 tdvps_base_size;
	u16 max_vcpus;		/* 65535, the most there can be, if the module does not say */
	u64 attributes_fixed0;	/* 0: must be 0 */
	u64 attributes_fixed1;	/* 1: must be 1 */
	u64 xfam_fixed0;
	u64 xfam_fixed1;
	u16 nr_cpuid_config;
	u64 cpuid_leaf[TDX_MAX_CPUID_CONFIG];		/* 31:0 leaf, 63:32 sub-leaf */
	u64 cpuid_value[TDX_MAX_CPUID_CONFIG][2];	/* EAX EBX, ECX EDX */
};

/*
 * Reads one metadata field.  0 and *@value; > 0: the module does not have the
 * field; < 0: the read failed, and reading stops with that error.
 */
typedef int (*tdx_field_reader)(void *ctx, u64 field, u64 *value);

/* Where and why a firmware value was refused. */
struct tdx_sysinfo_fault {
	const char *what;	/* "CMR 3: not aligned to 4 KB" without the number */
	u32 index;		/* of the CMR, where @what is about one */
	u64 value;
};

/* 0, or the reader's error.  Missing fields stay 0, which the check refuses. */
int tdx_td_limits_read(struct tdx_td_limits *td, tdx_field_reader read, void *ctx);

/* The same from TDH.SYS.INFO's buffer. */
void tdx_td_limits_parse(struct tdx_td_limits *td, const struct tdsysinfo *info);

/* 0, or -EINVAL and @fault: no TD can be built by these. */
int tdx_td_limits_check(const struct tdx_td_limits *td, struct tdx_sysinfo_fault *fault);

#endif
