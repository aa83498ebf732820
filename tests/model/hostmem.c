// SPDX-License-Identifier: GPL-2.0-only
/* Checks physical addresses from the host, and accesses the memory there. */
#include "model_state.h"

/* KeyIDs: 0 and the MKTME ones are shared, the TDX ones above them private. */
bool tdxm_private_keyid(const struct tdxm *m, u64 keyid)
{
	return keyid > m->machine.nr_mktme_keyids &&
	       keyid <= (u64)m->machine.nr_mktme_keyids + m->machine.nr_tdx_keyids;
}

/* Below MAXPHYADDR with KeyID 0. */
bool tdxm_plain_pa(const struct tdxm *m, u64 pa)
{
	return pa < m->pa_limit;
}

static u64 strip_keyid(const struct tdxm *m, u64 pa)
{
	return pa & (m->pa_limit - 1);
}

/* Module 1.5 behaviour; that there is memory at @pa is asked for here, too. */
u64 tdxm_check_shared(const struct tdxm *m, u64 pa, u64 align)
{
	if (pa & (align - 1) || pa >> m->machine.phys_bits)
		return TDX_OPERAND_INVALID;
	if (pa >> m->pa_bits > m->machine.nr_mktme_keyids)
		return TDX_OPERAND_INVALID;
	if (tdxm_overlap(strip_keyid(m, pa), align, m->machine.seamrr_base, m->machine.seamrr_size))
		return TDX_OPERAND_INVALID;
	if (!m->host.page(m->host.ctx, strip_keyid(m, pa) & ~(TDXM_4K - 1)))
		return TDX_OPERAND_INVALID;
	return TDX_SUCCESS;
}

void *tdxm_map(const struct tdxm *m, u64 pa)
{
	u64 plain = strip_keyid(m, pa);
	u8 *page = m->host.page(m->host.ctx, plain & ~(TDXM_4K - 1));

	return page ? page + (plain & (TDXM_4K - 1)) : NULL;
}

/* Within one page, too. What no memory backs reads as all ones. */
void tdxm_read(const struct tdxm *m, u64 pa, void *to, u32 size)
{
	const void *from = tdxm_map(m, pa);

	if (from)
		memcpy(to, from, size);
	else
		memset(to, 0xff, size);
}
