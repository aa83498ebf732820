// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages as the PAMT has them: type, owner and lock of each, and what they hold
 * while they are a TD's.
 *
 * An entry's first word is lock (15:0), type (23:16) and owner (63:24); of the
 * second the low half is data, the high half a checksum of the rest. A free or
 * reserved entry that nobody has locked is as TDH.SYS.TDMR.INIT wrote it.
 */
#include "model_state.h"

#define LOCK_MASK	0xffffULL
#define LOCK_EXCLUSIVE	0xffffULL
#define TYPE(w)		((u8)((w) >> 16))
#define OWNER(w)	((w) >> 24 << 12)
#define PAGES_2M	512

static const u8 page_shift[TDXM_PS_NR] = { 12, 21, 30 };

static struct tdxm_tdmr *covering_tdmr(struct tdxm *m, u64 pa)
{
	u32 i;

	for (i = 0; i < m->nr_tdmrs; i++)
		if (pa >= m->tdmrs[i].base && pa - m->tdmrs[i].base < m->tdmrs[i].size)
			return &m->tdmrs[i];
	return NULL;
}

static u64 entry_pa(const struct tdxm *m, const struct tdxm_tdmr *t, u32 level, u64 index)
{
	return t->pamt[level].base + index * m->machine.pamt_entry_size[level];
}

static u64 index_of(const struct tdxm_tdmr *t, u32 level, u64 pa)
{
	return (pa - t->base) >> page_shift[level];
}

static u64 first_word(const struct tdxm *m, const struct tdxm_tdmr *t, u32 level, u64 pa)
{
	return tdxm_pamt_word(m, entry_pa(m, t, level, index_of(t, level, pa)));
}

static u32 entry_data(const struct tdxm *m, const struct tdxm_tdmr *t, u32 level, u64 pa)
{
	return (u32)tdxm_pamt_word(m, entry_pa(m, t, level, index_of(t, level, pa)) + 8);
}

static u32 checksum(const struct tdxm *m, u64 pa, u64 word, u32 data)
{
	u64 x = (word ^ pa * 0x9e3779b97f4a7c15ULL) + (data ^ m->pamt_key);

	x ^= x >> 29;
	x *= 0xbf58476d1ce4e5b9ULL;
	return (u32)(x >> 32);
}

static bool as_initialised(u64 word)
{
	return word == (u64)TDXM_PT_NDA << 16 || word == (u64)TDXM_PT_RSVD << 16;
}

static void put_entry(struct tdxm *m, const struct tdxm_tdmr *t, u32 level, u64 pa, u64 word,
		      u32 data)
{
	u64 at = entry_pa(m, t, level, index_of(t, level, pa));
	u64 second = as_initialised(word) ? 0 :
		     (u64)checksum(m, at, word, data) << 32 | data;

	tdxm_pamt_put(m, at, word);
	tdxm_pamt_put(m, at + 8, second);
}

bool tdxm_entry_sane(const struct tdxm *m, const struct tdxm_tdmr *t, u32 level, u64 index)
{
	u64 at = entry_pa(m, t, level, index);
	u64 word = tdxm_pamt_word(m, at), second = tdxm_pamt_word(m, at + 8);

	return !as_initialised(word) &&
	       (u32)(second >> 32) == checksum(m, at, word, (u32)second);
}

/* Nothing in the 2 MB at @pa is used or locked. */
static u64 all_free(const struct tdxm *m, const struct tdxm_tdmr *t, u64 pa)
{
	u32 i;

	for (i = 0; i < PAGES_2M; i++) {
		u64 word = first_word(m, t, TDXM_PS_4K, pa + i * TDXM_4K);

		if (TYPE(word) != TDXM_PT_NDA)
			return TDX_PAGE_METADATA_INCORRECT;
		if (word & LOCK_MASK)
			return TDX_OPERAND_BUSY;
	}
	return TDX_SUCCESS;
}

