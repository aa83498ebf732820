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
#include <linux/bits.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

#include "run.h"

#define CR4_UNPAGED	(X86_CR4_PSE | X86_CR4_MCE)

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
	r->vmcb->cr4 = paged ? v->cr4 : CR4_UNPAGED;
	r->vmcb->efer = EFER_SVME | (paged ? v->efer | EFER_LMA : v->efer & ~(u64)EFER_LME);
	/*
	 * CR8 is the model's TPR, which is read from V_TPR; QEMU 7.2 and 10 abort at a write of
	 * it while a virtual interrupt is pending (helper_write_crN(), without their lock).
	 */
	r->vmcb->cr_reads = paged ? 0 : BIT(0) | BIT(3) | BIT(4);
	r->vmcb->cr_writes = r->vmcb->cr_reads | BIT(4) | BIT(8);
}

void run_save_crs(struct run *r)
{
	if (!run_paged(r))
		return;
	r->vcpu->cr0 = r->vmcb->cr0;
	r->vcpu->cr3 = r->vmcb->cr3;
}

bool run_code64(const struct run *r)
{
	return run_paged(r) && r->vmcb->cs.attributes & BIT(9);
}

/* CR0, or CR4. */
static enum tdxm_after set_by_rule(struct run *r, u32 cr, u64 value, u32 gpr)
{
	struct run_vcpu *v = r->vcpu;
	struct tdxm_crs crs = { .cr0 = v->cr0, .cr3 = v->cr3, .cr4 = v->cr4, .code64 = run_code64(r) };
	enum tdxm_cr_write what = cr ? tdxm_write_cr4(&crs, value, r->c->td->xfam) :
				       tdxm_write_cr0(&crs, value);

	if (what == TDXM_CR_GP)
		return tdxm_guest_fault(r->c, TDXM_VECTOR_GP);
	if (what == TDXM_CR_VE)
		return tdxm_guest_ve(r->c, ON_CR_ACCESS, QUALIFICATION(cr, true, gpr), 0);
	v->cr0 = crs.cr0;
	v->cr4 = crs.cr4;
	return TDXM_NEXT_INSN;
}

static enum tdxm_after set_tpr(struct run *r, u64 value)
{
	if (value > 0xf)
		return tdxm_guest_fault(r->c, TDXM_VECTOR_GP);
	r->c->vp->guest.apic.tpr = value << 4;
	return TDXM_NEXT_INSN;
}

static u64 get_guest_cr(const struct run *r, u32 cr)
{
	switch (cr) {
	case 0:
		return r->vcpu->cr0;
	case 2:
		return r->vmcb->cr2;
	case 3:
		return r->vcpu->cr3;
	case 4:
		return r->vcpu->cr4;
	default:
		return r->c->vp->guest.apic.tpr >> 4;
	}
}

static enum tdxm_after set_guest_cr(struct run *r, u32 cr, u64 value, u32 gpr)
{
	switch (cr) {
	case 0:
	case 4:
		return set_by_rule(r, cr, value, gpr);
	case 3:
		r->vcpu->cr3 = value;
		return TDXM_NEXT_INSN;
	default:
		return set_tpr(r, value);
	}
}

u64 *run_gpr(struct run *r, u32 gpr)
{
	struct tdxm_regs *g = &r->c->vp->guest.regs;
	u64 *const regs[16] = {
		&g->rax, &g->rcx, &g->rdx, &g->rbx, &r->vmcb->rsp, &g->rbp, &g->rsi, &g->rdi,
		&g->r8, &g->r9, &g->r10, &g->r11, &g->r12, &g->r13, &g->r14, &g->r15,
	};

	return regs[gpr];
}

void run_fetch_insn(struct run *r, struct run_insn *insn)
{
	*insn = (struct run_insn){ .opcode = insn->bytes };
	npt_fetch(r, insn->bytes, sizeof(insn->bytes));
	if ((insn->bytes[0] & 0xf0) == 0x40 && run_code64(r))
		insn->rex = *insn->opcode++;
}

u32 run_modrm_gpr(const struct run_insn *insn)
{
	return (insn->opcode[2] & 7) | (insn->rex & 1) << 3;
}

static enum tdxm_after move(struct run *r, u32 cr, bool write, u32 gpr)
{
	u64 *reg = run_gpr(r, gpr);

	if (write)
		return set_guest_cr(r, cr, *reg, gpr);
	*reg = get_guest_cr(r, cr);
	return TDXM_NEXT_INSN;
}

/*
 * LMSW; SMSW, which exits while CR0 is not the guest's own.  SMSW to memory ends the vCPU, and so
 * does LMSW whose operand the guest's tables do not map.
 */
static enum tdxm_after machine_status_word(struct run *r, const struct run_insn *insn)
{
	const u8 *modrm = insn->opcode + 2;
	struct tdxm_crs crs = { .cr0 = r->vcpu->cr0 };
	bool memory = *modrm >> 6 != 3, load = (*modrm & 0x30) == 0x30;
	u64 *reg = run_gpr(r, run_modrm_gpr(insn));
	struct tdxm_access access = { .gla_valid = true };
	u16 value = *reg;

	r->length = modrm + 1 - insn->bytes;
	if (memory)
		access.gla = run_operand(r, insn->bytes, modrm, insn->rex);
	if (memory && (!load || !npt_translate(r, access.gla, &access.gpa)))
		return run_leave(r, TDX_NON_RECOVERABLE_VCPU, ON_CR_ACCESS);
	if (memory && npt_read(r, access.gla, &value, sizeof(value)) != sizeof(value))
		return tdxm_guest_violation(r->c, &access);
	if (load)
		tdxm_lmsw(&crs, value);
	else
		*reg = crs.cr0;
	r->vcpu->cr0 = crs.cr0;
	return TDXM_NEXT_INSN;
}

/* QEMU 10 takes each MOV from a control register for one from CR0 (decode-new.c.inc, decode_op()). */
enum tdxm_after run_cr_access(struct run *r, bool write)
{
	struct run_insn insn;
	const u8 *p;

	run_fetch_insn(r, &insn);
	p = insn.opcode;
	if (p[0] != 0x0f)
		return run_leave(r, TDX_NON_RECOVERABLE_VCPU, ON_CR_ACCESS);
	if (p[1] == 0x06) {		/* CLTS */
		r->vcpu->cr0 &= ~(u64)X86_CR0_TS;
		r->length = p + 2 - insn.bytes;
		return TDXM_NEXT_INSN;
	}
	if (p[1] == 0x01 && (p[2] & 0x28) == 0x20)	/* /4 or /6 */
		return machine_status_word(r, &insn);
	if (p[1] != (write ? 0x22 : 0x20))
		return run_leave(r, TDX_NON_RECOVERABLE_VCPU, ON_CR_ACCESS);
	r->length = p + 3 - insn.bytes;
	return move(r, (p[2] >> 3 & 7) | (insn.rex & 4) << 1, write, run_modrm_gpr(&insn));
}
