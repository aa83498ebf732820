/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Completion statuses of SEAMCALL in words.  The log, last_error and `tdxhost explain`
 * all take their texts from here.
 */
#ifndef TDX_CORE_STATUS_H
#define TDX_CORE_STATUS_H

#include "types.h"
#include "status_codes.h"	/* generated: TDX_SUCCESS, ... */

/* Bits of a completion status (TDX module ABI, "Completion status codes"). */
#define TDX_STATUS_ERROR		(1ULL << 63)
#define TDX_STATUS_NON_RECOVERABLE	(1ULL << 62)
#define TDX_STATUS_NAME_MASK		0xffffffff00000000ULL

/*
 * Software statuses, by Linux's convention: the instruction itself failed.  The TDX
 * module never uses this class.
 */
#define TDX_SW_ERROR			(TDX_STATUS_ERROR | (0xffULL << 40))
#define TDX_SW_VMFAILINVALID		(TDX_SW_ERROR | 0xffff0000ULL)
#define TDX_SW_GP			(TDX_SW_ERROR | 13)
#define TDX_SW_UD			(TDX_SW_ERROR | 6)

/* The status without its details, to be compared with TDX_... codes. */
static inline u64 tdx_status_name_bits(u64 status)
{
	return status & TDX_STATUS_NAME_MASK;
}

/* Leaf numbers: bits 15:0 of RAX on entry. */
const char *tdx_leaf_name(u64 rax);		/* "TDH.SYS.INIT"; "unknown leaf" */
const char *tdx_status_name(u64 status);	/* "TDX_SYS_BUSY"; "unknown status" */
const char *tdx_operand_name(u32 id);		/* "CPUID_CONFIG"; NULL */
const char *tdx_status_cause(u64 status);	/* most likely cause; NULL */
const char *tdx_status_remedy(u64 status);	/* what to do; NULL */

/* Does this status have a name?  Bits 31:0 are ignored, except of a software status. */
bool tdx_status_known(u64 status);
bool tdx_status_by_name(const char *name, u64 *status);
/* The class, bits 47:40, in words: "TDX module state"; NULL: unknown. */
const char *tdx_status_class(u64 status);
/* MSRs that the TDX module checks: "IA32_TSX_CTRL"; NULL. */
const char *tdx_msr_name(u32 msr);

/* May the same call succeed later?  Busy, no entropy, key generation, interrupted. */
bool tdx_status_retryable(u64 status);

/*
 * "TDX_OPERAND_INVALID, operand CPUID_CONFIG (0xc000010000000045)".  Always
 * terminates @buf; returns the length it would have had, as snprintf does.
 */
int tdx_status_format(char *buf, size_t size, u64 status);
/* Only the details: "operand CPUID_CONFIG"; "" if the status has none. */
int tdx_status_details(char *buf, size_t size, u64 status);

#endif
