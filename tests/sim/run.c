// SPDX-License-Identifier: GPL-2.0-only
/*
 * A TD's vCPU runs: from TDH.VP.ENTER until the host is to hear of it.
 *
 * Its state is in the pages of its TDVPS, which the host has given for that and takes back
 * with TDH.PHYMEM.PAGE.RECLAIM: nothing is allocated here, and nothing is left when the TD
 * is gone.  A host that writes there spoils its TD; it cannot make the CPU run the guest
 * outside it, as all that confines the guest is written anew before each VMRUN.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <asm/io.h>
#include <asm/msr-index.h>
#include <asm/processor.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "run.h"
#include "sim.h"

#define INTERCEPTS_0	(BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(15) | BIT(18) | \
			 BIT(22) | BIT(24) | BIT(26) | BIT(27) | BIT(28) | BIT(29) | BIT(31))
#define INTERCEPT_IRET	BIT(20)		/* while an NMI runs */
#define INTERCEPTS_1	(0x7f | BIT(9) | BIT(10) | BIT(11))
#define GUEST_ASID	1
#define FLUSH_ALL	1
#define NESTED_PAGING	1
#define IOPM_ORDER	2
#define MSRPM_ORDER	1

/* Of the pages of a TDVPS. */
enum { PAGE_VCPU, PAGE_VMCB, PAGE_ROOT, PAGE_XSAVE, PAGE_LOW_1G, PAGE_LOW_2M, NR_PAGES };
static_assert(NR_PAGES <= TDXM_MIN_TDVPS);
static_assert(sizeof(struct run_vcpu) <= PAGE_SIZE);

/* VMX exit reasons beyond guest.h's. */
#define ON_TASK_SWITCH	9
#define ON_INVD		13
#define ON_VMCALL	18
#define ON_ENTRY_FAILED	33

#define CPUID_1_ECX_OSXSAVE	BIT(27)
#define CPUID_7_ECX_OSPKE	BIT(4)

#define NMI_INFO	(BIT(31) | EVENT_TYPE_NMI << 8 | X86_TRAP_NMI)

#define TDCALL_LENGTH	4
#define VMCALL_LENGTH	3

static u8 *iopm, *msrpm;

static bool find_pages(struct run *r)
{
	void *page[NR_PAGES];
	int i;

	for (i = 0; i < NR_PAGES; i++) {
		page[i] = tdxm_map(r->c->m, r->c->vp->pages[i]);
		if (!page[i])
			return false;
	}
	r->vcpu = page[PAGE_VCPU];
	r->vmcb = page[PAGE_VMCB];
	r->root = page[PAGE_ROOT];
	r->xsave = page[PAGE_XSAVE];
	r->low_1g = page[PAGE_LOW_1G];
	r->low_2m = page[PAGE_LOW_2M];
	r->vmcb_pa = r->c->vp->pages[PAGE_VMCB];
	r->root_pa = r->c->vp->pages[PAGE_ROOT];
	r->low_1g_pa = r->c->vp->pages[PAGE_LOW_1G];
	r->low_2m_pa = r->c->vp->pages[PAGE_LOW_2M];
	return true;
}

/* As TDH.VP.INIT leaves a vCPU: 32 bits, flat, unpaged, at the reset vector. */
static void reset(struct run *r)
{
	static const struct vmcb_segment data = { .attributes = 0xc93, .limit = ~0U };
	struct vmcb *b = r->vmcb;

	memset(b, 0, sizeof(*b));
	memset(r->vcpu, 0, sizeof(*r->vcpu));
	guest_state_reset(r);
	b->es = b->ss = b->ds = b->fs = b->gs = data;
	b->cs = (struct vmcb_segment){ .attributes = 0xc9b, .limit = ~0U };
	b->gdtr.limit = 0xffff;
	b->ldtr = (struct vmcb_segment){ .attributes = 0x82, .limit = 0xffff };
	b->tr = (struct vmcb_segment){ .attributes = 0x8b, .limit = 0xffff };
	b->dr6 = 0xffff0ff0;
	b->rflags = X86_EFLAGS_FIXED;
	b->rip = 0xfffffff0;
	b->g_pat = 0x0007040600070406ULL;
	r->vcpu->cr0 = X86_CR0_PE | X86_CR0_ET | X86_CR0_NE;
	r->vcpu->cr4 = X86_CR4_MCE;	/* VMXE is set, too, which no guest sees */
	r->vcpu->efer = EFER_SCE | EFER_LME | EFER_NX;
	r->vcpu->dr7 = RUN_DR7_FIXED;
}

