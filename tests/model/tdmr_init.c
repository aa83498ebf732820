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

static u64 tdmr_init(struct tdxm_call *c, struct tdxm_tdmr *t)
{
	if (t->next == t->base + t->size)
		return TDX_TDMR_ALREADY_INITIALIZED;
	tdxm_pamt_init_4m(c->m, c->lp, t);
	/* TDH.PHYMEM.PAGE.RDMD looks without the lock. */
	__atomic_store_n(&t->next, t->next + TDXM_4M, __ATOMIC_RELEASE);
	/* A block of 1 GB is of use only as a whole. */
	c->out->rdx = t->next & ~(TDXM_1G - 1);
	return TDX_SUCCESS;
}

u64 tdxm_sys_tdmr_init(struct tdxm_call *c)
{
	struct tdxm_tdmr *t = find_tdmr(c->m, c->in.rcx);
	u64 status;

	if (!t)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	if (!tdxm_try_exclusive(&t->lock))
		return tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_RCX);
	tdxm_dwell(c->m, TDH_SYS_TDMR_INIT);
	status = tdmr_init(c, t);
	tdxm_unlock_exclusive(&t->lock);
	return status;
}
