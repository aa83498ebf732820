// SPDX-License-Identifier: GPL-2.0-only
/* TDG.MEM.PAGE.ACCEPT, ATTR.RD and ATTR.WR. */
#include "model_state.h"

/* Extended exit qualification: what was wanted, and the entry that was in the way. */
#define EEQ_ACCEPT			1ULL
#define EEQ_ATTR_WR			5ULL
#define EEQ_INFO(wanted, level, state, leaf) \
	((u64)((wanted) | (level) << 3 | (state) << 6 | (leaf) << 14) << 32)

static bool is_leaf(const struct tdxm_walk *w)
{
	u32 state = TDXM_SEPT_STATE(w->entry);

	return w->level == TDXM_PS_4K ||
	       (state != TDXM_SEPT_FREE && state != TDXM_SEPT_NL_MAPPED &&
		state != TDXM_SEPT_NL_BLOCKED);
}

/* The host is to bring the page, and the guest asks again. */
static enum tdxm_after missing(struct tdxm_call *c, u64 type, u64 gpa, u32 wanted,
			       const struct tdxm_walk *w)
{
	struct tdxm_regs report;
	struct tdxm_exit exit = {
		.reason = TDXM_ON_EPT_VIOLATION, .qualification = TDXM_QUAL_WRITE, .gpa = gpa,
	};

	tdxm_sept_report(&report, w);
	exit.qualification |= (report.rcx & 7) << 3;
	exit.extended = type | EEQ_INFO(wanted, w->level, (u32)(report.rdx >> 8) & 0xff,
				       (u32)is_leaf(w));
	return tdxm_guest_exit(c, &exit);
}

/* In one go: that an interrupt may cut a large page short is not modelled. */
static void clear(struct tdxm *m, u64 pa, u32 level)
{
	u64 end = pa + (TDXM_4K << 9 * level);

	for (; pa < end; pa += TDXM_4K)
		tdxm_page_fill(m, pa);
}

/* Of an entry that is locked, at the level asked for. False: not one to accept. */
static bool accept(struct tdxm_call *c, struct tdxm_walk *w, u64 *status)
{
	u32 state = TDXM_SEPT_STATE(w->entry);

	if (state == TDXM_SEPT_NL_MAPPED || state == TDXM_SEPT_NL_BLOCKED) {
		*status = tdxm_operand(TDX_PAGE_SIZE_MISMATCH, w->level);
	} else if (state == TDXM_SEPT_MAPPED) {
		*status = tdxm_operand(TDX_PAGE_ALREADY_ACCEPTED, w->level);
	} else if (state == TDXM_SEPT_PENDING) {
		clear(c->m, TDXM_SEPT_HPA(w->entry), w->level);
		w->entry = TDXM_SEPT_ENTRY(TDXM_SEPT_MAPPED, TDXM_SEPT_HPA(w->entry), 0);
		*status = TDX_SUCCESS;
	} else {
		return false;
	}
	return true;
}

enum tdxm_after tdxm_tdg_mem_page_accept(struct tdxm_call *c, u64 *status)
{
	struct tdxm_walk w;
	bool done;
	u32 level;
	u64 gpa;

	*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	if (!tdxm_gpa_level(c->vp->guest.regs.rcx, TDXM_PS_4K, TDXM_PS_2M, &gpa, &level) ||
	    !tdxm_gpa_private(c->td, gpa))
		return TDXM_NEXT_INSN;
	if (tdxm_sept_walk(c->m, c->lp, TDH_VP_ENTER, c->td, gpa, level, &w)) {
		if (TDXM_SEPT_STATE(w.entry) != TDXM_SEPT_MAPPED)
			return missing(c, EEQ_ACCEPT, gpa, level, &w);
		*status = tdxm_operand(TDX_PAGE_ALREADY_ACCEPTED, w.level);
		return TDXM_NEXT_INSN;
	}
	if (!tdxm_sept_lock(c->m, &w)) {
		*status = tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_RCX);
		return TDXM_NEXT_INSN;
	}
	done = accept(c, &w, status);
	tdxm_sept_write(c->m, &w, w.entry);
	return done ? TDXM_NEXT_INSN : missing(c, EEQ_ACCEPT, gpa, level, &w);
}

/*
 * The attributes of a page are those of each VM, 16 bits for each.  The TD itself has none, and
 * L2 VMs are not modelled: no page is mapped for them, as if the TD had none.
 */
