// SPDX-License-Identifier: GPL-2.0-only
/* TDH.SYS.TDMR.INIT: 4 MB of one TDMR a call. No lock but that TDMR's. */
#include "model_state.h"

static struct tdxm_tdmr *find_tdmr(struct tdxm *m, u64 base)
{
	u32 i;

	for (i = 0; i < m->nr_tdmrs; i++)
		if (m->tdmrs[i].base == base)
			return &m->tdmrs[i];
	return NULL;
}

static u64 tdmr_init(struct tdxm *m, u32 lp, struct tdxm_tdmr *t, struct tdxm_regs *regs)
{
	if (t->next == t->base + t->size)
		return TDX_TDMR_ALREADY_INITIALIZED;
	tdxm_pamt_init_4m(m, lp, t);
	/* TDH.PHYMEM.PAGE.RDMD looks without the lock. */
	__atomic_store_n(&t->next, t->next + TDXM_4M, __ATOMIC_RELEASE);
	/* A block of 1 GB is of use only as a whole. */
	regs->rdx = t->next & ~(TDXM_1G - 1);
	return TDX_SUCCESS;
}

u64 tdxm_sys_tdmr_init(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	struct tdxm_tdmr *t;
	u64 status;

	regs->rdx = 0;
	if (!tdxm_lp_is_init(m, lp))
		return TDX_SYS_LP_INIT_NOT_DONE;
	t = find_tdmr(m, regs->rcx);
	if (!t)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	if (!tdxm_try_exclusive(&t->lock))
		return tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_RCX);
	tdxm_dwell(m, TDH_SYS_TDMR_INIT);
	status = tdmr_init(m, lp, t, regs);
	tdxm_unlock_exclusive(&t->lock);
	return status;
}
