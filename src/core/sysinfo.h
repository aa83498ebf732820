/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The TDX module's description of itself and of the machine, read by TDH.SYS.RD or
 * TDH.SYS.INFO and checked before anything is sized by it.
 */
#ifndef TDX_CORE_SYSINFO_H
#define TDX_CORE_SYSINFO_H

#include "abi.h"
#include "td_limits.h"
#include "tdmr_plan.h"

struct tdx_sysinfo {
	u16 major;
	u16 minor;
	u16 update;
	u16 build;
	u32 build_date;		/* BCD yyyymmdd */
	u64 features0;		/* TDX_FEATURES0; 0 if read by TDH.SYS.INFO */
	struct tdmr_limits limits;
	u32 nr_cmrs;
	struct tdx_range cmrs[TDX_MAX_CMRS];	/* ascending */
	struct tdx_td_limits td;	/* checked only by tdx_td_limits_check() */
};

/* 0; -EINVAL and @fault: an impossible value; or the reader's error. */
int tdx_sysinfo_read(struct tdx_sysinfo *si, tdx_field_reader read, void *ctx,
		     struct tdx_sysinfo_fault *fault);

/* The same from TDH.SYS.INFO's two buffers; @nr_cmrs entries were written. */
int tdx_sysinfo_parse(struct tdx_sysinfo *si, const struct tdsysinfo *info,
		      const struct tdx_cmr_info *cmrs, u64 nr_cmrs,
		      struct tdx_sysinfo_fault *fault);

/* @max_pa: first address beyond physical memory, KeyID bits excluded.  0 or -EINVAL and @fault. */
int tdx_sysinfo_check(const struct tdx_sysinfo *si, u64 max_pa,
		      struct tdx_sysinfo_fault *fault);

u64 tdx_cmr_bytes(const struct tdx_sysinfo *si);

#endif
