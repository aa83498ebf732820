/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's side of the TDX module: what a TD's vCPU asks of it, and what becomes of a
 * vCPU that cannot go on by itself.  Who runs the guest's instructions is struct
 * tdxm_host's run(): it calls these functions for what its guest does, and does what the
 * answer says.  Without run() TDs are a script (td_enter.c), and none of this is asked.
 */
#ifndef TDX_MODEL_GUEST_H
#define TDX_MODEL_GUEST_H

#include "model.h"

struct tdxm_call;
struct tdxm_td;
struct tdxm_vp;

/* What the guest learns of its last #VE, by TDG.VP.VEINFO.GET alone. */
struct tdxm_ve {
	bool valid;		/* not yet learnt */
	u32 reason;		/* VMX exit reason */
	u64 qualification;
	u64 gla, gpa;
	u32 length;		/* of the instruction */
};

/* The x2APIC as far as it is the module's; the rest is the host's, by #VE. */
struct tdxm_apic {
	u64 irr[4], isr[4];
	u8 tpr;
};

struct tdxm_event {
	bool valid;
	bool has_error;
	u8 vector;
	u32 error;
};

struct tdxm_guest {
	struct tdxm_regs regs;	/* but RSP, RIP and RFLAGS, which are run()'s */
	struct tdxm_ve ve;
	struct tdxm_apic apic;
	struct tdxm_event event;	/* to be delivered when the guest goes on */
	bool entered;		/* once, at least */
	bool in_vmcall;		/* left by TDG.VP.VMCALL: its registers are to come */
	u8 cpuid_ve_kernel, cpuid_ve_user;	/* not 0: it wants a #VE for each CPUID there */
#define TDXM_CPUID_CONTROLS	128
	u8 cpuid_control[TDXM_CPUID_CONTROLS];	/* the same for one leaf: kernel (0), user (1) */
#define TDXM_MAX_VMS	4
	u64 l2_ctls[TDXM_MAX_VMS], tsc_deadline[TDXM_MAX_VMS];
};

/* How the guest goes on. */
enum tdxm_after {
	TDXM_NEXT_INSN,		/* after the instruction that it asked by */
	TDXM_SAME_INSN,		/* with that again */
	TDXM_EVENT,		/* with guest->event, before that instruction */
	TDXM_EXIT,		/* not now: TDH.VP.ENTER comes back */
};

/* In which mode an instruction was executed. */
struct tdxm_mode {
	u8 cpl;
	bool code64;		/* CS.L in long mode */
};

/* An access to memory that the tables did not translate. */
struct tdxm_access {
	u64 gpa;
	u64 gla;
	bool write, fetch;
	bool by_leaf;		/* of a leaf's operand: what is written is read as well */
	bool gla_valid;
};

#define TDXM_VECTOR_UD	6
#define TDXM_VECTOR_DF	8
#define TDXM_VECTOR_GP	13
#define TDXM_VECTOR_VE	20

/* VMX exit reasons. */
enum {
	TDXM_ON_NMI = 0,		/* or an exception, of which no TD here has any */
	TDXM_ON_INTERRUPT = 1,
	TDXM_ON_TRIPLE_FAULT = 2,
	TDXM_ON_CPUID = 10,
	TDXM_ON_HLT = 12,
	TDXM_ON_IO = 30,
	TDXM_ON_RDMSR = 31,
	TDXM_ON_WRMSR = 32,
	TDXM_ON_MWAIT = 36,
	TDXM_ON_MONITOR = 39,
	TDXM_ON_EPT_VIOLATION = 48,
	TDXM_ON_WBINVD = 54,
	TDXM_ON_TDCALL = 77,
};

/* Exit qualification of an EPT violation: the access. */
#define TDXM_QUAL_READ	1ULL
#define TDXM_QUAL_WRITE	2ULL
#define TDXM_QUAL_FETCH	4ULL

/* guest.c */
/* As TDH.VP.INIT leaves the registers; or, after TDG.VP.VMCALL, the host's answer. */
void tdxm_guest_enter(struct tdxm_call *c);
/* TDH.VP.ENTER is to come back with @status and @reason; all registers but these are 0. */
struct tdxm_exit {
	u64 status;
	u32 reason;
	u64 qualification, extended, gpa;
	u32 interrupt;
};
enum tdxm_after tdxm_guest_exit(struct tdxm_call *c, const struct tdxm_exit *exit);
enum tdxm_after tdxm_guest_fault(struct tdxm_call *c, u8 vector);
/* A #VE, or a #DF where the guest has not yet learnt of the last one. */
enum tdxm_after tdxm_guest_ve(struct tdxm_call *c, u32 reason, u64 qualification, u32 length);
/* No page that the guest may use so, as far as the tables go: who is to hear of it? */
enum tdxm_after tdxm_guest_violation(struct tdxm_call *c, const struct tdxm_access *access);
/* A page of the TD's at @gpa, all of it private and mapped; NULL: none. */
void *tdxm_guest_page(struct tdxm_call *c, u64 gpa);

/* tdg.c: TDCALL, its registers in guest->regs. */
enum tdxm_after tdxm_tdcall(struct tdxm_call *c, const struct tdxm_mode *mode);

/* guest_cpuid.c: CPUID, at privilege level @cpl. */
enum tdxm_after tdxm_guest_cpuid(struct tdxm_call *c, u8 cpl);

/* guest_cr.c: writes of control registers that the TDX module sees, or might. */
struct tdxm_crs {
	u64 cr0, cr3, cr4;
	bool code64;
};

enum tdxm_cr_write { TDXM_CR_TAKEN, TDXM_CR_GP, TDXM_CR_VE };
enum tdxm_cr_write tdxm_write_cr0(struct tdxm_crs *crs, u64 value);
enum tdxm_cr_write tdxm_write_cr4(struct tdxm_crs *crs, u64 value, u64 xfam);
void tdxm_lmsw(struct tdxm_crs *crs, u64 value);

/* guest_apic.c */
/* Takes what the host has posted. */
void tdxm_apic_take_posted(struct tdxm_call *c);
/* The vector that is due, or -1: none, whatever RFLAGS.IF is. */
int tdxm_apic_due(const struct tdxm_apic *apic);
/* @vector is being delivered. */
void tdxm_apic_begin(struct tdxm_apic *apic, u8 vector);
/* It is not, after all. */
void tdxm_apic_cancel(struct tdxm_apic *apic, u8 vector);
/* RDMSR, WRMSR of an x2APIC register. False: it is the host's. */
bool tdxm_apic_read(const struct tdxm_apic *apic, u32 msr, u64 *value);
bool tdxm_apic_write(struct tdxm_apic *apic, u32 msr, u64 value);

#endif
