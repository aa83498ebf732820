/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TDH.VP.ENTER: run a vCPU until it exits (TDX module ABI, "TDH.VP.ENTER
 * Leaf").  After a TDVMCALL every general register but RSP may hold a value of
 * the TD's, so the pointer to the results is kept on the stack.
 */
#include <linux/cfi_types.h>
#include <linux/linkage.h>
#include <asm/asm.h>

#define LEAF_VP_ENTER	0

#define SW_ERROR		0x8000ff0000000000
#define SW_VMFAILINVALID	0x8000ff00ffff0000

/* Offsets in struct tdx_vp and struct tdx_module_args; td.c asserts them. */
#define VP_TDVPR_PA	8
#define ARGS_RCX	0
#define ARGS_RDX	8
#define ARGS_R8		16
#define ARGS_R9		24
#define ARGS_R10	32
#define ARGS_R11	40
#define ARGS_R12	48
#define ARGS_R13	56
#define ARGS_R14	64
#define ARGS_R15	72
#define ARGS_RBX	80
#define ARGS_RDI	88
#define ARGS_RSI	96

.section .noinstr.text, "ax"

/*
 * u64 tdh_vp_enter(struct tdx_vp *vp, struct tdx_module_args *args)
 *
 * RBP is saved like the others, as a module without NO_RBP_MOD may change it.
 * After the call it holds @args.
 */
SYM_TYPED_FUNC_START(tdh_vp_enter)
	push	%rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	push	%rsi

	mov	VP_TDVPR_PA(%rdi), %rcx
	mov	ARGS_RDX(%rsi), %rdx
	mov	ARGS_R8(%rsi), %r8
	mov	ARGS_R9(%rsi), %r9
	mov	ARGS_R10(%rsi), %r10
	mov	ARGS_R11(%rsi), %r11
	mov	ARGS_R12(%rsi), %r12
	mov	ARGS_R13(%rsi), %r13
	mov	ARGS_R14(%rsi), %r14
	mov	ARGS_R15(%rsi), %r15
	mov	ARGS_RBX(%rsi), %rbx
	mov	ARGS_RDI(%rsi), %rdi
	mov	ARGS_RSI(%rsi), %rsi
	mov	$LEAF_VP_ENTER, %eax

.Lseamcall:
	.byte	0x66, 0x0f, 0x01, 0xcf
	jc	.Lvmfailinvalid

	pop	%rbp
	mov	%rcx, ARGS_RCX(%rbp)
	mov	%rdx, ARGS_RDX(%rbp)
	mov	%r8, ARGS_R8(%rbp)
	mov	%r9, ARGS_R9(%rbp)
	mov	%r10, ARGS_R10(%rbp)
	mov	%r11, ARGS_R11(%rbp)
	mov	%r12, ARGS_R12(%rbp)
	mov	%r13, ARGS_R13(%rbp)
	mov	%r14, ARGS_R14(%rbp)
	mov	%r15, ARGS_R15(%rbp)
	mov	%rbx, ARGS_RBX(%rbp)
	mov	%rdi, ARGS_RDI(%rbp)
	mov	%rsi, ARGS_RSI(%rbp)

.Lout:
	/*
	 * The TD chose these values.  Clear them, so that none is used even
	 * speculatively; also in the registers that are restored below.
	 */
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%esi, %esi
	xor	%edi, %edi
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	xor	%r12d, %r12d
	xor	%r13d, %r13d
	xor	%r14d, %r14d
	xor	%r15d, %r15d
	xor	%ebx, %ebx

	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	RET

.Lvmfailinvalid:
	movabs	$SW_VMFAILINVALID, %rax
	jmp	.Lfail

	/* The exception fixup has put the trap's number into RAX. */
.Ltrap:
	movabs	$SW_ERROR, %rdi
	or	%rdi, %rax
.Lfail:
	pop	%rsi
	jmp	.Lout

	_ASM_EXTABLE_FAULT(.Lseamcall, .Ltrap)
SYM_FUNC_END(tdh_vp_enter)

/* The stack need not be executable. */
.section .note.GNU-stack, "", @progbits
