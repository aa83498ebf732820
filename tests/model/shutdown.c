// SPDX-License-Identifier: GPL-2.0-only
/* TDH.SYS.LP.SHUTDOWN and TDH.SYS.DISABLE, which end the TDX module for good. */
#include "model_state.h"

/* The module holds no memory any more; what is flushed from now on counts. */
void tdxm_let_go(struct tdxm *m)
{
	tdxm_flush_forget(m);
	__atomic_store_n(&m->down, true, __ATOMIC_RELEASE);
}

bool tdxm_others_inside(const struct tdxm *m)
{
	return __atomic_load_n(&m->inside, __ATOMIC_SEQ_CST) > 1;
}

/*
 * TDX 1.0: on every LP, at any time; from the first of them on no other leaf is
 * served anywhere.  Busy while another LP configures the module (assumed: the lock
 * is shared, two LPs may shut down at once).  Later modules have a placeholder.
 */
u64 tdxm_sys_lp_shutdown(struct tdxm_call *c)
{
	struct tdxm *m = c->m;

	if (!m->version->lp_shutdown_works || m->machine.lp_shutdown_idle)
		return TDX_SUCCESS;
	if (!tdxm_try_shared(&m->global_lock))
		return TDX_SYS_BUSY;
	tdxm_dwell(m, TDH_SYS_LP_SHUTDOWN);
	tdxm_set_state(m, TDXM_SHUTDOWN);
	__atomic_store_n(&m->lp_shutdown[c->lp], true, __ATOMIC_RELEASE);
	if (__atomic_add_fetch(&m->nr_lps_shutdown, 1, __ATOMIC_ACQ_REL) == m->machine.nr_lps)
		tdxm_let_go(m);
	tdxm_unlock_shared(&m->global_lock);
	return TDX_SUCCESS;
}

/* Some steps are interrupted; in the end nothing but TDH.SYS.INIT works. */
u64 tdxm_sys_disable(struct tdxm_call *c)
{
	struct tdxm *m = c->m;
	u32 state = tdxm_state(m);

	if (state != TDXM_READY && state != TDXM_DISABLING)
		return TDX_SYS_BUSY;	/* another LP was faster */
	__atomic_store_n(&m->state, TDXM_DISABLING, __ATOMIC_SEQ_CST);
	if (tdxm_others_inside(m))
		return TDX_SYS_BUSY;
	if (m->disable_steps++ < (m->machine.disable_steps ?: m->nr_tdmrs))
		return TDX_INTERRUPTED_RESUMABLE;
	tdxm_let_go(m);
	/* TDs that there were are gone with their keys. */
	memset(m->tds.keyids, 0, sizeof(m->tds.keyids));
	memset(m->tds.td_used, 0, sizeof(m->tds.td_used));
	memset(m->tds.vp_used, 0, sizeof(m->tds.vp_used));
	m->disabled = true;
	tdxm_set_state(m, TDXM_SHUTDOWN);
	return TDX_SUCCESS;
}
