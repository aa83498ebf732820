// SPDX-License-Identifier: GPL-2.0-only
/* TDG.VP.INFO, VP.VEINFO.GET, VP.CPUIDVE.SET and VP.VMCALL. */
#include "model_state.h"

#define SYS_RD_AVAILABLE	1ULL	/* R10 of TDG.VP.INFO */

enum tdxm_after tdxm_tdg_vp_info(struct tdxm_call *c, u64 *status)
{
	struct tdxm_regs *g = &c->vp->guest.regs;

	g->rcx = c->td->gpaw ? 52 : 48;
	g->rdx = c->td->attributes;
	g->r8 = (u64)c->td->max_vcpus << 32 | c->td->nr_vcpus;
	g->r9 = c->vp->index;
	g->r10 = c->m->version->has_sys_rd ? SYS_RD_AVAILABLE : 0;
	g->r11 = 0;
	*status = TDX_SUCCESS;
	return TDXM_NEXT_INSN;
}

enum tdxm_after tdxm_tdg_vp_veinfo_get(struct tdxm_call *c, u64 *status)
{
	const struct tdxm_ve none = { .valid = false };
	struct tdxm_guest *guest = &c->vp->guest;
	struct tdxm_regs *g = &guest->regs;

	*status = guest->ve.valid ? TDX_SUCCESS : TDX_NO_VALID_VE_INFO;
	if (!guest->ve.valid)
		guest->ve = none;
	g->rcx = guest->ve.reason;
	g->rdx = guest->ve.qualification;
	g->r8 = guest->ve.gla;
	g->r9 = guest->ve.gpa;
	g->r10 = guest->ve.length;
	guest->ve.valid = false;
	return TDXM_NEXT_INSN;
}

#define CPUIDVE_KERNEL	1ULL
#define CPUIDVE_USER	2ULL

enum tdxm_after tdxm_tdg_vp_cpuidve_set(struct tdxm_call *c, u64 *status)
{
	struct tdxm_guest *guest = &c->vp->guest;
	u64 rcx = guest->regs.rcx;

	*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	if (rcx & ~(CPUIDVE_KERNEL | CPUIDVE_USER))
		return TDXM_NEXT_INSN;
	guest->cpuid_ve_kernel = !!(rcx & CPUIDVE_KERNEL);
	guest->cpuid_ve_user = !!(rcx & CPUIDVE_USER);
	*status = TDX_SUCCESS;
	return TDXM_NEXT_INSN;
}

#define SELECT_GPRS	0xffffULL
#define SELECT_NEVER	(1ULL << 0 | 1ULL << 1 | 1ULL << 4)	/* RAX, RCX, RSP */
#define SELECT_RBP	(1ULL << 5)
#define SELECT_RESERVED	(~0xffffffffULL)

/*
 * The guest goes on behind the instruction.  XMM registers that it selects (RCX 31:16) are
 * not passed: the host's are kept, and no host asks for the guest's.
 */
enum tdxm_after tdxm_tdg_vp_vmcall(struct tdxm_call *c, u64 *status)
{
	u64 never = SELECT_NEVER | SELECT_RESERVED, rcx = c->vp->guest.regs.rcx;

	if (c->td->config_flags & TDXM_FLAG_NO_RBP_MOD)
		never |= SELECT_RBP;
	if (rcx & never) {
		*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
		return TDXM_NEXT_INSN;
	}
	tdxm_guest_leave(c, TDXM_ON_TDCALL, rcx & SELECT_GPRS);
	c->out->rcx = rcx;
	c->vp->guest.in_vmcall = true;
	return TDXM_EXIT;
}
