/* SPDX-License-Identifier: GPL-2.0-only */
/* Reads MSRs of CPU 0 through the kernel's msr driver. */
#ifndef TDXHOST_MSR_H
#define TDXHOST_MSR_H

#include "types.h"

#define MSR_FEATURE_CONTROL	0x3a
#define MSR_KEYID_PARTITIONING	0x87
#define MSR_MCHECK_ERROR	0xa0
#define MSR_PLATFORM_INFO	0xce
#define MSR_MTRRCAP		0xfe
#define MSR_VMX_BASIC		0x480
#define MSR_TME_ACTIVATE	0x982
#define MSR_SEAMRR_BASE		0x1400
#define MSR_SEAMRR_MASK		0x1401

/*
 * 0; -EIO: the CPU has no such MSR; -ENOENT: the msr driver is not loaded;
 * -EACCES, -EPERM: not root.
 */
int msr_read(u32 msr, u64 *value);

#endif
