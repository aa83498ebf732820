// SPDX-License-Identifier: GPL-2.0-only
/* Memory of a TD: the secure EPT grows, pages come, are blocked and go. */
#include "model_state.h"

#define SPAN(level)	(1LL << 9 * (level))	/* 4 KB pages */

/* What one call has locked, from the TDR down to the entry. */
struct mem {
	u64 leaf;
	struct tdxm_page tdr;
	struct tdxm_td *td;
	u64 gpa;
	u32 level;
	struct tdxm_walk w;
	bool sept_locked;
	bool sept_exclusive;
	bool entry_locked;
};

static void finish(struct tdxm *m, struct mem *c)
{
	if (c->entry_locked)
		tdxm_sept_write(m, &c->w, c->w.entry);
	if (c->sept_locked && c->sept_exclusive)
		tdxm_unlock_exclusive(&c->td->sept_lock);
	else if (c->sept_locked)
		tdxm_unlock_shared(&c->td->sept_lock);
	tdxm_page_unlock(m, &c->tdr);
}

static u64 lock_sept(struct mem *c)
{
	c->sept_locked = c->sept_exclusive ? tdxm_try_exclusive(&c->td->sept_lock) :
					     tdxm_try_shared(&c->td->sept_lock);
	return c->sept_locked ? TDX_SUCCESS :
	       tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_SEPT_TREE);
}

static u64 lock_entry(struct tdxm *m, struct mem *c, struct tdxm_regs *regs)
{
	c->entry_locked = tdxm_sept_lock(m, &c->w);
	if (c->entry_locked)
		return TDX_SUCCESS;
	c->w.entry &= ~TDXM_SEPT_LOCK;
	tdxm_sept_report(regs, &c->w);
	return tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_RCX);
}

/* RCX: level, within @min and @max, and GPA. To its entry, locked. */
static u64 find_entry(struct tdxm *m, u32 lp, struct mem *c, u64 rcx, u32 min, u32 max,
		      struct tdxm_regs *regs)
{
	u64 status;

	if (!tdxm_gpa_level(rcx, min, max, &c->gpa, &c->level) ||
	    !tdxm_gpa_private(c->td, c->gpa))
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	status = lock_sept(c);
	if (status)
		return status;
	status = tdxm_sept_walk(m, lp, c->leaf, c->td, c->gpa, c->level, &c->w);
	if (status) {
		tdxm_sept_report(regs, &c->w);
		return status;
	}
	return lock_entry(m, c, regs);
}

/* The common beginning of all leaves here. */
static u64 begin(struct tdxm *m, struct mem *c, u64 leaf, bool exclusive, struct tdxm_regs *regs)
{
	u64 status;

	memset(c, 0, sizeof(*c));
	c->leaf = leaf;
	c->sept_exclusive = exclusive || leaf == TDH_MEM_RANGE_BLOCK;
	regs->rcx = 0;
	status = tdxm_td_take(m, regs->rdx, exclusive, TDX_OPERAND_ID_RDX, &c->tdr, &c->td);
	regs->rdx = 0;
	if (status)
		return status;
	status = tdxm_td_check(c->td, leaf);
	if (status)
		tdxm_page_unlock(m, &c->tdr);
	return status;
}

static u64 wrong_state(const struct mem *c, struct tdxm_regs *regs)
{
	tdxm_sept_report(regs, &c->w);
	return tdxm_operand(TDX_EPT_ENTRY_STATE_INCORRECT, TDX_OPERAND_ID_RCX);
}

static void set_entry(struct mem *c, enum tdxm_sept_state state, u64 hpa, u32 sum)
{
	c->w.entry = TDXM_SEPT_ENTRY(state, hpa, sum);
}

