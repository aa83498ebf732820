// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDH.SYS.CONFIG.  The checks stand in the order in which the module makes them
 * (module 1.5 behaviour): a wrong array is answered with the same status.
 */
#include "model_state.h"

#define TDMR_INFO_ALIGN		512
#define TDMR_INFO_RESERVED	64	/* offset of the reserved areas */

static const u64 page_size[TDXM_PS_NR] = { 1ULL << 12, 1ULL << 21, 1ULL << 30 };

static bool overflows(u64 base, u64 size)
{
	return base + size < base;
}

static void read_tdmr(const struct tdxm *m, u64 pa, struct tdxm_tdmr *t)
{
	u64 words[8];
	u32 level, i;

	tdxm_read(m, pa, words, sizeof(words));
	t->base = words[0];
	t->size = words[1];
	for (level = 0; level < TDXM_PS_NR; level++) {
		/* 1G comes first. */
		t->pamt[level].base = words[2 + 2 * (TDXM_PS_1G - level)];
		t->pamt[level].size = words[3 + 2 * (TDXM_PS_1G - level)];
	}
	for (i = 0; i < m->machine.max_reserved; i++)
		tdxm_read(m, pa + TDMR_INFO_RESERVED + i * sizeof(t->reserved[i]),
			  &t->reserved[i], sizeof(t->reserved[i]));
	t->nr_reserved = 0;
	t->next = t->base;
}

static u64 check_order(const struct tdxm_tdmr *tdmrs, u32 i)
{
	const struct tdxm_tdmr *t = &tdmrs[i];

	if (overflows(t->base, t->size))
		return tdxm_info(TDX_INVALID_TDMR, i, 0, 0);
	if (i && t->base < t[-1].base + t[-1].size)
		return tdxm_info(TDX_NON_ORDERED_TDMR, i, 0, 0);
	return TDX_SUCCESS;
}

static u64 check_area(const struct tdxm *m, u32 i)
{
	const struct tdxm_tdmr *t = &m->tdmrs[i];

	if (!t->size || (t->base | t->size) & (TDXM_1G - 1) ||
	    !tdxm_plain_pa(m, t->base) || !tdxm_plain_pa(m, t->base + t->size - 1))
		return tdxm_info(TDX_INVALID_TDMR, i, 0, 0);
	return TDX_SUCCESS;
}

/* One reserved area that is not null, against the one before and its TDMR. */
static u64 check_one_reserved(const struct tdxm_tdmr *t, u32 i, u32 j)
{
	const struct tdxm_area *r = &t->reserved[j];

	if (overflows(r->base, r->size))
		return tdxm_info(TDX_INVALID_RESERVED_IN_TDMR, i, j, 0);
	if (j && r->base < r[-1].base + r[-1].size)
		return tdxm_info(TDX_NON_ORDERED_RESERVED_IN_TDMR, i, j, 0);
	if ((r->base | r->size) & (TDXM_4K - 1) || r->base + r->size > t->size)
		return tdxm_info(TDX_INVALID_RESERVED_IN_TDMR, i, j, 0);
	return TDX_SUCCESS;
}

static u64 check_reserved(struct tdxm *m, u32 i)
{
	struct tdxm_tdmr *t = &m->tdmrs[i];
	u32 j, max = m->machine.max_reserved;

	for (j = 0; j < max; j++) {
		u64 status = TDX_SUCCESS;

		if (!t->reserved[j].size) {
			if (j + 1 < max && t->reserved[j + 1].size)
				return tdxm_info(TDX_NON_ORDERED_RESERVED_IN_TDMR, i, j, 0);
			continue;
		}
		status = check_one_reserved(t, i, j);
		if (status)
			return status;
		t->nr_reserved = j + 1;
	}
	return TDX_SUCCESS;
}

static bool pamt_valid(const struct tdxm *m, const struct tdxm_tdmr *t, u32 level)
{
	const struct tdxm_area *p = &t->pamt[level];

	return !overflows(p->base, p->size) && !((p->base | p->size) & (TDXM_4K - 1)) &&
	       tdxm_plain_pa(m, p->base) && tdxm_plain_pa(m, p->base + p->size - 1) &&
	       p->size >= t->size / page_size[level] * m->machine.pamt_entry_size[level];
}

