// SPDX-License-Identifier: GPL-2.0-only
/* Memory of a TD: adds secure EPT pages and pages, blocks and removes them. */
#include "model_state.h"

#define SPAN(level)	(1LL << 9 * (level))	/* 4 KB pages */

/* What a leaf here has locked below the TDR, down to the entry. */
struct entry {
	u64 gpa;
	u32 level;
	struct tdxm_walk w;
	bool sept_locked;
	bool sept_exclusive;
	bool locked;
};

#define ROOT	0xff	/* as high as the TD's secure EPT goes */

static u64 lock_sept(struct tdxm_call *c, struct entry *e)
{
	int *lock = &c->td->sept_lock;

	e->sept_exclusive = c->tdr.exclusive || c->leaf == TDH_MEM_RANGE_BLOCK;
	e->sept_locked = e->sept_exclusive ? tdxm_try_exclusive(lock) : tdxm_try_shared(lock);
	return e->sept_locked ? TDX_SUCCESS :
	       tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_SEPT_TREE);
}

/* RCX: level, within @min and @max, and GPA. To its entry, locked. */
static u64 find_entry(struct tdxm_call *c, struct entry *e, u32 min, u32 max)
{
	u64 status;

	if (!tdxm_gpa_level(c->in.rcx, min, max == ROOT ? c->td->root_level : max, &e->gpa,
			    &e->level) || !tdxm_gpa_private(c->td, e->gpa))
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	status = lock_sept(c, e);
	if (status)
		return status;
	status = tdxm_sept_walk(c->m, c->lp, c->leaf, c->td, e->gpa, e->level, &e->w);
	if (status) {
		tdxm_sept_report(c->out, &e->w);
		return status;
	}
	e->locked = tdxm_sept_lock(c->m, &e->w);
	if (e->locked)
		return TDX_SUCCESS;
	e->w.entry &= ~TDXM_SEPT_LOCK;
	tdxm_sept_report(c->out, &e->w);
	return tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_RCX);
}

/* @leaf with the entry that RCX names. */
static u64 on_entry(struct tdxm_call *c, u32 min, u32 max,
		    u64 (*leaf)(struct tdxm_call *c, struct entry *e))
{
	struct entry e = { .gpa = 0 };
	u64 status = find_entry(c, &e, min, max);

	if (!status)
		status = leaf(c, &e);
	if (e.locked)
		tdxm_sept_write(c->m, &e.w, e.w.entry);
	if (e.sept_locked && e.sept_exclusive)
		tdxm_unlock_exclusive(&c->td->sept_lock);
	else if (e.sept_locked)
		tdxm_unlock_shared(&c->td->sept_lock);
	return status;
}

static u64 wrong_state(struct tdxm_call *c, const struct entry *e)
{
	tdxm_sept_report(c->out, &e->w);
	return tdxm_operand(TDX_EPT_ENTRY_STATE_INCORRECT, TDX_OPERAND_ID_RCX);
}

static void set_entry(struct entry *e, enum tdxm_sept_state state, u64 hpa, u32 sum)
{
	e->w.entry = TDXM_SEPT_ENTRY(state, hpa, sum);
}

/* A free page for the entry, if that is free, too. */
static u64 take_page(struct tdxm_call *c, struct entry *e, u64 pa, u32 level,
		     struct tdxm_page *page)
{
	if (TDXM_SEPT_STATE(e->w.entry) != TDXM_SEPT_FREE)
		return wrong_state(c, e);
	return tdxm_page_take(c->m, pa, level, true, TDXM_PT_NDA, TDX_OPERAND_ID_R8, page);
}

#define NO_PAGE			(~0ULL)
#define UNUSED_PAGE		(1ULL << 63)	/* out: not taken, there was one */
#define ALLOW_EXISTING		1ULL
#define SEPT_ADD_RESERVED	0xfff0000000000ffeULL

u64 tdxm_mem_sept_add_operands(struct tdxm_call *c)
{
	u64 reserved = c->m->version->has_sys_rd ? SEPT_ADD_RESERVED : SEPT_ADD_RESERVED | 1;

	return c->in.rdx & reserved ? tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RDX) :
				      TDX_SUCCESS;
}

