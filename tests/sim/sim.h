/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tdx_seamsim: a simulated TDX module for an unmodified tdx_host.ko.
 *
 *      tdx_host.ko, unmodified: the tested module (target.c)
 *        |                                  |
 *        | SEAMCALL, VMXON, VMXOFF          | RDMSR, MOV to and from CR4, WBINVD
 *        v                                  v
 *      #UD, as the CPU has no VMX         kprobe on each of them, planted
 *        |                                when the module is loaded
 *        v                                  v
 *      trap.c: die notifier, asked        probe.c
 *        | before the exception tables      |
 *        |        +-------------------------+------- msr.c: the MSRs of a TDX machine
 *        |        |
 *        |        +--> cpu.c: VMX operation and CR4.VMXE of each CPU
 *        v                  (real.c where the CPU has VMX; vmx.c for a KVM)
 *      tests/model: the TDX module    <-- machine.c: CMRs, packages, LPs
 *        |                            <-- config.c: the parameters, faults to inject
 *        v
 *      result in the registers, and on past the instruction; a #GP by fixup.c
 *
 * trap.c, probe.c and cpu.c report a broken rule to violation.c; report.c shows those, the
 * calls and the PAMTs in debugfs.  badhost.c is a module that breaks each rule once.
 *
 * Everything reached from trap.c or probe.c runs with interrupts off, in trap
 * context, on PREEMPT_RT too: no sleeping lock, no allocation, no printk.
 */
#ifndef TDX_SEAMSIM_H
#define TDX_SEAMSIM_H

#include <linux/atomic.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/ptrace.h>
#include <linux/types.h>

#include "../model/model.h"

/* config.c: the parameters, checked. */

enum sim_seamrr { SEAMRR_ON, SEAMRR_UNLOCKED, SEAMRR_OFF, SEAMRR_UNSUPPORTED, SEAMRR_HIDDEN };
enum sim_tme { TME_ON, TME_OFF, TME_UNSUPPORTED, TME_HIDDEN };
enum sim_feature_control { FC_OK, FC_UNLOCKED, FC_DISABLED, FC_SMX };

/* A call that succeeds and leaves a wrong value in a register. */
struct sim_lie {
	u64 leaf;
	u32 nth;
	u32 reg;	/* offset in struct tdxm_regs */
	u64 value;
	atomic_t calls;
};

#define SIM_MAX_LIES	4

struct sim_config {
	struct tdxm_machine machine;
	enum sim_seamrr seamrr;
	enum sim_tme tme;
	enum sim_feature_control feature_control;
	bool vmx;
	bool vmx_owner;
	bool vmx_real;
	bool kvm;
	bool guests;
	bool keep_vmcs;
	bool catch_up;
	enum tdxm_past past;
	struct {
		u64 field;
		u64 value;
	} overrides[TDXM_MAX_OVERRIDES];
	u32 nr_overrides;
	struct tdxm_fault faults[TDXM_MAX_FAULTS];
	u32 nr_faults;
	struct sim_lie lies[SIM_MAX_LIES];
	u32 nr_lies;
};

extern struct sim_config sim_config;

int sim_config_read(void);
int sim_faults_set(void);
bool sim_config_is_target(const char *module_name);
u32 sim_keyid_bits(void);

/* machine.c: the guest as the firmware would describe it. */
int sim_machine_cmrs(struct tdxm_machine *machine);
int sim_machine_lps(struct tdxm_machine *machine, u32 nr_lps);
/* EAX to EDX; @ctx is unused: struct tdxm_host's cpuid(). */
void sim_cpuid(void *ctx, u32 leaf, u32 subleaf, u32 regs[4]);
int sim_caps_set(void);
void sim_caps_restore(void);
void *sim_page(void *ctx, u64 pa);

/* leaf.c: leaves by number and by name. */
#define SIM_NR_LEAVES	133	/* 0..127, four of the P-SEAMLDR, all others */
#define SIM_LEAF_MASK	((1ULL << 63) | 0xffff)

u32 sim_leaf_slot(u64 leaf);
/* NULL: no name. */
const char *sim_leaf_name(u32 slot);
/* A number or a name; 0 or -EINVAL. */
int sim_leaf_parse(const char *text, u64 *leaf);

