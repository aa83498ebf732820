// SPDX-License-Identifier: GPL-2.0-only
/*
 * kvm=1: VMX as far as a KVM needs it to make TDs, on a CPU without VMX.
 *
 * A TD is made and run by SEAMCALLs, so KVM uses little VMX of its own for it: it reads
 * what VMX can do, asks the kernel for VMX operation on each CPU, and flushes shared EPT
 * translations.  MSRs and CPUID are answered through pv_ops, which is patched into the
 * modules that load from then on: each of them holds the simulator.  The kernel's
 * x86_virt_get_ref() is answered for it, and makes KVM the owner of VMX on that CPU.
 * Virtual machines that are no TDs do not run: VMCS instructions keep their #UD.
 *
 * kvm=1 vmx_real=1: the CPU has VMX, but no KeyIDs: of all this it needs CPUID's answer.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/kprobes.h>
#include <linux/module.h>
#include <asm/cpufeature.h>
#include <asm/msr-index.h>
#include <asm/paravirt.h>
#include <asm/vmx.h>

#include "sim.h"

#if defined(HAVE_X86_VIRT) && defined(CONFIG_PARAVIRT_XXL)

/* 31:0 the controls that must be 1, 63:32 those that may be. */
#define CONTROLS(must, may)	((u64)((must) | (may)) << 32 | (must))

#define PIN_BASED	(PIN_BASED_EXT_INTR_MASK | PIN_BASED_NMI_EXITING | PIN_BASED_VIRTUAL_NMIS | \
			 PIN_BASED_POSTED_INTR)
#define CPU_BASED	(CPU_BASED_HLT_EXITING | CPU_BASED_CR3_LOAD_EXITING | CPU_BASED_CR3_STORE_EXITING | \
			 CPU_BASED_UNCOND_IO_EXITING | CPU_BASED_MOV_DR_EXITING | \
			 CPU_BASED_USE_TSC_OFFSETTING | CPU_BASED_MWAIT_EXITING | \
			 CPU_BASED_MONITOR_EXITING | CPU_BASED_INVLPG_EXITING | CPU_BASED_RDPMC_EXITING | \
			 CPU_BASED_INTR_WINDOW_EXITING | CPU_BASED_NMI_WINDOW_EXITING | \
			 CPU_BASED_CR8_LOAD_EXITING | CPU_BASED_CR8_STORE_EXITING | \
			 CPU_BASED_TPR_SHADOW | CPU_BASED_USE_MSR_BITMAPS | \
			 CPU_BASED_ACTIVATE_SECONDARY_CONTROLS)
#define SECONDARY	(SECONDARY_EXEC_VIRTUALIZE_APIC_ACCESSES | SECONDARY_EXEC_ENABLE_EPT | \
			 SECONDARY_EXEC_ENABLE_VPID | SECONDARY_EXEC_UNRESTRICTED_GUEST | \
			 SECONDARY_EXEC_VIRTUALIZE_X2APIC_MODE | SECONDARY_EXEC_APIC_REGISTER_VIRT | \
			 SECONDARY_EXEC_VIRTUAL_INTR_DELIVERY | SECONDARY_EXEC_TSC_SCALING | \
			 SECONDARY_EXEC_ENABLE_RDTSCP | SECONDARY_EXEC_ENABLE_INVPCID | \
			 SECONDARY_EXEC_ENABLE_XSAVES)
#define EXIT		(VM_EXIT_SAVE_DEBUG_CONTROLS | VM_EXIT_HOST_ADDR_SPACE_SIZE | \
			 VM_EXIT_ACK_INTR_ON_EXIT | VM_EXIT_LOAD_IA32_EFER | VM_EXIT_LOAD_IA32_PAT)
#define ENTRY		(VM_ENTRY_LOAD_DEBUG_CONTROLS | VM_ENTRY_IA32E_MODE | VM_ENTRY_LOAD_IA32_EFER | \
			 VM_ENTRY_LOAD_IA32_PAT)
#define EPT_VPID	(VMX_EPT_EXECUTE_ONLY_BIT | VMX_EPT_PAGE_WALK_4_BIT | VMX_EPT_PAGE_WALK_5_BIT | \
			 VMX_EPTP_WB_BIT | VMX_EPT_2MB_PAGE_BIT | VMX_EPT_INVEPT_BIT | VMX_EPT_AD_BIT | \
			 VMX_EPT_EXTENT_CONTEXT_BIT | VMX_EPT_EXTENT_GLOBAL_BIT | \
			 (VMX_VPID_INVVPID_BIT | VMX_VPID_EXTENT_SINGLE_CONTEXT_BIT | \
			  VMX_VPID_EXTENT_GLOBAL_CONTEXT_BIT) << 32)

