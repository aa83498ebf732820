/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What runs in the TDs of "td-kvm run": no kernel, 8 KB at the top of 4 GB.  Each vCPU
 * begins as TDH.VP.INIT leaves it, in 32 bits without paging, its index in ESI, and goes to
 * 64 bits on the page tables that td-run.c has made.  It tells each result by a 32-bit OUT
 * to port STEP + n, by TDG.VP.VMCALL; td-run.c knows what is to come.
 *
 * Addresses: as physical ones, but 0x200000: the first 2 MB as shared memory, and 0x400000:
 * shared memory from 0xfe000000, where there is none.
 */
#include "td-guest.h"

	.macro TDCALL
	.byte 0x66, 0x0f, 0x01, 0xcc
	.endm

	/* Leaves. */
#define VP_VMCALL	0
#define VP_INFO		1
#define VP_VEINFO_GET	3
#define MEM_PAGE_ACCEPT	6

#define SHARED		0x200000
#define MMIO		0x400000
#define IDT		0x8000
#define TSS		0x7000
#define STACK		0xa000		/* of vCPU 0, and below */
#define USER_STACK	0xb000
#define AP_STACK	0xd400		/* of vCPU 1 0x400 less, and so on */
#define NR_IRQS		0x9000
#define COUNTER		0x9008
#define EXPECT_GP	0x9010		/* where to go on after a #GP */
#define LAST_VE		0x9018
#define NR_NMIS		0x9004
#define SCRATCH		0x9100
#define AP_GO		0x9020
#define AP_COUNTED	0x9028		/* vCPUs */
#define TAKEN		0x9030		/* #VEs on its page, of each vCPU */

	.macro REPORT step, value
	mov \value, %r15
	mov $STEP + \step, %r14d
	call report
	.endm

	.macro GATE vector, handler
	lea \handler(%rip), %rax
	mov $IDT + 16 * \vector, %edi
	call gate
	.endm

	.section .rodata
	.globl td_guest
	.balign 4096
td_guest:
	.code32
begin:
	mov %cr0, %eax
	smsw %ebp
	xor %eax, %ebp
	shl $16, %ebp			/* of the upper half nothing is promised */
	mov $0x1000, %eax
	mov %eax, %cr3
	mov %cr4, %eax
	or $0x620, %eax			/* PAE, OSFXSR, OSXMMEXCPT */
	mov %eax, %cr4
	lgdt gdtr - td_guest + GUEST_BASE
	mov %cr0, %eax
	or $0x80000000, %eax
	mov %eax, %cr0
	ljmp $8, $in_64_bits - td_guest + GUEST_BASE

	.balign 8
gdt:	.quad 0, 0x00af9b000000ffff, 0x00cf93000000ffff		/* code, data */
	.quad 0x00cff3000000ffff, 0x00affb000000ffff		/* the user's data, code */
	.quad 0x0000890070000067, 0				/* TSS */
gdtr:	.word gdtr - gdt - 1
	.long gdt - td_guest + GUEST_BASE
idtr:	.word 0xfff
	.quad IDT
ts_em:	.word 0xc

	.code64
