// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDG.SYS.RD and SYS.RDALL: of the module's global metadata what a TD may know, field by field
 * and as a list (sys_rdall.c has its form).
 */
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

/* The guest's first field from @id on, which need not be the guest's; or NR_READABLE. */
static u32 first_from(u64 id)
{
	u32 i;

	for (i = 0; i < NR_READABLE; i++)
		if (TDXM_FIELD_KEY(readable[i]) >= TDXM_FIELD_KEY(id))
			break;
	return i;
}

/* Which of them it is; NR_READABLE: none. */
static u32 find(u64 id)
{
	u32 i = first_from(id);

	return i < NR_READABLE && TDXM_FIELD_KEY(readable[i]) == TDXM_FIELD_KEY(id) ? i : NR_READABLE;
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

#define HEADER		8U

/* All of it fits into a page. */
static void list_from(const struct tdxm *m, u32 i, u8 *list)
{
	u32 size = HEADER, sequences = 0, n;
	u64 value, next;

	for (; i < NR_READABLE; i += n, sequences++) {
		u32 at = size;

		size += 8;
		for (n = 0; i + n < NR_READABLE && readable[i + n] == readable[i] + n; n++) {
			tdxm_sys_element(m, readable[i + n], &value, &next);
			tdxm_put(list, size, value, 8);
			size += 8;
		}
		tdxm_put(list, at, readable[i] | (u64)(n - 1) << 38, 8);
	}
	tdxm_put(list, 0, (u64)sequences << 16 | size, HEADER);
}

enum tdxm_after tdxm_tdg_sys_rdall(struct tdxm_call *c, u64 *status)
{
	struct tdxm_regs *g = &c->vp->guest.regs;
	const struct tdxm_access to = { .gpa = g->rdx, .write = true, .by_leaf = true };
	u64 id = g->r8, value, next;
	u8 *list;

	*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RDX);
	if (to.gpa % TDXM_4K || !tdxm_gpa_private(c->td, to.gpa)) {
		g->r8 = TDXM_NULL_FIELD;
		return TDXM_NEXT_INSN;
	}
	list = tdxm_guest_page(c, to.gpa);
	if (!list)
		return tdxm_guest_violation(c, &to);
	g->r8 = TDXM_NULL_FIELD;
	*status = TDX_METADATA_FIELD_ID_INCORRECT;
	if (id == TDXM_NULL_FIELD)
		id = readable[0];
	else if (!tdxm_sys_element(c->m, id, &value, &next))
		return TDXM_NEXT_INSN;
	list_from(c->m, first_from(id), list);
	*status = TDX_SUCCESS;
	return TDXM_NEXT_INSN;
}
