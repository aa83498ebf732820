// SPDX-License-Identifier: GPL-2.0-only
/*
 * The leaves, one row each: the modules that have it, the versions and states in which it
 * works, the locks that it takes, and the registers that are 0 unless it sets them.
 * Order of the checks: module 1.5.
 */
#include "model_state.h"

#define LEAF(rax)	((rax) & 0xffffULL)
#define VERSION(rax)	((u32)((rax) >> 16) & 0xff)
#define RAX_RESERVED	(~0xffffffULL)

/* Profiles by bit. */
#define ONLY(profile)	(1U << TDXM_##profile)
#define SINCE(profile)	(ALL & ~(ONLY(profile) - 1))
#define ALL		((1U << TDXM_NR_PROFILES) - 1)
#define ALL_1_5		(SINCE(1_5_01))

/* What is locked before the leaf's own checks, and by which operand it is named. */
enum begin { NOTHING, SYS_SHARED, SYS, TDR, VP };
#define EXCLUSIVE	true

/* Out registers by bit. */
#define Z_RCX	1U
#define Z_RDX	2U
#define Z_R8	4U
#define Z_R9	8U
#define Z_R10	16U
#define Z_R11	32U
#define Z_PAGE	(Z_RCX | Z_RDX | Z_R8 | Z_R9 | Z_R10 | Z_R11)

#define OP_NEW	(1U << TDXM_OP_UNINITIALIZED)
#define OP_INIT	(1U << TDXM_OP_INITIALIZED)
#define OP_RUN	(1U << TDXM_OP_RUNNABLE)
#define OP_ANY	(OP_INIT | OP_RUN)

/* Known, but not modelled. */
#define KNOWN(leaf_, profiles, profiles_1) \
	{ .leaf = leaf_, .known = profiles, .version_1 = profiles_1 }