in_64_bits:
	mov $0x10, %eax
	mov %eax, %ds
	mov %eax, %es
	mov %eax, %ss
	cmpl $0, HOSTILE_TRIES
	jne hostile
	test %esi, %esi
	jnz second

	mov $STACK, %esp
	GATE 2, on_nmi
	GATE 6, on_fatal
	GATE 8, on_fatal
	GATE 13, on_gp
	GATE 14, on_fatal
	GATE 20, on_ve
	GATE GUEST_VECTOR, on_irq
	lidt idtr(%rip)
	movq $STACK, TSS + 4		/* stack of ring 0 */
	mov $0x28, %eax
	ltr %ax

	/* What the module says of the TD. */
	mov $VP_INFO, %eax
	TDCALL
	REPORT 0, %rax
	mov $VP_INFO, %eax
	TDCALL
	mov %r8, %rbx
	REPORT 1, %rcx
	REPORT 2, %rbx

	/* No such leaf, no such version, nothing to learn of a #VE. */
	mov $0x7f, %eax
	TDCALL
	shr $32, %rax
	REPORT 3, %rax
	mov $0x10001, %eax
	TDCALL
	shr $32, %rax
	REPORT 4, %rax
	mov $VP_VEINFO_GET, %eax
	TDCALL
	shr $32, %rax
	REPORT 5, %rax

	/* CPUID: the module's own leaf, and one that the host answers. */
	mov $0x21, %eax
	xor %ecx, %ecx
	cpuid
	REPORT 6, %rbx
	mov $0x40000000, %eax
	xor %ecx, %ecx
	cpuid
	REPORT 7, %rbx

	/* Ports and MMIO by their instructions: the #VE handler asks the host. */
	mov $0x1122334455667788, %rax
	movq %rax, %xmm5
	mov $GUEST_PORT, %edx
	mov $0xbeef, %eax
	out %ax, %dx
	xor %eax, %eax
	in %dx, %ax
	REPORT 8, %rax
	mov MMIO, %eax
	mov %eax, %ebx
	mov %ebx, MMIO
	REPORT 9, %rbx
	movq %xmm5, %rax
	shr $32, %rax
	REPORT 10, %rax

	/* Memory that the host shares. */
	mov SHARED + GUEST_MAILBOX, %eax
	notl %eax
	mov %eax, SHARED + GUEST_MAILBOX + 8
	REPORT 11, %rax

	/* A page is accepted that the host has yet to bring; once more; as a large one. */
	mov $GUEST_FRESH, %ecx
	call accept
	REPORT 12, %rax
	mov GUEST_FRESH + 8, %eax
	REPORT 13, %rax
	mov $GUEST_FRESH, %ecx
	call accept
	shr $32, %rax
	REPORT 14, %rax
	mov $1, %ecx
	call accept
	shr $32, %rax
	REPORT 15, %rax

	/* One is used before: the host brings it, a #VE says so, the handler accepts it. */
	movl $0x5a5a, GUEST_FRESH + 0x1000
	mov LAST_VE, %rax
	REPORT 16, %rax
	mov GUEST_FRESH + 0x1000, %eax
	REPORT 17, %rax

	/* Private to shared and back. */
	movl $0x600d, GUEST_CONVERTED
	mov $GUEST_CONVERTED, %r12d
	bts $47, %r12
	call map_gpa
	REPORT 18, %rax
	mov SHARED + GUEST_CONVERTED, %eax
	movl $0xf00d, SHARED + GUEST_CONVERTED
	REPORT 19, %rax
	mov $GUEST_CONVERTED, %r12d
	call map_gpa
	REPORT 20, %rax
	mov $GUEST_CONVERTED, %ecx
	call accept
	REPORT 21, %rax
	mov GUEST_CONVERTED, %eax
	REPORT 22, %rax

	/* The x2APIC: TPR is the module's, SVR the host's. */
	mov $0x808, %ecx
	xor %edx, %edx
	mov $0x20, %eax
	wrmsr
	mov %cr8, %rbx
	REPORT 23, %rbx
	xor %eax, %eax
	mov %rax, %cr8
	mov $0x808, %ecx
	rdmsr
	REPORT 24, %rax
	mov $0x80f, %ecx
	mov $0x1ff, %eax
	xor %edx, %edx
	wrmsr
	mov $0x80f, %ecx
	rdmsr
	REPORT 25, %rax

	/* Control registers: what the guest may not, and what it may. */
	lea 1f(%rip), %rax
	mov %rax, EXPECT_GP
	mov %cr4, %rax
	btr $5, %rax			/* PAE */
	mov %rax, %cr4
	xor %eax, %eax
1:	REPORT 26, %rax
	mov %cr4, %rax
	bts $18, %rax
	mov %rax, %cr4
	xor %ecx, %ecx
	xgetbv
	REPORT 27, %rax
	mov %cr4, %rax
	REPORT 28, %rax
	mov %cr0, %rbx
	xor %r10d, %r10d
	mov $0xe, %eax			/* TS, EM, MP */
	lmsw %ax
	call changed_cr0
	lmsw ts_em(%rip)
	call changed_cr0
	mov $SCRATCH - 56, %r9d
	mov $7, %r8d
	movw $6, SCRATCH		/* EM, MP */
	lmsw (%r9, %r8, 8)
	call changed_cr0
	or %ebp, %r10d
	REPORT 29, %r10

	/* TDCALL and HLT are not the user's. */
	lea 2f(%rip), %rax
	mov %rax, EXPECT_GP
	pushq $0x1b
	pushq $USER_STACK
	pushq $2
	pushq $0x23
	lea user(%rip), %rax
	push %rax
	iretq
