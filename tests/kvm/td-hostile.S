/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Part of td-guest.S: a guest that tries whatever it can, with operands by chance.  Each vCPU has
 * 1 KB of its own, by which its stack pointer tells it: the state of its generator, how much it
 * still has to do, its stack from the end.  Whatever an exception or interrupt breaks off, the
 * next try begins behind it.  It spares only what it needs itself: RSP, its code and tables.
 */
#define LEFT		8		/* from the start of a vCPU's memory */
#define KEPT		16
#define TOP		0x3f0
#define HANDLER_TOP	0x3c0

	.macro CHOOSE table, bits		/* an entry of 2^bits, to RAX */
	call random
	and $(1 << \bits) - 1, %eax
	lea \table(%rip), %rcx
	mov (%rcx,%rax,8), %rax
	.endm

	/* ESI: the vCPU. */
hostile:
	mov %esi, %esp
	shl $10, %esp
	add $HOSTILE_AREAS + TOP, %esp
	mov %esp, %ebx
	and $~0x3ff, %ebx
	mov HOSTILE_SEED, %rax
	inc %esi
	imul %rsi, %rax
	mov %rax, (%rbx)
	mov HOSTILE_TRIES, %eax
	mov %rax, LEFT(%rbx)
	xor %ebx, %ebx
1:	lea hostile_on_any(%rip), %rax
	lea IDT(%rbx), %edi
	call gate
	add $16, %ebx
	cmp $4096, %ebx
	jne 1b
	lidt idtr(%rip)
	REPORT HOSTILE_READY, $0

hostile_next:
	mov %rsp, %rdi
	and $~0x3ff, %rdi
	lea TOP(%rdi), %rsp
	decq LEFT(%rdi)
	js 2f
	call random
	and $31, %eax
	lea hostile_tries(%rip), %rcx
	movslq (%rcx,%rax,4), %rax
	add %rcx, %rax
	jmp *%rax
2:	REPORT HOSTILE_DONE, $0
	hlt

/* IRET, or the next NMI would never come. */
hostile_on_any:
	mov %rsp, %rdi
	and $~0x3ff, %rdi
	lea HANDLER_TOP(%rdi), %rsp
	call random
	and $0x200, %eax			/* interrupts, by chance */
	or $2, %eax
	pushq $0x10
	lea TOP(%rdi), %rcx
	push %rcx
	push %rax
	pushq $8
	lea hostile_next(%rip), %rax
	push %rax
	iretq

/* To RAX; changes RCX. RDI: the vCPU's memory. */
random:	mov (%rdi), %rax
	mov %rax, %rcx
	shl $13, %rcx
	xor %rcx, %rax
	mov %rax, %rcx
	shr $7, %rcx
	xor %rcx, %rax
	mov %rax, %rcx
	shl $17, %rcx
	xor %rcx, %rax
	mov %rax, (%rdi)
	ret

/* Of memory that is there for it: an address, with its lowest bits or without; to RAX. */
address:
	call random
	mov %eax, %ecx
	and $HOSTILE_MEMORY_SIZE - 1, %eax
	test $1 << 30, %ecx
	jz 1f
	and $~0xfff, %eax
1:	add $HOSTILE_MEMORY, %eax
	ret

/*
 * What a leaf might take, to RAX; changes RCX and RDX.  No private address where the TD has no
 * memory: its vCPU would be at the access for good.
 */
operand:
	call random
	mov %eax, %edx
	shr $8, %edx
	and $7, %edx
	cmp $4, %edx
	ja 2f
	je 1f
	cmp $2, %edx
	jae address
	cmp $1, %edx
	je 3f
	bts $63, %rax
	ret
1:	call address
	bts $47, %rax			/* shared */
	ret
2:	cmp $6, %edx
	je 4f
	ja 5f
	mov %eax, %ecx
	or $48, %ecx
	mov $1, %eax
	shl %cl, %rax
	ret
3:	and $0x3f, %eax
	ret
4:	CHOOSE hostile_fields, 3
	ret
5:	sar $63, %rax
	ret

	.macro OPERANDS registers:vararg
	.irp register, \registers
	call operand
	mov %rax, %\register
	.endr
	.endm

	.macro RANDOM_REGISTERS
	OPERANDS rbx, rbp, rsi, r8, r9, r10, r11, r12, r13, r14, r15
	.endm

try_tdcall:
	RANDOM_REGISTERS
	OPERANDS rdx
	mov %rdx, KEPT(%rdi)
	call random
	test $7, %al
	jz 1f				/* any number */
	shr $8, %eax
	and $0x7001f, %eax		/* one of eight with a version that no leaf has */
	cmp $0x70000, %eax
	jae 1f
	and $0x1f, %eax
1:	mov %rax, %r14
	OPERANDS rcx
	mov KEPT(%rdi), %rdx
	mov %r14, %rax
	mov %rcx, %rdi
	TDCALL
	jmp hostile_next

