// SPDX-License-Identifier: GPL-2.0-only
/* TDH.SYS.LP.SHUTDOWN, TDH.SYS.SHUTDOWN, TDH.SYS.DISABLE: the ways out. */
#include "model_state.h"

/* The module holds no memory any more; what is flushed from now on counts. */
static void let_go(struct tdxm *m)
{
	tdxm_flush_forget(m);
	__atomic_store_n(&m->down, true, __ATOMIC_RELEASE);
}

static bool others_inside(const struct tdxm *m)
{
	return __atomic_load_n(&m->inside, __ATOMIC_SEQ_CST) > 1;
}

/*
 * TDX 1.0: on every LP, at any time; from the first of them on no other leaf is
 * served anywhere.  Later modules keep the leaf for old hosts and do nothing.
 */
u64 tdxm_sys_lp_shutdown(struct tdxm *m, u32 lp)
{
	if (!m->version.lp_shutdown_works)
		return TDX_SUCCESS;
	tdxm_set_state(m, TDXM_SHUTDOWN);
	__atomic_store_n(&m->lp_shutdown[lp], true, __ATOMIC_RELEASE);
	if (__atomic_add_fetch(&m->nr_lps_shutdown, 1, __ATOMIC_ACQ_REL) == m->machine.nr_lps)
		let_go(m);
	return TDX_SUCCESS;
}

static u64 sys_shutdown(struct tdxm *m)
{
	if (tdxm_state(m) != TDXM_READY)
		return TDX_SYS_BUSY;	/* another LP was faster */
	__atomic_store_n(&m->state, TDXM_SHUTDOWN, __ATOMIC_SEQ_CST);
	if (others_inside(m)) {
		tdxm_set_state(m, TDXM_READY);
		return TDX_SYS_BUSY;
	}
	let_go(m);
	return TDX_SUCCESS;
}

/* Only when READY, which the dispatcher has seen to. */
u64 tdxm_sys_shutdown(struct tdxm *m, const struct tdxm_regs *regs)
{
	u64 status;

	if (regs->rcx < TDXM_MIN_UPDATE_HV || regs->rcx > TDXM_MODULE_HV)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	if (!tdxm_try_exclusive(&m->global_lock))
		return TDX_SYS_BUSY;
	tdxm_dwell(m, TDH_SYS_SHUTDOWN);
	status = sys_shutdown(m);
	tdxm_unlock_exclusive(&m->global_lock);
	return status;
}

/* One TDMR's worth of work a call, unless the machine says otherwise. */
static u64 sys_disable(struct tdxm *m)
{
	u32 state = tdxm_state(m);

	if (state != TDXM_READY && state != TDXM_DISABLING)
		return TDX_SYS_BUSY;	/* another LP was faster */
	__atomic_store_n(&m->state, TDXM_DISABLING, __ATOMIC_SEQ_CST);
	if (others_inside(m))
		return TDX_SYS_BUSY;
	if (m->disable_steps++ < (m->machine.disable_steps ?: m->nr_tdmrs))
		return TDX_INTERRUPTED_RESUMABLE;
	let_go(m);
	tdxm_set_state(m, TDXM_SHUTDOWN);
	return TDX_SUCCESS;
}

u64 tdxm_sys_disable(struct tdxm *m)
{
	u64 status;

	if (!tdxm_try_exclusive(&m->global_lock))
		return TDX_SYS_BUSY;
	tdxm_dwell(m, TDH_SYS_DISABLE);
	status = sys_disable(m);
	tdxm_unlock_exclusive(&m->global_lock);
	return status;
}
