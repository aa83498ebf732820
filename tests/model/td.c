// SPDX-License-Identifier: GPL-2.0-only
/* The leaves of TD life cycle, by number, and what a test may ask about TDs. */
#include "model_state.h"

static u64 (*const leaves[])(struct tdxm *m, u32 lp, struct tdxm_regs *regs) = {
	[TDH_VP_ENTER]			= tdxm_vp_enter,
	[TDH_MNG_ADDCX]			= tdxm_mng_addcx,
	[TDH_MEM_PAGE_ADD]		= tdxm_mem_page_add,
	[TDH_MEM_SEPT_ADD]		= tdxm_mem_sept_add,
	[TDH_VP_ADDCX]			= tdxm_vp_addcx,
	[TDH_MEM_PAGE_AUG]		= tdxm_mem_page_aug,
	[TDH_MEM_RANGE_BLOCK]		= tdxm_mem_range_block,
	[TDH_MNG_KEY_CONFIG]		= tdxm_mng_key_config,
	[TDH_MNG_CREATE]		= tdxm_mng_create,
	[TDH_VP_CREATE]			= tdxm_vp_create,
	[TDH_MNG_RD]			= tdxm_mng_rd,
	[TDH_MR_EXTEND]			= tdxm_mr_extend,
	[TDH_MR_FINALIZE]		= tdxm_mr_finalize,
	[TDH_VP_FLUSH]			= tdxm_vp_flush,
	[TDH_MNG_VPFLUSHDONE]		= tdxm_mng_vpflushdone,
	[TDH_MNG_KEY_FREEID]		= tdxm_mng_key_freeid,
	[TDH_MNG_INIT]			= tdxm_mng_init,
	[TDH_VP_INIT]			= tdxm_vp_init,
	[TDH_VP_RD]			= tdxm_vp_rd,
	[TDH_PHYMEM_PAGE_RECLAIM]	= tdxm_phymem_page_reclaim,
	[TDH_MEM_PAGE_REMOVE]		= tdxm_mem_page_remove,
	[TDH_MEM_TRACK]			= tdxm_mem_track,
	[TDH_PHYMEM_CACHE_WB]		= tdxm_phymem_cache_wb,
	[TDH_PHYMEM_PAGE_WBINVD]	= tdxm_phymem_page_wbinvd,
	[TDH_VP_WR]			= tdxm_vp_wr,
};

#define LEAF_MASK	0xffffULL

u64 tdxm_td_leaf(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	u64 leaf = regs->rax & LEAF_MASK;

	if (leaf >= sizeof(leaves) / sizeof(leaves[0]) || !leaves[leaf])
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RAX);
	if (!tdxm_lp_is_init(m, lp))
		return TDX_SYS_LP_INIT_NOT_DONE;
	return leaves[leaf](m, lp, regs);
}

u32 tdxm_nr_tds(const struct tdxm *m)
{
	u32 i, n = 0;

	for (i = 0; i < TDXM_MAX_TDS; i++)
		n += __atomic_load_n(&m->tds.td_used[i], __ATOMIC_RELAXED) != 0;
	return n;
}

u32 tdxm_nr_keyids_used(const struct tdxm *m)
{
	u32 i, n = 0;

	for (i = 0; i < sizeof(m->tds.keyids) / sizeof(m->tds.keyids[0]); i++)
		n += __atomic_load_n(&m->tds.keyids[i].state, __ATOMIC_RELAXED) > TDXM_KEYID_RESERVED;
	return n;
}
