// SPDX-License-Identifier: GPL-2.0-only
/*
 * VMX operation and CR4.VMXE of each CPU, as Intel SDM volume 3 ("Introduction
 * to VMX operation") and the pages of VMXON and VMXOFF describe them, and how
 * long interrupts stay off around the calls.
 */
#include <linux/cpu.h>
#include <linux/mm.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <asm/processor-flags.h>

#include "sim.h"

DEFINE_PER_CPU(struct sim_cpu, sim_cpus);

static bool owner_races;

static bool irqs_on(const struct pt_regs *regs)
{
	return regs->flags & X86_EFLAGS_IF;
}

/* Some other CPU is in VMX operation with the same region. */
static bool region_in_use(const struct sim_cpu *cpu, u64 region)
{
	int i;

	for_each_possible_cpu(i) {
		const struct sim_cpu *other = per_cpu_ptr(&sim_cpus, i);

		if (other != cpu && READ_ONCE(other->vmxon_region) == region)
			return true;
	}
	return false;
}

static bool region_usable(u64 region)
{
	return !(region & ~PAGE_MASK) && sim_page(NULL, region) &&
	       page_count(pfn_to_page(PHYS_PFN(region)));
}

enum sim_result sim_vmxon(struct sim_cpu *cpu, struct pt_regs *regs, u64 region)
{
	if (!cpu->vmxe)
		return SIM_UD;
	if (cpu->vmx != VMX_OFF) {
		sim_violation(SIM_V_VMXON_TWICE, regs, ~0ULL);
		return SIM_VMFAILINVALID;
	}
	if (sim_config.feature_control != FC_OK && sim_config.feature_control != FC_SMX)
		return SIM_GP;

	if (irqs_on(regs))
		sim_violation(SIM_V_VMXON_IRQS_ON, regs, ~0ULL);
	if (!region_usable(region)) {
		sim_violation(SIM_V_VMXON_REGION, regs, ~0ULL);
		return SIM_VMFAILINVALID;
	}
	if (*(u32 *)sim_page(NULL, region) != sim_vmcs_revision()) {
		sim_violation(SIM_V_VMXON_REVISION, regs, ~0ULL);
		return SIM_VMFAILINVALID;
	}
	if (region_in_use(cpu, region))
		sim_violation(SIM_V_VMXON_REGION, regs, ~0ULL);

	cpu->vmx = VMX_BORROWED;
	cpu->left_on = false;
	cpu->vmxons++;
	WRITE_ONCE(cpu->vmxon_region, region);
	return SIM_OK;
}

enum sim_result sim_vmxoff(struct sim_cpu *cpu, struct pt_regs *regs)
{
	if (cpu->vmx == VMX_OFF)
		return SIM_UD;
	if (cpu->vmx == VMX_OWNED)
		sim_violation(SIM_V_VMXOFF_FOREIGN, regs, ~0ULL);
	else if (!region_usable(cpu->vmxon_region))
		sim_violation(SIM_V_VMXON_REGION, regs, ~0ULL);

	cpu->vmx = VMX_OFF;
	WRITE_ONCE(cpu->vmxon_region, 0);
	return SIM_OK;
}

static unsigned long real_cr4(void)
{
	unsigned long value;

	asm volatile("mov %%cr4, %0" : "=r" (value));
	return value;
}

u64 sim_cr4_read(const struct sim_cpu *cpu)
{
	return real_cr4() | (cpu->vmxe ? X86_CR4_VMXE : 0);
}

enum sim_result sim_cr4_write(struct sim_cpu *cpu, struct pt_regs *regs, u64 value)
{
	unsigned long rest = value & ~X86_CR4_VMXE;
	bool vmxe = value & X86_CR4_VMXE;

	if (vmxe && !sim_config.vmx)
		return SIM_GP;
	if (!vmxe && cpu->vmx != VMX_OFF) {
		sim_violation(SIM_V_VMXE_CLEARED_IN_VMX, regs, ~0ULL);
		return SIM_GP;
	}
	if (!vmxe && cpu->owner_vmxe)
		sim_violation(SIM_V_VMXE_FOREIGN, regs, ~0ULL);
	cpu->vmxe = vmxe;
	if (rest != real_cr4())
		asm volatile("mov %0, %%cr4" : : "r" (rest) : "memory");
	return SIM_OK;
}

