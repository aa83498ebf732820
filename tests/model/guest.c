// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vCPU that runs: how it begins, what it is told by exceptions, and how TDH.VP.ENTER
 * comes back.  Order of checks and what is told: module 1.5.
 */
#include "model_state.h"

#define ATTRIBUTE_SEPT_VE_DISABLE (1ULL << 28)
#define FAMILY_MODEL_STEPPING	0x806f8		/* CPUID leaf 1, EAX: Sapphire Rapids */

/* Exit qualification of an EPT violation. */
#define QUAL_ALLOWED(e)	(((e) & 7) << 3)	/* by the entry: read, write, execute */

#define QUAL_GLA	(3ULL << 7)	/* there is a linear address, of the access itself */

/* Of the extended one. */
#define PENDING_VIOLATION	6

/* In an EPT entry: accesses that it does not allow are no #VE, but the host's. */
#define EPT_RWX		7ULL
#define EPT_LARGE	(1ULL << 7)
#define EPT_SUPPRESS_VE	(1ULL << 63)
#define EPT_HPA(e)	((e) & 0xffffffffff000ULL)

/* Registers that TDG.VP.VMCALL may pass, by bit of RCX; RSP is none. */
void tdxm_guest_pass(u64 select, const struct tdxm_regs *from, struct tdxm_regs *to)
{
	const u64 *const source[16] = {
		[2] = &from->rdx, &from->rbx, NULL, &from->rbp, &from->rsi, &from->rdi, &from->r8,
		&from->r9, &from->r10, &from->r11, &from->r12, &from->r13, &from->r14, &from->r15,
	};
	u64 *const target[16] = {
		[2] = &to->rdx, &to->rbx, NULL, &to->rbp, &to->rsi, &to->rdi, &to->r8,
		&to->r9, &to->r10, &to->r11, &to->r12, &to->r13, &to->r14, &to->r15,
	};
	u32 i;

	for (i = 2; i < 16; i++)
		if (source[i] && select >> i & 1)
			*target[i] = *source[i];
}

static void begin(struct tdxm_call *c)
{
	struct tdxm_regs *g = &c->vp->guest.regs;

	g->rbx = c->td->gpaw ? 52 : 48;
	g->rcx = c->vp->initial_rcx;
	g->rdx = FAMILY_MODEL_STEPPING;
	g->rsi = c->vp->index;
	g->r8 = c->vp->initial_rcx;
	/* No L2 VM is to be interrupted at any time. */
	memset(c->vp->guest.tsc_deadline, 0xff, sizeof(c->vp->guest.tsc_deadline));
}

void tdxm_guest_enter(struct tdxm_call *c)
{
	struct tdxm_guest *guest = &c->vp->guest;

	if (!guest->entered)
		begin(c);
	guest->entered = true;
	if (guest->in_vmcall) {
		tdxm_guest_pass(guest->regs.rcx, &c->in, &guest->regs);
		guest->regs.rax = TDX_SUCCESS;
	}
	guest->in_vmcall = false;
}

/* @select: the guest's registers that the host sees. */
void tdxm_guest_leave(struct tdxm_call *c, u64 status, u64 select)
{
	u64 rbp = c->in.rbp;

	*c->out = (struct tdxm_regs){ .rax = status };
	tdxm_guest_pass(select, &c->vp->guest.regs, c->out);
	if (c->td->config_flags & TDXM_FLAG_NO_RBP_MOD)
		c->out->rbp = rbp;
}

enum tdxm_after tdxm_guest_exit(struct tdxm_call *c, const struct tdxm_exit *exit)
{
	tdxm_guest_leave(c, exit->status | exit->reason, 0);
	c->out->rcx = exit->qualification;
	c->out->rdx = exit->extended;
	c->out->r8 = exit->gpa & ~(TDXM_4K - 1);
	c->out->r9 = exit->interrupt;
	if (exit->status)
		c->vp->state = TDXM_VCPU_DISABLED;
	return TDXM_EXIT;
}

static enum tdxm_after event(struct tdxm_call *c, u8 vector, bool has_error)
{
	c->vp->guest.event = (struct tdxm_event){
		.valid = true, .vector = vector, .has_error = has_error,
	};
	return TDXM_EVENT;
}

enum tdxm_after tdxm_guest_fault(struct tdxm_call *c, u8 vector)
{
	return event(c, vector, vector == TDXM_VECTOR_DF || vector == TDXM_VECTOR_GP);
}

static enum tdxm_after inject_ve(struct tdxm_call *c, const struct tdxm_ve *ve)
{
	if (c->vp->guest.ve.valid)
		return tdxm_guest_fault(c, TDXM_VECTOR_DF);
	c->vp->guest.ve = *ve;
	return tdxm_guest_fault(c, TDXM_VECTOR_VE);
}

