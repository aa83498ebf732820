/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The SEAMCALL instruction (Intel SDM vol. 3, "SEAMCALL"; TDX module ABI,
 * "Host-side interface functions").
 */
#include <linux/linkage.h>
#include <asm/asm.h>
#include <asm/frame.h>

/* Offsets in struct tdx_regs. */
#define RCX	0
#define RDX	8
#define R8	16
#define R9	24
#define R10	32
#define R11	40

/* TDX_SW_ERROR and TDX_SW_VMFAILINVALID of status.h, which cannot be included here. */
#define SW_ERROR		0x8000ff0000000000
#define SW_VMFAILINVALID	0x8000ff00ffff0000

/*
 * u64 tdx_seamcall(u64 rax, struct tdx_regs *regs)
 *
 * Returns RAX, or a software status where the instruction did not complete:
 * VMfailInvalid (CF set; RAX is then no status), or the number of the trap it
 * raised.  RSI and RDI are not touched by the leaves called through here, but
 * the pointer is kept on the stack all the same: a module's bug must not turn
 * into a wild write.
 */
SYM_FUNC_START(tdx_seamcall)
	FRAME_BEGIN
	push	%rsi

	mov	%rdi, %rax
	mov	RCX(%rsi), %rcx
	mov	RDX(%rsi), %rdx
	mov	R8(%rsi), %r8
	mov	R9(%rsi), %r9
	mov	R10(%rsi), %r10
	mov	R11(%rsi), %r11

.Lseamcall:
	.byte	0x66, 0x0f, 0x01, 0xcf
	jc	.Lvmfailinvalid

	mov	(%rsp), %rsi
	mov	%rcx, RCX(%rsi)
	mov	%rdx, RDX(%rsi)
	mov	%r8, R8(%rsi)
	mov	%r9, R9(%rsi)
	mov	%r10, R10(%rsi)
	mov	%r11, R11(%rsi)

.Lout:
	pop	%rsi
	/* Nothing of the module's is left behind in registers the caller may spill. */
	xor	%ecx, %ecx
	xor	%edx, %edx
	xor	%r8d, %r8d
	xor	%r9d, %r9d
	xor	%r10d, %r10d
	xor	%r11d, %r11d
	FRAME_END
	RET

.Lvmfailinvalid:
	movabs	$SW_VMFAILINVALID, %rax
	jmp	.Lout

	/* The exception fixup has put the trap's number into RAX. */
.Ltrap:
	movabs	$SW_ERROR, %rdi
	or	%rdi, %rax
	jmp	.Lout

	_ASM_EXTABLE_FAULT(.Lseamcall, .Ltrap)
SYM_FUNC_END(tdx_seamcall)

/* Nothing here wants an executable stack. */
.section .note.GNU-stack, "", @progbits
