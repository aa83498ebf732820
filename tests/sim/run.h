/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * guests=1: TDs whose code runs.  TDH.VP.ENTER is VMRUN, as QEMU's TCG has AMD's SVM with
 * nested paging whatever vendor the CPU claims to be.
 *
 *      tests/model: TDH.VP.ENTER         run.c: the vCPU's pages; VMRUN, exit, VMRUN ...
 *        |                                 |         until the host is to hear of it
 *        +------- run_td() ------------->  +-- run_asm.S    VMRUN and what it leaves alone
 *                                          +-- host_state.c the host's FPU, XCR0, DRs, MSRs
 *        +------ tests/model/guest.h ---   +-- npt.c        the root of the nested tables
 *        |       what a TD may, and        +-- run_ack.c    the interrupt or NMI that came
 *        |       what it is told           +-- run_cr.c     control registers; run_dr.c DR7; run_msr.c
 *                                          +-- run_gla.c    linear addresses
 *                                          +-- run_memory.c the host's accesses to TD memory
 *                                          +-- run_log.c    what debugfs tells of it
 *
 * Where SVM under TCG is not VMX, and what that means:
 * - An unpaged guest would run on host memory: QEMU 7.2 leaves nested paging out while
 *   CR0.PG is clear.  It runs on identity pages of ours, in 32 bits: run_cr.c.
 * - There is no TDCALL: the instruction is #UD, which is intercepted and looked at.  A
 *   TDCALL on a page that is not private is therefore a #UD of the guest's.
 * - #VMEXIT does not acknowledge the interrupt or NMI that it is for: run_ack.c does.
 * - A posted-interrupt notification comes as an exit to the host, which has nothing to do.
 * - A nested page fault has no linear address: run_gla.c decodes the instruction.
 * - Nothing of the guest's is cached over #VMEXIT: TCG flushes its TLB at each VMRUN, and
 *   the VMCB asks for it.  That is more than TDH.MEM.RANGE.BLOCK and TRACK promise.
 * - A guest's hardware breakpoints are never hit: run_dr.c.
 * - QEMU's CPUs write flags of its first one without a lock: no TD should run there if there
 *   are others (tests/vm/guest/kvm.sh, guests_run()).
 * - Instructions to decode are fetched again: another vCPU may have changed them.
 */
#ifndef TDX_SEAMSIM_RUN_H
#define TDX_SEAMSIM_RUN_H

#include <linux/build_bug.h>
#include <linux/percpu.h>
#include <linux/stddef.h>
#include <linux/types.h>

#include "../model/model_state.h"

/* AMD64 APM volume 2, appendix B. The kernel's own changes its names between releases. */
struct vmcb_segment {
	u16 selector;
	u16 attributes;
	u32 limit;
	u64 base;
};

struct vmcb {
	u16 cr_reads, cr_writes, dr_reads, dr_writes;	/* intercepted: one bit a register */
	u32 exceptions;
	u32 intercepts[2];
	u8 reserved_14[0x40 - 0x14];
	u64 iopm_base, msrpm_base, tsc_offset;
	u32 asid;
	u8 tlb_control;
	u8 reserved_5d[3];
	u32 int_ctl, int_vector;
	u64 int_state;
	u64 exit_code, exit_info_1, exit_info_2, exit_int_info, nested_ctl;
	u8 reserved_98[0xa8 - 0x98];
	u64 event_inj, nested_cr3;
	u8 reserved_b8[0x400 - 0xb8];

	struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
	u8 reserved_4a0[0x4cb - 0x4a0];
	u8 cpl;
	u32 reserved_4cc;
	u64 efer;
	u8 reserved_4d8[0x548 - 0x4d8];
	u64 cr4, cr3, cr0, dr7, dr6, rflags, rip;
	u8 reserved_580[0x5d8 - 0x580];
	u64 rsp;
	u8 reserved_5e0[0x5f8 - 0x5e0];
	u64 rax, star, lstar, cstar, sfmask, kernel_gs_base, sysenter_cs, sysenter_esp, sysenter_eip, cr2;
	u8 reserved_648[0x668 - 0x648];
	u64 g_pat;
	u8 reserved_670[0x1000 - 0x670];
} __packed;

