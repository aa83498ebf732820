// SPDX-License-Identifier: GPL-2.0-only
/* TDG.MEM.PAGE.ACCEPT. */
#include "model_state.h"

/* Extended exit qualification: what was wanted, and the entry that was in the way. */
#define EEQ_ACCEPT			1ULL
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
static enum tdxm_after missing(struct tdxm_call *c, u64 gpa, u32 wanted, const struct tdxm_walk *w)
{
	struct tdxm_regs report;
	struct tdxm_exit exit = {
		.reason = TDXM_ON_EPT_VIOLATION, .qualification = TDXM_QUAL_WRITE, .gpa = gpa,
	};

	tdxm_sept_report(&report, w);
	exit.qualification |= (report.rcx & 7) << 3;
	exit.extended = EEQ_ACCEPT | EEQ_INFO(wanted, w->level, (u32)(report.rdx >> 8) & 0xff,
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
			return missing(c, gpa, level, &w);
		*status = tdxm_operand(TDX_PAGE_ALREADY_ACCEPTED, w.level);
		return TDXM_NEXT_INSN;
	}
	if (!tdxm_sept_lock(c->m, &w)) {
		*status = tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_RCX);
		return TDXM_NEXT_INSN;
	}
	done = accept(c, &w, status);
	tdxm_sept_write(c->m, &w, w.entry);
	return done ? TDXM_NEXT_INSN : missing(c, gpa, level, &w);
}