/* TDG.VP.VMCALL, so that the host understands it, for the most part. */
try_call:
	RANDOM_REGISTERS
	CHOOSE hostile_calls, 4
	mov %rax, %r11
	CHOOSE hostile_sizes, 3
	test %eax, %eax
	jz 1f
	mov %rax, %r13
1:	cmp $0x10000, %r11
	ja 2f
	mov %rax, %r12
2:	call random
	test $7, %al
	jz 3f
	xor %r10d, %r10d
3:	mov $0xffcc, %ecx		/* all registers that can be passed */
	test $0x70, %al
	jnz 4f
	OPERANDS rcx
4:	xor %eax, %eax
	TDCALL
	jmp hostile_next

try_rdmsr:
	CHOOSE hostile_msrs, 5
	mov %eax, %ecx
	rdmsr
	jmp hostile_next

try_wrmsr:
	CHOOSE hostile_msrs, 5
	mov %eax, %ebx
	call operand
	mov %rax, %rdx
	shr $32, %rdx
	mov %ebx, %ecx
	wrmsr
	jmp hostile_next

try_any_msr:
	call random
	mov %eax, %ebx
	and $0xc0001fff, %ebx
	call random
	mov %ebx, %ecx
	rdmsr
	wrmsr				/* what was there */
	jmp hostile_next

try_cr0:
	call operand
	mov %cr0, %rcx
	xor %rcx, %rax
	mov %rax, %cr0
	jmp hostile_next

try_cr4:
	call operand
	mov %cr4, %rcx
	xor %rcx, %rax
	and $~0x300000, %rax		/* SMEP, SMAP: all pages are the user's */
	mov %rax, %cr4
	jmp hostile_next

try_cr8:
	call operand
	mov %rax, %cr8
	jmp hostile_next

try_status_word:
	call address
	lmsw (%rax)
	clts
	smsw %eax
	jmp hostile_next

try_dr:
	call operand
	mov %rax, %db0
	call operand
	and $~0x2000, %eax
	mov %rax, %db7
	mov %db6, %rax
	jmp hostile_next

try_cpuid:
	OPERANDS rbx
	call random
	and $0xc000003f, %eax
	mov %ebx, %ecx
	cpuid
	jmp hostile_next

try_port:
	call random
	mov %eax, %edx
	in (%dx), %al
	out %eax, (%dx)
	jmp hostile_next

try_load:
	call address
	mov %rax, %r8
	call random
	and $SHARED, %eax
	mov (%r8,%rax), %rbx
	lock incl (%r8,%rax)
	jmp hostile_next

try_mmio:
	call random
	and $0x1ff000, %eax
	mov MMIO(%rax), %ebx
	jmp hostile_next

try_xsetbv:
	call operand
	mov %rax, %rdx
	shr $32, %rdx
	xor %ecx, %ecx
	xsetbv
	jmp hostile_next

	.macro TRY name, insn:vararg
try_\name:
	\insn
	jmp hostile_next
	.endm

	TRY hlt, hlt
	TRY wbinvd, wbinvd
	TRY invd, invd
	TRY monitor, monitor
	TRY mwait, mwait
	TRY rdpmc, rdpmc
	TRY vmcall, vmcall
	TRY vmrun, vmrun
	TRY int, int $GUEST_VECTOR

	.balign 8
hostile_tries:
	.irp what, tdcall, tdcall, tdcall, tdcall, call, call, call, rdmsr, wrmsr, wrmsr, any_msr, \
		cr0, cr4, cr8, status_word, dr, cpuid, port, load, load, load, mmio, xsetbv, hlt, wbinvd, \
		invd, monitor, mwait, rdpmc, vmcall, vmrun, int
	.long try_\what - hostile_tries
	.endr
	.balign 8
hostile_fields:
	.quad 0x9010000200000001, 0x1110000300000000, 0x9110000300000010, 0x1310000300000000
	.quad 0x1310000300000040, 0x9110000000000019, 0x0800000200000000, -1
hostile_calls:		/* of the host: instructions by exit reason, then GHCI's own */
	.quad 10, 12, 30, 31, 32, 48, 54, 0x10000, 0x10001, 0x10001, 0x10002, 0x10003, 0x10004
	.quad 0x10005, 0x10006, 0x10007
hostile_sizes:
	.quad 0, 0, 1, 2, 4, 4096, 4096, 8192
hostile_msrs:
	.quad 0x10, 0x1b, 0x3a, 0x3b, 0x48, 0x8b, 0xfe, 0x174, 0x175, 0x176, 0x179, 0x1a0, 0x1d9
	.quad 0x277, 0x2ff, 0x38f, 0x480, 0x6e0, 0x802, 0x808, 0x80b, 0x80d, 0x80f, 0x830, 0x832
	.quad 0x83f, 0xda0, 0xc0000080, 0xc0000082, 0xc0000101, 0xc0000102, 0xc0000103