static const struct row {
	u16 leaf;
	u8 known;
	u8 version_1;
	bool before_ready;
	bool any_lp;		/* also on one whose TDH.SYS.LP.INIT is to come */
	u8 begin;
	u8 operand;		/* of TDR and VP: the register */
	bool exclusive;
	u8 op_states;		/* 0: the leaf looks itself */
	bool dwells;		/* takes its time itself, with more locked */
	u8 zero;
	tdxm_leaf_fn *operands;	/* before anything is locked */
	tdxm_leaf_fn *run;	/* NULL: not modelled */
} rows[] = {
	/* The module. */
	{ TDH_SYS_INIT, ALL, SINCE(1_5_34), .before_ready = true, .any_lp = true, .begin = SYS,
	  .zero = Z_RCX | Z_RDX | Z_R8 | Z_R9 | Z_R10, .run = tdxm_sys_init },
	{ TDH_SYS_LP_INIT, ALL, .before_ready = true, .any_lp = true, .begin = SYS_SHARED,
	  .zero = Z_RCX | Z_RDX | Z_R8, .run = tdxm_sys_lp_init },
	{ TDH_SYS_INFO, ALL, .before_ready = true, .zero = Z_RDX | Z_R9, .run = tdxm_sys_info },
	{ TDH_SYS_RD, ALL_1_5, .before_ready = true, .zero = Z_R8, .run = tdxm_sys_rd },
	{ TDH_SYS_RDALL, ALL_1_5, .before_ready = true, .run = tdxm_sys_rdall },
	{ TDH_SYS_CONFIG, ALL, ONLY(1_5_34) | ONLY(NEXT), .before_ready = true, .any_lp = true,
	  .begin = SYS, .run = tdxm_sys_config },
	{ TDH_SYS_KEY_CONFIG, ALL, .before_ready = true, .any_lp = true, .begin = SYS,
	  .run = tdxm_sys_key_config },
	{ TDH_SYS_TDMR_INIT, ALL, .dwells = true, .zero = Z_RDX, .run = tdxm_sys_tdmr_init },
	{ TDH_SYS_LP_SHUTDOWN, ALL, .before_ready = true, .any_lp = true,
	  .run = tdxm_sys_lp_shutdown },
	{ TDH_SYS_SHUTDOWN, ALL_1_5, .any_lp = true, .begin = SYS,
	  .operands = tdxm_sys_shutdown_operands, .run = tdxm_sys_shutdown },
	{ TDH_SYS_UPDATE, ALL_1_5, SINCE(1_5_34), .before_ready = true, .any_lp = true,
	  .begin = SYS, .run = tdxm_sys_update },
	{ TDH_SYS_DISABLE, ONLY(NEXT), .any_lp = true, .begin = SYS, .run = tdxm_sys_disable },
	{ TDH_PHYMEM_PAGE_RDMD, ALL, .zero = Z_PAGE, .run = tdxm_phymem_page_rdmd },
	KNOWN(TDH_PHYMEM_PAMT_ADD, SINCE(1_5_34), 0),
	KNOWN(TDH_PHYMEM_PAMT_REMOVE, SINCE(1_5_34), 0),

	/* A TD's life. */
	{ TDH_MNG_CREATE, ALL, .dwells = true, .operands = tdxm_mng_create_operands,
	  .run = tdxm_mng_create },
	{ TDH_MNG_KEY_CONFIG, ALL, .begin = TDR, .operand = TDX_OPERAND_ID_RCX, EXCLUSIVE,
	  .dwells = true, .run = tdxm_mng_key_config },
	{ TDH_MNG_ADDCX, ALL, .begin = TDR, .operand = TDX_OPERAND_ID_RDX, EXCLUSIVE,
	  .run = tdxm_mng_addcx },
	{ TDH_MNG_INIT, ALL, .begin = TDR, .operand = TDX_OPERAND_ID_RCX, EXCLUSIVE, OP_NEW,
	  .zero = Z_RCX, .run = tdxm_mng_init },
	{ TDH_MNG_RD, ALL, ALL_1_5, .begin = TDR, .operand = TDX_OPERAND_ID_RCX,
	  .op_states = OP_ANY, .zero = Z_R8, .run = tdxm_mng_rd },
	KNOWN(TDH_MNG_WR, ALL, 0),
	{ TDH_MR_EXTEND, ALL, .begin = TDR, .operand = TDX_OPERAND_ID_RDX, EXCLUSIVE, OP_INIT,
	  .zero = Z_RCX | Z_RDX, .run = tdxm_mr_extend },
	{ TDH_MR_FINALIZE, ALL, .begin = TDR, .operand = TDX_OPERAND_ID_RCX, EXCLUSIVE, OP_INIT,
	  .run = tdxm_mr_finalize },
	{ TDH_MNG_VPFLUSHDONE, ALL, .begin = TDR, .operand = TDX_OPERAND_ID_RCX, EXCLUSIVE,
	  .dwells = true, .run = tdxm_mng_vpflushdone },
	{ TDH_PHYMEM_CACHE_WB, ALL, .dwells = true, .run = tdxm_phymem_cache_wb },
	{ TDH_MNG_KEY_FREEID, ALL, .begin = TDR, .operand = TDX_OPERAND_ID_RCX, EXCLUSIVE,
	  .dwells = true, .run = tdxm_mng_key_freeid },
	KNOWN(TDH_MNG_KEY_RECLAIMID, ALL, 0),
	{ TDH_PHYMEM_PAGE_RECLAIM, ALL, .dwells = true, .zero = Z_PAGE,
	  .run = tdxm_phymem_page_reclaim },
	{ TDH_PHYMEM_PAGE_WBINVD, ALL, .run = tdxm_phymem_page_wbinvd },

	/* Its memory. */
	{ TDH_MEM_SEPT_ADD, ALL, ALL_1_5, .begin = TDR, .operand = TDX_OPERAND_ID_RDX,
	  .op_states = OP_ANY, .dwells = true, .zero = Z_RCX | Z_RDX,
	  .operands = tdxm_mem_sept_add_operands, .run = tdxm_mem_sept_add },
	{ TDH_MEM_PAGE_ADD, ALL, .begin = TDR, .operand = TDX_OPERAND_ID_RDX, EXCLUSIVE, OP_INIT,
	  .dwells = true, .zero = Z_RCX | Z_RDX, .run = tdxm_mem_page_add },
	{ TDH_MEM_PAGE_AUG, ALL, .begin = TDR, .operand = TDX_OPERAND_ID_RDX, .op_states = OP_ANY,
	  .dwells = true, .zero = Z_RCX | Z_RDX, .run = tdxm_mem_page_aug },
	{ TDH_MEM_RANGE_BLOCK, ALL, .begin = TDR, .operand = TDX_OPERAND_ID_RDX,
	  .op_states = OP_ANY, .dwells = true, .zero = Z_RCX | Z_RDX,
	  .run = tdxm_mem_range_block },
	KNOWN(TDH_MEM_RANGE_UNBLOCK, ALL, 0),
	{ TDH_MEM_TRACK, ALL, .begin = TDR, .operand = TDX_OPERAND_ID_RCX, .op_states = OP_ANY,
	  .dwells = true, .run = tdxm_mem_track },
	{ TDH_MEM_PAGE_REMOVE, ALL, .begin = TDR, .operand = TDX_OPERAND_ID_RDX,
	  .op_states = OP_ANY, .dwells = true, .zero = Z_RCX | Z_RDX,
	  .run = tdxm_mem_page_remove },
	KNOWN(TDH_MEM_PAGE_RELOCATE, ALL, 0),
	KNOWN(TDH_MEM_PAGE_DEMOTE, ALL, 0),
	KNOWN(TDH_MEM_PAGE_PROMOTE, ALL, ALL_1_5),
	KNOWN(TDH_MEM_SEPT_RD, ALL, 0),
	KNOWN(TDH_MEM_SEPT_REMOVE, ALL, ALL_1_5),
	KNOWN(TDH_MEM_RD, ALL, 0),
	KNOWN(TDH_MEM_WR, ALL, 0),

	/* Its vCPUs. */
	{ TDH_VP_CREATE, ALL, .begin = TDR, .operand = TDX_OPERAND_ID_RDX, .op_states = OP_INIT,
	  .run = tdxm_vp_create },
	{ TDH_VP_ADDCX, ALL, .begin = VP, .operand = TDX_OPERAND_ID_RDX, EXCLUSIVE, OP_INIT,
	  .run = tdxm_vp_addcx },
	{ TDH_VP_INIT, ALL, SINCE(1_5_34), .begin = VP, .operand = TDX_OPERAND_ID_RCX, EXCLUSIVE,
	  OP_INIT, .run = tdxm_vp_init },
	{ TDH_VP_ENTER, ALL, .begin = VP, .operand = TDX_OPERAND_ID_RCX, .op_states = OP_RUN,
	  .dwells = true, .run = tdxm_vp_enter },
	{ TDH_VP_FLUSH, ALL, .begin = VP, .operand = TDX_OPERAND_ID_RCX, EXCLUSIVE,
	  .run = tdxm_vp_flush },
	{ TDH_VP_RD, ALL, ALL_1_5, .begin = VP, .operand = TDX_OPERAND_ID_RCX,
	  .op_states = OP_ANY, .zero = Z_R8, .run = tdxm_vp_rd },
	{ TDH_VP_WR, ALL, .begin = VP, .operand = TDX_OPERAND_ID_RCX, .op_states = OP_ANY,
	  .zero = Z_R8, .run = tdxm_vp_wr },

	/* Migration and service TDs: none of it is modelled. */
	KNOWN(TDH_SERVTD_BIND, ALL_1_5, 0),
	KNOWN(TDH_SERVTD_PREBIND, ALL_1_5, 0),
	KNOWN(TDH_EXPORT_ABORT, ALL_1_5, 0),
	KNOWN(TDH_EXPORT_BLOCKW, ALL_1_5, ONLY(1_5_34) | ONLY(NEXT)),
	KNOWN(TDH_EXPORT_RESTORE, ALL_1_5, ONLY(1_5_34) | ONLY(NEXT)),
	KNOWN(TDH_EXPORT_MEM, ALL_1_5, ONLY(1_5_34) | ONLY(NEXT)),
	KNOWN(TDH_EXPORT_PAUSE, ALL_1_5, 0),
	KNOWN(TDH_EXPORT_TRACK, ALL_1_5, 0),
	KNOWN(TDH_EXPORT_STATE_IMMUTABLE, ALL_1_5, 0),
	KNOWN(TDH_EXPORT_STATE_TD, ALL_1_5, 0),
	KNOWN(TDH_EXPORT_STATE_VP, ALL_1_5, 0),
	KNOWN(TDH_EXPORT_UNBLOCKW, ALL_1_5, 0),
	KNOWN(TDH_IMPORT_ABORT, ALL_1_5, 0),
	KNOWN(TDH_IMPORT_END, ALL_1_5, 0),
	KNOWN(TDH_IMPORT_COMMIT, ALL_1_5, 0),
	KNOWN(TDH_IMPORT_MEM, ALL_1_5, ONLY(1_5_34) | ONLY(NEXT)),
	KNOWN(TDH_IMPORT_TRACK, ALL_1_5, 0),
	KNOWN(TDH_IMPORT_STATE_IMMUTABLE, ALL_1_5, 0),
	KNOWN(TDH_IMPORT_STATE_TD, ALL_1_5, 0),
	KNOWN(TDH_IMPORT_STATE_VP, ALL_1_5, 0),
	KNOWN(TDH_MIG_STREAM_CREATE, ALL_1_5, 0),
};

