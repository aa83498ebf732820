// SPDX-License-Identifier: GPL-2.0-only
/* Records what a correct host never does. */
#include "model_state.h"

void tdxm_violate(struct tdxm *m, enum tdxm_violation_kind kind, u32 lp, u64 leaf, u64 pa)
{
	tdxm_spin_lock(&m->violation_lock);
	m->violation_count[kind]++;
	if (m->nr_violations < TDXM_MAX_VIOLATIONS) {
		struct tdxm_violation *v = &m->violations[m->nr_violations];

		v->kind = kind;
		v->lp = lp;
		v->leaf = leaf;
		v->pa = pa;
		/* Readers take no lock: the entry before its index. */
		__atomic_store_n(&m->nr_violations, m->nr_violations + 1, __ATOMIC_RELEASE);
	}
	tdxm_spin_unlock(&m->violation_lock);
}

u64 tdxm_violations(const struct tdxm *m, enum tdxm_violation_kind kind)
{
	if ((u32)kind >= TDXM_V_NR)
		return 0;
	return __atomic_load_n(&m->violation_count[kind], __ATOMIC_RELAXED);
}

bool tdxm_violation(const struct tdxm *m, u32 index, struct tdxm_violation *out)
{
	if (index >= __atomic_load_n(&m->nr_violations, __ATOMIC_ACQUIRE))
		return false;
	*out = m->violations[index];
	return true;
}

const char *tdxm_violation_name(enum tdxm_violation_kind kind)
{
	switch (kind) {
	case TDXM_V_KEY_CONFIG_UNFLUSHED:
		return "PAMT not written back before TDH.SYS.KEY.CONFIG";
	case TDXM_V_PAMT_TOUCHED:
		return "PAMT memory changed by the host";
	case TDXM_V_CALL_AFTER_SHUTDOWN:
		return "call after the module was shut down";
	case TDXM_V_TD_PAGE_TOUCHED:
		return "page of a TD changed by the host";
	case TDXM_V_PAMT_FREED:
		return "PAMT memory freed while it is the TDX module's";
	case TDXM_V_PAMT_FREED_UNFLUSHED:
		return "PAMT memory freed before it was written back";
	default:
		return "unknown violation";
	}
}
