// SPDX-License-Identifier: GPL-2.0-only
/* Counts of TDs and more, for tests. */
#include "model_state.h"

u32 tdxm_nr_tds(const struct tdxm *m)
{
	u32 i, n = 0;

	for (i = 0; i < TDXM_MAX_TDS; i++)
		n += __atomic_load_n(&m->tds.td_used[i], __ATOMIC_RELAXED) != 0;
	return n;
}

u32 tdxm_nr_keyids_used(const struct tdxm *m)
{
	u32 i, n = 0;

	for (i = 0; i < sizeof(m->tds.keyids) / sizeof(m->tds.keyids[0]); i++)
		n += __atomic_load_n(&m->tds.keyids[i].state, __ATOMIC_RELAXED) > TDXM_KEYID_RESERVED;
	return n;
}