#define ATTR_VM(attr, vm)	((attr) >> 16 * (vm) & 0xffff)
#define MAPPING_PENDING		(1ULL << 62)

static bool has_page(const struct tdxm_walk *w)
{
	u32 state = TDXM_SEPT_STATE(w->entry);

	return state == TDXM_SEPT_MAPPED || state == TDXM_SEPT_PENDING;
}

static u64 pending(const struct tdxm_walk *w)
{
	return TDXM_SEPT_STATE(w->entry) == TDXM_SEPT_PENDING ? MAPPING_PENDING : 0;
}

static enum tdxm_after attr_refused(struct tdxm_call *c)
{
	c->vp->guest.regs.rcx = 0;
	c->vp->guest.regs.rdx = 0;
	return TDXM_NEXT_INSN;
}

static enum tdxm_after no_page(struct tdxm_call *c, u64 gpa)
{
	const struct tdxm_exit exit = { .reason = TDXM_ON_EPT_VIOLATION, .gpa = gpa };

	return tdxm_guest_exit(c, &exit);
}

/* The page may be of any size; bits 11:0 of RCX are not looked at. */
enum tdxm_after tdxm_tdg_mem_page_attr_rd(struct tdxm_call *c, u64 *status)
{
	struct tdxm_regs *g = &c->vp->guest.regs;
	u64 gpa = g->rcx;
	struct tdxm_walk w;

	*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	if (!tdxm_gpa_private(c->td, gpa))
		return attr_refused(c);
	tdxm_guest_walk(c, gpa, &w);
	if (!has_page(&w))
		return no_page(c, gpa);
	*status = tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_RCX);
	if (!tdxm_sept_lock(c->m, &w))
		return attr_refused(c);
	tdxm_sept_write(c->m, &w, w.entry);
	if (!has_page(&w))	/* any more */
		return no_page(c, gpa);
	g->rcx = (gpa & ~((TDXM_4K << 9 * w.level) - 1)) | pending(&w) | w.level;
	g->rdx = 0;
	*status = TDX_SUCCESS;
	return TDXM_NEXT_INSN;
}

/* The operand that gives attributes to a VM that there is not; 0: none. */
static u32 attr_of_no_vm(const struct tdxm_regs *g)
{
	u32 vm;

	for (vm = 0; vm < TDXM_MAX_VMS; vm++) {
		if (ATTR_VM(g->rdx, vm))
			return TDX_OPERAND_ID_RDX;
		if (ATTR_VM(g->r8, vm))
			return TDX_OPERAND_ID_R8;
	}
	return 0;
}

/* Nothing is there to write: it says what page that is. */
enum tdxm_after tdxm_tdg_mem_page_attr_wr(struct tdxm_call *c, u64 *status)
{
	struct tdxm_regs *g = &c->vp->guest.regs;
	u32 level, operand = attr_of_no_vm(g);
	struct tdxm_walk w;
	u64 gpa;

	*status = tdxm_operand(TDX_OPERAND_INVALID, operand ? operand : TDX_OPERAND_ID_RCX);
	if (operand || !tdxm_gpa_level(g->rcx, TDXM_PS_4K, TDXM_PS_1G, &gpa, &level) ||
	    !tdxm_gpa_private(c->td, gpa))
		return attr_refused(c);
	if (tdxm_sept_walk(c->m, c->lp, TDH_VP_ENTER, c->td, gpa, level, &w))
		return missing(c, EEQ_ATTR_WR, gpa, level, &w);
	*status = tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_RCX);
	if (!tdxm_sept_lock(c->m, &w))
		return attr_refused(c);
	tdxm_sept_write(c->m, &w, w.entry);
	*status = tdxm_operand(TDX_PAGE_SIZE_MISMATCH, w.level);
	if (TDXM_SEPT_STATE(w.entry) == TDXM_SEPT_NL_MAPPED ||
	    TDXM_SEPT_STATE(w.entry) == TDXM_SEPT_NL_BLOCKED)
		return attr_refused(c);
	if (!has_page(&w))
		return missing(c, EEQ_ATTR_WR, gpa, level, &w);
	g->rcx |= pending(&w);
	g->rdx = 0;
	*status = TDX_SUCCESS;
	return TDXM_NEXT_INSN;
}