static u64 check_pamts(const struct tdxm *m, u32 i)
{
	int level;

	for (level = TDXM_PS_1G; level >= TDXM_PS_4K; level--)
		if (!pamt_valid(m, &m->tdmrs[i], (u32)level))
			return tdxm_info(TDX_INVALID_PAMT, i, (u32)level, 0);
	return TDX_SUCCESS;
}

static bool areas_overlap(const struct tdxm_area *a, const struct tdxm_area *b)
{
	return tdxm_overlap(a->base, a->size, b->base, b->size);
}

static u64 check_pamt_pamt(const struct tdxm *m, u32 i)
{
	const struct tdxm_area *mine = m->tdmrs[i].pamt;
	u32 j, level, other;

	for (j = 0; j < i; j++)
		for (level = 0; level < TDXM_PS_NR; level++)
			for (other = 0; other < TDXM_PS_NR; other++)
				if (areas_overlap(&mine[level], &m->tdmrs[j].pamt[other]))
					return tdxm_info(TDX_PAMT_OVERLAP, i, level, j);
	for (level = 0; level < TDXM_PS_NR; level++)
		for (other = level + 1; other < TDXM_PS_NR; other++)
			if (areas_overlap(&mine[level], &mine[other]))
				return tdxm_info(TDX_PAMT_OVERLAP, i, level, i);
	return TDX_SUCCESS;
}

/*
 * The @n-th part of the TDMR outside reserved areas; parts may be empty, where
 * areas touch.  False: there are no more.
 */
static bool available(const struct tdxm_tdmr *t, u32 n, struct tdxm_area *part)
{
	u64 start = 0, end = t->size;

	if (n > t->nr_reserved)
		return false;
	if (n)
		start = t->reserved[n - 1].base + t->reserved[n - 1].size;
	if (n < t->nr_reserved)
		end = t->reserved[n].base;
	part->base = t->base + start;
	part->size = end - start;
	return true;
}

static bool overlaps_available(const struct tdxm_tdmr *t, const struct tdxm_area *pamt)
{
	struct tdxm_area part;
	u32 n;

	for (n = 0; available(t, n, &part); n++)
		if (part.size && areas_overlap(pamt, &part))
			return true;
	return false;
}

static u64 check_pamt_tdmr(const struct tdxm *m, u32 pamt, u32 tdmr)
{
	u32 level;

	for (level = 0; level < TDXM_PS_NR; level++)
		if (overlaps_available(&m->tdmrs[tdmr], &m->tdmrs[pamt].pamt[level]))
			return tdxm_info(TDX_PAMT_OVERLAP, pamt, level, tdmr);
	return TDX_SUCCESS;
}

static u64 check_pamts_tdmrs(const struct tdxm *m, u32 i)
{
	u64 status;
	u32 j;

	for (j = 0; j <= i; j++) {
		status = check_pamt_tdmr(m, i, j);
		if (!status)
			status = check_pamt_tdmr(m, j, i);
		if (status)
			return status;
	}
	return TDX_SUCCESS;
}

/* Adjacent CMRs count as one. */
static bool in_cmr(const struct tdxm *m, const struct tdxm_area *a)
{
	u64 start = 0, end = 0;
	u32 i;

	for (i = 0; i < m->machine.nr_cmrs; i++) {
		const struct tdxm_cmr *c = &m->machine.cmrs[i];

		if (!c->size)
			continue;
		if (c->base != end)
			start = c->base;
		end = c->base + c->size;
		if (a->base >= start && a->base + a->size <= end)
			return true;
	}
	return false;
}

/*
 * TDX 1.0 looks for a part after the last of all reserved areas even where the
 * TDMR ends there: an empty one, which must begin in a CMR all the same.
 */
static bool end_outside(const struct tdxm *m, const struct tdxm_tdmr *t)
{
	const struct tdxm_area end = { t->base + t->size, 1 };
	struct tdxm_area part;

	if (!m->version->end_in_cmr || t->nr_reserved != m->machine.max_reserved)
		return false;
	available(t, t->nr_reserved, &part);
	return !part.size && !in_cmr(m, &end);
}

