// SPDX-License-Identifier: GPL-2.0-only
/*
 * A TD from TDH.MNG.CREATE to the last TDH.PHYMEM.PAGE.RECLAIM: its TDR, its
 * control pages, its KeyID.  Order of checks: module 1.5.
 */
#include "model_state.h"

struct tdxm_td *tdxm_td_of(struct tdxm *m, const struct tdxm_page *tdr)
{
	struct tdxm_td *td = &m->tds.td[tdr->data % TDXM_MAX_TDS];

	return tdr->data < TDXM_MAX_TDS && td->tdr == tdr->pa ? td : NULL;
}

u64 tdxm_td_take(struct tdxm *m, u64 tdr_pa, bool exclusive, u32 operand,
		 struct tdxm_page *tdr, struct tdxm_td **td)
{
	u64 status = tdxm_page_take(m, tdr_pa, TDXM_PS_4K, exclusive, TDXM_PT_TDR, operand, tdr);

	if (status)
		return status;
	*td = tdxm_td_of(m, tdr);
	if (*td)
		return TDX_SUCCESS;
	tdxm_page_unlock(m, tdr);
	return tdxm_operand(TDX_PAGE_METADATA_INCORRECT, operand);
}

u64 tdxm_td_check(const struct tdxm_td *td, u8 op_states)
{
	if (td->lifecycle != TDXM_TD_KEYS_CONFIGURED)
		return TDX_TD_KEYS_NOT_CONFIGURED;
	if (td->nr_tdcx < TDXM_MIN_TDCS)
		return TDX_TDCS_NOT_ALLOCATED;
	return op_states >> td->op_state & 1 ? TDX_SUCCESS : TDX_OP_STATE_INCORRECT;
}

void tdxm_children(struct tdxm_td *td, s64 delta)
{
	__atomic_fetch_add(&td->children, (u64)delta, __ATOMIC_RELAXED);
}

void tdxm_slot_free(int *used)
{
	tdxm_unlock_exclusive(used);
}

u32 tdxm_slot_take(int *used, u32 nr)
{
	u32 i;

	for (i = 0; i < nr; i++)
		if (tdxm_try_exclusive(&used[i]))
			break;
	return i;
}

static u64 lock_kot(struct tdxm *m, bool exclusive)
{
	if (exclusive ? tdxm_try_exclusive(&m->tds.kot_lock) : tdxm_try_shared(&m->tds.kot_lock))
		return TDX_SUCCESS;
	return tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_KOT);
}

/* More TDs than the model has room for: busy, which is for the host to wait out. */
static u64 create(struct tdxm *m, struct tdxm_page *tdr, u32 keyid)
{
	struct tdxm_td *td;
	u32 i;

	if (__atomic_load_n(&m->tds.keyids[keyid].state, __ATOMIC_RELAXED) != TDXM_KEYID_FREE)
		return TDX_HKID_NOT_FREE;
	i = tdxm_slot_take(m->tds.td_used, TDXM_MAX_TDS);
	if (i == TDXM_MAX_TDS)
		return tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_KOT);
	td = &m->tds.td[i];
	memset(td, 0, sizeof(*td));
	td->tdr = tdr->pa;
	td->keyid = keyid;
	td->lifecycle = TDXM_TD_HKID_ASSIGNED;
	m->tds.keyids[keyid].state = TDXM_KEYID_ASSIGNED;
	tdxm_page_fill(m, tdr->pa);
	tdxm_page_set(m, tdr, TDXM_PT_TDR, 0, i);
	return TDX_SUCCESS;
}

u64 tdxm_mng_create_operands(struct tdxm_call *c)
{
	return tdxm_private_keyid(c->m, c->in.rdx) ? TDX_SUCCESS :
	       tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RDX);
}

u64 tdxm_mng_create(struct tdxm_call *c)
{
	struct tdxm *m = c->m;
	struct tdxm_page tdr;
	u64 status;

	status = tdxm_page_take(m, c->in.rcx, TDXM_PS_4K, true, TDXM_PT_NDA, TDX_OPERAND_ID_RCX,
				&tdr);
	if (status)
		return status;
	status = lock_kot(m, true);
	if (!status) {
		tdxm_dwell(m, TDH_MNG_CREATE);
		status = create(m, &tdr, (u32)c->in.rdx);
		tdxm_unlock_exclusive(&m->tds.kot_lock);
	}
	tdxm_page_unlock(m, &tdr);
	return status;
}

