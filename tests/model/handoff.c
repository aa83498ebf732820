// SPDX-License-Identifier: GPL-2.0-only
/* TDH.SYS.SHUTDOWN leaves handoff data; with TDH.SYS.UPDATE another module takes over. */
#include "model_state.h"

#define HANDOFF_VERSION(rcx)	((rcx) & 0xffff)
#define AVOID_SENSITIVE		(1ULL << 16)

/* RCX: the handoff version, and in newer modules whether to spare TDs that are being built. */
u64 tdxm_sys_shutdown_operands(struct tdxm_call *c)
{
	const struct tdxm_version *v = c->m->version;
	u64 flags = v->avoid_sensitive ? AVOID_SENSITIVE : 0;
	u64 hv = c->in.rcx & ~flags;

	if (hv < v->min_update_hv || hv > v->module_hv)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	return TDX_SUCCESS;
}

static u32 tds_being_built(const struct tdxm *m)
{
	u32 i, n = 0;

	for (i = 0; i < TDXM_MAX_TDS; i++)
		n += m->tds.td_used[i] && m->tds.td[i].tdr &&
		     m->tds.td[i].op_state == TDXM_OP_INITIALIZED;
	return n;
}

/* Only when READY, which the gate has seen to. */
u64 tdxm_sys_shutdown(struct tdxm_call *c)
{
	struct tdxm *m = c->m;
	u64 status = TDX_SUCCESS;
	u32 built;

	if (tdxm_state(m) != TDXM_READY)
		return TDX_SYS_BUSY;	/* another LP was faster */
	__atomic_store_n(&m->state, TDXM_SHUTDOWN, __ATOMIC_SEQ_CST);
	built = tds_being_built(m);
	if (tdxm_others_inside(m))
		status = TDX_SYS_BUSY;
	else if (m->version->avoid_sensitive && c->in.rcx & AVOID_SENSITIVE && built)
		status = TDX_UPDATE_COMPATIBILITY_SENSITIVE | (u64)built << 16;
	if (status) {
		tdxm_set_state(m, TDXM_READY);
		return status;
	}
	m->handoff.valid = true;
	m->handoff.hv = (u16)HANDOFF_VERSION(c->in.rcx);
	tdxm_let_go(m);
	return TDX_SUCCESS;
}

static u64 check_update_version_1(const struct tdxm_call *c)
{
	if (c->version && c->in.r9 & ~c->m->version->features0)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_R9);
	if (c->version && c->in.r10)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_R10);
	return TDX_SUCCESS;
}

/* The module that TDH.SYS.SHUTDOWN has ended goes on in this one. */
u64 tdxm_sys_update(struct tdxm_call *c)
{
	struct tdxm *m = c->m;
	u64 status;

	if (tdxm_state(m) != TDXM_INIT_DONE || !tdxm_enough_lps(m))
		return TDX_SYS_STATE_INCORRECT;
	if (!m->handoff.valid || m->handoff.hv < m->version->min_update_hv ||
	    m->handoff.hv > m->version->module_hv)
		return TDX_SYS_INVALID_HANDOFF;
	status = check_update_version_1(c);
	if (status)
		return status;
	m->handoff.valid = false;
	__atomic_store_n(&m->down, false, __ATOMIC_RELEASE);
	tdxm_advance(m, TDXM_INIT_DONE, TDXM_READY);
	return TDX_SUCCESS;
}
