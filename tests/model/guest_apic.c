// SPDX-License-Identifier: GPL-2.0-only
/*
 * A TD's x2APIC as far as it is virtualised for it (Intel SDM volume 3, "APIC
 * virtualization and virtual interrupts"): TPR, PPR, EOI, ISR, IRR and SELF_IPI.  All
 * other registers are the host's: the guest gets a #VE, and asks it by TDG.VP.VMCALL.
 */
#include "model_state.h"

#define X2APIC(reg)	(0x800 + (reg))
#define TPR		X2APIC(0x8)
#define PPR		X2APIC(0xa)
#define EOI		X2APIC(0xb)
#define ISR		X2APIC(0x10)
#define IRR		X2APIC(0x20)
#define SELF_IPI	X2APIC(0x3f)
#define WORDS		8	/* of 32 bits */

/* Of a posted-interrupt descriptor: four words of PIR, then the one with ON. */
#define PI_CONTROL	4
#define PI_ON		1ULL

#define PRIORITY(vector)	((vector) & 0xf0)

static int highest(const u64 *bits)
{
	int i;

	for (i = 3; i >= 0; i--)
		if (bits[i])
			return 64 * i + 63 - __builtin_clzll(bits[i]);
	return -1;
}

static void set(u64 *bits, u8 vector)
{
	bits[vector / 64] |= 1ULL << vector % 64;
}

static void clear(u64 *bits, u8 vector)
{
	bits[vector / 64] &= ~(1ULL << vector % 64);
}

void tdxm_apic_take_posted(struct tdxm_call *c)
{
	struct tdxm_vp *vp = c->vp;
	u64 *desc;
	u32 i;

	if (!vp->posts || !vp->pi_desc)
		return;
	desc = tdxm_map(c->m, vp->pi_desc);
	/* ON before PIR: what comes between is posted with ON set again. */
	if (!desc || !(__atomic_fetch_and(&desc[PI_CONTROL], ~PI_ON, __ATOMIC_ACQ_REL) & PI_ON))
		return;
	for (i = 0; i < PI_CONTROL; i++)
		vp->guest.apic.irr[i] |= __atomic_exchange_n(&desc[i], 0, __ATOMIC_ACQ_REL);
}

static u8 ppr(const struct tdxm_apic *apic)
{
	int isr = highest(apic->isr);

	return isr >= 0 && PRIORITY(isr) > PRIORITY(apic->tpr) ? (u8)PRIORITY(isr) : apic->tpr;
}

int tdxm_apic_due(const struct tdxm_apic *apic)
{
	int irr = highest(apic->irr);

	return irr >= 0 && PRIORITY(irr) > PRIORITY(ppr(apic)) ? irr : -1;
}

void tdxm_apic_begin(struct tdxm_apic *apic, u8 vector)
{
	clear(apic->irr, vector);
	set(apic->isr, vector);
}

void tdxm_apic_cancel(struct tdxm_apic *apic, u8 vector)
{
	clear(apic->isr, vector);
	set(apic->irr, vector);
}

static u32 word(const u64 *bits, u32 n)
{
	return (u32)(bits[n / 2] >> 32 * (n % 2));
}

bool tdxm_apic_read(const struct tdxm_apic *apic, u32 msr, u64 *value)
{
	if (msr >= ISR && msr < ISR + WORDS)
		*value = word(apic->isr, msr - ISR);
	else if (msr >= IRR && msr < IRR + WORDS)
		*value = word(apic->irr, msr - IRR);
	else if (msr == TPR)
		*value = apic->tpr;
	else if (msr == PPR)
		*value = ppr(apic);
	else
		return false;
	return true;
}

bool tdxm_apic_write(struct tdxm_apic *apic, u32 msr, u64 value)
{
	int isr = highest(apic->isr);

	switch (msr) {
	case TPR:
		apic->tpr = (u8)value;
		return true;
	case EOI:
		if (isr >= 0)
			clear(apic->isr, (u8)isr);
		return true;
	case SELF_IPI:
		set(apic->irr, (u8)value);
		return true;
	default:
		return false;
	}
}