static u64 add_table(struct tdxm_call *c, struct entry *e, u64 pa)
{
	struct tdxm_page page;
	u64 status = take_page(c, e, pa, TDXM_PS_4K, &page);

	if (status)
		return status;
	tdxm_dwell(c->m, c->leaf);
	tdxm_sept_fill(c->m, page.pa);
	tdxm_page_set(c->m, &page, TDXM_PT_EPT, c->td->tdr, 0);
	tdxm_children(c->td, 1);
	set_entry(e, TDXM_SEPT_NL_MAPPED, page.pa, 0);
	tdxm_page_unlock(c->m, &page);
	return TDX_SUCCESS;
}

static u64 sept_add(struct tdxm_call *c, struct entry *e)
{
	u64 pa = c->in.r8 & ~UNUSED_PAGE;
	bool there = TDXM_SEPT_STATE(e->w.entry) == TDXM_SEPT_NL_MAPPED;

	/* Of version 1 only: pages for L2 VMs alone. */
	if (c->in.r8 == NO_PAGE && !c->version)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_R8);
	if (c->in.r8 == NO_PAGE)
		return there ? TDX_SUCCESS : wrong_state(c, e);
	if (there && c->in.rdx & ALLOW_EXISTING) {
		if (c->version)
			c->out->r8 = pa | UNUSED_PAGE;
		return TDX_SUCCESS;
	}
	return add_table(c, e, pa);
}

/* Version 1: R8 to R11 say which pages are still the host's. No L2 VM's are modelled. */
u64 tdxm_mem_sept_add(struct tdxm_call *c)
{
	const u64 l2[] = { c->in.r9, c->in.r10, c->in.r11 };
	u64 status = TDX_SUCCESS;
	u32 i;

	for (i = 0; c->version && !status && i < sizeof(l2) / sizeof(l2[0]); i++)
		if (l2[i] != NO_PAGE)
			status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_R9 + i);
	if (!status)
		status = on_entry(c, TDXM_PS_2M, ROOT, sept_add);
	if (!status && c->version && !(c->out->r8 & UNUSED_PAGE))
		c->out->r8 = NO_PAGE;
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

static u64 page_add(struct tdxm_call *c, struct entry *e)
{
	struct tdxm_page page;
	u64 status;

	if (TDXM_SEPT_STATE(e->w.entry) != TDXM_SEPT_FREE)
		return wrong_state(c, e);
	status = tdxm_check_shared(c->m, c->in.r9, TDXM_4K);
	if (status)
		return tdxm_operand(status, TDX_OPERAND_ID_R9);
	status = take_page(c, e, c->in.r8, TDXM_PS_4K, &page);
	if (status)
		return status;
	tdxm_dwell(c->m, c->leaf);
	copy_in(c->m, c->in.r9, page.pa);
	set_entry(e, TDXM_SEPT_MAPPED, page.pa, tdxm_page_sum(c->m, page.pa));
	measure_add(c->td, e->gpa);
	tdxm_children(c->td, 1);
	tdxm_page_set(c->m, &page, TDXM_PT_REG, c->td->tdr, 0);
	tdxm_page_unlock(c->m, &page);
	return TDX_SUCCESS;
}

u64 tdxm_mem_page_add(struct tdxm_call *c)
{
	return on_entry(c, TDXM_PS_4K, TDXM_PS_4K, page_add);
}

static u64 page_aug(struct tdxm_call *c, struct entry *e)
{
	struct tdxm_page page;
	u64 status = take_page(c, e, c->in.r8, e->level, &page);

	if (status)
		return status;
	tdxm_dwell(c->m, c->leaf);
	tdxm_page_set(c->m, &page, TDXM_PT_REG, c->td->tdr, 0);
	tdxm_children(c->td, SPAN(e->level));
	set_entry(e, TDXM_SEPT_PENDING, page.pa, 0);
	tdxm_page_unlock(c->m, &page);
	return TDX_SUCCESS;
}

