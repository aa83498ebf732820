// SPDX-License-Identifier: GPL-2.0-only
/*
 * CPUID in a TD: what the host may read of it by TDH.MNG.RD (td_cpuid.c), and the leaf
 * that says TDX.  All else is a #VE, as for every leaf that is in no table of the module.
 */
#include "model_state.h"

#define TDX_LEAF	0x21
#define TOPOLOGY_LEAF	0x1f
#define LAST_BASE	TDX_LEAF
#define LAST_EXTENDED	0x80000008
#define RESERVED_FIRST	0x40000000	/* for the host to answer */
#define RESERVED_LAST	0x4fffffff
#define NO_SUBLEAF	0x7f
#define INSN_LENGTH	2

/* A leaf higher than the highest of its range is taken for the highest base leaf. */
static u32 effective(u32 leaf)
{
	if (leaf >= RESERVED_FIRST && leaf <= RESERVED_LAST)
		return leaf;
	if (leaf > LAST_EXTENDED || (leaf > LAST_BASE && leaf < 0x80000000))
		return LAST_BASE;
	return leaf;
}

/* Code of the field of class 20 that has EAX and EBX; the next one has ECX and EDX. */
static u32 field_code(u32 leaf, u32 subleaf, bool without)
{
	return (leaf >> 31) << 16 | (leaf & 0x7f) << 9 | (u32)without << 8 |
	       (without ? NO_SUBLEAF : subleaf & 0x7f) << 1;
}

static bool has_code(u32 leaf, u32 subleaf)
{
	return !(leaf & 0x7fffff80) && subleaf < NO_SUBLEAF;
}

/* Where CPUID_CONTROL has the leaves that the module knows (1.5.01). */
static const struct {
	u32 leaf;
	u8 first, nr;		/* sub-leaves; nr 0: all are one */
	u8 index;
} controls[] = {
	{ 0x0, 0, 0, 10 }, { 0x1, 0, 0, 0 }, { 0x3, 0, 0, 11 }, { 0x4, 0, 4, 1 }, { 0x4, 4, 1, 12 },
	{ 0x5, 0, 0, 63 }, { 0x6, 0, 0, 13 }, { 0x7, 0, 2, 5 }, { 0x7, 2, 1, 14 }, { 0x8, 0, 0, 15 },
	{ 0xa, 0, 0, 7 }, { 0xd, 0, 19, 16 }, { 0xe, 0, 0, 35 }, { 0x11, 0, 0, 36 },
	{ 0x12, 0, 0, 37 }, { 0x13, 0, 0, 38 }, { 0x14, 0, 2, 39 }, { 0x15, 0, 0, 41 },
	{ 0x19, 0, 0, 42 }, { 0x1c, 0, 0, 8 }, { 0x1d, 0, 2, 43 }, { 0x1e, 0, 0, 45 },
	{ 0x1f, 0, 6, 46 }, { 0x20, 0, 0, 52 }, { 0x21, 0, 1, 53 }, { 0x22, 0, 0, 58 },
	{ 0x23, 0, 4, 59 }, { 0x80000000, 0, 0, 54 }, { 0x80000001, 0, 0, 55 },
	{ 0x80000006, 0, 0, 56 }, { 0x80000007, 0, 0, 57 }, { 0x80000008, 0, 0, 9 },
};

#define CONTROL_KERNEL	1U
#define CONTROL_USER	2U

static u8 control(const struct tdxm_guest *guest, u32 leaf, u32 subleaf)
{
	u32 i, sub;

	for (i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
		sub = controls[i].nr ? subleaf - controls[i].first : 0;
		if (controls[i].leaf == leaf && (!controls[i].nr || sub < controls[i].nr))
			return guest->cpuid_control[controls[i].index + sub];
	}
	return 0;
}

static bool wants_ve(const struct tdxm_guest *guest, u32 leaf, u32 subleaf, u8 cpl)
{
	if (cpl ? guest->cpuid_ve_user : guest->cpuid_ve_kernel)
		return true;
	return control(guest, leaf, subleaf) & (cpl ? CONTROL_USER : CONTROL_KERNEL);
}

static bool values(struct tdxm_call *c, u32 leaf, u32 subleaf, u64 *ab, u64 *cd)
{
	u32 code = field_code(leaf, subleaf, true);

	if (leaf == TDX_LEAF) {
		*ab = subleaf ? 0 : 0x65746e49ULL << 32;	/* "Inte" */
		*cd = subleaf ? 0 : 0x5844546cULL << 32 | 0x20202020;	/* "lTDX", "    " */
		return true;
	}
	if (!has_code(leaf, 0))
		return false;
	if (tdxm_td_cpuid(c->m, c->td, code, ab) && tdxm_td_cpuid(c->m, c->td, code + 1, cd))
		return true;
	code = field_code(leaf, subleaf, false);
	return has_code(leaf, subleaf) && tdxm_td_cpuid(c->m, c->td, code, ab) &&
	       tdxm_td_cpuid(c->m, c->td, code + 1, cd);
}

enum tdxm_after tdxm_guest_cpuid(struct tdxm_call *c, u8 cpl)
{
	struct tdxm_regs *g = &c->vp->guest.regs;
	u32 leaf = effective((u32)g->rax);
	u32 x2apicid = c->td->x2apicids[c->vp->index];
	u64 ab, cd;

	if (wants_ve(&c->vp->guest, leaf, (u32)g->rcx, cpl) ||
	    !values(c, leaf, (u32)g->rcx, &ab, &cd))
		return tdxm_guest_ve(c, TDXM_ON_CPUID, 0, INSN_LENGTH);
	if (leaf == 1)
		ab = (ab & ~(0xffULL << 56)) | (u64)(u8)x2apicid << 56;
	if (leaf == TOPOLOGY_LEAF)
		cd = (u64)x2apicid << 32 | (u32)cd;
	g->rax = (u32)ab;
	g->rbx = ab >> 32;
	g->rcx = (u32)cd;
	g->rdx = cd >> 32;
	return TDXM_NEXT_INSN;
}