/* ---- before VMRUN */

static void confine(struct run *r)
{
	struct vmcb *b = r->vmcb;

	b->exceptions = BIT(TDXM_VECTOR_UD);
	b->intercepts[0] = INTERCEPTS_0;
	b->intercepts[1] = INTERCEPTS_1;
	memset(b->reserved_14, 0, sizeof(b->reserved_14));
	b->iopm_base = __pa(iopm);
	b->msrpm_base = __pa(msrpm);
	b->tsc_offset = 0;
	b->asid = GUEST_ASID;
	b->tlb_control = FLUSH_ALL;
	b->nested_ctl = NESTED_PAGING;
	b->nested_cr3 = r->root_pa;
	memset(b->reserved_98, 0, sizeof(b->reserved_98));
	memset(b->reserved_b8, 0, sizeof(b->reserved_b8));
	run_load_crs(r);
	run_load_dr7(r);
}

/* PEND_NMI of the host's, once the guest has learnt of its #VE. */
static bool nmi_due(const struct run *r)
{
	const struct tdxm_vp *vp = r->c->vp;

	return vp->pend_nmi && !vp->guest.ve.valid && r->vcpu->nmi == NMI_NONE &&
	       !(r->vmcb->int_state & INT_STATE_SHADOW);
}

/*
 * An exception first, then an NMI; else an interrupt that is due, or an exit when it can be
 * taken.  In the shadow of STI there is no exit for it: QEMU 7.2 drops the shadow at VMRUN,
 * and the guest would get the interrupt before its HLT and sleep for good.  The host's tick is
 * the next exit.
 */
static void deliver(struct run *r)
{
	struct tdxm_guest *guest = &r->c->vp->guest;
	struct tdxm_event *event = &guest->event;
	struct vmcb *b = r->vmcb;
	int due = tdxm_apic_due(&guest->apic);

	b->event_inj = 0;
	b->int_ctl = INT_CTL_MASKING | guest->apic.tpr >> 4;
	if (event->valid) {
		b->event_inj = EVENT(EVENT_TYPE_EXCEPTION, event->vector) | (u64)event->error << 32;
		b->event_inj |= event->has_error ? EVENT_HAS_ERROR : 0;
	} else if (nmi_due(r)) {
		b->event_inj = EVENT(EVENT_TYPE_NMI, X86_TRAP_NMI);
		r->vcpu->nmi = NMI_RUNS;
		r->c->vp->pend_nmi = 0;
	} else if (due >= 0 && b->rflags & X86_EFLAGS_IF && !(b->int_state & INT_STATE_SHADOW)) {
		b->event_inj = EVENT(EVENT_TYPE_INTR, due);
		tdxm_apic_begin(&guest->apic, due);
		due = -1;
	}
	event->valid = false;
	if (r->vcpu->nmi == NMI_RUNS)
		b->intercepts[0] |= INTERCEPT_IRET;
	if (due >= 0 && !(b->int_state & INT_STATE_SHADOW))
		b->int_ctl |= INT_CTL_IRQ | INT_CTL_IGNORE_TPR;
}

/* ---- after #VMEXIT */

/*
 * An event whose delivery an exit has cut short (a nested fault on the guest's IDT or stack)
 * is due again, or the guest would miss it.  Software interrupts are: RIP is at them.
 */
