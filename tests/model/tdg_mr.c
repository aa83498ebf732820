// SPDX-License-Identifier: GPL-2.0-only
/* TDG.MR.RTMR.EXTEND. */
#include "model_state.h"

#define EXTEND_ALIGNMENT	64
#define DIGEST_SIZE		48

/* RTMR = SHA-384(RTMR || what is at the GPA in RCX). */
enum tdxm_after tdxm_tdg_mr_rtmr_extend(struct tdxm_call *c, u64 *status)
{
	const struct tdxm_access access = { .gpa = c->vp->guest.regs.rcx };
	u64 index = c->vp->guest.regs.rdx;
	u8 bytes[2 * DIGEST_SIZE];
	const u8 *page;

	*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	if (access.gpa % EXTEND_ALIGNMENT || !tdxm_gpa_private(c->td, access.gpa))
		return TDXM_NEXT_INSN;
	page = tdxm_guest_page(c, access.gpa);
	if (!page)
		return tdxm_guest_violation(c, &access);
	*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RDX);
	if (index >= TDXM_NR_RTMRS)
		return TDXM_NEXT_INSN;
	*status = tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_RTMR);
	if (!tdxm_try_exclusive(&c->td->rtmr_lock))
		return TDXM_NEXT_INSN;
	memcpy(bytes, c->td->rtmr[index], DIGEST_SIZE);
	memcpy(bytes + DIGEST_SIZE, page + access.gpa % TDXM_4K, DIGEST_SIZE);
	tdxm_sha384_digest(bytes, sizeof(bytes), c->td->rtmr[index]);
	tdxm_unlock_exclusive(&c->td->rtmr_lock);
	*status = TDX_SUCCESS;
	return TDXM_NEXT_INSN;
}
