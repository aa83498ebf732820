// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDG.VM.RD and VM.WR: what a TD may know of itself and choose (TDX module ABI, "TDCS"), but
 * for its UUID and for service TDs, which are not modelled.  Of TD_CTLS it has what the model
 * does anyway: topology by CPUID, and no #VE for a page that is pending.
 */
#include "model_state.h"

#define FIELD(class, code)	((u64)(class) << 56 | (code))
#define NUM_L2_VMS		FIELD(16, 5)
#define TSC_FREQUENCY		FIELD(17, 0xc)
#define NOTIFY_ENABLES		FIELD(17, 0x10)
#define CONFIG_FLAGS		FIELD(17, 0x16)
#define TD_CTLS			FIELD(17, 0x17)
#define TOPOLOGY_CONFIGURED	FIELD(17, 0x19)
#define RTMR(element)		FIELD(19, 0x40 + (element))

#define CTL_ENUM_TOPOLOGY	2ULL
#define FLAG_FLEXIBLE_PENDING_VE 2ULL
#define NOTIFY_ZERO_STEP	1ULL

/* What the guest may read, ascending by class and code; the rest is the host's, or nobody's. */
static const struct tdxm_guest_field fields[] = {
	{ 0x9010000200000001, .nr = 1 },	/* NUM_VCPUS */
	{ 0x9010000100000005, .nr = 1 },	/* NUM_L2_VMS */
	{ 0x1110000300000000, .nr = 1 },	/* ATTRIBUTES */
	{ 0x1110000300000001, .nr = 1 },	/* XFAM */
	{ 0x1110000200000002, .nr = 1 },	/* MAX_VCPUS */
	{ 0x1110000000000003, .nr = 1 },	/* GPAW */
	{ 0x111000010000000c, .nr = 1 },	/* TSC_FREQUENCY */
	{ 0x9110000300000010, .nr = 1 },	/* NOTIFY_ENABLES */
	{ 0x1110000300000016, .nr = 1 },	/* CONFIG_FLAGS */
	{ 0x1110000300000017, .nr = 1 },	/* TD_CTLS */
	{ 0x9110000000000019, .nr = 1 },	/* TOPOLOGY_ENUM_CONFIGURED */
	{ 0x1310000300000000, .nr = 6 },	/* MRTD */
	{ 0x1310000300000010, .nr = 6 },	/* MRCONFIGID */
	{ 0x1310000300000018, .nr = 6 },	/* MROWNER */
	{ 0x1310000300000020, .nr = 6 },	/* MROWNERCONFIG */
	{ 0x1310000300000040, .nr = 6 * TDXM_NR_RTMRS },
};

#define NR_FIELDS	(sizeof(fields) / sizeof(fields[0]))

/* A field of the guest's. */
static u64 value_of(struct tdxm_call *c, u64 key)
{
	const struct tdxm_td *td = c->td;
	u64 value = 0;

	switch (key) {
	case NUM_L2_VMS:
		return td->nr_l2_vms;
	case TSC_FREQUENCY:
		return td->tsc_frequency;
	case NOTIFY_ENABLES:
		return __atomic_load_n(&td->notify_enables, __ATOMIC_RELAXED);
	case CONFIG_FLAGS:
		return td->config_flags;
	case TD_CTLS:
		return __atomic_load_n(&td->td_ctls, __ATOMIC_RELAXED);
	case TOPOLOGY_CONFIGURED:
		return 1;
	default:
		if (key >= RTMR(0) && key < RTMR(6 * TDXM_NR_RTMRS))
			return td->rtmr[(key - RTMR(0)) / 6][(key - RTMR(0)) % 6];
		tdxm_td_field(c->m, td, key, &value);
		return value;
	}
}

/* Of a field that is not the guest's. */
static u64 refuse(struct tdxm_call *c, u64 id, u64 status)
{
	u64 value;

	return !(id & TDXM_FIELD_MUST_BE_0) && tdxm_td_field(c->m, c->td, TDXM_FIELD_KEY(id), &value) ?
	       status : TDX_METADATA_FIELD_ID_INCORRECT;
}

static u64 read_field(struct tdxm_call *c, u64 id, u64 *next)
{
	struct tdxm_regs *g = &c->vp->guest.regs;
	const struct tdxm_guest_field *f;
	u32 element;

	f = tdxm_guest_field(fields, NR_FIELDS, id, &element);
	if (!f || id & TDXM_FIELD_MUST_BE_0)
		return refuse(c, id, TDX_METADATA_FIELD_NOT_READABLE);
	g->r8 = value_of(c, TDXM_FIELD_KEY(id));
	*next = tdxm_guest_field_next(fields, NR_FIELDS, f, element);
	return TDX_SUCCESS;
}

/* Version 1 leads the guest from field to field. */
enum tdxm_after tdxm_tdg_vm_rd(struct tdxm_call *c, u64 *status)
{
	struct tdxm_regs *g = &c->vp->guest.regs;
	u32 version = (u8)(g->rax >> 16);
	u64 id = g->rdx, next = TDXM_NULL_FIELD;

	g->r8 = 0;
	if (version > 1) {
		*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RAX);
	} else if (g->rcx) {
		*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	} else if (version && id == TDXM_NULL_FIELD) {
		next = fields[0].id;
		*status = TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT;
	} else {
		*status = read_field(c, id, &next);
	}
	if (version)
		g->rdx = next;
	return TDXM_NEXT_INSN;
}

static u64 write_field(struct tdxm_td *td, u64 key, u64 before, u64 value, u64 mask)
{
	u64 status, after;

	switch (key) {
	case NOTIFY_ENABLES:
		status = tdxm_guest_write(before, value, mask, NOTIFY_ZERO_STEP, &after);
		if (!status)
			__atomic_store_n(&td->notify_enables, after, __ATOMIC_RELAXED);
		return status;
	case TD_CTLS:
		status = tdxm_guest_write(before, value, mask,
					  TDXM_CTL_PENDING_VE_DISABLE | CTL_ENUM_TOPOLOGY, &after);
		if (!status && (before ^ after) & TDXM_CTL_PENDING_VE_DISABLE &&
		    !(td->config_flags & FLAG_FLEXIBLE_PENDING_VE))
			status = TDX_METADATA_FIELD_VALUE_NOT_VALID;
		if (!status)
			__atomic_store_n(&td->td_ctls, after, __ATOMIC_RELAXED);
		return status;
	default:
		return TDX_METADATA_FIELD_NOT_WRITABLE;
	}
}

/* The value before, in R8. */
enum tdxm_after tdxm_tdg_vm_wr(struct tdxm_call *c, u64 *status)
{
	struct tdxm_regs *g = &c->vp->guest.regs;
	u64 id = g->rdx, value = g->r8, before;
	u32 element;

	g->r8 = 0;
	*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	if (g->rcx)
		return TDXM_NEXT_INSN;
	*status = refuse(c, id, TDX_METADATA_FIELD_NOT_WRITABLE);
	if (!tdxm_guest_field(fields, NR_FIELDS, id, &element) || id & TDXM_FIELD_MUST_BE_0)
		return TDXM_NEXT_INSN;
	before = value_of(c, TDXM_FIELD_KEY(id));
	*status = write_field(c->td, TDXM_FIELD_KEY(id), before, value, g->r9);
	if (*status == TDX_SUCCESS)
		g->r8 = before;
	return TDXM_NEXT_INSN;
}