u64 tdxm_mng_key_config(struct tdxm_call *c)
{
	struct tdxm *m = c->m;
	struct tdxm_td *td = c->td;
	u32 pkg = m->machine.lp_pkg[c->lp];

	if (td->lifecycle != TDXM_TD_HKID_ASSIGNED)
		return TDX_LIFECYCLE_STATE_INCORRECT;
	if (td->pkgs_keyed & 1U << pkg)
		return TDX_KEY_CONFIGURED;
	/* The package's key table: one PCONFIG at a time. */
	if (!tdxm_try_exclusive(&m->tds.ket_lock[pkg]))
		return tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_KET);
	tdxm_dwell(m, TDH_MNG_KEY_CONFIG);
	tdxm_unlock_exclusive(&m->tds.ket_lock[pkg]);
	td->pkgs_keyed |= 1U << pkg;
	if (td->pkgs_keyed == m->pkgs) {
		td->lifecycle = TDXM_TD_KEYS_CONFIGURED;
		/* The KOT is not locked: who reads it meanwhile sees the one or the other. */
		__atomic_store_n(&m->tds.keyids[td->keyid].state, TDXM_KEYID_CONFIGURED,
				 __ATOMIC_RELAXED);
	}
	return TDX_SUCCESS;
}

u64 tdxm_mng_addcx(struct tdxm_call *c)
{
	struct tdxm_td *td = c->td;
	u64 pa = c->in.rcx, status;
	struct tdxm_page page;

	if (td->lifecycle != TDXM_TD_KEYS_CONFIGURED)
		return TDX_TD_KEYS_NOT_CONFIGURED;
	if (td->nr_tdcx == TDXM_MAX_TDCS)
		return TDX_TDCX_NUM_INCORRECT;
	status = tdxm_page_take(c->m, pa, TDXM_PS_4K, true, TDXM_PT_NDA, TDX_OPERAND_ID_RCX, &page);
	if (status)
		return status;
	/* Before that there is no op state to look at. */
	if (td->nr_tdcx >= TDXM_MIN_TDCS && td->op_state != TDXM_OP_UNINITIALIZED) {
		tdxm_page_unlock(c->m, &page);
		return TDX_OP_STATE_INCORRECT;
	}
	if (td->nr_tdcx == TDXM_SEPT_ROOT)
		tdxm_sept_fill(c->m, pa);
	else
		tdxm_page_fill(c->m, pa);
	td->tdcx[td->nr_tdcx++] = pa;
	tdxm_children(td, 1);
	tdxm_page_set(c->m, &page, TDXM_PT_TDCX, td->tdr, td->nr_tdcx == TDXM_SEPT_ROOT + 1 ? TDXM_TDCX_SEPT_ROOT : 0);
	tdxm_page_unlock(c->m, &page);
	return TDX_SUCCESS;
}

static u64 vpflushdone(struct tdxm *m, struct tdxm_td *td)
{
	if (td->lifecycle != TDXM_TD_KEYS_CONFIGURED && td->lifecycle != TDXM_TD_HKID_ASSIGNED)
		return TDX_LIFECYCLE_STATE_INCORRECT;
	if (__atomic_load_n(&td->nr_assoc, __ATOMIC_ACQUIRE))
		return TDX_FLUSHVP_NOT_DONE;
	m->tds.keyids[td->keyid].pkgs_dirty = (u8)m->pkgs;
	m->tds.keyids[td->keyid].pkgs_begun = 0;
	m->tds.keyids[td->keyid].state = TDXM_KEYID_RECLAIMING;
	td->lifecycle = TDXM_TD_BLOCKED;
	return TDX_SUCCESS;
}

static u64 key_freeid(struct tdxm *m, struct tdxm_td *td)
{
	if (m->tds.keyids[td->keyid].pkgs_dirty)
		return TDX_WBCACHE_NOT_COMPLETE;
	m->tds.keyids[td->keyid].state = TDXM_KEYID_FREE;
	td->lifecycle = TDXM_TD_TEARDOWN;
	return TDX_SUCCESS;
}