/* cpu.c: VMX operation and CR4.VMXE of each CPU. */

enum sim_vmx { VMX_OFF, VMX_BORROWED, VMX_OWNED };

/* Only the CPU itself touches it, with interrupts off. */
struct sim_cpu {
	bool vmxe;		/* CR4.VMXE */
	enum sim_vmx vmx;	/* in VMX root operation: for whom */
	bool owner_vmxe;	/* set by the owner */
	bool left_on;		/* reported once */
	u64 vmxon_region;

	u64 call_end;		/* not before then, by the clock */
	u64 overrun;		/* ns that calls took beyond their latency */
	u64 calls;
	u64 vmxons;

	/* The current stretch with interrupts off; span_start 0: none. */
	u64 span_start;
	u64 span_latency;
	u32 span_calls;
	u64 span_max_ns;
	u64 span_max_latency;
	u32 span_max_calls;
};

DECLARE_PER_CPU(struct sim_cpu, sim_cpus);

/* What an emulated instruction ends in. */
enum sim_result {
	SIM_OK,			/* CF = ZF = 0 */
	SIM_VMFAILINVALID,	/* CF = 1 */
	SIM_GP,
	SIM_UD,
};

enum sim_owner {
	OWNER_NONE,
	OWNER_VMX,		/* in VMX operation on all CPUs */
	OWNER_VMXE,		/* on the way: CR4.VMXE set, not in VMX operation */
};

enum sim_result sim_vmxon(struct sim_cpu *cpu, struct pt_regs *regs, u64 region);
enum sim_result sim_vmxoff(struct sim_cpu *cpu, struct pt_regs *regs);
enum sim_result sim_cr4_write(struct sim_cpu *cpu, struct pt_regs *regs, u64 value);
u64 sim_cr4_read(const struct sim_cpu *cpu);
void sim_span_enter(struct sim_cpu *cpu, const struct pt_regs *regs);
void sim_span_leave(struct sim_cpu *cpu);
void sim_span_cut(struct sim_cpu *cpu);
/* Someone (KVM) has VMX on all CPUs, or has not.  May sleep. */
void sim_set_owner(enum sim_owner owner);
/* The same for this CPU, preemption off. */
void sim_owner_here(enum sim_owner owner);
/* The same while the tested module runs. */
void sim_owner_changes(enum sim_owner owner);
bool sim_owner_races(const struct sim_cpu *cpu);
/* Someone leaves VMX operation on all CPUs, for good.  Task context. */
void sim_owner_leaves(void);
/* VMX that should be off by now, on any CPU, is a violation.  May sleep. */
void sim_check_left_on(void);

/* real.c: with vmx_real, what the CPU itself says of CR4.VMXE and VMX operation. */
int sim_real_init(void);
void sim_real_exit(void);
/* On that CPU, interrupts off. */
void sim_real_look(struct sim_cpu *cpu);
bool sim_real_rdmsr(u32 msr, u64 *value);

/* run.h: with guests, TDs that run. */

/* vmx.c: with kvm, VMX as far as KVM needs it. */
int sim_vmx_init(void);
void sim_vmx_exit(void);
/* false: the machine has no such MSR. */
bool sim_vmx_capability(u32 msr, u64 *value);

/* msr.c: false: the machine has no such MSR (#GP). */
bool sim_rdmsr(u32 msr, u64 *value);
u32 sim_vmcs_revision(void);

/* insn.c: the instructions, decoded. */
struct sim_insn {
	enum { INSN_OTHER, INSN_SEAMCALL, INSN_VMXON, INSN_VMXOFF, INSN_MOVDIR64B, INSN_INVEPT,
	       INSN_RDMSR,
	      	       INSN_CR4_WRITE, INSN_CR4_READ, INSN_WBINVD } kind;
	u8 length;
	u8 reg;			/* number of the general register */
	u64 operand;		/* linear address of the operand in memory */
};

/* @regs may be NULL where no memory operand matters. */
void sim_decode(const u8 *text, const struct pt_regs *regs, struct sim_insn *insn);
/*
 * A ModRM byte at @p that names memory.  Returns the bytes it takes with SIB and
 * displacement; *@address lacks the instruction's end where it is RIP-relative.
 */