static void take_back(struct run *r)
{
	u64 info = r->vmcb->exit_int_info;
	struct tdxm_guest *guest = &r->c->vp->guest;

	if (!(info & EVENT_VALID))
		return;
	if (EVENT_TYPE(info) == EVENT_TYPE_INTR) {
		tdxm_apic_cancel(&guest->apic, EVENT_VECTOR(info));
	} else if (EVENT_TYPE(info) == EVENT_TYPE_NMI) {
		r->vcpu->nmi = NMI_NONE;
		r->c->vp->pend_nmi = 1;
	} else if (EVENT_TYPE(info) == EVENT_TYPE_EXCEPTION) {
		guest->event = (struct tdxm_event){
			.valid = true, .vector = EVENT_VECTOR(info),
			.has_error = info & EVENT_HAS_ERROR, .error = info >> 32,
		};
	}
}

enum tdxm_after run_leave(struct run *r, u64 status, u32 reason)
{
	const struct tdxm_exit exit = { .status = status, .reason = reason };

	if (status)
		run_log_end(r);
	return tdxm_guest_exit(r->c, &exit);
}

static enum tdxm_after on_interrupt(struct run *r)
{
	struct tdxm_exit exit = { .reason = TDXM_ON_INTERRUPT };
	u32 vector = run_ack();

	if (!vector)
		return TDXM_SAME_INSN;
	exit.interrupt = BIT(31) | vector;
	return tdxm_guest_exit(r->c, &exit);
}

static enum tdxm_after on_nmi(struct run *r)
{
	const struct tdxm_exit exit = { .reason = TDXM_ON_NMI, .interrupt = NMI_INFO };

	return run_ack_nmi() ? tdxm_guest_exit(r->c, &exit) : TDXM_SAME_INSN;
}

static enum tdxm_after ve(struct run *r, u32 reason, u32 length)
{
	return tdxm_guest_ve(r->c, reason, 0, length);
}

/* Qualification as VMX has it; whether the port was an immediate operand SVM does not say. */
static enum tdxm_after on_io(struct run *r)
{
	u32 info = (u32)r->vmcb->exit_info_1, size = info >> 4 & 7;
	u64 qualification = (size - 1) | (info & 1) << 3 | (info >> 2 & 3) << 4 | (info & 0xffff0000);

	return tdxm_guest_ve(r->c, TDXM_ON_IO, qualification,
			     (u32)(r->vmcb->exit_info_2 - r->vmcb->rip));
}

static enum tdxm_after on_ud(struct run *r)
{
	static const u8 tdcall[] = { 0x66, 0x0f, 0x01, 0xcc }, vmcall[] = { 0x0f, 0x01, 0xc1 };
	const struct tdxm_mode mode = {
		.cpl = r->vmcb->cpl, .code64 = run_code64(r),
	};
	u8 insn[TDCALL_LENGTH];
	u32 n = npt_fetch(r, insn, sizeof(insn));

	r->length = TDCALL_LENGTH;
	if (n == sizeof(tdcall) && !memcmp(insn, tdcall, sizeof(tdcall)))
		return tdxm_tdcall(r->c, &mode);
	if (n >= sizeof(vmcall) && !memcmp(insn, vmcall, sizeof(vmcall)))
		return ve(r, ON_VMCALL, VMCALL_LENGTH);
	return tdxm_guest_fault(r->c, TDXM_VECTOR_UD);
}

static enum tdxm_after on_nested_fault(struct run *r)
{
	struct tdxm_access access = {
		.gpa = r->vmcb->exit_info_2,
		.write = r->vmcb->exit_info_1 & BIT(1), .fetch = r->vmcb->exit_info_1 & BIT(4),
	};

	access.gla_valid = !access.fetch && run_gla(r, access.gpa, access.write, &access.gla);
	return tdxm_guest_violation(r->c, &access);
}

/* Two bits follow CR4. */
static enum tdxm_after on_cpuid(struct run *r)
{
	struct tdxm_regs *g = &r->c->vp->guest.regs;
	u32 leaf = g->rax, subleaf = g->rcx;
	enum tdxm_after after;