2:	REPORT 30, %rax

	/* Asleep until an interrupt comes; then interrupts while nothing else ends the run. */
	REPORT 31, $0
3:	cli
	cmpl $0, NR_IRQS
	jne 4f
	sti				/* not before HLT */
	hlt
	jmp 3b
4:	sti
	mov NR_IRQS, %eax
	REPORT 32, %rax
	movl $0, NR_IRQS
	REPORT 33, $0
5:	cmpl $GUEST_STORM, NR_IRQS
	jb 5b
	REPORT 34, $0
	cli

	/* Two NMIs, the second when the handler has returned from the first. */
	REPORT 35, $0
5:	cmpl $1, NR_NMIS
	jb 5b
	REPORT 36, $0
5:	cmpl $2, NR_NMIS
	jb 5b
	mov NR_NMIS, %eax
	REPORT 37, %rax

	/* Calls that KVM answers itself. */
	mov $GUEST_CALLS, %ebx
6:	xor %eax, %eax
	mov $0x1c00, %ecx
	xor %r10d, %r10d
	mov $0x10000, %r11d
	xor %r12d, %r12d
	TDCALL
	dec %ebx
	jnz 6b
	REPORT 38, %rax

	/* Registers that the host also has get values of the guest's own. */
	call set_registers

	/* The other vCPUs have waited, and count in the same memory. */
	movl $1, AP_GO
	call count
	mov $VP_INFO, %eax
	TDCALL
7:	cmp AP_COUNTED, %r8d
	je 8f
	pause
	jmp 7b
8:	mov COUNTER, %eax
	REPORT 39, %rax

	/* From now on the host takes pages. */
	xor %ebx, %ebx
	call taken
	REPORT 40, %rax
	call changed_registers
	REPORT 41, %r8
	hlt

second:	mov %esi, %ebx
	shl $10, %esi
	mov $AP_STACK, %esp
	sub %esi, %esp
1:	cmpl $0, AP_GO
	jne 2f
	pause
	jmp 1b
2:	lidt idtr(%rip)
	call set_registers
	call count
	call taken
	shl $8, %eax
	mov %eax, %ebx
	call changed_registers
	shl $16, %r8d
	or %r8, %rbx
	mov $VP_INFO, %eax
	TDCALL
	or %r9, %rbx
	REPORT 42, %rbx
	hlt

#include "td-hostile.S"

	.balign 8
msrs:	.long 0x174, 0x5a74, 0x175, 0x5a5a5175, 0x176, 0x5a5a5176		/* SYSENTER */
	.long 0xc0000081, 0x5a5a5081, 0xc0000082, 0x5a5a5082, 0xc0000083, 0x5a5a5083
	.long 0xc0000084, 0x5a084, 0xc0000100, 0x5a5a5100, 0xc0000101, 0x5a5a5101
	.long 0xc0000102, 0x5a5a5102, 0xc0000103, 0x5a5a5103, 0x277, 0x04040406	/* PAT */
msrs_end:

#define FOR_EACH_XMM	.irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
#define DR7_VALUE	0x504aa		/* all are on, and none is hit */

/* For good: changed_registers looks whether they are what they were. */
set_registers:
	mov $0x10, %eax
	mov %eax, %fs
	mov %eax, %gs
	lea msrs(%rip), %rsi
	lea msrs_end(%rip), %rdi
1:	mov (%rsi), %ecx
	mov 4(%rsi), %eax
	xor %edx, %edx
	wrmsr
	add $8, %rsi
	cmp %rdi, %rsi
	jne 1b
	mov $0x5a5a0000, %eax
	mov %rax, %cr2
	inc %eax
	mov %rax, %db0
	inc %eax
	mov %rax, %db1
	inc %eax
	mov %rax, %db2
	inc %eax
	mov %rax, %db3
	mov $DR7_VALUE, %eax
	mov %rax, %db7
	fninit
	fldpi
	pushq $0x5f80			/* rounded up */
	ldmxcsr (%rsp)
	pop %rax
	FOR_EACH_XMM
	pcmpeqd %xmm\n, %xmm\n
	.endr
	ret

	.macro COUNT_IF_NOT_EQUAL
	setne %dl
	movzx %dl, %edx
	add %edx, %r8d
	.endm

	.macro EXPECT_DR n
	mov %db\n, %rax
	cmp $0x5a5a0001 + \n, %rax
	COUNT_IF_NOT_EQUAL
	.endm