static_assert(sizeof(struct vmcb) == 4096);
static_assert(offsetof(struct vmcb, event_inj) == 0xa8 && offsetof(struct vmcb, efer) == 0x4d0);
static_assert(offsetof(struct vmcb, rip) == 0x578 && offsetof(struct vmcb, cr2) == 0x640);

enum {
	SVM_READ_CR0 = 0x00, SVM_WRITE_CR0 = 0x10, SVM_WRITE_CR15 = 0x1f,
	SVM_READ_DR0 = 0x20, SVM_WRITE_DR0 = 0x30, SVM_WRITE_DR15 = 0x3f,
	SVM_EXCEPTION_UD = 0x46, SVM_EXCEPTION_MC = 0x52,
	SVM_INTR = 0x60, SVM_NMI, SVM_SMI, SVM_INIT, SVM_VINTR, SVM_CR0_SEL_WRITE,
	SVM_RDPMC = 0x6f, SVM_CPUID = 0x72, SVM_IRET = 0x74, SVM_INVD = 0x76, SVM_HLT = 0x78,
	SVM_INVLPGA = 0x7a, SVM_IOIO, SVM_MSR, SVM_TASK_SWITCH, SVM_SHUTDOWN = 0x7f,
	SVM_VMRUN, SVM_VMMCALL, SVM_VMLOAD, SVM_VMSAVE, SVM_STGI, SVM_CLGI, SVM_SKINIT,
	SVM_WBINVD = 0x89, SVM_MONITOR, SVM_MWAIT,
	SVM_NPF = 0x400,
};

/* event_inj, exit_int_info. */
#define EVENT_VECTOR(e)		((u8)(e))
#define EVENT_TYPE(e)		((e) >> 8 & 7)
#define EVENT_TYPE_INTR		0
#define EVENT_TYPE_NMI		2
#define EVENT_TYPE_EXCEPTION	3
#define EVENT_HAS_ERROR		BIT_ULL(11)
#define EVENT_VALID		BIT_ULL(31)
#define EVENT(type, vector)	((u64)(type) << 8 | (vector) | EVENT_VALID)

#define INT_CTL_IRQ		BIT(8)
#define INT_CTL_IGNORE_TPR	BIT(20)
#define INT_CTL_MASKING		BIT(24)
#define INT_STATE_SHADOW	1ULL

/* What the VMCB has no place for, or shows otherwise than it is; a page of the TDVPS. */
struct run_vcpu {
	u64 cr0, cr3, cr4, efer;
	u64 xcr0;
	u64 dr[4], dr7;
	u64 tsc_aux, xss;
	u64 nmi;		/* enum run_nmi */
};

/* The guest's NMI: SVM under TCG does not block the next one until the handler returns. */
enum run_nmi { NMI_NONE, NMI_RUNS, NMI_RETURNS /* at its IRET */ };

/* The pages of a TDVPS, in the order in which the host gave them. */
struct run {
	struct tdxm_call *c;
	struct run_vcpu *vcpu;	/* the TDVPR */
	struct vmcb *vmcb;
	u64 *root;		/* of the nested tables */
	u8 *xsave;
	u64 *low_1g, *low_2m;	/* tables for GPAs below 512 GB, between 3 and 4 GB: unpaged */
	u64 vmcb_pa, root_pa, low_1g_pa, low_2m_pa;
	u32 length;		/* of the instruction that the guest goes on behind */
};

/* run.c: struct tdxm_host's run(). */
void run_td(void *ctx, struct tdxm_call *c);
int run_init(void);
void run_exit(void);
/* TDH.VP.ENTER is to come back with a VMX exit reason that says all. */
enum tdxm_after run_leave(struct run *r, u64 status, u32 reason);

