// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDG.VM.RD and VM.WR: what a TD may know of itself and choose (TDX module ABI, "TDCS").  Of
 * TD_CTLS it has what the model does anyway: topology by CPUID, and no #VE for a page that is
 * pending.
 */
#include "model_state.h"

#define FIELD_CLASS(key)		((u32)((key) >> 56) & 0x3f)
#define FIELD(class, code)	((u64)(class) << 56 | (code))
#define NOTIFY_ENABLES		FIELD(17, 0x10)
#define CONFIG_FLAGS		FIELD(17, 0x16)
#define TD_CTLS			FIELD(17, 0x17)
#define TOPOLOGY_CONFIGURED	FIELD(17, 0x19)

#define CTL_ENUM_TOPOLOGY	2ULL
#define FLAG_FLEXIBLE_PENDING_VE 2ULL
#define NOTIFY_ZERO_STEP	1ULL

static bool read_field(struct tdxm_call *c, u64 key, u64 *value)
{
	const struct tdxm_td *td = c->td;

	switch (key) {
	case NOTIFY_ENABLES:
		*value = td->notify_enables;
		return true;
	case CONFIG_FLAGS:
		*value = td->config_flags;
		return true;
	case TD_CTLS:
		*value = td->td_ctls;
		return true;
	case TOPOLOGY_CONFIGURED:
		*value = 1;
		return true;
	default:
		/* Attributes and identity; life and keys are the host's to know. */
		return (FIELD_CLASS(key) == 17 || FIELD_CLASS(key) == 19) &&
		       tdxm_td_field(c->m, td, key, value);
	}
}

enum tdxm_after tdxm_tdg_vm_rd(struct tdxm_call *c, u64 *status)
{
	struct tdxm_regs *g = &c->vp->guest.regs;

	g->r8 = 0;
	*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	if (g->rcx)
		return TDXM_NEXT_INSN;
	*status = TDX_METADATA_FIELD_ID_INCORRECT;
	if (!(g->rdx & TDXM_FIELD_MUST_BE_0) && read_field(c, TDXM_FIELD_KEY(g->rdx), &g->r8))
		*status = TDX_SUCCESS;
	return TDXM_NEXT_INSN;
}

/* Bits of @mask that are not the guest's must stay as they are. */
u64 tdxm_guest_write(u64 before, u64 value, u64 mask, u64 writable, u64 *after)
{
	if (!(mask & writable))
		return TDX_METADATA_FIELD_NOT_WRITABLE;
	if ((before ^ value) & mask & ~writable)
		return TDX_METADATA_FIELD_VALUE_NOT_VALID;
	*after = (before & ~mask) | (value & mask);
	return TDX_SUCCESS;
}

static u64 write_field(struct tdxm_td *td, u64 key, u64 before, u64 value, u64 mask)
{
	u64 status, after;

	switch (key) {
	case NOTIFY_ENABLES:
		status = tdxm_guest_write(before, value, mask, NOTIFY_ZERO_STEP, &after);
		if (!status)
			td->notify_enables = after;
		return status;
	case TD_CTLS:
		status = tdxm_guest_write(before, value, mask,
					  TDXM_CTL_PENDING_VE_DISABLE | CTL_ENUM_TOPOLOGY, &after);
		if (!status && (before ^ after) & TDXM_CTL_PENDING_VE_DISABLE &&
		    !(td->config_flags & FLAG_FLEXIBLE_PENDING_VE))
			status = TDX_METADATA_FIELD_VALUE_NOT_VALID;
		if (!status)
			td->td_ctls = after;
		return status;
	default:
		return TDX_METADATA_FIELD_NOT_WRITABLE;
	}
}

/* The value before, in R8. */
enum tdxm_after tdxm_tdg_vm_wr(struct tdxm_call *c, u64 *status)
{
	struct tdxm_regs *g = &c->vp->guest.regs;
	u64 key = TDXM_FIELD_KEY(g->rdx), value = g->r8, before;

	g->r8 = 0;
	*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	if (g->rcx)
		return TDXM_NEXT_INSN;
	*status = TDX_METADATA_FIELD_ID_INCORRECT;
	if (g->rdx & TDXM_FIELD_MUST_BE_0 || !read_field(c, key, &before))
		return TDXM_NEXT_INSN;
	*status = write_field(c->td, key, before, value, g->r9);
	if (*status == TDX_SUCCESS)
		g->r8 = before;
	return TDXM_NEXT_INSN;
}
