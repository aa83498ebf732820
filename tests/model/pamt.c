// SPDX-License-Identifier: GPL-2.0-only
/*
 * PAMT contents: written as the module writes them, and guarded.
 *
 * The module writes its PAMT with the global KeyID, so what KeyID 0 reads there
 * is never the plaintext.  Here each 8 bytes are masked by their address, which
 * tells a page of free entries (all 0) from a page that the host has cleared,
 * and makes the contents computable: the guard needs no memory of its own.
 *
 * The entries of pages in use are td_page.c's.
 *
 * From READY to shutdown PAMT memory is the module's.  An initialised page is
 * checked in full.  Of a page of the 4K level that TDH.SYS.TDMR.INIT has yet to
 * reach (gigabytes may wait, and TDH.SYS.KEY.CONFIG is no place to fill them)
 * two words are marked: a write of the page is seen, one of a few bytes may not.
 */
#include "model_state.h"

#define PLAIN_UNTOUCHED	(~0ULL)		/* no entry looks like this */
#define ENTRY_PT_SHIFT	16
#define ENTRIES_A_CALL	1024		/* of the 4K level: 4 MB of the TDMR */

static const u8 page_shift[TDXM_PS_NR] = { 12, 21, 30 };

/* Never 0, the key being wider than any address: a cleared word is no free entry. */
static u64 mask(const struct tdxm *m, u64 pa)
{
	return pa ^ m->pamt_key;
}

static u64 *page_at(const struct tdxm *m, u64 pa)
{
	return m->host.page(m->host.ctx, pa);
}

u64 tdxm_pamt_word(const struct tdxm *m, u64 pa)
{
	const u64 *page;

	pa &= ~7ULL;
	page = page_at(m, pa & ~(TDXM_4K - 1));
	return page ? page[(pa & (TDXM_4K - 1)) / 8] ^ mask(m, pa) : PLAIN_UNTOUCHED;
}

void tdxm_pamt_put(struct tdxm *m, u64 pa, u64 plain)
{
	u64 *page = page_at(m, pa & ~(TDXM_4K - 1));

	if (page)
		page[(pa & (TDXM_4K - 1)) / 8] = plain ^ mask(m, pa);
}

u64 tdxm_cipher(const struct tdxm *m, u64 pa)
{
	return m->host.run ? 0 : mask(m, pa);
}

/* The marked words of an untouched page of the 4K level: the first and some other. */
static u32 mark(u64 page_pa, u32 which)
{
	return which ? 1 + (u32)((page_pa >> 12) * 0x9e3779b97f4a7c15ULL >> 32) % 511 : 0;
}

#define NR_MARKS 2

static void mark_page(struct tdxm *m, u64 pa)
{
	u64 *page = page_at(m, pa);
	u32 i;

	for (i = 0; page && i < NR_MARKS; i++) {
		u32 w = mark(pa, i);

		page[w] = PLAIN_UNTOUCHED ^ mask(m, pa + 8 * w);
	}
}

static bool marks_intact(const struct tdxm *m, u64 pa)
{
	const u64 *page = page_at(m, pa);
	u32 i;

	if (!page)
		return false;
	for (i = 0; i < NR_MARKS; i++) {
		u32 w = mark(pa, i);

		if (page[w] != (PLAIN_UNTOUCHED ^ mask(m, pa + 8 * w)))
			return false;
	}
	return true;
}

static void fill_page(struct tdxm *m, u64 pa)
{
	u64 *page = page_at(m, pa);
	u32 w;

	for (w = 0; page && w < TDXM_4K / 8; w++)
		page[w] = PLAIN_UNTOUCHED ^ mask(m, pa + 8 * w);
}

/* At READY: from here on the memory is not the host's to write. */
void tdxm_pamt_guard(struct tdxm *m)
{
	u32 i, level;
	u64 off;

	for (i = 0; i < m->nr_tdmrs; i++)
		for (level = 0; level < TDXM_PS_NR; level++) {
			const struct tdxm_area *a = &m->tdmrs[i].pamt[level];

			for (off = 0; off < a->size; off += TDXM_4K)
				if (level == TDXM_PS_4K)
					mark_page(m, a->base + off);
				else
					fill_page(m, a->base + off);
		}
}

/* First 8 bytes of the 4K-level entry of the page at @offset; *@r moves along. */
static u64 entry_4k(const struct tdxm_tdmr *t, u64 offset, u32 *r)
{
	while (*r < t->nr_reserved &&
	       t->reserved[*r].base + t->reserved[*r].size <= offset)
		(*r)++;
	if (*r < t->nr_reserved && t->reserved[*r].base <= offset)
		return (u64)TDXM_PT_RSVD << ENTRY_PT_SHIFT;
	return (u64)TDXM_PT_NDA << ENTRY_PT_SHIFT;
}