/* run_asm.S */
void run_vmrun(u64 vmcb_pa, u64 host_vmcb_pa, struct tdxm_regs *regs);	/* GIF is clear then */
u32 run_nmi_window(void);
u32 run_ack_window(void);
extern const u8 run_ack_stubs[], run_nmi_stub[];

/* npt.c */
#define RUN_IDENTITY_GPA	0xfee00000U	/* no TD has memory there: the APIC's */
int npt_init(void);
void npt_exit(void);
/* False: nothing that the CPU could walk. */
bool npt_make_root(struct run *r, bool paged);
/* By the guest's page tables, as far as they are private memory. */
bool npt_translate(const struct run *r, u64 linear, u64 *gpa);
/* The guest's private memory: up to @size bytes; how many there are. */
u32 npt_read(const struct run *r, u64 linear, void *to, u32 size);
u32 npt_fetch(const struct run *r, u8 *to, u32 size);	/* the instruction at RIP */

/* run_gla.c: the linear address by which the guest has accessed @gpa. False: not known. */
bool run_gla(struct run *r, u64 gpa, bool write, u64 *gla);
/* Of an operand in memory, its ModRM byte at @modrm; segment bases are zero. Sets r->length. */
u64 run_operand(struct run *r, const u8 *insn, const u8 *modrm, u8 rex);

/* run_cr.c */
bool run_paged(const struct run *r);
/* The guest is in 64-bit mode. */
bool run_code64(const struct run *r);
void run_load_crs(struct run *r);
void run_save_crs(struct run *r);
/* The exit tells of an instruction on a register neither which nor how long it is. */
struct run_insn {
	u8 bytes[9];		/* LMSW with REX, SIB and a displacement is the longest */
	const u8 *opcode;	/* behind REX: two bytes, then ModRM; zeroes are none */
	u32 rex;
};
void run_fetch_insn(struct run *r, struct run_insn *insn);
u32 run_modrm_gpr(const struct run_insn *insn);
u64 *run_gpr(struct run *r, u32 gpr);
/* MOV to and from a control register, CLTS, LMSW, SMSW. */
enum tdxm_after run_cr_access(struct run *r, bool write);

/* run_dr.c */
#define RUN_DR7_FIXED	BIT(10)
void run_load_dr7(struct run *r);
/* MOV to and from DR7. */
enum tdxm_after run_dr_access(struct run *r, bool write);

/* run_msr.c */
enum tdxm_after run_msr_access(struct run *r);
/* Clears the bits of those that are not intercepted. */
void run_allow_msrs(u8 *map);

/* host_state.c: of this CPU, interrupts off.  What is saved is restored to the bit. */
int host_state_init(void);
void host_state_exit(void);
u64 host_state_save(void);	/* physical address of the VMCB for the host's half */
void host_state_restore(void);
void guest_state_load(const struct run *r);
void guest_state_save(const struct run *r);
void guest_state_reset(const struct run *r);

/* run_memory.c: struct tdxm_host's page(), as far as there is memory, and hide(). */
int run_memory_init(void);
void run_memory_exit(void);
void *run_page(u64 pa);
void run_hide(void *ctx, u64 pa, u64 size, bool hidden);

/* run_log.c */
struct dentry;
void run_log_show(struct dentry *dir);
/* From TDH.VP.ENTER until it comes back. */
void run_log_enter(void);
void run_log_leave(void);
void run_log_exit(const struct run *r, enum tdxm_after after);
/* The vCPU is not to be entered again. */
void run_log_end(const struct run *r);

/* run_ack.c: takes what is pending, as VMX does on exit. */
int run_ack_init(void);
u32 run_ack(void);	/* vector of the interrupt; 0: none is pending */
bool run_ack_nmi(void);	/* sets GIF; false: no NMI is pending */

#endif