u8 sim_decode_memory(const u8 *p, u8 rex, const struct pt_regs *regs, u64 *address,
		     bool *rip_relative);
unsigned long *sim_gpr(struct pt_regs *regs, u8 number);

/* exits.c: the script of the TDs that are to come. */
int sim_exits_set(void);

/* trap.c */
int sim_trap_init(void);
void sim_trap_exit(void);
void sim_dwell(void *ctx, u64 leaf);

/* fixup.c: deliver @trapnr at regs->ip through @mod's exception table. */
bool sim_fixup(const struct module *mod, struct pt_regs *regs, int trapnr);

/* target.c: the modules under test. */
int sim_targets_init(void);
void sim_targets_exit(void);
struct module *sim_target_of(unsigned long ip);

/* probe.c: kprobes in a tested module and on the kernel's cache flush. */
struct sim_probes;
struct kprobe;

struct sim_probes *sim_probes_plant(struct module *mod);
void sim_probes_remove(struct sim_probes *probes);
unsigned long sim_probes_missed(void);
/* A kprobe with a post_handler is never turned into a jump, which could not move ip. */
void sim_probe_done(struct kprobe *kp, struct pt_regs *regs, unsigned long flags);
int sim_flush_probe_init(void);
void sim_flush_probe_exit(void);

/* violation.c */
enum sim_violation_kind {
	SIM_V_CALL_OUTSIDE_VMX,		/* SEAMCALL outside VMX operation */
	SIM_V_CALL_IRQS_ON,		/* SEAMCALL in borrowed VMX, interrupts on */
	SIM_V_VMXON_IRQS_ON,		/* VMX borrowed with interrupts on */
	SIM_V_VMXON_TWICE,		/* VMXON in VMX operation */
	SIM_V_VMXON_REVISION,		/* wrong revision id, or bit 31 */
	SIM_V_VMXON_REGION,		/* not a page, free, or another CPU's */
	SIM_V_VMXOFF_FOREIGN,		/* VMXOFF of someone else's VMX operation */
	SIM_V_VMX_LEFT_ON,		/* VMX borrowed and not given back */
	SIM_V_VMXE_LEFT_ON,		/* CR4.VMXE set and not cleared */
	SIM_V_VMXE_CLEARED_IN_VMX,	/* CR4.VMXE cleared in VMX operation */
	SIM_V_VMXE_FOREIGN,		/* someone else's CR4.VMXE cleared */
	SIM_V_SEAMLDR_DROPS_VMCS,	/* P-SEAMLDR call loses the owner's VMCS */
	SIM_V_UNHANDLED_FAULT,		/* #GP at an instruction without fixup */
	SIM_V_UNKNOWN_INSN,		/* form of an instruction not decoded */
	SIM_V_NR
};

/* @leaf: ~0 where none is meant. */
void sim_violation(enum sim_violation_kind kind, const struct pt_regs *regs, u64 leaf);
u64 sim_violations_total(void);
/* Names the places while the module they are in is still there. */
void sim_violations_name(void);

/* report.c: debugfs and the counters it shows. */
struct sim_stats {
	atomic64_t leaf_calls[SIM_NR_LEAVES];
	atomic64_t leaf_errors[SIM_NR_LEAVES];
	atomic64_t leaf_absent[SIM_NR_LEAVES];	/* RD of a field that there is not */
	atomic64_t vmfailinvalid;
	atomic64_t gp;
	atomic64_t ud;
	atomic64_t wbinvd;
	atomic64_t movdir64b;
	atomic64_t invept;
	atomic64_t flushes;
	atomic64_t flush_bytes;
	atomic64_t flushes_ignored;
};

extern struct sim_stats sim_stats;

int sim_report_init(void);
void sim_report_exit(void);

struct seq_file;
void sim_violations_show(struct seq_file *file);

/* last.c: the machine's last instant. */
int sim_last_init(void);
void sim_last_exit(void);

/* main.c */
extern struct tdxm *sim_model;

/* Microseconds that calls of a leaf take at least. */
u32 sim_latency_us(u32 slot);

#endif
