// SPDX-License-Identifier: GPL-2.0-only
/* TDH.SYS.KEY.CONFIG: configures the global private key, one package at a time. */
#include "model_state.h"

/* From here on the module may write PAMT: dirty lines of KeyID 0 would spoil it. */
static void check_flushed(struct tdxm *m, u32 lp)
{
	u32 i, level;

	for (i = 0; i < m->nr_tdmrs; i++)
		for (level = 0; level < TDXM_PS_NR; level++) {
			const struct tdxm_area *a = &m->tdmrs[i].pamt[level];
			u64 pa = tdxm_first_unflushed(m, a);

			if (pa == a->base + a->size)
				continue;
			tdxm_violate(m, TDXM_V_KEY_CONFIG_UNFLUSHED, lp, TDH_SYS_KEY_CONFIG, pa);
			return;
		}
}

u64 tdxm_sys_key_config(struct tdxm_call *c)
{
	struct tdxm *m = c->m;
	u32 pkg = 1U << m->machine.lp_pkg[c->lp];

	if (tdxm_state(m) != TDXM_CONFIG_DONE)
		return TDX_SYS_KEY_CONFIG_NOT_PENDING;
	if (!tdxm_lp_is_init(m, c->lp))
		return TDX_SYS_LP_INIT_NOT_DONE;
	if (m->pkgs_keyed & pkg)
		return TDX_KEY_CONFIGURED;
	check_flushed(m, c->lp);
	m->pkgs_keyed |= pkg;
	if (m->pkgs_keyed == m->pkgs) {
		tdxm_pamt_guard(m);
		tdxm_advance(m, TDXM_CONFIG_DONE, TDXM_READY);
	}
	return TDX_SUCCESS;
}
