// SPDX-License-Identifier: GPL-2.0-only
/* TDH.SYS.INIT and TDH.SYS.LP.INIT. */
#include "model_state.h"

#define MAX_KEYIDS	2048	/* KeyID 0 among them (module 1.5.01 behaviour) */

/* The module's own look at what MCHECK reports (module 1.5 behaviour). */
static bool cmrs_valid(const struct tdxm *m)
{
	u64 prev_end = 0;
	u32 i;

	for (i = 0; i < m->machine.nr_cmrs; i++) {
		const struct tdxm_cmr *c = &m->machine.cmrs[i];

		if (!c->size)
			continue;
		if (c->base + c->size < c->base || c->base + c->size > m->pa_limit)
			return false;
		if ((c->base | c->size) & (TDXM_4K - 1) || c->base < prev_end)
			return false;
		prev_end = c->base + c->size;
	}
	return true;
}

static u64 sys_init(struct tdxm *m, u64 attributes)
{
	if (attributes)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	if (tdxm_state(m) != TDXM_INIT_PENDING)
		return TDX_SYS_INIT_NOT_PENDING;
	if (m->machine.nr_mktme_keyids + m->machine.nr_tdx_keyids >= MAX_KEYIDS)
		return tdxm_operand(TDX_NUM_ACTIVATED_HKIDS_NOT_SUPPORTED, MAX_KEYIDS);
	if (!cmrs_valid(m))
		return TDX_CMR_LIST_INVALID;
	tdxm_advance(m, TDXM_INIT_PENDING, TDXM_INIT_DONE);
	return TDX_SUCCESS;
}

u64 tdxm_sys_init(struct tdxm *m, struct tdxm_regs *regs)
{
	u64 status, attributes = regs->rcx;

	regs->rcx = 0;
	regs->rdx = 0;
	regs->r8 = 0;
	regs->r9 = 0;
	regs->r10 = 0;
	if (!tdxm_try_exclusive(&m->global_lock))
		return TDX_SYS_BUSY;
	tdxm_dwell(m, TDH_SYS_INIT);
	status = sys_init(m, attributes);
	tdxm_unlock_exclusive(&m->global_lock);
	return status;
}

/* Module 1.5.01 takes LPs up to CONFIG, later ones at any time. */
static u64 sys_lp_init(struct tdxm *m, u32 lp)
{
	u32 state = tdxm_state(m);

	if (state == TDXM_INIT_PENDING ||
	    (state != TDXM_INIT_DONE && !m->version.lp_init_any_time))
		return TDX_SYS_LP_INIT_NOT_PENDING;
	if (tdxm_lp_is_init(m, lp))
		return TDX_SYS_LP_INIT_DONE;
	__atomic_store_n(&m->lp_init[lp], true, __ATOMIC_RELEASE);
	__atomic_fetch_or(&m->pkgs_lp_init, 1U << m->machine.lp_pkg[lp], __ATOMIC_ACQ_REL);
	__atomic_fetch_add(&m->nr_lps_init, 1, __ATOMIC_ACQ_REL);
	return TDX_SUCCESS;
}

u64 tdxm_sys_lp_init(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	u64 status;

	regs->rcx = 0;
	regs->rdx = 0;
	regs->r8 = 0;
	if (!tdxm_try_shared(&m->global_lock))
		return TDX_SYS_BUSY;
	tdxm_dwell(m, TDH_SYS_LP_INIT);
	status = sys_lp_init(m, lp);
	tdxm_unlock_shared(&m->global_lock);
	return status;
}
