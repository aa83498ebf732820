// SPDX-License-Identifier: GPL-2.0-only
/*
 * What VMRUN and VMSAVE do not keep of the host: its FPU and XCR0, debug registers, CR2,
 * PAT, TSC_AUX, EFER.SVME and VM_HSAVE_PA.  TDX lets some of it go, XCR0 for one; KVM puts
 * that back anyway, and other hosts need not.
 */
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/percpu.h>
#include <asm/cpufeature.h>
#include <asm/io.h>
#include <asm/msr-index.h>
#include <asm/processor.h>

#include "registers.h"
#include "run.h"
#include "sim.h"

#define DR7_INITIAL	0x400UL
#define XFEATURES	0x2e7ULL	/* of XFAM, those of XCR0 that fit a page */
#define XSAVE_SIZE_LEAF	0xd

/* In an XSAVE area. */
#define MXCSR		24
#define MXCSR_INITIAL	0x1f80
#define MXCSR_VALID	0xffff
#define XSTATE_BV	512
#define XSAVE_HEADER_END 576

struct host_state {
	u64 efer, hsave_pa, pat, tsc_aux, xcr0, cr2;
	unsigned long dr[4], dr6, dr7;
	u8 *vmcb, *hsave, *xsave;
};

static DEFINE_PER_CPU(struct host_state, hosts);
static unsigned int xsave_order;

#define READ_DR(n)	({ unsigned long v_; asm volatile("mov %%db" #n ", %0" : "=r" (v_)); v_; })
#define WRITE_DR(n, v)	asm volatile("mov %0, %%db" #n : : "r" ((unsigned long)(v)))

int host_state_init(void)
{
	u32 regs[4];
	int cpu;

	sim_cpuid(NULL, XSAVE_SIZE_LEAF, 0, regs);
	xsave_order = get_order(regs[2]);
	for_each_possible_cpu(cpu) {
		struct host_state *h = per_cpu_ptr(&hosts, cpu);

		h->vmcb = (u8 *)get_zeroed_page(GFP_KERNEL);
		h->hsave = (u8 *)get_zeroed_page(GFP_KERNEL);
		h->xsave = (u8 *)__get_free_pages(GFP_KERNEL | __GFP_ZERO, xsave_order);
		if (!h->vmcb || !h->hsave || !h->xsave)
			return -ENOMEM;
	}
	return 0;
}

void host_state_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct host_state *h = per_cpu_ptr(&hosts, cpu);

		free_page((unsigned long)h->vmcb);
		free_page((unsigned long)h->hsave);
		free_pages((unsigned long)h->xsave, xsave_order);
		*h = (struct host_state){ .efer = 0 };
	}
}

static void save_debug_registers(struct host_state *h)
{
	h->dr7 = READ_DR(7);
	h->dr6 = READ_DR(6);
	WRITE_DR(7, DR7_INITIAL);	/* first: the guest's addresses are no breakpoints here */
	h->dr[0] = READ_DR(0);
	h->dr[1] = READ_DR(1);
	h->dr[2] = READ_DR(2);
	h->dr[3] = READ_DR(3);
}

static void restore_debug_registers(const struct host_state *h)
{
	WRITE_DR(0, h->dr[0]);
	WRITE_DR(1, h->dr[1]);
	WRITE_DR(2, h->dr[2]);
	WRITE_DR(3, h->dr[3]);
	WRITE_DR(6, h->dr6);
	WRITE_DR(7, h->dr7);
}

u64 host_state_save(void)
{
	struct host_state *h = this_cpu_ptr(&hosts);

	save_debug_registers(h);
	asm volatile("mov %%cr2, %0" : "=r" (h->cr2));
	h->pat = get_msr(MSR_IA32_CR_PAT);
	h->tsc_aux = boot_cpu_has(X86_FEATURE_RDTSCP) ? get_msr(MSR_TSC_AUX) : 0;
	h->xcr0 = get_xcr0();
	xsave(h->xsave, h->xcr0);
	h->efer = get_msr(MSR_EFER);
	h->hsave_pa = get_msr(MSR_VM_HSAVE_PA);
	set_msr(MSR_EFER, h->efer | EFER_SVME);
	set_msr(MSR_VM_HSAVE_PA, __pa(h->hsave));
	return __pa(h->vmcb);
}

void host_state_restore(void)
{
	struct host_state *h = this_cpu_ptr(&hosts);

	set_msr(MSR_VM_HSAVE_PA, h->hsave_pa);
	set_msr(MSR_EFER, h->efer);
	set_xcr0(h->xcr0);
	xrstor(h->xsave, h->xcr0);
	if (boot_cpu_has(X86_FEATURE_RDTSCP))
		set_msr(MSR_TSC_AUX, h->tsc_aux);
	if (get_msr(MSR_IA32_CR_PAT) != h->pat)
		set_msr(MSR_IA32_CR_PAT, h->pat);
	asm volatile("mov %0, %%cr2" : : "r" (h->cr2));
	restore_debug_registers(h);
}

static u64 features(const struct run *r)
{
	return r->c->td->xfam & XFEATURES & this_cpu_ptr(&hosts)->xcr0;
}

/* The area is TD memory, which the host may have written: nothing in it may fault here. */
static void sanitize(u8 *area, u64 allowed)
{
	*(u32 *)(area + MXCSR) &= MXCSR_VALID;
	*(u64 *)(area + XSTATE_BV) &= allowed;
	memset(area + XSTATE_BV + 8, 0, XSAVE_HEADER_END - XSTATE_BV - 8);
}

/* What the TD has not is as after reset: nothing of the host's is left in a register. */
void guest_state_load(const struct run *r)
{
	u64 allowed = features(r);

	sanitize(r->xsave, allowed);
	xrstor(r->xsave, this_cpu_ptr(&hosts)->xcr0);
	set_xcr0((r->vcpu->xcr0 & allowed) | 1);
	if (boot_cpu_has(X86_FEATURE_RDTSCP))
		set_msr(MSR_TSC_AUX, r->vcpu->tsc_aux);
	WRITE_DR(0, r->vcpu->dr[0]);
	WRITE_DR(1, r->vcpu->dr[1]);
	WRITE_DR(2, r->vcpu->dr[2]);
	WRITE_DR(3, r->vcpu->dr[3]);
}

/* TCG has no exit for XSETBV: what the guest has set beyond its XFAM is dropped here. */
void guest_state_save(const struct run *r)
{
	u64 allowed = features(r);

	r->vcpu->dr[0] = READ_DR(0);
	r->vcpu->dr[1] = READ_DR(1);
	r->vcpu->dr[2] = READ_DR(2);
	r->vcpu->dr[3] = READ_DR(3);
	if (boot_cpu_has(X86_FEATURE_RDTSCP))
		r->vcpu->tsc_aux = get_msr(MSR_TSC_AUX);
	r->vcpu->xcr0 = get_xcr0() & allowed;
	set_xcr0(this_cpu_ptr(&hosts)->xcr0);
	xsave(r->xsave, allowed);
}

void guest_state_reset(const struct run *r)
{
	memset(r->xsave, 0, PAGE_SIZE);
	*(u32 *)(r->xsave + MXCSR) = MXCSR_INITIAL;
	r->vcpu->xcr0 = 1;
}
