// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's MSRs: those that are its own, and those that the module answers (TDX module
 * ABI, "MSR virtualization"); the rest is a #VE, and the host's.
 */
#include <linux/bitops.h>
#include <asm/msr-index.h>

#include "run.h"

#define MISC_ENABLE_TD	0x1801ULL	/* fast strings; no performance monitoring */
#define APIC_BASE_TD	0xfee00c00ULL	/* enabled, x2APIC */
#define APIC_BASE_BSP	BIT_ULL(8)
#define MSR_LENGTH	2
#define XFAM_SUPERVISOR	0x1d900ULL	/* components of XSS */

static void allow(u8 *map, u32 msr)
{
	u32 bit = msr >= 0xc0000000 ? 0x800 * 8 + 2 * (msr - 0xc0000000) : 2 * msr;

	map[bit / 8] &= ~(3 << bit % 8);
}

/* Those that VMLOAD, VMSAVE and guest_state_load() bring; of TSC the reads alone. */
void run_allow_msrs(u8 *map)
{
	static const u32 own[] = {
		MSR_IA32_SYSENTER_CS, MSR_IA32_SYSENTER_ESP, MSR_IA32_SYSENTER_EIP, MSR_STAR,
		MSR_LSTAR, MSR_CSTAR, MSR_SYSCALL_MASK, MSR_FS_BASE, MSR_GS_BASE,
		MSR_KERNEL_GS_BASE, MSR_TSC_AUX,
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(own); i++)
		allow(map, own[i]);
	map[2 * MSR_IA32_TSC / 8] &= ~(1 << 2 * MSR_IA32_TSC % 8);
}

static enum tdxm_after get_guest_msr(struct run *r, u32 msr, u64 *value)
{
	switch (msr) {
	case MSR_EFER:
		*value = r->vcpu->efer | (run_paged(r) ? EFER_LMA : 0);
		return TDXM_NEXT_INSN;
	case MSR_IA32_CR_PAT:
		*value = r->vmcb->g_pat;
		return TDXM_NEXT_INSN;
	case MSR_IA32_XSS:
		*value = r->vcpu->xss;
		return TDXM_NEXT_INSN;
	case MSR_IA32_MISC_ENABLE:
		*value = MISC_ENABLE_TD;
		return TDXM_NEXT_INSN;
	case MSR_IA32_APICBASE:
		*value = APIC_BASE_TD | (r->c->vp->index ? 0 : APIC_BASE_BSP);
		return TDXM_NEXT_INSN;
	default:
		if (tdxm_apic_read(&r->c->vp->guest.apic, msr, value))
			return TDXM_NEXT_INSN;
		return tdxm_guest_ve(r->c, TDXM_ON_RDMSR, 0, MSR_LENGTH);
	}
}

/* Memory types but 2 and 3. */
static bool pat_valid(u64 value)
{
	u32 i;

	for (i = 0; i < 8; i++, value >>= 8)
		if ((value & 0xff) > 7 || (value & 0xfe) == 2)
			return false;
	return true;
}

static enum tdxm_after set_guest_msr(struct run *r, u32 msr, u64 value)
{
	struct run_vcpu *v = r->vcpu;

	switch (msr) {
	case MSR_EFER:		/* SCE alone is the guest's */
		if ((value ^ v->efer) & ~(u64)(EFER_SCE | EFER_LMA))
			break;
		v->efer = value & ~(u64)EFER_LMA;
		return TDXM_NEXT_INSN;
	case MSR_IA32_CR_PAT:
		if (!pat_valid(value))
			return tdxm_guest_fault(r->c, TDXM_VECTOR_GP);
		r->vmcb->g_pat = value;
		return TDXM_NEXT_INSN;
	case MSR_IA32_XSS:
		if (value & ~(r->c->td->xfam & XFAM_SUPERVISOR))
			return tdxm_guest_fault(r->c, TDXM_VECTOR_GP);
		v->xss = value;
		return TDXM_NEXT_INSN;
	default:
		if (tdxm_apic_write(&r->c->vp->guest.apic, msr, value))
			return TDXM_NEXT_INSN;
	}
	return tdxm_guest_ve(r->c, TDXM_ON_WRMSR, 0, MSR_LENGTH);
}

enum tdxm_after run_msr_access(struct run *r)
{
	struct tdxm_regs *g = &r->c->vp->guest.regs;
	u64 value = (u32)g->rax | g->rdx << 32;
	enum tdxm_after after;

	r->length = MSR_LENGTH;
	if (r->vmcb->exit_info_1 & 1)
		return set_guest_msr(r, (u32)g->rcx, value);
	after = get_guest_msr(r, (u32)g->rcx, &value);
	if (after == TDXM_NEXT_INSN) {
		g->rax = (u32)value;
		g->rdx = value >> 32;
	}
	return after;
}
