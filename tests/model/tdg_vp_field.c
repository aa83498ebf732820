// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDG.VP.RD and VP.WR: what a vCPU may know of itself and choose (TDX module ABI, "TDVPS").
 * L2 VMs are not modelled: what is theirs is kept, and has no effect.
 */
#include "model_state.h"

/* Ascending by class and code, as the guest is led from one to the next. */
static const struct tdxm_guest_field fields[] = {
	{ 0xa020000200000002, 0, 1, offsetof(struct tdxm_vp, index) },
	{ 0xa020000000000007, ~0ULL, 1, offsetof(struct tdxm_vp, guest.cpuid_ve_kernel) },
	{ 0xa020000000000008, ~0ULL, 1, offsetof(struct tdxm_vp, guest.cpuid_ve_user) },
	{ 0xa020000300000050, 7, TDXM_MAX_VMS, offsetof(struct tdxm_vp, guest.l2_ctls) },
	{ 0xa020000300000058, ~0ULL, TDXM_MAX_VMS, offsetof(struct tdxm_vp, guest.tsc_deadline) },
	{ 0xa120000000000000, 3, TDXM_CPUID_CONTROLS, offsetof(struct tdxm_vp, guest.cpuid_control) },
};

#define NR_FIELDS	(sizeof(fields) / sizeof(fields[0]))

#define FIELD_SIZE(id)	(1U << ((id) >> 32 & 3))
#define CLASS_VMCS	0

/* All that there is (module 1.5.01): the rest of it is the module's or a debugger's. */
static const struct {
	u8 class;
	u16 first, last;
} known[] = {
	{ CLASS_VMCS, 0x0000, 0x0006 }, { CLASS_VMCS, 0x0800, 0x0814 },
	{ CLASS_VMCS, 0x2000, 0x202e }, { CLASS_VMCS, 0x2032, 0x2040 },
	{ CLASS_VMCS, 0x204a, 0x204c }, { CLASS_VMCS, 0x2400, 0x2400 },
	{ CLASS_VMCS, 0x2800, 0x2810 }, { CLASS_VMCS, 0x2814, 0x2818 },
	{ CLASS_VMCS, 0x4000, 0x4026 }, { CLASS_VMCS, 0x4400, 0x440e },
	{ CLASS_VMCS, 0x4800, 0x482a }, { CLASS_VMCS, 0x482e, 0x482e },
	{ CLASS_VMCS, 0x6000, 0x600e }, { CLASS_VMCS, 0x6400, 0x640a },
	{ CLASS_VMCS, 0x6800, 0x682c }, { CLASS_VMCS, 0x6c08, 0x6c08 },
	{ CLASS_VMCS, 0x6c14, 0x6c16 }, { CLASS_VMCS, 0x6c1a, 0x6c1a },
	{ 1, 0, 127 },						/* VAPIC */
	{ 2, 0, 5 }, { 2, 0x10, 0x11 },				/* VE_INFO */
	{ 16, 0, 15 },						/* GUEST_GPR_STATE */
	{ 17, 0, 3 }, { 17, 6, 6 }, { 17, 0x20, 0x20 }, { 17, 0x28, 0x28 },
	{ 17, 0x100, 0x100 },					/* GUEST_STATE */
	{ 18, 0, 1535 },					/* GUEST_EXT_STATE */
	{ 19, 0x48, 0x48 }, { 19, 0xe1, 0xe1 }, { 19, 0x122, 0x122 }, { 19, 0x186, 0x18d },
	{ 19, 0x1a6, 0x1a7 }, { 19, 0x1c4, 0x1c5 }, { 19, 0x309, 0x30f }, { 19, 0x329, 0x329 },
	{ 19, 0x38d, 0x38e }, { 19, 0x3f1, 0x3f2 }, { 19, 0x3f6, 0x3f7 }, { 19, 0x4c1, 0x4c8 },
	{ 19, 0x600, 0x600 }, { 19, 0xda0, 0xda0 }, { 19, 0x14cf, 0x14cf }, { 19, 0x1b01, 0x1b01 },
	{ 19, 0x2081, 0x2082 }, { 19, 0x2084, 0x2084 }, { 19, 0x2102, 0x2103 },	/* MSRs */
	{ 32, 0, 0 }, { 32, 3, 4 }, { 32, 6, 6 }, { 32, 0xa, 0x1e }, { 32, 0x30, 0x32 },
	{ 32, 0x40, 0x42 }, { 32, 0x44, 0x4f }, { 32, 0x54, 0x57 }, { 32, 0x5c, 0x5f },
	{ 32, 0x80, 0x9f }, { 32, 0xa4, 0xb7 }, { 32, 0x100, 0x117 },	/* MANAGEMENT */
	{ 34, 0x200, 0x21f },					/* LAST_EPF_GPA_LIST */
};