bool sim_vmx_capability(u32 msr, u64 *value)
{
	if (!sim_config.kvm)
		return false;
	switch (msr) {
	case MSR_IA32_VMX_PINBASED_CTLS:
	case MSR_IA32_VMX_TRUE_PINBASED_CTLS:
		*value = CONTROLS(PIN_BASED_ALWAYSON_WITHOUT_TRUE_MSR, PIN_BASED);
		return true;
	case MSR_IA32_VMX_PROCBASED_CTLS:
	case MSR_IA32_VMX_TRUE_PROCBASED_CTLS:
		*value = CONTROLS(CPU_BASED_ALWAYSON_WITHOUT_TRUE_MSR, CPU_BASED);
		return true;
	case MSR_IA32_VMX_PROCBASED_CTLS2:
		*value = CONTROLS(0, SECONDARY);
		return true;
	case MSR_IA32_VMX_EXIT_CTLS:
	case MSR_IA32_VMX_TRUE_EXIT_CTLS:
		*value = CONTROLS(VM_EXIT_ALWAYSON_WITHOUT_TRUE_MSR, EXIT);
		return true;
	case MSR_IA32_VMX_ENTRY_CTLS:
	case MSR_IA32_VMX_TRUE_ENTRY_CTLS:
		*value = CONTROLS(VM_ENTRY_ALWAYSON_WITHOUT_TRUE_MSR, ENTRY);
		return true;
	case MSR_IA32_VMX_EPT_VPID_CAP:
		*value = EPT_VPID;
		return true;
	case MSR_IA32_VMX_VMCS_ENUM:
	case MSR_IA32_VMX_PROCBASED_CTLS3:
	case MSR_IA32_VMX_VMFUNC:
		*value = 0;
		return true;
	default:
		return false;
	}
}

static u64 (*real_read_msr)(u32 msr);
static int (*real_read_msr_safe)(u32 msr, u64 *value);
static void (*real_cpuid)(unsigned int *eax, unsigned int *ebx, unsigned int *ecx,
			  unsigned int *edx);

/* Of the MSRs that tdx_host sees by probe.c, those that KVM and Linux's own bring-up read. */
static bool machine_msr(u32 msr, u64 *value)
{
	return (msr == MSR_IA32_FEAT_CTL || msr == MSR_IA32_MKTME_KEYID_PARTITIONING ||
		(msr >= MSR_IA32_VMX_BASIC && msr <= MSR_IA32_VMX_PROCBASED_CTLS3)) &&
	       sim_rdmsr(msr, value);
}

static u64 read_msr(u32 msr)
{
	u64 value;

	return machine_msr(msr, &value) ? value : real_read_msr(msr);
}

static int read_msr_safe(u32 msr, u64 *value)
{
	return machine_msr(msr, value) ? 0 : real_read_msr_safe(msr, value);
}

static const int cpu_bits[] = { X86_FEATURE_VMX, X86_FEATURE_MSR_IA32_FEAT_CTL };

static void set_bits_of(struct cpuinfo_x86 *cpu, bool on)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(cpu_bits); i++) {
		if (on)
			set_bit(cpu_bits[i], (unsigned long *)cpu->x86_capability);
		else
			clear_bit(cpu_bits[i], (unsigned long *)cpu->x86_capability);
	}
}

/*
 * A CPU that came online has found for itself that it has no VMX.  The first thing that
 * KVM's check of it reads is this leaf.
 */
static void cpuid(unsigned int *eax, unsigned int *ebx, unsigned int *ecx, unsigned int *edx)
{
	u32 leaf = *eax;

	real_cpuid(eax, ebx, ecx, edx);
	if (leaf == 1 && !sim_config.vmx_real) {
		*ecx |= BIT(5);		/* VMX */
		set_bits_of(raw_cpu_ptr(&cpu_info), true);
	}
	/* KeyID bits are physical address bits, which only the kernel has taken off. */
	if (leaf == 0x80000008)
		*eax = (*eax & ~0xffU) | sim_config.machine.phys_bits;
}

static noinline int granted(int feature)
{
	return 0;
}
NOKPROBE_SYMBOL(granted);