/* @leaf under the exclusive lock of the KOT. */
static u64 with_kot(struct tdxm_call *c, u64 (*leaf)(struct tdxm *m, struct tdxm_td *td))
{
	u64 status = lock_kot(c->m, true);

	if (status)
		return status;
	tdxm_dwell(c->m, c->leaf);
	status = leaf(c->m, c->td);
	tdxm_unlock_exclusive(&c->m->tds.kot_lock);
	return status;
}

u64 tdxm_mng_vpflushdone(struct tdxm_call *c)
{
	return with_kot(c, vpflushdone);
}

u64 tdxm_mng_key_freeid(struct tdxm_call *c)
{
	if (c->td->lifecycle != TDXM_TD_BLOCKED)
		return TDX_LIFECYCLE_STATE_INCORRECT;
	return with_kot(c, key_freeid);
}

#define CACHE_WB_START	0
#define CACHE_WB_RESUME	1
/* An interrupt comes during every third one of a package. */
#define INTERRUPTED_EVERY	3

/* The KeyIDs that this write-back is for: those reclaimed when it began. */
static bool wb_begin(struct tdxm *m, u32 pkg)
{
	u32 i, first = m->machine.nr_mktme_keyids + 1;
	bool any = false;

	for (i = first; i < first + m->machine.nr_tdx_keyids; i++) {
		struct tdxm_keyid *k = &m->tds.keyids[i];

		if (__atomic_load_n(&k->state, __ATOMIC_RELAXED) == TDXM_KEYID_RECLAIMING) {
			__atomic_fetch_or(&k->pkgs_begun, 1U << pkg, __ATOMIC_RELAXED);
			any = true;
		}
	}
	return any;
}

static void wb_end(struct tdxm *m, u32 pkg)
{
	u32 i, first = m->machine.nr_mktme_keyids + 1;

	for (i = first; i < first + m->machine.nr_tdx_keyids; i++) {
		struct tdxm_keyid *k = &m->tds.keyids[i];
		u8 others = (u8)~(1U << pkg);

		if (__atomic_fetch_and(&k->pkgs_begun, others, __ATOMIC_RELAXED) & 1U << pkg)
			__atomic_fetch_and(&k->pkgs_dirty, others, __ATOMIC_RELAXED);
	}
}

static u64 cache_wb(struct tdxm *m, u32 pkg, u64 command)
{
	if (command == CACHE_WB_RESUME) {
		if (!m->tds.wb_interrupted[pkg])
			return TDX_WBCACHE_RESUME_ERROR;
	} else {
		m->tds.wb_interrupted[pkg] = false;
		if (!wb_begin(m, pkg))
			return TDX_NO_HKID_READY_TO_WBCACHE;
		if (!(++m->tds.wb_starts[pkg] % INTERRUPTED_EVERY)) {
			m->tds.wb_interrupted[pkg] = true;
			return TDX_INTERRUPTED_RESUMABLE;
		}
	}
	m->tds.wb_interrupted[pkg] = false;
	wb_end(m, pkg);
	return TDX_SUCCESS;
}

u64 tdxm_phymem_cache_wb(struct tdxm_call *c)
{
	struct tdxm *m = c->m;
	u32 pkg = m->machine.lp_pkg[c->lp];
	u64 status;

	if (c->in.rcx > CACHE_WB_RESUME)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	if (!tdxm_try_exclusive(&m->tds.wb_lock[pkg]))
		return tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_WBCACHE);
	status = lock_kot(m, false);
	if (!status) {
		tdxm_dwell(m, TDH_PHYMEM_CACHE_WB);
		status = cache_wb(m, pkg, c->in.rcx);
		tdxm_unlock_shared(&m->tds.kot_lock);
	}
	tdxm_unlock_exclusive(&m->tds.wb_lock[pkg]);
	return status;
}

static u64 reclaim_tdr(struct tdxm *m, u32 lp, struct tdxm_page *page)
{
	struct tdxm_td *td = tdxm_td_of(m, page);

	if (!td)
		return tdxm_operand(TDX_PAGE_METADATA_INCORRECT, TDX_OPERAND_ID_RCX);
	if (td->lifecycle != TDXM_TD_TEARDOWN)
		return TDX_LIFECYCLE_STATE_INCORRECT;
	if (__atomic_load_n(&td->children, __ATOMIC_ACQUIRE))
		return TDX_TD_ASSOCIATED_PAGES_EXIST;
	tdxm_page_check_filled(m, lp, TDH_PHYMEM_PAGE_RECLAIM, page->pa);
	tdxm_page_set(m, page, TDXM_PT_NDA, page->owner, 0);
	td->tdr = 0;
	tdxm_slot_free(&m->tds.td_used[td - m->tds.td]);
	return TDX_SUCCESS;
}