static bool is_known(u64 id)
{
	u32 class = TDXM_FIELD_CLASS(id), code = TDXM_FIELD_CODE(id), i;

	/* An odd code is the upper half of a VMCS field, which there is no access to. */
	if (class == CLASS_VMCS && code & 1)
		return false;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].class == class && code >= known[i].first && code <= known[i].last)
			return true;
	return false;
}

static u8 *place(struct tdxm_vp *vp, const struct tdxm_guest_field *f, u32 element)
{
	return (u8 *)vp + f->at + element * FIELD_SIZE(f->id);
}

static u64 read_field(struct tdxm_vp *vp, const struct tdxm_guest_field *f, u32 element)
{
	u64 value = 0;

	memcpy(&value, place(vp, f, element), FIELD_SIZE(f->id));
	return value;
}

/* Of a field that is not the guest's. */
static u64 refuse(u64 id, u64 status)
{
	return id & TDXM_FIELD_MUST_BE_0 || !is_known(id) ? TDX_METADATA_FIELD_ID_INCORRECT : status;
}

enum tdxm_after tdxm_tdg_vp_rd(struct tdxm_call *c, u64 *status)
{
	struct tdxm_regs *g = &c->vp->guest.regs;
	const struct tdxm_guest_field *f;
	u64 id = g->rdx;
	u32 element;

	g->rdx = TDXM_NULL_FIELD;
	g->r8 = 0;
	*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	if (g->rcx)
		return TDXM_NEXT_INSN;
	*status = TDX_METADATA_FIRST_FIELD_ID_IN_CONTEXT;
	if (id == TDXM_NULL_FIELD) {
		g->rdx = fields[0].id;
		return TDXM_NEXT_INSN;
	}
	f = tdxm_guest_field(fields, NR_FIELDS, id, &element);
	if (!f || id & TDXM_FIELD_MUST_BE_0) {
		*status = refuse(id, TDX_METADATA_FIELD_NOT_READABLE);
		return TDXM_NEXT_INSN;
	}
	g->r8 = read_field(c->vp, f, element);
	g->rdx = tdxm_guest_field_next(fields, NR_FIELDS, f, element);
	*status = TDX_SUCCESS;
	return TDXM_NEXT_INSN;
}

static u64 write_field(struct tdxm_vp *vp, const struct tdxm_guest_field *f, u32 element, u64 value)
{
	struct tdxm_regs *g = &vp->guest.regs;
	u64 whole = ~0ULL >> (64 - 8 * FIELD_SIZE(f->id)), before = read_field(vp, f, element), after;
	u64 status = tdxm_guest_write(before, value, g->r9, f->writable & whole, &after);

	if (status)
		return status;
	memcpy(place(vp, f, element), &after, FIELD_SIZE(f->id));
	g->r8 = before;
	return TDX_SUCCESS;
}

/* The value before, in R8. */
enum tdxm_after tdxm_tdg_vp_wr(struct tdxm_call *c, u64 *status)
{
	struct tdxm_regs *g = &c->vp->guest.regs;
	const struct tdxm_guest_field *f;
	u64 value = g->r8;
	u32 element;

	g->r8 = 0;
	*status = tdxm_operand(TDX_OPERAND_INVALID, TDX_OPERAND_ID_RCX);
	if (g->rcx)
		return TDXM_NEXT_INSN;
	f = tdxm_guest_field(fields, NR_FIELDS, g->rdx, &element);
	*status = f && !(g->rdx & TDXM_FIELD_MUST_BE_0) ? write_field(c->vp, f, element, value) :
		  refuse(g->rdx, TDX_METADATA_FIELD_NOT_WRITABLE);
	return TDXM_NEXT_INSN;
}
