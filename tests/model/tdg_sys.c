// SPDX-License-Identifier: GPL-2.0-only
/* TDG.SYS.RD: of the module's global metadata what a TD may know, field by field. */
#include "model_state.h"

/* Ascending by class and code. */
static const u64 readable[] = {
	0x0800000200000000,	/* VENDOR_ID */
	0x0800000100000003,	/* MINOR_VERSION */
	0x0800000100000004,	/* MAJOR_VERSION */
	0x0a00000200000000,	/* SYS_ATTRIBUTES */
	0x0a00000000000001,	/* NUM_TDX_FEATURES */
	0x0a00000300000008,	/* TDX_FEATURES0 */
};

#define NR_READABLE	(sizeof(readable) / sizeof(readable[0]))

static u32 find(u64 id)
{
	u32 i;

	for (i = 0; i < NR_READABLE; i++)
		if (TDXM_FIELD_KEY(readable[i]) == TDXM_FIELD_KEY(id))
			break;
	return i;
}

enum tdxm_after tdxm_tdg_sys_rd(struct tdxm_call *c, u64 *status)
{
	struct tdxm_regs *g = &c->vp->guest.regs;
	u64 id = g->rdx, value, next;
	u32 i = find(id);

	g->rdx = TDXM_NULL_FIELD;
	g->r8 = 0;
	if (id == TDXM_NULL_FIELD) {
		g->rdx = readable[0];
		*status = TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT;
	} else if (!tdxm_sys_element(c->m, id, &value, &next)) {
		*status = TDX_METADATA_FIELD_ID_INCORRECT;
	} else if (i == NR_READABLE) {
		*status = TDX_METADATA_FIELD_NOT_READABLE;
	} else {
		g->r8 = value;
		g->rdx = i + 1 < NR_READABLE ? readable[i + 1] : TDXM_NULL_FIELD;
		*status = TDX_SUCCESS;
	}
	return TDXM_NEXT_INSN;
}
