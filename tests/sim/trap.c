// SPDX-License-Identifier: GPL-2.0-only
/*
 * Instructions that raise #UD.  The kernel calls the die notifiers for a #UD in kernel
 * mode before it searches the exception tables: NOTIFY_STOP means that the instruction has
 * been emulated; with NOTIFY_DONE the tested module gets a real #UD.
 */
#include <linux/kdebug.h>
#include <linux/kernel.h>
#include <linux/timekeeping.h>
#include <asm/processor-flags.h>
#include <asm/trapnr.h>

#include "sim.h"
#include "status_codes.h"

#define ARITHMETIC_FLAGS (X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | \
			  X86_EFLAGS_ZF | X86_EFLAGS_SF | X86_EFLAGS_OF)
#define SEAMLDR		(1ULL << 63)

static void regs_to_model(const struct pt_regs *regs, struct tdxm_regs *m)
{
	*m = (struct tdxm_regs){
		.rax = regs->ax, .rbx = regs->bx, .rcx = regs->cx, .rdx = regs->dx,
		.rsi = regs->si, .rdi = regs->di, .rbp = regs->bp,
		.r8 = regs->r8, .r9 = regs->r9, .r10 = regs->r10, .r11 = regs->r11,
		.r12 = regs->r12, .r13 = regs->r13, .r14 = regs->r14, .r15 = regs->r15,
	};
}

static void regs_from_model(struct pt_regs *regs, const struct tdxm_regs *m)
{
	regs->ax = m->rax;
	regs->bx = m->rbx;
	regs->cx = m->rcx;
	regs->dx = m->rdx;
	regs->si = m->rsi;
	regs->di = m->rdi;
	regs->bp = m->rbp;
	regs->r8 = m->r8;
	regs->r9 = m->r9;
	regs->r10 = m->r10;
	regs->r11 = m->r11;
	regs->r12 = m->r12;
	regs->r13 = m->r13;
	regs->r14 = m->r14;
	regs->r15 = m->r15;
}

/* Until the call on this CPU has taken its time. */
void sim_dwell(void *ctx, u64 leaf)
{
	while (ktime_get_mono_fast_ns() < this_cpu_read(sim_cpus.call_end))
		cpu_relax();
}

/*
 * catch_up=1: what a call took beyond its latency, because the emulator's host
 * had the CPU elsewhere, is taken off the calls that follow.  So virtual CPUs
 * overlap their latencies as real ones would, on fewer real CPUs than that.
 */
static void start_clock(struct sim_cpu *cpu, u64 latency)
{
	u64 ahead = min(cpu->overrun, latency);

	cpu->overrun -= ahead;
	cpu->call_end = ktime_get_mono_fast_ns() + latency - ahead;
}

static void stop_clock(struct sim_cpu *cpu, u64 latency)
{
	u64 now = ktime_get_mono_fast_ns();

	if (now < cpu->call_end)
		return;
	cpu->span_latency += latency;
	if (sim_config.catch_up && latency)
		cpu->overrun += now - cpu->call_end;
}

static void tell_lies(u64 leaf, struct tdxm_regs *m)
{
	struct sim_lie *l;

	for (l = sim_config.lies; l < sim_config.lies + sim_config.nr_lies; l++)
		if (l->leaf == leaf && atomic_inc_return(&l->calls) == l->nth)
			*(u64 *)((void *)m + l->reg) = l->value;
}

static enum sim_result run_model(struct sim_cpu *cpu, struct pt_regs *regs)
{
	u64 leaf = regs->ax & SIM_LEAF_MASK;
	u32 lp = raw_smp_processor_id(), slot = sim_leaf_slot(leaf);
	u64 latency = sim_latency_us(slot) * 1000ULL;
	struct tdxm_regs m;
	enum tdxm_outcome outcome;

	if (lp >= sim_config.machine.nr_lps)
		return SIM_GP;

	regs_to_model(regs, &m);
	start_clock(cpu, latency);
	outcome = tdxm_seamcall(sim_model, lp, &m);
	atomic64_inc(&sim_stats.leaf_calls[slot]);
	switch (outcome) {
	case TDXM_COMPLETED:
		if (!m.rax)
			tell_lies(leaf, &m);
		regs_from_model(regs, &m);
		if (m.rax == TDX_METADATA_FIELD_ID_INCORRECT)
			atomic64_inc(&sim_stats.leaf_absent[slot]);
		else if (m.rax >> 63)
			atomic64_inc(&sim_stats.leaf_errors[slot]);
		else
			sim_dwell(NULL, leaf);	/* a leaf without a lock has not yet */
		stop_clock(cpu, latency);
		return SIM_OK;
	case TDXM_VMFAILINVALID:
		return SIM_VMFAILINVALID;
	case TDXM_GP:
		return SIM_GP;
	case TDXM_MACHINE_CHECK:
		panic("Fatal machine check in SEAMCALL, leaf %llu (simulated)", leaf);
	default:
		return SIM_UD;
	}
}

static enum sim_result seamcall(struct sim_cpu *cpu, struct pt_regs *regs)
{
	u64 leaf = regs->ax & SIM_LEAF_MASK;

