// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's DR7, which the CPU never has: none of its breakpoints is ever hit.  VMRUN and
 * #VMEXIT of QEMU 7.2 set DR7 and leave the breakpoints that stood for the old one as they are
 * (svm_helper.c; mended since); at the next write of DR7 it takes them for what they are not,
 * and crashes (hw_breakpoint_remove()).
 */
#include <linux/bits.h>
#include <asm/processor-flags.h>

#include "run.h"

#define DR7		7
#define DR7_ALIAS	5	/* while CR4.DE is clear */
#define DR7_RESERVED	(BIT(11) | BIT(12) | BIT(14) | BIT(15))

#define ON_DR_ACCESS	29	/* VMX exit reason */

void run_load_dr7(struct run *r)
{
	r->vmcb->dr_reads = r->vmcb->dr_writes = BIT(DR7) | BIT(DR7_ALIAS);
	r->vmcb->dr7 = RUN_DR7_FIXED;
}

static enum tdxm_after set_dr7(struct run *r, u64 value)
{
	if (value >> 32 && run_code64(r))
		return tdxm_guest_fault(r->c, TDXM_VECTOR_GP);
	r->vcpu->dr7 = ((u32)value & ~DR7_RESERVED) | RUN_DR7_FIXED;
	return TDXM_NEXT_INSN;
}

enum tdxm_after run_dr_access(struct run *r, bool write)
{
	struct run_insn insn;
	const u8 *p;
	u64 *reg;

	run_fetch_insn(r, &insn);
	p = insn.opcode;
	if (p[0] != 0x0f || p[1] != (write ? 0x23 : 0x21))
		return run_leave(r, TDX_NON_RECOVERABLE_VCPU, ON_DR_ACCESS);
	if ((p[2] >> 3 & 7) == DR7_ALIAS && r->vcpu->cr4 & X86_CR4_DE)
		return tdxm_guest_fault(r->c, TDXM_VECTOR_UD);
	r->length = p + 3 - insn.bytes;
	reg = run_gpr(r, run_modrm_gpr(&insn));
	if (write)
		return set_dr7(r, *reg);
	*reg = r->vcpu->dr7;
	return TDXM_NEXT_INSN;
}