static u64 sept_add(struct tdxm *m, u32 lp, struct mem *c, u64 rcx, struct tdxm_regs *regs)
{
	struct tdxm_page page;
	u64 status = find_entry(m, lp, c, rcx, TDXM_PS_2M, c->td->root_level, regs);

	if (status)
		return status;
	if (TDXM_SEPT_STATE(c->w.entry) != TDXM_SEPT_FREE)
		return wrong_state(c, regs);
	status = tdxm_page_take(m, regs->r8, TDXM_PS_4K, true, TDXM_PT_NDA, TDX_OPERAND_ID_R8,
				&page);
	if (status)
		return status;
	tdxm_dwell(m, c->leaf);
	tdxm_page_fill(m, page.pa);
	tdxm_page_set(m, &page, TDXM_PT_EPT, c->td->tdr, 0);
	tdxm_children(c->td, 1);
	set_entry(c, TDXM_SEPT_NL_MAPPED, page.pa, 0);
	tdxm_page_unlock(m, &page);
	return TDX_SUCCESS;
}

u64 tdxm_mem_sept_add(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	u64 rcx = regs->rcx, status;
	struct mem c;

	status = begin(m, &c, TDH_MEM_SEPT_ADD, false, regs);
	if (status)
		return status;
	status = sept_add(m, lp, &c, rcx, regs);
	finish(m, &c);
	return status;
}

/* Under another key, so that the host cannot read it: the copy is not the same bytes. */
static void copy_in(struct tdxm *m, u64 from, u64 to)
{
	const u64 *source = tdxm_map(m, from);
	u64 *target = tdxm_map(m, to);
	u32 i;

	/* In place the source is the target; word by word, either way. */
	for (i = 0; i < TDXM_4K / 8; i++)
		target[i] = source[i] ^ tdxm_cipher(m, to + 8 * i);
}

static void measure_add(struct tdxm_td *td, u64 gpa)
{
	u8 block[128] = "MEM.PAGE.ADD";

	tdxm_put(block, 16, gpa, 8);
	tdxm_sha384_block(&td->sha, block);
}

static u64 page_add(struct tdxm *m, u32 lp, struct mem *c, u64 rcx, struct tdxm_regs *regs)
{
	struct tdxm_page page;
	u64 status = find_entry(m, lp, c, rcx, TDXM_PS_4K, TDXM_PS_4K, regs);

	if (status)
		return status;
	if (TDXM_SEPT_STATE(c->w.entry) != TDXM_SEPT_FREE)
		return wrong_state(c, regs);
	status = tdxm_check_shared(m, regs->r9, TDXM_4K);
	if (status)
		return tdxm_operand(status, TDX_OPERAND_ID_R9);
	status = tdxm_page_take(m, regs->r8, TDXM_PS_4K, true, TDXM_PT_NDA, TDX_OPERAND_ID_R8,
				&page);
	if (status)
		return status;
	tdxm_dwell(m, c->leaf);
	copy_in(m, regs->r9, page.pa);
	set_entry(c, TDXM_SEPT_MAPPED, page.pa, tdxm_page_sum(m, page.pa));
	measure_add(c->td, c->gpa);
	tdxm_children(c->td, 1);
	tdxm_page_set(m, &page, TDXM_PT_REG, c->td->tdr, 0);
	tdxm_page_unlock(m, &page);
	return TDX_SUCCESS;
}

u64 tdxm_mem_page_add(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	u64 rcx = regs->rcx, status;
	struct mem c;

	status = begin(m, &c, TDH_MEM_PAGE_ADD, true, regs);
	if (status)
		return status;
	status = page_add(m, lp, &c, rcx, regs);
	finish(m, &c);
	return status;
}