/* The level at which the page is known, and whether it can be had at all. */
static u64 find_leaf(const struct tdxm *m, const struct tdxm_tdmr *t, u64 pa, u32 *level)
{
	u64 word = first_word(m, t, TDXM_PS_2M, pa);

	if (TYPE(word) != TDXM_PT_NDA) {
		*level = TDXM_PS_2M;
		return TDX_SUCCESS;
	}
	if (word & LOCK_MASK)
		return TDX_OPERAND_BUSY;
	return *level == TDXM_PS_2M ? all_free(m, t, pa) : TDX_SUCCESS;
}

static u64 lock_entry(struct tdxm *m, struct tdxm_page *p, u64 pa, bool exclusive)
{
	u64 lock, word, status;

	status = find_leaf(m, p->tdmr, pa, &p->level);
	if (status)
		return status;
	p->pa = pa & ~((1ULL << page_shift[p->level]) - 1);
	word = first_word(m, p->tdmr, p->level, pa);
	lock = word & LOCK_MASK;
	if (exclusive ? lock : lock >= LOCK_EXCLUSIVE - 1)
		return TDX_OPERAND_BUSY;
	if (!as_initialised(word) &&
	    !tdxm_entry_sane(m, p->tdmr, p->level, index_of(p->tdmr, p->level, pa))) {
		tdxm_violate(m, TDXM_V_PAMT_TOUCHED, TDXM_NO_LP, 0,
			     entry_pa(m, p->tdmr, p->level, index_of(p->tdmr, p->level, pa)));
		return TDX_PAGE_METADATA_INCORRECT;
	}
	p->type = TYPE(word);
	p->owner = OWNER(word);
	p->data = entry_data(m, p->tdmr, p->level, pa);
	put_entry(m, p->tdmr, p->level, p->pa,
		  (word & ~LOCK_MASK) | (exclusive ? LOCK_EXCLUSIVE : lock + 1), p->data);
	return TDX_SUCCESS;
}

u64 tdxm_page_lock(struct tdxm *m, u64 pa, u32 level, bool exclusive, struct tdxm_page *p)
{
	u64 status;

	if (pa & ((1ULL << page_shift[level]) - 1) || !tdxm_plain_pa(m, pa))
		return TDX_OPERAND_INVALID;
	p->tdmr = covering_tdmr(m, pa);
	if (!p->tdmr || pa >= (__atomic_load_n(&p->tdmr->next, __ATOMIC_ACQUIRE) & ~(TDXM_1G - 1)))
		return TDX_OPERAND_ADDR_RANGE_ERROR;
	p->level = level;
	p->exclusive = exclusive;
	tdxm_spin_lock(&p->tdmr->entry_lock);
	status = lock_entry(m, p, pa, exclusive);
	tdxm_spin_unlock(&p->tdmr->entry_lock);
	return status;
}

void tdxm_page_unlock(struct tdxm *m, struct tdxm_page *p)
{
	u64 word;

	tdxm_spin_lock(&p->tdmr->entry_lock);
	word = first_word(m, p->tdmr, p->level, p->pa);
	/* Another sharer may have set the data meanwhile. */
	put_entry(m, p->tdmr, p->level, p->pa, p->exclusive ? word & ~LOCK_MASK : word - 1,
		  entry_data(m, p->tdmr, p->level, p->pa));
	tdxm_spin_unlock(&p->tdmr->entry_lock);
}

void tdxm_page_set(struct tdxm *m, struct tdxm_page *p, u8 type, u64 owner, u32 data)
{
	u64 word;

	p->type = type;
	p->owner = owner;
	p->data = data;
	tdxm_spin_lock(&p->tdmr->entry_lock);
	word = first_word(m, p->tdmr, p->level, p->pa) & LOCK_MASK;
	put_entry(m, p->tdmr, p->level, p->pa, owner >> 12 << 24 | (u64)type << 16 | word, data);
	tdxm_spin_unlock(&p->tdmr->entry_lock);
	if (m->host.hide)
		m->host.hide(m->host.ctx, p->pa, 1ULL << page_shift[p->level], type != TDXM_PT_NDA);
}