u64 tdxm_mem_page_aug(struct tdxm_call *c)
{
	return on_entry(c, TDXM_PS_4K, TDXM_PS_2M, page_aug);
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

static u64 range_block(struct tdxm_call *c, struct entry *e)
{
	u32 state = TDXM_SEPT_STATE(e->w.entry), level;
	u64 status;

	tdxm_dwell(c->m, c->leaf);
	if (!blocked[state]) {
		status = wrong_state(c, e);
		return is_blocked(state) ?
		       tdxm_operand(TDX_GPA_RANGE_ALREADY_BLOCKED, TDX_OPERAND_ID_RCX) : status;
	}
	level = state == TDXM_SEPT_NL_MAPPED ? TDXM_PS_4K : e->level;
	set_entry(e, blocked[state], TDXM_SEPT_HPA(e->w.entry), TDXM_SEPT_SUM(e->w.entry));
	/* The epoch after the entry: a vCPU that enters from now on finds it blocked. */
	tdxm_page_set_data(c->m, TDXM_SEPT_HPA(e->w.entry), level,
			   state == TDXM_SEPT_NL_MAPPED ? TDXM_PT_EPT : TDXM_PT_REG, c->td->tdr,
			   (u32)__atomic_load_n(&c->td->epoch, __ATOMIC_ACQUIRE));
	return TDX_SUCCESS;
}

u64 tdxm_mem_range_block(struct tdxm_call *c)
{
	return on_entry(c, TDXM_PS_4K, ROOT, range_block);
}

static u64 track(struct tdxm_td *td)
{
	/* Of the two counts the older must be done with: it is the next one's. */
	if (__atomic_load_n(&td->refcount[1 - (td->epoch & 1)], __ATOMIC_ACQUIRE))
		return TDX_PREVIOUS_TLB_EPOCH_BUSY;
	__atomic_store_n(&td->epoch, td->epoch + 1, __ATOMIC_RELEASE);
	return TDX_SUCCESS;
}

u64 tdxm_mem_track(struct tdxm_call *c)
{
	u64 status;

	if (!tdxm_try_exclusive(&c->td->epoch_lock))
		return tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_TD_EPOCH);
	tdxm_dwell(c->m, TDH_MEM_TRACK);
	status = track(c->td);
	tdxm_unlock_exclusive(&c->td->epoch_lock);
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

static u64 may_remove(struct tdxm_call *c, const struct entry *e, const struct tdxm_page *page)
{
	if (c->td->op_state != TDXM_OP_RUNNABLE)
		return TDX_SUCCESS;
	if (!is_blocked(TDXM_SEPT_STATE(e->w.entry))) {
		tdxm_sept_report(c->out, &e->w);
		return tdxm_operand(TDX_GPA_RANGE_NOT_BLOCKED, TDX_OPERAND_ID_RCX);
	}
	if (!tracked(c->td, page->data))
		return tdxm_operand(TDX_TLB_TRACKING_NOT_DONE, TDX_OPERAND_ID_RCX);
	return TDX_SUCCESS;
}

static u64 remove(struct tdxm_call *c, struct entry *e, struct tdxm_page *page)
{
	u32 sum = TDXM_SEPT_SUM(e->w.entry);

	if (page->owner != c->td->tdr) {
		tdxm_violate(c->m, TDXM_V_TD_PAGE_TOUCHED, c->lp, c->leaf, e->w.table);
		return tdxm_operand(TDX_PAGE_METADATA_INCORRECT, TDX_OPERAND_ID_RCX);
	}
	if (sum && sum != tdxm_page_sum(c->m, page->pa))
		tdxm_violate(c->m, TDXM_V_TD_PAGE_TOUCHED, c->lp, c->leaf, page->pa);
	set_entry(e, TDXM_SEPT_FREE, 0, 0);
	tdxm_children(c->td, -SPAN(e->level));
	tdxm_page_set(c->m, page, TDXM_PT_NDA, page->owner, 0);
	c->out->rcx = page->pa;
	return TDX_SUCCESS;
}

static u64 page_remove(struct tdxm_call *c, struct entry *e)
{
	struct tdxm_page page;
	u64 status;

	if (!is_leaf(TDXM_SEPT_STATE(e->w.entry)))
		return wrong_state(c, e);
	status = tdxm_page_take(c->m, TDXM_SEPT_HPA(e->w.entry), e->level, true, TDXM_PT_REG,
				TDX_OPERAND_ID_RCX, &page);
	if (status)
		return status;
	tdxm_dwell(c->m, c->leaf);
	status = may_remove(c, e, &page);
	if (!status)
		status = remove(c, e, &page);
	tdxm_page_unlock(c->m, &page);
	return status;
}

u64 tdxm_mem_page_remove(struct tdxm_call *c)
{
	return on_entry(c, TDXM_PS_4K, TDXM_PS_1G, page_remove);
}