static u64 page_aug(struct tdxm *m, u32 lp, struct mem *c, u64 rcx, struct tdxm_regs *regs)
{
	struct tdxm_page page;
	u64 status = find_entry(m, lp, c, rcx, TDXM_PS_4K, TDXM_PS_2M, regs);

	if (status)
		return status;
	if (TDXM_SEPT_STATE(c->w.entry) != TDXM_SEPT_FREE)
		return wrong_state(c, regs);
	status = tdxm_page_take(m, regs->r8, c->level, true, TDXM_PT_NDA, TDX_OPERAND_ID_R8,
				&page);
	if (status)
		return status;
	tdxm_dwell(m, c->leaf);
	tdxm_page_set(m, &page, TDXM_PT_REG, c->td->tdr, 0);
	tdxm_children(c->td, SPAN(c->level));
	set_entry(c, TDXM_SEPT_PENDING, page.pa, 0);
	tdxm_page_unlock(m, &page);
	return TDX_SUCCESS;
}

u64 tdxm_mem_page_aug(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	u64 rcx = regs->rcx, status;
	struct mem c;

	status = begin(m, &c, TDH_MEM_PAGE_AUG, false, regs);
	if (status)
		return status;
	status = page_aug(m, lp, &c, rcx, regs);
	finish(m, &c);
	return status;
}

static const u8 blocked[TDXM_SEPT_NR] = {
	[TDXM_SEPT_NL_MAPPED] = TDXM_SEPT_NL_BLOCKED,
	[TDXM_SEPT_MAPPED] = TDXM_SEPT_BLOCKED,
	[TDXM_SEPT_PENDING] = TDXM_SEPT_PENDING_BLOCKED,
};

static bool is_blocked(u32 state)
{
	return state == TDXM_SEPT_NL_BLOCKED || state == TDXM_SEPT_BLOCKED ||
	       state == TDXM_SEPT_PENDING_BLOCKED;
}

static u64 range_block(struct tdxm *m, u32 lp, struct mem *c, u64 rcx, struct tdxm_regs *regs)
{
	u64 status = find_entry(m, lp, c, rcx, TDXM_PS_4K, c->td->root_level, regs);
	u32 state, level;

	if (status)
		return status;
	tdxm_dwell(m, c->leaf);
	state = TDXM_SEPT_STATE(c->w.entry);
	if (!blocked[state]) {
		status = wrong_state(c, regs);
		return is_blocked(state) ?
		       tdxm_operand(TDX_GPA_RANGE_ALREADY_BLOCKED, TDX_OPERAND_ID_RCX) : status;
	}
	level = state == TDXM_SEPT_NL_MAPPED ? TDXM_PS_4K : c->level;
	set_entry(c, blocked[state], TDXM_SEPT_HPA(c->w.entry), TDXM_SEPT_SUM(c->w.entry));
	/* The epoch after the entry: a vCPU that enters from now on finds it blocked. */
	tdxm_page_set_data(m, TDXM_SEPT_HPA(c->w.entry), level,
			   state == TDXM_SEPT_NL_MAPPED ? TDXM_PT_EPT : TDXM_PT_REG, c->td->tdr,
			   (u32)__atomic_load_n(&c->td->epoch, __ATOMIC_ACQUIRE));
	return TDX_SUCCESS;
}

u64 tdxm_mem_range_block(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	u64 rcx = regs->rcx, status;
	struct mem c;

	status = begin(m, &c, TDH_MEM_RANGE_BLOCK, false, regs);
	if (status)
		return status;
	status = range_block(m, lp, &c, rcx, regs);
	finish(m, &c);
	return status;
}

static u64 track(struct tdxm_td *td)
{
	/* Of the two counts the older must be done with: it is the next one's. */
	if (__atomic_load_n(&td->refcount[1 - (td->epoch & 1)], __ATOMIC_ACQUIRE))
		return TDX_PREVIOUS_TLB_EPOCH_BUSY;
	__atomic_store_n(&td->epoch, td->epoch + 1, __ATOMIC_RELEASE);
	return TDX_SUCCESS;
}

