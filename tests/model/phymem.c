// SPDX-License-Identifier: GPL-2.0-only
/* TDH.PHYMEM.PAGE.RDMD: what the PAMT says of a page. */
#include "model_state.h"

u64 tdxm_phymem_page_rdmd(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	u64 pa = regs->rcx, status;
	struct tdxm_page page;

	regs->rcx = 0;
	regs->rdx = 0;
	regs->r8 = 0;
	regs->r9 = 0;
	regs->r10 = 0;
	regs->r11 = 0;
	if (!tdxm_lp_is_init(m, lp))
		return TDX_SYS_LP_INIT_NOT_DONE;
	/* The low bits are a page size, of which only 4K is asked for here. */
	status = tdxm_page_lock(m, pa, TDXM_PS_4K, false, &page);
	if (status)
		return tdxm_operand(status, TDX_OPERAND_ID_RCX);
	regs->rcx = page.type;
	regs->rdx = page.owner;
	regs->r8 = page.level;
	tdxm_page_unlock(m, &page);
	return TDX_SUCCESS;
}