	r->length = 2;
	after = tdxm_guest_cpuid(r->c, r->vmcb->cpl);
	if (after == TDXM_NEXT_INSN && leaf == 1 && r->vcpu->cr4 & X86_CR4_OSXSAVE)
		g->rcx |= CPUID_1_ECX_OSXSAVE;
	if (after == TDXM_NEXT_INSN && leaf == 7 && !subleaf && r->vcpu->cr4 & X86_CR4_PKE)
		g->rcx |= CPUID_7_ECX_OSPKE;
	return after;
}

static enum tdxm_after handle(struct run *r)
{
	u64 code = r->vmcb->exit_code;

	switch (code) {
	case SVM_READ_CR0 ... SVM_WRITE_CR15:
		return run_cr_access(r, code >= SVM_WRITE_CR0);
	case SVM_READ_DR0 ... SVM_WRITE_DR15:
		return run_dr_access(r, code >= SVM_WRITE_DR0);
	case SVM_CR0_SEL_WRITE:
		return run_cr_access(r, true);
	case SVM_EXCEPTION_UD:
		return on_ud(r);
	case SVM_INTR:
		return on_interrupt(r);
	case SVM_NMI:
		return on_nmi(r);
	case SVM_SMI:
	case SVM_INIT:
	case SVM_VINTR:		/* the interrupt that is due can be taken now */
		return TDXM_SAME_INSN;
	case SVM_RDPMC:		/* no TD here has PERFMON */
		return tdxm_guest_fault(r->c, TDXM_VECTOR_GP);
	case SVM_CPUID:
		return on_cpuid(r);
	case SVM_IRET:
		r->vcpu->nmi = NMI_RETURNS;
		return TDXM_SAME_INSN;
	case SVM_INVD:
		return ve(r, ON_INVD, 2);
	case SVM_HLT:
		return ve(r, TDXM_ON_HLT, 1);
	case SVM_IOIO:
		return on_io(r);
	case SVM_MSR:
		return run_msr_access(r);
	case SVM_TASK_SWITCH:
		return run_leave(r, TDX_SUCCESS, ON_TASK_SWITCH);
	case SVM_SHUTDOWN:
		return run_leave(r, TDX_NON_RECOVERABLE_VCPU, TDXM_ON_TRIPLE_FAULT);
	case SVM_INVLPGA:
	case SVM_VMRUN ... SVM_SKINIT:	/* EFER.SVME, as the guest sees it, is clear */
		return tdxm_guest_fault(r->c, TDXM_VECTOR_UD);
	case SVM_WBINVD:
		return ve(r, TDXM_ON_WBINVD, 2);
	case SVM_MONITOR:
		return ve(r, TDXM_ON_MONITOR, 3);
	case SVM_MWAIT:
		return ve(r, TDXM_ON_MWAIT, 3);
	case SVM_NPF:
		return on_nested_fault(r);
	default:
		return run_leave(r, TDX_NON_RECOVERABLE_VCPU, ON_ENTRY_FAILED);
	}
}

static void step_over(struct run *r)
{
	r->vmcb->rip += r->length;
	r->vmcb->int_state &= ~INT_STATE_SHADOW;
}

static enum tdxm_after run_once(struct run *r, u64 host_vmcb_pa)
{
	struct tdxm_guest *guest = &r->c->vp->guest;
	enum tdxm_after after;
	u64 rip;
	u32 shadow;

	if (!npt_make_root(r, run_paged(r)))
		return run_leave(r, TDX_NON_RECOVERABLE_VCPU, ON_ENTRY_FAILED);
	tdxm_apic_take_posted(r->c);
	confine(r);
	deliver(r);
	r->vmcb->rax = guest->regs.rax;
	shadow = (u32)r->vmcb->int_state & INT_STATE_SHADOW;
	rip = r->vmcb->rip;
	run_vmrun(r->vmcb_pa, host_vmcb_pa, &guest->regs);
	if (r->vmcb->exit_code != SVM_NMI)	/* on_nmi() acknowledges it */
		run_nmi_window();
	guest->regs.rax = r->vmcb->rax;
	/* No instruction has run, or a jump to itself: puts back the shadow that QEMU has dropped. */
	if (r->vmcb->rip == rip)
		r->vmcb->int_state |= shadow;
	else if (r->vcpu->nmi == NMI_RETURNS)
		r->vcpu->nmi = NMI_NONE;
	run_save_crs(r);
	take_back(r);
	after = handle(r);
	run_log_exit(r, after);
	/* TDG.VP.VMCALL has been carried out when the host sees it. */
	if (after == TDXM_NEXT_INSN || (after == TDXM_EXIT && guest->in_vmcall))
		step_over(r);
	if (after == TDXM_EVENT)
		r->vmcb->int_state &= ~INT_STATE_SHADOW;
	return after;
}