/*
 * A stretch with interrupts off runs from the first emulated instruction that
 * finds them off to the last.  The moment in which they are on again is not
 * seen; what always stands at the start of a new stretch, VMXOFF before it or a
 * look at CR4, is taken for it (sim_span_cut()).
 */
void sim_span_cut(struct sim_cpu *cpu)
{
	cpu->span_start = 0;
	cpu->span_latency = 0;
	cpu->span_calls = 0;
}

void sim_span_enter(struct sim_cpu *cpu, const struct pt_regs *regs)
{
	/* With vmx_real there is nothing to cut at. */
	if (irqs_on(regs) || sim_config.vmx_real)
		sim_span_cut(cpu);
	else if (!cpu->span_start)
		cpu->span_start = ktime_get_mono_fast_ns();
}

void sim_span_leave(struct sim_cpu *cpu)
{
	if (!cpu->span_start)
		return;
	cpu->span_max_ns = max(cpu->span_max_ns, ktime_get_mono_fast_ns() - cpu->span_start);
	cpu->span_max_latency = max(cpu->span_max_latency, cpu->span_latency);
	cpu->span_max_calls = max(cpu->span_max_calls, cpu->span_calls);
}

static void set_owner(struct sim_cpu *cpu, enum sim_owner owner)
{
	if (cpu->vmx == VMX_BORROWED)
		return;		/* left on: sim_check_left_on() reports it */
	cpu->owner_vmxe = cpu->vmxe = owner != OWNER_NONE;
	cpu->vmx = owner == OWNER_VMX ? VMX_OWNED : VMX_OFF;
}

void sim_owner_here(enum sim_owner owner)
{
	set_owner(this_cpu_ptr(&sim_cpus), owner);
}

static void set_owner_here(void *owner)
{
	sim_owner_here(*(enum sim_owner *)owner);
}

void sim_set_owner(enum sim_owner owner)
{
	int cpu;

	cpus_read_lock();
	on_each_cpu(set_owner_here, &owner, 1);
	for_each_possible_cpu(cpu) {
		if (!cpu_online(cpu))
			set_owner(per_cpu_ptr(&sim_cpus, cpu), owner);
	}
	cpus_read_unlock();
}

void sim_owner_changes(enum sim_owner owner)
{
	WRITE_ONCE(owner_races, true);
	sim_set_owner(owner);
}

/* As KVM does it, so that a vCPU may be about to make a call: it is #UD. */
void sim_owner_leaves(void)
{
	enum sim_owner owner = OWNER_NONE;

	WRITE_ONCE(owner_races, true);
	on_each_cpu(set_owner_here, &owner, 1);
}

bool sim_owner_races(const struct sim_cpu *cpu)
{
	return READ_ONCE(owner_races) ||
	       (sim_config.vmx_real ? cpu->owner_vmxe : sim_config.kvm);
}

/* By IPI: that it arrives means that interrupts were on. */
static void check_left_on(void *unused)
{
	struct sim_cpu *cpu = this_cpu_ptr(&sim_cpus);

	if (sim_config.vmx_real)
		sim_real_look(cpu);
	if (cpu->left_on)
		return;
	if (cpu->owner_vmxe && !cpu->vmxe)
		sim_violation(SIM_V_VMXE_FOREIGN, NULL, ~0ULL);
	else if (cpu->vmx == VMX_BORROWED)
		sim_violation(SIM_V_VMX_LEFT_ON, NULL, ~0ULL);
	else if (cpu->vmx == VMX_OFF && cpu->vmxe && !cpu->owner_vmxe)
		sim_violation(SIM_V_VMXE_LEFT_ON, NULL, ~0ULL);
	else
		return;
	cpu->left_on = true;
}

void sim_check_left_on(void)
{
	on_each_cpu(check_left_on, NULL, 1);
}
