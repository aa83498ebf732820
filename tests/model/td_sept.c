// SPDX-License-Identifier: GPL-2.0-only
/*
 * The secure EPT: a tree of pages that the TD has been given, its root in the
 * TDCS.  An entry is the HPA (51:12), the state (7:0), a lock (8) and, of a page
 * with contents, a sum of these (63:52).  Below a free entry nothing is mapped.
 */
#include "model_state.h"

#define ENTRIES		512
#define MAX_LEVEL	4
#define RESERVED	0xe00ULL

/* What the host is told of a state (module 1.5). */
static const u8 public_state[TDXM_SEPT_NR] = {
	[TDXM_SEPT_FREE] = 0, [TDXM_SEPT_BLOCKED] = 1, [TDXM_SEPT_PENDING] = 2,
	[TDXM_SEPT_PENDING_BLOCKED] = 3, [TDXM_SEPT_MAPPED] = 4,
	[TDXM_SEPT_NL_BLOCKED] = 129, [TDXM_SEPT_NL_MAPPED] = 132,
};

static u32 shift(u32 level)
{
	return 12 + 9 * level;
}

bool tdxm_gpa_level(u64 rcx, u32 min, u32 max, u64 *gpa, u32 *level)
{
	*level = (u32)rcx & 7;
	*gpa = rcx & ~0xfffULL;
	if (*level < min || *level > max || rcx & 0xff8 || rcx >> 52)
		return false;
	/* That of the highest level is not looked at (module 1.5.01 behaviour). */
	return *level == MAX_LEVEL || !(*gpa & ((1ULL << shift(*level)) - 1));
}

/* The upper half of the address space is shared. */
bool tdxm_gpa_private(const struct tdxm_td *td, u64 gpa)
{
	return !(gpa >> (td->gpaw ? 51 : 47));
}

static u64 *slot(struct tdxm *m, const struct tdxm_walk *w)
{
	return (u64 *)tdxm_map(m, w->table) + w->index;
}

static bool entry_sane(const struct tdxm *m, u64 entry)
{
	return TDXM_SEPT_STATE(entry) < TDXM_SEPT_NR && !(entry & RESERVED) &&
	       tdxm_plain_pa(m, TDXM_SEPT_HPA(entry));
}

static u64 read_entry(struct tdxm *m, const struct tdxm_walk *w)
{
	return tdxm_sept_decode(m, w->table + 8 * w->index,
				__atomic_load_n(slot(m, w), __ATOMIC_ACQUIRE));
}

/* The entry at w->index of w->table; false: a host has been here. */
static bool look(struct tdxm *m, u32 lp, u64 leaf, const struct tdxm_td *td, struct tdxm_walk *w)
{
	u8 type = w->level == td->root_level ? TDXM_PT_TDCX : TDXM_PT_EPT;

	w->entry = 0;
	if (tdxm_page_is(m, w->table, TDXM_PS_4K, type, td->tdr)) {
		w->entry = read_entry(m, w) & ~TDXM_SEPT_LOCK;
		if (entry_sane(m, w->entry))
			return true;
	}
	tdxm_violate(m, TDXM_V_TD_PAGE_TOUCHED, lp, leaf, w->table);
	w->entry = 0;
	return false;
}

u64 tdxm_sept_walk(struct tdxm *m, u32 lp, u64 leaf, const struct tdxm_td *td, u64 gpa, u32 level,
		   struct tdxm_walk *w)
{
	w->table = td->tdcx[TDXM_SEPT_ROOT];
	for (w->level = td->root_level; ; w->level--) {
		w->index = (u32)(gpa >> shift(w->level)) % ENTRIES;
		if (!look(m, lp, leaf, td, w))
			break;
		if (w->level == level)
			return TDX_SUCCESS;
		if (TDXM_SEPT_STATE(w->entry) != TDXM_SEPT_NL_MAPPED)
			break;
		w->table = TDXM_SEPT_HPA(w->entry);
	}
	return tdxm_operand(TDX_EPT_WALK_FAILED, TDX_OPERAND_ID_RCX);
}

bool tdxm_sept_lock(struct tdxm *m, struct tdxm_walk *w)
{
	u64 *word = slot(m, w), was = __atomic_load_n(word, __ATOMIC_RELAXED);

	w->entry = tdxm_sept_decode(m, w->table + 8 * w->index, was);
	if (w->entry & TDXM_SEPT_LOCK || !entry_sane(m, w->entry))
		return false;
	return __atomic_compare_exchange_n(word, &was, was ^ TDXM_SEPT_LOCK, false,
					   __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

/* Unlocks it, too. */
void tdxm_sept_write(struct tdxm *m, const struct tdxm_walk *w, u64 entry)
{
	__atomic_store_n(slot(m, w), tdxm_sept_encode(m, w->table + 8 * w->index, w->level, entry),
			 __ATOMIC_RELEASE);
}

void tdxm_sept_report(struct tdxm_regs *regs, const struct tdxm_walk *w)
{
	u32 state = TDXM_SEPT_STATE(w->entry);

	if (state >= TDXM_SEPT_NR)
		state = TDXM_SEPT_FREE;		/* spoilt by the host */
	switch (state) {
	case TDXM_SEPT_FREE:
		regs->rcx = 0;				/* without its suppress-#VE bit */
		break;
	case TDXM_SEPT_NL_MAPPED:
		regs->rcx = 7;				/* read, write, execute */
		break;
	case TDXM_SEPT_NL_BLOCKED:
		regs->rcx = 0;
		break;
	default:
		regs->rcx = TDXM_SEPT_HPA(w->entry) | 1 << 7 |	/* leaf */
			    (state == TDXM_SEPT_MAPPED ? 7 : 0);
		break;
	}
	regs->rdx = (u64)public_state[state] << 8 | w->level;
}

void tdxm_sept_check_page(struct tdxm *m, u32 lp, u64 leaf, u64 pa)
{
	const u64 *page = tdxm_map(m, pa);
	u32 i;

	for (i = 0; page && i < ENTRIES; i++)
		if (!entry_sane(m, tdxm_sept_decode(m, pa + 8 * i, page[i]))) {
			tdxm_violate(m, TDXM_V_TD_PAGE_TOUCHED, lp, leaf, pa);
			return;
		}
}

u32 tdxm_page_sum(const struct tdxm *m, u64 pa)
{
	u64 sum = 0;
	u32 i;

	for (i = 0; i < TDXM_4K / 8; i++)
		sum = (sum ^ tdxm_page_word(m, pa, i)) * 0x9e3779b97f4a7c15ULL + 1;
	return (u32)(sum >> 52) | 1;
}
