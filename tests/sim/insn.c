// SPDX-License-Identifier: GPL-2.0-only
/*
 * Just enough of the instruction format (Intel SDM volume 2, chapter 2) for the
 * instructions that are emulated.
 */
#include <linux/kernel.h>
#include <linux/string.h>

#include "sim.h"

unsigned long *sim_gpr(struct pt_regs *regs, u8 number)
{
	unsigned long *const gpr[16] = {
		&regs->ax, &regs->cx, &regs->dx, &regs->bx,
		&regs->sp, &regs->bp, &regs->si, &regs->di,
		&regs->r8, &regs->r9, &regs->r10, &regs->r11,
		&regs->r12, &regs->r13, &regs->r14, &regs->r15,
	};

	return gpr[number & 15];
}

static unsigned long gpr_value(const struct pt_regs *regs, u8 number)
{
	return *sim_gpr((struct pt_regs *)regs, number);
}

static s32 read_s32(const u8 *p)
{
	s32 v;

	memcpy(&v, p, sizeof(v));
	return v;
}

u8 sim_decode_memory(const u8 *p, u8 rex, const struct pt_regs *regs, u64 *address,
		     bool *rip_relative)
{
	u8 mod = p[0] >> 6, rm = p[0] & 7, length = 1;
	u64 ea = 0;

	*rip_relative = false;
	if (rm == 4) {
		u8 sib = p[1], base = sib & 7;
		u8 index = ((sib >> 3) & 7) | (rex & 2) << 2;

		length++;
		if (index != 4)
			ea += (u64)gpr_value(regs, index) << (sib >> 6);
		if (base == 5 && !mod)
			mod = 2;	/* disp32 without a base */
		else
			ea += gpr_value(regs, base | (rex & 1) << 3);
	} else if (rm == 5 && !mod) {
		*rip_relative = true;
		mod = 2;
	} else {
		ea += gpr_value(regs, rm | (rex & 1) << 3);
	}

	if (mod == 1) {
		ea += (s8)p[length];
		length += 1;
	} else if (mod == 2) {
		ea += read_s32(p + length);
		length += 4;
	}
	*address = ea;
	return length;
}

/* The operand that starts with the ModRM byte at @p ends the instruction. */
static void decode_operand(const u8 *text, const u8 *p, u8 rex, const struct pt_regs *regs,
			   struct sim_insn *insn)
{
	bool rip_relative;

	insn->reg = ((*p >> 3) & 7) | (rex & 4) << 1;
	p += sim_decode_memory(p, rex, regs, &insn->operand, &rip_relative);
	insn->length = p - text;
	if (rip_relative)
		insn->operand += regs->ip + insn->length;
}

static void decode_vmxon(const u8 *text, const struct pt_regs *regs, struct sim_insn *insn)
{
	const u8 *p = text + 1;
	u8 rex = 0;

	if ((*p & 0xf0) == 0x40)
		rex = *p++;
	if (p[0] != 0x0f || p[1] != 0xc7 || ((p[2] >> 3) & 7) != 6 || p[2] >> 6 == 3)
		return;
	insn->kind = INSN_VMXON;
	decode_operand(text, p + 2, rex, regs, insn);
}

static void decode_66(const u8 *text, const struct pt_regs *regs, struct sim_insn *insn)
{
	const u8 *p = text + 1;
	u8 rex = 0;

	if ((*p & 0xf0) == 0x40)
		rex = *p++;
	if (p[0] != 0x0f || p[1] != 0x38 || (p[2] != 0xf8 && p[2] != 0x80) || p[3] >> 6 == 3)
		return;
	insn->kind = p[2] == 0xf8 ? INSN_MOVDIR64B : INSN_INVEPT;
	decode_operand(text, p + 3, rex, regs, insn);
}

static void decode_cr4(const u8 *text, struct sim_insn *insn)
{
	const u8 *p = text;
	u8 rex = 0;

	/* REX.R would make it CR12. */
	if ((*p & 0xf4) == 0x40)
		rex = *p++;
	if (p[0] != 0x0f || (p[1] & 0xfd) != 0x20 || ((p[2] >> 3) & 7) != 4)
		return;

	insn->kind = p[1] & 2 ? INSN_CR4_WRITE : INSN_CR4_READ;
	insn->reg = (p[2] & 7) | (rex & 1) << 3;
	insn->length = p + 3 - text;
}

void sim_decode(const u8 *text, const struct pt_regs *regs, struct sim_insn *insn)
{
	memset(insn, 0, sizeof(*insn));

	/* Byte by byte: what lies behind the instruction may not be mapped. */
	if (text[0] == 0x66 && text[1] == 0x0f && text[2] == 0x01 && text[3] == 0xcf)
		*insn = (struct sim_insn){ .kind = INSN_SEAMCALL, .length = 4 };
	else if (text[0] == 0x0f && text[1] == 0x01 && text[2] == 0xc4)
		*insn = (struct sim_insn){ .kind = INSN_VMXOFF, .length = 3 };
	else if (text[0] == 0x0f && text[1] == 0x32)
		*insn = (struct sim_insn){ .kind = INSN_RDMSR, .length = 2 };
	else if (text[0] == 0x0f && text[1] == 0x09)
		*insn = (struct sim_insn){ .kind = INSN_WBINVD, .length = 2 };
	else if (text[0] == 0xf3 && regs)
		decode_vmxon(text, regs, insn);
	else if (text[0] == 0x66 && regs)
		decode_66(text, regs, insn);
	else if (!sim_config.vmx_real)
		decode_cr4(text, insn);
}
