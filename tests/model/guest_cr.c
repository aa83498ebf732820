// SPDX-License-Identifier: GPL-2.0-only
/*
 * What becomes of the guest's writes of CR0 and CR4, as in module 1.5 (write_guest_cr0(),
 * write_guest_cr4()): first what no CPU takes, a #GP; then what a TD has not, a #VE; last, as
 * the TDX module leaves these bits to the guest, what the CPU refuses by itself.  EFER.LME is
 * always set.
 */
#include "guest.h"

#define CR0_PE		(1ULL << 0)
#define CR0_LMSW	(7ULL << 1)	/* MP, EM, TS */
#define CR0_ET		(1ULL << 4)
#define CR0_NE		(1ULL << 5)
#define CR0_NW		(1ULL << 29)
#define CR0_CD		(1ULL << 30)
#define CR0_PG		(1ULL << 31)
#define CR0_IGNORED	0x1ffaffc0ULL

#define CR4_PAE		(1ULL << 5)
#define CR4_MCE		(1ULL << 6)
#define CR4_VMXE	(1ULL << 13)
#define CR4_SMXE	(1ULL << 14)
#define CR4_PCIDE	(1ULL << 17)
#define CR4_PKE		(1ULL << 22)
#define CR4_VALID	0x376fffULL	/* up to SMAP, but LA57 and what nobody has; VMXE, SMXE */
#define XFAM_PKRU	(1ULL << 9)
#define CR3_PCID	0xfffULL

static enum tdxm_cr_write cpu_takes_cr0(const struct tdxm_crs *crs, u64 value)
{
	if (value & CR0_PG)
		return crs->cr4 & CR4_PAE ? TDXM_CR_TAKEN : TDXM_CR_GP;
	if (crs->cr0 & CR0_PG && (crs->code64 || crs->cr4 & CR4_PCIDE))
		return TDXM_CR_GP;
	return TDXM_CR_TAKEN;
}

enum tdxm_cr_write tdxm_write_cr0(struct tdxm_crs *crs, u64 value)
{
	enum tdxm_cr_write what;

	if (value >> 32 || !(value & CR0_NE) || (value & CR0_PG && !(value & CR0_PE)))
		return TDXM_CR_GP;
	if (!(value & CR0_PE) || value & (CR0_NW | CR0_CD))
		return TDXM_CR_VE;
	what = cpu_takes_cr0(crs, value);
	if (what == TDXM_CR_TAKEN)
		crs->cr0 = (value & ~CR0_IGNORED) | CR0_ET;
	return what;
}

void tdxm_lmsw(struct tdxm_crs *crs, u64 value)
{
	crs->cr0 = (crs->cr0 & ~CR0_LMSW) | (value & CR0_LMSW);
}

static enum tdxm_cr_write cpu_takes_cr4(const struct tdxm_crs *crs, u64 value)
{
	bool paged = crs->cr0 & CR0_PG;

	if (paged && !(value & CR4_PAE))
		return TDXM_CR_GP;
	if (value & ~crs->cr4 & CR4_PCIDE && (!paged || crs->cr3 & CR3_PCID))
		return TDXM_CR_GP;
	return TDXM_CR_TAKEN;
}

enum tdxm_cr_write tdxm_write_cr4(struct tdxm_crs *crs, u64 value, u64 xfam)
{
	enum tdxm_cr_write what;

	if (value & ~(CR4_VALID | (xfam & XFAM_PKRU ? CR4_PKE : 0)))
		return TDXM_CR_GP;
	if (!(value & CR4_MCE) || value & (CR4_VMXE | CR4_SMXE))
		return TDXM_CR_VE;
	what = cpu_takes_cr4(crs, value);
	if (what == TDXM_CR_TAKEN)
		crs->cr4 = value;
	return what;
}
