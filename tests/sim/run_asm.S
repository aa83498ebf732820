/* SPDX-License-Identifier: GPL-2.0-only */
/* VMRUN, and the windows in which an interrupt or an NMI is acknowledged. */
#include <linux/linkage.h>
#include <asm/unwind_hints.h>
#if __has_include(<asm/ibt.h>)
#include <asm/ibt.h>
#else
#define ENDBR
#endif

#define VMRUN	.byte 0x0f, 0x01, 0xd8	/* RAX: VMCB */
#define VMLOAD	.byte 0x0f, 0x01, 0xda
#define VMSAVE	.byte 0x0f, 0x01, 0xdb
#define STGI	.byte 0x0f, 0x01, 0xdc
#define CLGI	.byte 0x0f, 0x01, 0xdd

/* struct tdxm_regs; RAX is in the VMCB. */
#define RBX	1*8
#define RCX	2*8
#define RDX	3*8
#define RSI	4*8
#define RDI	5*8
#define RBP	6*8
#define R8_	7*8
#define R9_	8*8
#define R10_	9*8
#define R11_	10*8
#define R12_	11*8
#define R13_	12*8
#define R14_	13*8
#define R15_	14*8

	.text
/*
 * void run_vmrun(u64 vmcb_pa, u64 host_vmcb_pa, struct tdxm_regs *regs): interrupts off,
 * EFER.SVME set.  VMRUN keeps the host's CS, SS, DS, ES, GDTR, IDTR, control registers and
 * EFER; FS, GS, TR, LDTR and the MSRs of SYSCALL and SYSENTER are VMSAVE's.
 * From CLGI to the caller's STGI nothing is delivered to the host.  STI in between: with
 * interrupts masked for the host, none would end the guest.
 */
SYM_FUNC_START(run_vmrun)
	push %rbp
	push %rbx
	push %r12
	push %r13
	push %r14
	push %r15
	push %rsi
	push %rdx
	mov %rsi, %rax
	VMSAVE
	mov %rdi, %rax
	mov RBX(%rdx), %rbx
	mov RCX(%rdx), %rcx
	mov RSI(%rdx), %rsi
	mov RDI(%rdx), %rdi
	mov RBP(%rdx), %rbp
	mov R8_(%rdx), %r8
	mov R9_(%rdx), %r9
	mov R10_(%rdx), %r10
	mov R11_(%rdx), %r11
	mov R12_(%rdx), %r12
	mov R13_(%rdx), %r13
	mov R14_(%rdx), %r14
	mov R15_(%rdx), %r15
	mov RDX(%rdx), %rdx
	CLGI
	sti
	VMLOAD
	VMRUN
	VMSAVE
	cli
	xchg %rax, (%rsp)
	mov %rbx, RBX(%rax)
	mov %rcx, RCX(%rax)
	mov %rdx, RDX(%rax)
	mov %rsi, RSI(%rax)
	mov %rdi, RDI(%rax)
	mov %rbp, RBP(%rax)
	mov %r8, R8_(%rax)
	mov %r9, R9_(%rax)
	mov %r10, R10_(%rax)
	mov %r11, R11_(%rax)
	mov %r12, R12_(%rax)
	mov %r13, R13_(%rax)
	mov %r14, R14_(%rax)
	mov %r15, R15_(%rax)
	pop %rax
	pop %rax
	VMLOAD
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbx
	pop %rbp
	RET
SYM_FUNC_END(run_vmrun)

/* u32 run_nmi_window(void): STGI.  2 if an NMI came, under run_ack.c's IDT for it. */
SYM_FUNC_START(run_nmi_window)
	xor %eax, %eax
	STGI
	nop
	RET
SYM_FUNC_END(run_nmi_window)

/* u32 run_ack_window(void): under run_ack.c's IDT.  The vector that came; 0: none. */
SYM_FUNC_START(run_ack_window)
	xor %eax, %eax
	sti
	nop
	nop
	cli
	RET
SYM_FUNC_END(run_ack_window)

/* One for each vector from 32, 16 bytes apart, and the NMI's.  They return with interrupts off. */
	.balign 16
SYM_CODE_START(run_ack_stubs)
vector = 32
	.rept 224
	.balign 16
	UNWIND_HINT_IRET_REGS
	ENDBR
	mov $vector, %eax
	jmp 1f
	vector = vector + 1
	.endr
SYM_INNER_LABEL(run_nmi_stub, SYM_L_GLOBAL)
	UNWIND_HINT_IRET_REGS
	ENDBR
	mov $2, %eax
1:	UNWIND_HINT_IRET_REGS
	andl $~0x200, 16(%rsp)
	iretq
SYM_CODE_END(run_ack_stubs)
