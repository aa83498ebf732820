// SPDX-License-Identifier: GPL-2.0-only
/*
 * The format of a secure EPT entry in memory.
 *
 * Where TDs are a script it is masked, as all memory of a TD.  Where they run, the CPU
 * walks it, by AMD's nested paging: 7:0 and 51:12 are as in any x86 page table, accessed and
 * dirty set so that the CPU never writes, and the entry is present only where it maps.
 * Bits that the CPU ignores hold the rest: 8 lock, 11:9 state, 58:52 a check of what is
 * written where, so that a page which the host has cleared is no table of free entries.
 * 62:59 stay clear: with CR4.PKE they are a protection key.
 */
#include "model_state.h"

#define PRESENT		0x27ULL		/* present, writable, user, accessed */
#define DIRTY		0x40ULL
#define LARGE		0x80ULL
#define STATE_SHIFT	9
#define CHECK_SHIFT	52
#define CHECK_MASK	0x7fULL
#define NO_ENTRY	0xffULL		/* a state that there is not */

static u64 cpu_bits(u32 state, u32 level)
{
	if (state == TDXM_SEPT_NL_MAPPED)
		return PRESENT;
	if (state != TDXM_SEPT_MAPPED)
		return 0;
	return PRESENT | DIRTY | (level == TDXM_PS_4K ? 0 : LARGE);
}

/* Never 0, which is what cleared memory would have. */
static u64 check(const struct tdxm *m, u64 at, u64 entry)
{
	u64 x = (TDXM_SEPT_HPA(entry) | TDXM_SEPT_STATE(entry)) ^ (at + m->pamt_key);

	x *= 0xbf58476d1ce4e5b9ULL;
	return 1 + (x >> 40) % CHECK_MASK;
}

u64 tdxm_sept_encode(const struct tdxm *m, u64 at, u32 level, u64 entry)
{
	u32 state = TDXM_SEPT_STATE(entry);

	if (!m->host.run)
		return entry ^ tdxm_cipher(m, at);
	return TDXM_SEPT_HPA(entry) | (entry & TDXM_SEPT_LOCK) | (u64)state << STATE_SHIFT |
	       cpu_bits(state, level) | check(m, at, entry) << CHECK_SHIFT;
}

u64 tdxm_sept_decode(const struct tdxm *m, u64 at, u64 word)
{
	u64 entry;

	if (!m->host.run)
		return word ^ tdxm_cipher(m, at);
	entry = TDXM_SEPT_HPA(word) | (word & TDXM_SEPT_LOCK) | (word >> STATE_SHIFT & 7);
	return word >> CHECK_SHIFT == check(m, at, entry) ? entry : NO_ENTRY;
}

void tdxm_sept_fill(struct tdxm *m, u64 pa)
{
	u64 *page = tdxm_map(m, pa);
	u32 i;

	for (i = 0; page && i < TDXM_4K / 8; i++)
		page[i] = tdxm_sept_encode(m, pa + 8 * i, TDXM_PS_4K, TDXM_SEPT_FREE);
}