static const struct row *row_of(u64 leaf)
{
	u32 i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].leaf == leaf)
			return &rows[i];
	return NULL;
}

static bool in(u8 profiles, const struct tdxm *m)
{
	return profiles >> m->machine.profile & 1;
}

/* NULL: unknown to this module, or not modelled. */
static const struct row *find(const struct tdxm *m, u64 leaf)
{
	const struct row *r = row_of(leaf);

	return r && r->run && in(r->known, m) ? r : NULL;
}

bool tdxm_leaf_facts(enum tdxm_profile profile, u32 leaf, struct tdxm_leaf_facts *facts)
{
	const struct row *r = row_of(leaf);

	if (!r || (u32)profile >= TDXM_NR_PROFILES)
		return false;
	facts->known = r->known >> profile & 1;
	facts->modelled = r->run;
	facts->version_1 = facts->known && r->version_1 >> profile & 1;
	facts->before_ready = facts->known && r->before_ready;
	facts->after_shutdown = facts->known && leaf == TDH_SYS_LP_SHUTDOWN;
	return true;
}

static u64 unknown(void)
{
	return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RAX);
}

static bool version_known(const struct tdxm *m, u64 rax)
{
	const struct row *r = row_of(LEAF(rax));

	if (rax & RAX_RESERVED)
		return false;
	return !VERSION(rax) || (r && in(r->version_1, m));
}