/* To R8D: how many. */
changed_registers:
	xor %r8d, %r8d
	lea msrs(%rip), %rsi
	lea msrs_end(%rip), %rdi
1:	mov (%rsi), %ecx
	rdmsr
	shl $32, %rdx
	or %rdx, %rax
	mov 4(%rsi), %ecx
	cmp %rcx, %rax
	COUNT_IF_NOT_EQUAL
	add $8, %rsi
	cmp %rdi, %rsi
	jne 1b
	mov %cr2, %rax
	cmp $0x5a5a0000, %rax
	COUNT_IF_NOT_EQUAL
	EXPECT_DR 0
	EXPECT_DR 1
	EXPECT_DR 2
	EXPECT_DR 3
	mov %db7, %rax
	cmp $DR7_VALUE, %rax
	COUNT_IF_NOT_EQUAL
	fldpi
	fcomip %st(1), %st
	COUNT_IF_NOT_EQUAL
	push %rax
	stmxcsr (%rsp)
	pop %rax
	cmp $0x5f80, %ax
	COUNT_IF_NOT_EQUAL
	FOR_EACH_XMM
	pmovmskb %xmm\n, %eax
	cmp $0xffff, %eax
	COUNT_IF_NOT_EQUAL
	.endr
	ret

count:	mov $COUNTS, %ecx
1:	lock incl COUNTER
	dec %ecx
	jnz 1b
	lock incl AP_COUNTED
	ret

/*
 * EBX: vCPU; to EAX: how often its page was taken. Once the host says that the page is gone,
 * the next access is a #VE, and the page has zeroes: no TLB, no table leads to the old one.
 * vCPUs with an even number write, the others read.
 */
taken:	mov %ebx, %esi
	shl $12, %esi
	add $GUEST_TAKEN, %esi
1:	mov TAKEN(,%rbx,4), %r12d
	mov SHARED + GUEST_ROUND(,%rbx,4), %r13d
	test $1, %bl
	jnz 2f
	mov $GUEST_WORD, %edx
	xchg %edx, (%rsi)
	jmp 3f
2:	mov (%rsi), %edx
3:	mov TAKEN(,%rbx,4), %eax
	cmp %r13d, %eax
	jb 6f
	cmp %r12d, %eax
	je 4f
	test %edx, %edx
	jnz 6f
	movl $GUEST_WORD, (%rsi)
	jmp 5f
4:	cmp $GUEST_WORD, %edx
	jne 6f
5:	mov %eax, SHARED + GUEST_ACK(,%rbx,4)
	cmp $GUEST_ROUNDS, %r13d
	jb 1b
	ret
6:	REPORT FATAL, %rdx
	hlt

user:	mov $VP_INFO, %eax
	TDCALL
	ud2

/* RBX: CR0 as it was, and is again; four more bits of R10 say what was other. */
changed_cr0:
	mov %cr0, %rax
	mov %rbx, %cr0
	xor %ebx, %eax
	shl $4, %r10d
	or %eax, %r10d
	ret

/* R14: port, R15: value. */
report:	push %rax
	push %rcx
	push %rbx
	xor %eax, %eax			/* TDG.VP.VMCALL <Instruction.IO>: OUT of 4 bytes */
	mov $0xfc00, %ecx
	xor %r10d, %r10d
	mov $30, %r11d
	mov $4, %r12d
	mov $1, %r13d
	TDCALL
	pop %rbx
	pop %rcx
	pop %rax
	ret

/* RCX: page and level. */
accept:	mov $MEM_PAGE_ACCEPT, %eax
	TDCALL
	ret

/* R12: page, with the bit that is to be. */
map_gpa:
	xor %eax, %eax
	mov $0x3c00, %ecx
	xor %r10d, %r10d
	mov $0x10001, %r11d
	mov $4096, %r13d
	TDCALL
	mov %r10, %rax
	ret

/* EDI: where; RAX: handler. */
gate:	mov %ax, (%rdi)
	movw $8, 2(%rdi)
	movw $0x8e00, 4(%rdi)
	shr $16, %rax
	mov %ax, 6(%rdi)
	shr $16, %rax
	mov %eax, 8(%rdi)
	ret

on_nmi:	incl NR_NMIS
	iretq

on_irq:	push %rax
	push %rcx
	push %rdx
	lock incl NR_IRQS
	mov $0x80b, %ecx		/* EOI */
	xor %eax, %eax
	xor %edx, %edx
	wrmsr
	pop %rdx
	pop %rcx
	pop %rax
	iretq