	if (sim_config.vmx_real)
		sim_real_look(cpu);
	cpu->calls++;
	cpu->span_calls++;
	if (cpu->vmx == VMX_OFF) {
		/* Legal only where an owner may have gone since the host looked. */
		if (!sim_owner_races(cpu))
			sim_violation(SIM_V_CALL_OUTSIDE_VMX, regs, leaf);
		return SIM_UD;
	}
	if (cpu->vmx == VMX_BORROWED && (regs->flags & X86_EFLAGS_IF))
		sim_violation(SIM_V_CALL_IRQS_ON, regs, leaf);
	if ((leaf & SEAMLDR) && cpu->vmx == VMX_OWNED && !sim_config.keep_vmcs)
		sim_violation(SIM_V_SEAMLDR_DROPS_VMCS, regs, leaf);

	switch (sim_config.seamrr) {
	case SEAMRR_ON:
	case SEAMRR_HIDDEN:
		return run_model(cpu, regs);
	case SEAMRR_UNSUPPORTED:
		return SIM_UD;
	default:
		return SIM_VMFAILINVALID;
	}
}

/* QEMU's TCG lacks it; every CPU with TDX has it.  #GP: not at a line's start. */
static enum sim_result store_line(const struct pt_regs *regs, const struct sim_insn *insn)
{
	void *line = (void *)*sim_gpr((struct pt_regs *)regs, insn->reg);

	if ((unsigned long)line & 63)
		return SIM_GP;
	memcpy(line, (void *)insn->operand, 64);
	atomic64_inc(&sim_stats.movdir64b);
	return SIM_OK;
}

static enum sim_result execute(struct sim_cpu *cpu, struct pt_regs *regs,
			       const struct sim_insn *insn)
{
	enum sim_result result;

	sim_span_enter(cpu, regs);
	switch (insn->kind) {
	case INSN_SEAMCALL:
		result = seamcall(cpu, regs);
		break;
	case INSN_VMXON:
		result = sim_vmxon(cpu, regs, *(u64 *)insn->operand);
		break;
	case INSN_MOVDIR64B:
		result = store_line(regs, insn);
		break;
	case INSN_INVEPT:
		result = cpu->vmx == VMX_OFF ? SIM_UD : SIM_OK;
		atomic64_inc(&sim_stats.invept);
		break;
	default:
		result = sim_vmxoff(cpu, regs);
		break;
	}
	sim_span_leave(cpu);
	if (insn->kind == INSN_VMXOFF)
		sim_span_cut(cpu);
	return result;
}

static int finish(struct pt_regs *regs, const struct sim_insn *insn, enum sim_result result)
{
	switch (result) {
	case SIM_OK:
		if (insn->kind != INSN_MOVDIR64B)
			regs->flags &= ~ARITHMETIC_FLAGS;
		break;
	case SIM_VMFAILINVALID:
		atomic64_inc(&sim_stats.vmfailinvalid);
		regs->flags &= ~ARITHMETIC_FLAGS;
		regs->flags |= X86_EFLAGS_CF;
		break;
	case SIM_GP:
		atomic64_inc(&sim_stats.gp);
		if (sim_fixup(sim_target_of(regs->ip), regs, X86_TRAP_GP))
			return NOTIFY_STOP;
		sim_violation(SIM_V_UNHANDLED_FAULT, regs, ~0ULL);
		return NOTIFY_DONE;
	default:
		atomic64_inc(&sim_stats.ud);
		return NOTIFY_DONE;
	}
	regs->ip += insn->length;
	return NOTIFY_STOP;
}

static int on_trap(struct notifier_block *nb, unsigned long event, void *data)
{
	const struct die_args *args = data;
	struct pt_regs *regs = args->regs;
	struct sim_insn insn;

	if (event != DIE_TRAP || args->trapnr != X86_TRAP_UD || user_mode(regs))
		return NOTIFY_DONE;

	sim_decode((const u8 *)regs->ip, regs, &insn);
	switch (insn.kind) {
	case INSN_SEAMCALL:
		break;
	case INSN_VMXON:
	case INSN_VMXOFF:
		if (sim_target_of(regs->ip) && !sim_config.vmx_real)
			break;
		return NOTIFY_DONE;
	case INSN_MOVDIR64B:
		if (sim_target_of(regs->ip))
			break;
		return NOTIFY_DONE;
	case INSN_INVEPT:	/* KVM's, which is none of the tested modules */
		if (sim_config.kvm && !sim_config.vmx_real)
			break;
		return NOTIFY_DONE;
	default:
		if (sim_target_of(regs->ip) && *(u8 *)regs->ip != 0x0f)
			sim_violation(SIM_V_UNKNOWN_INSN, regs, ~0ULL);
		return NOTIFY_DONE;
	}
	return finish(regs, &insn, execute(this_cpu_ptr(&sim_cpus), regs, &insn));
}

static struct notifier_block trap_nb = {
	.notifier_call = on_trap,
	.priority = INT_MAX,
};

int sim_trap_init(void)
{
	return register_die_notifier(&trap_nb);
}

void sim_trap_exit(void)
{
	unregister_die_notifier(&trap_nb);
}
