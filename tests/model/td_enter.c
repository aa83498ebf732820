// SPDX-License-Identifier: GPL-2.0-only
/*
 * TDH.VP.ENTER.  Where nothing runs TDs, it comes back with the next exit of a
 * script.  A page whose absence made it exit must be there when it is entered
 * again, and is then accepted, as by the TD (TDG.MEM.PAGE.ACCEPT).
 */
#include "model_state.h"

/* VMX exit reasons, in the low half of RAX. */
#define EXIT_INTERRUPT		1
#define EXIT_EPT_VIOLATION	48
#define EXIT_TDCALL		77


#define VMCALL_MAP_GPA		0x10001

/* The first page that a TD with 64 pages from GPA 0 does not have. */
#define DEFAULT_FAULT_GPA	0x40000

static const struct tdxm_regs default_exits[] = {
	/* TDG.VP.VMCALL <Instruction.HLT>; RCX: R10 to R15 are passed. */
	{ .rax = EXIT_TDCALL, .rcx = 0xfc00, .r10 = 0, .r11 = 12, .r12 = 1,
	  .r13 = 0x1313131313131313, .r14 = 0x1414141414141414, .r15 = 0x1515151515151515,
	  .rbx = 0xbbbbbbbbbbbbbbbb, .rsi = 0x5151515151515151, .rdi = 0xd1d1d1d1d1d1d1d1,
	  .rbp = 0xb0b0b0b0b0b0b0b0, .rdx = 0xdddddddddddddddd },
	/* A read; qualification in RCX. */
	{ .rax = EXIT_EPT_VIOLATION, .rcx = 0x1, .r8 = DEFAULT_FAULT_GPA },
	/* Vector 0xec; interruption information in R9. */
	{ .rax = EXIT_INTERRUPT, .r9 = 1ULL << 31 | 0xec },
};

void tdxm_default_exits(struct tdxm *m)
{
	memcpy(m->tds.exits, default_exits, sizeof(default_exits));
	m->tds.nr_exits = sizeof(default_exits) / sizeof(default_exits[0]);
}

int tdxm_set_exits(struct tdxm *m, const struct tdxm_regs *exits, u32 nr)
{
	if (!nr || nr > TDXM_MAX_EXITS)
		return -1;
	memcpy(m->tds.exits, exits, nr * sizeof(*exits));
	m->tds.nr_exits = nr;
	return 0;
}

void tdxm_set_exit_stride(struct tdxm *m, u64 stride)
{
	m->tds.exit_stride = stride;
}

/* The TD takes the page at @gpa, if there is one now. */
static bool accept(struct tdxm *m, u32 lp, struct tdxm_td *td, u64 gpa)
{
	struct tdxm_walk w;
	u32 level, sum = 0;
	u64 hpa;

	for (level = TDXM_PS_4K; level <= TDXM_PS_2M; level++)
		if (!tdxm_sept_walk(m, lp, TDH_VP_ENTER, td, gpa, level, &w))
			break;
	if (level > TDXM_PS_2M)
		return false;
	if (TDXM_SEPT_STATE(w.entry) == TDXM_SEPT_MAPPED)
		return true;
	if (TDXM_SEPT_STATE(w.entry) != TDXM_SEPT_PENDING || !tdxm_sept_lock(m, &w))
		return false;
	hpa = TDXM_SEPT_HPA(w.entry);
	if (TDXM_SEPT_STATE(w.entry) != TDXM_SEPT_PENDING) {
		tdxm_sept_write(m, &w, w.entry);
		return false;
	}
	if (level == TDXM_PS_4K && tdxm_map(m, hpa)) {
		tdxm_page_fill(m, hpa);
		sum = tdxm_page_sum(m, hpa);
	}
	tdxm_sept_write(m, &w, TDXM_SEPT_ENTRY(TDXM_SEPT_MAPPED, hpa, sum));
	return true;
}

static bool is_vmcall(const struct tdxm_regs *exit, u64 function)
{
	return (u32)exit->rax == EXIT_TDCALL && !exit->r10 && exit->r11 == function;
}

/* An access to memory that is not the TD's is the host's matter alone: it is made again. */
static u64 leave(struct tdxm_call *c, const struct tdxm_regs *exit)
{
	u64 gpa_offset = c->vp->index * c->m->tds.exit_stride;
	struct tdxm_regs *regs = c->out;
	bool violation = (u32)exit->rax == EXIT_EPT_VIOLATION;

	*regs = *exit;
	if (c->td->config_flags & TDXM_FLAG_NO_RBP_MOD)
		regs->rbp = c->in.rbp;
	if (violation)
		regs->r8 += gpa_offset;
	if (is_vmcall(exit, VMCALL_MAP_GPA))
		regs->r12 += gpa_offset;
	if ((u32)exit->rax == EXIT_TDCALL && exit->r15 == TDXM_EXIT_ECHO)
		regs->r15 = c->in.r11;
	c->vp->faulted = violation && tdxm_gpa_private(c->td, regs->r8);
	c->vp->fault_gpa = regs->r8;
	return exit->rax;
}

static u64 run(struct tdxm_call *c)
{
	const struct tdxm_tds *tds = &c->m->tds;
	struct tdxm_vp *vp = c->vp;
	u32 last;

	if (c->m->host.run) {
		c->m->host.run(c->m->host.ctx, c);
		return c->out->rax;
	}
	/* A script takes no interrupts. */
	vp->guest.apic = (struct tdxm_apic){ .tpr = 0 };
	last = (vp->next_exit + tds->nr_exits - 1) % tds->nr_exits;

	if (vp->faulted && !accept(c->m, c->lp, c->td, vp->fault_gpa & ~(TDXM_4K - 1)))
		return leave(c, &tds->exits[last]);
	vp->next_exit %= tds->nr_exits;
	return leave(c, &tds->exits[vp->next_exit++]);
}

/* In the TD for as long as the leaf takes: TLB tracking counts it. */
static u64 enter(struct tdxm_call *c)
{
	struct tdxm_td *td = c->td;
	u32 *count;
	u64 status;

	if (!tdxm_try_shared(&td->epoch_lock))
		return tdxm_operand(TDX_OPERAND_BUSY, TDX_OPERAND_ID_TD_EPOCH);
	c->vp->epoch = td->epoch;
	count = &td->refcount[td->epoch & 1];
	__atomic_fetch_add(count, 1, __ATOMIC_ACQ_REL);
	tdxm_unlock_shared(&td->epoch_lock);
	tdxm_apic_take_posted(c);
	tdxm_dwell(c->m, TDH_VP_ENTER);
	status = run(c);
	__atomic_fetch_sub(count, 1, __ATOMIC_ACQ_REL);
	return status;
}

u64 tdxm_vp_enter(struct tdxm_call *c)
{
	u64 status = __atomic_load_n(&c->td->fatal, __ATOMIC_RELAXED) ? TDX_TD_FATAL : tdxm_vp_complete(c);

	if (!status)
		status = tdxm_vp_associate(c);
	return status ? status : enter(c);
}