/* To where one was expected, RAX 13; the stack is begun anew. */
on_gp:	mov EXPECT_GP, %rax
	test %rax, %rax
	jz on_fatal
	movq $0, EXPECT_GP
	mov $STACK, %esp
	mov $0x10, %ecx
	mov %ecx, %ss
	mov %rax, %rcx
	mov $13, %eax
	jmp *%rcx

on_fatal:
	pop %rbx
	REPORT FATAL, %rbx
	pop %rbx
	REPORT FATAL, %rbx
	hlt

/* ---- #VE: saved, from the stack's top: R15 ... R8, RDI, RSI, RDX, RCX, RBX, RAX, RIP */
#define AT_RDX	80(%rsp)
#define AT_RCX	88(%rsp)
#define AT_RBX	96(%rsp)
#define AT_RAX	104(%rsp)
#define AT_RIP	112(%rsp)

on_ve:	push %rax
	push %rbx
	push %rcx
	push %rdx
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	push %r12
	push %r13
	push %r14
	push %r15
	mov $VP_VEINFO_GET, %eax
	TDCALL
	mov %rcx, LAST_VE
	mov %r10d, %edi			/* length */
	xor %eax, %eax
	xor %r10d, %r10d
	mov %ecx, %r11d			/* a function of the same number */
	cmp $10, %ecx
	je ve_cpuid
	cmp $12, %ecx
	je ve_hlt
	cmp $30, %ecx
	je ve_io
	cmp $31, %ecx
	je ve_rdmsr
	cmp $32, %ecx
	je ve_wrmsr
	cmp $48, %ecx
	je ve_memory
	REPORT FATAL, %rcx
	hlt

ve_hlt:	mov $0x1c00, %ecx
	xor %r12d, %r12d
	TDCALL
	jmp ve_done

ve_cpuid:
	mov AT_RAX, %r12
	mov AT_RCX, %r13
	mov $0xfc00, %ecx
	TDCALL
	mov %r12, AT_RAX
	mov %r13, AT_RBX
	mov %r14, AT_RCX
	mov %r15, AT_RDX
	jmp ve_done

ve_io:	mov %rdx, %rsi			/* qualification */
	mov %edx, %r12d
	and $7, %r12d
	inc %r12d
	mov %edx, %r13d
	shr $3, %r13d
	and $1, %r13d
	xor $1, %r13d			/* write */
	mov %rdx, %r14
	shr $16, %r14
	mov AT_RAX, %r15
	mov $0xfc00, %ecx
	TDCALL
	bt $3, %esi
	jnc ve_done
	mov %r11, AT_RAX
	jmp ve_done

ve_rdmsr:
	mov AT_RCX, %r12d
	mov $0x1c00, %ecx
	TDCALL
	mov %r11d, %eax
	mov %rax, AT_RAX
	shr $32, %r11
	mov %r11, AT_RDX
	jmp ve_done

ve_wrmsr:
	mov AT_RCX, %r12d
	mov AT_RDX, %r13
	shl $32, %r13
	mov AT_RAX, %eax
	or %rax, %r13
	xor %eax, %eax
	mov $0x3c00, %ecx
	TDCALL
	jmp ve_done

/* Private: it is accepted, and used again. Shared: MOV of EAX or EBX, 7 bytes. */
ve_memory:
	bt $47, %r9
	jc ve_mmio
	mov %r9, %rcx
	and $~0xfff, %rcx
	mov %rcx, %rax
	sub $GUEST_TAKEN, %rax
	shr $12, %rax
	cmp $GUEST_VCPUS, %rax
	jae 1f
	incl TAKEN(,%rax,4)
1:	call accept
	xor %edi, %edi
	jmp ve_done
ve_mmio:
	mov %rdx, %rsi
	mov $4, %r12d
	mov %edx, %r13d
	shr $1, %r13d
	and $1, %r13d
	mov %r9, %r14
	mov AT_RBX, %r15
	mov $0xfc00, %ecx
	TDCALL
	mov $7, %edi
	bt $1, %esi
	jc ve_done
	mov %r11, AT_RAX

ve_done:
	add %rdi, AT_RIP
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rdx
	pop %rcx
	pop %rbx
	pop %rax
	iretq

	.org td_guest + GUEST_SIZE - 16
	.code32
	jmp begin
	.org td_guest + GUEST_SIZE

	.section .note.GNU-stack, "", @progbits