void run_td(void *ctx, struct tdxm_call *c)
{
	const struct tdxm_exit lost = {
		.status = TDX_NON_RECOVERABLE_VCPU, .reason = ON_ENTRY_FAILED,
	};
	struct run r = { .c = c };
	bool fresh = !c->vp->guest.entered;
	u64 host_vmcb_pa;

	if (!find_pages(&r)) {
		tdxm_guest_exit(c, &lost);
		return;
	}
	if (fresh)
		reset(&r);
	tdxm_guest_enter(c);
	host_vmcb_pa = host_state_save();
	guest_state_load(&r);
	run_log_enter();
	while (run_once(&r, host_vmcb_pa) != TDXM_EXIT)
		;
	run_log_leave();
	guest_state_save(&r);
	host_state_restore();
}

/* ---- load and unload */

static int refuse(const char *why)
{
	pr_err("guests=1: %s\n", why);
	return -EOPNOTSUPP;
}

static int check_machine(void)
{
	u32 features[4], svm[4], sizes[4];

	sim_cpuid(NULL, 0x80000001, 0, features);
	sim_cpuid(NULL, 0x8000000a, 0, svm);
	sim_cpuid(NULL, 0x80000008, 0, sizes);
	if (!(features[2] & BIT(2)) || !(svm[3] & BIT(0)))
		return refuse("the CPU has no SVM with nested paging, as QEMU's TCG has");
	if ((sizes[0] & 0xff) < 48)
		return refuse("addresses of a TD have 48 bits, those of the CPU fewer: give QEMU phys-bits=48");
	if (__read_cr4() & X86_CR4_LA57)
		return refuse("nested tables would have five levels, as the kernel's: boot with no5lvl");
	if (!(__read_cr4() & X86_CR4_OSXSAVE))
		return refuse("the kernel does not use XSAVE");
	return 0;
}

static int make_maps(void)
{
	iopm = (u8 *)__get_free_pages(GFP_KERNEL, IOPM_ORDER);
	msrpm = (u8 *)__get_free_pages(GFP_KERNEL, MSRPM_ORDER);
	if (!iopm || !msrpm)
		return -ENOMEM;
	memset(iopm, 0xff, PAGE_SIZE << IOPM_ORDER);
	memset(msrpm, 0xff, PAGE_SIZE << MSRPM_ORDER);
	run_allow_msrs(msrpm);
	return 0;
}

static void free_maps(void)
{
	free_pages((unsigned long)iopm, IOPM_ORDER);
	free_pages((unsigned long)msrpm, MSRPM_ORDER);
	iopm = NULL;
	msrpm = NULL;
}

int run_init(void)
{
	int ret;

	if (!sim_config.guests)
		return 0;
	ret = check_machine();
	if (!ret)
		ret = run_ack_init();
	if (!ret)
		ret = make_maps();
	if (!ret)
		ret = npt_init();
	if (!ret)
		ret = host_state_init();
	if (!ret)
		ret = run_memory_init();
	if (ret)
		run_exit();
	return ret;
}

/*
 * No call is under way: the traps are gone, or not yet there.  Also where run_init() has
 * failed: a part may not have begun, or have come half-way.
 */
void run_exit(void)
{
	if (!sim_config.guests)
		return;
	run_memory_exit();
	host_state_exit();
	npt_exit();
	free_maps();
}