enum tdxm_after tdxm_guest_ve(struct tdxm_call *c, u32 reason, u64 qualification, u32 length)
{
	const struct tdxm_ve ve = {
		.valid = true, .reason = reason, .qualification = qualification, .length = length,
	};

	return inject_ve(c, &ve);
}

static enum tdxm_after violation_ve(struct tdxm_call *c, u64 qualification,
				    const struct tdxm_access *access)
{
	const struct tdxm_ve ve = {
		.valid = true, .reason = TDXM_ON_EPT_VIOLATION, .gpa = access->gpa,
		.qualification = qualification | (access->gla_valid ? QUAL_GLA : 0),
		.gla = access->gla_valid ? access->gla : 0,
	};

	return inject_ve(c, &ve);
}

static enum tdxm_after violation_exit(struct tdxm_call *c, u64 qualification, u64 extended, u64 gpa)
{
	const struct tdxm_exit exit = {
		.reason = TDXM_ON_EPT_VIOLATION, .qualification = qualification,
		.extended = extended, .gpa = gpa,
	};

	return tdxm_guest_exit(c, &exit);
}

/* The host's own entry for a shared @gpa, or the one that ends the way there. */
static u64 shared_entry(struct tdxm_call *c, u64 gpa)
{
	u64 entry = c->vp->shared_eptp, table;
	int level;

	if (!entry)
		return 0;	/* TDH.VP.INIT points it to a page of zeroes */
	for (level = c->td->root_level; level >= 0; level--) {
		table = EPT_HPA(entry);
		entry = EPT_SUPPRESS_VE;
		if (tdxm_plain_pa(c->m, table) && tdxm_map(c->m, table))
			entry = ((const u64 *)tdxm_map(c->m, table))[gpa >> (12 + 9 * level) & 511];
		if (!(entry & EPT_RWX) || (level && entry & EPT_LARGE))
			break;
	}
	return entry;
}

static enum tdxm_after shared_violation(struct tdxm_call *c, u64 qualification,
					const struct tdxm_access *access)
{
	u64 entry = shared_entry(c, access->gpa);

	qualification |= QUAL_ALLOWED(entry);
	if (!(entry & EPT_SUPPRESS_VE))
		return violation_ve(c, qualification, access);
	return violation_exit(c, qualification, 0, access->gpa);
}

/* To the leaf entry of @gpa, whatever its size, or to where the way ends. */
void tdxm_guest_walk(struct tdxm_call *c, u64 gpa, struct tdxm_walk *w)
{
	tdxm_sept_walk(c->m, c->lp, TDH_VP_ENTER, c->td, gpa, TDXM_PS_4K, w);
}

enum tdxm_after tdxm_guest_violation(struct tdxm_call *c, const struct tdxm_access *access)
{
	u64 qualification = access->fetch ? TDXM_QUAL_FETCH :
			    access->write ? TDXM_QUAL_WRITE : TDXM_QUAL_READ;
	struct tdxm_walk w;

	if (access->by_leaf)
		qualification |= TDXM_QUAL_READ;
	if (!tdxm_gpa_private(c->td, access->gpa))
		return shared_violation(c, qualification, access);
	tdxm_guest_walk(c, access->gpa, &w);
	switch (TDXM_SEPT_STATE(w.entry)) {
	case TDXM_SEPT_MAPPED:		/* meanwhile */
		return TDXM_SAME_INSN;
	case TDXM_SEPT_PENDING:
		if (!(c->td->attributes & ATTRIBUTE_SEPT_VE_DISABLE) &&
		    !(__atomic_load_n(&c->td->td_ctls, __ATOMIC_RELAXED) & TDXM_CTL_PENDING_VE_DISABLE))
			return violation_ve(c, qualification, access);
		return violation_exit(c, qualification, PENDING_VIOLATION, access->gpa);
	default:
		return violation_exit(c, qualification, 0, access->gpa);
	}
}

void *tdxm_guest_page(struct tdxm_call *c, u64 gpa)
{
	struct tdxm_walk w;

	if (!tdxm_gpa_private(c->td, gpa))
		return NULL;
	tdxm_guest_walk(c, gpa, &w);
	if (TDXM_SEPT_STATE(w.entry) != TDXM_SEPT_MAPPED)
		return NULL;
	return tdxm_map(c->m, TDXM_SEPT_HPA(w.entry) +
			(gpa & ((1ULL << (12 + 9 * w.level)) - 1) & ~(TDXM_4K - 1)));
}