static u64 check_cmrs(const struct tdxm *m, u32 i)
{
	const struct tdxm_tdmr *t = &m->tdmrs[i];
	struct tdxm_area part;
	int level;
	u32 n;

	for (level = TDXM_PS_1G; level >= TDXM_PS_4K; level--)
		if (!in_cmr(m, &t->pamt[level]))
			return tdxm_info(TDX_PAMT_OUTSIDE_CMRS, i, (u32)level, 0);
	for (n = 0; available(t, n, &part); n++)
		if (part.size && !in_cmr(m, &part))
			return tdxm_info(TDX_TDMR_OUTSIDE_CMRS, i, 0, 0);
	if (end_outside(m, t))
		return tdxm_info(TDX_TDMR_OUTSIDE_CMRS, i, 0, 0);
	return TDX_SUCCESS;
}

/*
 * The published modules crash by a PAMT at address 0 (assumed: here, rather than when they
 * first write to it; and that they then answer nothing).
 */
static bool pamt_at_0(const struct tdxm *m)
{
	u32 i, level;

	for (i = 0; i < m->nr_tdmrs; i++)
		for (level = 0; level < TDXM_PS_NR; level++)
			if (!m->tdmrs[i].pamt[level].base)
				return true;
	return false;
}

static u64 take_tdmr(struct tdxm *m, u64 pa, u32 i)
{
	u64 status = tdxm_check_shared(m, pa, TDMR_INFO_ALIGN);

	if (status)
		return tdxm_operand(status, TDX_OPERAND_ID_RCX);
	read_tdmr(m, pa, &m->tdmrs[i]);
	status = check_order(m->tdmrs, i);
	if (!status)
		status = check_area(m, i);
	if (!status)
		status = check_reserved(m, i);
	if (!status)
		status = check_pamts(m, i);
	if (!status)
		status = check_pamt_pamt(m, i);
	if (!status)
		status = check_pamts_tdmrs(m, i);
	if (!status)
		status = check_cmrs(m, i);
	return status;
}

bool tdxm_enough_lps(const struct tdxm *m)
{
	if (m->version->lp_init_any_time)
		return __atomic_load_n(&m->pkgs_lp_init, __ATOMIC_ACQUIRE) == m->pkgs;
	return __atomic_load_n(&m->nr_lps_init, __ATOMIC_ACQUIRE) == m->machine.nr_lps;
}

/* Version 1 asks for features to be enabled: those there are, and nothing else. */
static u64 check_version_1(const struct tdxm_call *c)
{
	if (c->version && c->in.r9 & ~c->m->version->features0)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_R9);
	if (c->version && c->in.r10)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_R10);
	return TDX_SUCCESS;
}

static u64 check_operands(const struct tdxm_call *c)
{
	struct tdxm *m = c->m;
	u64 status;

	if (tdxm_state(m) != TDXM_INIT_DONE || !tdxm_enough_lps(m))
		return TDX_SYS_CONFIG_NOT_PENDING;
	if (!tdxm_lp_is_init(m, c->lp))
		return TDX_SYS_LP_INIT_NOT_DONE;
	status = tdxm_check_shared(m, c->in.rcx, TDMR_INFO_ALIGN);
	if (status)
		return tdxm_operand(status, TDX_OPERAND_ID_RCX);
	if (c->in.rdx < 1 || c->in.rdx > m->machine.max_tdmrs)
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RDX);
	/*
	 * KeyIDs are 16 bits wide, so bits above them are never private either: Dynamic
	 * PAMT, bit 16 of newer modules, is not modelled.
	 */
	if (!tdxm_private_keyid(m, c->in.r8))
		return tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_R8);
	return check_version_1(c);
}

u64 tdxm_sys_config(struct tdxm_call *c)
{
	struct tdxm *m = c->m;
	u64 status = check_operands(c), pa;
	u32 i;

	if (status)
		return status;
	/* It stays so if the array is refused (module 1.5.01 behaviour). */
	m->tds.keyids[c->in.r8].state = TDXM_KEYID_RESERVED;
	for (i = 0; i < c->in.rdx; i++) {
		tdxm_read(m, c->in.rcx + i * sizeof(pa), &pa, sizeof(pa));
		status = take_tdmr(m, pa, i);
		if (status)
			return status;
	}
	m->nr_tdmrs = (u32)c->in.rdx;
	if (pamt_at_0(m))
		__atomic_store_n(&m->crashed, true, __ATOMIC_RELEASE);
	tdxm_advance(m, TDXM_INIT_DONE, TDXM_CONFIG_DONE);
	return TDX_SUCCESS;
}
