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

/* What an earlier life of the module, ended by TDH.SYS.DISABLE, has left. */
static void forget_past(struct tdxm *m)
{
	if (m->handoff.valid || !__atomic_load_n(&m->down, __ATOMIC_ACQUIRE))
		return;
	m->nr_tdmrs = 0;
	m->pkgs_keyed = 0;
	tdxm_flush_forget(m);
	__atomic_store_n(&m->down, false, __ATOMIC_RELEASE);
}

/* Of version 1 R8 says whom to tell of a fatal error: nobody here. */
u64 tdxm_sys_init(struct tdxm_call *c)
{
	struct tdxm *m = c->m;

	if (c->in.rcx)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	if (tdxm_state(m) != TDXM_INIT_PENDING)
		return TDX_SYS_INIT_NOT_PENDING;
	if (m->machine.nr_mktme_keyids + m->machine.nr_tdx_keyids >= MAX_KEYIDS)
		return tdxm_operand(TDX_NUM_ACTIVATED_HKIDS_NOT_SUPPORTED, MAX_KEYIDS);
	if (!cmrs_valid(m))
		return TDX_CMR_LIST_INVALID;
	if (c->version && c->in.r8)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_R8);
	forget_past(m);
	tdxm_advance(m, TDXM_INIT_PENDING, TDXM_INIT_DONE);
	return TDX_SUCCESS;
}

/* Published modules take LPs up to CONFIG, `next` at any time. */
u64 tdxm_sys_lp_init(struct tdxm_call *c)
{
	struct tdxm *m = c->m;
	u32 state = tdxm_state(m);

	if (state == TDXM_INIT_PENDING ||
	    (state != TDXM_INIT_DONE && !m->version->lp_init_any_time))
		return TDX_SYS_LP_INIT_NOT_PENDING;
	if (tdxm_lp_is_init(m, c->lp))
		return TDX_SYS_LP_INIT_DONE;
	__atomic_store_n(&m->lp_init[c->lp], true, __ATOMIC_RELEASE);
	__atomic_fetch_or(&m->pkgs_lp_init, 1U << m->machine.lp_pkg[c->lp], __ATOMIC_ACQ_REL);
	__atomic_fetch_add(&m->nr_lps_init, 1, __ATOMIC_ACQ_REL);
	return TDX_SUCCESS;
}
