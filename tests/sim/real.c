// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmx_real=1: CR4, VMXON, VMXOFF and the VMX MSRs are those of the CPU, or of another
 * emulator, and only SEAMCALL is simulated.  Whether a CPU is in VMX operation, and for
 * whom, is then read from the CPU.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <asm/asm.h>
#include <asm/cpufeature.h>
#include <asm/processor-flags.h>
#include <asm/tlbflush.h>

#include "sim.h"

/* Looked up at run time: not every kernel exports it to every module. */
static typeof(&cr4_read_shadow) read_shadow;

/* VMPTRST raises #UD outside VMX operation, and changes nothing in it. */
static bool in_vmx_operation(void)
{
	u64 vmcs;
	int in = 0;	/* as it stays when the instruction traps */

	asm volatile("1: vmptrst %[vmcs]\n\t"
		     "movl $1, %[in]\n"
		     "2:\n\t"
		     _ASM_EXTABLE(1b, 2b)
		     : [vmcs] "=m" (vmcs), [in] "+r" (in)
		     : : "cc");
	return in;
}

/*
 * An owner (KVM) sets CR4.VMXE with the kernel's function, so it is in the
 * kernel's shadow of CR4; what is borrowed is in the register alone.
 */
void sim_real_look(struct sim_cpu *cpu)
{
	unsigned long cr4;

	asm volatile("mov %%cr4, %0" : "=r" (cr4));
	cpu->vmxe = cr4 & X86_CR4_VMXE;
	cpu->owner_vmxe = read_shadow() & X86_CR4_VMXE;
	if (!in_vmx_operation())
		cpu->vmx = VMX_OFF;
	else
		cpu->vmx = cpu->owner_vmxe ? VMX_OWNED : VMX_BORROWED;
}

bool sim_real_rdmsr(u32 msr, u64 *value)
{
	u32 low = 0, high = 0;
	int ok = 0;	/* as it stays when the instruction traps */

	asm volatile("1: rdmsr\n\t"
		     "movl $1, %[ok]\n"
		     "2:\n\t"
		     _ASM_EXTABLE(1b, 2b)
		     : "=a" (low), "=d" (high), [ok] "+r" (ok)
		     : "c" (msr));
	*value = low | (u64)high << 32;
	return ok;
}

int sim_real_init(void)
{
	if (!sim_config.vmx_real)
		return 0;
	if (!boot_cpu_has(X86_FEATURE_VMX)) {
		pr_err("vmx_real=1: this CPU has no VMX\n");
		return -ENODEV;
	}
	read_shadow = symbol_get(cr4_read_shadow);
	if (!read_shadow) {
		pr_err("vmx_real=1: this kernel lets no module see its shadow of CR4\n");
		return -ENOENT;
	}
	return 0;
}

void sim_real_exit(void)
{
	if (read_shadow)
		symbol_put(cr4_read_shadow);
}