static int on_get_ref(struct kprobe *kp, struct pt_regs *regs)
{
	sim_owner_here(OWNER_VMX);
	regs->ip = (unsigned long)granted;
	return 1;
}

static int on_put_ref(struct kprobe *kp, struct pt_regs *regs)
{
	sim_owner_here(OWNER_NONE);
	regs->ip = (unsigned long)granted;
	return 1;
}

static struct kprobe get_ref = {
	.symbol_name = "x86_virt_get_ref", .pre_handler = on_get_ref,
	.post_handler = sim_probe_done,
};
static struct kprobe put_ref = {
	.symbol_name = "x86_virt_put_ref", .pre_handler = on_put_ref,
	.post_handler = sim_probe_done,
};

/* Whoever loads has our functions in its text. */
static int on_module(struct notifier_block *nb, unsigned long state, void *data)
{
	if (data == THIS_MODULE)
		return NOTIFY_DONE;
	if (state == MODULE_STATE_COMING && !try_module_get(THIS_MODULE))
		return notifier_from_errno(-EBUSY);
	if (state == MODULE_STATE_GOING)
		module_put(THIS_MODULE);
	return NOTIFY_OK;
}

/* After target.c's, which may refuse a module: that one is never told to be going. */
static struct notifier_block module_nb = {
	.notifier_call = on_module,
	.priority = -1,
};

/* No CPU with TDX has it; of one that has, KVM wants no more than 46 address bits. */
static bool had_l1tf;

static void set_l1tf(bool on)
{
	unsigned long *bits = (unsigned long *)boot_cpu_data.x86_capability;

	if (on)
		set_bit(X86_BUG_L1TF, bits);
	else
		clear_bit(X86_BUG_L1TF, bits);
}

static void set_bits_everywhere(bool on)
{
	int cpu;

	if (on)
		had_l1tf = boot_cpu_has_bug(X86_BUG_L1TF);
	set_l1tf(!on && had_l1tf);
	set_bits_of(&boot_cpu_data, on);
	for_each_possible_cpu(cpu)
		set_bits_of(&cpu_data(cpu), on);
}

static int emulation_init(void)
{
	int ret = register_kprobe(&get_ref);

	if (!ret) {
		ret = register_kprobe(&put_ref);
		if (ret)
			unregister_kprobe(&get_ref);
	}
	if (ret) {
		pr_err("kvm=1: no kprobe at x86_virt_get_ref() or x86_virt_put_ref(): error %d\n", ret);
		return ret;
	}
	set_bits_everywhere(true);
	real_read_msr = pv_ops.cpu.read_msr;
	real_read_msr_safe = pv_ops.cpu.read_msr_safe;
	pv_ops.cpu.read_msr = read_msr;
	pv_ops.cpu.read_msr_safe = read_msr_safe;
	return 0;
}

static void emulation_exit(void)
{
	pv_ops.cpu.read_msr = real_read_msr;
	pv_ops.cpu.read_msr_safe = real_read_msr_safe;
	synchronize_rcu();
	set_bits_everywhere(false);
	unregister_kprobe(&put_ref);
	unregister_kprobe(&get_ref);
}

int sim_vmx_init(void)
{
	int ret;

	if (!sim_config.kvm)
		return 0;
	ret = register_module_notifier(&module_nb);
	if (ret)
		return ret;
	ret = sim_config.vmx_real ? 0 : emulation_init();
	if (ret) {
		unregister_module_notifier(&module_nb);
		return ret;
	}
	real_cpuid = pv_ops.cpu.cpuid;
	pv_ops.cpu.cpuid = cpuid;
	return 0;
}

/* No module that loaded meanwhile is left: each has held this one. */
void sim_vmx_exit(void)
{
	if (!sim_config.kvm)
		return;
	pv_ops.cpu.cpuid = real_cpuid;
	synchronize_rcu();
	if (!sim_config.vmx_real)
		emulation_exit();
	unregister_module_notifier(&module_nb);
}

#else

bool sim_vmx_capability(u32 msr, u64 *value)
{
	return false;
}

int sim_vmx_init(void)
{
	if (!sim_config.kvm)
		return 0;
	pr_err("kvm=1: wants Linux 7.2 or later with CONFIG_PARAVIRT_XXL\n");
	return -EOPNOTSUPP;
}

void sim_vmx_exit(void)
{
}

#endif
