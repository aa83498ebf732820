// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's control registers.
 *
 * While its paging is off the VMCB has other ones: QEMU 7.2 does not translate by the nested
 * tables then (get_physical_address()), and loses the host's CR0 at a #VMEXIT with EFER.LME
 * and no CR4.PAE (cpu_x86_update_cr0()), which is how a TD starts.  Such a guest runs on
 * 4 MB identity pages, and each access to CR0, CR3 and CR4 is intercepted.  Paging on, CR0 and
 * CR3 are the guest's own, but for bits of CR0 other than TS and MP.
 */
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "run.h"

#define CR4_UNPAGED	(X86_CR4_PSE | X86_CR4_MCE)

/* Writes that differ there are a #VE; those of bits that are in neither, a #GP. */
#define CR0_FIXED	(X86_CR0_PE | X86_CR0_NE | X86_CR0_NW | X86_CR0_CD)
#define CR0_ALLOWED	(CR0_FIXED | X86_CR0_MP | X86_CR0_EM | X86_CR0_TS | X86_CR0_ET | \
			 X86_CR0_WP | X86_CR0_AM | X86_CR0_PG)
#define CR4_FIXED	(X86_CR4_VMXE | X86_CR4_SMXE | X86_CR4_MCE)
#define CR4_ALLOWED	(CR4_FIXED | X86_CR4_VME | X86_CR4_PVI | X86_CR4_TSD | X86_CR4_DE | \
			 X86_CR4_PSE | X86_CR4_PAE | X86_CR4_PGE | X86_CR4_PCE | X86_CR4_OSFXSR | \
			 X86_CR4_OSXMMEXCPT | X86_CR4_UMIP | X86_CR4_FSGSBASE | X86_CR4_PCIDE | \
			 X86_CR4_OSXSAVE | X86_CR4_SMEP | X86_CR4_SMAP)
#define XFAM_PKRU	BIT_ULL(9)
#define QUALIFICATION(cr, write, gpr) ((cr) | ((write) ? 0 : 1 << 4) | (gpr) << 8)

#define ON_CR_ACCESS	28	/* VMX exit reason */

bool run_paged(const struct run *r)
{
	return r->vcpu->cr0 & X86_CR0_PG;
}

void run_load_crs(struct run *r)
{
	const struct run_vcpu *v = r->vcpu;
	bool paged = run_paged(r);

	r->vmcb->cr0 = v->cr0 | X86_CR0_PG;
	r->vmcb->cr3 = paged ? v->cr3 : RUN_IDENTITY_GPA;
	r->vmcb->cr4 = paged ? v->cr4 & ~(u64)X86_CR4_VMXE : CR4_UNPAGED;
	r->vmcb->efer = EFER_SVME | (paged ? v->efer | EFER_LMA : v->efer & ~(u64)EFER_LME);
	/* CR4 shows VMXE, which is not there. */
	r->vmcb->cr_reads = paged ? BIT(4) : BIT(0) | BIT(3) | BIT(4);
	r->vmcb->cr_writes = r->vmcb->cr_reads;
}

void run_save_crs(struct run *r)
{
	if (!run_paged(r))
		return;
	r->vcpu->cr0 = r->vmcb->cr0;
	r->vcpu->cr3 = r->vmcb->cr3;
}

static enum tdxm_after ve(struct run *r, u32 cr, bool write, u32 gpr)
{
	return tdxm_guest_ve(r->c, ON_CR_ACCESS, QUALIFICATION(cr, write, gpr), 0);
}

static enum tdxm_after set_guest_cr0(struct run *r, u64 value, u32 gpr)
{
	struct run_vcpu *v = r->vcpu;

	if (value & ~(u64)CR0_ALLOWED || (value & X86_CR0_PG && !(value & X86_CR0_PE)) ||
	    (value & X86_CR0_PG && !(v->cr4 & X86_CR4_PAE)))
		return tdxm_guest_fault(r->c, TDXM_VECTOR_GP);
	if ((value ^ v->cr0) & CR0_FIXED)
		return ve(r, 0, true, gpr);
	v->cr0 = value | X86_CR0_ET;
	return TDXM_NEXT_INSN;
}

static enum tdxm_after set_guest_cr4(struct run *r, u64 value, u32 gpr)
{
	struct run_vcpu *v = r->vcpu;

	if (value & ~(u64)(CR4_ALLOWED | (r->c->td->xfam & XFAM_PKRU ? X86_CR4_PKE : 0)) ||
	    (run_paged(r) && !(value & X86_CR4_PAE)))
		return tdxm_guest_fault(r->c, TDXM_VECTOR_GP);
	if ((value ^ v->cr4) & CR4_FIXED)
		return ve(r, 4, true, gpr);
	v->cr4 = value;
	return TDXM_NEXT_INSN;
}

static u64 *gpr_of(struct run *r, u32 gpr)
{
	struct tdxm_regs *g = &r->c->vp->guest.regs;
	u64 *const regs[16] = {
		&g->rax, &g->rcx, &g->rdx, &g->rbx, &r->vmcb->rsp, &g->rbp, &g->rsi, &g->rdi,
		&g->r8, &g->r9, &g->r10, &g->r11, &g->r12, &g->r13, &g->r14, &g->r15,
	};

	return regs[gpr];
}

static enum tdxm_after move(struct run *r, u32 cr, bool write, u32 gpr)
{
	struct run_vcpu *v = r->vcpu;
	u64 *reg = gpr_of(r, gpr);

	if (!write)
		*reg = cr == 0 ? v->cr0 : cr == 3 ? v->cr3 : v->cr4;
	else if (cr == 0)
		return set_guest_cr0(r, *reg, gpr);
	else if (cr == 4)
		return set_guest_cr4(r, *reg, gpr);
	else
		v->cr3 = *reg;
	return TDXM_NEXT_INSN;
}

/* The exit tells neither the register nor, before QEMU 9, where the next instruction is. */
enum tdxm_after run_cr_access(struct run *r, u32 cr, bool write)
{
	u8 insn[4] = { 0 }, *p = insn;
	u32 rex = 0;

	if (npt_fetch(r, insn, sizeof(insn)) < 2)
		return run_leave(r, TDX_NON_RECOVERABLE_VCPU, ON_CR_ACCESS);
	if ((*p & 0xf0) == 0x40 && r->vmcb->cs.attributes & BIT(9))
		rex = *p++;
	if (p[0] != 0x0f)
		return run_leave(r, TDX_NON_RECOVERABLE_VCPU, ON_CR_ACCESS);
	if (p[1] == 0x06) {		/* CLTS */
		r->vcpu->cr0 &= ~(u64)X86_CR0_TS;
		r->length = p + 2 - insn;
		return TDXM_NEXT_INSN;
	}
	if (p[1] != (write ? 0x22 : 0x20))
		return run_leave(r, TDX_NON_RECOVERABLE_VCPU, ON_CR_ACCESS);
	r->length = p + 3 - insn;
	return move(r, cr, write, (p[2] & 7) | (rex & 1) << 3);
}