/* State of a vCPU that runs is in its pages. */
static bool in_use(const struct tdxm *m, const struct tdxm_page *page)
{
	return m->host.run && (page->type == TDXM_PT_TDVPR ||
			       (page->type == TDXM_PT_TDCX && page->data == TDXM_TDCX_VCPU));
}

/* That the host has left the page alone, as far as can be told; a vCPU is no more. */
static void let_go(struct tdxm *m, u32 lp, const struct tdxm_page *page)
{
	bool root = page->type == TDXM_PT_TDCX && page->data == TDXM_TDCX_SEPT_ROOT;

	if (page->type == TDXM_PT_EPT || root)
		tdxm_sept_check_page(m, lp, TDH_PHYMEM_PAGE_RECLAIM, page->pa);
	else if ((page->type == TDXM_PT_TDCX || page->type == TDXM_PT_TDVPR) && !in_use(m, page))
		tdxm_page_check_filled(m, lp, TDH_PHYMEM_PAGE_RECLAIM, page->pa);
	if (page->type == TDXM_PT_TDVPR && page->data < TDXM_MAX_VPS) {
		m->tds.vp[page->data].tdvpr = 0;
		tdxm_slot_free(&m->tds.vp_used[page->data]);
	}
}

static u64 reclaim_child(struct tdxm *m, u32 lp, struct tdxm_page *page)
{
	struct tdxm_page tdr;
	struct tdxm_td *td;
	u64 status = tdxm_td_take(m, page->owner, false, TDX_OPERAND_ID_TDR, &tdr, &td);

	if (status)
		return status;
	tdxm_dwell(m, TDH_PHYMEM_PAGE_RECLAIM);
	if (td->lifecycle != TDXM_TD_TEARDOWN) {
		status = TDX_LIFECYCLE_STATE_INCORRECT;
	} else {
		let_go(m, lp, page);
		tdxm_children(td, -(1LL << 9 * page->level));
		tdxm_page_set(m, page, TDXM_PT_NDA, page->owner, 0);
	}
	tdxm_page_unlock(m, &tdr);
	return status;
}

static u64 reclaim(struct tdxm *m, u32 lp, struct tdxm_page *page, u64 pa, struct tdxm_regs *regs)
{
	if (page->type == TDXM_PT_NDA || page->type == TDXM_PT_RSVD)
		return tdxm_operand(TDX_PAGE_METADATA_INCORRECT, TDX_OPERAND_ID_RCX);
	regs->rcx = page->type;
	regs->rdx = page->owner;
	regs->r8 = page->level;
	if (pa != page->pa)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	return page->type == TDXM_PT_TDR ? reclaim_tdr(m, lp, page) : reclaim_child(m, lp, page);
}

u64 tdxm_phymem_page_reclaim(struct tdxm_call *c)
{
	struct tdxm_page page;
	u64 status;

	status = tdxm_page_lock(c->m, c->in.rcx, TDXM_PS_4K, true, &page);
	if (status)
		return tdxm_operand(status, TDX_OPERAND_ID_RCX);
	status = reclaim(c->m, c->lp, &page, c->in.rcx, c->out);
	tdxm_page_unlock(c->m, &page);
	return status;
}

/* Of a page that no TD has any more, by the KeyID it had. */
u64 tdxm_phymem_page_wbinvd(struct tdxm_call *c)
{
	struct tdxm *m = c->m;
	struct tdxm_page page;
	u64 status;

	if (c->in.rcx >> m->machine.phys_bits)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	status = tdxm_page_take(m, c->in.rcx & (m->pa_limit - 1), TDXM_PS_4K, false, TDXM_PT_NDA,
				TDX_OPERAND_ID_RCX, &page);
	if (status)
		return status;
	tdxm_page_unlock(m, &page);
	return TDX_SUCCESS;
}