u64 tdxm_mem_track(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	struct tdxm_page tdr;
	struct tdxm_td *td;
	u64 status = tdxm_td_take(m, regs->rcx, false, TDX_OPERAND_ID_RCX, &tdr, &td);

	(void)lp;
	if (status)
		return status;
	status = tdxm_td_check(td, TDH_MEM_TRACK);
	if (!status && !tdxm_try_exclusive(&td->epoch_lock)) {
		status = tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_TD_EPOCH);
	} else if (!status) {
		tdxm_dwell(m, TDH_MEM_TRACK);
		status = track(td);
		tdxm_unlock_exclusive(&td->epoch_lock);
	}
	tdxm_page_unlock(m, &tdr);
	return status;
}

/* Every vCPU has been out of the TD since the page was blocked. */
static bool tracked(const struct tdxm_td *td, u32 blocked_in)
{
	u32 epoch = (u32)__atomic_load_n(&td->epoch, __ATOMIC_ACQUIRE);

	if (blocked_in + 1 == epoch)
		return !__atomic_load_n(&td->refcount[blocked_in & 1], __ATOMIC_ACQUIRE);
	return blocked_in + 1 < epoch;
}

static bool is_leaf(u32 state)
{
	return state == TDXM_SEPT_MAPPED || state == TDXM_SEPT_BLOCKED ||
	       state == TDXM_SEPT_PENDING || state == TDXM_SEPT_PENDING_BLOCKED;
}

static u64 may_remove(const struct mem *c, const struct tdxm_page *page, struct tdxm_regs *regs)
{
	if (c->td->op_state != TDXM_OP_RUNNABLE)
		return TDX_SUCCESS;
	if (!is_blocked(TDXM_SEPT_STATE(c->w.entry))) {
		tdxm_sept_report(regs, &c->w);
		return tdxm_operand(TDX_GPA_RANGE_NOT_BLOCKED, TDX_OPERAND_ID_RCX);
	}
	if (!tracked(c->td, page->data))
		return tdxm_operand(TDX_TLB_TRACKING_NOT_DONE, TDX_OPERAND_ID_RCX);
	return TDX_SUCCESS;
}

static u64 page_remove(struct tdxm *m, u32 lp, struct mem *c, u64 rcx, struct tdxm_regs *regs)
{
	u64 status = find_entry(m, lp, c, rcx, TDXM_PS_4K, TDXM_PS_1G, regs);
	struct tdxm_page page;
	u32 sum;

	if (status)
		return status;
	if (!is_leaf(TDXM_SEPT_STATE(c->w.entry)))
		return wrong_state(c, regs);
	status = tdxm_page_take(m, TDXM_SEPT_HPA(c->w.entry), c->level, true, TDXM_PT_REG,
				TDX_OPERAND_ID_RCX, &page);
	if (status)
		return status;
	tdxm_dwell(m, c->leaf);
	status = may_remove(c, &page, regs);
	if (!status && page.owner != c->td->tdr) {
		tdxm_violate(m, TDXM_V_TD_PAGE_TOUCHED, lp, c->leaf, c->w.table);
		status = tdxm_operand(TDX_PAGE_METADATA_INCORRECT, TDX_OPERAND_ID_RCX);
	}
	if (!status) {
		sum = TDXM_SEPT_SUM(c->w.entry);
		if (sum && sum != tdxm_page_sum(m, page.pa))
			tdxm_violate(m, TDXM_V_TD_PAGE_TOUCHED, lp, c->leaf, page.pa);
		set_entry(c, TDXM_SEPT_FREE, 0, 0);
		tdxm_children(c->td, -SPAN(c->level));
		tdxm_page_set(m, &page, TDXM_PT_NDA, 0, 0);
		regs->rcx = page.pa;
	}
	tdxm_page_unlock(m, &page);
	return status;
}

u64 tdxm_mem_page_remove(struct tdxm *m, u32 lp, struct tdxm_regs *regs)
{
	u64 rcx = regs->rcx, status;
	struct mem c;

	status = begin(m, &c, TDH_MEM_PAGE_REMOVE, false, regs);
	if (status)
		return status;
	status = page_remove(m, lp, &c, rcx, regs);
	finish(m, &c);
	return status;
}
