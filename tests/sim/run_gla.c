// SPDX-License-Identifier: GPL-2.0-only
/*
 * The linear address of an access that was no memory of the guest's: SVM tells none, and a
 * guest wants it with its #VE.  So it is taken from the instruction, and counts only if the
 * guest's own tables lead from there to the address that was accessed.
 */
#include <asm/ptrace.h>

#include "run.h"
#include "sim.h"

#define MAX_INSN	15
#define ROOM		8	/* that a last operand is read from, zeroes */

struct decoded {
	u64 segment;
	u8 rex;
	const u8 *opcode;
};

static void skip_prefixes(const struct run *r, const u8 *p, const u8 *end, struct decoded *d)
{
	for (; p < end; p++) {
		switch (*p) {
		case 0x64:
			d->segment = r->vmcb->fs.base;
			break;
		case 0x65:
			d->segment = r->vmcb->gs.base;
			break;
		case 0x26: case 0x2e: case 0x36: case 0x3e: case 0x66: case 0xf0: case 0xf2: case 0xf3:
			break;
		default:
			if ((*p & 0xf0) == 0x40)
				d->rex = *p++;
			d->opcode = p;
			return;
		}
	}
	d->opcode = end;
}

static void to_pt_regs(const struct run *r, struct pt_regs *to)
{
	const struct tdxm_regs *g = &r->c->vp->guest.regs;

	*to = (struct pt_regs){
		.ax = g->rax, .bx = g->rbx, .cx = g->rcx, .dx = g->rdx, .si = g->rsi, .di = g->rdi,
		.bp = g->rbp, .sp = r->vmcb->rsp, .r8 = g->r8, .r9 = g->r9, .r10 = g->r10,
		.r11 = g->r11, .r12 = g->r12, .r13 = g->r13, .r14 = g->r14, .r15 = g->r15,
	};
}

/* The forms that compilers access MMIO by, and the string instructions. */
static bool operand(const struct run *r, const struct decoded *d, bool write, u64 *at)
{
	const u8 *p = d->opcode;
	bool rip_relative;
	struct pt_regs regs;

	to_pt_regs(r, &regs);
	if ((*p & 0xfe) == 0xa4 || (*p & 0xfe) == 0xac || (*p & 0xfe) == 0xaa) {
		*at = write ? regs.di : regs.si;
		return true;
	}
	if ((*p & 0xfc) == 0xa0) {
		memcpy(at, p + 1, sizeof(*at));
		return true;
	}
	if (*p == 0x0f && ((p[1] & 0xfd) == 0x38))
		p++;
	p += *d->opcode == 0x0f ? 2 : 1;
	if (*p >> 6 == 3)
		return false;
	sim_decode_memory(p, d->rex, &regs, at, &rip_relative);
	return !rip_relative;
}

u64 run_operand(struct run *r, const u8 *insn, const u8 *modrm, u8 rex)
{
	bool rip_relative;
	struct pt_regs regs;
	u64 at;

	to_pt_regs(r, &regs);
	r->length = modrm - insn + sim_decode_memory(modrm, rex, &regs, &at, &rip_relative);
	if (!run_code64(r))
		return (u32)at;
	return rip_relative ? at + r->vmcb->rip + r->length : at;
}

bool run_gla(struct run *r, u64 gpa, bool write, u64 *gla)
{
	u8 insn[MAX_INSN + ROOM] = { 0 };
	struct decoded d = { .segment = 0 };
	u32 n = npt_fetch(r, insn, MAX_INSN);
	u64 to;

	skip_prefixes(r, insn, insn + n, &d);
	if (!n || d.opcode == insn + n || !operand(r, &d, write, gla))
		return false;
	*gla += d.segment;
	return npt_translate(r, *gla, &to) && to >> PAGE_SHIFT == gpa >> PAGE_SHIFT;
}
