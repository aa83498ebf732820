// SPDX-License-Identifier: GPL-2.0-only
/* TDH.PHYMEM.PAGE.RDMD: reads a page's PAMT entry. */
#include "model_state.h"

/* A free page still shows who had it last (module 1.5.01 behaviour). */
u64 tdxm_phymem_page_rdmd(struct tdxm_call *c)
{
	struct tdxm_regs *out = c->out;
	struct tdxm_page page;
	u64 status;

	/* The low bits are a page size, of which only 4K is asked for here. */
	status = tdxm_page_lock(c->m, c->in.rcx, TDXM_PS_4K, false, &page);
	if (status)
		return tdxm_operand(status, TDX_OPERAND_ID_RCX);
	out->rcx = page.type;
	out->rdx = page.owner;
	out->r8 = page.level;
	if (page.type == TDXM_PT_REG || page.type == TDXM_PT_EPT)
		out->r9 = page.data;	/* BEPOCH */
	tdxm_page_unlock(c->m, &page);
	return TDX_SUCCESS;
}