/*
 * TDX 1.0: from the first TDH.SYS.LP.SHUTDOWN on no other leaf is served anywhere.
 * After TDH.SYS.DISABLE the module may be initialised from scratch.
 */
static u64 after_shutdown(struct tdxm *m, u32 lp, u64 rax)
{
	bool lp_down = __atomic_load_n(&m->lp_shutdown[lp], __ATOMIC_ACQUIRE);

	if (rax == TDH_SYS_LP_SHUTDOWN && !lp_down)
		return TDX_SUCCESS;
	if (rax == TDH_SYS_INIT && m->disabled) {
		tdxm_reset(m);
		return TDX_SUCCESS;
	}
	/* The host may look whether it is down, by a leaf that only reads. */
	if (rax != TDH_PHYMEM_PAGE_RDMD &&
	    (lp_down || __atomic_load_n(&m->down, __ATOMIC_ACQUIRE)))
		tdxm_violate(m, TDXM_V_CALL_AFTER_SHUTDOWN, lp, rax, 0);
	return TDX_SYS_SHUTDOWN;
}

/* What every leaf is asked first. 0: the leaf may run. */
static u64 gate(struct tdxm *m, u32 lp, u64 rax)
{
	const struct row *r = m->version->whole_rax ? row_of(rax) : row_of(LEAF(rax));
	u32 state = tdxm_state(m);

	if (!m->version->whole_rax && !version_known(m, rax))
		return unknown();
	if (state == TDXM_SHUTDOWN)
		return after_shutdown(m, lp, rax);
	if (state == TDXM_DISABLING)
		return rax == TDH_SYS_DISABLE ? TDX_SUCCESS : TDX_SYS_BUSY;
	if (state != TDXM_READY && !(r && r->before_ready && in(r->known, m)))
		return TDX_SYS_NOT_READY;
	return TDX_SUCCESS;
}