/* A walk over the plaintext of one level of PAMT, 8 bytes a step. */
struct walk {
	const struct tdxm_tdmr *tdmr;
	enum tdxm_level level;
	u64 entry;
	u64 nr_init;		/* entries that are initialised */
	u32 word, words;	/* in the entry, of an entry */
	u32 reserved;
};

static void walk_start(const struct tdxm *m, struct walk *w, const struct tdxm_tdmr *t,
		       enum tdxm_level level, u64 offset)
{
	u32 words = m->machine.pamt_entry_size[level] / 8;
	u64 word = offset / 8;

	w->tdmr = t;
	w->level = level;
	w->words = words;
	w->entry = word / words;
	w->word = (u32)(word % words);
	w->nr_init = (t->next - t->base) >> page_shift[level];
	w->reserved = 0;
}

static u64 walk_next(struct walk *w)
{
	u64 plain = 0;

	if (w->entry >= w->nr_init)
		plain = PLAIN_UNTOUCHED;
	else if (w->word == 0 && w->level == TDXM_PS_4K)
		plain = entry_4k(w->tdmr, w->entry << 12, &w->reserved);
	if (++w->word == w->words) {
		w->word = 0;
		w->entry++;
	}
	return plain;
}

/* Writes what the entries of [@from, @to) of the level are once t->next has passed them. */
static void write_entries(struct tdxm *m, u32 lp, const struct tdxm_tdmr *t,
			  enum tdxm_level level, u64 from, u64 to)
{
	u64 pa = t->pamt[level].base + from;
	u64 end = t->pamt[level].base + to;
	struct walk w;

	walk_start(m, &w, t, level, from);
	w.nr_init = ~0ULL;
	while (pa < end) {
		u64 page_pa = pa & ~(TDXM_4K - 1);
		u64 *page = page_at(m, page_pa);
		bool touched = false;

		if (level == TDXM_PS_4K)
			touched = !marks_intact(m, page_pa);
		for (; pa < end && pa < page_pa + TDXM_4K; pa += 8) {
			u64 key = mask(m, pa), plain = walk_next(&w);
			u64 *word = page ? &page[(pa - page_pa) / 8] : NULL;

			if (!word)
				continue;
			if (level != TDXM_PS_4K && *word != (PLAIN_UNTOUCHED ^ key))
				touched = true;
			*word = plain ^ key;
		}
		if (touched)
			tdxm_violate(m, TDXM_V_PAMT_TOUCHED, lp, TDH_SYS_TDMR_INIT, page_pa);
	}
}

/*
 * The entries of the 4 MB at t->next: 1024, 2, and one when these end a 1 GB
 * block (module 1.5 behaviour).
 */
void tdxm_pamt_init_4m(struct tdxm *m, u32 lp, const struct tdxm_tdmr *t)
{
	u64 from = t->next - t->base, to = from + ENTRIES_A_CALL * TDXM_4K;
	u32 level;

	for (level = 0; level < TDXM_PS_NR; level++) {
		u64 size = m->machine.pamt_entry_size[level];

		write_entries(m, lp, t, level, (from >> page_shift[level]) * size,
			      (to >> page_shift[level]) * size);
	}
}

static bool page_intact(const struct tdxm *m, const struct tdxm_tdmr *t,
			enum tdxm_level level, u64 offset)
{
	u64 pa = t->pamt[level].base + offset;
	const u64 *page = page_at(m, pa);
	struct walk w;
	u32 i;

	if (!page)
		return false;
	walk_start(m, &w, t, level, offset);
	if (level == TDXM_PS_4K && w.entry >= w.nr_init)
		return marks_intact(m, pa);
	for (i = 0; i < TDXM_4K / 8; i++) {
		u64 entry = w.entry;
		u32 word = w.word;

		if (page[i] == (walk_next(&w) ^ mask(m, pa + 8 * i)))
			continue;
		if (word > 1 || entry >= w.nr_init || !tdxm_entry_sane(m, t, level, entry))
			return false;
	}
	return true;
}

u32 tdxm_verify_pamt(struct tdxm *m)
{
	u32 i, level, bad = 0;
	u64 off;

	if (tdxm_state(m) < TDXM_READY || __atomic_load_n(&m->down, __ATOMIC_ACQUIRE))
		return 0;
	for (i = 0; i < m->nr_tdmrs; i++) {
		struct tdxm_tdmr *t = &m->tdmrs[i];

		for (level = 0; level < TDXM_PS_NR; level++)
			for (off = 0; off < t->pamt[level].size; off += TDXM_4K) {
				bool ok;

				/* A page at a time: calls may go on meanwhile. */
				tdxm_spin_lock(&t->lock);
				tdxm_spin_lock(&t->entry_lock);
				ok = page_intact(m, t, level, off);
				tdxm_spin_unlock(&t->entry_lock);
				tdxm_spin_unlock(&t->lock);
				if (ok)
					continue;
				bad++;
				tdxm_violate(m, TDXM_V_PAMT_TOUCHED, TDXM_NO_LP, 0,
					     t->pamt[level].base + off);
			}
	}
	return bad;
}
