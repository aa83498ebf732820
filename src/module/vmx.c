// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMX operation, borrowed for a bounded moment and never taken.
 *
 * SEAMCALL needs VMX root operation.  If CR4.VMXE is set on this CPU, another module (KVM)
 * owns VMX operation, and the call is simply made.  Otherwise, with interrupts off:
 * set CR4.VMXE, VMXON on a page of our own, the calls, VMXOFF, restore CR4.
 *
 * No owner can notice this: an owner enters and leaves VMX operation in code that runs
 * on the same CPU, and with interrupts off no such code runs between begin and end.
 * Only such code uses the kernel's shadow of CR4 as well, so the shadow may differ in
 * between.
 *
 * An owner may be preempted after it set CR4.VMXE and before its VMXON, or after
 * its VMXOFF.  SEAMCALL then raises #UD; VMXON is done here and undone at end, and CR4 is
 * left alone, so the owner can continue where it was.
 *
 * One risk remains: a panic between begin and end.  How Linux leaves VMX operation before
 * it starts a crash kernel depends on its version:
 *   - with the only registered callback, which is KVM's, and which ours may not
 *     replace (cpu_emergency_register_virt_callback(): since 6.6, and in Debian's 6.1.192,
 *     which has it backported).  KVM registers it when loaded, and since 6.12 only while it
 *     has VMX enabled.  Without it the CPU stays in VMX operation, in which kexec's clearing
 *     of CR4.VMXE is a #GP: with no IDT left, a triple fault;
 *   - where CR4.VMXE is set, whoever set it, in kernels older than that, and again in 7.2
 *     (x86_vmx_emergency_disable_virtualization_cpu() in arch/x86/virt/hw.c).
 * tests/bochs/panic.sh shows what becomes of the crash kernel in each case.
 *
 * tdx_host has no soft dependency on KVM of its own: a KVM that makes TDs is bound to
 * tdx_host and cannot load before it, and modprobe -r tdx_host would take KVM along.
 * dist/modprobe.conf has the line for whoever wants it.
 */
#include <linux/gfp.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/printk.h>
#include <asm/asm.h>
#include <asm/processor-flags.h>
#include <asm/special_insns.h>
#include <asm/tsc.h>

#include "host.h"
#include "trace.h"

static DEFINE_PER_CPU(u32 *, vmxon_region);
static DEFINE_PER_CPU(u64, nr_calls);

/* VMXON regions are 4 KB at most on every CPU (IA32_VMX_BASIC 44:32). */
int tdx_vmx_prepare(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct page *page;

		if (per_cpu(vmxon_region, cpu))
			continue;
		page = alloc_pages_node(cpu_to_node(cpu), GFP_KERNEL | __GFP_ZERO, 0);
		if (!page) {
			tdx_error("no memory for the VMXON region of CPU %d", cpu);
			tdx_vmx_release();
			return -EINVAL;
		}
		*(u32 *)page_address(page) = tdx_platform.vmcs_revision;
		per_cpu(vmxon_region, cpu) = page_address(page);
	}
	return 0;
}

/*
 * No CPU can be between begin and end here: the callers of those have all
 * returned when the last user of the module is gone, so no CPU holds a region.
 */
void tdx_vmx_release(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		free_page((unsigned long)per_cpu(vmxon_region, cpu));
		per_cpu(vmxon_region, cpu) = NULL;
	}
}

/* Not the kernel's helper: its shadow must keep the value that is restored below. */
static void write_cr4(unsigned long cr4)
{
	asm volatile("mov %0, %%cr4" : : "r" (cr4) : "memory");
}

static bool vmxon(void)
{
	u64 pa = __pa(this_cpu_read(vmxon_region));
	int failed = 1;	/* as it stays when the instruction traps */

	asm volatile("1: vmxon %[pa]\n\t"
		     "jbe 2f\n\t"	/* CF or ZF: VMfail */
		     "movl $0, %[failed]\n"
		     "2:\n\t"
		     _ASM_EXTABLE(1b, 2b)
		     : [failed] "+r" (failed)
		     : [pa] "m" (pa)
		     : "memory", "cc");
	return !failed;
}

static void vmxoff(void)
{
	/* Cannot fail in VMX root operation outside SMM. */
	asm volatile("1: vmxoff\n"
		     "2:\n\t"
		     _ASM_EXTABLE(1b, 2b)
		     : : : "memory", "cc");
}

int tdx_vmx_begin(struct tdx_vmx *vmx)
{
	local_irq_save(vmx->flags);
	vmx->start = rdtsc_ordered();
	vmx->cr4 = native_read_cr4();
	vmx->on = false;
	if (vmx->cr4 & X86_CR4_VMXE)
		return 0;

	write_cr4(vmx->cr4 | X86_CR4_VMXE);
	vmx->on = vmxon();
	if (vmx->on)
		return 0;

	write_cr4(vmx->cr4);
	local_irq_restore(vmx->flags);
	pr_err_once("VMXON failed on CPU %d: VMX is disabled in BIOS or held outside the kernel\n",
		    raw_smp_processor_id());
	return -EIO;
}

/* The clock is read only for someone who looks. */
static u64 traced_call(u64 leaf, struct tdx_regs *regs)
{
	u64 start = trace_tdx_seamcall_exit_enabled() ? ktime_get_mono_fast_ns() : 0, status;

	trace_tdx_seamcall_enter(leaf, regs);
	status = tdx_seamcall_timed(leaf, regs);
	if (start)
		trace_tdx_seamcall_exit(leaf, status, regs, ktime_get_mono_fast_ns() - start);
	return status;
}

u64 tdx_vmx_call(struct tdx_vmx *vmx, u64 leaf, struct tdx_regs *regs)
{
	u64 status = traced_call(leaf, regs);

	this_cpu_inc(nr_calls);
	if (status != TDX_SW_UD || vmx->on)
		return status;
	/* CR4.VMXE without VMX operation: its owner is coming or going. */
	vmx->on = vmxon();
	return vmx->on ? traced_call(leaf, regs) : status;
}

/* VMXOFF comes before CR4: clearing CR4.VMXE in VMX operation is a #GP. */
void tdx_vmx_end(struct tdx_vmx *vmx)
{
	if (vmx->on)
		vmxoff();
	if (!(vmx->cr4 & X86_CR4_VMXE))
		write_cr4(vmx->cr4);
	tdx_times_irqs_off(rdtsc_ordered() - vmx->start);
	local_irq_restore(vmx->flags);
}

u64 tdx_vmx_calls(int cpu)
{
	return per_cpu(nr_calls, cpu);
}