static void clear(u8 zero, struct tdxm_regs *regs)
{
	u64 *const of[] = { &regs->rcx, &regs->rdx, &regs->r8, &regs->r9, &regs->r10, &regs->r11 };
	u32 i;

	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		if (zero >> i & 1)
			*of[i] = 0;
}

static u64 object(const struct row *r, const struct tdxm_call *c)
{
	return r->operand == TDX_OPERAND_ID_RCX ? c->in.rcx : c->in.rdx;
}

static u64 begin(const struct row *r, struct tdxm_call *c)
{
	bool locked;
	u64 status;

	switch (r->begin) {
	case SYS:
	case SYS_SHARED:
		locked = r->begin == SYS ? tdxm_try_exclusive(&c->m->global_lock) :
					   tdxm_try_shared(&c->m->global_lock);
		return locked ? TDX_SUCCESS : TDX_SYS_BUSY;
	case TDR:
		/* The low bits and the highest are flags, where the leaf has some. */
		return tdxm_td_take(c->m, r->leaf == TDH_MEM_SEPT_ADD ? TDXM_TDR_OF(object(r, c)) :
				    object(r, c), r->exclusive, r->operand, &c->tdr, &c->td);
	case VP:
		/* With an x2APIC ID no other vCPU is initialised meanwhile. */
		status = tdxm_vp_take(c, object(r, c), r->exclusive,
				      r->leaf == TDH_VP_INIT && c->version, r->operand);
		return status;
	default:
		return TDX_SUCCESS;
	}
}

static void finish(const struct row *r, struct tdxm_call *c)
{
	switch (r->begin) {
	case SYS:
		tdxm_unlock_exclusive(&c->m->global_lock);
		break;
	case SYS_SHARED:
		tdxm_unlock_shared(&c->m->global_lock);
		break;
	case TDR:
		tdxm_page_unlock(c->m, &c->tdr);
		break;
	case VP:
		tdxm_vp_release(c);
		break;
	}
}

static u64 run(const struct row *r, struct tdxm_call *c)
{
	u64 status = TDX_SUCCESS;

	clear(r->zero, c->out);
	if (c->version > 1)
		return unknown();
	if (!r->any_lp && !tdxm_lp_is_init(c->m, c->lp))
		return TDX_SYS_LP_INIT_NOT_DONE;
	if (r->operands)
		status = r->operands(c);
	if (!status)
		status = begin(r, c);
	if (status)
		return status;
	if (r->op_states)
		status = tdxm_td_check(c->td, r->op_states);
	if (!status && !r->dwells)
		tdxm_dwell(c->m, r->leaf);
	if (!status)
		status = r->run(c);
	finish(r, c);
	return status;
}

u64 tdxm_run_leaf(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	bool whole = m->version->whole_rax;
	const struct row *r = find(m, whole ? regs->rax : LEAF(regs->rax));
	struct tdxm_call c = { .m = m, .lp = lp, .in = *regs, .out = regs };
	u64 status = gate(m, lp, regs->rax);

	if (status)
		return status;
	if (!r)
		return unknown();
	c.leaf = r->leaf;
	c.version = whole ? 0 : VERSION(regs->rax);
	return run(r, &c);
}