/* The TDR of the page's TD; 0: it is no TD's. */
static u64 tdr_of(struct tdxm *m, u64 pa)
{
	struct tdxm_tdmr *t = covering_tdmr(m, pa);
	u64 word = t ? first_word(m, t, TDXM_PS_2M, pa) : 0;

	if (t && TYPE(word) == TDXM_PT_NDA)
		word = first_word(m, t, TDXM_PS_4K, pa);
	return TYPE(word) == TDXM_PT_TDR ? pa : OWNER(word);
}

void tdxm_page_touched(struct tdxm *m, u32 lp, u64 pa, bool written)
{
	u64 tdr = tdr_of(m, pa);
	u32 i;

	tdxm_violate(m, TDXM_V_TD_PAGE_TOUCHED, lp, 0, pa);
	for (i = 0; i < TDXM_MAX_TDS; i++)
		if (written && m->tds.td_used[i] && m->tds.td[i].tdr == tdr)
			__atomic_store_n(&m->tds.td[i].fatal, true, __ATOMIC_RELAXED);
}

static struct tdxm_tdmr *tdmr_of_page(struct tdxm *m, u64 pa, u8 type, u64 owner, u32 level)
{
	struct tdxm_tdmr *t = covering_tdmr(m, pa);
	u64 word;

	if (!t || pa & ((1ULL << page_shift[level]) - 1))
		return NULL;
	word = first_word(m, t, level, pa);
	return TYPE(word) == type && OWNER(word) == owner ? t : NULL;
}

bool tdxm_page_is(struct tdxm *m, u64 pa, u32 level, u8 type, u64 owner)
{
	return tdmr_of_page(m, pa, type, owner, level) && tdxm_map(m, pa);
}

void tdxm_page_set_data(struct tdxm *m, u64 pa, u32 level, u8 type, u64 owner, u32 data)
{
	struct tdxm_tdmr *t = tdmr_of_page(m, pa, type, owner, level);

	if (!t)
		return;
	tdxm_spin_lock(&t->entry_lock);
	put_entry(m, t, level, pa, first_word(m, t, level, pa), data);
	tdxm_spin_unlock(&t->entry_lock);
}

u64 tdxm_page_take(struct tdxm *m, u64 pa, u32 level, bool exclusive, u8 type, u32 operand,
		   struct tdxm_page *p)
{
	u64 status = tdxm_page_lock(m, pa, level, exclusive, p);

	if (status)
		return tdxm_operand(status, operand);
	if (p->type != type || p->level != level) {
		tdxm_page_unlock(m, p);
		return tdxm_operand(TDX_PAGE_METADATA_INCORRECT, operand);
	}
	/* As in tdxm_check_shared(): that there is memory is asked for here, too. */
	if (!tdxm_map(m, pa)) {
		tdxm_page_unlock(m, p);
		return tdxm_operand(TDX_OPERAND_INVALID, operand);
	}
	return TDX_SUCCESS;
}

/* Zeroes, as the TD would see them. */
void tdxm_page_fill(struct tdxm *m, u64 pa)
{
	u64 *page = tdxm_map(m, pa);
	u32 w;

	for (w = 0; page && w < TDXM_4K / 8; w++)
		page[w] = tdxm_cipher(m, pa + 8 * w);
}

u64 tdxm_page_word(const struct tdxm *m, u64 pa, u32 word)
{
	const u64 *page = tdxm_map(m, pa);

	return page ? page[word] ^ tdxm_cipher(m, pa + 8 * word) : ~0ULL;
}

void tdxm_page_check_filled(struct tdxm *m, u32 lp, u64 leaf, u64 pa)
{
	u32 w;

	for (w = 0; w < TDXM_4K / 8; w++)
		if (tdxm_page_word(m, pa, w)) {
			tdxm_violate(m, TDXM_V_TD_PAGE_TOUCHED, lp, leaf, pa);
			return;
		}
}
