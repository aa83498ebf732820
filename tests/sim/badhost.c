// SPDX-License-Identifier: GPL-2.0-only
/*
 * tdx_badhost: breaks one of the simulator's rules when loaded, so that a test
 * can see that the simulator notices.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/gfp.h>
#include <linux/irqflags.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/string.h>
#include <asm/asm.h>
#include <asm/cpufeature.h>
#include <asm/io.h>
#include <asm/msr-index.h>
#include <asm/processor-flags.h>

static char *rule = "none";
module_param(rule, charp, 0444);
MODULE_PARM_DESC(rule, "Rule to break, by the name that the simulator gives it");

static unsigned long pa;
module_param(pa, ulong, 0444);
MODULE_PARM_DESC(pa, "Page of a TD, for rule=td-page-read and rule=td-page-written");

#define SYS_INIT	33
#define SEAMLDR_INFO	(1ULL << 63)
#define ABSENT_MSR	0xdead

static struct page *region;	/* with the right revision */

/* Faults are of no interest here: each instruction is stepped over. */
static void seamcall(u64 leaf)
{
	asm volatile("1: .byte 0x66, 0x0f, 0x01, 0xcf\n"
		     "2:\n" _ASM_EXTABLE(1b, 2b)
		     : "+a" (leaf)
		     : : "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc");
}

static void vmxon(u64 pa)
{
	asm volatile("1: vmxon %0\n"
		     "2:\n" _ASM_EXTABLE(1b, 2b) : : "m" (pa) : "memory", "cc");
}

static void vmxoff(void)
{
	asm volatile("1: vmxoff\n"
		     "2:\n" _ASM_EXTABLE(1b, 2b) : : : "memory", "cc");
}

static unsigned long read_cr4(void)
{
	unsigned long cr4;

	asm volatile("mov %%cr4, %0" : "=r" (cr4));
	return cr4;
}

static void write_cr4(unsigned long cr4)
{
	asm volatile("1: mov %0, %%cr4\n"
		     "2:\n" _ASM_EXTABLE(1b, 2b) : : "r" (cr4) : "memory");
}

static void set_vmxe(void)
{
	write_cr4(read_cr4() | X86_CR4_VMXE);
}

static void clear_vmxe(void)
{
	write_cr4(read_cr4() & ~X86_CR4_VMXE);
}

static void enter(void)
{
	set_vmxe();
	vmxon(page_to_phys(region));
}

static void leave(void)
{
	vmxoff();
	clear_vmxe();
}

static void set_revision(u32 revision)
{
	*(u32 *)page_address(region) = revision;
}

/* As a correct host does it. */
static void none(void)
{
	enter();
	seamcall(SYS_INIT);
	leave();
}

static void call_outside_vmx(void)
{
	seamcall(SYS_INIT);
}

static void call_irqs_on(void)
{
	enter();
	local_irq_enable();
	seamcall(SYS_INIT);
	local_irq_disable();
	leave();
}

static void vmxon_irqs_on(void)
{
	local_irq_enable();
	enter();
	local_irq_disable();
	leave();
}

static void vmxon_twice(void)
{
	enter();
	vmxon(page_to_phys(region));
	leave();
}

static void vmxon_wrong_revision(void)
{
	set_revision(0x7fffffff);
	enter();
	clear_vmxe();
}

static void vmxon_bad_region(void)
{
	set_vmxe();
	vmxon(page_to_phys(region) + 8);
	clear_vmxe();
}

static void vmx_left_on(void)
{
	enter();
}

static void vmxe_cleared_in_vmx(void)
{
	enter();
	clear_vmxe();
	leave();
}

static void seamldr_call(void)
{
	seamcall(SEAMLDR_INFO);
}

static void rdmsr_unprotected(void)
{
	u32 low, high;

	asm volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (ABSENT_MSR));
}

/* With a segment prefix, which the simulator does not decode. */
static void vmxon_prefixed(void)
{
	u64 pa = page_to_phys(region);

	asm volatile("1: .byte 0x3e, 0xf3, 0x0f, 0xc7, 0x30\n"	/* vmxon %ds:(%rax) */
		     "2:\n" _ASM_EXTABLE(1b, 2b) : : "a" (&pa), "m" (pa) : "memory", "cc");
}

/* A byte of a page of a TD, where the kernel has all memory. */
static void td_page_read(void)
{
	READ_ONCE(*(u8 *)__va(pa));
}

static void td_page_written(void)
{
	WRITE_ONCE(*(u8 *)__va(pa), 0x5a);
}

static const struct {
	const char *name;
	void (*run)(void);
} rules[] = {
	{ "none", none },
	{ "call-outside-vmx", call_outside_vmx },
	{ "call-in-borrowed-vmx-irqs-on", call_irqs_on },
	{ "vmxon-irqs-on", vmxon_irqs_on },
	{ "vmxon-in-vmx-operation", vmxon_twice },
	{ "vmxon-wrong-revision", vmxon_wrong_revision },
	{ "vmxon-bad-region", vmxon_bad_region },
	{ "vmxoff-of-owners-vmx", vmxoff },
	{ "vmx-left-on", vmx_left_on },
	{ "cr4-vmxe-left-on", set_vmxe },
	{ "cr4-vmxe-cleared-in-vmx-operation", vmxe_cleared_in_vmx },
	{ "cr4-vmxe-of-owner-cleared", clear_vmxe },
	{ "seamldr-call-drops-owners-vmcs", seamldr_call },
	{ "gp-without-fixup", rdmsr_unprotected },
	{ "instruction-not-understood", vmxon_prefixed },
	{ "td-page-read", td_page_read },
	{ "td-page-written", td_page_written },
};

/*
 * Not part of badhost_init(): a probe in the last function of a section has the
 * kernel decode to the end of its page, and beyond.
 */
static noinline int prepare_region(void)
{
	u32 low, high;

	region = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!region)
		return -ENOMEM;
	asm volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (MSR_IA32_VMX_BASIC));
	set_revision(low & 0x7fffffff);
	return 0;
}

static int __init badhost_init(void)
{
	unsigned long flags;
	u32 i;

	if (!boot_cpu_has(X86_FEATURE_HYPERVISOR)) {
		pr_err("not in a virtual machine: nothing here is for a real one\n");
		return -ENODEV;
	}
	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		if (strcmp(rules[i].name, rule))
			continue;
		if (prepare_region())
			return -ENOMEM;
		/* Some turn interrupts on, and go on on this CPU all the same. */
		preempt_disable();
		local_irq_save(flags);
		rules[i].run();
		local_irq_restore(flags);
		preempt_enable();
		return 0;
	}
	pr_err("rule=%s: not one of the simulator's\n", rule);
	return -EINVAL;
}

static void __exit badhost_exit(void)
{
	__free_page(region);
}

module_init(badhost_init);
module_exit(badhost_exit);
MODULE_DESCRIPTION("Test: breaks the rules of the simulated TDX module");
MODULE_LICENSE("GPL");
